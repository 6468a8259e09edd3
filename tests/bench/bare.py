"""Bare Scrapy, to compare with: fetches the addresses of a file, a spider for each host, keeps nothing.

    python tests/bench/bare.py ADDRESSES DELAY [--read]

``--read`` hands every page to trafilatura as well, as a crawler must that wants the text.
"""

import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

SETTINGS: dict[str, Any] = {
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY_JITTER": 0,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
    "AUTOTHROTTLE_START_DELAY": 0,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "ERROR",
}


class Fetcher(Spider):
    """Fetches addresses and counts the pages."""

    name = "bare"

    def __init__(self, urls: list[str], read: bool, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.urls, self.read = urls, read

    async def start(self) -> AsyncIterator[Request]:
        for url in self.urls:
            yield Request(url, dont_filter=True)

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        text = trafilatura.extract(response.body, url=response.url) if self.read else ""
        yield {"url": response.url, "status": response.status, "length": len(text or "")}


def main() -> None:
    addresses, delay, *more = sys.argv[1:]
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in Path(addresses).read_text(encoding="ascii").split():
        by_host[urlsplit(url).netloc].append(url)
    process = CrawlerProcess(SETTINGS | {"DOWNLOAD_DELAY": float(delay)})
    for urls in by_host.values():
        process.crawl(Fetcher, urls=urls, read="--read" in more)
    process.start()


if __name__ == "__main__":
    main()
