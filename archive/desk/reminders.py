"""Mails that something waits: to editors an edition, to whoever it was given to a row of the register.

Each is sent once: to each editor for a slot, to each person for a row, its due day, and whether that is over.
"""

import html
import logging
from collections.abc import Sequence
from dataclasses import replace as with_
from datetime import date, datetime, time, timedelta
from textwrap import indent

from msgspec.structs import replace
from sqlite_utils import Database

from archive.clock import HANOI, elapsed, is_day_off, stamp
from archive.db import writing
from archive.desk import accounts
from archive.desk.approvals import open_window
from archive.desk.due import Waiting, waiting
from archive.desk.fields import BadValue, checked
from archive.desk.register import RegisterEntry
from archive.desk.rows import rows
from archive.desk.sending import mail_channel
from archive.digests.channels import Ready, Secrets, SmtpChannel, Undelivered
from archive.digests.config import Alerts, Digest
from archive.digests.content import WORDS, Content, Counts
from archive.digests.mail.smtp import Patience
from archive.digests.message import Message
from archive.digests.outbox import DueDelivery, message_id, send
from archive.formats import Formats
from archive.home import Home
from archive.i18n import current

log = logging.getLogger(__name__)

REGISTER = "/phan-hoi"  # stands where the name of a digest does, which holds no slash
MORNING = time(7, 0)  # in Hà Nội, of a working day: from then on rows of the register are reminded of
AGAIN = timedelta(minutes=15)  # after which a mail that was not taken, or was cut off, is tried again
PATIENCE = Patience(60.0, 600.0)  # a step with an answer to the text fit into AGAIN
_EDITORS = "select name, email from users where role in ('editor', 'admin') and email <> '' order by name"
_CLAIM = """
    insert into reminders (digest, edition, kind, at)
    select :digest, :edition, 'sending:' || :name, :now where not exists
        (select 1 from reminders where digest = :digest and edition = :edition and kind = 'sent:' || :name)
    on conflict do update set at = excluded.at where at <= :before or at > :after returning 1
"""
_STILL_MINE = """
    update reminders set at = :at
    where digest = :digest and edition = :edition and kind = 'sending:' || :name and at = :now returning 1
"""


def remind(
    archive: Database, desk: Database, alerts: Alerts, home: Home, now: datetime, secrets: Secrets | None = None
) -> list[Waiting]:
    """Tell every editor with an address what waits, and return what someone was told of just now.

    The Message-ID is the same at each try, so that a repeat after a kill can be recognised.
    """
    editors = desk.execute(_EDITORS).fetchall()
    told = []
    for one in waiting(archive, alerts, now, desk) if editors else []:
        channel = mail_channel(one.digest)
        slot = one.digest.name, one.edition
        free = [editor for editor in editors if channel and _claim(desk, *slot, editor[0], now)]
        if not channel or not free:
            continue
        message = _message(archive, desk, one, now)
        secrets = secrets or Secrets.read(alerts.secrets)
        sent = []
        for name, email in free:
            delivery = DueDelivery(0, one.digest.name, one.edition, f"waits:{name}", "")
            ready = _ready(desk, [slot], name, now)
            if _send(channel, delivery, name, email, message, secrets, home, ready):
                sent.append((*slot, name))
        _note(desk, sent, now)
        told += [one] if sent else []
    return told


def remind_of_register(
    desk: Database, alerts: Alerts, home: Home, now: datetime, secrets: Secrets | None = None
) -> list[str]:
    """Tell everyone with an address which rows given to them are due by the next working day, or overdue.

    It is done from seven on a working day's morning, through the first digest with a mail channel; the names of
    those who were told just now.
    """
    local = now.astimezone(HANOI)
    digest = next((one for one in alerts.digests.values() if mail_channel(one)), None)
    if digest is None or is_day_off(local.date()) or local.time() < MORNING:
        return []
    told = []
    for user, entries in _due_by_person(desk, local.date()):
        free = [one for one in entries if _claim(desk, REGISTER, _slot(one, local.date()), user.name, now)]
        slots = [(REGISTER, _slot(one, local.date())) for one in free]
        ready = _ready(desk, slots, user.name, now)
        if free and _tell(digest, user, free, secrets or Secrets.read(alerts.secrets), home, now, ready):
            _note(desk, [(*slot, user.name) for slot in slots], now)
            told.append(user.name)
    return told


def _due_by_person(desk: Database, today: date) -> list[tuple[accounts.User, list[RegisterEntry]]]:
    """What waits and is due by the next working day, by the account it was given to that has an address."""
    where = "answered_on is null and closed is null and due <= ? and assignee <> '' order by due, id"
    given: dict[str, list[RegisterEntry]] = {}
    for one in rows(desk, RegisterEntry, where, [next_working_day(today).isoformat()]):
        given.setdefault(accounts.key(one.assignee), []).append(one)
    found = [(accounts.load_user(desk, name), entries) for name, entries in given.items()]
    return [(user, entries) for user, entries in found if user and user.email]


