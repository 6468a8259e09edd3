"""Readers who ask halfway, drip, or do not read: others are served, crawls start, and the log stays small."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn

from crawler.service import connections
from crawler.service.connections import LimitedProtocol
from crawler.service.log_limit import ALL, EACH, LONGEST, MINUTE, LogLimit
from tests.commands import Copy
from tests.test_up import free_port, page, wait_until, write_dead_source

pytestmark = pytest.mark.timeless
FEW = """
import resource
from crawler.cli import main
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
main()
"""
HALVES = (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"", b"POST /dang-nhap HTTP/1.1\r\n")


@contextlib.contextmanager
def few_handles(folder: Path, *arguments: object) -> Iterator[tuple[Copy, Path]]:
    """The command in a process that can open 256 files, and what it says."""
    out = folder / "out.txt"
    with out.open("wb") as file, Copy(*arguments, program=FEW, stdout=file, stderr=file) as process:
        yield process, out
        process.kill()


def half_ask(port: int, held: contextlib.ExitStack, count: int) -> None:
    for at in range(count):
        with contextlib.suppress(OSError):
            half = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            half.sendall(HALVES[at % len(HALVES)])
        if at % 20 == 19:
            time.sleep(0.05)  # a full queue of new connections costs whole seconds each


def test_three_hundred_half_sent_requests_stop_neither_pages_nor_crawls(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    write_dead_source(home)
    with (
        few_handles(tmp_path, "--home", str(home), "up", "--port", str(port)) as (process, out),
        contextlib.ExitStack() as held,
    ):
        wait_until(lambda: "http://127.0.0.1" in out.read_text())
        wait_until(lambda: _listens(port))
        half_ask(port, held, 150)
        assert "Điểm Tin" in page(port, "/tro-giup")
        wait_until(lambda: "tat: unreachable" in out.read_text(encoding="utf-8"))
        half_ask(port, held, 150)
        assert "Điểm Tin" in page(port, "/tro-giup")
        assert process.poll() is None
        assert len(list(Path(f"/proc/{process.pid}/fd").iterdir())) < 256
        assert out.stat().st_size < 20_000, out.read_text()[-2000:]


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


async def _app(scope: dict[str, object], receive: object, send: object) -> None:
    """Answers ``/long`` at length, reads the body of everything else."""
    while scope["path"] != "/long":
        message = await receive()  # type: ignore[operator]
        if not message.get("more_body"):
            break
    length = 50_000_000 if scope["path"] == "/long" else 2
    headers = [(b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[operator]
    for _ in range(length // 1_000_000):
        await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"ok" if length == 2 else b""})  # type: ignore[operator]


class Served:
    """A server of that application, and how to ask it."""

    def __init__(self, port: int, server: uvicorn.Server) -> None:
        self.port, self.server = port, server

    async def ask(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer

    @property
    def open(self) -> int:
        return len(self.server.server_state.connections)


@contextlib.asynccontextmanager
async def served(most: int = 8, **limits: float) -> AsyncIterator[Served]:
    kind = type("Tested", (LimitedProtocol,), {"most": most, **limits})
    port = free_port()
    config = uvicorn.Config(
        connections.unhurried(_app), port=port, http=kind, log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield Served(port, server)
    server.should_exit = True
    await serving


async def is_left(site: Served, seconds: float = 30) -> bool:
    """Whether the server closes its connections by itself; the limits here are fractions of a second."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while site.open:
                await asyncio.sleep(0.02)
    return not site.open


WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSED = b""


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET", b"GET / HTTP/1.1\r\nHost: a\r\n", WHOLE + b"GET", WHOLE + WHOLE,
     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1",
     WHOLE + b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
     b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
)  # fmt: skip
async def test_what_is_begun_has_to_end_however_it_drips(begun: bytes) -> None:
    async with served(head=0.3, body=0.3) as site:
        reader, writer = await site.ask(begun)
        with contextlib.suppress(ConnectionError):
            for _ in range(0 if begun.endswith(WHOLE) else 200):
                writer.write(b"a")
                await writer.drain()
                if reader.at_eof():
                    break
                await asyncio.sleep(0.05)
            await asyncio.wait_for(reader.read(), 20)
        writer.close()
        assert await is_left(site), "the connection is held for ever"


