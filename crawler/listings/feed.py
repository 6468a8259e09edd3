"""RSS and Atom as Vietnamese sites really send them: lying encodings, odd dates, twice-escaped text."""

import html
import io
import re

import feedparser

from archive.reasons import reason
from archive.text import nfc
from crawler.listings import Link, Listing, absolute, text_of
from pipelines.extract import dateparse

_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|\]\]\s*$")
_INNER_CDATA = re.compile(r"&lt;!\[CDATA\[|\]\]&gt;|(?<=<!\[CDATA\[)<!\[CDATA\[|\]\]>(?=\]\]>)")
_TAG = re.compile(r"<[^>]+>")


def read_feed(body: bytes, url: str, content_type: str = "") -> Listing:
    """The items of a feed; a page that is no feed gives a ``problem``."""
    text = _INNER_CDATA.sub("", text_of(body, content_type))
    parsed = feedparser.parse(  # as a stream: a bare string could name a file or address to open
        io.BytesIO(text.encode()), response_headers={"content-type": "application/xml; charset=utf-8"}
    )
    if not parsed.get("version"):
        return Listing(problem=reason("no_feed"))
    links = (_link(entry, url) for entry in parsed.entries)
    return Listing(tuple(link for link in links if link), title=_plain(parsed.feed.get("title", "")))


def _link(entry: "feedparser.FeedParserDict", base: str) -> Link | None:
    guid = str(entry.get("id", ""))
    address = absolute(base, entry.get("link") or (guid if guid.startswith("http") else ""))
    if not address:
        return None
    when = entry.get("published") or ("updated" in entry and entry["updated"]) or ""
    return Link(
        address,
        title=_plain(entry.get("title", "")),
        published_at=dateparse.feed(when),
        summary=_plain(entry.get("summary", "")),
    )


def _plain(text: str) -> str:
    """Text without tags, composed; escaped once, twice or not at all."""
    bare = _CDATA.sub(" ", html.unescape(html.unescape(text)))
    return nfc(" ".join(_TAG.sub(" ", bare).split()))
