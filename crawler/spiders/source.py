"""The spider of every source: reads its lists, visits the pages that are due, and hands on what came of each.

What is due and what is known stands behind ``crawler.state.messages.State``; the spider knows no database.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from archive.clock import Clock, utc_now
from archive.model import Fetch, Outcome
from archive.reasons import reason
from crawler.downloads.whole import further_missed, not_whole
from crawler.listings.backfill import Backfill
from crawler.listings.readers import READERS, own_articles
from crawler.middlewares import RobotsForbid, RobotsUnknown, Stopping, explain
from crawler.responses import clock_ahead, content_type, fetch_of, header, read_response
from crawler.sources import Source, is_address, item_of
from crawler.spiders.paged_story import PagedStory
from crawler.state.messages import (
    Address,
    Due,
    ListAddress,
    ListingRead,
    PageEnded,
    RunEnded,
    State,
    StateLost,
)  # fmt: skip
from crawler.state.outcomes import needs_raw_page
from crawler.urls import own_host
from pipelines.extract import paging
from pipelines.growing import may_grow
from pipelines.item import Item, Page
from pipelines.pool import ReaderPool
from pipelines.pool import failure as failure_of
from pipelines.prefilter import raw_names
from pipelines.time_limit import time_limit

EVERY_STATUS = [304, *range(400, 600)]
ASKING_FOR_REST = frozenset({429, 503})
SILENT = frozenset({"timeout", "no_such_host", "refused", "no_connection", "cut_off"})
MOST_SILENT = 5
PATIENCE = 3  # visits in a row on which a further page of a story did not come
LIST_LIMIT = 60.0  # seconds to read a list
READ_WHOLE = 5  # pages of a run that are read whatever they name: health needs some of every source


class SourceSpider(Spider):
    """Crawls one source; ``source`` is set by the class that the loader makes for it."""

    source: ClassVar[Source]

    def __init__(
        self,
        state: State,
        reader_pool: ReaderPool,
        now: Clock = utc_now,
        backfill: Backfill | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.state, self.reader_pool, self.now, self.backfill = state, reader_pool, now, backfill
        self.run = self.read = 0
        self.rest: tuple[int, str | None] = (0, None)  # status and Retry-After of a site that asks for rest
        self.clocks: dict[str, int] = {}
        self.silent = 0  # pages in a row of which the server said nothing
        self.fault = ""  # the first one of ours in this run, as a reason
        self.lost = ""  # why nothing more can be written down

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (signals.item_scraped, signals.item_dropped):
            crawler.signals.connect(spider.item_ended, signal=signal)
        for signal in (signals.spider_error, signals.item_error):
            crawler.signals.connect(spider.callback_broke, signal=signal)
        crawler.signals.connect(spider.go_on, signal=signals.spider_idle)
        return spider

    def owns(self, netloc: str) -> bool:
        """Whether a host is the outlet's own; no request leaves them."""
        return own_host(netloc, self.source) is not None

    async def start(self) -> AsyncIterator[Request]:
        try:
            due = self.begin()
        except StateLost as error:
            self.lost = error.reason
            return
        for request in self.requests(due):
            yield request

    def begin(self) -> Due:
        """Ask what is due."""
        due = self.state.due(self.source.key, self.backfill)
        self.run = due.run
        return due

    def requests(self, due: Due) -> Iterator[Request]:
        """Requests for lists, which come before any page, and for pages; further lists after what is new."""
        yield from map(self.list_request, due.lists)
        self.reader_pool.expect(len(due.pages))
        yield from map(self.page_request, due.pages)

    def go_on(self) -> None:
        """All that was handed out has ended: ask for more before the spider closes."""
        try:
            due = self.state.more(self.run) if self.run and not self.lost else Due(0)
        except StateLost as error:
            self.lost = error.reason
            return
        except Exception as error:  # noqa: BLE001 - told as the end of the run
            self.fault = self.fault or failure_of(error)
            return
        engine: Any = self.crawler.engine
        for request in self.requests(due):
            engine.crawl(request)
        if due.pages:
            raise DontCloseSpider

    def list_request(self, asked: ListAddress) -> Request:
        return self._request(asked, self.parse_list, self.list_broke, priority=10 if asked.depth == 1 else 3)

    def page_request(self, address: Address) -> Request:
        return self._request(address, self.parse_page, self.page_broke, priority=5 if address.first else 0)

    def _request(self, asked: ListAddress | Address, callback: Any, errback: Any, priority: int = 0) -> Request:
        """A conditional request, answered whatever its status."""
        conditions = {"If-None-Match": asked.etag, "If-Modified-Since": asked.last_modified}
        return Request(
            asked.url,
            callback=callback,
            errback=errback,
            headers={name: value for name, value in conditions.items() if value},
            priority=priority,
            dont_filter=True,
            cb_kwargs={"asked": asked},
            meta={"handle_httpstatus_list": EVERY_STATUS},
        )

    def parse_list(self, response: Response, asked: ListAddress) -> Iterator[Request]:
        """Hand on what a list names; go on with the further lists and the pages to fetch because of it."""
        self.heed(response)
        self._begun(response, asked)
        with time_limit(LIST_LIMIT):
            listing = self._listing(response, asked)
        yield from self.requests(self._hand_on_list(listing))

    def _begun(self, response: Response, asked: ListAddress | Address) -> None:
        """Leave word of what is read now."""
        if response.status == 200:
            with self._or_end():
                self.state.begun(self.run, asked.url)

    def _hand_on_list(self, listing: ListingRead) -> Due:
        """What follows from a list."""
        with self._or_end():
            return self.state.listing_read(listing)

    @contextmanager
    def _or_end(self) -> Iterator[None]:
        """End the crawl where nothing can be written down: what is left stays due."""
        try:
            yield
        except StateLost as error:
            self.lost = error.reason
            raise CloseSpider("state_lost") from error

    def _listing(self, response: Response, asked: ListAddress) -> ListingRead:
        read = ListingRead(self.run, asked.url, asked.kind, asked.depth, response.status)
        if response.status != 200:
            problem = "" if response.status == 304 else reason("http", status=response.status)
            return replace(read, problem=problem)
        if why := not_whole(response):  # it stays waiting: the listing has not ended
            return replace(read, status=0, problem=why)
        reader = READERS[asked.kind]
        try:
            listing = reader.read(response.body, response.url, content_type(response))
            articles = own_articles(listing, self.source, self.backfill)
            further = reader.further(listing, asked.depth, self.now(), self.backfill)
        except Exception as error:  # noqa: BLE001 - the problem of this list; the others go on
            self.fault = self.fault or failure_of(error)
            return replace(read, problem=failure_of(error))
        return replace(
            read,
            problem=listing.problem,
            title=listing.title,
            items=len(listing.links) + sum(listing.left_out.values()),
            left_out=listing.left_out,
            articles=tuple(articles),
            further=tuple(
                link for link in further if is_address(link.url) and self.owns(urlsplit(link.url).netloc)
            ),
            empty=asked.depth == 1 and not articles and not (listing.further and not listing.links),
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )

    def list_broke(self, failure: Failure) -> None:
        """A list did not answer."""
        if isinstance(failure.value, Stopping):
            return
        asked: ListAddress = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]
        self._list_failed(asked.url, explain(failure.value))

    def _list_failed(self, url: str, problem: str) -> None:
        self._hand_on_list(ListingRead(self.run, url, problem=problem))

    def parse_page(self, response: Response, asked: Address) -> Iterator[Item | Request]:
        """A page that answered: an outcome at once, an item for the stages, or the story's next page first."""
        self.heed(response)
        self._begun(response, asked)
        with time_limit():
            answer = read_response(response, self.source)
        if answer.outcome is not None:
            fetches = (fetch_of(response, asked.url, self.now()),) if asked.kept else ()
            end = PageEnded(self.run, asked.url, answer.outcome, answer.reason, fetches=fetches)
            self._end(end, response)
            return
        page = Page(answer.url, response.body, self.now(), content_type(response))
        yield self._next_page(response, PagedStory(asked, response, page)) or self._item(page, asked)

    def _next_page(self, response: Response, story: "PagedStory") -> Request | None:
        """A request for the page on which a story goes on, where it names what the source is read for."""
        number, kind = len(story.further) + 1, content_type(response)
        if number > paging.MOST:
            return None
        with time_limit():
            url = paging.next_page(response.body, kind, story.first.url, response.url, number)
        if url is None or not self.owns(urlsplit(url).netloc) or not self._is_wanted(story):
            return None
        return Request(
            url,
            callback=self.parse_further,
            errback=self.further_broke,
            dont_filter=True,
            priority=5,
            cb_kwargs={"story": story},
            meta={"handle_httpstatus_list": EVERY_STATUS},
        )

    def _is_wanted(self, story: "PagedStory") -> bool:
        """Whether the story may be kept at all: else its further pages are not asked for."""
        asked, page = story.asked, story.page
        if self.source.keep == "all" or asked.kept or asked.headline or asked.wanted:
            return True
        return raw_names(page.body, self.reader_pool.context.places.enough, page.content_type)

    def parse_further(self, response: Response, story: "PagedStory") -> Iterator[Item | Request]:
        """A further page of a story: on to the next, or the item of all of them."""
        self.heed(response)
        if why := further_missed(response):
            yield from self._without_further(story, why)
            return
        if response.status != 200:
            yield self._item(story.whole(), story.asked)
            return
        story.further.append((response.url, response.body))
        asked = response.request.url if response.request else response.url
        story.fetches.append(fetch_of(response, asked, self.now()))
        yield self._next_page(response, story) or self._item(story.whole(), story.asked)

    def further_broke(self, failure: Failure) -> Iterator[Item]:
        """A further page did not come; where robots.txt forbids it, the story is read as far as it may be."""
        story: PagedStory = failure.request.cb_kwargs["story"]  # type: ignore[attr-defined]
        if isinstance(failure.value, Stopping):
            return
        if isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, RobotsUnknown):
            yield self._item(story.whole(), story.asked)
        else:
            yield from self._without_further(story, explain(failure.value))

    def _without_further(self, story: "PagedStory", why: str) -> Iterator[Item]:
        """All of a story is asked for again; one that never came whole is read as far as it did."""
        if story.asked.tries >= PATIENCE and not story.asked.kept:
            yield self._item(story.whole(), story.asked)
        else:
            self._hand_on(PageEnded(self.run, story.asked.url, Outcome.FAILED, why))

    def _item(self, page: Page, asked: Address) -> Item:
        return item_of(
            page,
            self.source,
            keep="all" if asked.kept or asked.wanted else self.source.keep,
            hint=asked.hint,
            wanted=asked.wanted,
            read_whole=self.read < READ_WHOLE or asked.headline,
            alone=asked.alone,
        )

    def heed(self, response: Response) -> None:
        """Leave a source alone that asks for it, what was not visited stays due; and note what time it says."""
        self.silent = 0
        ahead = clock_ahead(response, self.now())
        if ahead is not None:
            host = urlsplit(response.url).netloc
            self.clocks[host] = max(ahead, self.clocks.get(host, ahead))
        if response.status in ASKING_FOR_REST:
            self.rest = response.status, header(response, "Retry-After")
            raise CloseSpider("resting")

    def page_broke(self, failure: Failure) -> None:
        """A page that did not answer; while robots.txt cannot be read, none is asked for and all stay due.

        Nor are more after several in a row of which the server said nothing: each takes long to be given up.
        """
        if isinstance(failure.value, Stopping):
            return
        if isinstance(failure.value, RobotsUnknown):
            self._list_failed(self.source.home, explain(failure.value))
            raise CloseSpider("finished")
        asked: Address = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]
        outcome = Outcome.ROBOTS if isinstance(failure.value, RobotsForbid) else Outcome.FAILED
        why = explain(failure.value)
        self._hand_on(PageEnded(self.run, asked.url, outcome, why))
        self.silent = self.silent + 1 if why in SILENT else 0
        if self.silent >= MOST_SILENT:
            self._list_failed(self.source.home, why)
            raise CloseSpider("silent")

    def callback_broke(self, failure: Failure, response: Response | Failure) -> None:
        """A fault of ours ended the work on a list or a page: it is told, and the others go on."""
        request: Request = response.request  # type: ignore[union-attr, assignment]
        self._broke(failure.value, request)

    def _broke(self, error: BaseException | None, request: Request) -> None:
        why = failure_of(error or RuntimeError())
        self.fault = self.fault or why
        story: PagedStory | None = request.cb_kwargs.get("story")
        asked: ListAddress | Address = story.asked if story else request.cb_kwargs["asked"]
        if isinstance(asked, ListAddress):
            self._list_failed(asked.url, why)
        else:
            self._hand_on(PageEnded(self.run, asked.url, Outcome.FAILED, why))

    def item_ended(self, item: Item, response: Response) -> None:
        """A page left the stages, read to its end or ended by one of them."""
        try:
            self._item_ended(item, response)
        except Exception as error:
            assert response.request is not None  # noqa: S101 - every response here was asked for
            self._broke(error, response.request)
            raise

    def _item_ended(self, item: Item, response: Response) -> None:
        self.read += not item.prefiltered
        named = any(mention.kind == "place" for mention in item.article.mentions)
        with time_limit():
            growing = may_grow(item, self.reader_pool.context, self.now())
        if not needs_raw_page(item.outcome, names_place=named):
            item.page = None
        story: PagedStory | None = response.cb_kwargs.get("story")
        asked: Address = story.asked if story else response.cb_kwargs["asked"]
        response = story.first if story else response
        fetches: tuple[Fetch, ...] = ()
        if item.page or asked.kept:
            at = item.page.fetched_at if item.page else self.now()
            fetches = (fetch_of(response, asked.url, at), *(story.fetches if story else ()))
        end = PageEnded(self.run, asked.url, item.outcome, item.reason, item, growing, fetches=fetches)
        self._end(end, response)

    def _end(self, page: PageEnded, response: Response) -> None:
        """Hand on the end of a page, with what the next conditional request needs."""
        self._hand_on(
            replace(
                page,
                status=response.status,
                size=len(response.body),
                etag=header(response, "ETag"),
                last_modified=header(response, "Last-Modified"),
            )
        )

    def _hand_on(self, page: PageEnded) -> None:
        """Hand on the end of a page; the crawl ends where that cannot be written down: what is left is due."""
        if self.lost:
            return
        try:
            self.state.page_ended(page)
        except StateLost as error:
            self.lost = error.reason
            deferred_from_coro(self.crawler.stop_async())  # a handler of a signal cannot raise CloseSpider

    def closed(self, reason: str) -> None:
        if self.run:
            with suppress(StateLost):
                why = self.lost or reason
                end = RunEnded(self.run, why, *self.rest, fault=self.fault, clocks=self.clocks)
                self.state.run_ended(end)
