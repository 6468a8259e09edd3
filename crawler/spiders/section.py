"""Finds articles through section pages: only new links that look like articles are followed."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from crawler.listings import Link, Listing
from crawler.listings.section import read_section
from crawler.spiders.listing import ListSpider

DEEPEST = 20  # pages of one section in one run; an endless calendar ends here

DEEPEST_BACK = 300  # the same when filling in the past


class SectionSpider(ListSpider):
    """Reads every section page of the source, and the page after it where one named something new."""

    def list_requests(self) -> Iterator[Request]:
        for url in self.source.sections:
            yield self.list_request(url, self.parse_section)
        yield from self.waiting_lists(self.parse_section)
        yield from super().list_requests()

    def parse_section(self, response: Response, depth: int = 1) -> Iterator[Request]:
        def next_page(listing: Listing, new: int) -> list[Link]:
            more = depth < DEEPEST_BACK if self.backfill else new and depth < DEEPEST
            return list(listing.further) if more else []

        yield from self.take_list(response, read_section, next_page, self.parse_section, depth)
