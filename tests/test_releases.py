"""Homes that earlier releases made, of the sample press: each is copied first, upgraded, and serves."""

import lzma
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.clock import utc_now
from archive.db import migration_names
from archive.desk.db import open_desk
from archive.home import Home
from archive.web.app import build
from crawler.workspace import open_workspace
from tests.commands import Copy, diemtin
from tests.part import part
from tests.web_sample import running

pytestmark = pytest.mark.timeless
RELEASES = Path(__file__).parent / "data" / "releases"  # 0.1.0 as it was on three days
DAYS = sorted(folder.name for folder in RELEASES.iterdir())
SETS = {"archive": "diemtin", "pages": "diemtin-pages", "desk": "diemtin-desk"}
KEPT = (  # rows that no upgrade may change
    "select id, url, source, title, lead, body, sha256, first_seen_at, state, edits from articles order by id",
    "select id, article_id, seen_at, kind, title, lead, body, sha256 from versions order by id",
    "select article_id, at, state, reason from states order by 1, 2",
    "select id, name, edition, html, text, content from digests order by id",
    "select digest_id, channel, sent_at, message_id from deliveries order by 1, 2",
    "select id, source, started_at, outcomes from runs order by id",
)


def unpack(day: str, folder: Path) -> Home:
    home = Home.at(folder / "home")
    for packed in (RELEASES / day).glob("*.xz"):
        (home.path / packed.stem).write_bytes(lzma.decompress(packed.read_bytes()))
    return home


def rows(path: Path, *questions: str) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        return [db.execute(sql).fetchall() for sql in questions]


def applied(path: Path) -> list[str]:
    sql = "select name from _sqlite_migrations where migration_set = '{}' order by rowid"
    [names] = rows(path, sql.format(SETS[path.stem]))
    return [str(name) for (name,) in names]


def upgrade(home: Home) -> None:
    with open_workspace(home):
        open_desk(home.desk_db).close()


@pytest.mark.parametrize("day", DAYS)
async def test_a_home_of_an_earlier_release_is_upgraded_and_serves(tmp_path: Path, day: str) -> None:
    home = unpack(day, tmp_path)
    before, schema = rows(home.archive_db, *KEPT), applied(home.archive_db)
    raw = rows(home.pages_db, "select id, url, sha256, body from pages order by id")
    upgrade(home)
    assert rows(home.archive_db, *KEPT) == before
    assert rows(home.pages_db, "select id, url, sha256, body from pages order by id") == raw
    for name in SETS:
        path = home.path / f"{name}.db"
        assert applied(path) == migration_names(name)
        assert rows(path, "pragma integrity_check") == [[("ok",)]]
    copy = home.path / "before-upgrade" / f"archive-{schema[-1]}.db"
    assert rows(copy, *KEPT) == before, "a copy was made first"
    found = diemtin("search", "Sông Công", home=home.path).stdout
    assert "Sông Công" in found
    edition = before[3][0]
    async with running(build(home, now=utc_now)) as site:
        for page in (
            "/",
            "/tim?q=thai+nguyen",
            "/bai/1",
            "/nguon",
            f"/ban-tin/{edition[0]}",
            "/chu-de",
            "/sua-go",
        ):
            answer = await site.client.get(page)
            assert answer.status_code == 200, page
    assert diemtin("digest", "hang-ngay", "--edition", str(edition[2]), home=home.path).stdout.strip()


KILLED = """
import os, signal, sys
from archive.home import Home
from crawler.workspace import open_workspace
from sqlite_utils import Migrations

left, record = int(sys.argv[2]), Migrations._record_applied

def record_applied(self, db, name):
    global left
    record(self, db, name)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

Migrations._record_applied = record_applied
with open_workspace(Home.at(sys.argv[1])):
    pass
"""


@pytest.mark.parametrize("after", part([9, 1, 20], 3))
def test_an_upgrade_that_is_killed_goes_on(tmp_path: Path, after: int) -> None:
    home = unpack(DAYS[0], tmp_path)
    before = rows(home.archive_db, *KEPT)
    with Copy(home.path, after, program=KILLED) as upgrading:
        assert upgrading.wait() == -signal.SIGKILL
    upgrade(home)
    assert rows(home.archive_db, *KEPT) == before
    for name in SETS:
        assert applied(home.path / f"{name}.db") == migration_names(name)


def test_one_that_was_upgraded_in_part_goes_on(tmp_path: Path) -> None:
    """As a release between the two left it: some of the migrations are done, the others are not."""
    home = unpack(DAYS[0], tmp_path)
    upgrade(home)
    other = unpack(DAYS[1], tmp_path / "other")
    home.pages_db.write_bytes(other.pages_db.read_bytes())
    for end in ("-wal", "-shm"):
        Path(f"{home.pages_db}{end}").unlink(missing_ok=True)
    upgrade(home)
    assert applied(home.pages_db) == migration_names("pages")
