"""RSS and Atom as Vietnamese sites really send them: lying encodings, odd dates, twice-escaped text."""

import html
import io
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser

from archive.clock import HANOI
from archive.reasons import reason
from archive.text import nfc
from crawler.listings import Link, Listing, absolute, text_of

_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|\]\]\s*$")
_INNER_CDATA = re.compile(r"&lt;!\[CDATA\[|\]\]&gt;|(?<=<!\[CDATA\[)<!\[CDATA\[|\]\]>(?=\]\]>)")
_TAG = re.compile(r"<[^>]+>")
_NUMERIC = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP]M)?$", re.IGNORECASE
)
_SHORT_ZONE = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$")


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
        published_at=feed_time(when),
        summary=_plain(entry.get("summary", "")),
    )


def _plain(text: str) -> str:
    """Text without tags, composed; escaped once, twice or not at all."""
    bare = _CDATA.sub(" ", html.unescape(html.unescape(text)))
    return nfc(" ".join(_TAG.sub(" ", bare).split()))


def feed_time(text: str) -> datetime | None:
    """An aware time from a feed's date; a date without a zone is Hà Nội's.

    Measured forms: RFC 822 with two-digit years, ``GMT+7``, ``+07``, ISO, and ``9/5/2026 1:30:00 PM``
    (month first, U+202F before PM) of Báo Chính phủ and Tuổi Trẻ; without AM or PM the day is first.
    """
    text = " ".join(html.unescape(text).replace("\u202f", " ").replace("\xa0", " ").split())
    if not text:
        return None
    for reader in (_numeric, _iso, _rfc822):
        try:
            found = reader(text)
            if found:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _numeric(text: str) -> datetime | None:
    found = _NUMERIC.match(text)
    if not found:
        return None
    one, two, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    month, day = (one, two) if found[7] else (two, one)
    if found[7]:
        hour = hour % 12 + (12 if found[7].upper() == "PM" else 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=HANOI)


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    return _in_zone(datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d{2}:?\d{2}$)", "", text)))


def _rfc822(text: str) -> datetime | None:
    zone = _SHORT_ZONE.search(text)
    workspace = None
    if zone:
        sign = 1 if zone[1] == "+" else -1
        hours, minutes = int(zone[2]), int(zone[3] or 0)
        workspace = sign * timedelta(hours=hours, minutes=minutes)
        text = f"{text[: zone.start()].rstrip()} +0000"
    found = parsedate_to_datetime(text)
    if workspace is not None:
        return found.replace(tzinfo=UTC) - workspace
    return _in_zone(found)


def _in_zone(found: datetime) -> datetime:
    return found if found.tzinfo else found.replace(tzinfo=HANOI)
