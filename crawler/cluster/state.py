"""The state of the sources as a worker sees it: the spiders' verbs, sent home to the keeper.

What must be answered waits for the answer; the end of a page is sent and forgotten: the keeper takes it off the
stream once it is written down. Where the keeper is slow the stream is full, and the worker waits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from archive.model import Outcome
from archive.reasons import reason
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerFault
from crawler.cluster.hosts import HostLease
from crawler.cluster.jobs import STAYS
from crawler.cluster.wire import (
    DueCall,
    Envelope,
    Foreign,
    KeeperAnswer,
    ListingCall,
    MoreCall,
    PageCall,
    RunCall,
    Verb,
    pack,
    read,
)
from crawler.listings.backfill import Backfill
from crawler.state.messages import Due, ListingRead, PageEnded, RunEnded, StateLost
from pipelines.pool import failure

MOST_WAITING = 300  # messages that come home and wait; then workers wait
PATIENCE = 300.0  # seconds that the broker may be away, or the keeper busy, before a crawl is given up
WAIT = 0.05  # seconds between two attempts to put a message on a full stream
LOOK = 2  # seconds that one look for an answer waits
ASKED_AGAIN = 30.0  # seconds after which a call is sent again: the broker may have lost it

# Answers the length of the stream where it is full.
_SEND = """
local length = redis.call('xlen', KEYS[1])
if length >= tonumber(ARGV[1]) then return length end
redis.call('xadd', KEYS[1], '*', 'm', ARGV[2])
return -1"""


@dataclass(slots=True)
class ClusterState:
    """The verbs of one job's crawl, as :class:`crawler.state.messages.State` has them."""

    broker: Broker
    job: str
    lease: HostLease
    source: str = ""
    asked: set[str] = field(default_factory=set)  # pages that were handed out: the keeper may forget that
    calls: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    def due(self, source: str, backfill: Backfill | None = None) -> Due:
        """Begin a run."""
        self.source = source
        return self._ask(DueCall(source, backfill))

    def begun(self, run: int, url: str) -> None:
        """Leave word of what is being read."""
        key = keys.at_hand(self.source)
        self._insist(lambda: self.broker.redis.sadd(key, url.encode(errors="replace")))
        self._insist(lambda: self.broker.redis.expire(key, STAYS))

    def _read(self, url: str) -> None:
        """Nothing that was read ended this process."""
        self._insist(lambda: self.broker.redis.srem(keys.at_hand(self.source), url.encode(errors="replace")))

    def listing_read(self, listing: ListingRead) -> Due:
        """Note what a list named; what to fetch because of it."""
        self._read(listing.url)
        return self._ask(ListingCall(listing))

    def more(self, run: int) -> Due:
        """The next pages."""
        return self._ask(MoreCall(run))

    def page_ended(self, page: PageEnded) -> None:
        """Send home how a page ended; one with text that cannot travel has failed."""
        self._read(page.url)
        try:
            self._send(PageCall(page))
        except (UnicodeError, Foreign) as error:
            self._send(PageCall(PageEnded(page.run, page.url, Outcome.FAILED, failure(error))))

    def run_ended(self, run: RunEnded) -> None:
        """Close the run."""
        self._ask(RunCall(run))

    def _ask(self, verb: Verb) -> Due:
        """Send a verb and wait for its answer; it is the same whether the keeper is asked once or twice."""
        call = f"{self.job}:{self.lease.claim}:{self.calls()}"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self._send(verb, call)
            again = time.monotonic() + ASKED_AGAIN
            while time.monotonic() < again:
                if answer := self._insist(lambda: self.broker.redis.blpop([keys.reply_to(call)], LOOK)):
                    return self._due(answer[1])
        raise StateLost(reason("keeper_away"))

    def _due(self, answer: bytes) -> Due:
        reply = read(answer, KeeperAnswer)
        if reply.lost or reply.due is None:
            raise StateLost(reply.lost or reason("keeper_away"))
        pages = tuple(page for page in reply.due.pages if page.url not in self.asked)
        self.asked.update(page.url for page in pages)
        return replace(reply.due, pages=pages)

    def _send(self, verb: Verb, call: str = "") -> None:
        """Put a message on the stream that goes home; wait while it is full."""
        data = pack(Envelope(self.job, self.lease.claim, verb, call))
        until, waited = time.monotonic() + PATIENCE, False
        while self._insist(lambda: self.broker.redis.eval(_SEND, 1, keys.HOME, MOST_WAITING, data)) >= 0:
            if not waited:
                waited = bool(self._insist(lambda: self.broker.redis.incr(keys.STALLS)))
            if time.monotonic() > until:
                raise StateLost(reason("keeper_away"))
            time.sleep(WAIT)

    def _insist(self, work: Callable[[], Any]) -> Any:
        try:
            return self.broker.insist(work, PATIENCE)
        except BrokerFault as error:
            raise StateLost(reason("broker_away", why=str(error))) from error
