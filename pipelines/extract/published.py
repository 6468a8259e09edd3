"""When an article was published: the witnesses a page has; ``evidence`` weighs them.

Measured (facts/traps): JSON-LD was right 228 of 228 times, then meta, then the printed byline, then the
address, then the feed; htmldate takes a cited decree's date and comes last, on the page's head only.
"""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from typing import Any

from lxml.etree import _Element
from lxml.html import Element

from archive.clock import HANOI
from pipelines.extract import dateparse, evidence, labels
from pipelines.extract.dateparse import WORDS, from_url, has_time, machine, printed
from pipelines.extract.evidence import Verdict, Witness

EARLIEST = datetime(1997, 1, 1, tzinfo=UTC)  # the first Vietnamese news site went online that year
SLACK = timedelta(days=1)  # clocks and zones of outlets may be ahead of ours by so much
LONGEST = 160  # characters of a line that holds a date
_TEASER = 500  # characters of a teaser with its headline, at most
_TICKING = timedelta(minutes=10)  # a clock in a page's head shows about the time of fetching

_CITED = WORDS.pattern(r"(?:«cited»)[^.\n]{0,60}$")
_UPDATED = WORDS.pattern(r"(?:«updated»)[^.\n]{0,40}$")
_ELSEWHERE = WORDS.pattern(r"(?:^|[\s_-])(?:«elsewhere»)(?=$|[\s_-])")
_CALENDAR = WORDS.pattern(r"(?:^|[\s_-])(?:«calendars»)(?=$|[\s_-])")
_BARS = re.compile(r"\s+[•·|]\s+")
_DATE_NAME = re.compile(
    r"(?:^|[\s_-])(?:date|published|posted|pub-?date|post-?date|ngay-?dang|thoi-?gian)(?=$|[\s_-])",
    re.IGNORECASE,
)
_HEAD = WORDS.pattern(r"(?:^|[\s_-])(?:«heads»)(?=$|[\s_-])")


@dataclass(frozen=True, slots=True)
class Line:
    """A text near the title that may hold the printed date.

    ``begins``: running text begins here; ``loose``: it stands in the page's frame, where calendars do.
    """

    text: str = ""
    begins: bool = False
    behind: bool = True
    loose: bool = False


def published(
    linked: str,
    meta: dict[str, list[str]],
    ruled: list[str],
    near_title: Iterable[Line],
    url: str,
    feed: datetime | None,
    tree: _Element,
    now: datetime,
    vietnamese: bool = False,
) -> Verdict | None:
    """The publication time by all the evidence there is; None when nothing names a possible one."""
    weak = feed or from_url(url)
    claims: list[tuple[str, Iterable[datetime | None]]] = [
        ("jsonld", (machine(text, weak) for text in [linked] if text)),
        ("meta", (machine(text, weak) for key in WORDS["metas"] for text in meta.get(key, ()))),
        ("byline", (printed(text, now) for text in ruled)),
        ("url", (from_url(one) for one in [url])),
        ("feed", [feed.astimezone(HANOI) if feed else None]),
    ]
    witnesses: list[Witness] = []
    for source, moments in claims:
        first = next((moment for moment in moments if moment and possible(moment, now)), None)
        if first:
            witnesses.append(Witness(source, first))
        elif source == "byline" and not (feed and evidence.borne_out(witnesses, feed)):
            line = from_bylines(near_title, now, brief=bool(witnesses))
            witnesses += [line] if line else []
    if not witnesses and (lone := _marked_alone(tree, now)):
        witnesses.append(Witness("byline", lone))
    if not witnesses and (moment := _by_htmldate(tree, url, now)) and possible(moment, now):
        witnesses.append(Witness("htmldate", moment))
    return evidence.date(witnesses, now, vietnamese)


