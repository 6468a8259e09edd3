"""Connections of readers: how many, how long one may take to ask and to read; whoever dawdles makes room.

uvicorn limits what it keeps of a request's head and how long an idle connection stays, but neither the time
for head and body nor that for reading the answer. The limits here are those that nginx and Apache have
(``client_header_timeout``, ``client_body_timeout``, ``send_timeout``; mod_reqtimeout).
"""

import asyncio
import logging
import resource
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from h11 import IDLE, SEND_BODY
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD, BODY, READING, ANSWER = 15.0, 60.0, 60.0, 60.0  # seconds
LONGEST_HEAD = 48 * 1024  # bytes: a query of 2,000 Vietnamese letters takes 18 in an address
MOST, LEAST = 256, 16  # connections
KEPT_FREE = 96  # file handles for databases, children and logs
AT_A_TIME = 32  # connections accepted in one go
BUSY = 64  # requests that are answered at once; more are told to come again
Application = Callable[..., Awaitable[None]]
log = logging.getLogger(__name__)


def raise_handles() -> int:
    """Let the process open as many files as it may: what that is afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says «unlimited» and means less
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return MOST * 8 if soft == resource.RLIM_INFINITY else soft


def room_for(handles: int) -> int:
    """How many connections there may be where so many files can be open."""
    return min(max((handles - KEPT_FREE - AT_A_TIME) // 2, LEAST), MOST)


class LimitedProtocol(H11Protocol):
    """One connection, closed when a part of it takes too long, or first of all when there are too many.

    A subclass for each server has its own ``most``.
    """

    most = MOST
    head, body, reading = HEAD, BODY, READING
    _timer: asyncio.TimerHandle | None = None
    _writing: asyncio.TimerHandle | None = None
    _since = 0.0
    _part: Any = IDLE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, in the place of the one that has waited longest where there is no room."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._within(self.head)
        if len(self.connections) > self.most:
            waiting = [one for one in self.connections if isinstance(one, LimitedProtocol) and one.waits]
            min(waiting, key=lambda one: one._since, default=self).drop("too many connections")

    @property
    def waits(self) -> bool:
        """Whether nothing is being answered here."""
        return self.cycle is None or self.cycle.response_complete

    def drop(self, why: str) -> None:
        """Close the connection at once."""
        log.warning("a connection was closed: %s", why)
        self._stop()
        self.connections.discard(self)
        self.transport.abort()

    def handle_events(self) -> None:
        """Read on; a head or body that has begun has to end in time, however it drips."""
        super().handle_events()
        part = "closing" if self.transport.is_closing() else self.conn.their_state
        if part is self._part:
            return
        self._part = part
        seconds = {IDLE: self.head, SEND_BODY: self.body, "closing": self.reading}.get(part)
        self._within(seconds) if seconds else self._stop()

    def on_response_complete(self) -> None:
        """Wait for the next request from now on, or for the answer to be read."""
        self._since = self.loop.time()
        super().on_response_complete()
        if self.transport.is_closing():
            self._within(self.reading)

    def pause_writing(self) -> None:
        """The reader is slower than the answer: the part that waits has to be read in time."""
        super().pause_writing()
        self._writing = self.loop.call_later(self.reading, self.drop, "the answer was not read")

    def resume_writing(self) -> None:
        """The part was read."""
        super().resume_writing()
        if self._writing:
            self._writing.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop()
        if self._writing:
            self._writing.cancel()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; one that does not read its last answer is cut off later."""
        super().timeout_keep_alive_handler()
        self._within(self.reading)

    def _within(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self.drop, "it was not used in time")

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None


def protocol(most: int) -> type[LimitedProtocol]:
    """The protocol of a server with room for so many connections."""
    return type("LimitedConnection", (LimitedProtocol,), {"most": most})


def unhurried(app: Application, busy: int = BUSY, seconds: float = ANSWER) -> Application:
    """The application, answering so many requests at once, each within so many seconds; others come again."""
    answering = 0

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        nonlocal answering
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif answering >= busy:
            await _come_again(send)
        else:
            answering += 1
            try:
                await _answered(app, scope, receive, send, seconds)
            finally:
                answering -= 1

    return answer


async def _answered(app: Application, scope: Any, receive: Any, send: Any, seconds: float) -> None:
    begun = False

    async def first(message: Any) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        async with asyncio.timeout(seconds):
            await app(scope, receive, first)
    except TimeoutError:
        log.warning("a page took longer than %s s: %s", seconds, scope["path"][:200])
        if not begun:
            await _come_again(send)


async def _come_again(send: Any) -> None:
    """Answer 503 (RFC 9110, 15.6.4)."""
    kind = (b"content-type", b"text/plain; charset=utf-8")
    headers = [kind, (b"retry-after", b"10"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"Too much is asked at once; come again."})


def accept_failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The loop's word on what nobody awaits; that no connection can be taken now is told in one line."""
    if str(context.get("message", "")).startswith("socket.accept()"):
        log.warning("no connection can be taken now: %s", context.get("exception"))
        return
    loop.default_exception_handler(context)
