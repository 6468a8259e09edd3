"""A small home with something of everything, and what of two homes differs."""

import atexit
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from archive.desk import accounts
from archive.desk.db import open_desk
from archive.home import Home
from archive.pages import RawPage, keep, open_pages
from archive.schema import prepare
from tests import web_sample

NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
PAGES = 40


def raw_page(number: int) -> RawPage:
    """The page of a number: half of it as on every page of the outlet."""
    own = f"<p>Bài số {number}: {number * 7919}</p>" * 40
    body = ("<html><nav>Thời sự Kinh tế Xã hội</nav>" * 30 + own).encode()
    at = NOW - timedelta(days=1) + timedelta(seconds=number)
    return RawPage(f"https://bao.example/{number}.html", "bao", at, "text/html", body)


@cache
def _filled() -> Path:
    folder = Path(mkdtemp(prefix="diemtin-backup-"))
    atexit.register(shutil.rmtree, folder)
    home = Home.at(folder / "home")
    web_sample.fill(home.archive_db)
    pages = open_pages(home.pages_db)
    for number in range(PAGES):
        keep(pages, raw_page(number))
    pages.close()
    desk = open_desk(home.desk_db)
    accounts.add(desk, "lan", "admin", "mat khau cua lan", email="", by="", now=NOW)
    desk.close()
    (home.path / "config" / "sources.d").mkdir(parents=True)
    (home.path / "config" / "sources.d" / "bao.yml").write_text("bao: {name: Báo}\n", encoding="utf-8")
    (home.path / "cases.jsonl").write_bytes(b'{"id": "1"}\n')
    (home.path / "password").write_text("mat khau chung\n", encoding="utf-8")
    (home.path / "password").chmod(0o600)
    (home.path / ".alerts-x.making").write_text("half", encoding="utf-8")
    return home.path


def make_home(path: Path) -> Home:
    """A home at a path, as every other one that this makes."""
    shutil.copytree(_filled(), path)
    return Home(path)


def tables(path: Path, *, leave: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables of a database, those of the search index too, and what makes the tables."""
    with closing(sqlite3.connect(path)) as db:
        prepare(db)
        made = "select name from sqlite_schema where type = 'table' and sql not like 'create virtual%'"
        names = [row[0] for row in db.execute(made) if row[0] not in leave]
        rows = {name: sorted(db.execute(f'select * from "{name}"').fetchall(), key=repr) for name in names}
        made = "select type, name, tbl_name, sql from sqlite_schema"
        for pragma in ("user_version", "application_id", "page_size", "auto_vacuum", "encoding"):
            rows[pragma] = db.execute(f"pragma {pragma}").fetchall()
        return rows | {"sqlite_schema": sorted(db.execute(made).fetchall(), key=repr)}


def differences(one: Path, other: Path) -> list[str]:
    """What of two homes differs; sessions of the desk end with a restore and are not looked at."""
    found = []
    for name in ("archive.db", "pages.db", "desk.db"):
        first, second = tables(one / name, leave=("sessions",)), tables(other / name, leave=("sessions",))
        found += [
            f"{name}:{table}" for table in first.keys() | second.keys() if first.get(table) != second.get(table)
        ]
    for path in ("config/sources.d/bao.yml", "cases.jsonl", "password"):
        a, b = one / path, other / path
        if a.read_bytes() != b.read_bytes() or a.stat().st_mode != b.stat().st_mode:
            found.append(path)
    return found