def _marked_alone(tree: _Element, now: datetime) -> datetime | None:
    """The date of a line far from the title (under the text) that is marked as one, if no other is."""
    days: dict[date, datetime] = {}
    root = tree.getroottree().getroot()
    for element in tree.iter("time", "p", "span", "div", "small", "em"):
        value = element.get("datetime") if element.tag == "time" else None
        if not value and not (element.get("class") and _DATE_NAME.search(labels.label(element))):
            continue
        moment, weak = _dated(Line(value or _own_line(element)), now, begun=True)
        if moment is None or weak or not possible(moment, now) or _ticks(moment, now):
            continue
        if next(element.iterancestors("aside", "header", "a"), None) is not None:
            continue
        if _of_others(element, root, behind=False):
            return None
        days.setdefault(moment.date(), moment)
    return next(iter(days.values())) if len(days) == 1 else None


def _by_htmldate(tree: _Element, url: str, now: datetime) -> datetime | None:
    """htmldate on the page's head alone: over the text it takes a cited decree's date for the article's."""
    head = tree.find("head")
    if head is None or not len(head):
        return None
    from htmldate import find_date  # slow to import, seldom needed

    page: Any = Element("html")
    page.append(deepcopy(head))
    latest = (now + SLACK).date().isoformat()  # of a later day htmldate would keep the month alone
    result = find_date(page, original_date=True, extensive_search=False, url=None, max_date=latest)
    return machine(result) if result else None


def possible(moment: datetime | None, now: datetime) -> bool:
    """Neither before the web nor later than now and a day."""
    return moment is not None and EARLIEST <= moment <= now + SLACK


def bylines(start: _Element | None, body: _Element | None, *, brief: bool = False) -> Iterator[Line]:
    """Texts round the title that may hold the printed date, nearest first: up to the running text, before the
    title, and behind where the text began, up to the article's own box.

    ``brief``: the nearest alone.
    """
    if start is None:
        return
    behind = takewhile(lambda pair: pair[0] is not body, islice(_behind(start), 60 if brief else 250))
    for element, top in behind:
        lines = [*_short(element, top, behind=True)]
        yield from lines
        if any(line.begins for line in lines):
            break
    for element, top in islice(_before(start), 20 if brief else 80):
        yield from _short(element, top, behind=False)
    for element, top in behind:
        yield from _short(element, top, behind=True)
    yield from _marked_time(start)


def _behind(start: _Element) -> Iterator[tuple[_Element, _Element]]:
    """Elements that follow in page order, each with the ancestor that stands beside the title."""
    node: _Element | None = start
    while node is not None and node.tag != "body":
        for sibling in node.itersiblings():
            for element in sibling.iter():
                yield element, sibling
        node = node.getparent()


def _before(start: _Element) -> Iterator[tuple[_Element, _Element]]:
    """Elements that go before, the nearest first, each with the ancestor that stands beside the title."""
    node: _Element | None = start
    while node is not None and node.tag != "body":
        for sibling in node.itersiblings(preceding=True):
            for element in reversed([*sibling.iter()][-40:]):
                yield element, sibling
        node = node.getparent()


def _marked_time(start: _Element) -> Iterator[Line]:
    """The first ``time`` of the page behind the title that stands in no teaser."""
    behind = False
    for element in start.getroottree().iter(str(start.tag), "time"):
        behind = behind or element is start
        if behind and (value := element.get("datetime")):
            row = next(element.iterancestors("a", "li", "aside", "nav", "footer"), None)
            if row is None or (row.tag == "li" and row.find(".//a") is None):
                yield Line(value)
            return


def _short(node: _Element, top: _Element, *, behind: bool) -> Iterator[Line]:
    if len((node.text or "").strip()) > 100:
        yield Line(begins=True, behind=behind)
    value, text = node.get("datetime"), _own_line(node)
    dated = 6 <= len(text) <= LONGEST and (any(map(str.isdigit, text)) or dateparse.relative_in(text))
    if not value and not dated:
        return
    if _of_others(node, top, behind=behind):
        return
    loose = _in_frame(node, top, behind=behind)
    if value:
        yield Line(value, behind=behind, loose=loose)
    if dated:
        yield Line(text, behind=behind, loose=loose)


def _in_frame(node: _Element, top: _Element, *, behind: bool) -> bool:
    """Whether a line stands in a side column, or before the title and in no block of the article's own."""
    if behind:
        return next(node.iterancestors("aside"), None) is not None
    parent = top.getparent()
    return parent is None or parent.tag == "body" or next(parent.iter("nav"), None) is not None


