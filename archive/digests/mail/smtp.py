"""Editions by SMTP: the message with its fixed Message-ID, and what a server's answer means."""

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from archive.digests.channels import Secrets, SmtpChannel, Undelivered, scrub
from archive.digests.mail.addresses import AddressError, MailAddress, link, parse, split
from archive.digests.mail.headers import address_line, list_line, plain_line, text_line
from archive.digests.message import EditionFile, Message

STEP_SECONDS = 20.0  # a server that stays silent for longer is left alone for now


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be handed over: who sends it, who gets it, its bytes; why Word stands for a PDF."""

    sender: str
    recipient: str
    data: bytes
    note: str = ""


def build(channel: SmtpChannel, message: Message, to: str, secrets: Secrets) -> Mail:
    """The mail: plain text, HTML and the attachments asked for.

    Raises Undelivered for a secret that is not set or holds no address.
    """
    [sender] = _addresses("sender", channel.sender, secrets)
    [recipient] = _addresses("to", to, secrets)
    head = [
        text_line("Subject", message.subject),
        address_line("From", [sender]),
        address_line("To", [recipient]),
        plain_line("Date", format_datetime(message.made_at)),
        plain_line("Message-ID", message.message_id),
        plain_line("Auto-Submitted", "auto-generated"),
        list_line(message.content.title, f"{message.content.name}.diemtin.{sender.domain}"),
    ]
    if channel.reply_to:
        head.append(address_line("Reply-To", _addresses("reply_to", channel.reply_to, secrets, several=True)))
    if channel.unsubscribe:
        head += _unsubscribe(channel.unsubscribe, secrets)
    files, note = message.files(channel.attach)
    body = _body(message, files).as_bytes(policy=policy.SMTP)
    return Mail(sender.address, recipient.address, "".join(head).encode("ascii") + body, note)


def _addresses(key: str, text: str, secrets: Secrets, *, several: bool = False) -> list[MailAddress]:
    try:
        filled = secrets.fill(text)
        return [parse(one) for one in (split(filled) if several else [filled])]
    except AddressError:
        raise Undelivered("mail_address", field=key) from None


def _unsubscribe(text: str, secrets: Secrets) -> list[str]:
    try:
        where = link(secrets.fill(text))
    except AddressError:
        raise Undelivered("mail_address", field="unsubscribe") from None
    lines = [plain_line("List-Unsubscribe", f"<{where}>")]
    if where.startswith("https:"):
        lines.append(plain_line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return lines


def _body(message: Message, files: Sequence[EditionFile]) -> EmailMessage:
    body = EmailMessage()
    body.set_content(message.text, cte="base64")
    body.add_alternative(message.html, subtype="html", cte="base64")
    for one in files:
        kind, _, form = one.media.partition("/")
        body.add_attachment(one.data, maintype=kind, subtype=form, filename=one.name)
    return body


def send(channel: SmtpChannel, message: Message, recipient: str, secrets: Secrets) -> str:
    """Hand the edition to the mail server for one recipient; why Word is attached for a PDF, '' if it is not.

    Raises Undelivered; it is final when the server refused the recipient or the message for good (5xx).
    """
    mail = build(channel, message, recipient, secrets)
    try:
        server = _connect(channel, secrets)
        try:
            server.sendmail(mail.sender, [mail.recipient], mail.data)
        finally:
            _leave(server)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refused("recipient", code, text) from None
    except smtplib.SMTPAuthenticationError as error:
        raise Undelivered("smtp_login", status=error.smtp_code) from None
    except smtplib.SMTPSenderRefused as error:
        raise _refused("sender", error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPDataError as error:
        raise _refused("message", error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPResponseException as error:
        raise _refused("connection", error.smtp_code, error.smtp_error, final=False) from None
    except smtplib.SMTPServerDisconnected:
        raise Undelivered("smtp_disconnected") from None
    except smtplib.SMTPNotSupportedError:
        raise Undelivered("smtp_unsupported") from None
    except TimeoutError:
        raise Undelivered("smtp_silent", seconds=f"{STEP_SECONDS:g}") from None
    except OSError as error:
        raise Undelivered("smtp_unreachable", why=scrub(error.strerror or type(error).__name__)) from None
    return mail.note


def _connect(channel: SmtpChannel, secrets: Secrets) -> smtplib.SMTP:
    host = secrets.fill(channel.host)
    context = ssl.create_default_context() if channel.tls != "none" else None
    if channel.tls == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, channel.port, timeout=STEP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, channel.port, timeout=STEP_SECONDS)
    try:
        if channel.tls == "starttls":
            server.starttls(context=context)
        if channel.user:
            server.login(secrets.fill(channel.user), secrets.fill(channel.password))
    except UnicodeEncodeError:  # smtplib takes ASCII alone
        server.close()
        raise Undelivered("smtp_login_letters") from None
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    """Quit; an error now no longer changes whether the message was taken."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _refused(what: str, code: int, text: bytes | str, *, final: bool = True) -> Undelivered:
    answer = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Undelivered(f"smtp_{what}", status=code, answer=scrub(answer), final=final and code >= 500)
