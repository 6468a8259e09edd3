"""Pages read under a time limit: a few in the crawl itself, many in workers, slow ones beside all others."""

import asyncio
import gc
import multiprocessing
import os
from concurrent.futures import Future, InvalidStateError, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import InitVar, dataclass, field, replace
from functools import partial

from pebble import ProcessExpired, ProcessPool
from pebble.common.types import CONSTS

from archive.reasons import reason
from archive.workers import end_with
from pipelines.item import Context, ContextFiles, Item
from pipelines.stages import READING, fault, run_safely
from pipelines.time_limit import BUSY, HARD, LIMIT, time_limit

FIRST = 2.0  # seconds of a page at first; then it is read beside the others, with the whole limit
INLINE = 120  # pages that are read in the crawl's own process: what two workers cost to start
LARGE = 1_000_000  # bytes of a page that is not read there
WORKERS = 2
PATIENT = 3  # pages with the whole limit at once; more would outlast the crawl
TASKS = 2000  # pages a worker reads before it is renewed; its memory stays flat (65 MB over as many real pages)
STARTING = 30.0  # seconds that workers have to start
LOCK = 5.0  # seconds a worker waits for the common channel, held for a moment: later its holder is dead
GARBAGE = 50_000  # new objects between two collections of cycles: a page makes many, and few cycles
UNREAD = (ProcessExpired, BrokenProcessPool, TimeoutError)  # the page is slow, or ended its worker

_context: Context | None = None


@dataclass(slots=True)
class Readers:
    """Worker processes that read pages; they start when there is one to read, and anew when lost."""

    context_files: ContextFiles
    lock: float = LOCK
    count: int = WORKERS
    pool: ProcessPool | None = None
    waiting: set[Future[Item]] = field(default_factory=set)  # pages that they have, or that wait for them

    def read(self, item: Item, limit: float) -> Future[Item]:
        """The item to come; the future raises where it took longer than ``limit`` or its worker was lost."""
        if self.pool is not None and not self.pool.active:
            self.close()
        if self.pool is None:
            CONSTS.channel_lock_timeout = self.lock
            context = multiprocessing.get_context("spawn")
            beginning = (self.context_files, os.getpid(), self.lock)
            self.pool = ProcessPool(self.count, TASKS, _begin, beginning, context)
        read: Future[Item] = Future()
        self.waiting.add(read)
        read.add_done_callback(self.waiting.discard)
        given = self.pool.schedule(_read, args=(item, limit), timeout=limit * BUSY * HARD)
        given.add_done_callback(partial(_hand_on, read))
        return read

    def wait_for(self, item: Item, limit: float) -> Item:
        """As :meth:`ReaderPool.wait_for`, with new workers once where all were lost."""
        try:
            return self._wait_for(item, limit)
        except BrokenProcessPool:
            return self._wait_for(item, limit)

    def _wait_for(self, item: Item, limit: float) -> Item:
        read = self.read(item, limit)
        if not wait([read], self._patience(limit)).done:
            self._give_up(read)
        return replace(read.result(), page=item.page)

    async def awaited(self, item: Item, limit: float) -> Item:
        """As :meth:`wait_for`, without holding up anything else."""
        try:
            return await self._awaited(item, limit)
        except BrokenProcessPool:
            return await self._awaited(item, limit)

    async def _awaited(self, item: Item, limit: float) -> Item:
        read = self.read(item, limit)
        awaited = asyncio.wrap_future(read)
        done, _ = await asyncio.wait({awaited}, timeout=self._patience(limit))
        if not done:
            self._give_up(read)
        return replace(awaited.result(), page=item.page)

    def _patience(self, limit: float) -> float:
        """Seconds after which workers that end no page must be stopped ones: no limit is so long."""
        return STARTING + limit * BUSY * HARD * (1 + len(self.waiting))

    def _give_up(self, read: Future[Item]) -> None:
        """End workers that give no page back (someone stopped them)."""
        read.cancel()
        self.close()
        raise TimeoutError

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


@dataclass(slots=True)
class ReaderPool:
    """Reads a few pages in this process and many in workers, each for a short time at first.

    A page that needs longer, that ended its worker, or that ended a crawl (``alone``), goes to a worker of its
    own with the whole limit, beside the others.
    """

    context_files: ContextFiles
    context: Context
    limit: float = LIMIT
    first: float = FIRST
    inline: int = INLINE
    given: int = 0
    lock: InitVar[float] = LOCK
    quick: Readers = field(init=False)
    patient: Readers = field(init=False)

    def __post_init__(self, lock: float) -> None:
        self.quick, self.patient = Readers(self.context_files, lock), Readers(self.context_files, lock, 1)

    def expect(self, pages: int) -> None:
        """So many pages are to come: more than are worth reading here go to the workers from the first."""
        if pages > self.inline:
            self.inline = 0

    def wait_for(self, item: Item) -> Item:
        """The item after the reading stages, as a new one; its outcome is set where a stage ended the run.

        A stage that broke is ``failed``. Raises where a page took too long or a worker was lost.
        """
        with suppress(*UNREAD):
            return self.wait_shortly_for(item)
        return self._with_patience().wait_for(item, self.limit)

    def wait_shortly_for(self, item: Item) -> Item:
        """As :meth:`wait_for`; what is not read in a short time raises, whatever waits for it."""
        return self._here(item) or self.quick.wait_for(item, self.first)

    async def awaited(self, item: Item) -> Item:
        """As :meth:`wait_for`, without holding up anything else."""
        with suppress(*UNREAD):
            return self._here(item) or await self.quick.awaited(item, self.first)
        return await self._with_patience().awaited(item, self.limit)

    def _here(self, item: Item) -> Item | None:
        """The item read in this process; None where it belongs into a worker. Raises TimeoutError."""
        if item.alone:
            raise TimeoutError
        self.given += 1
        if self.given > self.inline or (item.page and len(item.page.body) > LARGE):
            return None
        return _run(item, self.context, self.first)

    def _with_patience(self) -> Readers:
        """The worker for a page that needs it; too many that wait for it would outlast the crawl."""
        if len(self.patient.waiting) >= PATIENT:
            raise TimeoutError
        return self.patient

    def close(self) -> None:
        """End the workers; what they still read is given up."""
        self.quick.close()
        self.patient.close()


def failure(error: BaseException) -> str:
    """Why a page could not be read or stored: its reader was ended, or a stage broke on it."""
    if isinstance(error, ProcessExpired | BrokenProcessPool):
        return reason("reader_lost")
    return fault(error)


def _run(item: Item, context: Context, limit: float) -> Item:
    """A copy of the item, read."""
    with time_limit(limit):
        return run_safely(replace(item, article=replace(item.article), rule_missed=[]), context, READING)


def _begin(context_files: ContextFiles, parent: int, lock: float) -> None:
    """In a new worker: die with the parent, leave interrupts to it, and load a context."""
    global _context
    end_with(parent)
    CONSTS.channel_lock_timeout = lock
    gc.set_threshold(GARBAGE)
    _context = context_files.load()


def _read(item: Item, limit: float) -> Item:
    """In a worker: the page itself does not travel back."""
    assert _context is not None  # noqa: S101 - set by the initializer
    read = _run(item, _context, limit)
    read.page = None
    return read
