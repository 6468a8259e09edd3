"""Bulk on the workers' footing: pages that are kept or brought in are read there, and stored at home in order.

``reprocess`` and ``import`` use it in place of this machine. What a command asks for is a batch: while it runs
it shows a sign of life, and the pages of a batch without one are let be.
"""

import gc
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from archive.config import ConfigError
from archive.home import Home
from archive.i18n import current
from archive.model import Outcome
from archive.reasons import reason
from crawler.bulk import Begun, BulkReading
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerAway, BrokerFault, make_groups, release, take_left
from crawler.cluster.checks import checked_reading
from crawler.cluster.config import load, publish
from crawler.cluster.wire import Foreign, PageRead, PageToRead, pack, read
from crawler.service.process import listen
from pipelines.item import Context, Item
from pipelines.pool import GARBAGE, TASKS, failure
from pipelines.stages import READING, run_safely

LOOK = 1  # second that one look for results waits
PATIENCE = 600.0  # seconds without any result, after which the workers are taken for gone
AHEAD = 64  # pages of a command that are under way at a time
ALIVE = 60  # seconds after its last sign of life that a command is taken for ended
BEAT = 10.0  # seconds between two signs
FORGOTTEN = 3_600_000  # milliseconds after which a reader that has nothing is taken for ended
IDLE = 120_000  # milliseconds after which a page that a lost worker had is read by another; none takes so long
GIVEN_UP = 3  # readers that ended over a page
QUIET = 3.0  # seconds without work after which a reader ends
BLOCK = 500  # milliseconds that its look for a page waits
GIVING = 20.0  # seconds that it tries to give back what it read
RESULTS_STAY = 600  # seconds
LEFT = "left"  # the consumer that has what dead readers had
T = TypeVar("T")

# The pages of batches whose commands ended, off the stream.
_SWEEP = """
for _, entry in ipairs(redis.call('xrange', KEYS[1], '-', '+')) do
  local fields = {}
  for at = 1, #entry[2], 2 do fields[entry[2][at]] = entry[2][at + 1] end
  if redis.call('exists', ARGV[2] .. (fields['b'] or '')) == 0 then
    redis.call('xack', KEYS[1], ARGV[1], entry[1])
    redis.call('xdel', KEYS[1], entry[1])
  end
end"""


@contextmanager
def reading_there(
    broker: Broker, home: Home, tell: Callable[[str], None], patience: float = PATIENCE
) -> Iterator[BulkReading]:
    """The workers as readers; ``tell`` is given a line for whoever runs the command.

    Raises BrokerFault where the broker cannot be used, its keeper is of another release, or no worker gives
    anything back for ``patience`` seconds.
    """
    broker.check()
    with broker.faults():
        make_groups(broker.redis)
        _check_release(broker)
        _sweep(broker)
        readers = ClusterReaders(broker, publish(broker, home), tell, patience)
    try:
        yield BulkReading(readers.begin, AHEAD)
    finally:
        readers.close()


def _check_release(broker: Broker) -> None:
    """Workers are of the release of their keeper: they would read no page of another one."""
    keeper = broker.redis.get(keys.KEEPER_RELEASE)
    if keeper is not None and keeper.decode() != release():
        raise BrokerFault(current()("cluster.release", keeper=keeper.decode(), worker=release()))


def _sweep(broker: Broker) -> None:
    """Clear what ended commands and readers left on the broker."""
    broker.redis.eval(_SWEEP, 1, keys.UNREAD, keys.WORKERS, keys.batch(""))
    for consumer in broker.redis.xinfo_consumers(keys.UNREAD, keys.WORKERS):
        if not consumer["pending"] and consumer["idle"] > FORGOTTEN:
            broker.redis.xgroup_delconsumer(keys.UNREAD, keys.WORKERS, consumer["name"])


@dataclass(slots=True, weakref_slot=True)
class _Sent:
    """An item that workers have; who gave it drops it when it is no longer wanted."""

    number: int
    item: Item
    read: Item | None = None


@dataclass(slots=True)
class ClusterReaders:
    """Hands pages to the workers and takes what they read of them."""

    broker: Broker
    config: str
    tell: Callable[[str], None]
    patience: float = PATIENCE
    batch: str = field(default_factory=lambda: uuid.uuid4().hex)
    numbered: int = 0
    beat_at: float | None = None
    sent: "WeakValueDictionary[int, _Sent]" = field(default_factory=WeakValueDictionary)

    def begin(self, item: Item) -> Begun:
        """Send an item; what waits for it read."""
        self._beat()
        self.numbered += 1
        sent = self.sent[self.numbered] = _Sent(self.numbered, item)
        self._send(sent)
        return partial(self._result, sent)

    def _send(self, sent: _Sent) -> None:
        try:
            data = pack(PageToRead(self.config, sent.item))
        except UnicodeError as error:  # halves of characters do not travel
            sent.read = replace(sent.item, outcome=Outcome.FAILED, reason=failure(error))
            return
        entry = {"b": self.batch, "n": sent.number, "r": release(), "m": data}
        self._insist(lambda: self.broker.redis.xadd(keys.UNREAD, entry))

    def _result(self, sent: _Sent) -> Item:
        """What was read of one; waits for it."""
        key, until = keys.results_of(self.batch), time.monotonic() + self.patience
        while sent.read is None:
            self._beat()
            if answer := self._insist(lambda: self.broker.redis.blpop([key], LOOK)):
                self._take(answer[1])
                until = time.monotonic() + self.patience
            elif time.monotonic() > until:
                raise BrokerFault(current()("cluster.no_worker", url=self.broker.name))
        return sent.read

    def _take(self, data: bytes) -> None:
        """One result; one that came before, or that nobody waits for any more, is let be."""
        try:
            result = read(data, PageRead)
        except Foreign as error:
            self.tell(current()("cluster.foreign", why=error))
            return
        sent = self.sent.get(result.number)
        if sent is not None and sent.read is None:
            sent.read = self._read(sent.item, result)

    def _read(self, asked: Item, result: PageRead) -> Item:
        why = result.failed
        if result.item is not None:
            try:
                return checked_reading(result.item, asked)
            except Foreign as error:
                self.tell(current()("cluster.foreign", why=error))
                why = reason("foreign_message")
        return replace(asked, outcome=Outcome.FAILED, reason=why)

    def _beat(self) -> None:
        """Show that somebody waits; what was let be because there was no sign for long is sent once more."""
        now = time.monotonic()
        if self.beat_at is not None and now < self.beat_at + BEAT:
            return
        self.beat_at = now
        key = keys.batch(self.batch)
        if self._insist(lambda: self.broker.redis.expire(key, ALIVE)):
            return
        self._insist(lambda: make_groups(self.broker.redis))
        self._insist(lambda: self.broker.redis.set(key, 1, ex=ALIVE))
        for sent in list(self.sent.values()):
            if sent.read is None:
                self._send(sent)

    def _insist(self, work: Callable[[], T]) -> T:
        return self.broker.insist(work, self.patience, self.tell)

    def close(self) -> None:
        """Nobody waits any more: what is left is let be."""
        with suppress(BrokerFault), self.broker.faults():
            self.broker.redis.delete(keys.batch(self.batch), keys.results_of(self.batch))
            _sweep(self.broker)


