"""What each kind of thing takes in the databases of a home, by SQLite's own table of pages (dbstat)."""

import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from archive.clock import HANOI, stamp
from archive.db import reading, writing
from archive.home import Home

DATABASES = ("archive", "pages", "desk")
FREE = "free"  # space within a file that the next rows take
OTHER = "other"
_KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "archive": {
        "texts": ("articles", "versions", "states"),
        "search": ("articles_fts", "articles_pairs", "pair_index", "lexicon"),
        "facts": ("article_topics", "mentions", "documents", "article_documents", "figures", "topics"),
        "stories": ("stories", "shingles", "events", "article_events", "event_", "line_changes"),
        "runs": ("runs", "coverage"),
        "editions": ("digests", "deliveries", "matches", "alerts", "pending"),
    },
    "pages": {
        "raw_pages": ("pages", "dictionaries"),
        "fetches": ("fetches", "certificates"),
        "visits": ("visits",),
        "addresses": ("addresses", "named", "lists"),
    },
    "desk": {"desk": ("",)},
}
_STEP = 20_000  # instructions of SQLite between two looks at the clock
KEPT_DAYS = 800  # of measurements
_DAY = timedelta(days=1)


def measure(path: Path, seconds: float | None = None) -> dict[str, int] | None:
    """Bytes of each table with its indexes, and of what is free; None where it took longer than ``seconds``.

    Every page is read: about a second a GB that is in memory, five from a disk.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
        if seconds is not None:
            end = time.monotonic() + seconds
            db.set_progress_handler(lambda: time.monotonic() > end, _STEP)
        try:
            of = dict(db.execute("select name, tbl_name from sqlite_schema"))
            rows = db.execute(_PAGES).fetchall()
        except sqlite3.DatabaseError:  # too long, or on a disk with no room for the file that readers share
            return None
        sizes: Counter[str] = Counter()
        for name, size in rows:
            sizes[of.get(name, name)] += size
        names = ("freelist_count", "page_count", "page_size")
        free, pages, size = (db.execute(f"pragma {name}").fetchone()[0] for name in names)
        sizes[FREE] = free * size
        sizes[OTHER] = pages * size - sizes.total()  # the map of pages, and what is not counted
        return dict(sizes)


_PAGES = "select name, sum(pgsize) from dbstat group by name"  # dbstat's own sums overflow at 2 GB


def by_kind(database: str, tables: dict[str, int]) -> dict[str, int]:
    """The same by kinds of things."""
    sizes: Counter[str] = Counter()
    for table, size in tables.items():
        sizes[_kind(database, table)] += size
    return dict(sizes)


def _kind(database: str, table: str) -> str:
    if table == FREE:
        return FREE
    for kind, names in _KINDS[database].items():
        if table in names or any(table.startswith(name) for name in names if name.endswith("_") or not name):
            return kind
        if kind == "search" and table.startswith(names[:2]):
            return kind
    return OTHER


def files(home: Home) -> dict[str, int]:
    """Bytes of each database with its write-ahead log, and of everything else in the home."""
    sizes = dict.fromkeys((*DATABASES, OTHER), 0)
    for path in home.path.rglob("*"):
        try:
            size = path.stat().st_size if path.is_file() and not path.is_symlink() else 0
        except OSError:
            continue
        name = path.name.partition(".db")[0] if path.parent == home.path and ".db" in path.name else OTHER
        sizes[name if name in sizes else OTHER] += size
    return sizes


def note(pages: Database, home: Home, now: datetime) -> None:
    """Measure all and write it down for this day."""
    day = now.astimezone(HANOI).date()
    rows = [(f"{day}", f"file/{name}", size) for name, size in files(home).items()]
    for name in DATABASES:
        path = home.path / f"{name}.db"
        measured = by_kind(name, measure(path) or {}) if path.exists() else {}
        rows += [(f"{day}", f"{name}/{kind}", size) for kind, size in measured.items()]
    with writing(pages):
        pages.conn.executemany("insert or replace into sizes (day, kind, bytes) values (?, ?, ?)", rows)
        pages.execute("delete from sizes where day < ?", [f"{day - KEPT_DAYS * _DAY}"])


def noted(home: Home, after: date, until: date) -> tuple[date, dict[str, int]] | None:
    """The first measurement within these days."""
    return _noted(home, "min", after, until)


def last_noted(home: Home) -> tuple[date, dict[str, int]] | None:
    """The newest measurement."""
    return _noted(home, "max", date.min, date.max)


def _noted(home: Home, which: str, after: date, until: date) -> tuple[date, dict[str, int]] | None:
    if not home.pages_db.exists():
        return None
    try:
        with reading(home.pages_db) as db:
            sql = f"select {which}(day) from sizes where day >= ? and day <= ?"
            (day,) = db.execute(sql, [f"{after}", f"{until}"]).fetchone()
            rows = db.execute("select kind, bytes from sizes where day = ?", [day]).fetchall()
    except sqlite3.DatabaseError:  # of an older release, or being brought back
        return None
    return (date.fromisoformat(day), dict(rows)) if day else None


def rows_lately(home: Home, now: datetime, days: int) -> dict[str, tuple[int, int, float]]:
    """By database: rows of its largest table that came in the last days, all of them, and days since the first.

    What a home without measurements can tell of its growth.
    """
    since, found = stamp(now - timedelta(days=days)), dict[str, tuple[int, int, float]]()
    for name, sql in _LATELY.items():
        path = home.path / f"{name}.db"
        with suppress(sqlite3.DatabaseError):  # not there, or on a full disk: then its growth is not known
            if path.exists():
                with reading(path) as db:
                    late, every, age = db.execute(sql, {"since": since, "now": stamp(now)}).fetchone()
                    found[name] = (late or 0, every or 0, age or 0.0)
    return found


_LATELY = {  # of articles the newest number stands for their count: a million are not counted while one waits
    "archive": """select (select count(*) from articles where first_seen_at >= :since),
        (select max(id) from articles),
        julianday(:now) - julianday((select min(first_seen_at) from articles))""",
    "pages": """select sum(fetched_at >= :since), count(*), julianday(:now) - julianday(min(fetched_at))
        from pages indexed by pages_source""",
}
