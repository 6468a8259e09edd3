"""Receivers on loopback that behave well or badly: mail servers and web addresses."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller

from archive.desk.sending import DELIVERIES


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Mailbox:
    """An SMTP server; ``answer_rcpt`` and ``answer_data`` may refuse, ``drop`` hangs up after DATA."""

    answer_rcpt: Callable[[str], str] = lambda _: "250 OK"
    answer_data: Callable[[], str] = lambda: "250 OK"
    drop: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:  # noqa: N802
        answer = self.answer_rcpt(to)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(to)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answer_data()
        if answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if self.drop:
            self.drop -= 1
            server.transport.abort()
            await asyncio.sleep(0)
        return answer

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]


@contextmanager
def mail_server(mailbox: Mailbox, **more: Any) -> Iterator[Mailbox]:
    """Run a mail server while inside; ``more`` is for aiosmtpd."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **more)
    controller.start()
    try:
        yield mailbox
    finally:
        for thread in threading.enumerate():
            if thread.name == DELIVERIES:  # what was approved on a page is still on its way
                thread.join(60)
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@dataclass
class WebSink:
    """A web server that keeps what is posted and answers ``status`` and ``location``, at once or never."""

    status: int = 200
    location: str = ""
    hang: bool = False
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    gets: int = 0
    port: int = 0
    ended: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=s3cret"


@contextmanager
def web_server(sink: WebSink) -> Iterator[WebSink]:
    """Run a web server while inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.posts.append((dict(self.headers), body))
            if sink.hang:
                sink.ended.wait(20)
            self.send_response(sink.status)
            if sink.location:
                self.send_header("Location", sink.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            sink.gets += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        sink.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield sink
        finally:
            sink.ended.set()
            server.shutdown()
            thread.join()
