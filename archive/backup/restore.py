"""Bring a copy back: checked before anything is replaced, and what it replaces is kept."""

import os
import shutil
import sqlite3
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.backup import BackupError, failing_as
from archive.backup.editions import keep_editions
from archive.backup.files import DATABASES, PRIVATE, PRIVATE_FOLDER, RECORD, copy_private
from archive.backup.folder import held
from archive.backup.manifest import HOME, HomeCopy, newest_copy
from archive.backup.raw_pages import fill_in
from archive.backup.swap import begin, finish, mark_for, put_in_place
from archive.backup.verify import Checker, refuse_newer
from archive.home import RESTORE_LOCK, Home
from archive.snapshots import complaint_of, count_rows, open_still, sync_tree, written
from archive.snapshots.holders import holders_of


@dataclass(frozen=True, slots=True)
class Restored:
    """The copy that the home is now, and where what it replaced is kept; None where there was nothing."""

    copy: HomeCopy
    replaced: Path | None


def restore(home: Home, folder: Path, now: datetime, until: datetime | None = None) -> Restored:
    """Let the home be what the newest copy of a folder holds (made before ``until``).

    Raises BackupError where the copy is damaged or of a newer release, or a program has a database of the home
    open, and Held while a process of the home runs; the home then stays as it is.
    """
    place = home.path.resolve()
    with failing_as("backup_unreadable", folder), held(_folder_of(folder), alone=False):
        copy = newest_copy(folder, until)
        refuse_newer(copy)
        with failing_as("backup_restore_failed", place), ExitStack() as locks:
            if place.exists():
                _hold(Home(place), locks)
            ended = finish(place)
            if ended and ended[0].copy == str(copy.path):
                return Restored(copy, ended[1])
            Checker().check(copy)
            return Restored(copy, _replace(place, copy, now))


def _folder_of(folder: Path) -> Path:
    """The folder of copies, also where one copy is named."""
    return folder.parent if (folder / HOME).is_dir() else folder


def _hold(home: Home, locks: ExitStack) -> None:
    """See that nothing runs on the home or has one of its databases open, and let nothing begin."""
    home.locks.mkdir(exist_ok=True)
    locks.enter_context(home.lock(RESTORE_LOCK))
    for path in sorted(home.locks.iterdir()):
        if path.name != RESTORE_LOCK and home.is_locked(path.name):
            locks.enter_context(home.lock(path.name))  # says who holds it
    for path, process in holders_of([home.path / name for name in DATABASES]).items():
        raise BackupError("backup_home_open", path=str(path), process=process)


def _replace(place: Path, copy: HomeCopy, now: datetime) -> Path | None:
    mark = mark_for(place, copy.path, now)
    new = begin(place, mark)
    try:
        _fill(new, copy)
        if place.exists():
            _take_over(place, new)
        sync_tree(new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return put_in_place(place, new, mark)


def _fill(new: Path, copy: HomeCopy) -> None:
    """Make the home that a copy holds."""
    (new / "locks").mkdir(PRIVATE_FOLDER)
    for entry in copy.manifest.files:
        for parent in reversed((new / entry.path).relative_to(new).parents[:-1]):
            (new / parent).mkdir(PRIVATE_FOLDER, exist_ok=True)
        _copy_checked(copy.path / HOME / entry.path, new / entry.path, entry.sha256, entry.mode)
    for database in copy.manifest.databases:
        _copy_checked(copy.path / database.name, new / database.name, database.sha256, PRIVATE)
        if database.name == "pages.db":
            _fill_pages(new / database.name, copy, database.rows)
    _end_sessions(new / "desk.db")


def _copy_checked(source: Path, target: Path, digest: str, mode: int) -> None:
    if copy_private(source, target)[1] != digest:
        raise BackupError("backup_damaged", path=str(source))
    target.chmod(mode)


def _fill_pages(path: Path, copy: HomeCopy, rows: dict[str, int]) -> None:
    with written(path):
        left = fill_in(path, copy.raw_pages, copy.manifest.raw_pages)
    with closing(open_still(path)) as pages:
        whole = not left and count_rows(pages) == rows
    if not whole or complaint_of(path):
        raise BackupError("backup_pages_missing", path=str(copy.path / path.name), count=left)


def _end_sessions(path: Path) -> None:
    """Whoever has logged out since the copy was made stays logged out: everyone logs in anew."""
    if path.exists():
        with written(path), closing(sqlite3.connect(path, isolation_level=None)) as desk:
            desk.execute("pragma journal_mode = delete")
            with suppress(sqlite3.OperationalError):  # none yet in its schema
                desk.execute("delete from sessions")


def _take_over(place: Path, new: Path) -> None:
    """What is known here of copies and of what was sent goes on; root makes files for the home's owner."""
    with suppress(FileNotFoundError):
        copy_private(place / RECORD, new / RECORD)
    keep_editions(place / "archive.db", new / "archive.db")
    owner = place.stat()
    if os.geteuid() == 0 and owner.st_uid:
        for path in [new, *new.rglob("*")]:
            os.chown(path, owner.st_uid, owner.st_gid)
