"""The nightly round: put away what is old, keep indexes and statistics in order, note what everything takes.

All of it goes in short steps, each a transaction of its own: crawls and readers wait for no more than one, and
it may be ended between any two. The files are not written anew (``vacuum``): that takes their size again on the
disk and a write lock for minutes, and what is freed is filled by the next days' pages. A home begun by this
release gives free pages back step by step where there are many.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from archive.clock import HANOI, moment, stamp
from archive.db import as_database, reading, writing
from archive.growth.config import GrowthConfig
from archive.growth.rules import RULES, prune
from archive.growth.sizes import note
from archive.home import Home
from archive.pages import open_pages
from archive.schema import open_archive, prepare

HOUR = 3  # of the night in Hà Nội; copies are made before
MERGED = 100  # pages of the search index that one step puts in order
MERGING = 60.0  # seconds a night for that
GIVEN_BACK = 500  # pages of one step of giving back
MANY_FREE = 0.2  # of a file: so much free space is given back to the disk
PAUSE = 0.02
_LAST = "tidy"  # the row that says when the last round ended
Step = Callable[[], int]


@dataclass(slots=True)
class Tidied:
    """What a round did: rows put away by rule, and bytes given back to the disk."""

    rows: dict[str, int] = field(default_factory=dict)
    given_back: int = 0


def is_due(home: Home, now: datetime) -> bool:
    """Whether no round ended since last night's hour; a home without pages.db has nothing to put away."""
    if not home.pages_db.exists() or not home.archive_db.exists():
        return False
    local = now.astimezone(HANOI)
    due = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    due = due if due <= local else due - timedelta(days=1)
    try:
        with reading(home.pages_db) as db:
            row = db.execute("select until from tidied where rule = ?", [_LAST]).fetchone()
    except sqlite3.DatabaseError:  # of an older release
        return True
    return row is None or not due <= moment(row[0]) <= now + timedelta(hours=1)


def tidy(home: Home, config: GrowthConfig, now: datetime) -> Tidied:
    """One round over the three databases."""
    open_archive(home.archive_db).close()  # upgraded
    open_pages(home.pages_db).close()
    done = Tidied()
    for name in ("archive", "pages", "desk"):
        path = home.path / f"{name}.db"
        if path.exists():
            with closing(_connect(path)) as connection:
                _tidy_one(name, as_database(connection), home, config, now, done)
    with closing(open_pages(home.pages_db)) as pages:
        note(pages, home, now)
        with writing(pages):
            pages.execute("insert or replace into tidied (rule, until) values (?, ?)", [_LAST, stamp(now)])
    return done


def _connect(path: Path) -> sqlite3.Connection:
    """As everywhere, and able to attach another database for reading only."""
    connection = sqlite3.connect(path.absolute().as_uri(), uri=True, timeout=30, isolation_level=None)
    connection.execute("pragma synchronous = normal")
    prepare(connection)
    return connection


def _tidy_one(name: str, db: Database, home: Home, config: GrowthConfig, now: datetime, done: Tidied) -> None:
    if name == "pages":
        db.execute("attach ? as archive", [f"{home.archive_db.absolute().as_uri()}?mode=ro"])
    for rule in RULES:
        before = config.retention.before(rule.name, now)
        if rule.database == name and before is not None:
            done.rows[rule.name] = prune(rule, db, before)
    if name == "pages":
        db.execute("detach archive")
    for index in _indexes(db):
        merge(db, index)
    db.execute("pragma analysis_limit = 1000")
    db.execute("pragma optimize")
    done.given_back += give_back(db)
    db.execute("pragma busy_timeout = 1000")  # readers that stay long put it off to the next night
    db.execute("pragma wal_checkpoint(truncate)")


def _indexes(db: Database) -> list[str]:
    sql = "select name from sqlite_schema where type = 'table' and sql like 'create virtual table%fts5%'"
    return [name for (name,) in db.execute(sql)]


def merge(db: Database, index: str, seconds: float = MERGING) -> int:
    """Put the parts of a search index together, some pages at a time; how many steps that took.

    ``optimize`` would do it in one transaction: minutes at a million articles.
    """
    return sum(1 for _ in _timed(_merging(db, index), seconds))


def _merging(db: Database, index: str) -> Iterator[None]:
    """Levels of four parts and more, as FTS5 does by itself while rows come; not all into one each night."""
    while True:
        before = db.conn.total_changes
        with writing(db):
            db.execute(f"insert into {index} ({index}, rank) values ('merge', ?)", [MERGED])
        if db.conn.total_changes - before < 2:
            return
        yield


def give_back(db: Database) -> int:
    """Give free pages back to the disk, where there are many; how many bytes that was."""
    (kind,), (size,) = db.execute("pragma auto_vacuum").fetchone(), db.execute("pragma page_size").fetchone()
    before = db.execute("pragma page_count").fetchone()[0]
    if kind == 2 and db.execute("pragma freelist_count").fetchone()[0] > MANY_FREE * before:
        for _ in _timed(_giving_back(db), MERGING):
            pass
    return int(size * max(0, before - db.execute("pragma page_count").fetchone()[0]))


def _giving_back(db: Database) -> Iterator[None]:
    while db.execute("pragma freelist_count").fetchone()[0]:
        db.conn.executescript(f"pragma incremental_vacuum({GIVEN_BACK});")  # execute() would free one page
        yield


def _timed(steps: Iterator[None], seconds: float) -> Iterator[None]:
    """The steps, with a pause after each, as long as there is time."""
    end = time.monotonic() + seconds
    for step in steps:
        yield step
        time.sleep(PAUSE)
        if time.monotonic() > end:
            return