async def test_an_answer_nobody_reads_is_given_up() -> None:
    async with served(reading=0.3) as site:
        _, writer = await site.ask(WHOLE.replace(b"/ ", b"/long ", 1))
        while not site.open:
            await asyncio.sleep(0.02)
        assert await is_left(site), "the answer waits for its reader for ever"
        writer.close()


async def test_a_long_answer_that_is_read_comes_whole_though_it_takes_longer() -> None:
    async with served(head=0.2, body=0.2, reading=0.5) as site:
        reader, writer = await site.ask(WHOLE.replace(b"/ ", b"/long ", 1))
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(20):
            assert len(await reader.readexactly(2_500_000)) == 2_500_000
            await asyncio.sleep(0.04)
        writer.close()


async def test_who_waits_longest_makes_room_for_who_asks() -> None:
    async with served(most=4) as site:
        held = [await site.ask(b"GET / HTTP/1.1\r\n") for _ in range(20)]
        for _ in range(10):
            reader, writer = await site.ask(WHOLE)
            assert (await asyncio.wait_for(reader.readuntil(b"ok"), 20)).startswith(b"HTTP/1.1 200")
            writer.close()
        assert site.open <= 4
        for _, writer in held:
            writer.close()


async def test_more_requests_than_can_be_answered_are_told_to_come_again() -> None:
    waiting = asyncio.Event()
    sent: list[dict[str, object]] = []

    async def slow(scope: object, receive: object, send: object) -> None:
        await waiting.wait()

    async def note(message: dict[str, object]) -> None:
        sent.append(message)

    app = connections.unhurried(slow, busy=2, seconds=0.2)
    scope = {"type": "http", "path": "/"}
    first = [asyncio.create_task(app(scope, None, note)) for _ in range(2)]
    await asyncio.sleep(0)
    await app(scope, None, note)
    assert [one["status"] for one in sent if "status" in one] == [503]
    await asyncio.gather(*first)  # they took too long
    assert [one["status"] for one in sent if "status" in one] == [503] * 3


@pytest.mark.parametrize("handles", [64, 256, 1024, 1_048_576])
def test_connections_leave_handles_for_everything_else(handles: int) -> None:
    most = connections.room_for(handles)
    assert connections.LEAST <= most <= connections.MOST
    if handles >= 256:
        assert most + 2 * connections.AT_A_TIME < handles - 64


def _limited(clock: list[float]) -> tuple[logging.Logger, list[str]]:
    written: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(handler.format(record))  # type: ignore[method-assign]
    handler.addFilter(LogLimit(lambda: clock[0]))
    log = logging.Logger("tried")  # noqa: LOG001 - apart from all others
    log.addHandler(handler)
    return log, written


def test_of_one_kind_of_line_a_few_are_written_and_the_rest_counted() -> None:
    clock = [0.0]
    log, written = _limited(clock)
    for at in range(10_000):
        log.warning("connection %d of <Task 0x%x> was 'lost'", at, at)
    log.warning("something else")
    assert len(written) == EACH + 1
    clock[0] += MINUTE
    log.warning("connection %d of <Task 0x%x> was 'lost'", 1, 1)
    assert written[-1].endswith(f"({10_000 - EACH} more like this)")


def test_lines_that_all_differ_do_not_flood_either() -> None:
    log, written = _limited([0.0])
    for at in range(2000):
        log.error("".join(chr(97 + int(one)) for one in str(at)) * 5)
    assert len(written) == ALL


def test_a_line_is_cut_and_its_traceback_too() -> None:
    log, written = _limited([0.0])
    log.warning("100 %% of %s", "x" * 3_000_000)
    try:
        raise ValueError("y" * 3_000_000)
    except ValueError:
        log.exception("broken")
    assert written[0].startswith("100 % of x")
    assert max(map(len, written)) < 2 * LONGEST
