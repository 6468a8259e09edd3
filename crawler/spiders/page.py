"""What every spider does with a page: fetch it when due, send it through the stages, book its outcome."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.articles import is_kept, missed, read_by, still_there
from archive.home import Home
from archive.model import Article, Outcome
from archive.pages import RawPage, has_page, keep, newest_page
from crawler.listings.backfill import Span
from crawler.middlewares import RobotsForbid, RobotsUnknown, explain
from crawler.reprocess import item_of
from crawler.responses import read_response
from crawler.sources import Source
from crawler.state import backoff, frontier
from crawler.state.frontier import Address, Visit
from crawler.state.run_log import RunLog
from crawler.workspace import Workspace, open_workspace
from pipelines.extract.version import reading_mark
from pipelines.item import Item, Page

EVERY_STATUS = [304, *range(400, 600)]
READ_WHOLE = 5  # pages of a run that are read whatever they name: health needs some of every source
NO_ARTICLE = frozenset({Outcome.NOT_ARTICLE, Outcome.TOO_SHORT})
KEEP_RAW = frozenset({Outcome.STORED, Outcome.REVISED, Outcome.FAILED, Outcome.TOO_SHORT, Outcome.NOT_ARTICLE})


class PageSpider(Spider):
    """The base of the three; ``source`` is set by the class that the loader makes for each source."""

    source: ClassVar[Source]

    def __init__(self, workspace: Workspace, backfill: Span | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.workspace, self.backfill = workspace, backfill
        self.run_log = RunLog(workspace, self.source)
        self.taken: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        if "workspace" not in kwargs:  # `scrapy crawl KEY`
            opened = ExitStack()
            kwargs["workspace"] = opened.enter_context(
                open_workspace(Home.at(crawler.settings.get("DIEMTIN_HOME")))
            )
            crawler.signals.connect(opened.close, signal=signals.engine_stopped, weak=False)
        spider = super().from_crawler(crawler, *args, **kwargs)
        for handler, signal in (
            (spider.item_ended, signals.item_scraped),
            (spider.item_ended, signals.item_dropped),
            (spider.item_broke, signals.item_error),
        ):
            crawler.signals.connect(handler, signal=signal)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        self.run_log.open()
        rest = backoff.resting(self.workspace.pages, self.source.key, self.workspace.now())
        if rest:
            self.run_log.rest(rest)
            return
        for request in self.list_requests():
            yield request
        for request in self.new_pages():
            yield request

    def list_requests(self) -> Iterator[Request]:
        """The requests for the lists of the source; each kind of list adds its own."""
        yield from ()

    def new_pages(self) -> Iterator[Request]:
        """Requests for the addresses that are due and not asked for yet in this run."""
        due = frontier.due(self.workspace.pages, self.source.key, self.workspace.now())
        waiting = [address for address in due if address.url not in self.taken]
        self.workspace.reader_pool.expect(len(waiting))
        yield from map(self.page_request, waiting)

    def page_request(self, address: Address) -> Request:
        self.taken.add(address.url)
        return Request(
            address.url,
            callback=self.parse_page,
            errback=self.page_broke,
            headers=conditions(address.etag, address.last_modified),
            cb_kwargs={"address": address},
            dont_filter=True,
            meta={"handle_httpstatus_list": EVERY_STATUS, "address": address},
        )

    def parse_page(self, response: Response, address: Address) -> Iterator[Item]:
        """A page that answered: an outcome at once, or a draft for the stages."""
        self.heed(response)
        answer = read_response(response, self.source)
        visit = {
            "status": response.status,
            "size": len(response.body),
            "etag": header(response, "ETag"),
            "last_modified": header(response, "Last-Modified"),
        }
        if answer.outcome is not None:
            self._end(address, answer.outcome, answer.reason, **visit)
            return
        kept = [url for url in (answer.url, address.url) if is_kept(self.workspace.archive, url)]
        url = kept[0] if kept else answer.url  # an article that moved stays the one it was, with its edits
        page = Page(url, response.body, self.workspace.now(), content_type(response))
        item = Item(
            Article(url, self.source.key),
            page=page,
            rules=self.source.rules,
            keep="all" if kept else self.source.keep,
            hint=address.hint,
            outlet_name=self.source.name,
            read_whole=self.run_log.notes["read"] < READ_WHOLE,
            before=self._before(url) if kept else None,
        )
        item.visit = {"address": address, **visit}
        yield item

    def _before(self, url: str) -> Item | None:
        """The page kept of an article where other rules read it than those of today."""
        if read_by(self.workspace.archive, url) == reading_mark(
            self.source.rules, self.workspace.context.families
        ):
            return None
        raw = newest_page(self.workspace.pages, url)
        return replace(item_of(raw, self.workspace), keep="all") if raw else None

    def heed(self, response: Response) -> None:
        """Leave a source alone that asks for it; what was not visited stays due."""
        if response.status in backoff.ASKING:
            asked = header(response, "Retry-After")
            self.run_log.rest(
                backoff.begin(
                    self.workspace.pages, self.source.key, response.status, asked, self.workspace.now()
                )
            )
            raise CloseSpider("resting")

    def page_broke(self, failure: Failure) -> None:
        """A page that did not answer; while robots.txt cannot be read, none is asked for and all stay due."""
        if isinstance(failure.value, RobotsUnknown):
            self.run_log.list_failed(self.source.home, explain(failure.value))
            raise CloseSpider("finished")
        request: Request = failure.request  # type: ignore[attr-defined]
        address: Address = request.meta["address"]
        outcome = Outcome.ROBOTS if isinstance(failure.value, RobotsForbid) else Outcome.FAILED
        reason = "robots.txt không cho phép" if outcome is Outcome.ROBOTS else explain(failure.value)
        self._end(address, outcome, reason)

    def item_ended(self, item: Item) -> None:
        """A draft left the stages, stored or ended on the way."""
        self._end_draft(item, item.outcome or Outcome.FAILED, item.reason)

    def item_broke(self, item: Item, failure: Failure) -> None:
        """A stage broke on the page: it is kept raw, with the reason, and the crawl goes on."""
        self._end_draft(item, Outcome.FAILED, f"{type(failure.value).__name__}: {failure.value}"[:300])

    def _end_draft(self, item: Item, outcome: Outcome, reason: str) -> None:
        visit = dict(item.visit)
        address: Address = visit.pop("address")
        if outcome in NO_ARTICLE and is_kept(self.workspace.archive, item.article.url):
            outcome, reason = Outcome.GONE, f"trang không còn là bài báo: {reason}"
        self._keep_raw(item, outcome)
        self.run_log.read(item)
        twin = item.article.url != address.url
        self._end(address, outcome, reason, relevant=item.article.relevant and not twin, **visit)

    def _keep_raw(self, item: Item, outcome: Outcome) -> None:
        """Pages that name the province are kept even when irrelevant, so that new rules can find them."""
        named = any(mention.kind == "place" for mention in item.article.mentions)
        if item.page is None or not (outcome in KEEP_RAW or named):
            return
        if outcome is Outcome.UNCHANGED and has_page(self.workspace.pages, item.page.url):
            return
        page = item.page
        keep(
            self.workspace.pages,
            RawPage(page.url, self.source.key, page.fetched_at, page.content_type, page.body),
        )

    def _end(self, address: Address, outcome: Outcome, reason: str, **visit: Any) -> None:
        now = self.workspace.now()
        if outcome is Outcome.GONE:
            sources = self.workspace.sources
            visit["relevant"] = missed(self.workspace.archive, address.url, reason, now, sources.gone_after)
        elif outcome is Outcome.UNCHANGED and visit.get("status") == 304:
            visit["relevant"] = still_there(self.workspace.archive, address.url, now)
        self.run_log.ended(Visit(address.url, outcome, reason, **visit))

    def closed(self, reason: str) -> None:
        self.run_log.close(reason)


def conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers of a conditional request."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def header(response: Response, name: str) -> str | None:
    """A header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def content_type(response: Response) -> str:
    """The Content-Type, empty where there is none."""
    return header(response, "Content-Type") or ""
