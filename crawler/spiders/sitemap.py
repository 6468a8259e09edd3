"""Finds articles through sitemaps and the sitemaps that an index names."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scrapy import Request
from scrapy.http import Response

from archive.clock import HANOI, moment
from crawler.lists import Link
from crawler.lists.sitemaps import read_sitemap
from crawler.spiders.base import PageSpider

RECENT = timedelta(days=45)  # of a large index only the sitemaps changed since then are read
SMALL_INDEX = 30  # sitemaps; an index up to this size is read whole


class SitemapSpider(PageSpider):
    """Reads every sitemap of the source."""

    def list_requests(self) -> Iterator[Request]:
        for url in self.source.sitemaps:
            yield self.list_request(dated(url, self.shift.now()), self.parse_sitemap)
        yield from super().list_requests()

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        listing = self.take_list(response, read_sitemap)
        for link in self.worth_reading(listing.further):
            yield self.list_request(link.url, self.parse_sitemap)
        yield from self.new_pages()

    def worth_reading(self, further: tuple[Link, ...]) -> list[Link]:
        """The sitemaps of an index that changed since they were read; of a large index only recent ones."""
        oldest = self.shift.now() - RECENT
        return [
            link
            for link in further
            if (len(further) <= SMALL_INDEX or link.published_at is None or link.published_at >= oldest)
            and not self._read_since(link)
        ]

    def _read_since(self, link: Link) -> bool:
        row = self.shift.pages.execute("select fetched_at from lists where url = ?", [link.url]).fetchone()
        return bool(row and link.published_at and moment(row[0]) > link.published_at + timedelta(days=1))


def dated(url: str, now: datetime) -> str:
    """The address with ``{year}``, ``{month}`` (two digits), ``{month1}`` and ``{day}`` of today in Hà Nội."""
    today = now.astimezone(HANOI)
    return (
        url.replace("{year}", f"{today:%Y}")
        .replace("{month}", f"{today:%m}")
        .replace("{month1}", str(today.month))
        .replace("{day}", f"{today:%d}")
    )
