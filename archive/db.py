"""How the databases are opened, the one write transaction, and the arithmetic of ``articles.sort``.

``sort`` is the minute of publication times ``SORT_SLOTS`` and a slot within it: rows in this order are newest
last without sorting, and the search index has it as its row number.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlite_utils import Database, Migrations

from archive.databases.faults import DatabaseFault, check_opened, fault_of, faults_of
from archive.i18n import current
from archive.reasons import reason

log = logging.getLogger(__name__)

WAIT = 30.0  # seconds for another writer, where somebody waits for the answer
LONG_WAIT = 600.0  # the same for work that nobody waits for
TELL_AFTER = 5.0  # seconds
_FOLDERS = {
    "diemtin": "archive",
    "diemtin-pages": "pages",
    "diemtin-desk": "desk",
}  # of migrations, by their set
SORT_SLOTS = 1024  # articles that may share one minute
_MINUTE = timedelta(minutes=1)


class PatientConnection(sqlite3.Connection):
    """A connection that names its file in errors, and says so when it waits long for another program."""

    file = ""
    patience = WAIT  # seconds in all, outside a transaction

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        return self._patiently(super().execute, sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        return self._patiently(super().executemany, sql, parameters)

    def _patiently(
        self, run: Callable[[str, Any], sqlite3.Cursor], sql: str, parameters: Any
    ) -> sqlite3.Cursor:
        began, told = monotonic(), False
        while True:
            try:
                return run(sql, parameters)
            except sqlite3.OperationalError as error:
                why = fault_of(error, self.file)
                waited = monotonic() - began
                if not _is_busy(error) or self.in_transaction or waited >= self.patience:
                    if why:
                        raise DatabaseFault(why) from error
                    raise
                if not told and waited >= TELL_AFTER:
                    told = True
                    log.error("%s", current()("storage.waits", file=Path(self.file).name))
                sleep(0.01)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def connect(path: Path | str, patience: float = WAIT) -> sqlite3.Connection:
    """A write-ahead connection that waits up to ``patience`` seconds for another writer, and says so.

    Raises DatabaseFault for a file that is damaged or cannot be opened; nothing is written to it then.
    """
    with faults_of(path):
        _make_private(path)
        connection = sqlite3.connect(
            path, timeout=min(TELL_AFTER, patience), isolation_level=None, factory=PatientConnection
        )
        connection.file, connection.patience = str(path), patience
        try:
            check_opened(connection, path)
            connection.execute("pragma auto_vacuum = incremental")  # of a new file; others stay as they are
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
        except BaseException:
            connection.close()
            raise
    return connection


def _make_private(path: Path | str) -> None:
    """Make a new file that its owner alone can read; SQLite gives the same rights to its -wal and -shm."""
    if str(path) not in ("", ":memory:"):
        with suppress(OSError):  # it is there, or SQLite says what is wrong
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """A database file opened for reading only; raises DatabaseFault as :func:`connect` does."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with faults_of(path), closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
        check_opened(connection, path)
        db = as_database(connection)
        check_schema(db, path)
        yield db


def migrations(name: str, folder: str) -> Migrations:
    """The numbered, append-only SQL files of ``archive/migrations/FOLDER``, each run once on a database."""
    numbered = Migrations(name)
    for file in _scripts(folder):
        numbered(name=file.stem)(_script(file))
    return numbered


def migration_names(folder: str) -> list[str]:
    """The names of the migrations that this program knows, in their order."""
    return [file.stem for file in _scripts(folder)]


@cache
def _scripts(folder: str) -> tuple[Path, ...]:
    return tuple(sorted((Path(__file__).parent / "migrations" / folder).glob("m*.sql")))


def _script(file: Path) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        """Statement by statement, for a script as a whole would end the transaction."""
        statement = ""
        for part in file.read_text(encoding="utf-8").split(";"):
            statement += part + ";"
            if sqlite3.complete_statement(statement):
                db.execute(statement)
                statement = ""

    return run


def upgrade(db: Database, numbered: Migrations) -> None:
    """Run what is new of the migrations; of several processes that open a new file at once one does it.

    All of them are one transaction: killed over it, the next opening begins anew. Raises DatabaseFault for a
    file that a newer release made, and for one that is of another program.
    """
    path = _path(db)
    check_schema(db, path)
    if numbered.pending(db):
        from archive.snapshots.upgrades import before_upgrade  # seldom needed

        before_upgrade(db, numbered)
        with writing(db):
            if not _applied(db) and _tables(db):
                raise DatabaseFault(reason("storage_foreign", file=path.name, folder=str(path.parent)))
            numbered.apply(db)


def check_schema(db: Database, path: Path) -> None:
    """Raise DatabaseFault where a newer release has changed the schema of a file; reads only."""
    newer = [name for kind, name in _applied(db) if name not in migration_names(_FOLDERS[kind])]
    if newer:
        raise DatabaseFault(reason("storage_newer", file=path.name, folder=str(path.parent), what=newer[-1]))


def _applied(db: Database) -> list[tuple[str, str]]:
    """The migrations that were run on a file: set and name, in their order."""
    try:
        rows = db.execute("select migration_set, name from _sqlite_migrations order by rowid").fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
    return [(kind, name) for kind, name in rows if kind in _FOLDERS]


def _tables(db: Database) -> list[str]:
    rows = db.execute("select name from sqlite_master where type = 'table' and name <> '_sqlite_migrations'")
    return [name for (name,) in rows]


def _path(db: Database) -> Path:
    return Path(next(row[2] for row in db.execute("pragma database_list") if row[1] == "main") or "memory.db")


def as_database(connection: sqlite3.Connection) -> Database:
    """A connection as the archive's functions take it."""
    return Database(connection, execute_plugins=False)  # looking for some takes longer than opening


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One write transaction; left by an exception it leaves no trace. Inside another it is part of that one.

    A plain ``begin`` that reads first fails with "database is locked" as soon as another process writes
    in between; ``begin immediate`` waits its turn instead.
    """
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("begin immediate")
    try:
        yield
    except BaseException:
        db.conn.rollback()
        raise
    db.conn.execute("commit")


def sort_at(at: datetime) -> int:
    """The least ``articles.sort`` of articles published at a time or later."""
    return int(at.timestamp() // 60) * SORT_SLOTS


def sort_span(length: timedelta) -> int:
    """How far apart two articles are in ``articles.sort`` that were published so long after one another."""
    return length // _MINUTE * SORT_SLOTS


def minute_of(sort: int) -> datetime:
    """The minute of publication that an ``articles.sort`` stands for."""
    return datetime.fromtimestamp(sort // SORT_SLOTS * 60, UTC)
