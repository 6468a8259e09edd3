"""The sentences of an edition, which are the same in every form."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from archive.clock import HANOI, moment
from archive.digests.content import (
    WORDS,
    Appearance,
    Cited,
    Content,
    EditionChange,
    EditionStory,
    Health,
    StoryFigure,
    sentence,
)
from archive.formats import Formats
from archive.stories.entries import Dispute

MOST_HEALTH = 8  # sources in trouble that are named
_LATE = 3600  # seconds after the end of its window from which an edition says that it was made late


def subject(content: Content) -> str:
    """What stands in the subject line: the digest, its day and how much is in it."""
    day = moment(content.covers_to).astimezone(HANOI)
    if content.notice:
        return f"{WORDS('edition.correction')}: {content.title} – {day:%d/%m/%Y}"
    if content.burst:
        first = content.parts[0].stories[0].title.text if content.burst == "event" else content.parts[0].label
        return f"{WORDS('edition.alert')}: {first} – {content.title}"
    stories = content.counts.stories
    what = WORDS("edition.stories", n=WORDS.number(stories)) if stories else WORDS("edition.subject.none")
    return f"{content.title} – {day:%d/%m/%Y}: {what}"


def date_line(content: Content) -> str:
    """``Thứ Hai, ngày 23 tháng 11 năm 2026``."""
    return Formats(WORDS, moment(content.covers_to)).office_date()


def about_lines(content: Content) -> list[str]:
    """Period, days off, how old the data is, counts; of a correction, what it corrects."""
    if content.notice:
        return [corrects_line(content)]
    if content.burst:
        return [content.alert, *filter(None, [age_line(content)])]
    made, after, until = map(moment, (content.made_at, content.covers_from, content.covers_to))
    formats = Formats(WORDS, until)
    began = content.reach.since if content.reach else ""
    period = formats.period(moment(began) if began else after)
    lines = [WORDS("edition.period.begun" if began else "edition.period", period=period)]
    if content.days_off:
        days = formats.days([date.fromisoformat(day) for day in content.days_off])
        lines.append(WORDS("edition.days_off", days=days))
    if (made - until).total_seconds() > _LATE:
        lines.append(WORDS("edition.late", at=formats.full(made)))
    return [*lines, *filter(None, [age_line(content)]), counts_line(content)]


def age_line(content: Content) -> str:
    """``Dữ liệu đến 06:52, 28/11``; empty where nothing was read, and in editions of older releases."""
    if not content.read_at:
        return ""
    at = moment(content.read_at).astimezone(HANOI)
    return WORDS("edition.age", at=f"{at:%H:%M, %d/%m}")


def corrects_line(content: Content) -> str:
    """``Đính chính bản tin 23/11/2026``; the hour too where a day can have several."""
    try:
        at = datetime.fromisoformat(content.corrects)
    except ValueError:
        return WORDS("edition.corrects", edition=content.corrects)
    shown = f"{at:%d/%m/%Y}" if len(content.corrects) == len("2026-11-23") else f"{at:%H:%M %d/%m/%Y}"
    return WORDS("edition.corrects", edition=shown)


def counts_line(content: Content) -> str:
    """``23 bài, 14 tin, 9 báo``, or that there is nothing new."""
    counts = content.counts
    if not counts.stories:
        return WORDS("edition.none")
    shown = {name: WORDS.number(count) for name, count in msgspec.structs.asdict(counts).items()}
    return WORDS("edition.counts", **shown)


def facts_line(story: EditionStory) -> Iterator[tuple[str, str]]:
    """Label and text: who tells it, what differs, the outlet's title if another is told, figures, documents."""
    if story.own > 1:
        yield WORDS("edition.tellers"), Formats(WORDS).tellers(story.outlets, story.own)
    for dispute in story.disputes:
        yield WORDS("label.differs"), _differing(dispute)
    if story.original_title:
        yield WORDS("edition.original_title"), story.original_title
    if story.known_figures:
        yield WORDS("edition.figures"), "; ".join(_figures(story))
    if story.documents:
        yield WORDS("edition.documents"), "; ".join(_cited(document) for document in story.documents)


def _figures(story: EditionStory) -> Iterator[str]:
    """Each sentence under the indicators it tells; of one that the summary holds already, the number alone."""
    sentences: dict[str, list[StoryFigure]] = {}
    for one in story.known_figures:
        sentences.setdefault(" ".join(one.quote.split()), []).append(one)
    for quote, told in sentences.items():
        if quote and quote not in story.summary.text:
            yield f"{', '.join(dict.fromkeys(one.name for one in told))}: «{quote}»"
        else:
            yield "; ".join(f"{one.name}: {one.printed}" for one in told)


def _differing(dispute: Dispute) -> str:
    return f"{dispute.indicator} {Formats(WORDS).sides(dispute.unit, dispute.said)}"


def _cited(document: Cited) -> str:
    dated = f"({Formats(WORDS).day(document.dated)})" if document.dated else ""
    return " ".join(filter(None, [document.kind, document.number, dated]))


