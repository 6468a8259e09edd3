"""What the newest pages show against those before: rules, dates, titles and texts that went missing.

Pages read for the first time are compared; looking again at a page or two says nothing new of a source.
"""

from collections import Counter
from collections.abc import Callable
from math import comb
from statistics import median

from archive.health.runs import Alarm, Run, SourceRow
from archive.reasons import reason

MOST = 0.5
BY_CHANCE = 0.003  # what is likelier than this at the usual rate is chance: a source has a run every half hour
SELDOM = 0.1  # the same for a first page without what few pages lack; for a second one a tenth of it
FEW = 3  # fewer pages than this make no «all», no «many» and no usual rate
WINDOW_RUNS = 6  # runs that are taken together when each read only a page or two
ENOUGH, LENGTHS = 8, 200  # the fewest and the most texts from which a usual length is read
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
    not counted as usual later, so that what stays broken is reported on; only what passed at once is.
    """
    last = next((read for run in runs if (read := [counts for counts in tally(run) if counts[1]])), [])
    if not any(_mostly(counts) for counts in last):
        return None
    seen: list[Counts] = []
    usual: list[Counts] = [(0, 0)]  # before each of those; one more at the end
    held: list[Counts] = []  # a spell of unusual ones that is not over yet
    newest: Counts | None = None
    for run in reversed(runs):
        unusual_now: list[Counts | None] = []
        for counts in (counts for counts in tally(run) if counts[1]):
            seen.append(counts)
            unusual_now.append(_amiss(seen, usual, at_once))
            held = [*held, counts] if unusual_now[-1] else held
            usual.append(usual[-1] if unusual_now[-1] else _sum([usual[-1], counts, *_passing(held)]))
            held = held if unusual_now[-1] else []
        newest = next((amiss for amiss in unusual_now if amiss), None) if unusual_now else newest
    return newest


def _amiss(seen: list[Counts], usual: list[Counts], at_once: int) -> Counts | None:
    """The newest counts, or the newest few together, where they are unusual against those before."""
    together = (0, 0)
    if not _mostly(seen[-1]):
        return None
    for place in range(len(seen) - 1, max(len(seen) - 1 - WINDOW_RUNS, -1), -1):
        together = _sum([together, seen[place]])
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


def rule_missed(source: SourceRow, runs: list[Run]) -> Alarm | None:
    """Rules that used to find something and do not any more, or that never found a body or title."""
    missed = {rule: counts for rule in RULES if (counts := _rule_missed(rule, runs))}
    if not missed:
        return None
    names = ", ".join(f"«{rule}»" for rule in missed)
    amiss, pages = max(missed.values())
    return Alarm("amber", reason("health_rules_missed", rules=names, amiss=amiss, of=pages))


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


def no_articles(source: SourceRow, runs: list[Run]) -> Alarm | None:
    """Pages that used to be articles are read as none, or as without a text."""
    counts = changed(runs, lambda run: [(run.notes.fresh - run.notes.articles, run.notes.fresh)])
    return _alarm("health_no_articles", counts) if counts else None


def undated(source: SourceRow, runs: list[Run]) -> Alarm | None:
    """No page, or far fewer pages than usual or than declared, say when they were published."""
    read = [(run.notes.undated, run.notes.articles) for run in runs if run.notes.articles]
    counts = _all(read) or changed(runs, lambda run: [(run.notes.undated, run.notes.articles)])
    if counts:
        return _alarm("health_undated", counts)
    return _under_declared("health_undated_declared", source.expect.get("published"), read)


def doubted(source: SourceRow, runs: list[Run]) -> Alarm | None:
    """All or far more articles than usual have a date or title that is unsure, or more than are declared sure.

    A share declared in ``expect`` is one of sure ones: what is doubted never makes it up.
    """
    read = [(run.notes.doubted, run.notes.articles) for run in runs if run.notes.articles]
    counts = _all(read) or changed(runs, lambda run: [(run.notes.doubted, run.notes.articles)])
    if counts:
        return _alarm("health_doubted", counts)
    return _under_declared("health_doubted", source.expect.get("published"), read)


def untitled(source: SourceRow, runs: list[Run]) -> Alarm | None:
    """Fewer pages than declared have a title."""
    read = [(run.notes.untitled, run.notes.fresh) for run in runs if run.notes.fresh]
    return _under_declared("health_untitled_declared", source.expect.get("title"), read)


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


def _under_declared(code: str, share: float | None, read: list[Counts]) -> Alarm | None:
    if share is None:
        return None
    amiss = pages = 0
    for missed, of in read:
        amiss, pages = amiss + missed, pages + of
        if pages >= DECLARED_FROM:
            break
    if pages < DECLARED_FROM or amiss <= (1 - share) * pages or chance((amiss, pages), 1 - share) > BY_CHANCE:
        return None
    return _alarm(code, (amiss, pages))


def shortened(source: SourceRow, runs: list[Run]) -> Alarm | None:
    """Most texts are less than half as long as the source's usual ones."""
    read = [run for run in runs if run.notes.lengths]
    usual = _usual_length(read[1:])
    if usual is None:
        return None

    def tally(run: Run) -> list[Counts]:
        lengths = run.notes.lengths
        return [(sum(length < usual / 2 for length in lengths), len(lengths))]

    counts = changed(read, tally)
    return _alarm("health_shortened", counts, usual=round(usual)) if counts else None


def _usual_length(runs: list[Run]) -> float | None:
    """The median length of the oldest texts, leaving out runs of short ones; None when they are too few."""
    lengths: list[int] = []
    for run in reversed(runs):
        short = len(lengths) >= ENOUGH and median(run.notes.lengths) < median(lengths) / 2
        lengths += [] if short else run.notes.lengths
        if len(lengths) >= LENGTHS:
            break
    return median(lengths) if len(lengths) >= ENOUGH else None


def one_body(source: SourceRow, runs: list[Run]) -> Alarm | None:
    """Many pages were read as one and the same text: a notice or furniture stands for the articles."""
    read = [run for run in runs if run.notes.fresh][:WINDOW_RUNS]
    if not read:
        return None
    counts = read[0].notes.same_body, read[0].notes.fresh
    if not _many(counts):
        bodies: Counter[str] = Counter()
        for run in read:
            bodies.update(run.notes.bodies)
        most = max((bodies[body] for body in read[0].notes.bodies), default=0)
        counts = most, sum(run.notes.fresh for run in read)
    return _alarm("health_one_body", counts) if _many(counts) else None


def _many(counts: Counts) -> bool:
    return counts[0] >= FEW and counts[0] >= ONE_BODY_SHARE * counts[1]


def _alarm(code: str, counts: Counts, **params: int) -> Alarm:
    return Alarm("amber", reason(code, amiss=counts[0], of=counts[1], **params))


CHECKS: tuple[Callable[[SourceRow, list[Run]], Alarm | None], ...] = (
    rule_missed, no_articles, undated, doubted, untitled, shortened, one_body,
)  # fmt: skip
