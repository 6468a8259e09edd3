"""Scrapy's side of a lease: no request leaves once the hosts may be another's; crawl-delays are handed on."""

import os
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler

from crawler.cluster.hosts import LOST, HostLease
from crawler.middlewares import crawl_delay

SETTINGS = {"crawler.cluster.leased.Leased": 95}  # before robots.txt is asked for


class Leased:
    """Ends the process before a request that the lease does not cover any more."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        leased = cls(crawler)
        crawler.signals.connect(leased.robots_parsed, signal=signals.robots_parsed)
        return leased

    @property
    def lease(self) -> HostLease:
        """The lease of this crawl."""
        spider: Any = self.crawler.spider
        lease: HostLease = spider.state.lease
        return lease

    def process_request(self, request: Request) -> None:
        if not self.lease.holds():
            os._exit(LOST)

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        if asked := crawl_delay(robotparser, self.crawler.settings["ROBOTSTXT_USER_AGENT"]):
            self.lease.note_delay(asked)
