"""SQL that others wrote, run in processes of its own: whatever it asks for, it ends in time and memory.

SQLite looks at a time limit between its own instructions, and one of them may take minutes (``like '%a%a%b'``,
``instr``, ``replace`` of long texts) or gigabytes (``zeroblob``). A process can be ended, and has a limit.
"""

import os
import resource
import sqlite3
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import BoundedSemaphore, Timer
from time import perf_counter
from typing import Any, BinaryIO

import msgspec

from archive.workers import end_with, own_environment, own_module

WORKERS = 2
MEMORY = 192 * 2**20  # bytes that SQLite may take in a worker
ROOM = 384 * 2**20  # bytes of addresses beyond those of an idle worker
LARGEST = 24 * 2**20  # bytes of one answer
SPARE = 1.0  # seconds after its time limit that a question is ended with its process
STARTING = 30.0  # seconds a new worker may take on a busy machine
WAITING = 24  # questions at once, those that run included
_STEPS = 1000  # SQLite's instructions between two looks at the time
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 16 * 2**20,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 80,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


class Question(msgspec.Struct, frozen=True, array_like=True):
    """A statement for a database file: ``most`` rows (0: all) within ``seconds``."""

    path: str
    sql: str
    params: list[Any] | dict[str, Any]
    seconds: float
    most: int = 0


class SqlAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The rows and their columns, or what was wrong: ``error`` with the kind that SQLite gives it."""

    columns: list[str] = []
    rows: list[list[Any]] = []
    error: str = ""
    kind: str = ""


INTERRUPTED = SqlAnswer(error="interrupted", kind="OperationalError")
TOO_MUCH = SqlAnswer(error="it needs more memory than a question may take", kind="OperationalError")
_TOO_LARGE = SqlAnswer(error="the answer is too large; ask for fewer or shorter rows", kind="OperationalError")


class Crowded(Exception):
    """Too many questions wait."""


class _Worker:
    """A process that answers one question after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this module
            own_module("archive.workers.sql", os.getpid()),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=own_environment(),
        )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, question: Question) -> SqlAnswer:
        """Its answer; INTERRUPTED or TOO_MUCH where it had to be ended, or ended by itself."""
        process = self._process
        ending = Timer(question.seconds + SPARE + STARTING, process.kill)
        ending.start()
        begun = perf_counter()
        try:
            _write(process.stdin, msgspec.msgpack.encode(question))
            _read(process.stdout)  # it begins
            ending.cancel()
            begun = perf_counter()
            ending = Timer(question.seconds + SPARE, process.kill)
            ending.start()
            return msgspec.msgpack.decode(_read(process.stdout), type=SqlAnswer)
        except (EOFError, BrokenPipeError):
            self.close()
            return INTERRUPTED if perf_counter() - begun > question.seconds else TOO_MUCH
        finally:
            ending.cancel()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


class SqlPool:
    """Answers questions in ``WORKERS`` processes, which start when they are asked."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, "sql")
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        for _ in range(WORKERS):
            self._idle.put(None)
        self._room = BoundedSemaphore(WAITING)

    def ask(self, question: Question) -> "Future[SqlAnswer]":
        """The answer to come. Raises Crowded."""
        if not self._room.acquire(blocking=False):
            raise Crowded
        asked = self._threads.submit(self._ask, question)
        asked.add_done_callback(self._done)
        return asked

    def _ask(self, question: Question) -> SqlAnswer:
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = _Worker()
            return worker.ask(question)
        finally:
            self._idle.put(worker)

    def _done(self, asked: "Future[SqlAnswer]") -> None:
        self._room.release()

    def close(self) -> None:
        """End the workers."""
        self._threads.shutdown()
        while not self._idle.empty():
            if worker := self._idle.get():
                worker.close()


def _write(stream: BinaryIO | Any, message: bytes) -> None:
    stream.write(len(message).to_bytes(8, "big") + message)
    stream.flush()


def _read(stream: BinaryIO | Any) -> bytes:
    """The next message. Raises EOFError where there is none."""
    length = stream.read(8)
    message = stream.read(int.from_bytes(length, "big")) if len(length) == 8 else b""
    if len(length) < 8 or len(message) < int.from_bytes(length, "big"):
        raise EOFError
    return bytes(message)


_open: dict[str, sqlite3.Connection] = {}


def _serve(parent: int) -> None:
    """In a new worker: answer until nobody asks any more."""
    end_with(parent)
    with suppress(OSError, ValueError):  # not everywhere
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
    with suppress(EOFError, BrokenPipeError):
        while True:
            question = msgspec.msgpack.decode(_read(sys.stdin.buffer), type=Question)
            _write(sys.stdout.buffer, b"")
            _write(sys.stdout.buffer, msgspec.msgpack.encode(_answer(question)))


def _answer(question: Question) -> SqlAnswer:
    end = perf_counter() + question.seconds
    steps = 1 if question.seconds <= 0.02 else _STEPS
    try:
        connection = _open.get(question.path) or _connected(question.path)
        connection.set_progress_handler(lambda: perf_counter() >= end, steps)
        return _rows(connection, question)
    except MemoryError:
        return TOO_MUCH
    except sqlite3.Error as error:
        return SqlAnswer(error=str(error), kind=type(error).__name__)
    except (ValueError, OverflowError) as error:  # a parameter that SQLite cannot hold
        return SqlAnswer(error=str(error), kind="OperationalError")


def _rows(connection: sqlite3.Connection, question: Question) -> SqlAnswer:
    cursor = connection.execute(question.sql, question.params)
    rows: list[list[Any]] = []
    size = 0
    for row in cursor:
        rows.append(list(row))
        size += sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in row)
        if size > LARGEST:
            cursor.close()
            return _TOO_LARGE
        if question.most and len(rows) >= question.most:
            break
    columns = [column[0] for column in cursor.description or ()]
    cursor.close()
    return SqlAnswer(columns, rows)


def _connected(path: str) -> sqlite3.Connection:
    """The database for reading, with the functions that its questions may call and SQLite's own limits."""
    from archive.query import match_expression
    from archive.schema import prepare

    connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, timeout=10)
    connection.text_factory = lambda text: str(text, "utf-8", "replace")
    prepare(connection)
    connection.create_function("escape_fts", 1, lambda text: match_expression(str(text or "")))
    connection.execute("pragma temp_store = memory")  # no disk to be filled
    connection.execute(f"pragma hard_heap_limit = {MEMORY}")
    for category, most in _LIMITS.items():
        connection.setlimit(category, most)
    _open[path] = connection
    return connection


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
