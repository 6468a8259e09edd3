"""Manners: robots.txt with its crawl-delay, an unreachable robots.txt means «not now», own hosts only."""

import logging
from collections.abc import Iterator
from itertools import takewhile
from time import monotonic
from typing import Any, Self, cast
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import HtmlResponse, Response
from scrapy.responsetypes import responsetypes
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.response import get_meta_refresh

from archive.network.unpacking import GZIP, can_unpack, unpack
from archive.reasons import reason
from archive.text import without_markup
from crawler.resolver import REFUSED
from crawler.responses import PACKED, content_type
from crawler.robotstxt import plain
from pipelines.extract.charset import decode

SIGNPOST_SECONDS = 5.0  # a page that sends readers on later than this is meant to be read
SIGNPOST_BYTES = 100_000  # of its beginning; a signpost has no more
SIGNPOST_TEXT = 600  # characters; a page with more says something itself
LONGEST_CRAWL_DELAY = 300.0  # seconds; a longer one in robots.txt counts as this


class RobotsForbid(IgnoreRequest):
    """robots.txt forbids the address."""


class RobotsUnknown(IgnoreRequest):
    """robots.txt cannot be read now, so nothing may be fetched now (RFC 9309, 2.3.1.4)."""


class ForeignHost(IgnoreRequest):
    """The address is not on the source's own hosts."""


class Stopping(IgnoreRequest):
    """The crawl ends before the request's turn came: what it was for stays due."""


class NotNow(RobotParser):
    """Stands for a robots.txt that could not be read."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        return cls(robotstxt_body.decode(errors="replace"))

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        return False


class Robots(RobotsTxtMiddleware):
    """Scrapy's robots.txt handling, with its reasons kept apart and server errors read as «not now»."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.statuses: dict[str, int] = {}  # of each host's robots.txt
        # it prints a traceback where the run's reason is one line
        logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        if isinstance(rp, NotNow):
            raise RobotsUnknown(rp.reason)
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise RobotsForbid(reason("robots")) from error

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        self.statuses[netloc] = response.status
        if response.status >= 500 or response.status in {206, 429}:
            raise RobotsUnknown(reason("robots_http", status=response.status))
        response = response.replace(body=b"" if response.status >= 400 else plain(response.body))
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        waiting: Any = self._parsers[netloc]
        parser = NotNow(explain(exc))
        self._parsers[netloc] = parser
        waiting.callback(parser)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The parser of the request's host.

        It is read again after the wait: of several requests that wait for one robots.txt, Scrapy 2.19
        hands the parser to the first only and lets the others pass unchecked.
        """
        await super().robot_parser(request)
        return cast("RobotParser | None", self._parsers[urlparse_cached(request).netloc])


def drop_waiting(crawler: Crawler) -> None:
    """Once a crawl closes, give up the requests that wait for a delay: it may be of minutes."""
    engine: Any = crawler.engine
    slot = getattr(engine, "_slot", None)
    if slot is None or not slot.closing:
        return
    for host in engine.downloader.slots.values():
        while host.queue:
            _, waiting = host.queue.popleft()
            waiting.errback(Stopping())


def crawl_delay(parser: Any, agent: str) -> float | None:
    """The seconds between two requests that a robots.txt asks for."""
    rules: Protego | None = getattr(parser, "rp", None)
    asked = rules.crawl_delay(agent) if rules else None
    return min(float(asked), LONGEST_CRAWL_DELAY) if asked else None


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle that keeps the crawl-delay of robots.txt and counts delays from the answer.

    Scrapy counts from when it hands a request on; a busy process sends that one late and the next in time, so
    that the site would see less than the delay between two.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.signals.connect(self.robots_parsed, signal=signals.robots_parsed)

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        _, slot = self._get_slot(request, spider)
        if slot is not None:
            slot.lastseen = monotonic()

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        asked = crawl_delay(robotparser, self.crawler.settings["ROBOTSTXT_USER_AGENT"])
        if not asked:
            return
        self.mindelay = max(self.mindelay, asked)
        downloader: Any = self.crawler.engine.downloader if self.crawler.engine else None
        downloader._delay = max(downloader._delay, self.mindelay)
        for slot in downloader.slots.values():
            slot.delay = max(slot.delay, self.mindelay)


class Unpacking(HttpCompressionMiddleware):
    """Unpacks answers, also for servers that pack pages without a word of it or say so of plain ones.

    In place of Scrapy's own, which reads on where the packed bytes are cut off.
    """

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        codings = self._codings(response)
        request.meta[PACKED] = ", ".join(codings)
        if not response.body or not codings:
            return response
        known = list(takewhile(can_unpack, reversed(codings)))[::-1]
        is_plain = _is_plain(response.body)
        body = response.body if is_plain else unpack(response.body, known, self._max_size)
        headers = response.headers.copy()
        headers["Content-Encoding"] = codings[: len(codings) - len(known)]
        if is_plain or len(known) == len(codings):
            del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return response.replace(body=body, headers=headers, cls=kind)

    def _codings(self, response: Response) -> list[str]:
        """What a server applied, in that order."""
        named = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").lower().split(",")
        codings = [coding for name in named if (coding := name.strip()) not in {"", "identity"}]
        is_page = b"html" in (response.headers.get("Content-Type") or b"").lower()
        return codings or (["gzip"] if is_page and response.body.startswith(GZIP) else [])


def _is_plain(body: bytes) -> bool:
    return body[:1000].lstrip().startswith((b"<", b"\xef\xbb\xbf"))


class Signposts(MetaRefreshMiddleware):
    """Follows a meta refresh where the page is nothing but a signpost to another one of the spider's hosts.

    Articles reload themselves, slides lead on to the next, and pages go home after a while: they are read.
    """

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        if not isinstance(response, HtmlResponse) or b"refresh" not in response.body[:8192].lower():
            return response
        # Scrapy would decode it by whatever codec it names
        text = decode(response.body[:SIGNPOST_BYTES], content_type(response)).encode()
        signpost = response.replace(body=text, encoding="utf-8")
        led_on = super().process_response(request, signpost) if self._is_signpost(signpost) else response
        return response if led_on is signpost else led_on

    def _is_signpost(self, response: HtmlResponse) -> bool:
        seconds, url = get_meta_refresh(response, self._ignore_tags)
        if url is None or seconds is None or seconds > SIGNPOST_SECONDS or url == response.url:
            return False
        spider: Any = self.crawler.spider
        return len(without_markup(response.text)) <= SIGNPOST_TEXT and bool(spider.owns(urlsplit(url).netloc))


class OwnHosts:
    """Refuse, also after a redirect, every address on a host that the spider does not own."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        netloc = urlparse_cached(request).netloc
        spider: Any = self.crawler.spider
        if not spider.owns(netloc):
            raise ForeignHost(reason("redirect_host", host=netloc))


