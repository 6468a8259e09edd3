"""Visit single addresses for ``read`` and ``sources``, with the engine, manners and limits of every crawl.

A command runs its coroutine with :func:`run`; in it, :func:`visit_site` opens one engine for each site.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from archive.network.addresses import names_own_network
from archive.reasons import parse, reason
from crawler import settings as module
from crawler.downloads.whole import not_whole
from crawler.middlewares import ForeignHost, NotNow, Robots, RobotsUnknown, crawl_delay, explain
from crawler.resolver import PublicResolver, own_network_as_named
from crawler.responses import content_type, refuses
from crawler.settings import user_agent
from crawler.sources import is_address

T = TypeVar("T")
_ANSWERED = frozenset(
    {"robots_http", "too_large", "private_address"}
)  # every other fault means that nobody did


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a visit; ``problem`` is the code of why there is no page.

    ``status`` is 0 where nobody answered; ``refused`` where the site does not want us.
    """

    url: str
    status: int = 0
    body: bytes = b""
    content_type: str = ""
    problem: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class RobotsTxt:
    """A host's robots.txt; ``problem`` says why nothing may be fetched now."""

    status: int = 0
    problem: str = ""
    sitemaps: list[str] = field(default_factory=list)
    crawl_delay: float | None = None


class VisitSpider(Spider):
    """Crawls nothing by itself: its engine stays open until ``closing`` is set."""

    name = "visit"

    def __init__(self, owns: Callable[[str], object], opened: asyncio.Event, closing: asyncio.Event) -> None:
        super().__init__()
        self.owns, self.opened, self.closing = owns, opened, closing

    async def start(self) -> AsyncIterator[Request]:
        self.opened.set()
        await self.closing.wait()
        no_requests: tuple[Request, ...] = ()
        for request in no_requests:
            yield request


class Visitor:
    """Awaits pages of one site, one after the other."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._robots = cast("Robots", crawler.get_downloader_middleware(Robots))

    @property
    def requests(self) -> int:
        """How many were sent, redirects and robots.txt counted."""
        stats: Any = self._crawler.stats
        return int(stats.get_value("downloader/request_count", 0))

    async def get(self, url: str) -> Reply:
        """The page at an address, redirects followed on allowed hosts; never raises for what a site does."""
        if not is_address(url):
            return Reply(url, problem=reason("no_address"))
        try:
            return _reply(await self.response(url))
        except Exception as error:  # noqa: BLE001 - whatever kept the page away
            _heed_cancellation()
            return _failed(url, error)

    async def response(self, url: str) -> Response:
        """The response itself, whatever its status; raises what kept it away."""
        engine: Any = self._crawler.engine
        response: Response = await engine.download_async(Request(url, dont_filter=True))
        return response

    async def robots(self, url: str) -> RobotsTxt:
        """The robots.txt of an address's host, fetched once."""
        parser = await self._robots.robot_parser(Request(url))
        _heed_cancellation()
        status = self._robots.statuses.get(urlsplit(url).netloc, 0)
        if isinstance(parser, NotNow):
            return RobotsTxt(status, _unreachable(parser.reason))
        rules: Any = getattr(parser, "rp", None)
        delay = crawl_delay(parser, module.ROBOTSTXT_USER_AGENT)
        return RobotsTxt(status, "", list(rules.sitemaps) if rules else [], delay)

    async def may_visit(self, url: str) -> bool:
        """Whether robots.txt lets us fetch an address."""
        parser = await self._robots.robot_parser(Request(url))
        _heed_cancellation()
        return parser is None or parser.allowed(url, module.ROBOTSTXT_USER_AGENT)


def _heed_cancellation() -> None:
    """End a task that was cancelled: Twisted turns that into an error of the request, and it would go on."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@asynccontextmanager
async def visit_site(
    contact: str, delay: float = 0.0, owns: Callable[[str], object] = bool
) -> AsyncIterator[Visitor]:
    """An engine for the hosts that ``owns`` allows, ``delay`` seconds apart or as long as robots.txt asks."""
    settings = Settings()
    settings.setmodule(module)
    settings.update({"DOWNLOAD_DELAY": delay, "USER_AGENT": user_agent(contact), "RETRY_ENABLED": False})
    settings.set("ITEM_PIPELINES", {})
    crawler = AsyncCrawlerRunner(settings).create_crawler(VisitSpider)
    opened, closing = asyncio.Event(), asyncio.Event()
    crawling = asyncio.ensure_future(crawler.crawl_async(owns=owns, opened=opened, closing=closing))
    waiting = asyncio.ensure_future(opened.wait())
    await asyncio.wait({crawling, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if crawling.done():
        waiting.cancel()
        await crawling
        raise RuntimeError("the visit could not start: an extension failed to load")
    try:
        yield Visitor(crawler)
    except asyncio.CancelledError:
        crawling.cancel()  # an interrupt waits for no answer
        raise
    finally:
        closing.set()
        if not crawling.cancelling():
            await crawling


def fetch(url: str, contact: str) -> Reply:
    """One page of any host of the open internet, or of the one of our own network that is named by number."""
    if not is_address(url):
        return Reply(url, problem=reason("no_address"))
    parts = urlsplit(url)
    host = parts.hostname or ""

    async def get() -> Reply:
        async with visit_site(contact, owns=own_network_as_named([parts.netloc])) as visitor:
            return await visitor.get(url)

    return run(get(), {host} if names_own_network(host) else ())


def run(work: Coroutine[Any, Any, T], private: Collection[str] = ()) -> T:
    """Run a coroutine that visits; an interrupt ends it at once, with KeyboardInterrupt.

    Names that lead to private addresses are not found unless they are in ``private``.
    """
    runner, reactor = _loop()
    PublicResolver(reactor, 1_000, module.DNS_TIMEOUT, private).install_on_reactor()
    reactor.suggestThreadPoolSize(10)
    try:
        return runner.run(work)
    finally:
        reactor.suggestThreadPoolSize(0)  # its threads would keep the process alive


@cache
def _loop() -> tuple[asyncio.Runner, Any]:
    """What runs coroutines in the loop of Twisted's reactor, and the reactor, which is started and stays so."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    started: Any = reactor
    started.startRunning(installSignalHandlers=False)
    return asyncio.Runner(loop_factory=lambda: started._asyncioEventloop), started


def _reply(response: Response) -> Reply:
    status, kind = response.status, content_type(response)
    if refuses(response):
        return Reply(response.url, status, b"", kind, reason("answered", status=status), refused=True)
    if status != 200:
        return Reply(response.url, status, b"", kind, reason("answered", status=status))
    if why := not_whole(response):
        return Reply(response.url, status, b"", kind, why)
    return Reply(response.url, status, response.body, kind)


def _failed(url: str, error: Exception) -> Reply:
    code = explain(error)
    if isinstance(error, ForeignHost):
        return Reply(url, problem=code)
    if isinstance(error, IgnoreRequest) and not isinstance(error, RobotsUnknown):
        return Reply(url, problem=code, refused=True)  # robots.txt forbids it, or redirects without end
    return Reply(url, problem=_unreachable(code))


def _unreachable(why: str) -> str:
    return why if parse(why)[0] in _ANSWERED else reason("unreachable", why=why)
