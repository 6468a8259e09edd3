"""Scrapy's side of a lease: no request leaves once the hosts may be another's; crawl-delays are handed on."""

import os
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.cluster.hosts import LOST, HostLease
from crawler.downloads.handler import AnswerHandler
from crawler.middlewares import crawl_delay

_HANDLER = "crawler.cluster.leased.LeasedHandler"
SETTINGS: dict[str, dict[str, Any]] = {
    "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER},
    "EXTENSIONS": {"crawler.cluster.leased.HandedOnDelay": 0},
}


def lease_of(crawler: Crawler) -> HostLease:
    """The lease of a crawl."""
    spider: Any = crawler.spider
    lease: HostLease = spider.state.lease
    return lease


class LeasedHandler(AnswerHandler):
    """Ends the process before a request that the lease does not cover any more.

    Here, where a request leaves: before, it may wait for its delay, in a process that was stopped meanwhile.
    """

    async def download_request(self, request: Request) -> Response:
        if not lease_of(self.crawler).holds():
            os._exit(LOST)
        return await super().download_request(request)


class HandedOnDelay:
    """Lets the next worker know what robots.txt asks for."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.robots_parsed, signal=signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        if asked := crawl_delay(robotparser, self.crawler.settings["ROBOTSTXT_USER_AGENT"]):
            lease_of(self.crawler).note_delay(asked)
