"""Crawl some sources now, in this process: one reactor, one spider per source, alerts at the end."""

from collections.abc import Iterable
from contextlib import ExitStack
from threading import Event
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings

from archive.digests.alerts import evaluate
from archive.home import Held
from crawler import settings as module
from crawler.listings.backfill import Span
from crawler.resolver import SETTING, private_hosts
from crawler.service.interrupts import stop_when_asked
from crawler.sources import Source
from crawler.spiders.loader import spider_class
from crawler.state.run_log import newest_run
from crawler.workspace import Workspace


def crawl(
    workspace: Workspace, sources: Iterable[Source], asked: Event, limit: int = 0, backfill: Span | None = None
) -> list[dict[str, Any]]:
    """Crawl the sources and return their runs as rows; a source that is being crawled elsewhere is left out.

    Once ``asked`` is set, or after ``limit`` seconds (0: none), no more pages are asked for; what is left stays
    due. ``backfill`` looks through the lists of the past too.
    Judge a run by its row, never by an exit code: Scrapy ends well when a site is dead.
    """
    with ExitStack() as locks:
        free = [source for source in sources if _take(locks, workspace, source)]
        if free:
            _run(workspace, free, asked, limit, backfill)
    evaluate(workspace.archive, workspace.alerts, workspace.now())
    return [run for source in free if (run := newest_run(workspace, source.key))]


def _take(locks: ExitStack, workspace: Workspace, source: Source) -> bool:
    try:
        locks.enter_context(workspace.home.lock(f"source-{source.key}"))
    except Held:
        return False
    return True


def _run(workspace: Workspace, sources: list[Source], asked: Event, limit: int, backfill: Span | None) -> None:
    settings = Settings()
    settings.setmodule(module)
    settings.set("CLOSESPIDER_TIMEOUT", limit)
    settings.set(SETTING, private_hosts(sources))
    process = CrawlerProcess(settings)
    for source in sources:
        process.crawl(spider_class(source, workspace.sources), workspace=workspace, backfill=backfill)
    stop_when_asked(process, asked)
    process.start(install_signal_handlers=False)
    if process.bootstrap_failed:
        raise RuntimeError("the crawl could not start: a pipeline or extension failed to load")
