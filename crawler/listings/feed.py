"""RSS and Atom as Vietnamese sites really send them: lying encodings, odd dates, twice-escaped text."""

import html
import io
import re
from collections import Counter

import feedparser

from archive.reasons import reason
from archive.text import composed, without_tags
from crawler.listings import Link, Listing, absolute, text_of
from crawler.listings.redirector import wrapped
from pipelines.extract import dateparse

MOST = 2_000  # items; feeds hold 20 to 50
LONGEST = 200_000  # characters of a title or summary, with its tags
_UNREAD = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|\]\]\s*$")
_INNER_CDATA = re.compile(r"&lt;!\[CDATA\[|\]\]&gt;|(?<=<!\[CDATA\[)<!\[CDATA\[|\]\]>(?=\]\]>)")
_ITEM = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]")
_CHARACTER = r"&#(?:x(?P<hex>[0-9a-f]{1,6})|(?P<number>\d{1,7}));"
_BARE = rf"{_CHARACTER}|&(?!\w{{1,32}};)"
_DOUBTFUL = re.compile(_BARE, re.IGNORECASE)
_DOUBTFUL_OR_CDATA = re.compile(rf"<!\[CDATA\[.*?\]\]>|{_BARE}", re.DOTALL | re.IGNORECASE)


def read_feed(body: bytes, url: str, content_type: str = "") -> Listing:
    """The items of a feed; a page that is no feed gives a ``problem``."""
    text, too_many = _shortened(text_of(body, content_type))
    text = _without_doubt(_INNER_CDATA.sub("", text))
    parsed = feedparser.parse(  # as a stream: a bare string could name a file or address to open
        io.BytesIO(text.encode()),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,  # tags are left out below; its own cleaning takes the square of a title's length
        resolve_relative_uris=False,
    )
    if not parsed.get("version"):
        return Listing(problem=reason("no_feed"))
    often = Counter(entry.get("link") for entry in parsed.entries)
    links = (_link(entry, url, shared=often[entry.get("link")] > 1) for entry in parsed.entries)
    left_out = {"": too_many} if too_many else {}
    title = _plain(parsed.feed.get("title", ""))[:1000]
    return Listing(tuple(link for link in links if link), title=title, left_out=left_out)


def _shortened(text: str) -> tuple[str, int]:
    """A feed without the middle of its items where it has far too many, and how many these are."""
    starts = [item.start() for item in _ITEM.finditer(text)]
    if len(starts) <= MOST:
        return text, 0
    half = MOST // 2
    return text[: starts[half]] + text[starts[-half] :], len(starts) - 2 * half


def _without_doubt(text: str) -> str:
    """The text mended outside CDATA, which goes as far as one is closed."""
    before, mark, behind = text.rpartition("]]>")
    return _DOUBTFUL_OR_CDATA.sub(_mended, before + mark) + _DOUBTFUL.sub(_mended, behind)


def _mended(doubtful: re.Match[str]) -> str:
    """A bare ampersand written out, and a reference to no character (half an emoji, NUL) left out."""
    if doubtful["hex"] or doubtful["number"]:
        code = int(doubtful["hex"], 16) if doubtful["hex"] else int(doubtful["number"])
        return doubtful[0] if _is_character(code) else ""
    return "&amp;" if doubtful[0] == "&" else doubtful[0]


def _is_character(code: int) -> bool:
    return code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _link(entry: "feedparser.FeedParserDict", base: str, *, shared: bool) -> Link | None:
    addresses = _addresses(entry, base, shared=shared)
    if not addresses:
        return None
    when = entry.get("published") or ("updated" in entry and entry["updated"]) or ""
    return Link(
        addresses[0],
        title=_plain(entry.get("title", "")),
        published_at=dateparse.feed(when),
        summary=_plain(entry.get("summary", "")),
        others=tuple(addresses[1:]),
    )


def _addresses(entry: "feedparser.FeedParserDict", base: str, *, shared: bool) -> list[str]:
    """All addresses that an entry gives for its article, the likeliest first.

    A link that several entries share (the front page) says least, and one that a redirector wraps less than the
    address in it.
    """
    guid = str(entry.get("id", ""))
    links = [entry.get("link"), *(link.get("href") for link in entry.get("links", ()) if _is_alternate(link))]
    named = [entry.get("feedburner_origlink"), *links]
    guids = [guid] if guid.startswith(("http://", "https://", "/")) else []
    whole = (absolute(base, one) for one in ([*guids, *named] if shared else [*named, *guids]) if one)
    addresses = [address for one in whole for address in (*wrapped(one), one) if address]
    return list(dict.fromkeys(addresses))


def _is_alternate(link: "feedparser.FeedParserDict") -> bool:
    return bool(link.get("rel", "alternate") == "alternate")


def _plain(text: str | None) -> str:
    """Text without tags, composed; escaped once, twice or not at all."""
    bare = _CDATA.sub(" ", html.unescape(html.unescape((text or "")[:LONGEST])))
    bare = _UNREAD.sub(" ", bare)
    return composed(" ".join(without_tags(bare).split()))
