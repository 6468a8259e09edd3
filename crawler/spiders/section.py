"""Finds articles through section pages: only new links that look like articles are followed."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from crawler.lists.sections import read_section
from crawler.spiders.base import PageSpider


class SectionSpider(PageSpider):
    """Reads every section page of the source."""

    def list_requests(self) -> Iterator[Request]:
        for url in self.source.sections:
            yield self.list_request(url, self.parse_section)
        yield from super().list_requests()

    def parse_section(self, response: Response) -> Iterator[Request]:
        self.take_list(response, read_section)
        yield from self.new_pages()
