"""Pages read in worker processes: every stage but the store, with a time limit a page, both cores busy."""

import gc
import multiprocessing
import os
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from pebble import ProcessExpired, ProcessPool
from pebble.common.types import CONSTS

from archive.reasons import reason
from archive.workers import end_with
from pipelines.item import Context, ContextFiles, Item
from pipelines.stages import READING, run_stages

WORKERS = 2
INLINE = 120  # pages that are read in the crawl's own process: what two workers cost to start
LIMIT = 20.0  # seconds for one page
TASKS = 2000  # pages a worker reads before it is renewed; its memory stays flat (65 MB over as many real pages)
LOCK = 5.0  # seconds a worker waits for the common channel, held for a moment: later its holder is dead
GARBAGE = 50_000  # new objects between two collections of cycles: a page makes many, and few cycles

_context: Context | None = None


@dataclass(slots=True)
class ReaderPool:
    """Reads a few pages in this process, many in workers, which start when they are needed."""

    context_files: ContextFiles
    context: Context
    limit: float = LIMIT
    inline: int = INLINE
    lock: float = LOCK
    pool: ProcessPool | None = None
    given: int = 0

    def expect(self, pages: int) -> None:
        """So many pages are to come: more than are worth reading here go to the workers from the first."""
        if pages > self.inline:
            self.inline = 0

    def read(self, item: Item) -> Future[Item]:
        """The item after the reading stages, as a new one; its outcome is set where a stage ended the run.

        The future raises what a stage raised.
        """
        self.given += 1
        if self.given <= self.inline:
            return _done(item, self.context)
        if self.pool is not None and not self.pool.active:
            self.close()
        if self.pool is None:
            CONSTS.channel_lock_timeout = self.lock
            context = multiprocessing.get_context("spawn")
            beginning = (self.context_files, os.getpid(), self.lock)
            self.pool = ProcessPool(WORKERS, TASKS, _begin, beginning, context)
        read: Future[Item] = self.pool.schedule(_read, args=(item,), timeout=self.limit)
        return read

    def close(self) -> None:
        """End the workers; what they still read is given up."""
        if self.pool is not None:
            self.pool.stop()  # type: ignore[no-untyped-call]
            self.pool.join()
            self.pool = None


def failure(error: BaseException) -> str:
    """Why a page could not be read or stored: its reader was ended, or a stage broke on it."""
    if isinstance(error, TimeoutError):
        return reason("read_timeout")
    if isinstance(error, ProcessExpired | BrokenProcessPool):
        return reason("reader_lost")
    return reason("broken", error=f"{type(error).__name__}: {error}"[:300])


def _done(item: Item, context: Context) -> Future[Item]:
    future: Future[Item] = Future()
    try:
        future.set_result(_run(item, context))
    except Exception as error:  # noqa: BLE001 - handed on, as a worker's future does
        future.set_exception(error)
    return future


def _run(item: Item, context: Context) -> Item:
    return run_stages(replace(item, article=replace(item.article), rule_missed=[]), context, READING)


def _begin(context_files: ContextFiles, parent: int, lock: float) -> None:
    """In a new worker: die with the parent, leave interrupts to it, and load a context."""
    global _context
    end_with(parent)
    CONSTS.channel_lock_timeout = lock
    gc.set_threshold(GARBAGE)
    _context = context_files.load()


def _read(item: Item) -> Item:
    """In a worker: the page itself does not travel back."""
    assert _context is not None  # noqa: S101 - set by the initializer
    read = _run(item, _context)
    read.page = None
    return read