def _own_line(node: _Element) -> str:
    """The text of an element in one line; empty for one that is longer than any date line."""
    parts: list[str] = []
    size = 0
    for part in node.itertext():
        size += len(part)
        if size > 4 * LONGEST:
            return ""
        parts.append(part)
    text = " ".join(" ".join(parts).split())
    return text if len(text) <= LONGEST else ""


def _of_others(node: _Element, top: _Element, *, behind: bool) -> bool:
    """Whether a date stands with another story, with what readers say, or in the page's head."""
    element: _Element | None = node
    steps = 0
    while element is not None:
        if element.tag == "nav" or (element.tag == "header" and not behind):
            return True
        if element.tag == "footer" and next(element.iterancestors("article"), None) is None:
            return True
        if (name := labels.label(element)) and _is_elsewhere(name, behind):
            return True
        steps += 1
        if steps <= 3 and _is_teaser(element):
            return True
        if element is top:
            return False
        element = element.getparent()
    return False


@lru_cache(maxsize=8192)
def _is_elsewhere(name: str, behind: bool) -> bool:
    name = labels.CAMEL.sub("-", name)
    return bool(_ELSEWHERE.search(name) or (not behind and (_CALENDAR.search(name) or _HEAD.search(name))))


def _is_teaser(element: _Element) -> bool:
    """A few lines with a link as long as a headline."""
    links = [" ".join("".join(link.itertext()).split()) for link in islice(element.iter("a"), 4)]
    if not any(len(text) > 25 and len(text.split()) > 5 for text in links):
        return False
    return sum(map(len, islice(element.itertext(), 60))) < _TEASER


def from_bylines(lines: Iterable[Line], now: datetime, *, brief: bool = False) -> Witness | None:
    """The first printed date that is possible and no cited document's, nor the calendar's in the page's head.

    A date line is little else than a date; «Ngày 27/9/2019, Bộ Chính trị ban hành …» is a sentence. A time
    of updating («Cập nhật: 08:30 12/05/2026») is one where no other is printed beside it, and marked as such.
    ``brief``: up to the running text alone, where it is to bear out what the page's data say.
    """
    spare: Witness | None = None  # of an update, or «3 giờ trước»
    begun = False
    for line in lines:
        begun = begun or line.begins
        if line.begins and (brief or spare is not None):
            break
        moment, weak = _dated(line, now, begun=begun)
        if moment is None or not possible(moment, now) or (line.loose and _ticks(moment, now)):
            continue
        if not weak:
            return Witness("byline", moment)
        if spare is None or (spare.updated and weak == "relative"):
            spare = Witness("byline", moment, updated=weak == "updated")
    return spare


def _dated(line: Line, now: datetime, *, begun: bool) -> tuple[datetime | None, str]:
    """The time a date line names, and why it is a weak one: ``updated``, ``relative`` or not at all."""
    text, weak = line.text, ""
    match, most = dateparse.date_in(text), 45 if has_time(text) else 25
    if match is None and line.behind and not begun:
        match, most, weak = dateparse.relative_in(text), 20, "relative"
    if match is None or _CITED.search(text[: match.start()]):
        return None, ""
    if _letters_beside(text, match[0]) > most:
        text = next((part for part in _BARS.split(text) if match[0] in part), "")
        if not text or _letters_beside(text, match[0]) > most:
            return None, ""
    return printed(text, now), "updated" if _UPDATED.search(text[: text.index(match[0])]) else weak


def _letters_beside(text: str, dated: str) -> int:
    return len(re.sub(r"[\W\d_]+", "", text.replace(dated, "")))


def _ticks(moment: datetime, now: datetime) -> bool:
    """Whether a date in the page's frame is only today's: a calendar or a clock."""
    today = now.astimezone(HANOI).date()
    day_alone = (moment.hour, moment.minute) == (0, 0)
    return moment.astimezone(HANOI).date() == today and (day_alone or abs(moment - now) <= _TICKING)
