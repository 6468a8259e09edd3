"""Finds articles through RSS and Atom feeds."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from crawler.listings.feed import read_feed
from crawler.spiders.listing import ListSpider


class FeedSpider(ListSpider):
    """Reads every feed of the source."""

    def list_requests(self) -> Iterator[Request]:
        for url in self.source.feeds:
            yield self.list_request(url, self.parse_feed)
        yield from super().list_requests()

    def parse_feed(self, response: Response) -> Iterator[Request]:
        yield from self.take_list(response, read_feed)
