"""Copies of a home on another disk, made while everything runs: make, check, keep, bring back (docs/backup.md).

A folder of copies holds one folder for each copy, named by its time, and ``raw-pages/``, into which each raw
page goes once: every copy says which of those files it needs. A copy that is not whole has another name.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.i18n import current
from archive.reasons import reason


class BackupError(Exception):
    """Why a copy could not be made, is not whole, or cannot be brought back: a code (``archive.reasons``)."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.reason = reason(code, **params)

    def __str__(self) -> str:
        return current().reason(self.reason)


@contextmanager
def failing_as(code: str, path: Path) -> Iterator[None]:
    """Whatever the disk or SQLite refuse within is a BackupError that names the file or folder and why."""
    try:
        yield
    except OSError as error:
        where = Path(error.filename) if isinstance(error.filename, str) else path
        raise BackupError(code, path=str(where), why=error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise BackupError(code, path=str(path), why=str(error)) from error
