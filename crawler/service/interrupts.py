"""Interrupts of a crawl: remembered from the first line on, answered as soon as the spiders can be stopped."""

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from crawler.service.launcher import GRACE, PARENT

if TYPE_CHECKING:
    from scrapy.crawler import CrawlerProcess

_LOOK = 0.5  # seconds between two looks


def listen() -> threading.Event:
    """From now on the first interrupt is only noted, in the event returned; a second one ends the process.

    Raised wherever Python stands, it is lost: imports, callbacks and Twisted swallow it.
    """
    asked = threading.Event()

    def note(number: int, _frame: Any) -> None:
        asked.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    return asked


def follow_parent() -> None:
    """In a child of ``up``: be interrupted when the parent dies, even by kill -9, and later killed."""
    parent = os.environ.get(PARENT)
    if parent is not None:
        threading.Thread(target=_follow, args=(int(parent),), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(GRACE)
    os.killpg(os.getpid(), signal.SIGKILL)  # a child leads a group of its own, with its workers


def stop_when_asked(process: "CrawlerProcess", asked: threading.Event) -> None:
    """Look every half second whether the crawls of a process are to stop.

    Scrapy's own handlers lose an interrupt that comes before its engines run.
    """
    from scrapy.utils.asyncio import call_later
    from scrapy.utils.defer import deferred_from_coro

    if asked.is_set():
        for crawler in process.crawlers:
            if crawler.crawling and crawler.engine and crawler.engine.running:
                deferred_from_coro(crawler.stop_async())
    call_later(_LOOK, stop_when_asked, process, asked)
