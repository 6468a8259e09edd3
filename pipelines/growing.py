"""Whether a page that is not about the province may still come to be: a short first report, a notice."""

import html
import re
from datetime import datetime, timedelta
from pathlib import Path

from archive.config import WordLists
from archive.model import Outcome
from archive.text import fold, without_tags
from pipelines.extract import charset
from pipelines.item import Context, Item

FRESH = timedelta(days=1)  # what was published longer ago is written to its end
SHORT = 1200  # characters; a longer text has named its place
LEAST_HEADLINE = 5  # words; a shorter link («Xem chi tiết») says nothing of the page
SHARED = 0.2  # of the words of a list's headline and of a page's title: from here it is one story
_WORDS = WordLists(Path(__file__).with_name("growing.yml"))
_NEWS = _WORDS.pattern(r"\b(?:«news»)\b", flags=0)
_FOLLOWS = _WORDS.pattern(r"\b(?:«follows»)\b", flags=0)
_FOOT = _WORDS.pattern(r"\b(?:«foot»)\b", flags=0)
_PARAGRAPH = re.compile(r"<p\b[^<>]*>(.*?)(?=</?p\b|\Z)", re.IGNORECASE | re.DOTALL)
_TITLES = re.compile(
    r"<title\b[^<>]*>([^<]{1,400})|<h1\b[^<>]*>(.{1,600}?)(?:</h1>|(?=<h1\b))|og:title[\"']\s+content=[\"']([^\"']{1,400})",
    re.IGNORECASE | re.DOTALL,
)


def may_grow(item: Item, context: Context, now: datetime) -> bool:
    """Whether a page that is not about the province is worth another look.

    It is fresh and short, and has not the headline that a list gave (a notice stands in its place), or says
    that more follows, or is of our subject or of an accident and names no other place.
    """
    if item.outcome not in {None, Outcome.IRRELEVANT} or item.article.relevant:
        return False
    published = item.article.published_at or item.hint.published_at
    if published and now - published > FRESH:
        return False
    return _prefiltered(item, context) if item.prefiltered else _read(item, context)


def _read(item: Item, context: Context) -> bool:
    article = item.article
    if len(article.text) > SHORT:
        return False
    return other_headline(item.hint.title, [article.title]) or _first_report(
        f"{article.title}\n{article.text}", context
    )


def _prefiltered(item: Item, context: Context) -> bool:
    """Of a page that was only looked at raw: its headline, and its paragraphs where that speaks for a look."""
    assert item.page is not None  # noqa: S101 - only pages are prefiltered
    hint, body = item.hint, item.page.body
    title = _head_title(body)
    other = hint.title.encode() not in body and other_headline(hint.title, [title])
    said = f"{hint.title or title}\n{hint.summary}"
    if not other and not _NEWS.search(fold(said)):
        return False
    raw = charset.decode(body, item.page.content_type)
    text = "\n".join(_paragraphs(raw))
    if len(text) > SHORT:
        return False
    return (other and other_headline(hint.title, _titles(raw))) or _first_report(f"{said}\n{text}", context)


def _head_title(body: bytes) -> str:
    """The title in the page's head, where it is written in UTF-8."""
    at = body.find(b"<title")
    return html.unescape(body[at : at + 500].partition(b">")[2].partition(b"<")[0].decode(errors="replace"))


def _first_report(text: str, context: Context) -> bool:
    folded = fold(text)
    if _FOLLOWS.search(folded):
        return True
    elsewhere = any(span.group == "elsewhere" for span in context.places.find(text))
    return bool(_NEWS.search(folded)) and not elsewhere


def other_headline(named: str, titles: list[str]) -> bool:
    """Whether a page bears none of the words that a list named it by."""
    wanted = set(fold(named).split())
    if len(named.split()) < LEAST_HEADLINE:
        return False
    return all(len(wanted & set(fold(title).split())) < SHARED * len(wanted) for title in titles)


def _titles(raw: str) -> list[str]:
    return [html.unescape(without_tags("".join(match.groups("")))) for match in _TITLES.finditer(raw)]


def _paragraphs(raw: str) -> list[str]:
    """The paragraphs of a page, without those of its foot."""
    texts = (" ".join(html.unescape(without_tags(inner)).split()) for inner in _PARAGRAPH.findall(raw))
    return [text for text in texts if text and not _FOOT.search(fold(text))]
