"""What the newest pages tell against those before: rules, dates, titles and texts that went missing.

Pages read for the first time are compared; looking again at a page or two says nothing new of a source.
"""

from collections import Counter
from collections.abc import Callable
from math import comb
from statistics import median

from archive.health.runs import Alarm, Run, Source
from archive.vietnamese import number

MOST = 0.5
BY_CHANCE = 0.003  # what is likelier than this at the usual rate is chance: a source has a run every half hour
SELDOM = 0.1  # the same for a first page without what few pages lack; for a second one a tenth of it
FEW = 3  # fewer pages than this make no «all», no «many» and no usual rate
WINDOW_RUNS = 6  # runs that are taken together when each read only a page or two
ENOUGH, LENGTHS = 8, 200  # the fewest and the most texts from which a usual length is told
DECLARED_FROM = 20  # pages from which a declared share is held against
ONE_BODY_SHARE = 0.3
AT_ONCE = {"body": FEW, "title": FEW, "published": FEW, "lead": 5}  # pages without a miss: one miss then tells
RULES = (*AT_ONCE, "author", "section")
NEEDED = ("body", "title")  # missing on most pages is wrong from the first run on

Counts = tuple[int, int]  # how many pages are amiss, of how many
Tally = Callable[[Run], list[Counts]]


def unusual(now: Counts, before: Counts, at_once: int = 0) -> bool:
    """Whether most pages are amiss, and more of them than chance gives at the rate before.

    ``at_once``: after so many pages of which none was amiss, a single one tells; 0: three at least must be.
    """
    (amiss, pages), (amiss_before, pages_before) = now, before
    if not _mostly(now) or pages_before < FEW:
        return False
    if at_once and not amiss_before and pages_before >= at_once:
        return True
    rate = (amiss_before + 1) / (pages_before + 2)
    if amiss <= rate * pages or amiss < (1 if at_once else FEW):
        return False
    return chance(now, rate) < (max(SELDOM**amiss, BY_CHANCE) if at_once else BY_CHANCE)


def chance(counts: Counts, rate: float) -> float:
    """How likely at least so many pages are amiss at a rate (binomial; a large number is scaled down)."""
    least, of = counts
    if of > 100:
        least, of = least * 100 // of, 100
    return sum(comb(of, hits) * rate**hits * (1 - rate) ** (of - hits) for hits in range(least, of + 1))


def changed(runs: list[Run], tally: Tally, at_once: int = 0) -> Counts | None:
    """How many of the newest pages are amiss, of how many, when that is unusual for the source.

    The newest pages are judged alone and together with the runs before them. What was unusual when it came is
    not counted as usual later, so that what stays broken stays told; only what passed at once is.
    """
    last = next((read for run in runs if (read := [counts for counts in tally(run) if counts[1]])), [])
    if not any(_mostly(counts) for counts in last):
        return None
    told: list[Counts] = []
    usual: list[Counts] = [(0, 0)]  # before each of those told; one more at the end
    held: list[Counts] = []  # a spell of unusual ones that is not over yet
    newest: Counts | None = None
    for run in reversed(runs):
        found: list[Counts | None] = []
        for counts in (counts for counts in tally(run) if counts[1]):
            told.append(counts)
            found.append(_amiss(told, usual, at_once))
            held = [*held, counts] if found[-1] else held
            usual.append(usual[-1] if found[-1] else _sum([usual[-1], counts, *_passing(held)]))
            held = held if found[-1] else []
        newest = next((amiss for amiss in found if amiss), None) if found else newest
    return newest


def _amiss(told: list[Counts], usual: list[Counts], at_once: int) -> Counts | None:
    """The newest counts, or the newest few together, where they are unusual against those before."""
    together = (0, 0)
    if not _mostly(told[-1]):
        return None
    for place in range(len(told) - 1, max(len(told) - 1 - WINDOW_RUNS, -1), -1):
        together = _sum([together, told[place]])
        if unusual(together, usual[place], at_once):
            return together
    return None


def _mostly(counts: Counts) -> bool:
    return counts[0] > 0 and counts[0] >= MOST * counts[1]


def _passing(held: list[Counts]) -> list[Counts]:
    """A spell that was over after a page or two was chance, such as a page of pictures: it counts as usual."""
    return held if sum(pages for _, pages in held) < FEW else []


def _sum(counts: list[Counts]) -> Counts:
    return sum(amiss for amiss, _ in counts), sum(pages for _, pages in counts)


def rule_missed(source: Source, runs: list[Run]) -> Alarm | None:
    """Rules that used to find something and do not any more, or that never found a body or title."""
    found = {rule: counts for rule in RULES if (counts := _rule_missed(rule, runs))}
    if not found:
        return None
    names = ", ".join(f"«{rule}»" for rule in found)
    amiss, pages = max(found.values())
    return Alarm(
        "amber",
        f"Mẫu trang có thể đã đổi: quy tắc {names} không khớp ở {number(amiss)} trong {number(pages)} trang.",
    )


