"""Editions by SMTP: the message with its fixed Message-ID, and what a server's answer means."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from archive.digests.channels import Secrets, SmtpChannel, Undelivered, scrub
from archive.digests.message import Parcel

STEP_SECONDS = 20.0  # a server that stays silent for longer is left alone for now


def build(channel: SmtpChannel, parcel: Parcel, to: str, secrets: Secrets) -> EmailMessage:
    """The message: plain text, HTML and the attachments asked for; Undelivered for a secret that is not set."""
    message = EmailMessage()
    message["Subject"] = parcel.subject
    message["From"] = secrets.fill(channel.sender)
    message["To"] = to
    message["Date"] = format_datetime(parcel.made_at)
    message["Message-ID"] = parcel.message_id
    message["Auto-Submitted"] = "auto-generated"
    if channel.reply_to:
        message["Reply-To"] = secrets.fill(channel.reply_to)
    if channel.unsubscribe:
        where = secrets.fill(channel.unsubscribe)
        message["List-Unsubscribe"] = f"<{where}>"
        if where.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(parcel.text, cte="base64")
    message.add_alternative(parcel.html, subtype="html", cte="base64")
    for format_ in channel.attach:
        message.add_attachment(
            parcel.file(format_),
            maintype="application",
            subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
            filename=parcel.file_name(format_),
        )
    return message


def send(channel: SmtpChannel, parcel: Parcel, recipient: str, secrets: Secrets) -> None:
    """Hand the edition to the mail server for one recipient.

    Raises Undelivered; it is final when the server refused the recipient or the message for good (5xx).
    """
    to = secrets.fill(recipient)
    message = build(channel, parcel, to, secrets)
    try:
        server = _connect(channel, secrets)
        try:
            server.send_message(message, parseaddr(message["From"])[1], [parseaddr(to)[1]])
        finally:
            _leave(server)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refused("người nhận", code, text) from None
    except smtplib.SMTPAuthenticationError as error:
        raise Undelivered(f"máy chủ thư không nhận đăng nhập ({error.smtp_code})") from None
    except smtplib.SMTPSenderRefused as error:
        raise _refused("người gửi", error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPDataError as error:
        raise _refused("thư", error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPResponseException as error:
        raise _refused("kết nối", error.smtp_code, error.smtp_error, final=False) from None
    except smtplib.SMTPServerDisconnected:
        raise Undelivered("máy chủ thư ngắt kết nối") from None
    except smtplib.SMTPNotSupportedError:
        raise Undelivered("máy chủ thư không có STARTTLS hoặc đăng nhập mà cấu hình yêu cầu") from None
    except TimeoutError:
        raise Undelivered(f"máy chủ thư im lặng quá {STEP_SECONDS:g} giây") from None
    except OSError as error:
        raise Undelivered(
            f"không kết nối được máy chủ thư ({scrub(error.strerror or type(error).__name__)})"
        ) from None


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
    """Say goodbye; what goes wrong now no longer changes what became of the message."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _refused(what: str, code: int, text: bytes | str, *, final: bool = True) -> Undelivered:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Undelivered(f"máy chủ thư từ chối {what} ({code} {scrub(said)})", final=final and code >= 500)
