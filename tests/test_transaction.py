"""A write transaction is whole or leaves no trace."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.db import writing
from archive.schema import connect


def insert(db: Database, *rows: int) -> None:
    with writing(db):
        for row in rows:
            db.conn.execute("insert into one values (?)", [row])


def test_an_error_inside_leaves_no_trace(tmp_path: Path) -> None:
    db = Database(connect(tmp_path / "a.db"))
    db.execute("create table one (id integer primary key)")
    with pytest.raises(sqlite3.IntegrityError):
        insert(db, 1, 2, 2)
    insert(db, 3)
    assert list(db.execute("select id from one")) == [(3,)]


def test_nobody_writes_between_its_reading_and_its_writing(tmp_path: Path) -> None:
    db, other = (Database(connect(tmp_path / "a.db")) for _ in range(2))
    db.execute("create table one (id integer primary key)")
    other.execute("pragma busy_timeout = 10")
    with writing(db):
        assert db.conn.execute("select count(*) from one").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            insert(other, 1)
        db.conn.execute("insert into one values (2)")
    insert(other, 1)
    assert db.table("one").count == 2
