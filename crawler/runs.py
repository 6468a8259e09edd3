"""Crawl some sources now, in this process: one reactor, one spider per source, alerts at the end."""

from collections.abc import Iterable
from contextlib import ExitStack
from threading import Event
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings

from archive.alerts import evaluate
from archive.home import Held
from crawler import settings as module
from crawler.interrupts import stop_when_asked
from crawler.ledger import newest_run
from crawler.resolver import SETTING, private_hosts
from crawler.shift import Shift
from crawler.sources import Source
from crawler.span import Span
from crawler.spiders.loader import spider_class


def crawl(
    shift: Shift, sources: Iterable[Source], asked: Event, limit: int = 0, backfill: Span | None = None
) -> list[dict[str, Any]]:
    """Crawl the sources and return their runs as rows; a source that is being crawled elsewhere is left out.

    Once ``asked`` is set, or after ``limit`` seconds (0: none), no more pages are asked for; what is left stays
    due. ``backfill`` looks through the lists of the past too.
    Judge a run by its row, never by an exit code: Scrapy ends well when a site is dead.
    """
    with ExitStack() as locks:
        free = [source for source in sources if _take(locks, shift, source)]
        if free:
            _run(shift, free, asked, limit, backfill)
    evaluate(shift.archive, shift.alerts, shift.now())
    return [run for source in free if (run := newest_run(shift, source.key))]


def _take(locks: ExitStack, shift: Shift, source: Source) -> bool:
    try:
        locks.enter_context(shift.home.lock(f"source-{source.key}"))
    except Held:
        return False
    return True


def _run(shift: Shift, sources: list[Source], asked: Event, limit: int, backfill: Span | None) -> None:
    settings = Settings()
    settings.setmodule(module)
    settings.set("CLOSESPIDER_TIMEOUT", limit)
    settings.set(SETTING, private_hosts(sources))
    process = CrawlerProcess(settings)
    for source in sources:
        process.crawl(spider_class(source, shift.sources), shift=shift, backfill=backfill)
    stop_when_asked(process, asked)
    process.start(install_signal_handlers=False)
    if process.bootstrap_failed:
        raise RuntimeError("the crawl could not start: a pipeline or extension failed to load")
