"""An edition as HTML e-mail and as plain text, from one set of words."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from urllib.parse import urlsplit

import jinja2

from archive import vietnamese
from archive.clock import HANOI, moment
from archive.digests.content import Appearance, Content, Health, Story

MOST_HEALTH = 8  # sources in trouble that are named
_TEXT_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Numbered:
    """A story with its number in the edition; ``full`` is False from ``max_items`` on: only a line then."""

    number: int
    story: Story
    full: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A part with its Roman number and its stories numbered through the edition."""

    roman: str
    label: str
    stories: list[Numbered]


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
    what = f"{vietnamese.number(content.counts.stories)} tin" if content.counts.stories else "không có tin mới"
    return f"{content.title} – {day:%d/%m/%Y}: {what}"


def brief(content: Content, most: int = 8) -> str:
    """The edition in a few lines, for messengers."""
    head = [subject(content)]
    if content.warning:
        head.append(f"Dữ liệu có thể thiếu: {content.warning}")
    stories = [story for part in content.parts for story in part.stories]
    lines = [f"{n}. {s.title.text} ({s.appearances[0].outlet})" for n, s in enumerate(stories[:most], 1)]
    if len(stories) > most:
        lines.append(f"… và {len(stories) - most} tin nữa")
    return "\n".join([*head, "", *lines, "", f"{content.archive_url}/ban-tin"])


def blocks(content: Content) -> list[Block]:
    """The parts, with their stories numbered through."""
    found, number = [], 0
    for at, part in enumerate(content.parts, 1):
        numbered = []
        for story in part.stories:
            number += 1
            numbered.append(Numbered(number, story, number <= content.max_items))
        found.append(Block(vietnamese.roman(at), part.label, numbered))
    return found


def head_lines(content: Content) -> list[str]:
    """Number and date, period, counts: the lines under the name."""
    made, after, until = map(moment, (content.made_at, content.covers_from, content.covers_to))
    lines = [
        f"Số {content.number} · {vietnamese.office_date(until)}",
        f"Tin ghi nhận {vietnamese.period(after, until)}",
    ]
    if content.days_off:
        lines.append(f"Gồm cả ngày nghỉ: {vietnamese.days([date.fromisoformat(d) for d in content.days_off])}")
    if (made - until).total_seconds() > 3600:
        lines.append(f"Lập muộn, lúc {vietnamese.full(made)}")
    return [*lines, counts_line(content)]


def counts_line(content: Content) -> str:
    """``23 bài, 14 tin, 9 báo``, or that there is nothing new."""
    counts = content.counts
    if not counts.stories:
        return "Không có tin mới."
    number = vietnamese.number
    return f"{number(counts.articles)} bài, {number(counts.stories)} tin, {number(counts.outlets)} báo"


def facts_line(story: Story) -> Iterator[tuple[str, str]]:
    """Documents and figures, as label and text."""
    if story.documents:
        yield (
            "Văn bản",
            "; ".join(
                " ".join(
                    filter(None, [doc.kind, doc.number, f"({vietnamese.day(doc.dated)})" if doc.dated else ""])
                )
                for doc in story.documents
            ),
        )
    if story.figures:
        yield (
            "Số liệu mới",
            "; ".join(
                f"{figure.indicator}{f' ({figure.period})' if figure.period else ''}: "
                f"{'mục tiêu ' if figure.target else ''}{figure.text}"
                for figure in story.figures
            ),
        )


def after_outlet(content: Content, one: Appearance) -> str:
    """What follows an outlet's name: ``10:27 21/11 (theo VietTimes)``."""
    made = moment(content.covers_to)
    when = vietnamese.short(moment(one.published_at), made) if one.published_at else "không rõ giờ"
    credit = f" (theo {one.credit})" if one.credit else ""
    return f"{when}{credit}{' – đã gỡ' if one.gone else ''}"


def outlets(content: Content, story: Story) -> str:
    """``Báo Tin tức 10:27 21/11; Báo Thái Nguyên 11:05 21/11 (theo Báo Tin tức)``."""
    return "; ".join(f"{one.outlet} {after_outlet(content, one)}" for one in story.appearances)


def minor(content: Content) -> list[tuple[str, list[Story]]]:
    """The lists of stories that get one line each."""
    lists = [("Tin đã điểm, báo khác đăng thêm", content.again), ("Tin cũ mới tìm thấy", content.older)]
    return [(label, stories) for label, stories in lists if stories]


def health_line(content: Content) -> str:
    """One sentence on all sources; the worst of those in trouble follow it."""
    if not content.sources:
        return "Chưa có nguồn tin nào."
    said = [f"{content.well}/{content.sources} nguồn bình thường"]
    if idle := content.sources - content.well - len(content.health):
        said.append(f"{idle} nguồn chưa chạy hoặc chặn máy thu thập")
    if content.health:
        said.append(f"{len(content.health)} nguồn cần xem")
    return "; ".join(said) + (":" if content.health else ".")


def in_trouble(content: Content) -> tuple[list[Health], int]:
    """The sources in trouble that are named, and how many more there are."""
    return content.health[:MOST_HEALTH], max(0, len(content.health) - MOST_HEALTH)


def safe_url(url: str) -> str | None:
    """The address if it is a plain http(s) one: pages give us others (``javascript:``)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", url) else None


def _context(content: Content) -> dict[str, object]:
    return {
        "content": content,
        "subject": subject(content),
        "blocks": blocks(content),
        "head": head_lines(content),
        "health": health_line(content),
        "troubled": in_trouble(content)[0],
        "more_troubled": in_trouble(content)[1],
        "after_outlet": lambda one: after_outlet(content, one),
        "outlets": lambda story: outlets(content, story),
        "minor": minor(content),
        "facts": facts_line,
        "safe": safe_url,
        "full": lambda text: vietnamese.full(moment(text)),
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
    return environment