def read_pages(url: str, worker: str, folder: Path) -> None:
    """Read pages until there are none for a while, or many were read: memory stays flat."""
    asked, broker = listen(), Broker(url)
    gc.set_threshold(GARBAGE)
    reader = PageReader(broker, reader_name(worker, os.getpid()), folder)
    pages, quiet_since = 0, time.monotonic()
    while not asked.is_set() and pages < TASKS and time.monotonic() < quiet_since + QUIET:
        with broker.faults():
            if reader.look():
                pages, quiet_since = pages + 1, time.monotonic()


def reader_name(worker: str, process: int) -> str:
    """As which consumer a reader takes pages."""
    return f"{worker}-{process}"


def give_back(redis: Any, name: str) -> None:
    """After the end of a reader: the page that it had is free for the next one at once."""
    for entry in redis.xpending_range(keys.UNREAD, keys.WORKERS, "-", "+", 10, name):
        redis.xclaim(keys.UNREAD, keys.WORKERS, LEFT, 0, [entry["message_id"]], idle=IDLE, justid=True)
    redis.xgroup_delconsumer(keys.UNREAD, keys.WORKERS, name)


@dataclass(slots=True)
class PageReader:
    """Reads one page after the other, each with the config it came with."""

    broker: Broker
    name: str
    folder: Path
    contexts: dict[str, Context] = field(default_factory=dict)

    def look(self) -> int:
        """Read the next page, one that a dead reader left before all others; how many it was."""
        redis = self.broker.redis
        left = take_left(redis, keys.UNREAD, self.name, IDLE)
        came = redis.xreadgroup(keys.WORKERS, self.name, {keys.UNREAD: ">"}, 1, BLOCK) if not left else []
        entries = left or (came[0][1] if came else [])
        for entry, fields in entries:
            self._read(entry, fields or {}, again=bool(left))
        return len(entries)

    def _read(self, entry: bytes, fields: dict[bytes, bytes], *, again: bool) -> None:
        """One page: read, answered, taken off; one that nobody waits for is let be."""
        batch = fields.get(b"b", b"").decode(errors="replace")
        answer = None
        if self.broker.redis.exists(keys.batch(batch)):
            answer = self._answer(fields, lost=again and self._tries(entry) > GIVEN_UP)

        def give() -> None:
            work = self.broker.redis.pipeline()
            if answer is not None:
                work.rpush(keys.results_of(batch), answer).expire(keys.results_of(batch), RESULTS_STAY)
            work.xack(keys.UNREAD, keys.WORKERS, entry).xdel(keys.UNREAD, entry)
            work.execute()

        self.broker.insist(give, GIVING)

    def _tries(self, entry: bytes) -> int:
        found: list[dict[str, Any]] = self.broker.redis.xpending_range(
            keys.UNREAD, keys.WORKERS, entry, entry, 1
        )
        return int(found[0]["times_delivered"]) if found else 0

    def _answer(self, fields: dict[bytes, bytes], *, lost: bool) -> bytes | None:
        """What is said of a page; None where it has no number under which anything could be."""
        number = fields.get(b"n", b"")
        if not number.isdigit():
            return None
        if lost:
            return pack(PageRead(int(number), failed=reason("reader_lost")))
        if fields.get(b"r", b"").decode(errors="replace") != release():
            return pack(PageRead(int(number), failed=reason("other_release")))
        try:
            return pack(self._page_read(int(number), read(fields.get(b"m", b""), PageToRead)))
        except BrokerAway:
            raise
        except Foreign:
            return pack(PageRead(int(number), failed=reason("foreign_message")))
        except (BrokerFault, ConfigError, UnicodeError) as error:
            return pack(PageRead(int(number), failed=failure(error)))

    def _page_read(self, number: int, unread: PageToRead) -> PageRead:
        item = run_safely(unread.item, self._context(unread.config), READING)
        return PageRead(number, item=replace(item, page=None))

    def _context(self, mark: str) -> Context:
        if mark not in self.contexts:
            with self.broker.faults():
                config = load(self.broker, mark, self.folder / f"{mark}-{os.getpid()}")
            self.contexts[mark] = config.context
        return self.contexts[mark]
