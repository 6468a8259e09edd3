"""Bare Scrapy, to compare with: follows the links of a site from its first page, and keeps nothing.

    python tests/bench/follow.py ADDRESS AT_A_TIME

One at a time is as polite as our crawl is: it waits as long as the site took. Prints how many pages answered.
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
POLITE: dict[str, Any] = {
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY_JITTER": 0,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
    "AUTOTHROTTLE_START_DELAY": 0,
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
    pace = POLITE if at_a_time == "1" else {"CONCURRENT_REQUESTS_PER_DOMAIN": int(at_a_time)}
    process = CrawlerProcess(SETTINGS | pace)
    process.crawl(Follower, start_urls=[address])
    process.start()
    print(Follower.pages)


if __name__ == "__main__":
    main()
