"""What a page's response means before it is read: there, unchanged, gone, blocked or broken."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy.http import Headers, Response

from archive.model import Fetch, Outcome
from archive.reasons import reason
from crawler.canonical_link import canonical_link
from crawler.downloads.whole import not_whole
from crawler.sources import Source
from crawler.urls import article_address, canonical

_BLOCKED = frozenset({401, 403, 429, 451})
_GONE = frozenset({404, 410})
_PAGE_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")
_PAGE_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--.{0,2000}?-->|<\?xml[^>]{0,200}>)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
PACKED = "diemtin_packed"  # in the meta of a request: how its answer was packed on the way
_LONGEST_HEADER = 2_000  # characters
_LONGEST_PATH = 200  # characters that are told
_MOST_OF_HEADERS = 32_000  # characters that are kept of them


@dataclass(frozen=True, slots=True)
class PageResponse:
    """``outcome`` is None for a page that is to be read; ``url`` is its canonical address."""

    url: str
    outcome: Outcome | None = None
    reason: str = ""


def clock_ahead(response: Response, now: datetime) -> int | None:
    """Seconds that the server's clock is ahead of ours; None where it does not say (RFC 9110, 6.6.1).

    What a cache kept for a while (``Age``) says the time it had then, so the largest of a host counts.
    """
    try:
        said = parsedate_to_datetime(header(response, "Date") or "")
        age = int(header(response, "Age") or 0)
        return round((said - now).total_seconds()) + age
    except (ValueError, TypeError, OverflowError):
        return None


def refuses(response: Response) -> bool:
    """Whether the site does not want us."""
    return response.status in _BLOCKED or b"cf-mitigated" in response.headers


def read_response(response: Response, source: Source) -> PageResponse:
    """The answer to a request for an article."""
    asked = str((response.meta.get("redirect_urls") or [response.url])[0])
    if response.status == 304:
        return PageResponse(asked, Outcome.UNCHANGED, reason("http", status=304))
    if response.status in _GONE:
        return PageResponse(asked, Outcome.GONE, reason("http", status=response.status))
    if refuses(response):
        return PageResponse(asked, Outcome.BLOCKED, reason("http", status=response.status))
    if response.status != 200:
        return PageResponse(asked, Outcome.FAILED, reason("http", status=response.status))
    if why := not_whole(response):
        return PageResponse(asked, Outcome.FAILED, why)
    kind = content_type(response).lower()
    if kind and not kind.startswith(_PAGE_TYPES) and not _PAGE_BEGINS.match(response.body):
        return PageResponse(asked, Outcome.NOT_ARTICLE, reason("no_page", type=kind.split(";")[0]))
    return _landed(asked, response, source)


def _landed(asked: str, response: Response, source: Source) -> PageResponse:
    """Where a request led: the article under the address it names itself, or away from it."""
    own = canonical(response.url, source) or response.url
    named = canonical_link(response.body, response.url, own, source)
    if named:
        return PageResponse(named)
    if response.url == asked:
        return PageResponse(own)
    address = article_address(response.url, source)
    if address:
        return PageResponse(address)
    path = urlsplit(response.url).path
    why = reason("redirect_home") if path in {"", "/"} else reason("redirect", path=path[:_LONGEST_PATH])
    return PageResponse(asked, Outcome.GONE, why)


def header(response: Response, name: str) -> str | None:
    """A header as text; one that is longer than any of use counts as none."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value and len(value) <= _LONGEST_HEADER else None


def content_type(response: Response) -> str:
    """The Content-Type, empty where there is none."""
    return header(response, "Content-Type") or ""


def fetch_of(response: Response, asked: str, at: datetime) -> Fetch:
    """How a response came, for the record."""
    request, meta = response.request, response.meta if response.request else {}
    certificate = response.certificate.dump() if response.certificate else b""
    reasons = [str(why) for why in meta.get("redirect_reasons") or []]
    return Fetch(
        asked,
        response.url,
        at,
        response.status,
        hashlib.sha256(response.body).hexdigest(),
        len(response.body),
        str(meta.get(PACKED, "")),
        str(response.ip_address or ""),
        response.protocol or "",
        certificate,
        tuple(_kept_headers(request.headers)) if request else (),
        tuple(_kept_headers(response.headers)),
        tuple(zip(meta.get("redirect_urls") or [], reasons, strict=False)),
    )


def _kept_headers(headers: Headers) -> Iterator[tuple[str, str]]:
    """Names and values in the order they came, as far as they are not endless."""
    room = _MOST_OF_HEADERS
    for name, values in headers.items():
        for value in values:
            room -= len(name) + len(value)
            if room >= 0:
                yield name.decode("latin-1"), value.decode("latin-1")
