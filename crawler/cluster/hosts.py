"""Politeness over all workers: a host belongs to one of them at a time, and its delay outlives the hand-over.

A hold is a lease: it is renewed while the crawl goes on. A worker that cannot renew it stops asking ``delay``
seconds before it runs out, so that whoever has the host next comes no sooner than the delay. A host that is
given back rests for the delay first.
"""

import os
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from crawler.cluster.broker import Broker, BrokerFault
from crawler.cluster.keys import BROKER_START
from crawler.middlewares import LONGEST_CRAWL_DELAY

LEASE = 30.0  # seconds, for sources with short delays
RENEWED = 5.0  # seconds between two renewals
LOOK = 0.5  # seconds between two looks whether the lease still holds
SPARE = 3.0  # seconds of a lease that are never used: clocks of machines run at their own pace
DELAYS_STAY = 86_400  # seconds that a crawl-delay of robots.txt is remembered for the next worker
SETTLED = 10.0  # seconds after a restart of the broker, which may have lost who has a host: who has it says so
LOST = 75  # exit code of a process that lost its hosts

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

# All or none; the answer: 0 taken, else the milliseconds to wait for whoever has one of them. The last key says
# which start of the broker was the last to give out hosts.
_TAKE = """
local server = redis.call('info', 'server')
local start, up = server:match('run_id:(%w+)'), tonumber(server:match('uptime_in_seconds:(%d+)'))
local known, wait = redis.call('get', KEYS[#KEYS]), 0
if known and known ~= start then wait = math.max(tonumber(ARGV[3]) - up * 1000, 0) end
if not known or wait == 0 then redis.call('set', KEYS[#KEYS], start) end
for i = 1, #KEYS - 1 do
  if redis.call('get', KEYS[i]) ~= ARGV[1] then wait = math.max(wait, redis.call('pttl', KEYS[i])) end
end
if wait > 0 then return wait end
for i = 1, #KEYS - 1 do redis.call('set', KEYS[i], ARGV[1], 'px', ARGV[2]) end
return 0"""
# What the broker lost is taken anew; who let it run out does not come to this: see ``holds``.
_RENEW = """
for i = 1, #KEYS do if (redis.call('get', KEYS[i]) or ARGV[1]) ~= ARGV[1] then return 0 end end
for i = 1, #KEYS do redis.call('set', KEYS[i], ARGV[1], 'px', ARGV[2]) end
return 1"""
_GIVE_BACK = """
for i = 1, #KEYS do
  if redis.call('get', KEYS[i]) == ARGV[1] then redis.call('set', KEYS[i], 'rests', 'px', ARGV[2]) end
end"""


def elapsed() -> float:
    """Seconds of a clock that nobody sets, and that goes on while the machine sleeps, as the broker's does."""
    return time.clock_gettime(_CLOCK)


@dataclass(slots=True)
class HostLease:
    """The hold that one crawl has of the hosts of its source; ``delay`` is in seconds between two requests."""

    broker: Broker
    hosts: Collection[str]
    claim: str
    delay: float
    renewed: Callable[[], object] = lambda: None  # is called with each renewal
    until: float = 0.0  # of the clock above
    _ended: threading.Event = field(default_factory=threading.Event)
    _alone: threading.Lock = field(default_factory=threading.Lock)  # no renewal after it was given back

    @property
    def length(self) -> float:
        """Seconds: long enough to be renewed in vain a few times and still to leave the delay."""
        return max(LEASE, 2 * self.delay + LEASE / 2)

    @property
    def _keys(self) -> list[str]:
        return [f"diemtin:host:{host}" for host in sorted(self.hosts)]

    def take(self) -> float:
        """Take all hosts, or none; 0 once they are held, else the seconds after which to try again."""
        remembered = self.broker.redis.mget([f"diemtin:delay:{host}" for host in sorted(self.hosts)])
        self.delay = max([self.delay, *map(_seconds, remembered)])
        asked_at = elapsed()
        keys = [*self._keys, BROKER_START]
        wait = self._run(_TAKE, keys, self.claim, int(self.length * 1000), int(SETTLED * 1000))
        if not wait:
            self.until = asked_at + self.length
        return int(wait) / 1000

    def renew(self) -> bool:
        """Hold on; False where the hosts went to another."""
        with self._alone:
            asked_at = elapsed()
            gone = self._ended.is_set()
            if gone or not self._run(_RENEW, self._keys, self.claim, int(self.length * 1000)):
                return False
        self.until = asked_at + self.length
        self.renewed()
        return True

    def holds(self) -> bool:
        """Whether a request may be sent now."""
        return elapsed() < self.until - self.delay - SPARE

    def note_delay(self, seconds: float) -> None:
        """The robots.txt of a host asks for more: hold on for longer, and let the next worker know.

        Where the broker stays away, the lease is too short now, and this process ends.
        """
        if seconds <= self.delay:
            return
        self.delay = seconds
        with suppress(BrokerFault):  # away for as long as the lease: then another end comes first
            self.broker.insist(lambda: self._tell_delay(seconds), self.length)

    def _tell_delay(self, seconds: float) -> None:
        for host in self.hosts:
            self.broker.redis.set(f"diemtin:delay:{host}", seconds, ex=DELAYS_STAY)
        self.renew()

    def give_back(self) -> None:
        """Let go; nobody gets the hosts before the delay is over."""
        self._ended.set()
        with self._alone:
            self._run(_GIVE_BACK, self._keys, self.claim, max(int(self.delay * 1000), 1))

    def keep(self) -> None:
        """Renew from now on, in a thread; another ends the process where that fails for too long.

        Ended, not told: whatever it is at, no further request may leave. What it read so far is on its way.
        """
        for work in (self._keep, self._guard):
            threading.Thread(target=work, daemon=True).start()

    def _keep(self) -> None:
        while not self._ended.wait(RENEWED):
            with suppress(BrokerFault), self.broker.faults():
                if not self.renew() and not self._ended.is_set():
                    os._exit(LOST)

    def _guard(self) -> None:
        """Apart from the renewals, for one of them may wait long for an answer."""
        while not self._ended.wait(LOOK):
            if not self.holds():
                os._exit(LOST)

    def _run(self, script: str, keys: list[str], *arguments: Any) -> Any:
        return self.broker.redis.eval(script, len(keys), *keys, *arguments)


def _seconds(remembered: bytes | None) -> float:
    """A delay that was left here; what is none counts as none."""
    try:
        seconds = float(remembered or 0)
    except ValueError:
        return 0.0
    return min(seconds, LONGEST_CRAWL_DELAY) if seconds > 0 else 0.0
