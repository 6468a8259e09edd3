"""A site on loopback whose answers are bytes, as wrong as a test needs them."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Self

HTML, RSS = "text/html; charset=utf-8", "application/rss+xml"
Talk = Callable[[socket.socket], None]
Raw = bytes | Talk


class RawSite:
    """Serves ``pages``: path → the bytes of the whole answer, or what is done with the connection."""

    def __init__(self, pages: Mapping[str, Raw], port: int = 0, host: str = "127.0.0.1") -> None:
        self.pages = dict(pages)
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.connections: list[tuple[str, int]] = []
        self._listening = socket.create_server((host, port))
        self.port = self._listening.getsockname()[1]
        self.home = f"http://{host}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, peer = self._listening.accept()
            except OSError:
                return
            self.connections.append(peer)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65_536)
                if not piece:
                    return
                head += piece
            path = head.split(b" ")[1].decode()
            self.asked.append(path)
            self.heads.append(head.decode("latin-1"))
            page = self.pages.get(
                path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            if isinstance(page, bytes):
                connection.sendall(page.replace(b"{home}", self.home.encode()))
            else:
                page(connection)


def answer(
    body: str | bytes, kind: str = HTML, *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """A whole answer; ``length`` is what Content-Length says where that is a lie."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers, "Connection: close"]
    lines.append(f"Content-Length: {len(data) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def endless(body: str | bytes, kind: str = HTML, *headers: str) -> bytes:
    """An answer without a length, that ends with the connection (HTTP/1.0)."""
    data = body.encode() if isinstance(body, str) else body
    return "\r\n".join(["HTTP/1.0 200 OK", f"Content-Type: {kind}", *headers, "", ""]).encode() + data


def chunked(pieces: Iterable[bytes], kind: str = HTML, *, ended: bool = True) -> bytes:
    """A chunked answer, with or without its last chunk."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head.encode() + body + (b"0\r\n\r\n" if ended else b"")


def reset_after(data: bytes) -> Talk:
    """Send this, then reset the connection."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(data)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return talk


def for_ever(head: bytes, piece: bytes, pause: float = 0.0) -> Talk:
    """Send a head, and then the same piece until nobody listens."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            if pause:
                time.sleep(pause)

    return talk