def after_outlet(content: Content, one: Appearance) -> str:
    """What follows an outlet's name: ``10:27 21/11 (theo VietTimes)``."""
    formats = Formats(WORDS, moment(content.covers_to))
    when = formats.in_print(moment(one.published_at)) if one.published_at else WORDS("edition.no_time")
    credit = f" ({WORDS('label.credit', who=one.credit)})" if one.credit else ""
    return f"{when}{credit}{' – ' + WORDS('label.gone') if one.gone else ''}{_unread(one)}"


def _unread(one: Appearance) -> str:
    return f" – {WORDS('edition.unread', why=sentence(one.unread))}" if one.unread else ""


def outlets(content: Content, story: EditionStory) -> str:
    """``Báo Tin tức 10:27 21/11; Báo Thái Nguyên 11:05 21/11 (theo Báo Tin tức)``."""
    return "; ".join(f"{one.outlet} {after_outlet(content, one)}" for one in story.appearances)


def update_line(content: Content, story: EditionStory, marks: Sequence[str]) -> str:
    """What is new of a story told before: ``Tạp chí Mây Tre đăng 08:10 24/11: «Tít»; đã sửa: 7,8% → 6,8%``."""
    known = set(content.article_ids)
    new = [_ran(content, one, story) for one in story.appearances if one.article_id in known]
    before = [WORDS("edition.update.before", title=story.before)] if story.before else []
    differ = [f"{WORDS('label.differs').lower()}: {_differing(one)}" for one in story.disputes]
    return "; ".join([*new, *before, *differ, *marks]) or outlets(content, story)


def _ran(content: Content, one: Appearance, story: EditionStory) -> str:
    ran = WORDS("edition.update.ran", outlet=one.outlet, when=after_outlet(content, one))
    own = {story.title.text, story.original_title}
    return ran if " ".join(one.title.split()) in own else f"{ran}: «{one.title}»"


def change_mark(change: EditionChange) -> str:
    """An edit or take-down as it stands beside its story: ``đã sửa: 7,8% → 6,8%``, ``đã gỡ``."""
    if change.kind == "gone":
        return WORDS("label.gone")
    told = sentence(change.sentence).rstrip(".")
    return told[:1].lower() + told[1:]


def change_line(change: EditionChange, number: int | None, *, earlier: bool) -> str:
    """``Đã sửa: 7,8% → 6,8% (tin 5)``; of an earlier edition's story ``Cập nhật – đã sửa: 7,8% → 6,8%``."""
    told = sentence(change.sentence).rstrip(".")
    if number is not None:
        return WORDS("edition.change.here", what=told, n=number)
    return WORDS("edition.change.earlier", what=told[:1].lower() + told[1:]) if earlier else told


def signs(marks: Sequence[str]) -> str:
    """The marks of a story behind its title: `` [đã gỡ]``."""
    return "".join(f" [{mark}]" for mark in marks)


def health_line(content: Content) -> str:
    """One sentence on all sources; the worst of those in trouble follow it."""
    if not content.sources:
        return WORDS("edition.sources.none")
    pieces = [WORDS("edition.sources.well", n=content.well, of=content.sources)]
    if idle := content.sources - content.well - len(content.health):
        pieces.append(WORDS("edition.sources.idle", n=idle))
    if content.health:
        pieces.append(WORDS("edition.sources.trouble", n=len(content.health)))
    return "; ".join(pieces) + (":" if content.health else ".")


def reach_line(content: Content) -> str:
    """``52/58 nguồn đọc được từ 18:00 21/11; im lặng: Báo A, Báo B.``; empty where nothing was ever crawled."""
    reach = content.reach
    if reach is None:
        return ""
    formats = Formats(WORDS, moment(content.covers_to))
    since = formats.in_print(moment(reach.since or content.covers_from))
    pieces = [WORDS("edition.reach", read=reach.read, of=reach.of, since=since)]
    for key, names in (("silent", reach.silent), ("never", reach.never)):
        if names:
            pieces.append(WORDS(f"edition.reach.{key}", names=_first(names)))
    return f"{'; '.join(pieces)}."


def _first(names: list[str]) -> str:
    """The first of many sources, and how many more there are."""
    more = len(names) - MOST_HEALTH
    rest = " " + WORDS("edition.sources.more", n=more) if more > 0 else ""
    return ", ".join(names[:MOST_HEALTH]) + rest


def refused_line(content: Content) -> str:
    """``14 bài có nhắc đến tỉnh bị loại từ bản tin trước``; empty where there is none."""
    return WORDS("edition.refused", n=WORDS.number(content.refused)) if content.refused else ""


def approved_line(content: Content) -> str:
    """Who approved the edition; empty where nobody did."""
    return WORDS("edition.approved", who=content.approved_by) if content.approved_by else ""


def made_line(content: Content) -> str:
    """``Lập lúc 07:00 23/11/2026.``"""
    made = moment(content.made_at).astimezone(HANOI)
    return WORDS("edition.made", at=f"{made:%H:%M %d/%m/%Y}")


def in_trouble(content: Content) -> tuple[list[Health], int]:
    """The sources in trouble that are named, and how many more there are."""
    return content.health[:MOST_HEALTH], max(0, len(content.health) - MOST_HEALTH)
