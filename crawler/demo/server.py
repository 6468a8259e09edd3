"""A small HTTP server on loopback, on a port of its own: what it answers is given by a function."""

import contextlib
import hashlib
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends; ``modified`` is None where nobody keeps that time; ``more``: further headers."""

    status: int
    body: bytes = b""
    content_type: str = HTML
    modified: datetime | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    tagged: bool = True  # whether it carries an ETag and may be answered 304
    stream: Callable[[], Iterator[bytes]] | None = None  # in place of a body whose length is known

    @property
    def headers(self) -> dict[str, str]:
        """Content type and, for what can be asked for again, the two validators."""
        headers = {"Content-Type": self.content_type}
        if self.tagged and self.status in (200, 304):
            headers["ETag"] = self.etag
            if self.modified:
                headers["Last-Modified"] = format_datetime(self.modified.astimezone(UTC), usegmt=True)
        return headers | dict(self.more)

    def not_modified(self) -> "Answer":
        """The same with status 304; its body is not sent but still makes the ETag."""
        return replace(self, status=304)

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'

    def unchanged(self, asked: Mapping[str, str]) -> bool:
        """Whether the request's validators still hold: an ETag sent decides alone (RFC 9110, 13.2.2)."""
        if not self.tagged:
            return False
        if tags := asked.get("If-None-Match"):
            return self.etag in re.findall(r'"[^"]*"', tags)
        since = asked.get("If-Modified-Since")
        return bool(since and self.modified and self.modified <= _http_date(since))


def _http_date(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


HERE = "127.0.0.1"
Reply = Callable[[str, Mapping[str, str], str], Answer]  # target, headers and method of a request


class Server(ThreadingHTTPServer):
    """Serves one outlet on a free port of ``host`` from threads; ``reply`` gives the answers."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, reply: Reply, host: str = HERE) -> None:
        self.reply = reply
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((host, 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def home(self) -> str:
        """The address of the front page."""
        return "http://{}:{}/".format(*self.server_address[:2])

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving; connections kept alive by clients are ended, not waited for."""
        self.shutdown()
        self._thread.join()
        with self._guard:
            for connection in self._open:
                self._end(connection)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that go away in the middle of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @staticmethod
    def _end(connection: socket.socket) -> None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DemoPress"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        headers = dict(self.headers.items())
        answer = self.server.reply(self.path, headers, self.command)
        if answer.status == 200 and answer.unchanged(headers):
            answer = answer.not_modified()
        body = b"" if answer.status == 304 else answer.body
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.stream:
            self._stream(answer.stream())
            return
        if answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, parts: Iterator[bytes]) -> None:
        """Send what comes until the client goes away; the end of the connection is the end of the body."""
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            for part in parts:
                self.wfile.write(part)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on stderr; the press keeps its own list of visits."""
