"""What a page's response means before it is read: there, unchanged, gone, blocked or broken."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.http import Response

from archive.model import Outcome
from archive.reasons import reason
from crawler.canonical_link import canonical_link
from crawler.sources import Source
from crawler.urls import article_address, canonical

_BLOCKED = frozenset({401, 403, 429, 451})
_GONE = frozenset({404, 410})
_PAGE_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")
_PAGE_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--.{0,2000}?-->|<\?xml[^>]{0,200}>)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class PageResponse:
    """``outcome`` is None for a page that is to be read; ``url`` is its canonical address."""

    url: str
    outcome: Outcome | None = None
    reason: str = ""


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
    why = reason("redirect_home") if path in {"", "/"} else reason("redirect", path=path)
    return PageResponse(asked, Outcome.GONE, why)


def header(response: Response, name: str) -> str | None:
    """A header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def content_type(response: Response) -> str:
    """The Content-Type, empty where there is none."""
    return header(response, "Content-Type") or ""
