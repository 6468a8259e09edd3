"""How the databases are opened, the one write transaction, and the arithmetic of ``articles.sort``.

``sort`` is the minute of publication times ``SORT_SLOTS`` and a slot within it: rows in this order are newest
last without sorting, and the search index has it as its row number.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from sqlite_utils import Database, Migrations

SORT_SLOTS = 1024  # articles that may share one minute
_MINUTE = timedelta(minutes=1)
_until: ContextVar[float | None] = ContextVar("until", default=None)


def connect(path: Path | str) -> sqlite3.Connection:
    """A write-ahead connection that waits up to 30 s for another writer."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    return connection


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """A database file opened for reading only."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
        yield as_database(connection)


def migrations(name: str, folder: str) -> Migrations:
    """The numbered, append-only SQL files of ``archive/migrations/FOLDER``, each run once on a database."""
    numbered = Migrations(name)
    for file in _scripts(folder):
        numbered(name=file.stem)(_script(file))
    return numbered


def migration_names(folder: str) -> list[str]:
    """The names of the migrations that this program knows, in their order."""
    return [file.stem for file in _scripts(folder)]


def _scripts(folder: str) -> list[Path]:
    return sorted((Path(__file__).parent / "migrations" / folder).glob("m*.sql"))


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
    """Run what is new of the migrations; of several processes that open a new file at once one does it."""
    if numbered.pending(db):
        from archive.snapshots.upgrades import before_upgrade  # seldom needed

        before_upgrade(db, numbered)
        with writing(db):
            numbered.apply(db)


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


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """What runs inside may take so long: SQLite's part is limited by its own handler, Python's asks here."""
    token = _until.set(monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def check_time() -> None:
    """Raise sqlite3.OperationalError («interrupted») where a time limit is over, as SQLite does."""
    until = _until.get()
    if until is not None and monotonic() > until:
        raise sqlite3.OperationalError("interrupted")
