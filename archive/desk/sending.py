"""An edition to one address: a test before it goes, a copy afterwards; and its deliveries sent at once."""

import logging
import threading
from datetime import datetime

from msgspec.structs import replace

from archive.clock import stamp
from archive.desk import log
from archive.desk.db import open_desk
from archive.desk.fields import checked
from archive.digests.channels import Secrets, SmtpChannel, Undelivered
from archive.digests.config import Alerts, Digest
from archive.digests.content import WORDS, Content
from archive.digests.layout.html import to_html, to_text
from archive.digests.mail.smtp import BRIEF
from archive.digests.message import Message
from archive.digests.outbox import DueDelivery, deliver, message_id, send
from archive.home import Home
from archive.reasons import reason
from archive.schema import open_archive

DELIVERIES = "deliveries"  # the name of a thread that sends an edition


def send_test(
    home: Home, alerts: Alerts, digest: Digest, content: Content, to: str, now: datetime, *, by: str = ""
) -> None:
    """Send an edition as it would go out to one address, marked as a test; nothing is noted but in the log.

    Raises as :func:`send_copy` does.
    """
    marked = replace(content, title=WORDS("edition.test", title=content.title))
    _send_alone(home, alerts, digest, content, marked, to, now, by, reason("desk_tested", to=to.strip()))


def send_copy(
    home: Home, alerts: Alerts, digest: Digest, content: Content, to: str, now: datetime, *, by: str = ""
) -> None:
    """Send an edition to one address through the digest's first mail channel; it is no delivery of its own.

    Raises BadValue for what is no address, Undelivered when there is no mail channel or it did not take it.
    """
    what = reason("desk_copied", edition=content.edition, to=to.strip())
    _send_alone(home, alerts, digest, content, content, to, now, by, what)


def _send_alone(
    home: Home,
    alerts: Alerts,
    digest: Digest,
    content: Content,
    headed: Content,
    to: str,
    now: datetime,
    by: str,
    what: str,
) -> None:
    """``headed`` gives subject and attachments."""
    to, channel = str(checked("address", to)), mail_channel(digest)
    if channel is None:
        raise Undelivered("no_mail_channel", name=digest.name)
    delivery = DueDelivery(0, digest.name, content.edition, what, stamp(now))
    message = Message(to_html(content), to_text(content), headed, message_id(delivery, channel))
    send(channel, to, message, Secrets.read(alerts.secrets), home.path, patience=BRIEF)
    desk = open_desk(home.desk_db)
    try:
        log.write(desk, what, by=by, now=now, digest=digest.name)
    finally:
        desk.close()


def mail_channel(digest: Digest) -> SmtpChannel | None:
    """The digest's first channel by mail."""
    return next((one for one in digest.channels.values() if isinstance(one, SmtpChannel)), None)


def send_soon(home: Home, alerts: Alerts, digest_id: int, now: datetime) -> threading.Thread:
    """Send an edition's deliveries in a thread, for whoever approved it; ``up`` tries again what fails."""

    def run() -> None:
        archive = open_archive(home.archive_db)
        try:
            deliver(archive, alerts, now, base=home.path, only=digest_id)
        except Exception:  # whatever broke, ``up`` sends what waits
            logging.getLogger(__name__).exception("edition %s", digest_id)
        finally:
            archive.close()

    thread = threading.Thread(target=run, name=DELIVERIES, daemon=True)
    thread.start()
    return thread
