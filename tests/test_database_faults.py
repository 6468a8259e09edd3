"""A database that is damaged, newer, foreign or locked: one plain line, and nothing overwritten."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest

from archive.databases.check import check_files, check_whole
from archive.db import connect, reading
from archive.desk.db import open_desk
from archive.home import Home
from archive.schema import prepare
from archive.snapshots.holders import holders_of
from crawler.cli import COMMANDS
from crawler.workspace import open_workspace
from tests.backup_home import make_home
from tests.commands import Copy, diemtin

pytestmark = pytest.mark.timeless
FILES = ("archive.db", "pages.db", "desk.db")
ADDRESS = "https://baotintuc.vn/kinh-te/bai-20260307075519174.htm"
CALLS: dict[str, tuple[str, ...]] = {
    "init": (), "crawl": ("baotintuc",), "add": (ADDRESS,), "why": (ADDRESS,), "rejected": (),
    "search": ("chè",), "alerts": (), "digest": ("--due",), "report": ("2026-10",), "figures": (),
    "evidence": ("1",), "health": (), "mcp": (), "reprocess": (), "index": (), "import": ("{texts}",),
    "users": ("list",), "serve": ("--port", "{port}"), "schedule": (), "up": ("--port", "{port}"),
    "tidy": (),
}  # fmt: skip
SOME = ("search", "users", "up")
WHOLE = ("serve", "schedule", "up")  # commands that read every page first


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with all three databases, closed."""
    folder = tmp_path_factory.mktemp("made") / "home"
    with open_workspace(Home.at(folder)):
        open_desk(folder / "desk.db").close()
    (folder / "texts.jsonl").write_text(f'{{"url": "{ADDRESS}", "title": "Chè", "body": "Chè xuân."}}\n')
    for name in FILES:
        with closing(sqlite3.connect(folder / name)) as db:
            db.execute("pragma wal_checkpoint(truncate)")
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size * 2 // 3)


def write_over_pages(path: Path) -> None:
    with path.open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xa7" * 2000)


def zero_the_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 100)


def put_a_text_there(path: Path) -> None:
    path.write_text("Đây không phải cơ sở dữ liệu.\n" * 300)


DAMAGE: tuple[Callable[[Path], None], ...] = (cut_short, write_over_pages, zero_the_header, put_a_text_there)


def run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    given = {"texts": str(home / "texts.jsonl"), "port": "0"}
    return diemtin(
        "--lang", "en", command, *(one.format(**given) for one in CALLS[command]), home=home, check=False
    )


def test_every_command_is_tried() -> None:
    """`sources`, `read` and `worker` open no database; restore is how a damaged one is put right.

    `keeper` is a part of `up`.
    """
    others = {"sources", "read", "backup", "restore", "export", "size", "vacuum", "evaluate", "retention"}
    others |= {"worker", "keeper"}
    assert set(COMMANDS) - set(CALLS) <= others


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_is_one_line_in_every_command(home: Path, damage: Callable[[Path], None], file: str) -> None:
    damage(home / file)
    before = (home / file).read_bytes()
    for command in (
        WHOLE
        if damage is write_over_pages
        else CALLS
        if (file, damage) == ("pages.db", put_a_text_there)
        else SOME
    ):
        done = run(command, home)
        said = done.stderr.strip()
        assert done.returncode == 1, (command, done)
        assert file in said, (command, said)
        assert "diemtin restore" in said, (command, said)
        assert len(said.splitlines()) == 1, (command, said)
        assert "Traceback" not in said
    assert (home / file).read_bytes() == before, "nothing is written to it"


@pytest.mark.parametrize("file", FILES)
def test_a_newer_schema_is_refused(home: Path, file: str) -> None:
    with closing(sqlite3.connect(home / file)) as db:
        db.execute(
            """insert into _sqlite_migrations select max(id) + 1, migration_set, 'm999_new', ''
            from _sqlite_migrations"""
        )
        db.commit()
    for command in CALLS if file == "desk.db" else SOME:
        done = run(command, home)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1), (command, done.stderr)
        assert f"{file}: a newer Điểm Tin has written it (m999_new)" in done.stderr, command


def test_a_file_of_another_program_is_left_alone(home: Path) -> None:
    (home / "archive.db").unlink()
    with closing(sqlite3.connect(home / "archive.db")) as db:
        db.execute("create table moz_places (id)")
    done = run("search", home)
    assert done.returncode == 1
    assert "belongs to another program" in done.stderr
    with closing(sqlite3.connect(home / "archive.db")) as db:
        assert db.execute("select name from sqlite_master").fetchall() == [("moz_places",)]


OPEN = """
import sys
from pathlib import Path
from subprocess import PIPE
from archive.home import Home
from archive.desk.db import open_desk
from crawler.workspace import open_workspace
home = Home.at(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with open_workspace(home):
    open_desk(home.desk_db).close()
"""


def test_a_new_home_is_opened_by_many_at_once(tmp_path: Path) -> None:
    """As when `up` begins all its crawls: of those that open it, one makes it, and the others wait."""
    children = [Copy(tmp_path / "home", program=OPEN, stdin=PIPE, stderr=PIPE) for _ in range(6)]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    ends = []
    for child in children:
        with child:
            ends.append((child.communicate()[1], child.wait()))
    assert ends == [("", 0)] * 6


def test_a_write_that_waits_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("archive.db.TELL_AFTER", 0.2)
    path = tmp_path / "archive.db"
    db = connect(path)
    db.execute("create table one (id)")
    with Copy(path, 0.6, program=HOLD) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        db.execute("insert into one values (1)")
    assert db.execute("select count(*) from one").fetchone() == (1,)
    assert "archive.db" in caplog.text


HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin immediate")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def test_a_whole_home_with_classified_articles_is_whole(tmp_path: Path) -> None:
    """Some releases of SQLite find NULLs by ``quick_check`` that are not there."""
    home = make_home(tmp_path / "home")
    with closing(sqlite3.connect(home.archive_db)) as archive:
        assert archive.execute("select count(*) from article_topics").fetchone()[0]
    check_whole(home.path, prepare)


def test_looking_at_a_file_leaves_this_process_its_locks(home: Path) -> None:
    """Whoever opens and closes the file beside SQLite loses them, and another program damages it."""
    path = home / "archive.db"
    with closing(connect(path)) as held:
        held.execute("select count(*) from articles").fetchone()
        check_files(home)
        with reading(path):
            pass
        connect(path).close()
        assert holders_of([path]) == {path: os.getpid()}
        assert holders_of([path, home / "missing.db"]) == {path: os.getpid()}, "asking costs no lock"
    assert holders_of([path]) == {}
