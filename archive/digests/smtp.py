"""Editions by SMTP: the message with its fixed Message-ID, and what a server's answer means."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from archive.digests.channels import Secrets, SmtpChannel, Undelivered, scrub
from archive.digests.message import Message

STEP_SECONDS = 20.0  # a server that stays silent for longer is left alone for now


def build(channel: SmtpChannel, message: Message, to: str, secrets: Secrets) -> EmailMessage:
    """The message: plain text, HTML and the attachments asked for; Undelivered for a secret that is not set."""
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = secrets.fill(channel.sender)
    mail["To"] = to
    mail["Date"] = format_datetime(message.made_at)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if channel.reply_to:
        mail["Reply-To"] = secrets.fill(channel.reply_to)
    if channel.unsubscribe:
        where = secrets.fill(channel.unsubscribe)
        mail["List-Unsubscribe"] = f"<{where}>"
        if where.startswith("https:"):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte="base64")
    mail.add_alternative(message.html, subtype="html", cte="base64")
    for format_ in channel.attach:
        mail.add_attachment(
            message.file(format_),
            maintype="application",
            subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
            filename=message.file_name(format_),
        )
    return mail


def send(channel: SmtpChannel, message: Message, recipient: str, secrets: Secrets) -> None:
    """Hand the edition to the mail server for one recipient.

    Raises Undelivered; it is final when the server refused the recipient or the message for good (5xx).
    """
    to = secrets.fill(recipient)
    mail = build(channel, message, to, secrets)
    try:
        server = _connect(channel, secrets)
        try:
            server.send_message(mail, parseaddr(mail["From"])[1], [parseaddr(to)[1]])
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
