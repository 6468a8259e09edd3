"""Transactions that read before they write: they take the write lock first, so nothing slips in between."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database


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