def _rule_missed(rule: str, runs: list[Run]) -> Counts | None:
    def tally(run: Run) -> list[Counts]:
        again = run.notes.again
        visits = (again.rule_missed.get(rule, 0), again.read)
        return [visits if visits[1] >= FEW else (0, 0), _missed(run, rule)]

    if rule in NEEDED and (most := _most([_missed(run, rule) for run in runs if run.notes.texts])):
        return most
    return changed(runs, tally, AT_ONCE.get(rule, 0))


def _missed(run: Run, rule: str) -> Counts:
    return run.notes.rule_missed.get(rule, 0), run.notes.texts


def _most(read: list[Counts]) -> Counts | None:
    """The newest pages, or the newest few runs together, where two at least and most of them are amiss."""
    for count in range(1, min(len(read), WINDOW_RUNS) + 1):
        amiss, pages = _sum(read[:count])
        if amiss <= MOST * pages:
            return None
        if pages > 1:
            return amiss, pages
    return None


def no_articles(source: Source, runs: list[Run]) -> Alarm | None:
    """Pages that used to be articles are read as none, or as without a text."""
    found = changed(runs, lambda run: [(run.notes.fresh - run.notes.articles, run.notes.fresh)])
    if not found:
        return None
    return Alarm("amber", f"{_of(found)} trang mới không đọc ra bài báo; mẫu trang có thể đã đổi.")


def undated(source: Source, runs: list[Run]) -> Alarm | None:
    """No page, or far fewer pages than usual or than declared, say when they were published."""
    read = [(run.notes.undated, run.notes.articles) for run in runs if run.notes.articles]
    found = _all(read) or changed(runs, lambda run: [(run.notes.undated, run.notes.articles)])
    if found:
        return Alarm("amber", f"Không đọc được ngày đăng của {_of(found)} bài mới.")
    return _under_declared(source.expect.get("published"), read, "ngày đăng")


def untitled(source: Source, runs: list[Run]) -> Alarm | None:
    """Fewer pages than declared have a title."""
    read = [(run.notes.untitled, run.notes.fresh) for run in runs if run.notes.fresh]
    return _under_declared(source.expect.get("title"), read, "tiêu đề")


def _all(read: list[Counts]) -> Counts | None:
    """The newest pages, when there are some and all are amiss."""
    amiss = pages = 0
    for missed, of in read:
        amiss, pages = amiss + missed, pages + of
        if amiss < pages:
            return None
        if pages >= FEW:
            return amiss, pages
    return None


def _under_declared(share: float | None, read: list[Counts], what: str) -> Alarm | None:
    if share is None:
        return None
    amiss = pages = 0
    for missed, of in read:
        amiss, pages = amiss + missed, pages + of
        if pages >= DECLARED_FROM:
            break
    if pages < DECLARED_FROM or amiss <= (1 - share) * pages or chance((amiss, pages), 1 - share) > BY_CHANCE:
        return None
    return Alarm("amber", f"Không đọc được {what} của {_of((amiss, pages))} bài, nhiều hơn khai báo.")


def shortened(source: Source, runs: list[Run]) -> Alarm | None:
    """Most texts are less than half as long as the source's usual ones."""
    told = [run for run in runs if run.notes.lengths]
    usual = _usual_length(told[1:])
    if usual is None:
        return None

    def tally(run: Run) -> list[Counts]:
        lengths = run.notes.lengths
        return [(sum(length < usual / 2 for length in lengths), len(lengths))]

    found = changed(told, tally)
    if not found:
        return None
    return Alarm(
        "amber",
        f"{_of(found)} bài mới ngắn hơn một nửa thường lệ (thường khoảng {number(round(usual))} ký tự).",
    )


def _usual_length(runs: list[Run]) -> float | None:
    """The median length of the oldest texts, leaving out runs of short ones; None when they are too few."""
    lengths: list[int] = []
    for run in reversed(runs):
        short = len(lengths) >= ENOUGH and median(run.notes.lengths) < median(lengths) / 2
        lengths += [] if short else run.notes.lengths
        if len(lengths) >= LENGTHS:
            break
    return median(lengths) if len(lengths) >= ENOUGH else None


def one_body(source: Source, runs: list[Run]) -> Alarm | None:
    """Many pages were read as one and the same text: a notice or furniture stands for the articles."""
    told = [run for run in runs if run.notes.fresh][:WINDOW_RUNS]
    if not told:
        return None
    found = told[0].notes.same_body, told[0].notes.fresh
    if not _many(found):
        bodies: Counter[str] = Counter()
        for run in told:
            bodies.update(run.notes.bodies)
        most = max((bodies[body] for body in told[0].notes.bodies), default=0)
        found = most, sum(run.notes.fresh for run in told)
    return Alarm("amber", f"{_of(found)} bài mới có cùng một nội dung.") if _many(found) else None


def _many(found: Counts) -> bool:
    return found[0] >= FEW and found[0] >= ONE_BODY_SHARE * found[1]


def _of(counts: Counts) -> str:
    return f"{number(counts[0])} trong {number(counts[1])}"


CHECKS: tuple[Callable[[Source, list[Run]], Alarm | None], ...] = (
    rule_missed, no_articles, undated, untitled, shortened, one_body,
)  # fmt: skip
