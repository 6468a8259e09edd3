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
from crawler import frontier, rests
from crawler.again import draft_of
from crawler.answers import read_answer
from crawler.frontier import Address, Visit
from crawler.ledger import Ledger
from crawler.politeness import RobotsForbid, RobotsUnknown, explain
from crawler.shift import Shift, open_shift
from crawler.sources import Source
from crawler.span import Span
from pipelines.draft import Draft, Page
from pipelines.reading_mark import reading_mark

EVERY_STATUS = [304, *range(400, 600)]
READ_WHOLE = 5  # pages of a run that are read whatever they name: health needs some of every source
NO_ARTICLE = frozenset({Outcome.NOT_ARTICLE, Outcome.TOO_SHORT})
KEEP_RAW = frozenset({Outcome.STORED, Outcome.REVISED, Outcome.FAILED, Outcome.TOO_SHORT, Outcome.NOT_ARTICLE})


class PageSpider(Spider):
    """The base of the three; ``source`` is set by the class that the loader makes for each source."""

    source: ClassVar[Source]

    def __init__(self, shift: Shift, backfill: Span | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.shift, self.backfill = shift, backfill
        self.ledger = Ledger(shift, self.source)
        self.taken: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        if "shift" not in kwargs:  # `scrapy crawl KEY`
            opened = ExitStack()
            kwargs["shift"] = opened.enter_context(open_shift(Home.at(crawler.settings.get("DIEMTIN_HOME"))))
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
        self.ledger.open()
        rest = rests.resting(self.shift.pages, self.source.key, self.shift.now())
        if rest:
            self.ledger.rest(rest)
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
        due = frontier.due(self.shift.pages, self.source.key, self.shift.now())
        waiting = [address for address in due if address.url not in self.taken]
        self.shift.readers.expect(len(waiting))
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

    def parse_page(self, response: Response, address: Address) -> Iterator[Draft]:
        """A page that answered: an outcome at once, or a draft for the stages."""
        self.heed(response)
        answer = read_answer(response, self.source)
        visit = {
            "status": response.status,
            "size": len(response.body),
            "etag": header(response, "ETag"),
            "last_modified": header(response, "Last-Modified"),
        }
        if answer.outcome is not None:
            self._end(address, answer.outcome, answer.reason, **visit)
            return
        kept = [url for url in (answer.url, address.url) if is_kept(self.shift.archive, url)]
        url = kept[0] if kept else answer.url  # an article that moved stays the one it was, with its edits
        page = Page(url, response.body, self.shift.now(), content_type(response))
        draft = Draft(
            Article(url, self.source.key),
            page=page,
            rules=self.source.rules,
            keep="all" if kept else self.source.keep,
            hint=address.hint,
            outlet_name=self.source.name,
            read_whole=self.ledger.notes["read"] < READ_WHOLE,
            before=self._before(url) if kept else None,
        )
        draft.visit = {"address": address, **visit}
        yield draft

    def _before(self, url: str) -> Draft | None:
        """The page kept of an article where other rules read it than those of today."""
        if read_by(self.shift.archive, url) == reading_mark(self.source.rules, self.shift.desk.families):
            return None
        raw = newest_page(self.shift.pages, url)
        return replace(draft_of(raw, self.shift), keep="all") if raw else None

    def heed(self, response: Response) -> None:
        """Leave a source alone that asks for it; what was not visited stays due."""
        if response.status in rests.ASKING:
            asked = header(response, "Retry-After")
            self.ledger.rest(
                rests.begin(self.shift.pages, self.source.key, response.status, asked, self.shift.now())
            )
            raise CloseSpider("resting")

    def page_broke(self, failure: Failure) -> None:
        """A page that did not answer; while robots.txt cannot be read, none is asked for and all stay due."""
        if isinstance(failure.value, RobotsUnknown):
            self.ledger.list_failed(self.source.home, explain(failure.value))
            raise CloseSpider("finished")
        request: Request = failure.request  # type: ignore[attr-defined]
        address: Address = request.meta["address"]
        outcome = Outcome.ROBOTS if isinstance(failure.value, RobotsForbid) else Outcome.FAILED
        reason = "robots.txt không cho phép" if outcome is Outcome.ROBOTS else explain(failure.value)
        self._end(address, outcome, reason)

    def item_ended(self, item: Draft) -> None:
        """A draft left the stages, stored or ended on the way."""
        self._end_draft(item, item.outcome or Outcome.FAILED, item.reason)

    def item_broke(self, item: Draft, failure: Failure) -> None:
        """A stage broke on the page: it is kept raw, with the reason, and the crawl goes on."""
        self._end_draft(item, Outcome.FAILED, f"{type(failure.value).__name__}: {failure.value}"[:300])

    def _end_draft(self, draft: Draft, outcome: Outcome, reason: str) -> None:
        visit = dict(draft.visit)
        address: Address = visit.pop("address")
        if outcome in NO_ARTICLE and is_kept(self.shift.archive, draft.article.url):
            outcome, reason = Outcome.GONE, f"trang không còn là bài báo: {reason}"
        self._keep_raw(draft, outcome)
        self.ledger.read(draft)
        twin = draft.article.url != address.url
        self._end(address, outcome, reason, relevant=draft.article.relevant and not twin, **visit)

    def _keep_raw(self, draft: Draft, outcome: Outcome) -> None:
        """Pages that name the province are kept even when irrelevant, so that new rules can find them."""
        named = any(mention.kind == "place" for mention in draft.article.mentions)
        if draft.page is None or not (outcome in KEEP_RAW or named):
            return
        if outcome is Outcome.UNCHANGED and has_page(self.shift.pages, draft.page.url):
            return
        page = draft.page
        keep(
            self.shift.pages, RawPage(page.url, self.source.key, page.fetched_at, page.content_type, page.body)
        )

    def _end(self, address: Address, outcome: Outcome, reason: str, **visit: Any) -> None:
        now = self.shift.now()
        if outcome is Outcome.GONE:
            sources = self.shift.sources
            visit["relevant"] = missed(self.shift.archive, address.url, reason, now, sources.gone_after)
        elif outcome is Outcome.UNCHANGED and visit.get("status") == 304:
            visit["relevant"] = still_there(self.shift.archive, address.url, now)
        self.ledger.ended(Visit(address.url, outcome, reason, **visit))

    def closed(self, reason: str) -> None:
        self.ledger.close(reason)


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
