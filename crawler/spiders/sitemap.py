"""Finds articles through sitemaps and the sitemaps that an index names."""

from collections.abc import Iterator
from datetime import timedelta

from scrapy import Request
from scrapy.http import Response

from archive.clock import HANOI
from crawler.listings import Link, Listing
from crawler.listings.backfill import dated
from crawler.listings.sitemap import read_sitemap
from crawler.spiders.listing import ListSpider
from crawler.state.listings import read_since

RECENT = timedelta(days=45)  # of a large index only the sitemaps changed since then are read
DEEPEST = 4  # an index of indexes of indexes ends here
SMALL_INDEX = 30  # sitemaps; an index up to this size is read whole


class SitemapSpider(ListSpider):
    """Reads every sitemap of the source."""

    def list_requests(self) -> Iterator[Request]:
        for url in self.addresses():
            yield self.list_request(url, self.parse_sitemap)
        yield from self.waiting_lists(self.parse_sitemap)
        yield from super().list_requests()

    def addresses(self) -> list[str]:
        """The sitemaps of today, or of every day to fill in; just after a change of month the last one too."""
        today = self.workspace.now().astimezone(HANOI).date()
        days = self.backfill.days() if self.backfill else (today, today - timedelta(days=1))
        return list(dict.fromkeys(dated(url, day) for day in days for url in self.source.sitemaps))

    def parse_sitemap(self, response: Response, depth: int = 1) -> Iterator[Request]:
        """A sitemap, or an index whose sitemaps are read in turn."""

        def changed(listing: Listing, new: int) -> list[Link]:
            return self.worth_reading(listing.further) if depth < DEEPEST else []

        yield from self.take_list(response, read_sitemap, changed, self.parse_sitemap, depth)

    def worth_reading(self, further: tuple[Link, ...]) -> list[Link]:
        """The sitemaps of an index that changed since they were read; of a large index only recent ones."""
        if self.backfill:
            return [link for link in further if self.backfill.may_hold(link.published_at, link.url)]
        oldest = self.workspace.now() - RECENT
        return [
            link
            for link in further
            if (len(further) <= SMALL_INDEX or link.published_at is None or link.published_at >= oldest)
            and not read_since(self.workspace.pages, link)
        ]
