"""Who else may answer a spider: a double in memory, and one that asks another process over its queues.

This module must not import what opens a database: the processes that crawl import it.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.queues import Queue
from pathlib import Path
from threading import Event
from typing import Any

import msgspec

from archive.clock import utc_now
from archive.home import Home
from archive.model import Article, Outcome
from crawler.listings.backfill import Backfill, list_addresses
from crawler.service.process import run_spiders
from crawler.sources import Sources, load_sources
from crawler.state.messages import Address, Due, ListAddress, ListingRead, PageEnded, RunEnded, State
from pipelines.item import ContextFiles, Hint
from pipelines.pool import ReaderPool

MESSAGES: dict[str, Any] = {
    "due": tuple[str, Backfill | None],
    "begun": tuple[int, str],
    "listing_read": tuple[ListingRead],
    "more": tuple[int],
    "page_ended": tuple[PageEnded],
    "run_ended": tuple[RunEnded],
}
ANSWERED = ("due", "listing_read", "more")


@dataclass
class MemoryState:
    """Keeps the state of a first crawl in dictionaries."""

    sources: Sources
    now: Callable[[], datetime]
    runs: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    articles: dict[str, Article] = field(default_factory=dict)
    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ended: list[RunEnded] = field(default_factory=list)

    def due(self, source: str, backfill: Backfill | None = None) -> Due:
        self.runs.append(source)
        lists = list_addresses(self.sources.by_key[source], self.now(), backfill)
        return Due(len(self.runs), tuple(ListAddress(url, kind) for kind, urls in lists for url in urls))

    def begun(self, run: int, url: str) -> None:
        pass

    def listing_read(self, listing: ListingRead) -> Due:
        links = [link for link in listing.articles if link.url not in self.named]
        further = listing.further if links or listing.kind == "sitemap" else ()
        self.named.update(link.url for link in links)
        return Due(
            listing.run,
            tuple(ListAddress(link.url, listing.kind, listing.depth + 1) for link in further),
            tuple(Address(link.url, Hint(link.title, link.published_at, link.summary)) for link in links),
        )

    def more(self, run: int) -> Due:
        return Due(run)

    def page_ended(self, page: PageEnded) -> None:
        self.outcomes[self.runs[page.run - 1]][page.outcome or self._store(page)] += 1

    def _store(self, page: PageEnded) -> Outcome:
        assert page.item is not None
        article = page.item.article
        text = (article.source, article.title, article.body)
        if any((one.source, one.title, one.body) == text for one in self.articles.values()):
            return Outcome.UNCHANGED
        self.articles[article.url] = article
        return Outcome.STORED

    def run_ended(self, run: RunEnded) -> None:
        self.ended.append(run)


@dataclass
class QueuedState:
    """Sends every message as bytes to another process, which has the state."""

    asked: "Queue[tuple[str, bytes]]"
    answers: "Queue[bytes]"

    def due(self, source: str, backfill: Backfill | None = None) -> Due:
        return self._ask("due", source, backfill)

    def begun(self, run: int, url: str) -> None:
        self._send("begun", run, url)

    def listing_read(self, listing: ListingRead) -> Due:
        return self._ask("listing_read", listing)

    def more(self, run: int) -> Due:
        return self._ask("more", run)

    def page_ended(self, page: PageEnded) -> None:
        self._send("page_ended", page)

    def run_ended(self, run: RunEnded) -> None:
        self._send("run_ended", run)

    def _send(self, verb: str, *values: Any) -> None:
        self.asked.put((verb, msgspec.msgpack.encode(values)))

    def _ask(self, verb: str, *values: Any) -> Due:
        self._send(verb, *values)
        return msgspec.msgpack.decode(self.answers.get(timeout=60), type=Due)


def serve(state: State, asked: "Queue[tuple[str, bytes]]", answers: "Queue[bytes]") -> None:
    """Answer another process until it says that it is done."""
    while (message := asked.get(timeout=120))[0] != "done":
        verb, encoded = message
        answer = getattr(state, verb)(*msgspec.msgpack.decode(encoded, type=MESSAGES[verb]))
        if verb in ANSWERED:
            answers.put(msgspec.msgpack.encode(answer))


def crawl_with(state: Any, home: Path) -> None:
    """Run all spiders in this process with nothing but the state given; it never opens a database."""
    known = load_sources(Home.at(home).config("sources.yml"))
    files = ContextFiles.of(Home.at(home), known.families)
    readers = ReaderPool(files, files.load())
    run_spiders(known.named([]), known, Event(), state=state, reader_pool=readers, now=utc_now)
    readers.close()
    assert "sqlite_utils" not in sys.modules, "the spider came upon a database"


def in_memory(home: Path, answers: Any) -> None:
    """In a process of its own, for a reactor starts once: crawl with the double and hand on what it has."""
    state = MemoryState(load_sources(Home.at(home).config("sources.yml")), utc_now)
    crawl_with(state, home)
    answers.put(msgspec.msgpack.encode((list(state.articles.values()), state.outcomes, len(state.ended))))


def over_queues(home: Path, asked: Any, answers: Any) -> None:
    """In a process of its own: crawl while another one has the state."""
    try:
        crawl_with(QueuedState(asked, answers), home)
    finally:
        asked.put(("done", b""))
