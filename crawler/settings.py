"""Scrapy's settings for every crawl; what differs by source is set in :func:`for_source`."""

import os
from typing import Any

from crawler.sources import Source
from pipelines.item_pipelines import ITEM_PIPELINES as _STAGES

BOT_NAME = "diemtin"
SPIDER_LOADER_CLASS = "crawler.spiders.loader.SourceLoader"
SPIDER_MODULES = ["crawler.spiders"]
ITEM_PIPELINES: dict[Any, int] = _STAGES

USER_AGENT = "diemtin/0.1 (news archive; robots.txt honoured)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "diemtin"
COOKIES_ENABLED = False

CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 2  # one under way, one next: a crawl that is to stop waits for those in the line
DOWNLOAD_DELAY_JITTER = 0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
AUTOTHROTTLE_START_DELAY = 0
AUTOTHROTTLE_MAX_DELAY = 60.0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 12_000_000
DOWNLOAD_WARNSIZE = 0
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 3 * DOWNLOAD_MAXSIZE  # one large page that is read slowly holds up no other
REDIRECT_MAX_TIMES = 5
METAREFRESH_IGNORE_TAGS = ["script", "noscript", "template"]
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
DNS_TIMEOUT = 20
TWISTED_DNS_RESOLVER = "crawler.resolver.PublicResolver"
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # in the order of their turns
DOWNLOAD_HANDLERS = {
    "http": "crawler.downloads.handler.AnswerHandler",
    "https": "crawler.downloads.handler.AnswerHandler",
    **dict.fromkeys(["data", "file", "ftp", "s3"]),  # no link leads to files of this machine
}

DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.OwnHosts": 90,
    "crawler.middlewares.Robots": 100,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.middlewares.Signposts": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.Unpacking": 590,
}
EXTENSIONS: dict[str, int | None] = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.middlewares.Throttle": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.logstats.LogStats": None,
}
CONCURRENT_ITEMS = 1  # a page is one item; Scrapy starts that many tasks for every answer
WARN_ON_GENERATOR_RETURN_VALUE = False  # it reads the source of our callbacks anew for every answer
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
MEMUSAGE_ENABLED = False

LOG_LEVEL = os.environ.get("DIEMTIN_LOG", "ERROR")


def user_agent(contact: str) -> str:
    """An honest name, with the contact the config gives."""
    about = f"; {' '.join(contact.split())}" if contact else ""  # on one line, as headers are
    return f"diemtin/0.1 (news archive; robots.txt honoured{about})"


def for_source(source: Source, contact: str) -> dict[str, Any]:
    """What a source's spider sets for itself."""
    return {"DOWNLOAD_DELAY": source.delay, "USER_AGENT": user_agent(contact)}