def next_working_day(day: date) -> date:
    """The first day after ``day`` that is no day off in Việt Nam."""
    day += timedelta(days=1)
    while is_day_off(day):
        day += timedelta(days=1)
    return day


def _slot(one: RegisterEntry, today: date) -> str:
    """What one reminder is about: the row, its due day, and whether that is over."""
    return f"{one.id} {one.due} {'overdue' if one.late(today) else 'due'}"


def _tell(
    digest: Digest,
    user: accounts.User,
    entries: Sequence[RegisterEntry],
    secrets: Secrets,
    home: Home,
    now: datetime,
    ready: Ready,
) -> bool:
    """One mail with all rows; its Message-ID is the same whenever it is tried."""
    today = now.astimezone(HANOI).date()
    about = ",".join(_slot(one, today) for one in entries)
    delivery = DueDelivery(0, REGISTER, about, f"due:{user.name}", "")
    message = _register_message(digest, entries, now)
    channel = mail_channel(digest)
    return channel is not None and _send(
        channel, delivery, user.name, user.email, message, secrets, home, ready
    )


def _register_message(digest: Digest, entries: Sequence[RegisterEntry], now: datetime) -> Message:
    formats, today = Formats(WORDS, now), now.astimezone(HANOI).date()
    late = sum(one.late(today) for one in entries)
    heading = WORDS("reminder.register.subject", n=len(entries) - late, late=late)
    lines, page = [], ""
    for one in entries:
        link = f"{digest.archive_url}/phan-hoi/{one.id}"
        key = "reminder.register.late" if one.late(today) else "reminder.register.due"
        head = WORDS(key, n=one.id, day=formats.day(str(one.due)), title=one.title)
        lines += [head, indent(one.asked, "  "), f"  {link}", ""]
        page += f"<p><strong>{html.escape(head)}</strong><br>{html.escape(one.asked)}<br>"
        page += f'<a href="{html.escape(link)}">{html.escape(link)}</a></p>'
    at = stamp(now)
    content = Content("phan-hoi", WORDS("register.title"), "", 0, at, at, at, Counts(), [])
    return Message(page, "\n".join(lines), content, "", heading=heading)


def _claim(desk: Database, digest: str, edition: str, name: str, now: datetime) -> bool:
    """Whether a person can be told now: nobody did, and nobody is just about to."""
    given = {"digest": digest, "edition": edition, "name": name}
    times = {"now": stamp(now), "before": stamp(now - AGAIN), "after": stamp(now + 4 * AGAIN)}
    with writing(desk):
        return desk.execute(_CLAIM, given | times).fetchone() is not None


def _ready(desk: Database, slots: Sequence[tuple[str, str]], name: str, now: datetime) -> Ready:
    """Asked before the text goes out: the claims are renewed, or another process took them meanwhile."""
    began = elapsed()

    def ready() -> None:
        at = stamp(now + timedelta(seconds=elapsed() - began))
        with writing(desk):
            for digest, edition in slots:
                given = {"digest": digest, "edition": edition, "name": name, "now": stamp(now), "at": at}
                if desk.execute(_STILL_MINE, given).fetchone() is None:
                    raise Undelivered("delivery_taken")

    return ready


def _note(desk: Database, sent: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """Write down who was told of what: digest, edition and name."""
    told = [(digest, edition, f"sent:{name}", stamp(now)) for digest, edition, name in sent]
    with writing(desk):
        desk.conn.executemany(
            "insert or ignore into reminders (digest, edition, kind, at) values (?, ?, ?, ?)", told
        )


def _message(archive: Database, desk: Database, one: Waiting, now: datetime) -> Message:
    content = open_window(archive, one.digest, desk, now).content
    until = one.ends.astimezone(one.digest.schedule.zone) if one.ends else None
    lines = [
        WORDS("reminder.waits", title=one.digest.title, n=WORDS.number(content.counts.stories)),
        WORDS("reminder.until", at=f"{until:%H:%M}") if until else WORDS("reminder.required"),
    ]
    link = f"{one.digest.archive_url}/ban?ban={one.digest.name}"
    text = "\n".join([*lines, "", WORDS("reminder.open", link=link), ""])
    page = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    page += f'<p><a href="{html.escape(link)}">{html.escape(link)}</a></p>'
    return Message(page, text, replace(content, title=WORDS("reminder.subject", title=one.digest.title)), "")


def _send(
    channel: SmtpChannel,
    delivery: DueDelivery,
    name: str,
    email: str,
    message: Message,
    secrets: Secrets,
    home: Home,
    ready: Ready,
) -> bool:
    """Whether it went out; without an answer to the whole text it counts as sent, for it may have arrived."""
    own = with_(message, message_id=message_id(delivery, channel))
    plain = replace(channel, attach=(), unsubscribe="")
    try:
        send(plain, checked("address", email), own, secrets, home.path, ready, PATIENCE)
    except (Undelivered, BadValue) as error:
        why = current().reason(error.reason) if isinstance(error, Undelivered) else str(error)
        log.warning("%s", current()("reminder.failed", name=delivery.name, user=name, why=why))
        return isinstance(error, Undelivered) and error.unsure
    return True
