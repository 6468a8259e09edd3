"""archive.db: opened with the newest schema (``migrations/archive``), an old one upgraded."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from archive.db import as_database, connect, migrations, upgrade
from archive.text import fold, norm

MIGRATIONS = migrations("diemtin", "archive")


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the search triggers call."""
    connection.create_function("vn_norm", 1, lambda text: norm(text or ""), deterministic=True)
    connection.create_function("vn_fold", 1, lambda text: fold(text or ""), deterministic=True)


def open_archive(path: Path | str) -> Database:
    """Open archive.db for writing, made or upgraded to the newest schema."""
    connection = connect(path)
    prepare(connection)
    db = as_database(connection)
    upgrade(db, MIGRATIONS)
    return db
