"""A safe copy of a database before a newer release changes its schema: ``before-upgrade/`` in the home."""

import errno
import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from archive.config import ConfigError
from archive.i18n import current
from archive.snapshots import copy_database, open_source, sync_folder, written

FOLDER = "before-upgrade"
NO_COPY = "DIEMTIN_UPGRADE_COPY"  # set to `no` by whoever has made a copy of the whole home
_SPARE = 64 << 20  # bytes that stay free beside a copy


def before_upgrade(db: Database, numbered: Migrations) -> None:
    """Copy a database that has an earlier schema, before it is changed; a new one has nothing to copy.

    The copy is named by the schema it has. It stands, whole and on the disk, before the first change; the one
    made before an earlier upgrade is then taken away. Of several processes that open it at once one copies.
    Raises ConfigError where the copy cannot be made.
    """
    path = _path_of(db)
    applied = numbered.applied(db)
    if path is None or not applied or os.environ.get(NO_COPY) == "no":
        return
    try:
        with _held(path.parent / FOLDER):
            if numbered.pending(db):
                _copy(path, path.parent / FOLDER, numbered, len(applied))
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(current()("db.no_copy", path=path, folder=path.parent / FOLDER, why=why)) from error


def _path_of(db: Database) -> Path | None:
    """The file of a database; None for one in memory."""
    name = next(row[2] for row in db.execute("pragma database_list") if row[1] == "main")
    return Path(name) if name else None


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Whoever waited finds the copy made, and the upgrade under way or done."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _copy(path: Path, folder: Path, numbered: Migrations, applied: int) -> None:
    """Copy the database, unless another process has changed its schema in the meantime."""
    _leave_room(path, folder)
    half = folder / f".{path.name}.making"
    half.unlink(missing_ok=True)
    try:
        with closing(open_source(path)) as source:
            source.execute("begin")
            there = numbered.applied(Database(source, execute_plugins=False))
            if len(there) != applied:
                return
            with written(half):
                copy_database(source, half)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    target = folder / f"{path.stem}-{there[-1].name}{path.suffix}"
    half.replace(target)
    sync_folder(folder)
    named = re.compile(rf"{re.escape(path.stem)}-m\d{{3}}_\w+{re.escape(path.suffix)}")
    for older in folder.iterdir():
        if named.fullmatch(older.name) and older != target:
            older.unlink()


def _leave_room(path: Path, folder: Path) -> None:
    """Raise OSError where the copy would fill the disk."""
    if shutil.disk_usage(folder).free < path.stat().st_size + _SPARE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
