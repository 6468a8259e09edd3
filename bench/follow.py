"""Bare Scrapy, to compare with: follows the links of a site from its first page, and keeps nothing.

    python bench/follow.py ADDRESS REQUESTS_AT_A_TIME

Prints how many pages answered.
"""

import sys
from collections.abc import Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response, TextResponse
from scrapy.linkextractors import LinkExtractor

SETTINGS: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_LEVEL": "ERROR",
}


class Follower(Spider):
    """Asks for every article that a page of the site links to."""

    name = "follow"
    pages = 0
    links = LinkExtractor(allow=(r"/muc/\d+$", r"/bai-viet/"))

    def parse(self, response: Response) -> Iterator[Request]:
        type(self).pages += 1
        links = self.links.extract_links(response) if isinstance(response, TextResponse) else []
        for link in links:
            yield Request(link.url)


def main() -> None:
    address, at_a_time = sys.argv[1:]
    process = CrawlerProcess(SETTINGS | {"CONCURRENT_REQUESTS_PER_DOMAIN": int(at_a_time)})
    process.crawl(Follower, start_urls=[address])
    process.start()
    print(Follower.pages)


if __name__ == "__main__":
    main()
