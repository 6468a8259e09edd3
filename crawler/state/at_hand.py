"""Which pages and lists are being read: a process that is ended meanwhile leaves word of what it was at.

What ended a process once is read behind all others; what ended two is given up for this time, with its reason.
"""

from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from archive.clock import stamp
from archive.databases.faults import DatabaseFault
from archive.db import reading

GIVEN_UP = 2  # processes that ended while they read it


def begin(db: Database, source: str, url: str, now: datetime) -> None:
    """The reading of a page or list begins."""
    db.execute(
        """insert into at_hand (url, source, began_at) values (?, ?, ?)
           on conflict (url) do update set times = times + 1, began_at = excluded.began_at""",
        [url, source, stamp(now)],
    )


def end(db: Database, url: str) -> None:
    """It was read, or could not be: its process goes on."""
    db.execute("delete from at_hand where url = ?", [url])


def give_up(db: Database, url: str) -> None:
    """It is not read this time; when its turn comes again, one process may be lost to it."""
    db.execute("update at_hand set times = ? where url = ?", [GIVEN_UP - 1, url])


def suspects(db: Database, source: str) -> dict[str, int]:
    """What earlier processes were at when they ended, with how many ended so."""
    rows = db.execute("select url, times from at_hand where source = ?", [source])
    return {str(url): int(times) for url, times in rows}


def newest(pages_db: Path, source: str) -> str:
    """What a process that crawled a source was at when it ended; empty where that is not known."""
    sql = "select url from at_hand where source = ? order by began_at desc limit 1"
    try:
        with reading(pages_db) as db:
            row = db.execute(sql, [source]).fetchone()
    except DatabaseFault:
        return ""
    return str(row[0]) if row else ""
