"""Bulk on the workers' footing: pages that are kept or brought in are read there, and stored at home in order.

``reprocess`` and ``import`` use it in place of this machine.
"""

import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.home import Home
from archive.i18n import current
from archive.model import Outcome
from archive.reasons import reason
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerFault, make_groups, release
from crawler.cluster.config import load, publish
from crawler.cluster.wire import Foreign, PageRead, PageToRead, pack, read
from crawler.service.process import listen
from pipelines.item import Context, Item
from pipelines.pool import failure
from pipelines.stages import READING, run_safely

AT_ONCE = 2  # pages that a reader takes at once
IDLE = 60_000  # milliseconds after which a page that a dead reader had is read by another
GIVEN_UP = 3  # readers that ended over a page
QUIET = 3.0  # seconds without work after which a reader ends
LOOK = 1  # second that one look for results waits
PATIENCE = 600.0  # seconds without any result, after which the workers are taken for gone
RESULTS_STAY = 3600  # seconds
AHEAD = 64  # pages that are under way at a time
KNOWN = ("page", "rules", "keep", "outlet_name", "reprocessed", "copied", "wanted")  # of an item, at home


@contextmanager
def reading_there(broker: Broker, home: Home) -> Iterator[Callable[[Iterable[Item]], Iterator[Item]]]:
    """What reads items on the workers: it is given items and gives them back read, in their order.

    Raises BrokerFault where the broker cannot be used or no worker answers.
    """
    broker.check()
    with broker.faults():
        make_groups(broker.redis)
        readers = ClusterReaders(broker, publish(broker, home))
    try:
        yield readers.read_all
    finally:
        readers.close()


@dataclass(slots=True)
class ClusterReaders:
    """Hands pages to the workers, some ahead, and gives back what they read."""

    broker: Broker
    config: str
    batch: str = field(default_factory=lambda: uuid.uuid4().hex)
    sent: int = 0
    asked: dict[int, Item] = field(default_factory=dict)
    came: dict[int, Item] = field(default_factory=dict)

    def read_all(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items after the reading stages, in their order; ``AHEAD`` are under way at a time."""
        given = 0
        for item in items:
            self._send(item)
            if self.sent - given >= AHEAD:
                given += 1
                yield self._result(given)
        while given < self.sent:
            given += 1
            yield self._result(given)

    def _send(self, item: Item) -> None:
        self.sent += 1
        self.asked[self.sent] = item
        data = pack(PageToRead(self.batch, self.sent, self.config, release(), item))
        self.broker.insist(lambda: self.broker.redis.xadd(keys.UNREAD, {"m": data}), PATIENCE)

    def _result(self, number: int) -> Item:
        """What was read of one; waits for it."""
        key, until = keys.results_of(self.batch), time.monotonic() + PATIENCE
        while number not in self.came:
            if answer := self.broker.insist(lambda: self.broker.redis.blpop([key], LOOK), PATIENCE):
                self._take(read(answer[1], PageRead))
                until = time.monotonic() + PATIENCE
            elif time.monotonic() > until:
                raise BrokerFault(current()("cluster.no_worker", url=self.broker.name))
        return self.came.pop(number)

    def _take(self, result: PageRead) -> None:
        """One result; one that came before is let be. What we know of an item better is put in its place."""
        asked = self.asked.pop(result.number, None)
        if asked is None:
            return
        if result.item is None:
            self.came[result.number] = replace(asked, outcome=Outcome.FAILED, reason=result.failed)
            return
        article = replace(result.item.article, source=asked.article.source, states=())
        known = {name: getattr(asked, name) for name in KNOWN}
        self.came[result.number] = replace(result.item, article=article, article_id=None, **known)

    def close(self) -> None:
        """Forget what is left."""
        with suppress(BrokerFault), self.broker.faults():
            self.broker.redis.delete(keys.results_of(self.batch))


def read_pages(url: str, worker: str, folder: Path) -> None:
    """In a process of a worker: read pages until there are none for a while."""
    asked, broker = listen(), Broker(url)
    reader = PageReader(broker, worker, folder)
    quiet_since = time.monotonic()
    while not asked.is_set() and time.monotonic() < quiet_since + QUIET:
        with broker.faults():
            if reader.look():
                quiet_since = time.monotonic()


@dataclass(slots=True)
class PageReader:
    broker: Broker
    worker: str
    folder: Path
    contexts: dict[str, Context] = field(default_factory=dict)

    def look(self) -> int:
        redis = self.broker.redis
        left = redis.xautoclaim(keys.UNREAD, keys.WORKERS, self.worker, IDLE, "0", count=AT_ONCE)[1]
        came = left or redis.xreadgroup(keys.WORKERS, self.worker, {keys.UNREAD: ">"}, AT_ONCE, 500)
        entries = left or (came[0][1] if came else [])
        for entry, fields in entries:
            self._read(entry, fields.get(b"m", b"") if fields else b"", again=bool(left))
        return len(entries)

    def _read(self, entry: bytes, data: bytes, *, again: bool) -> None:
        batch = self.broker.redis.pipeline()
        with suppress(Foreign):
            unread = read(data, PageToRead)
            answer = self._answer(unread, lost=again and self._tries(entry) > GIVEN_UP)
            key = keys.results_of(unread.batch)
            batch.rpush(key, pack(answer)).expire(key, RESULTS_STAY)
        batch.xack(keys.UNREAD, keys.WORKERS, entry).xdel(keys.UNREAD, entry)
        batch.execute()

    def _tries(self, entry: bytes) -> int:
        found: list[dict[str, Any]] = self.broker.redis.xpending_range(
            keys.UNREAD, keys.WORKERS, entry, entry, 1
        )
        return int(found[0]["times_delivered"]) if found else 0

    def _answer(self, unread: PageToRead, *, lost: bool) -> PageRead:
        if lost:
            return PageRead(unread.number, failed=reason("reader_lost"))
        if unread.release != release():
            return PageRead(unread.number, failed=reason("other_release"))
        try:
            item = run_safely(unread.item, self._context(unread.config), READING)
        except Exception as error:  # noqa: BLE001 - the end of this page; the next ones go on
            return PageRead(unread.number, failed=failure(error))
        return PageRead(unread.number, item=replace(item, page=None))

    def _context(self, mark: str) -> Context:
        if mark not in self.contexts:
            self.contexts[mark] = load(self.broker, mark, self.folder / f"{mark}-{os.getpid()}").context
        return self.contexts[mark]
