"""Editions by SMTP: the message with its fixed Message-ID, and what a server's answer means."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from archive.digests.channels import Ready, Secrets, SmtpChannel, Undelivered, at_once, scrub
from archive.digests.mail.addresses import AddressError, MailAddress, link, parse, split
from archive.digests.mail.headers import address_line, list_line, plain_line, text_line
from archive.digests.message import EditionFile, Message


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a server has for a command, and for its answer to the whole text (RFC 5321, 4.5.3.2)."""

    command: float = 300.0
    answer: float = 600.0


PATIENT = Patience()
BRIEF = Patience(20.0, 60.0)  # where a person waits for the page
_GOODBYE = 2.0  # seconds for the answer to QUIT, on which nothing depends
_DOTS = re.compile(rb"^\.", re.MULTILINE)


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


def send(
    channel: SmtpChannel,
    message: Message,
    recipient: str,
    secrets: Secrets,
    ready: Ready = at_once,
    patience: Patience = PATIENT,
) -> str:
    """Hand the edition to the mail server for one recipient; why Word is attached for a PDF, '' if it is not.

    ``ready`` is called just before the text goes out. Raises Undelivered; it is final when the server refused
    the recipient or the message for good (5xx), unsure when it had the whole text and did not answer.
    """
    mail = build(channel, message, recipient, secrets)
    try:
        server = _connect(channel, secrets, patience)
        try:
            _hand_over(server, mail, ready, patience)
        finally:
            _leave(server)
    except smtplib.SMTPAuthenticationError as error:
        raise Undelivered("smtp_login", status=error.smtp_code) from None
    except smtplib.SMTPResponseException as error:
        raise _refused("connection", error.smtp_code, error.smtp_error, final=False) from None
    except smtplib.SMTPServerDisconnected:
        raise Undelivered("smtp_disconnected") from None
    except smtplib.SMTPNotSupportedError:
        raise Undelivered("smtp_unsupported") from None
    except TimeoutError:
        raise Undelivered("smtp_silent", seconds=f"{patience.command:g}") from None
    except OSError as error:
        raise Undelivered("smtp_unreachable", why=scrub(error.strerror or type(error).__name__)) from None
    return mail.note


def _connect(channel: SmtpChannel, secrets: Secrets, patience: Patience) -> smtplib.SMTP:
    host = secrets.fill(channel.host)
    context = ssl.create_default_context() if channel.tls != "none" else None
    if channel.tls == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, channel.port, timeout=patience.command, context=context)
    else:
        server = smtplib.SMTP(host, channel.port, timeout=patience.command)
    try:
        if channel.tls == "starttls":
            server.starttls(context=context)
        if channel.user:
            server.login(secrets.fill(channel.user), secrets.fill(channel.password))
        server.ehlo_or_helo_if_needed()
    except UnicodeEncodeError:  # smtplib takes ASCII alone
        server.close()
        raise Undelivered("smtp_login_letters") from None
    except BaseException:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, mail: Mail, ready: Ready, patience: Patience) -> None:
    size = [f"size={len(mail.data)}"] if server.does_esmtp and server.has_extn("size") else []
    _expect(250, "sender", server.mail(mail.sender, size))
    _expect(250, "recipient", server.rcpt(mail.recipient))
    ready()
    _expect(354, "message", server.docmd("data"))
    _set_timeout(server, patience.answer)
    server.send(_DOTS.sub(b"..", mail.data.removesuffix(b"\r\n")) + b"\r\n.\r\n")
    _expect(250, "message", _answer(server))


def _answer(server: smtplib.SMTP) -> tuple[int, bytes]:
    """The server's word on the whole text; where none comes it may have taken it, or not."""
    try:
        return server.getreply()
    except (smtplib.SMTPServerDisconnected, OSError):
        raise Undelivered("smtp_unsure", unsure=True) from None


def _expect(code: int, what: str, answer: tuple[int, bytes]) -> None:
    if answer[0] // 10 != code // 10:  # 251 is a recipient taken too
        raise _refused(what, *answer)


def _set_timeout(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _leave(server: smtplib.SMTP) -> None:
    """Quit; an error now no longer changes whether the message was taken."""
    with suppress(smtplib.SMTPException, OSError):
        _set_timeout(server, _GOODBYE)
        server.quit()
    server.close()


def _refused(what: str, code: int, text: bytes | str, *, final: bool = True) -> Undelivered:
    answer = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Undelivered(f"smtp_{what}", status=code, answer=scrub(answer), final=final and code >= 500)
