"""Sitemaps, sitemap indexes and news sitemaps, gzipped or not, as sites really send them.

They are looked through for their entries and not parsed as XML: a bare ampersand, a control character, an
undeclared entity, a server's notice in front or a second document behind costs at most the entry it stands in.
"""

import html
import re
from collections.abc import Iterator
from functools import cache

from archive.network.unpacking import Unpackable, gunzip_all
from archive.reasons import reason
from crawler.listings import Link, Listing, absolute, text_of
from crawler.listings.feed import read_feed
from pipelines.extract import dateparse

LARGEST = 60_000_000  # bytes unpacked; the sitemap protocol allows 50 MB

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SITEMAP = re.compile(r"<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
_FEED = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_ENTRY = re.compile(r"<((?:[\w.-]+:)?)(url|sitemap)(?:\s[^<>]*)?>", re.IGNORECASE)
_FIRST_TAG = re.compile(r"<([a-zA-Z][\w:.-]*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")
_ADDRESS_LINE = re.compile(r"https?://\S+", re.IGNORECASE)


def read_sitemap(body: bytes, url: str, content_type: str = "") -> Listing:
    """The addresses of a sitemap, or the further sitemaps of an index; a feed or a plain list will do."""
    try:
        plain = gunzip_all(body, LARGEST)
    except Unpackable as error:
        return Listing(problem=reason("no_gzip", error=error))
    text = _without_comments(text_of(plain, content_type))
    entries = list(_entries(text, url))
    if entries or _SITEMAP.search(text):
        return Listing(
            tuple(link for name, link in entries if name == "url"),
            further=tuple(link for name, link in entries if name == "sitemap"),
        )
    if _FEED.search(text) and (listing := read_feed(plain, url, content_type)).links:
        return listing
    return _plain_list(text)


def _without_comments(text: str) -> str:
    """The text as far as a comment is closed without them; one that is not hides nothing."""
    before, mark, behind = text.rpartition("-->")
    return _COMMENT.sub("", before + mark) + behind


def _entries(text: str, base: str) -> Iterator[tuple[str, Link]]:
    """Each entry's kind, ``url`` or ``sitemap``, and link; one ends where the next begins."""
    starts = list(_ENTRY.finditer(text))
    starts = [start for start in starts if start[1] == starts[0][1]]  # others are parts of entries: <image:url>
    ends = [*(start.start() for start in starts[1:]), len(text)]
    for start, end in zip(starts, ends, strict=False):
        entry = text[start.end() : end]
        address = absolute(base, _value(entry, start[1] + "loc"))
        if address:
            yield start[2].lower(), _link(entry, start[1], address)


def _link(entry: str, prefix: str, address: str) -> Link:
    news = _inner(entry, r"(?:[\w.-]+:)?news")
    published = _value(news, r"(?:[\w.-]+:)?publication_date")
    changed = _value(entry, prefix + "lastmod")
    return Link(
        address,
        title=_value(news, r"(?:[\w.-]+:)?title"),
        published_at=dateparse.feed(published) if published else None,
        changed_at=dateparse.feed(changed) if changed else None,
    )


@cache
def _element(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What opens and what closes an element."""
    opening, closing = rf"<{name}(?:\s[^<>]*)?>", rf"</{name}\s*>"
    return re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE)


def _inner(entry: str, name: str) -> str:
    """What stands in the first element of this name that is closed; empty where there is none."""
    opening, closing = _element(name)
    begin = opening.search(entry)
    end = closing.search(entry, begin.end()) if begin else None
    return entry[begin.end() : end.start()] if begin and end else ""


def _value(entry: str, name: str) -> str:
    """The text of an element; inside CDATA it is taken as it stands."""
    inner = _inner(entry, name)
    if "<![CDATA[" not in inner:
        return _without_entities(inner).strip()
    pieces = _CDATA.split(inner)  # what stands inside CDATA comes at every second place
    return "".join(piece if at % 2 else _without_entities(piece) for at, piece in enumerate(pieces)).strip()


def _without_entities(text: str) -> str:
    """Entities that end in a semicolon become their letters; a bare ampersand stays, as in ``?id=1&copy=2``."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if "&" in text else text


def _plain_list(text: str) -> Listing:
    """A sitemap of the protocol's simplest form: an address on each line."""
    tag = _FIRST_TAG.search(text)
    lines = map(str.strip, text.splitlines())
    links = tuple(Link(line) for line in lines if _ADDRESS_LINE.fullmatch(line))
    if links and tag is None:
        return Listing(links)
    return Listing(problem=reason("no_sitemap", root=tag[1]) if tag else reason("no_xml", error=""))