_REASONS = {
    "DNSLookupError": "no_such_host",
    "CannotResolveHostError": "no_such_host",
    "ConnectionRefusedError": "refused",
    "DownloadConnectionRefusedError": "refused",
    "ConnectError": "no_connection",
    "DownloadFailedError": "no_connection",
    "TimeoutError": "timeout",
    "TCPTimedOutError": "timeout",
    "DownloadTimeoutError": "timeout",
    "ResponseNeverReceived": "cut_off",
    "ConnectionLost": "cut_off",
    "ResponseDataLossError": "incomplete",
    "CutOff": "incomplete",
    "EndlessHeaders": "endless_headers",
    "TooLarge": "too_large",
    "DownloadCancelledError": "too_large",
}


def _causes(error: BaseException | None) -> Iterator[BaseException | None]:
    """An error behind what led to it, as Twisted and Scrapy wrap them."""
    below = error.__cause__ if error else None
    for failure in getattr(below, "reasons", ()):
        yield failure.value
    if below:
        yield below
    yield error


def explain(error: BaseException | None) -> str:
    """Why a request failed, as a code; an error of another kind keeps its own words."""
    if type(error) is IgnoreRequest:  # Scrapy's own, of its redirects alone
        return reason("redirects")
    host = str(error).rstrip(".").rpartition(" ")[2]
    kinds = [kind.__name__ for one in _causes(error) for kind in type(one).__mro__]
    for name in kinds:
        code = _REASONS.get(name)
        if code == "no_such_host" and host in REFUSED:
            return reason("private_address", host=host, address=REFUSED[host])
        if code:
            return reason(code)
    return str(error) or type(error).__name__
