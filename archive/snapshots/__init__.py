"""Copies of databases that are being written to, by SQLite's own means: whole, and all of one moment."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

PATIENCE = 20.0  # seconds for which a long write transaction is waited for
_ALL = 2**31 - 1  # complaints, of which SQLite gives 100 otherwise
STEP = 4000  # database pages copied at a time: between two of them an interrupt is heeded


def open_source(path: Path) -> sqlite3.Connection:
    """A connection to read a live database with; raises sqlite3.OperationalError where there is none."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30
    )
    with suppress(sqlite3.OperationalError):  # only read: then its owner sees to it
        connection.execute("pragma journal_mode = wal")  # else whoever reads for long keeps others from writing
    return connection


def open_target(path: Path) -> sqlite3.Connection:
    """A new database, readable by its owner alone, that nobody else opens until it is whole.

    It takes no locks, which network folders may lack, and writes no journal: what is cut off is thrown away.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(target_uri(path), uri=True, isolation_level=None)
    connection.execute("pragma journal_mode = off")
    connection.execute("pragma synchronous = off")
    return connection


def target_uri(path: Path) -> str:
    """The address of a database that only this process knows, as ``attach`` takes it."""
    return f"{path.absolute().as_uri()}?mode=rw&nolock=1"


def still_uri(path: Path) -> str:
    """The address of a database that nobody writes to any more; read without locks and side files."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def open_still(path: Path) -> sqlite3.Connection:
    """A copy, opened for reading; nothing is made beside it."""
    return sqlite3.connect(still_uri(path), uri=True, isolation_level=None)


def begin_together(sources: Sequence[sqlite3.Connection], last: Path) -> None:
    """Let connections read from now on what their databases hold at this one moment, while others write on.

    ``last`` is the database of the last of them. As long as the reading begins nobody can commit to it, so that
    what the others say of it, and it of them, is as after a power cut at this moment. One lock only: whoever
    holds it and waits for another of the databases never waits for us. Where it is held for longer than
    ``PATIENCE``, the order alone must do: the last one then holds all that the others know of it.
    """
    with closing(sqlite3.connect(last, timeout=PATIENCE, isolation_level=None)) as gate:
        with suppress(sqlite3.OperationalError):  # locked for long, or only read
            gate.execute("begin immediate")
        for source in sources:
            source.execute("begin")
            source.execute("select 1 from main.sqlite_schema limit 1").fetchone()
        if gate.in_transaction:
            gate.rollback()


def copy_database(source: sqlite3.Connection, path: Path) -> None:
    """Copy all that a connection reads, page by page; row numbers and the order of rows stay.

    In a transaction that has begun the copy never starts over, whatever others write meanwhile; without one
    each write of another process makes it begin again, for ever where there are many.
    """
    with closing(open_target(path)) as target:
        source.backup(target, pages=STEP)


def complaint_of(path: Path) -> str:
    """What SQLite's ``integrity_check`` finds wrong with a copy; empty when it is whole."""
    try:
        with closing(open_still(path)) as copy:
            found = str(copy.execute("pragma integrity_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else found.splitlines()[-1]


def quick_complaint(connection: sqlite3.Connection) -> str:
    """What ``quick_check`` (no index is compared with its table) finds wrong with a database; empty for none.

    SQLite 3.40 finds NULLs by it that are not there, in each row of a table without row numbers whose key names
    the columns in another order than the table does (``article_topics``): these lines are left out.
    """
    lines = connection.execute(f"pragma quick_check({_ALL})")
    return next((line for (line,) in lines if line != "ok" and not line.startswith("NULL value in ")), "")


def count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """The rows of each table, without those that an index of words is made of."""
    made = connection.execute("select name, sql from main.sqlite_schema where type = 'table'").fetchall()
    within = tuple(f"{name}_" for name, sql in made if sql and sql.upper().startswith("CREATE VIRTUAL"))
    names = [name for name, sql in made if sql and f"{name}_" not in within]
    own = sorted(name for name in names if not name.startswith((*within, "sqlite_")))
    return {name: connection.execute(f'select count(*) from main."{name}"').fetchone()[0] for name in own}


@contextmanager
def written(path: Path) -> Iterator[None]:
    """What is written into the file within is on the disk afterwards."""
    yield
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """See to it that the names in a folder are on the disk, where the file system knows of that."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network folders cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(path: Path) -> None:
    """The same for a folder and all below it."""
    for folder in (path, *(one for one in path.rglob("*") if one.is_dir())):
        sync_folder(folder)
