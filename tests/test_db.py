"""A write transaction is whole or leaves no trace, and waits its turn; times and ``articles.sort`` agree."""

import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.articles import still_there, store
from archive.clock import HANOI, stamp
from archive.db import SORT_SLOTS, connect, minute_of, reading, sort_at, sort_span, writing
from archive.home import Home
from archive.model import Article
from archive.schema import open_archive
from pipelines.fingerprint import shingles

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
REPROCESS = """
import sys, time
from pathlib import Path
from archive.home import Home
from crawler.reprocess import reprocess
from crawler.workspace import open_workspace

def wait_for_the_other(sql):
    "The story's shingles were read and nothing is written yet: now the other process writes, if it can."
    if sql.startswith("select article_id from shingles") and not has_read.exists():
        has_read.touch()
        end = time.monotonic() + 1
        while not wrote.exists() and time.monotonic() < end:
            time.sleep(0.01)

has_read, wrote = Path(sys.argv[2]), Path(sys.argv[3])
with open_workspace(Home.at(sys.argv[1])) as workspace:
    workspace.archive.conn.set_trace_callback(wait_for_the_other)
    reprocess(workspace)
"""


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
    db, other = (Database(connect(tmp_path / "a.db", patience)) for patience in (30, 0.01))
    db.execute("create table one (id integer primary key)")
    with writing(db):
        assert db.conn.execute("select count(*) from one").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            insert(other, 1)
        db.conn.execute("insert into one values (2)")
    insert(other, 1)
    assert db.table("one").count == 2


def test_reprocess_and_a_process_that_writes_wait_for_each_other(tmp_path: Path) -> None:
    """As beside ``diemtin up``: the other process writes between what a story reads and what it writes."""
    home, has_read, wrote = Home.at(tmp_path / "home"), tmp_path / "has-read", tmp_path / "wrote"
    db = open_archive(home.archive_db)
    urls = [f"https://bao-{outlet}.example/1.html" for outlet in "ab"]
    body = "\n".join(f"Câu {at} kể việc {at * 7} ở cụm công nghiệp." for at in range(40))
    for url in urls:
        store(db, Article(url, url[8:13], "Bài", "", body, published_at=NOW), shingles(body), NOW)
    command = [sys.executable, "-c", REPROCESS, home.path, has_read, wrote]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not has_read.exists() and process.poll() is None:
        time.sleep(0.01)
    assert still_there(db, urls[0], NOW + timedelta(hours=1))
    wrote.touch()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert db.execute("select count(distinct story_id), max(last_seen_at) from articles").fetchone() == (
        1,
        stamp(NOW + timedelta(hours=1)),
    )


def test_reading_writes_nothing(tmp_path: Path) -> None:
    connect(tmp_path / "a.db").execute("create table one (id)")
    with reading(tmp_path / "a.db") as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("insert into one values (1)")


def test_a_time_and_its_sort_agree() -> None:
    midnight = datetime(2026, 11, 21, tzinfo=HANOI)
    late = midnight + timedelta(seconds=59, microseconds=999_999)
    assert sort_at(midnight) == sort_at(late) == sort_at(midnight.astimezone(UTC))
    assert minute_of(sort_at(late) + SORT_SLOTS - 1) == midnight
    assert sort_at(midnight + timedelta(minutes=1)) == sort_at(midnight) + SORT_SLOTS
    assert sort_at(midnight + timedelta(days=9)) - sort_at(midnight) == sort_span(timedelta(days=9))
    before_1970 = datetime(1954, 5, 7, 10, 30, 20, tzinfo=UTC)
    assert minute_of(sort_at(before_1970)) == before_1970.replace(second=0)
