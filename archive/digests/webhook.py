"""Editions to web addresses: a JSON webhook, and the messengers that Apprise knows."""

import http.client
import logging
import urllib.error
import urllib.request
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

from archive.digests.channels import AppriseChannel, Secrets, Undelivered, WebhookChannel, scrub
from archive.digests.message import Parcel

SECONDS = 20.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are answers, not orders: one could lead an edition to an address inside the house."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def post(channel: WebhookChannel, parcel: Parcel, secrets: Secrets) -> None:
    """POST the edition's JSON; the Idempotency-Key is the same on a repeat.

    Raises Undelivered unless the answer is 2xx. Redirects are not followed.
    """
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked in _web_address
        _web_address(secrets.fill(channel.url)),
        data=parcel.json,
        method="POST",
        headers={
            **{name: secrets.fill(value) for name, value in channel.headers.items()},
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": parcel.message_id,
            "User-Agent": "diemtin",
        },
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS):
            return
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            raise Undelivered(
                f"webhook chuyển hướng ({error.code}); hãy ghi địa chỉ cuối vào alerts.yml"
            ) from None
        raise Undelivered(f"webhook trả lời {error.code}") from None
    except urllib.error.URLError as error:
        raise Undelivered(f"không kết nối được webhook ({_why(error.reason)})") from None
    except (OSError, http.client.HTTPException) as error:
        raise Undelivered(f"không gửi được tới webhook ({_why(error)})") from None


def _web_address(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        raise Undelivered("địa chỉ webhook phải bắt đầu bằng http:// hoặc https://")
    return url


def _why(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return f"im lặng quá {SECONDS:g} giây"
    return scrub(getattr(reason, "strerror", None) or type(reason).__name__)


def notify(channel: AppriseChannel, parcel: Parcel, secrets: Secrets) -> None:
    """A short text through one Apprise address.

    Raises Undelivered: Apprise tells no more than yes or no.
    """
    try:
        import apprise
    except ImportError:
        raise Undelivered("chưa cài Apprise: pip install 'diemtin[notify]'") from None
    address = secrets.fill(channel.url or f"${{{channel.url_env}}}")
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines hold tokens
    messenger = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not messenger.add(address):
        raise Undelivered("Apprise không hiểu địa chỉ này")
    if not messenger.notify(title=parcel.subject, body=parcel.brief):
        raise Undelivered("dịch vụ nhắn tin không nhận")
