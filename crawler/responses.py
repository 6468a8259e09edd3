"""What a page's response means before it is read: there, unchanged, gone, blocked or broken."""

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.http import Response

from archive.model import Outcome
from archive.reasons import reason
from crawler.listings import absolute
from crawler.sources import Source
from crawler.urls import article_address, canonical

_BLOCKED = frozenset({401, 403, 429, 451})
_GONE = frozenset({404, 410})
_HEAD = 200_000  # bytes within which a page names its canonical address
_LINK = re.compile(rb"(?is)<link\b[^>]{0,2000}>")
_REL_CANONICAL = re.compile(rb"""(?i)\brel\s*=\s*["']?canonical\b""")
_HREF = re.compile(rb"""(?i)\bhref\s*=\s*["']([^"'>]{1,2000})["']""")
_PAGE_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")


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
    if kind and not kind.startswith(_PAGE_TYPES):
        return PageResponse(asked, Outcome.NOT_ARTICLE, reason("no_page", type=kind.split(";")[0]))
    return _landed(asked, response, source)


def _landed(asked: str, response: Response, source: Source) -> PageResponse:
    """Where a request led: the article under the address it names itself, or away from it."""
    named = _canonical_link(response, source)
    if named:
        return PageResponse(named)
    if response.url == asked:
        return PageResponse(canonical(asked, source) or asked)
    address = article_address(response.url, source)
    if address:
        return PageResponse(address)
    path = urlsplit(response.url).path
    why = reason("redirect_home") if path in {"", "/"} else reason("redirect", path=path)
    return PageResponse(asked, Outcome.GONE, why)


def _canonical_link(response: Response, source: Source) -> str | None:
    """The page's rel=canonical where it is an article of the source: twins of one page meet there."""
    for tag in _LINK.findall(response.body[:_HEAD]):
        if _REL_CANONICAL.search(tag):
            href = _HREF.search(tag)
            if href:
                address = html.unescape(href[1].decode("utf-8", "replace").strip())
                return article_address(absolute(response.url, address), source)
    return None


def header(response: Response, name: str) -> str | None:
    """A header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def content_type(response: Response) -> str:
    """The Content-Type, empty where there is none."""
    return header(response, "Content-Type") or ""
