"""archive.db: opened with the newest schema (``migrations/archive``), an old one upgraded."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from archive.db import WAIT, as_database, connect, migrations, upgrade
from archive.text import fold, norm, pairs

MIGRATIONS = migrations("diemtin", "archive")
_left_out: dict[int, frozenset[str]] = {}  # by version of the pair index


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the search triggers call."""
    connection.create_function("vn_norm", 1, lambda text: norm(text or ""), deterministic=True)
    connection.create_function("vn_fold", 1, lambda text: fold(text or ""), deterministic=True)
    connection.create_function("vn_pairs", -1, _pairs)


def _pairs(version: int, title: str, text: str, *common: str) -> str | None:
    """The pairs of an article that the pair index holds; None as long as those it leaves out are not known."""
    if common:
        _left_out[version] = frozenset(common[0].split())
    left_out = _left_out.get(version)
    return None if left_out is None else " ".join(pairs(title or "", text or "") - left_out)


def open_archive(path: Path | str, patience: float = WAIT) -> Database:
    """Open archive.db for writing, made or upgraded to the newest schema; ``patience`` as for ``connect``."""
    connection = connect(path, patience)
    prepare(connection)
    db = as_database(connection)
    upgrade(db, MIGRATIONS)
    return db
