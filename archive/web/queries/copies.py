"""The raw pages kept of an article, read from pages.db beside the archive; it is never attached or served."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive.pages import RawPage, load


@dataclass(frozen=True, slots=True)
class Copy:
    """One page as it was fetched; ``size`` in bytes, ``sha256`` of exactly those bytes."""

    id: int
    fetched_at: str
    sha256: str
    size: int


def copies(pages_db: Path, url: str) -> list[Copy]:
    """The copies kept of an address, newest first."""
    if not pages_db.exists():
        return []
    sql = "select id, fetched_at, sha256, size from pages where url = ? order by fetched_at desc, id desc"
    try:
        with closing(_open(pages_db)) as connection:
            return [Copy(*row) for row in connection.execute(sql, [url])]
    except sqlite3.OperationalError:  # being made or brought back: no reason to withhold the article
        return []


def copy(pages_db: Path, url: str, copy_id: int) -> RawPage | None:
    """One copy of an address, unpacked; None if there is none of that number."""
    if copy_id not in {kept.id for kept in copies(pages_db, url)}:
        return None
    with closing(_open(pages_db)) as connection:
        return load(Database(connection, execute_plugins=False), copy_id)


def _open(pages_db: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{pages_db.as_uri()}?mode=ro", uri=True, timeout=10)
