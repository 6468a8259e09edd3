"""Deliver editions: every channel for itself, tried again with back-off, given up loudly after a day."""

import hashlib
import logging
import os
import queue
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from archive.clock import elapsed, moment
from archive.digests import webhook
from archive.digests.channels import (
    AtomChannel,
    Channel,
    FileChannel,
    Ready,
    Secrets,
    SmtpChannel,
    Undelivered,
    WebhookChannel,
    at_once,
    recipients,
)
from archive.digests.config import Alerts
from archive.digests.content import Content
from archive.digests.layout.atom import FeedEntry
from archive.digests.mail import smtp
from archive.digests.mail.addresses import AddressError, parse
from archive.digests.message import Message, save, save_feed
from archive.digests.outbox.claims import ANSWER, UNSURE_AT_MOST, DeliveryClaims, DueDelivery, Report
from archive.i18n import current

__all__ = ["LIMIT", "DueDelivery", "Report", "deliver", "entries", "message_id", "send"]

log = logging.getLogger(__name__)

BACK_OFF = (1, 5, 15, 60)  # minutes until the next try; the last one stays
GIVE_UP = timedelta(days=1)
TRIES_AT_LEAST, TRIES_AT_MOST = 4, 40  # before and after which no age counts: a clock that was set tells none
LIMIT = 2700.0  # seconds for one delivery: every step of a mail as long as RFC 5321 allows
AT_ONCE = 4  # deliveries of one channel at a time
HOLD_EVERY = 60.0  # seconds after which is said again what is being sent
LOOK = 0.5  # seconds between two looks whether to stop
LAST_WAIT = 12.0  # seconds for the answers that are still out when it is to stop


@dataclass(slots=True)
class _Job:
    """A delivery that was claimed, with all that its thread needs: threads never touch the database."""

    delivery: DueDelivery
    attempts: int
    unsure: int
    channel: Channel
    recipient: str
    message: Message
    deadline: float
    granted: queue.SimpleQueue[bool] = field(default_factory=queue.SimpleQueue)
    handed: bool = False


_READY = object()  # what a thread reports that is about to hand over


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
    begin_for: float | None = None,
    asked: threading.Event | None = None,
) -> list[Report]:
    """Send what is due and report on each delivery; call it every minute, or at any time, beside others too.

    ``base`` is the folder that relative paths of channels start from; ``only`` an edition's id; ``again``
    also takes what failed or waits for its next try, never what was sent. A delivery that takes longer than
    ``limit`` seconds is left and tried later; after ``begin_for`` seconds none is begun; once ``asked`` is set,
    what has not gone out stays due. Raises ConfigError when the secrets file cannot be read.
    """
    db.execute("pragma synchronous = full")  # what was sent is still known after a power cut
    sender = _Round(db, alerts, now, Secrets.read(alerts.secrets, environ), base, limit)
    sender.begin_until = elapsed() + begin_for if begin_for is not None else float("inf")
    sender.asked = asked or threading.Event()
    return sender.run(only, again)


