"""desk.db, people's work and who they are: opened with the newest schema, never served."""

from pathlib import Path

from sqlite_utils import Database

from archive.db import as_database, connect, migrations, upgrade

MIGRATIONS = migrations("diemtin-desk", "desk")


def open_desk(path: Path) -> Database:
    """Open desk.db, made or upgraded to the newest schema.

    What is committed stays, even when the power fails.
    """
    connection = connect(path, patience=10.0)
    connection.execute("pragma synchronous = full")
    desk = as_database(connection)
    upgrade(desk, MIGRATIONS)
    return desk
