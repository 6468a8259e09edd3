"""Pages read in worker processes: every stage but the store, with a time limit a page, both cores busy."""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from pebble import ProcessExpired, ProcessPool

from archive.clock import Clock, utc_now
from archive.places.gazetteer import load_places
from pipelines.classify.topics import load_topics
from pipelines.item import Context, Family, Item
from pipelines.stages import READING, run_stages

WORKERS = 2
INLINE = 120  # pages that are read in the crawl's own process: what two workers cost to start
LIMIT = 20.0  # seconds for one page
TASKS = 2000  # pages a worker reads before it is renewed; its memory stays flat (65 MB over as many real pages)
GARBAGE = 50_000  # new objects between two looks for cycles: a page makes many, and few cycles
_PR_SET_PDEATHSIG = 1

_context: Context | None = None


@dataclass(frozen=True, slots=True)
class ContextFiles:
    """What a worker needs to lay out a desk of its own."""

    places: Path
    topics: Path
    families: tuple[Family, ...] = ()

    def context(self, now: Clock = utc_now) -> Context:
        """The desk, read from the config files."""
        return Context(load_places(self.places), load_topics(self.topics), self.families, now=now)


@dataclass(slots=True)
class ReaderPool:
    """Reads a few pages in this process, many in workers, which start when they are needed."""

    context_files: ContextFiles
    context: Context
    limit: float = LIMIT
    inline: int = INLINE
    pool: ProcessPool | None = None
    given: int = 0

    def expect(self, pages: int) -> None:
        """So many pages are to come: more than are worth reading here go to the workers from the first."""
        if pages > self.inline:
            self.inline = 0

    def read(self, item: Item) -> Future[Item]:
        """The draft after the reading stages, as a new one; its outcome is set where the walk ended.

        The future raises what a stage raised.
        """
        self.given += 1
        if self.given <= self.inline:
            return _done(item, self.context)
        if self.pool is not None and not self.pool.active:
            self.close()
        if self.pool is None:
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPool(WORKERS, TASKS, _begin, (self.context_files, os.getpid()), context)
        told: Future[Item] = self.pool.schedule(_read, args=(item,), timeout=self.limit)
        return told

    def close(self) -> None:
        """End the workers; what they still read is given up."""
        if self.pool is not None:
            self.pool.stop()  # type: ignore[no-untyped-call]
            self.pool.join()
            self.pool = None


def failure(error: BaseException) -> str | None:
    """Why a worker gave a page up, None for an error of a stage."""
    if isinstance(error, TimeoutError):
        return "đọc trang quá lâu"
    if isinstance(error, ProcessExpired | BrokenProcessPool):
        return "tiến trình đọc trang bị ngắt"
    return None


def _done(item: Item, context: Context) -> Future[Item]:
    future: Future[Item] = Future()
    try:
        future.set_result(_walked(item, context))
    except Exception as error:  # noqa: BLE001 - handed on, as a worker's future does
        future.set_exception(error)
    return future


def _walked(item: Item, context: Context) -> Item:
    return run_stages(
        replace(item, article=replace(item.article), rule_missed=[], before=None), context, READING
    )


def _begin(context_files: ContextFiles, parent: int) -> None:
    """In a new worker: die with the parent, leave interrupts to it, and lay out a desk."""
    global _context
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    signal.signal(signal.SIGINT, _let_be)
    gc.set_threshold(GARBAGE)
    _context = context_files.context()


def _let_be(number: int, frame: FrameType | None) -> None:
    pass


def _read(item: Item) -> Item:
    """In a worker: the page itself does not travel back."""
    assert _context is not None  # noqa: S101 - set by the initializer
    read = _walked(item, _context)
    read.page = None
    return read
