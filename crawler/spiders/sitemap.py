"""Finds articles through sitemaps and the sitemaps that an index names."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scrapy import Request
from scrapy.http import Response

from archive.clock import HANOI
from crawler.listbook import read_since
from crawler.lists import Link, Listing
from crawler.lists.sitemaps import read_sitemap
from crawler.spiders.base import ListSpider

RECENT = timedelta(days=45)  # of a large index only the sitemaps changed since then are read
DEEPEST = 4  # an index of indexes of indexes ends here
SMALL_INDEX = 30  # sitemaps; an index up to this size is read whole


class SitemapSpider(ListSpider):
    """Reads every sitemap of the source."""

    def list_requests(self) -> Iterator[Request]:
        for url in self.source.sitemaps:
            yield self.list_request(dated(url, self.shift.now()), self.parse_sitemap)
        yield from self.waiting_lists(self.parse_sitemap)
        yield from super().list_requests()

    def parse_sitemap(self, response: Response, depth: int = 1) -> Iterator[Request]:
        """A sitemap, or an index whose sitemaps are read in turn."""

        def changed(listing: Listing, new: int) -> list[Link]:
            return self.worth_reading(listing.further) if depth < DEEPEST else []

        yield from self.take_list(response, read_sitemap, changed, self.parse_sitemap, depth)

    def worth_reading(self, further: tuple[Link, ...]) -> list[Link]:
        """The sitemaps of an index that changed since they were read; of a large index only recent ones."""
        oldest = self.shift.now() - RECENT
        return [
            link
            for link in further
            if (len(further) <= SMALL_INDEX or link.published_at is None or link.published_at >= oldest)
            and not read_since(self.shift.pages, link)
        ]


def dated(url: str, now: datetime) -> str:
    """The address with ``{year}``, ``{month}`` (two digits), ``{month1}`` and ``{day}`` of today in Hà Nội."""
    today = now.astimezone(HANOI)
    return (
        url.replace("{year}", f"{today:%Y}")
        .replace("{month}", f"{today:%m}")
        .replace("{month1}", str(today.month))
        .replace("{day}", f"{today:%d}")
    )
