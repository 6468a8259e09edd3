"""Sitemaps, sitemap indexes and news sitemaps, gzipped or not, as sites really send them.

They are looked through for their entries and not parsed as XML: a bare ampersand, a control character, an
undeclared entity, a server's notice in front or a second document behind costs at most the entry it stands in.
"""

import html
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, pairwise

from archive.network.unpacking import Unpackable, gunzip_all
from archive.reasons import reason
from crawler.listings import Link, Listing, absolute, text_of
from crawler.listings.feed import read_feed
from crawler.listings.patterns import Gathered, gather
from pipelines.extract import dateparse

LONGEST_ENTRY = 20_000  # characters of an entry that are looked at
LARGEST = 60_000_000  # bytes unpacked; the sitemap protocol allows 50 MB

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SITEMAP = re.compile(r"<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
_FEED = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_ENTRY = re.compile(r"<((?:[\w.-]+:)?)(url|sitemap)(?:\s[^<>]*)?>", re.IGNORECASE)
_FIRST_TAG = re.compile(r"<([a-zA-Z][\w:.-]*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")
_LINE = re.compile(r"[^\r\n]+")
_ADDRESS_LINE = re.compile(r"https?://\S+", re.IGNORECASE)


def read_sitemap(body: bytes, url: str, content_type: str = "") -> Listing:
    """The addresses of a sitemap, or the further sitemaps of an index; a feed or a plain list will do."""
    try:
        plain = gunzip_all(body, LARGEST)
    except Unpackable as error:
        return Listing(problem=reason("no_gzip", error=error))
    text = _without_comments(text_of(plain, content_type))
    pages, further = Gathered(), Gathered()
    for name, link in _entries(text, url):
        (pages if name == "url" else further).add(link)
    if pages.links or further.links or _SITEMAP.search(text):
        left_out = dict(pages.left_out + further.left_out)
        return Listing(tuple(pages.links.values()), further=tuple(further.links.values()), left_out=left_out)
    if _FEED.search(text) and (listing := read_feed(plain, url, content_type)).links:
        return listing
    return _plain_list(text)


def _without_comments(text: str) -> str:
    """The text as far as a comment is closed without them; one that is not hides nothing."""
    before, mark, behind = text.rpartition("-->")
    return _COMMENT.sub("", before + mark) + behind


def _entries(text: str, base: str) -> Iterator[tuple[str, Link]]:
    """Each entry's kind, ``url`` or ``sitemap``, and link; one ends where the next begins."""
    for start, following in pairwise(chain(_starts(text), [None])):
        assert start is not None  # noqa: S101 - only what follows the last one is
        entry = text[start.end() : following.start() if following else len(text)][:LONGEST_ENTRY]
        address = absolute(base, _value(entry, start[1] + "loc"))
        if address:
            yield start[2].lower(), _link(entry, start[1], address)


def _starts(text: str) -> Iterator[re.Match[str]]:
    """Where entries begin; tags of the same name with another prefix are parts of entries: ``<image:url>``."""
    prefix = None
    for start in _ENTRY.finditer(text):
        prefix = start[1] if prefix is None else prefix
        if start[1] == prefix:
            yield start


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
    lines = (line[0].strip() for line in _LINE.finditer(text)) if tag is None else iter(())
    listed = gather(Link(line) for line in lines if _ADDRESS_LINE.fullmatch(line))
    if listed.links:
        return Listing(tuple(listed.links.values()), left_out=dict(listed.left_out))
    return Listing(problem=reason("no_sitemap", root=tag[1]) if tag else reason("no_xml", error=""))
