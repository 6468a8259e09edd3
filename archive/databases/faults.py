"""What keeps a database file from being used, as a stored reason: full, damaged, read-only, locked, newer.

SQLite's result codes: https://www.sqlite.org/rescode.html; the header of a file: https://www.sqlite.org/fileformat2.html.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.i18n import current
from archive.reasons import parse, reason

LEAST_FREE = 256 * 1024  # bytes: with less no transaction fits, and SQLite may say «disk I/O error» instead
_KINDS = {
    sqlite3.SQLITE_FULL: "storage_full",
    sqlite3.SQLITE_CORRUPT: "storage_damaged",
    sqlite3.SQLITE_NOTADB: "storage_damaged",
    sqlite3.SQLITE_READONLY: "storage_readonly",
    sqlite3.SQLITE_PERM: "storage_readonly",
    sqlite3.SQLITE_CANTOPEN: "storage_unopened",
    sqlite3.SQLITE_BUSY: "storage_locked",
    sqlite3.SQLITE_LOCKED: "storage_locked",
    sqlite3.SQLITE_PROTOCOL: "storage_locked",
    sqlite3.SQLITE_IOERR: "storage_io",
}
_WORDS = {
    "malformed": sqlite3.SQLITE_CORRUPT,
    "not a database": sqlite3.SQLITE_NOTADB,
    "disk is full": sqlite3.SQLITE_FULL,
    "disk I/O error": sqlite3.SQLITE_IOERR,
    "readonly database": sqlite3.SQLITE_READONLY,
    "is locked": sqlite3.SQLITE_BUSY,
    "unable to open database": sqlite3.SQLITE_CANTOPEN,
}
_OF_FILES = {
    errno.ENOSPC: "storage_full",
    errno.EDQUOT: "storage_full",
    errno.EROFS: "storage_readonly",
    errno.EACCES: "storage_readonly",
    errno.EPERM: "storage_readonly",
    errno.EIO: "storage_io",
}


class DatabaseFault(sqlite3.OperationalError):
    """A database file that cannot be used as it is; ``reason`` is stored, the message is its sentence."""

    def __init__(self, why: str) -> None:
        self.reason = why
        super().__init__(current().reason(why))


def fault_of(error: BaseException, path: Path | str = "") -> str:
    """Why a file cannot be used, as a stored reason; '' for an error that says nothing of files.

    Questions that are wrong or take too long, and rows that are refused, are no faults of a file.
    """
    if isinstance(error, DatabaseFault):
        return error.reason
    if isinstance(error, sqlite3.Error):
        code = _KINDS.get(_code_of(error) & 0xFF, "")
    elif isinstance(error, OSError):
        code, path = _OF_FILES.get(error.errno or 0, ""), path or str(error.filename or "")
    else:
        return ""
    if code in ("storage_io", "storage_unopened") and path and is_full(Path(path)):
        code = "storage_full"
    if not code:
        return ""
    problem = {"problem": str(error)} if code == "storage_damaged" else {}
    return reason(code, file=Path(path).name or "?", folder=str(Path(path).parent), **problem)


def _code_of(error: sqlite3.Error) -> int:
    """The result code; by the words of an error that came from another process, which brings no code."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:
        code = next((code for words, code in _WORDS.items() if words in str(error)), 0)
    return code


def is_urgent(why: str) -> bool:
    """Whether a stored reason says that a file could not be read or written."""
    return parse(why)[0].startswith("storage_")


def is_full(path: Path) -> bool:
    """Whether the file system of a file has no room for another transaction."""
    with suppress(OSError):
        room = os.statvfs(path.resolve() if path.exists() else path.resolve().parent)
        return room.f_bavail * room.f_frsize < LEAST_FREE
    return False


@contextmanager
def faults_of(path: Path | str) -> Iterator[None]:
    """Let errors of SQLite that come of the file be a :class:`DatabaseFault` that names it."""
    try:
        yield
    except sqlite3.Error as error:
        if why := fault_of(error, path):
            raise error if isinstance(error, DatabaseFault) else DatabaseFault(why) from error
        raise


def check_opened(connection: sqlite3.Connection, path: Path | str) -> None:
    """Raise DatabaseFault where an opened file is no database, or shorter than it says; nothing is written.

    It is asked through the connection: a process that opens and closes the file by itself ends every lock that
    its connections have on it, and another program then damages it (https://www.sqlite.org/howtocorrupt.html,
    2.2).
    """
    path = Path(path).resolve()  # the log is beside the file, not beside a link to it
    for _ in range(3):  # a log that is moved into the file and removed meanwhile makes it longer
        problem = _shortness(connection, path)
        if not problem:
            return
        time.sleep(0.05)
    raise damaged(path, problem)


def damaged(path: Path | str, problem: str) -> DatabaseFault:
    """The fault of a damaged file; ``problem``: what of it, in SQLite's words or as a code."""
    folder = str(Path(path).parent)
    return DatabaseFault(reason("storage_damaged", file=Path(path).name, folder=folder, problem=problem))


def _shortness(connection: sqlite3.Connection, path: Path) -> str:
    """How much shorter the file is than its database; '' where it is whole, or its end is still in the log."""
    with faults_of(path):
        (page,), (pages,) = (
            connection.execute(f"pragma {name}").fetchone() for name in ("page_size", "page_count")
        )
    if _size(Path(f"{path}-wal")) > 0 or _size(path) >= page * pages:
        return ""
    return f"{_size(path)} < {page * pages}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
