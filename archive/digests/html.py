"""An edition as HTML e-mail and as plain text; the lines that the Word edition has too."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import jinja2
import msgspec

from archive.clock import HANOI, moment
from archive.digests.content import (
    STARRED,
    WORDS,
    Appearance,
    Cited,
    Content,
    EditionStory,
    Health,
    sentence,
)
from archive.formats import Formats, roman
from archive.search.highlight import as_html
from archive.text import safe_url

MOST_HEALTH = 8  # sources in trouble that are named
_TEXT_WIDTH = 76


@dataclass(frozen=True, slots=True)
class NumberedStory:
    """A story with its number in the edition; ``full`` is False from ``max_items`` on: only a line then."""

    number: int
    story: EditionStory
    full: bool


@dataclass(frozen=True, slots=True)
class NumberedSection:
    """A section with its Roman number, '' for the starred; its stories are numbered through the edition."""

    roman: str
    label: str
    stories: list[NumberedStory]

    @property
    def heading(self) -> str:
        return f"{self.roman}. {self.label}" if self.roman else self.label


def to_html(content: Content) -> str:
    """The edition as one HTML page that mail programs show: inline styles, nothing loaded from elsewhere."""
    return _environment().get_template("edition.html.j2").render(_context(content))


def to_text(content: Content) -> str:
    """The edition as plain text."""
    text = _environment().get_template("edition.txt.j2").render(_context(content))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def subject(content: Content) -> str:
    """What stands in the subject line: the digest, its day and how much is in it."""
    day = moment(content.covers_to).astimezone(HANOI)
    if content.notice:
        return f"{WORDS('edition.correction')}: {content.title} – {day:%d/%m/%Y}"
    stories = content.counts.stories
    what = WORDS("edition.stories", n=WORDS.number(stories)) if stories else WORDS("edition.subject.none")
    return f"{content.title} – {day:%d/%m/%Y}: {what}"


def brief(content: Content, most: int = 8) -> str:
    """The edition in a few lines, for messengers."""
    content = content.in_words()
    head = [subject(content)]
    if content.notice:
        head.append(content.notice)
    if content.warning:
        head.append(f"{WORDS('edition.warning')}: {content.warning}")
    stories = [story for part in content.parts for story in part.stories]
    lines = [f"{n}. {s.title.text} ({s.appearances[0].outlet})" for n, s in enumerate(stories[:most], 1)]
    if len(stories) > most:
        lines.append(WORDS("edition.stories.more", n=len(stories) - most))
    return "\n".join([*head, "", *lines, "", f"{content.archive_url}/ban-tin"])


def blocks(content: Content) -> list[NumberedSection]:
    """The sections, with their stories numbered through."""
    sections, number, at = [], 0, 0
    for section in content.parts:
        numbered, starred = [], section.key == STARRED
        at += not starred
        for story in section.stories:
            number += 1
            numbered.append(NumberedStory(number, story, number <= content.max_items))
        sections.append(NumberedSection("" if starred else roman(at), section.label, numbered))
    return sections


def head_lines(content: Content) -> list[str]:
    """Number and date, period, counts: the lines under the name; of a correction, what it corrects."""
    made, after, until = map(moment, (content.made_at, content.covers_from, content.covers_to))
    formats = Formats(WORDS, until)
    lines = [f"{WORDS('edition.number', n=content.number)} · {formats.office_date()}"]
    if content.notice:
        return [*lines, corrects_line(content)]
    lines.append(WORDS("edition.period", period=formats.period(after)))
    if content.days_off:
        days = formats.days([date.fromisoformat(day) for day in content.days_off])
        lines.append(WORDS("edition.days_off", days=days))
    if (made - until).total_seconds() > 3600:
        lines.append(WORDS("edition.late", at=formats.full(made)))
    return [*lines, counts_line(content)]


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
    """The outlet's own title where another one is told, and documents, as label and text."""
    if story.original_title:
        yield WORDS("edition.original_title"), story.original_title
    if story.documents:
        yield WORDS("edition.documents"), "; ".join(_cited(document) for document in story.documents)


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


def minor(content: Content) -> list[tuple[str, list[EditionStory]]]:
    """The lists of stories that get one line each."""
    lists = [
        (WORDS("edition.again"), content.again),
        (WORDS("edition.older"), content.older),
        (WORDS("edition.mentions"), content.mentions),
    ]
    return [(label, stories) for label, stories in lists if stories]


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
    line = WORDS(
        "edition.reach", read=reach.read, of=reach.of, since=formats.in_print(moment(content.covers_from))
    )
    if not reach.silent:
        return f"{line}."
    more = len(reach.silent) - MOST_HEALTH
    names = ", ".join(reach.silent[:MOST_HEALTH]) + (
        " " + WORDS("edition.sources.more", n=more) if more > 0 else ""
    )
    return f"{line}; {WORDS('edition.reach.silent', names=names)}."


def refused_line(content: Content) -> str:
    """``14 bài có nhắc đến tỉnh bị loại từ bản tin trước``; empty where there is none."""
    return WORDS("edition.refused", n=WORDS.number(content.refused)) if content.refused else ""


def approved_line(content: Content) -> str:
    """Who approved the edition; empty where nobody did."""
    return WORDS("edition.approved", who=content.approved_by) if content.approved_by else ""


def in_trouble(content: Content) -> tuple[list[Health], int]:
    """The sources in trouble that are named, and how many more there are."""
    return content.health[:MOST_HEALTH], max(0, len(content.health) - MOST_HEALTH)


def _context(content: Content) -> dict[str, object]:
    content = content.in_words()
    return {
        "t": WORDS,
        "content": content,
        "subject": subject(content),
        "blocks": blocks(content),
        "head": head_lines(content),
        "health": health_line(content),
        "reach": reach_line(content),
        "refused": refused_line(content),
        "troubled": in_trouble(content)[0],
        "more_troubled": in_trouble(content)[1],
        "after_outlet": lambda one: after_outlet(content, one),
        "outlets": lambda story: outlets(content, story),
        "minor": minor(content),
        "approved": approved_line(content),
        "facts": facts_line,
        "marked": lambda text: as_html(text.parts(), '<span style="background:#fdf0b0">{}</span>'),
        "safe": safe_url,
        "full": lambda text: Formats(WORDS).full(moment(text)),
    }


def _wrap(text: str, indent: int = 0) -> str:
    """Lines of at most 76 characters; words such as addresses are never broken."""
    margin = " " * indent
    return textwrap.fill(
        text,
        _TEXT_WIDTH,
        initial_indent="",
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(text: str, indent: int = 0) -> str:
    """The same for a text of several lines."""
    return f"\n{' ' * indent}".join(_wrap(line, indent) for line in text.split("\n"))


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("archive.digests"),
        autoescape=jinja2.select_autoescape(["html.j2"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrap"] = _wrap
    environment.filters["lines"] = _lines
    return environment
