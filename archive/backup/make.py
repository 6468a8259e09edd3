"""Make a copy of a home while everything runs."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.backup import BackupError, failing_as
from archive.backup import raw_pages as bodies
from archive.backup.files import DATABASES, PRIVATE_FOLDER, copy_private, home_files, sha256_of
from archive.backup.folder import clear, drop_needless, held, prepare
from archive.backup.manifest import (
    HOME,
    RAW_PAGES,
    UNFINISHED,
    DatabaseEntry,
    FileEntry,
    HomeCopy,
    Manifest,
    RawPagesEntry,
    copies_in,
    name_for,
    write_manifest,
)
from archive.clock import stamp
from archive.home import Home
from archive.snapshots import (
    begin_together,
    complaint_of,
    copy_database,
    count_rows,
    open_source,
    open_still,
    sync_folder,
    sync_tree,
    written,
)

_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that was made, and how many bytes were written for it."""

    copy: HomeCopy
    size: int


@dataclass(frozen=True, slots=True)
class _Before:
    """What earlier copies hold of the raw pages: ``db``, the newest pages.db that is whole, and its files.

    ``lost`` are files it needs that are gone or cut; ``orphans`` whole files that no copy knows of.
    """

    serial: int = 0
    db: Path | None = None
    there: tuple[RawPagesEntry, ...] = ()
    lost: tuple[RawPagesEntry, ...] = ()
    orphans: tuple[RawPagesEntry, ...] = ()


def make_copy(home: Home, folder: Path, now: datetime, *, known: bool = False) -> Made:
    """Copy a home into a new folder below ``folder``; the copies that are there stay as they are.

    ``known``: copies were made there before, see :func:`prepare`. Raises BackupError where a database is
    damaged, or the folder cannot be written to; what was begun is taken away, but for whole files of raw pages,
    with which the next copy goes on.
    """
    if not home.archive_db.exists():
        raise BackupError("backup_no_archive", path=str(home.path))
    prepare(folder, home.path, known=known)
    with failing_as("backup_failed", folder), held(folder, alone=True):
        clear(folder)
        before = _look_back(folder)
        path = folder / name_for(now, folder)
        with _begun(path) as work:
            manifest = _fill(home, folder, work, before, now)
            write_manifest(work, manifest)
            sync_tree(work)
        drop_needless(folder)
    copy = HomeCopy(path, manifest)
    old = {entry.name for entry in before.there}
    size = sum(size for file, size, _ in copy.sizes() if file.name not in old)
    return Made(copy, size)


@contextmanager
def _begun(path: Path) -> Iterator[Path]:
    """The folder to fill; named as a whole copy once all in it is on the disk, taken away if that fails."""
    work = path.with_name(path.name + UNFINISHED)
    work.mkdir(PRIVATE_FOLDER)
    try:
        yield work
        work.rename(path)
        sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        with suppress(OSError):
            clear(path.parent)
        raise


def _look_back(folder: Path) -> _Before:
    copies, _ = copies_in(folder)
    known = {entry.name for copy in copies for entry in copy.manifest.raw_pages}
    orphans = tuple(bodies.orphans(folder / RAW_PAGES, known))
    serial = copies[-1].manifest.serial if copies else 0
    for copy in reversed(copies):
        if db := _whole_pages(copy):
            there = [entry for entry in copy.manifest.raw_pages if _is_there(copy, entry)]
            lost = [entry for entry in copy.manifest.raw_pages if entry not in there]
            return _Before(serial, db, tuple(there), tuple(lost), orphans)
    return _Before(serial, orphans=orphans)


def _whole_pages(copy: HomeCopy) -> Path | None:
    entry = next((one for one in copy.manifest.databases if one.name == "pages.db"), None)
    path = copy.path / "pages.db"
    return path if entry and path.exists() and sha256_of(path) == entry.sha256 else None


def _is_there(copy: HomeCopy, entry: RawPagesEntry) -> bool:
    path = copy.raw_pages / entry.name
    return path.exists() and path.stat().st_size == entry.size


def _fill(home: Home, folder: Path, work: Path, before: _Before, now: datetime) -> Manifest:
    """Copy everything into a copy's folder: the databases as they all are at one moment, then the files."""
    from importlib.metadata import version

    with ExitStack() as opened:
        sources = {
            name: opened.enter_context(closing(_open(home.path / name)))
            for name in DATABASES
            if (home.path / name).exists()
        }
        if pages := sources.get("pages.db"):
            bodies.attach(pages, work / "pages.db", before.db)
        begin_together(list(sources.values()), home.archive_db)
        raw = _copy_raw_pages(pages, home, folder / RAW_PAGES, work.name, before) if pages else []
        for name, source in sources.items():
            with _naming_damage(home.path / name):
                if source is pages:
                    bodies.copy_without_bodies(source)
                    source.execute("commit")
                else:
                    copy_database(source, work / name)
    files = list(_copy_files(home.path, work / HOME))
    databases = [_database(work / name, home.path / name) for name in sources]
    return Manifest(before.serial + 1, stamp(now), version("diemtin"), databases, raw, files)


def _open(path: Path) -> sqlite3.Connection:
    with failing_as("backup_failed", path), _naming_damage(path):
        return open_source(path)


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """A database of the home that is damaged is told as such, not as a copy that fails."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") in _DAMAGED:
            raise BackupError("backup_source_damaged", path=str(path), why=str(error)) from error
        raise


def _copy_raw_pages(
    pages: sqlite3.Connection, home: Home, folder: Path, work: str, before: _Before
) -> list[RawPagesEntry]:
    with _naming_damage(home.pages_db):
        name = work.removesuffix(UNFINISHED)
        there = (*before.there, *before.orphans)
        old = [entry for entry in there if not bodies.is_sparse(pages, entry)]
        again = [entry for entry in before.there if entry not in old]
        held = [entry for entry in before.orphans if entry in old]
        new = list(bodies.write_new(pages, folder, name, held, [*before.lost, *again]))
        sync_folder(folder)
    return old + new


def _copy_files(home: Path, target: Path) -> Iterator[FileEntry]:
    target.mkdir(PRIVATE_FOLDER)
    for path in home_files(home):
        for parent in reversed((target / path).relative_to(target).parents[:-1]):
            (target / parent).mkdir(PRIVATE_FOLDER, exist_ok=True)
        try:
            size, digest, mode = copy_private(home / path, target / path)
        except FileNotFoundError:
            if (home / path).exists():
                raise
            continue  # taken away meanwhile
        yield FileEntry(path, size, digest, mode)


def _database(copy: Path, source: Path) -> DatabaseEntry:
    """Look the copy of a database over: one that is not whole was none before."""
    with written(copy):
        if complaint := complaint_of(copy):
            raise BackupError("backup_source_damaged", path=str(source), why=complaint)
    with closing(open_still(copy)) as db:
        rows = count_rows(db)
        sql = "select name from _sqlite_migrations order by rowid"
        schema = [row[0] for row in db.execute(sql)] if "_sqlite_migrations" in rows else []
    return DatabaseEntry(copy.name, copy.stat().st_size, sha256_of(copy), schema, rows)
