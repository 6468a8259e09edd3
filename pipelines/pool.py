"""Pages read in worker processes: every stage but the store, with a time limit a page, both cores busy."""

import asyncio
import gc
import multiprocessing
import os
from concurrent.futures import Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from pebble import ProcessExpired, ProcessPool
from pebble.common.types import CONSTS

from archive.reasons import reason
from archive.workers import end_with
from pipelines.item import Context, ContextFiles, Item
from pipelines.stages import READING, fault, run_safely
from pipelines.time_limit import HARD, LIMIT, OverLimit, time_limit

WORKERS = 2
INLINE = 120  # pages that are read in the crawl's own process: what two workers cost to start
TASKS = 2000  # pages a worker reads before it is renewed; its memory stays flat (65 MB over as many real pages)
STARTING = 30.0  # seconds that workers have to start
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
    waiting: set[Future[Item]] = field(default_factory=set)  # pages that workers have, or that wait for them

    def expect(self, pages: int) -> None:
        """So many pages are to come: more than are worth reading here go to the workers from the first."""
        if pages > self.inline:
            self.inline = 0

    def read(self, item: Item) -> Future[Item]:
        """The item after the reading stages, as a new one; its outcome is set where a stage ended the run.

        A stage that broke is ``failed``. The future raises where a worker took too long or was lost, and
        BrokenProcessPool where all were: whoever waits with :meth:`wait_for` or :meth:`awaited` gets new ones.
        """
        self.given += 1
        if self.given <= self.inline:
            return _done(item, self.context, self.limit)
        if self.pool is not None and not self.pool.active:
            self.close()
        if self.pool is None:
            CONSTS.channel_lock_timeout = self.lock
            context = multiprocessing.get_context("spawn")
            beginning = (self.context_files, os.getpid(), self.lock)
            self.pool = ProcessPool(WORKERS, TASKS, _begin, beginning, context)
        read: Future[Item] = Future()
        self.waiting.add(read)
        read.add_done_callback(self.waiting.discard)
        given = self.pool.schedule(_read, args=(item,), timeout=self.limit * HARD)
        given.add_done_callback(partial(_hand_on, read))
        return read

    def wait_for(self, item: Item) -> Item:
        """As :func:`read`, waiting for the item; with new workers once where all were lost."""
        try:
            return self.read(item).result(self.patience)
        except BrokenProcessPool:
            return self.read(item).result(self.patience)

    async def awaited(self, item: Item) -> Item:
        """As :func:`wait_for`; workers that give no page back (someone stopped them) are ended."""
        try:
            return await self._awaited(item)
        except BrokenProcessPool:
            return await self._awaited(item)

    async def _awaited(self, item: Item) -> Item:
        read = asyncio.wrap_future(self.read(item))
        await asyncio.wait({read}, timeout=self.patience)
        if not read.done():
            read.cancel()
            self.close()
            raise TimeoutError
        return read.result()

    @property
    def patience(self) -> float:
        """Seconds after which workers that end no page must be stopped ones: no limit is so long."""
        return STARTING + self.limit * HARD * (1 + len(self.waiting))

    def close(self) -> None:
        """End the workers; what they still read is given up, and nobody waits for it any more."""
        for read in list(self.waiting):
            with suppress(InvalidStateError):
                read.set_exception(BrokenProcessPool("the workers were ended"))
        if self.pool is not None:
            self.pool.stop()  # type: ignore[no-untyped-call]
            self.pool.join()
            self.pool = None


def _hand_on(read: Future[Item], given: Future[Item]) -> None:
    """Give on what a worker made of a page, unless the page was given up meanwhile."""
    with suppress(InvalidStateError):
        if given.cancelled():
            read.cancel()
        elif error := given.exception():
            read.set_exception(error)
        else:
            read.set_result(given.result())


def failure(error: BaseException) -> str:
    """Why a page could not be read or stored: its reader was ended, or a stage broke on it."""
    if isinstance(error, ProcessExpired | BrokenProcessPool):
        return reason("reader_lost")
    return fault(error)


def _done(item: Item, context: Context, limit: float) -> Future[Item]:
    future: Future[Item] = Future()
    try:
        with time_limit(limit):
            future.set_result(_run(item, context))
    except OverLimit as error:
        future.set_exception(OverLimit(*error.args))  # the one that was raised holds the page
    return future


def _run(item: Item, context: Context) -> Item:
    return run_safely(replace(item, article=replace(item.article), rule_missed=[]), context, READING)


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
