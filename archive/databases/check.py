"""The three files of a home, looked at before they are used: cheaply at every opening, whole at a start."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from archive.databases.faults import DatabaseFault, damaged, is_full
from archive.db import reading
from archive.reasons import parse, reason
from archive.snapshots import quick_complaint

FILES = ("archive.db", "pages.db", "desk.db")


def check_files(folder: Path) -> None:
    """Raise DatabaseFault where a file of a home is no database, cut short, unreadable or of a newer release.

    One that another program has locked is not looked at: who uses it waits for it.
    """
    for path in _there(folder):
        try:
            with reading(path):
                pass
        except DatabaseFault as fault:
            if parse(fault.reason)[0] != "storage_locked":
                raise


def check_whole(folder: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
    """Raise DatabaseFault where any file is damaged (``pragma quick_check``): seconds for a million rows.

    ``prepare`` gives a connection the functions that the schema calls.
    """
    for path in _there(folder):
        with reading(path) as db:
            prepare(db.conn)
            found = quick_complaint(db.conn)
        if found:
            raise damaged(path, found.replace("\n", " "))


def storage_fault(folder: Path) -> str:
    """What is wrong with the files of a home, as a stored reason; '' for nothing. Cheap enough for a page."""
    try:
        check_files(folder)
    except DatabaseFault as fault:
        return fault.reason
    for path in _there(folder):
        if is_full(path):
            return reason("storage_full", file=path.name, folder=str(path.resolve().parent))
        if not os.access(path, os.W_OK) or not os.access(path.resolve().parent, os.W_OK):
            return reason("storage_readonly", file=path.name, folder=str(path.resolve().parent))
    try:
        return _note(folder).read_text(encoding="utf-8")
    except OSError:
        return ""


def note_fault(folder: Path, why: str) -> None:
    """Note that something could not be written down, for :func:`storage_fault`, if only that can be written."""
    with suppress(OSError):
        _note(folder).write_text(why, encoding="utf-8")


def clear_fault(folder: Path, *, whole: bool = False) -> None:
    """Everything could be written down; damage stays noted until all was read through and is ``whole``."""
    with suppress(OSError):
        if whole or "storage_damaged" not in _note(folder).read_text(encoding="utf-8"):
            _note(folder).unlink()


def _note(folder: Path) -> Path:
    return folder / "locks" / "storage-fault"


def _there(folder: Path) -> Iterator[Path]:
    return (folder / name for name in FILES if (folder / name).exists())
