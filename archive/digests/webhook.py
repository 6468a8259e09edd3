"""Editions to web addresses: a JSON webhook, and the messengers that Apprise knows."""

import http.client
import logging
import urllib.error
import urllib.request

from archive.clock import elapsed
from archive.digests.channels import (
    AppriseChannel,
    Ready,
    Secrets,
    Undelivered,
    WebhookChannel,
    at_once,
    is_web_address,
    scrub,
)
from archive.digests.message import Message
from archive.network.dial import PrivateAddress, opener

SECONDS = 300.0  # a slow receiver that is given up too soon gets the same edition again
CONNECT_SECONDS = 30


def post(channel: WebhookChannel, message: Message, secrets: Secrets, ready: Ready = at_once) -> None:
    """POST the edition's JSON; the Idempotency-Key is the same on a repeat.

    Raises Undelivered unless the answer is 2xx, unsure where there was none. Redirects are not followed.
    """
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked in _web_address
        _web_address(secrets.fill(channel.url)),
        data=message.json,
        method="POST",
        headers={
            **{name: secrets.fill(value) for name, value in channel.headers.items()},
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.message_id,
            "User-Agent": "diemtin",
        },
    )
    ready()
    try:
        with opener(own_network=channel.private).open(request, timeout=SECONDS):
            return
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            raise Undelivered("webhook_redirect", status=error.code) from None
        raise Undelivered("webhook_status", status=error.code) from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, PrivateAddress):
            raise Undelivered("webhook_private") from None
        raise _failed("webhook_unreachable", error.reason) from None
    except ValueError:  # a header or address with what none may hold; its text may be a secret
        raise Undelivered("webhook_characters") from None
    except (OSError, http.client.HTTPException) as error:
        raise _failed("webhook_failed", error, unsure=True) from None


def _web_address(url: str) -> str:
    if not is_web_address(url):
        raise Undelivered("webhook_scheme")
    return url


def _failed(code: str, error: object, *, unsure: bool = False) -> Undelivered:
    if isinstance(error, TimeoutError):
        return Undelivered(f"{code}_silent", unsure=unsure, seconds=f"{SECONDS:g}")
    why = scrub(getattr(error, "strerror", None) or type(error).__name__)
    return Undelivered(code, unsure=unsure, why=why)


def notify(channel: AppriseChannel, message: Message, secrets: Secrets, ready: Ready = at_once) -> None:
    """A short text through one Apprise address.

    Raises Undelivered; Apprise does not say why a message was refused, so that it took long is taken for
    an answer that did not come.
    """
    try:
        import apprise
    except ImportError:
        raise Undelivered("apprise_missing") from None
    address = secrets.fill(channel.url or f"${{{channel.url_env}}}")
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines hold tokens
    messenger = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not messenger.add(address):
        raise Undelivered("apprise_address")
    for service in messenger:
        service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, SECONDS
    ready()
    began = elapsed()
    if not messenger.notify(title=message.subject, body=message.brief):
        raise Undelivered("apprise_refused", unsure=elapsed() - began >= SECONDS)
