"""Deliver editions: every channel for itself, tried again with back-off, given up loudly after a day."""

import hashlib
import logging
import os
import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.digests import webhook
from archive.digests.channels import (
    AtomChannel,
    Channel,
    FileChannel,
    Secrets,
    SmtpChannel,
    Undelivered,
    WebhookChannel,
    recipients,
)
from archive.digests.config import Alerts
from archive.digests.content import Content
from archive.digests.layout.atom import FeedEntry
from archive.digests.mail import smtp
from archive.digests.mail.addresses import AddressError, parse
from archive.digests.message import Message, save, save_feed
from archive.i18n import current

log = logging.getLogger(__name__)

BACK_OFF = (1, 5, 15, 60)  # minutes until the next try; the last one stays
GIVE_UP = timedelta(days=1)
LIMIT = 90.0  # seconds for one delivery; the channels' own limits per step are shorter
LEASE = timedelta(seconds=LIMIT + 30)  # so long a delivery in flight belongs to the process that sends it
AT_ONCE = 4  # deliveries of one channel at a time

_DUE = """
    select v.digest_id, d.name, d.edition, v.channel, d.created_at
    from deliveries v join digests d on d.id = v.digest_id
    where (v.state in ('pending', 'retry') and coalesce(v.next_at, '') <= :now
           or :again and (v.state in ('pending', 'failed') or v.state = 'retry' and v.last_error is not null))
      and (:only is null or v.digest_id = :only)
    order by v.digest_id, v.channel
"""
# An ID that is there stays, but for one that no mail can carry, as earlier versions made them
_CLAIM = """
    update deliveries set state = 'retry', attempts = attempts + 1, last_error = null, next_at = :lease,
                          message_id = case when message_id not glob '*[^!-~]*' then message_id
                                            else :message_id end
    where digest_id = :digest_id and channel = :key and state <> 'sent'
      and (state = 'failed' or last_error is not null or coalesce(next_at, '') <= :now)
    returning attempts, message_id
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
class _Job:
    """A delivery that was claimed, with all that its thread needs: threads never touch the database."""

    delivery: DueDelivery
    attempts: int
    channel: Channel
    recipient: str
    message: Message


def deliver(
    db: Database,
    alerts: Alerts,
    now: datetime,
    *,
    base: Path,
    only: int | None = None,
    again: bool = False,
    environ: Mapping[str, str] = os.environ,
    limit: float = LIMIT,
) -> list[Report]:
    """Send what is due and report on each delivery; call it every minute, or at any time.

    ``base`` is the folder that relative paths of channels start from; ``only`` an edition's id; ``again``
    also takes what failed or waits for its next try, never what was sent. A delivery that takes longer than
    ``limit`` seconds is left and tried later. Raises ConfigError when the secrets file cannot be read.
    """
    return _Round(db, alerts, now, Secrets.read(alerts.secrets, environ), base, limit).run(only, again)


class _Round:
    """One round of sending: a few threads per channel; only the calling one writes to the database."""

    def __init__(
        self, db: Database, alerts: Alerts, now: datetime, secrets: Secrets, base: Path, limit: float
    ) -> None:
        self.db, self.alerts, self.now = db, alerts, now
        self.secrets, self.base, self.limit = secrets, base, limit
        self.waiting: dict[tuple[str, str], deque[DueDelivery]] = defaultdict(deque)
        self.running: dict[DueDelivery, tuple[_Job, float]] = {}
        self.results: queue.SimpleQueue[tuple[_Job, Undelivered | str]] = queue.SimpleQueue()
        self.reports: list[Report] = []

    def run(self, only: int | None, again: bool) -> list[Report]:
        given = {"now": stamp(self.now), "only": only, "again": again}
        for row in self.db.execute(_DUE, given).fetchall():
            delivery = DueDelivery(*row)
            if self.alerts.problem_with(delivery.name):
                continue  # it waits until alerts.yml is mended
            self.waiting[_channel_of(delivery)].append(delivery)
        for channel in list(self.waiting):
            for _ in range(AT_ONCE):
                self._start_next(channel)
        while self.running:
            self._take_result()
        return self.reports

    def _start_next(self, channel: tuple[str, str]) -> None:
        while self.waiting[channel]:
            delivery = self.waiting[channel].popleft()
            job = self._claim(delivery)
            if job:
                self.running[delivery] = job, time.monotonic() + self.limit
                threading.Thread(target=self._send, args=[job], daemon=True).start()
                return

    def _claim(self, delivery: DueDelivery) -> _Job | None:
        """Take the delivery, unless another process has it; its Message-ID is kept before anything is sent."""
        digest = self.alerts.digests.get(delivery.name)
        known = recipients(digest.channels) if digest else {}
        channel, recipient = known.get(delivery.key, (None, ""))
        given = {
            "digest_id": delivery.digest_id,
            "key": delivery.key,
            "now": stamp(self.now),
            "lease": stamp(self.now + LEASE),
            "message_id": message_id(delivery, channel),
        }
        with writing(self.db):
            row = self.db.execute(_CLAIM, given).fetchone()
        if row is None:
            return None
        if channel is None:
            self._settle(delivery, row[0], Undelivered("channel_removed", final=True))
            return None
        return _Job(delivery, row[0], channel, recipient, self._message(delivery, row[1], channel))

    def _message(self, delivery: DueDelivery, message_id: str, channel: Channel) -> Message:
        sql = "select html, text, content from digests where id = ?"
        html, text, content = self.db.execute(sql, [delivery.digest_id]).fetchone()
        recent: tuple[FeedEntry, ...] = ()
        if isinstance(channel, AtomChannel):
            recent = entries(self.db, delivery.name, channel.entries)
        return Message(html, text, Content.from_json(content), message_id, recent)

    def _send(self, job: _Job) -> None:
        try:
            note = send(job.channel, job.recipient, job.message, self.secrets, self.base)
        except Undelivered as error:
            self.results.put((job, error))
        except Exception:  # a thread's error must become the delivery's state
            log.exception("%s %s: %s", job.delivery.name, job.delivery.edition, job.delivery.key)
            self.results.put((job, Undelivered("delivery_fault")))
        else:
            self.results.put((job, note))

    def _take_result(self) -> None:
        """Settle the next delivery that ends, or those whose time is up."""
        first = min(deadline for _, deadline in self.running.values())
        try:
            job, result = self.results.get(timeout=max(0.0, first - time.monotonic()))
        except queue.Empty:
            late = [job for job, deadline in self.running.values() if deadline <= time.monotonic()]
            for job in late:
                self._end(job, Undelivered("delivery_late", seconds=f"{self.limit:g}"))
            return
        if job.delivery in self.running:
            self._end(job, result)

    def _end(self, job: _Job, result: Undelivered | str) -> None:
        del self.running[job.delivery]
        self._settle(job.delivery, job.attempts, result)
        self._start_next(_channel_of(job.delivery))

    def _settle(self, delivery: DueDelivery, attempts: int, result: Undelivered | str) -> None:
        """Note how it went; ``result`` is why it did not, else what went otherwise than asked, or ''."""
        report = self._report(delivery, attempts, result)
        with writing(self.db):
            self.db.execute(
                "update deliveries set state = ?, last_error = ?, next_at = ?, sent_at = ?"
                " where digest_id = ? and channel = ?",
                [
                    report.state,
                    report.reason or None,
                    stamp(report.next_at) if report.next_at else None,
                    stamp(self.now) if report.state == "sent" else None,
                    delivery.digest_id,
                    delivery.key,
                ],
            )
            self.db.execute(_SETTLE_DIGEST, {"id": delivery.digest_id})
        self.reports.append(report)

    def _sent(self, about: tuple[str, str, str], note: str) -> Report:
        words = current()
        values = dict(zip(("name", "edition", "channel"), about, strict=True))
        log.info("%s", words("delivery.sent", **values))
        if note:
            log.warning("%s", words("delivery.noted", **values, why=words.reason(note)))
        return Report(*about, "sent", note)

    def _report(self, delivery: DueDelivery, attempts: int, result: Undelivered | str) -> Report:
        words, about = current(), (delivery.name, delivery.edition, delivery.key)
        values = dict(zip(("name", "edition", "channel"), about, strict=True))
        if isinstance(result, str):
            return self._sent(about, result)
        why = words.reason(result.reason)
        if result.final or self.now - moment(delivery.created_at) >= GIVE_UP:
            log.error("%s", words("delivery.failed", **values, why=why))
            return Report(*about, "failed", result.reason)
        minutes = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
        log.warning("%s", words("delivery.retry", **values, why=why, minutes=minutes))
        return Report(*about, "retry", result.reason, self.now + timedelta(minutes=minutes))


def send(channel: Channel, recipient: str, message: Message, secrets: Secrets, base: Path) -> str:
    """Send a message by its channel; what went otherwise than asked, as a stored reason, or ''.

    Raises Undelivered when it was not taken.
    """
    match channel:
        case FileChannel():
            return save(channel, message, base)
        case AtomChannel():
            save_feed(channel, message, base)
        case SmtpChannel():
            return smtp.send(channel, message, recipient, secrets)
        case WebhookChannel():
            webhook.post(channel, message, secrets)
        case _:
            webhook.notify(channel, message, secrets)
    return ""


def entries(db: Database, name: str, most: int) -> tuple[FeedEntry, ...]:
    """The newest editions of a digest, for its feed; quiet ones left out."""
    sql = """select id, edition, title, html, created_at, coalesce(content, '') from digests
             where name = ? and state <> 'empty' order by covers_to desc, id desc limit ?"""
    return tuple(FeedEntry.stored(*row) for row in db.execute(sql, [name, most]))


def message_id(delivery: DueDelivery, channel: Channel | None) -> str:
    """Always the same for one delivery, so that a repeat can be recognised; at the sender's domain."""
    identity = "\x00".join((delivery.name, delivery.edition, delivery.key, delivery.created_at))
    return f"<diemtin.{hashlib.sha256(identity.encode()).hexdigest()[:32]}@{_domain(channel)}>"


def _domain(channel: Channel | None) -> str:
    """The sender's domain; one that is a secret does not go into archive.db."""
    if isinstance(channel, SmtpChannel):
        with suppress(AddressError):
            return parse(channel.sender).domain
    return "diemtin.invalid"


def _channel_of(delivery: DueDelivery) -> tuple[str, str]:
    return delivery.name, delivery.key.partition(".")[0]
