"""Mails to editors that an edition waits for approval: one to each for a slot."""

import html
import logging
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlite_utils import Database

from archive.clock import stamp
from archive.db import writing
from archive.desk.approvals import open_window
from archive.desk.due import Waiting, waiting
from archive.desk.fields import BadValue, checked
from archive.desk.sending import mail_channel
from archive.digests.channels import Secrets, SmtpChannel, Undelivered
from archive.digests.config import Alerts
from archive.digests.content import WORDS
from archive.digests.message import Message
from archive.digests.outbox import DueDelivery, message_id, send
from archive.home import Home
from archive.i18n import current

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=15)  # after which a mail that was not taken, or was cut off, is tried again
_EDITORS = "select name, email from users where role in ('editor', 'admin') and email <> '' order by name"
_CLAIM = """
    insert into reminders (digest, edition, kind, at)
    select :digest, :edition, 'sending:' || :name, :now where not exists
        (select 1 from reminders where digest = :digest and edition = :edition and kind = 'sent:' || :name)
    on conflict do update set at = excluded.at where at <= :before returning 1
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
        free = [editor for editor in editors if channel and _claim(desk, one, editor[0], now)]
        if not channel or not free:
            continue
        message = _message(archive, desk, one, now)
        secrets = secrets or Secrets.read(alerts.secrets)
        sent = [name for name, email in free if _send(channel, name, email, one, message, secrets, home)]
        _note(desk, one, sent, now)
        told += [one] if sent else []
    return told


def _claim(desk: Database, one: Waiting, name: str, now: datetime) -> bool:
    given = {"digest": one.digest.name, "edition": one.edition, "name": name}
    times = {"now": stamp(now), "before": stamp(now - AGAIN)}
    with writing(desk):
        return desk.execute(_CLAIM, given | times).fetchone() is not None


def _note(desk: Database, one: Waiting, names: list[str], now: datetime) -> None:
    rows = [(one.digest.name, one.edition, f"sent:{name}", stamp(now)) for name in names]
    with writing(desk):
        desk.conn.executemany(
            "insert or ignore into reminders (digest, edition, kind, at) values (?, ?, ?, ?)", rows
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
    channel: SmtpChannel, name: str, email: str, one: Waiting, message: Message, secrets: Secrets, home: Home
) -> bool:
    delivery = DueDelivery(0, one.digest.name, one.edition, f"waits:{name}", "")
    own = Message(message.html, message.text, message.content, message_id(delivery, channel))
    try:
        send(replace(channel, attach=(), unsubscribe=""), checked("address", email), own, secrets, home.path)
    except (Undelivered, BadValue) as error:
        why = current().reason(error.reason) if isinstance(error, Undelivered) else str(error)
        log.warning("%s", current()("reminder.failed", name=one.digest.name, user=name, why=why))
        return False
    return True
