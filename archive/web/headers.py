"""Headers that keep crawled text from doing anything: content policy, no sniffing, no framing, no referrer."""

import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette.utils.asgi import Response

from archive.databases.faults import fault_of
from archive.i18n import Words

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]

OUR_PAGES = (
    "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# Datasette's own pages carry inline scripts and styles of its own; crawled text is escaped there too.
STOCK_PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# An edition as it was sent: its own inline styles, nothing else, in an origin of its own.
EDITION = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
# A page as it was fetched: its own inline styles and pictures, nothing from anywhere, in an origin of its own.
COPY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)

_ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"x-dns-prefetch-control": b"off",  # browsers look up the hosts of links ahead
    b"content-security-policy": STOCK_PAGES.encode(),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
_STATIC = "/-/static-plugins/diemtin/"
_NO_COPIES = [(b"x-robots-tag", b"noarchive")]
_LONGEST_BODY = 2_000_000  # bytes: 200,000 Vietnamese letters as forms send them
_TOO_LONG = "This is longer than a form may be. Go back: what you typed is still there."


def with_pictures_of(origin: str) -> str:
    """The policy of our pages with pictures from one other origin, as ``https://anh.example``."""
    return OUR_PAGES.replace("img-src 'self'", f"img-src 'self' {origin}")


def with_headers(app: App, *, public: Callable[[], bool]) -> App:
    """The application with every answer carrying those headers; a page's own choice stands.

    What no page of ours takes is refused: long bodies, and addresses that are no ASCII. ``public`` asks
    search engines to keep no copy.
    """

    async def answer(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _completed(scope, message) + (_NO_COPIES if public() else [])}
            await send(message)

        refused = _refused(scope) if scope["type"] == "http" else None
        if refused:
            await refused.asgi_send(send_with_headers)
            return
        try:
            await app(scope, receive, send_with_headers)
        except sqlite3.Error as error:  # asked of desk.db before there is a page
            if not fault_of(error):
                raise
            await Response.text(_unreadable(), status=507).asgi_send(send_with_headers)

    return answer


def _refused(scope: Message) -> Response | None:
    """The answer to what no page of ours takes."""
    headers = {bytes(name).lower(): bytes(value) for name, value in scope.get("headers") or []}
    if not _acceptable(scope, headers):
        return Response.text("This request cannot be understood.", status=400)
    if int(headers.get(b"content-length", b"0")) > _LONGEST_BODY:
        return Response.text(_TOO_LONG, status=413)
    return None


def _unreadable() -> str:
    return "\n".join(f"{words('error.507')}. {words('error.507.do')}" for words in (Words("vi"), Words("en")))


def _acceptable(scope: Message, headers: dict[bytes, bytes]) -> bool:
    length = headers.get(b"content-length", b"0")
    if not (scope.get("raw_path") or b"/").startswith(b"/"):  # http://host/path, *, host:port: for proxies
        return False
    ascii_only = (scope.get("raw_path") or b"") + headers.get(b"x-csrftoken", b"")
    known = length.isdigit() and len(length) < 16 and b"transfer-encoding" not in headers
    return known and ascii_only.isascii() and _is_utf8(headers)


def _is_utf8(headers: dict[bytes, bytes]) -> bool:
    try:
        headers.get(b"cookie", b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def _completed(scope: Message, message: Message) -> list[tuple[bytes, bytes]]:
    headers = [_local((bytes(name).lower(), bytes(value))) for name, value in message.get("headers", [])]
    present = {name for name, _ in headers}
    headers += [(name, value) for name, value in _ALWAYS.items() if name not in present]
    if message["status"] == 200 and _STATIC in scope.get("path", "") and b"cache-control" not in present:
        headers.append((b"cache-control", b"max-age=604800"))
    return headers


def _local(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A redirect to ``//host`` as one to a path of this site: Datasette takes the path as it was asked for."""
    name, value = header
    return (name, b"/" + value.lstrip(b"/\\")) if name == b"location" and value[:1] in b"/\\" else header
