"""What every spider does with a list: ask conditionally, note new addresses and further lists, book it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.db import writing
from crawler import urls
from crawler.listings import Link, Listing
from crawler.listings.identity import another
from crawler.middlewares import explain
from crawler.spiders.page import EVERY_STATUS, PageSpider, conditions, content_type, header
from crawler.state import frontier, listings

Reader = Callable[[bytes, str, str], Listing]
Chooser = Callable[[Listing, int], list[Link]]


class ListSpider(PageSpider):
    """The base of the three kinds of lists."""

    def list_request(self, url: str, callback: Callable[..., Any], **arguments: Any) -> Request:
        """A list, asked for conditionally, before any page."""
        return Request(
            url,
            callback=callback,
            errback=self.list_broke,
            headers=conditions(*listings.conditions(self.workspace.pages, url)),
            priority=10,
            dont_filter=True,
            cb_kwargs=arguments,
            meta={"handle_httpstatus_list": EVERY_STATUS, "list": url},
        )

    def waiting_lists(self, callback: Callable[..., Any]) -> Iterator[Request]:
        """Ask for the further lists that an earlier run did not come to."""
        for url, depth in listings.waiting(self.workspace.pages, self.source.key, callback.__name__):
            yield self.list_request(url, callback, depth=depth)

    def take_list(
        self,
        response: Response,
        read: Reader,
        choose: Chooser | None = None,
        callback: Callable[..., Any] | None = None,
        depth: int = 1,
    ) -> Iterator[Request]:
        """Book a list; ask for the further lists chosen from it and for the pages it newly names."""
        url: str = response.meta["list"]
        self.heed(response)
        if self.backfill:
            self.run_log.fills_in_the_past()
        if response.status != 200:
            self._no_list(url, response.status)
            return
        listing = read(response.body, response.url, content_type(response))
        if listing.problem:
            listings.leave(self.workspace.pages, url)
            self.run_log.list_failed(url, listing.problem)
            return
        further = self._note(url, response, listing, choose, callback, depth)
        if callback:
            for link in further:
                yield self.list_request(link.url, callback, depth=depth + 1)
        yield from self.new_pages()

    def _no_list(self, url: str, status: int) -> None:
        if status < 500:
            listings.leave(self.workspace.pages, url)
        if status == 304:
            self.run_log.list_unchanged()
        else:
            self.run_log.list_failed(url, f"trả lời {status}")

    def _note(
        self,
        url: str,
        response: Response,
        listing: Listing,
        choose: Chooser | None,
        callback: Callable[..., Any] | None,
        depth: int,
    ) -> list[Link]:
        """In one transaction: the new addresses, the further lists that wait, and that this list was read."""
        db, key, now = self.workspace.pages, self.source.key, self.workspace.now()
        articles = self.own_articles(listing)
        empty = depth == 1 and not articles and not (listing.further and not listing.links)
        with writing(db):
            new = frontier.add(db, key, url, articles, now)
            further = [link for link in choose(listing, new) if self._own(link)] if choose else []
            if callback:
                listings.await_lists(db, key, further, callback.__name__, depth + 1)
            self._book(url, response, listing, empty)
        self.run_log.list_read(url, listing, new, empty=empty)
        return further

    def _book(self, url: str, response: Response, listing: Listing, empty: bool) -> None:
        """Note the list with what it is to be asked for next time.

        One that names no article, or answers with another channel, is asked for whole again: «304, unchanged»
        would hide that it still is so. The title of the right channel is kept to compare with.
        """
        pages, now = self.workspace.pages, self.workspace.now()
        before = listings.title(pages, url)
        if another(before, listing.title, self.source.name):
            other = self.run_log.other_channel(url, before, listing.title)
            listing, empty = (replace(listing, title=before), True) if other else (listing, empty)
        etag, modified = (
            (None, None) if empty else (header(response, "ETag"), header(response, "Last-Modified"))
        )
        listings.note(pages, self.source.key, url, listing, etag, modified, now)

    def _own(self, link: Link) -> bool:
        return urls.own_host(urlsplit(link.url).netloc, self.source) is not None

    def own_articles(self, listing: Listing) -> list[Link]:
        """The links that lead to articles of this source, under their canonical addresses, each once."""
        found: dict[str, Link] = {}
        for link in listing.links:
            address = urls.article_address(link.url, self.source)
            if self.backfill and not self.backfill.holds(link.published_at):
                continue
            if address and address not in found:
                found[address] = Link(address, link.title, link.published_at, link.summary)
        return list(found.values())

    def list_broke(self, failure: Failure) -> None:
        """A list did not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self.run_log.list_failed(request.meta["list"], explain(failure.value))
