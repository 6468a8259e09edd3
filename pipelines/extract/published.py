"""When an article was published, and which evidence says so.

Measured (facts/traps): JSON-LD was right 228 of 228 times, then meta, then the printed byline, then the
address, then the feed; htmldate takes a cited decree's date and comes last, on the page's head only.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from lxml.etree import _Element
from lxml.html import Element

from pipelines.extract.dateparse import WORDS, date_in, from_url, has_time, machine, printed

EARLIEST = datetime(1997, 1, 1, tzinfo=UTC)  # the first Vietnamese news site went online that year


SLACK = timedelta(days=1)  # clocks and zones of outlets may be ahead of ours by so much


_CITED = WORDS.pattern(r"(?:«cited»)[^.\n]{0,60}$")
_TEXT_BEGINS = ""  # what ``bylines`` gives where running text begins
_UPDATED = WORDS.pattern(r"(?:«updated»)[^.\n]{0,40}$")


@dataclass(frozen=True, slots=True)
class Published:
    """An aware time and the kind of evidence it rests on."""

    at: datetime
    source: str


def published(
    linked: str,
    meta: dict[str, list[str]],
    ruled: list[str],
    near_title: Iterator[str],
    url: str,
    feed: datetime | None,
    tree: _Element,
    now: datetime,
) -> Published | None:
    """The publication time by the best evidence there is; None when nothing names a possible one."""
    weak = feed or from_url(url)
    claims: list[tuple[str, Iterator[datetime | None]]] = [
        ("jsonld", (machine(text, weak) for text in [linked] if text)),
        ("meta", (machine(text, weak) for key in WORDS["metas"] for text in meta.get(key, ()))),
        ("byline", (printed(text) for text in ruled)),
        ("byline", (from_bylines(texts, now) for texts in [near_title])),
        ("url", iter([from_url(url)])),
        ("feed", iter([feed])),
        ("htmldate", (_by_htmldate(tree, url, now) for _ in range(1))),
    ]
    for source, moments in claims:
        for moment in moments:
            if moment is not None and possible(moment, now):
                return Published(moment, source)
    return None


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


def bylines(start: _Element | None, body: _Element | None) -> Iterator[str]:
    """Texts round the title that may hold the printed date, nearest first, up to the article's own text."""
    if start is None:
        return
    for element in islice(_behind(start), 250):
        if element is body:
            break
        yield from _short(element)
    for element in islice(_before(start), 80):
        yield from _short(element)
    yield from _marked_time(start)


def _behind(start: _Element) -> Iterator[_Element]:
    """Elements that follow in page order."""
    node: _Element | None = start
    while node is not None and node.tag != "body":
        for sibling in node.itersiblings():
            yield from sibling.iter()
        node = node.getparent()


def _before(start: _Element) -> Iterator[_Element]:
    """Elements that go before, the nearest first."""
    node: _Element | None = start
    while node is not None and node.tag != "body":
        for sibling in node.itersiblings(preceding=True):
            yield from reversed([*sibling.iter()][-40:])
        node = node.getparent()


def _marked_time(start: _Element) -> Iterator[str]:
    """The first ``time`` of the page behind the title that stands in no teaser."""
    behind = False
    for element in start.getroottree().iter(str(start.tag), "time"):
        behind = behind or element is start
        if behind and (value := element.get("datetime")):
            row = next(element.iterancestors("a", "li", "aside", "nav", "footer"), None)
            if row is None or (row.tag == "li" and row.find(".//a") is None):
                yield value
            return


def _short(node: _Element) -> Iterator[str]:
    if len((node.text or "").strip()) > 100:
        yield _TEXT_BEGINS
    if value := node.get("datetime"):
        yield value
    text = " ".join(" ".join(node.itertext()).split())
    if 6 <= len(text) <= 160 and any(letter.isdigit() for letter in text):
        yield text


def from_bylines(texts: Iterator[str], now: datetime) -> datetime | None:
    """The first printed date that is possible and no cited document's.

    A date line is little else than a date; «Ngày 27/9/2019, Bộ Chính trị ban hành …» is a sentence. A time
    of updating («Cập nhật: 08:30 12/05/2026») counts where no other is printed beside it, as on many portals.
    """
    updated: datetime | None = None
    for text in texts:
        if updated is not None and text == _TEXT_BEGINS:
            break
        match = date_in(text)
        if match is None or _CITED.search(text[: match.start()]):
            continue
        rest = len(re.sub(r"[\W\d_]+", "", text.replace(match[0], "")))
        if rest > (45 if has_time(text) else 25):
            continue
        moment = printed(text)
        if not possible(moment, now):
            continue
        if not _UPDATED.search(text[: match.start()]):
            return moment
        updated = updated or moment
    return updated
