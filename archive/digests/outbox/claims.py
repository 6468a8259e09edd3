"""Whose a delivery is: taken for a while, handed over once, settled; of several processes one sends it.

Every step is one compare-and-set in archive.db. What was taken belongs to its owner for ``LEASE``, renewed
while it is sent; a process that was stopped meanwhile learns at ``hand_over`` that it lost it, and sends
nothing.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import OperationalError

from sqlite_utils import Database

from archive.clock import elapsed, stamp
from archive.db import reading, writing

LEASE = timedelta(minutes=5)  # so long a delivery is its owner's who says nothing more
ANSWER = timedelta(minutes=15)  # the same once its text went out: RFC 5321 4.5.3.2.6 gives a server ten minutes
UNSURE_AT_MOST = 2  # times a text goes out by itself without an answer
FAR = timedelta(hours=2)  # nothing waits longer: a later time was written by a clock that was ahead
KEEP_TRYING = 300.0  # seconds for which a settled delivery is tried to be written where archive.db is not free

_DUE = """
    select v.digest_id, d.name, d.edition, v.channel, d.created_at
    from deliveries v join digests d on d.id = v.digest_id
    where (v.state in ('pending', 'retry') and (coalesce(v.next_at, '') <= :now or v.next_at > :far)
           or :again and (v.state in ('pending', 'failed') or v.state = 'retry' and v.last_error is not null))
      and (:only is null or v.digest_id = :only)
    order by v.digest_id, v.channel
"""
# An ID that is there stays, but for one that no mail can carry, as earlier versions made them
_TAKE = """
    update deliveries set state = 'retry', attempts = attempts + 1, last_error = null, next_at = :lease,
                          owner = :owner, unsure = iif(:again, 0, unsure),
                          message_id = case when message_id not glob '*[^!-~]*' then message_id
                                            else :message_id end
    where digest_id = :digest_id and channel = :key and state <> 'sent'
      and (state = 'failed' or last_error is not null or coalesce(next_at, '') <= :now or next_at > :far)
    returning attempts, message_id, unsure
"""
_MINE = "digest_id = ? and channel = ? and owner = ? and state = 'retry' and last_error is null"
_SETTLE = """
    update deliveries set state = :state, last_error = :reason, next_at = :next_at, sent_at = :sent_at,
                          owner = null, unsure = max(unsure - :answered, 0)
    where digest_id = :digest_id and channel = :key and state <> 'sent'
      and (:state = 'sent' or owner = :owner)
"""
_SETTLE_DIGEST = """
    update digests set state = case
        when exists (select 1 from deliveries where digest_id = :id and state in ('pending', 'retry'))
        then 'made'
        when exists (select 1 from deliveries where digest_id = :id and state = 'failed') then 'failed'
        else 'sent' end,
      sent_at = (select case when count(*) = sum(state = 'sent') then max(sent_at) end
                 from deliveries where digest_id = :id)
    where id = :id
"""


def anything_due(archive_db: Path, now: datetime) -> bool:
    """Whether any delivery is to be sent by now; reads only."""
    if not archive_db.exists():
        return False
    given = {"now": stamp(now), "far": stamp(now + FAR), "only": None, "again": False}
    with reading(archive_db) as db:
        return db.execute(f"{_DUE} limit 1", given).fetchone() is not None


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """One edition's way to one recipient; ``key`` names the channel, never the recipient."""

    digest_id: int
    name: str
    edition: str
    key: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one delivery: sent, retry (at ``next_at``) or failed; ``reason``: why, as stored."""

    name: str
    edition: str
    channel: str
    state: str
    reason: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that is ours; ``unsure``: how often its text went out before and no answer came."""

    attempts: int
    message_id: str
    unsure: int


@dataclass(slots=True)
class DeliveryClaims:
    """The deliveries of one sender; ``began`` is the time when it began, measured on by a clock nobody sets."""

    db: Database
    began: datetime
    owner: str = field(default_factory=lambda: secrets.token_hex(8))
    start: float = field(default_factory=elapsed)
    handed: set[DueDelivery] = field(default_factory=set)

    def now(self) -> datetime:
        """The time, counted from ``began`` in whole minutes."""
        return self.began + timedelta(minutes=(elapsed() - self.start) // 60)

    def due(self, only: int | None, again: bool) -> list[DueDelivery]:
        """What is to be sent now, the oldest edition first; ``again``: also what failed or waits."""
        given = {**self._times(), "only": only, "again": again}
        return [DueDelivery(*row) for row in self.db.execute(_DUE, given).fetchall()]

    def take(self, delivery: DueDelivery, message_id: str, again: bool) -> Taken | None:
        """Make a delivery ours unless it is another's; its Message-ID is kept before anything is sent."""
        given = {
            **self._times(),
            "digest_id": delivery.digest_id,
            "key": delivery.key,
            "owner": self.owner,
            "lease": stamp(self.now() + LEASE),
            "message_id": message_id,
            "again": again,
        }
        with writing(self.db):
            row = self.db.execute(_TAKE, given).fetchone()
        return Taken(*row) if row else None

    def hold(self, deliveries: Iterable[DueDelivery]) -> None:
        """Say that these are still being sent."""
        with suppress(OperationalError), writing(self.db):  # said again in a minute
            for one in deliveries:
                until = stamp(self.now() + (ANSWER if one in self.handed else LEASE))
                self.db.execute(f"update deliveries set next_at = ? where {_MINE}", [until, *self._whose(one)])

    def hand_over(self, delivery: DueDelivery) -> bool:
        """Note that its text goes out now; False where it is no longer ours, or that cannot be noted."""
        sql = f"update deliveries set unsure = unsure + 1, next_at = ? where {_MINE} returning 1"
        try:
            with writing(self.db):
                given = [stamp(self.now() + ANSWER), *self._whose(delivery)]
                ours = self.db.execute(sql, given).fetchone() is not None
        except OperationalError:
            return False
        if ours:
            self.handed.add(delivery)
        return ours

    def settle(self, delivery: DueDelivery, report: Report, *, unsure: bool = False) -> None:
        """Note how it went, what was sent in any case; ``unsure``: nobody knows whether it arrived."""
        given: dict[str, object] = {
            "state": report.state,
            "reason": report.reason or None,
            "next_at": stamp(report.next_at) if report.next_at else None,
            "sent_at": stamp(self.now()) if report.state == "sent" else None,
            "answered": delivery in self.handed and not unsure,
            "digest_id": delivery.digest_id,
            "key": delivery.key,
            "owner": self.owner,
        }
        self.handed.discard(delivery)
        _insist(lambda: self._write(given))

    def _write(self, given: dict[str, object]) -> None:
        with writing(self.db):
            self.db.execute(_SETTLE, given)
            self.db.execute(_SETTLE_DIGEST, {"id": given["digest_id"]})

    def _whose(self, delivery: DueDelivery) -> list[object]:
        return [delivery.digest_id, delivery.key, self.owner]

    def _times(self) -> dict[str, str]:
        return {"now": stamp(self.now()), "far": stamp(self.now() + FAR)}


def _insist(write: Callable[[], None]) -> None:
    """Write what must not be lost: an edition that was sent and is not noted would be sent again."""
    end = elapsed() + KEEP_TRYING
    while True:
        try:
            return write()
        except OperationalError:  # locked, or no room on the disk: both pass
            if elapsed() > end:
                raise
            time.sleep(1)
