"""One process that crawls: one reactor, one spider per source, alerts at the end; interrupts heeded throughout.

Scrapy is imported late: an interrupt is listened to from the first line on.
"""

import ctypes
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from archive.home import Held
from crawler.service.launcher import GRACE, PARENT

if TYPE_CHECKING:
    from scrapy.crawler import CrawlerProcess

    from crawler.listings.backfill import Backfill
    from crawler.sources import Source, Sources
    from crawler.workspace import Workspace

SPARE = 60.0  # seconds after which a crawl that overran its limit is ended, from outside and from within
DEAF = 120.0  # seconds in which no thread of Python comes to its turn: a loop in C holds all up
LOOKS = 10  # until it is told anew that it does
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
        _hear_once(number)
    return asked


def _hear_once(number: int) -> None:
    """Let the kernel end the process at the second signal: a loop in C never comes to Python's handler."""
    libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    if libc is None or not hasattr(libc, "sysv_signal"):
        return
    for function in (libc.signal, libc.sysv_signal):
        function.argtypes, function.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
    handler = libc.signal(number, None)  # Python's own, which notes the signal
    libc.sysv_signal(number, handler)  # set back to the default when it is called: sysv_signal(3)


def end_after(seconds: float) -> None:
    """End this process then, whatever it is at, and say where it stood; no interpreter is asked."""
    _Deadline.at = time.monotonic() + seconds
    faulthandler.dump_traceback_later(seconds, exit=True)


class _Deadline:
    """When this process is to have ended; there is one timer for this and for its heartbeat."""

    at = float("inf")

    @classmethod
    def within(cls, seconds: float) -> float:
        """So many seconds, or as many as are left."""
        return max(min(seconds, cls.at - time.monotonic()), _LOOK)


def follow_parent() -> None:
    """In a child of ``up``: be interrupted when the parent dies, even by kill -9, and later killed.

    A child that a loop in C makes deaf to that ends by itself; the timer for it asks no interpreter.
    """
    parent = os.environ.get(PARENT)
    if parent is not None:
        threading.Thread(target=_follow, args=(int(parent),), daemon=True).start()


def _follow(parent: int) -> None:
    looks = 0
    while os.getppid() == parent:
        if looks % LOOKS == 0:
            faulthandler.dump_traceback_later(_Deadline.within(DEAF), exit=True)
        looks += 1
        time.sleep(_LOOK)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(GRACE)
    os.killpg(os.getpid(), signal.SIGKILL)  # a child leads a group of its own, with its workers


def stop_when_asked(process: "CrawlerProcess", asked: threading.Event) -> None:
    """Look every half second whether the crawls of a process are to stop; one that does waits for no delay.

    Scrapy's own handlers lose an interrupt that comes before its engines run.
    """
    from scrapy.utils.asyncio import call_later
    from scrapy.utils.defer import deferred_from_coro

    from crawler.middlewares import drop_waiting

    if asked.is_set():
        for crawler in process.crawlers:
            if crawler.crawling and crawler.engine and crawler.engine.running:
                deferred_from_coro(crawler.stop_async())
    for crawler in process.crawlers:
        drop_waiting(crawler)
    call_later(_LOOK, stop_when_asked, process, asked)


def crawl(
    workspace: "Workspace",
    sources: Iterable["Source"],
    asked: threading.Event,
    limit: int = 0,
    backfill: "Backfill | None" = None,
) -> list[dict[str, Any]]:
    """Crawl the sources and return their runs as rows; a source that is being crawled elsewhere is left out.

    Once ``asked`` is set, or after ``limit`` seconds (0: none), no more pages are asked for; what is left stays
    due. ``backfill`` looks through the lists of the past too.
    Judge a run by its row, never by an exit code: Scrapy ends well when a site is dead.
    """
    from archive.digests.alerts import evaluate
    from crawler.state.local import LocalState
    from crawler.state.run_log import newest_run

    if limit:
        end_after(limit + SPARE + 2 * GRACE)
    with ExitStack() as locks:
        free = [source for source in sources if _take(locks, workspace, source)]
        state = LocalState(workspace)
        if free:
            run_spiders(
                free,
                workspace.sources,
                asked,
                limit,
                state=state,
                reader_pool=workspace.reader_pool,
                now=workspace.now,
                backfill=backfill,
            )
    if not state.lost:
        evaluate(workspace.archive, workspace.alerts, workspace.now())
    runs = [run for source in free if (run := newest_run(workspace, source.key))]
    return [run | _lost(state.lost.get(run["source"])) for run in runs]


def _lost(why: str | None) -> dict[str, str]:
    """How a run ended of which not all could be written down; its row may say that it is still running."""
    return {"state": "failed", "reason": why} if why else {}


def _take(locks: ExitStack, workspace: "Workspace", source: "Source") -> bool:
    try:
        locks.enter_context(workspace.home.lock(f"source-{source.key}"))
    except Held as error:
        click.echo(f"diemtin: {error}", err=True)
        return False
    return True


def run_spiders(
    sources: list["Source"],
    known: "Sources",
    asked: threading.Event,
    limit: int = 0,
    more: dict[str, dict[str, Any]] | None = None,
    **arguments: Any,
) -> None:
    """Run the spiders of some sources with these arguments until all have ended; ``more`` joins settings."""
    from scrapy.crawler import CrawlerProcess
    from scrapy.settings import Settings

    from crawler.resolver import SETTING, private_hosts
    from crawler.spiders.loader import spider_class

    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.set("CLOSESPIDER_TIMEOUT", limit)
    settings.set(SETTING, private_hosts(sources))
    for name, value in (more or {}).items():
        settings.set(name, settings.getdict(name) | value)
    process = CrawlerProcess(settings)
    for source in sources:
        process.crawl(spider_class(source, known), **arguments)
    stop_when_asked(process, asked)
    process.start(install_signal_handlers=False)
    if process.bootstrap_failed:
        raise RuntimeError("the crawl could not start: a pipeline or extension failed to load")