class _Round:
    """One round of sending: a few threads per channel; only the calling one writes to the database."""

    def __init__(
        self, db: Database, alerts: Alerts, now: datetime, secrets: Secrets, base: Path, limit: float
    ) -> None:
        self.db, self.alerts, self.claims = db, alerts, DeliveryClaims(db, now)
        self.secrets, self.base, self.limit = secrets, base, limit
        self.waiting: dict[tuple[str, str], deque[DueDelivery]] = defaultdict(deque)
        self.running: dict[DueDelivery, _Job] = {}
        self.events: queue.SimpleQueue[tuple[_Job, object]] = queue.SimpleQueue()
        self.reports: list[Report] = []
        self.begin_until = float("inf")
        self.asked = threading.Event()
        self.held_at = elapsed()
        self.again = False

    def run(self, only: int | None, again: bool) -> list[Report]:
        self.again = again
        for delivery in self.claims.due(only, again):
            if self.alerts.problem_with(delivery.name):
                continue  # it waits until alerts.yml is mended
            self.waiting[_channel_of(delivery)].append(delivery)
        for channel in list(self.waiting):
            for _ in range(AT_ONCE):
                self._start_next(channel)
        while self.running and not self.asked.is_set():
            self._work_on()
        self._stop()
        return self.reports

    def _start_next(self, channel: tuple[str, str]) -> None:
        while self.waiting[channel] and elapsed() < self.begin_until and not self.asked.is_set():
            job = self._claim(self.waiting[channel].popleft())
            if job:
                self.running[job.delivery] = job
                threading.Thread(target=self._send, args=[job], daemon=True).start()
                return

    def _claim(self, delivery: DueDelivery) -> _Job | None:
        """Take the delivery, unless another process has it; what cannot be sent at all is settled here."""
        digest = self.alerts.digests.get(delivery.name)
        known = recipients(digest.channels) if digest else {}
        channel, recipient = known.get(delivery.key, (None, ""))
        taken = self.claims.take(delivery, message_id(delivery, channel), self.again)
        if taken is None:
            return None
        try:
            if channel is None:
                raise Undelivered("channel_removed", final=True)
            if taken.unsure >= UNSURE_AT_MOST:
                raise Undelivered("delivery_unsure", final=True, unsure=True)
            message = self._message(delivery, taken.message_id, channel)
        except Undelivered as error:
            self._settle(delivery, taken.attempts, taken.unsure, error)
            return None
        deadline = elapsed() + self.limit
        return _Job(delivery, taken.attempts, taken.unsure, channel, recipient, message, deadline)

    def _message(self, delivery: DueDelivery, message_id: str, channel: Channel) -> Message:
        """Raises Undelivered for an edition whose row cannot be read: it must not hold up the others."""
        sql = "select html, text, content from digests where id = ?"
        html, text, content = self.db.execute(sql, [delivery.digest_id]).fetchone()
        recent: tuple[FeedEntry, ...] = ()
        try:
            if isinstance(channel, AtomChannel):
                recent = entries(self.db, delivery.name, channel.entries)
            return Message(html, text, Content.from_json(content), message_id, recent)
        except ValueError:
            log.exception("%s %s: %s", delivery.name, delivery.edition, delivery.key)
            raise Undelivered("delivery_fault") from None

    def _send(self, job: _Job) -> None:
        """The work of a thread."""

        def ready() -> None:
            self.events.put((job, _READY))
            if not job.granted.get():
                raise Undelivered("delivery_taken")

        try:
            result: object = send(job.channel, job.recipient, job.message, self.secrets, self.base, ready)
        except Undelivered as error:
            result = error
        except Exception:  # a thread's error must become the delivery's state
            log.exception("%s %s: %s", job.delivery.name, job.delivery.edition, job.delivery.key)
            result = Undelivered("delivery_fault")
        self.events.put((job, result))

    def _work_on(self) -> None:
        """Answer the next thread that has something to say, or end those whose time is up."""
        self._hold()
        first = min(job.deadline for job in self.running.values())
        try:
            job, result = self.events.get(timeout=min(max(0.0, first - elapsed()), LOOK))
        except queue.Empty:
            for job in [job for job in self.running.values() if job.deadline <= elapsed()]:
                self._end(job, Undelivered("delivery_late", unsure=job.handed, seconds=f"{self.limit:g}"))
            return
        self._hear(job, result)

    def _hear(self, job: _Job, result: object) -> None:
        if result is _READY:
            ours = job.delivery in self.running and not self.asked.is_set()
            job.handed = ours and self.claims.hand_over(job.delivery)
            job.granted.put(job.handed)
        elif job.delivery in self.running and isinstance(result, (Undelivered, str)):
            self._end(job, result)

    def _hold(self) -> None:
        if elapsed() - self.held_at >= HOLD_EVERY:
            self.held_at = elapsed()
            self.claims.hold(self.running)

    def _stop(self) -> None:
        """What has not gone out is due again at once; what has is given some seconds for its answer."""
        for job in [job for job in self.running.values() if not job.handed]:
            self._end(job, Undelivered("delivery_stopped"))
        end = elapsed() + LAST_WAIT
        while self.running and elapsed() < end:
            with suppress(queue.Empty):
                self._hear(*self.events.get(timeout=LOOK))
        for job in list(self.running.values()):
            self._end(job, Undelivered("delivery_stopped", unsure=True))

    def _end(self, job: _Job, result: Undelivered | str) -> None:
        del self.running[job.delivery]
        self._settle(job.delivery, job.attempts, job.unsure + job.handed, result)
        self._start_next(_channel_of(job.delivery))

    def _settle(self, delivery: DueDelivery, attempts: int, unsure: int, result: Undelivered | str) -> None:
        """Note how it went; ``result`` is why it did not, else what went otherwise than asked, or ''."""
        report = self._report(delivery, attempts, unsure, result)
        self.claims.settle(delivery, report, unsure=isinstance(result, Undelivered) and result.unsure)
        self.reports.append(report)

    def _sent(self, about: tuple[str, str, str], note: str) -> Report:
        words = current()
        values = dict(zip(("name", "edition", "channel"), about, strict=True))
        log.info("%s", words("delivery.sent", **values))
        if note:
            log.warning("%s", words("delivery.noted", **values, why=words.reason(note)))
        return Report(*about, "sent", note)

    def _report(self, delivery: DueDelivery, attempts: int, unsure: int, result: Undelivered | str) -> Report:
        words, about = current(), (delivery.name, delivery.edition, delivery.key)
        values = dict(zip(("name", "edition", "channel"), about, strict=True))
        if isinstance(result, str):
            return self._sent(about, result)
        why, now = words.reason(result.reason), self.claims.now()
        if result.final or _given_up(now - moment(delivery.created_at), attempts, unsure, result):
            log.error("%s", words("delivery.failed", **values, why=why))
            return Report(*about, "failed", result.reason)
        minutes = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
        if self.asked.is_set():
            minutes = ANSWER // timedelta(minutes=1) if result.unsure else 0
        log.warning("%s", words("delivery.retry", **values, why=why, minutes=minutes))
        return Report(*about, "retry", result.reason, now + timedelta(minutes=minutes))


def _given_up(age: timedelta, attempts: int, unsure: int, result: Undelivered) -> bool:
    if result.unsure and unsure >= UNSURE_AT_MOST:
        return True
    return attempts >= TRIES_AT_MOST or (age >= GIVE_UP and attempts >= TRIES_AT_LEAST)


def send(
    channel: Channel,
    recipient: str,
    message: Message,
    secrets: Secrets,
    base: Path,
    ready: Ready = at_once,
    patience: smtp.Patience = smtp.PATIENT,
) -> str:
    """Send a message by its channel; what went otherwise than asked, as a stored reason, or ''.

    ``ready`` is called just before it goes out; files, which a repeat only writes anew, do without.
    Raises Undelivered when it was not taken.
    """
    match channel:
        case FileChannel():
            return save(channel, message, base)
        case AtomChannel():
            save_feed(channel, message, base)
        case SmtpChannel():
            return smtp.send(channel, message, recipient, secrets, ready, patience)
        case WebhookChannel():
            webhook.post(channel, message, secrets, ready)
        case _:
            webhook.notify(channel, message, secrets, ready)
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
