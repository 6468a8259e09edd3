"""Copies of a home: of one moment, complete, never mistaken for whole when they are not."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from archive.backup.make import make_copy
from archive.backup.manifest import copies_in
from archive.backup.restore import restore
from archive.backup.verify import Checker
from archive.home import Home
from archive.pages import keep, open_pages
from tests.backup.conftest import refused, state_of
from tests.backup_home import NOW, PAGES, differences, make_home, raw_page, tables
from tests.commands import diemtin
from tests.part import part

WRITER = """
import sqlite3, sys
archive, pages = (sqlite3.connect(path, isolation_level=None, timeout=30) for path in sys.argv[1:])
print("ready", flush=True)
number = 0
while True:
    number += 1
    archive.execute("insert into runs (source, started_at, state) values ('bao', ?, 'done')", [str(number)])
    pages.execute("insert into visits (run_id, url, at, outcome) values (?, 'x', '', 'stored')", [number])
"""


@contextmanager
def writing_beside(home: Home) -> Iterator[None]:
    """A process that writes to archive.db and then to pages.db, as a crawl does, as fast as it can."""
    command = [sys.executable, "-c", WRITER, str(home.archive_db), str(home.pages_db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def test_copies_can_be_read_by_their_owner_alone(home: Home, folder: Path) -> None:
    copy = make_copy(home, folder, NOW).copy
    for path in [copy.path, *copy.path.rglob("*"), *(folder / "raw-pages").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_copy_made_while_a_crawl_writes_is_of_one_moment(home: Home, folder: Path, tmp_path: Path) -> None:
    seen = []
    with writing_beside(home):
        for number in range(3):
            copy = make_copy(home, folder, NOW + timedelta(minutes=number)).copy
            restore(Home(tmp_path / f"other-{number}"), copy.path, NOW)
            rows = tables(tmp_path / f"other-{number}" / "archive.db")["runs"]
            visits = tables(tmp_path / f"other-{number}" / "pages.db")["visits"]
            last = max((int(row[2]) for row in rows if row[2].isdigit()), default=0)
            told = max((row[1] for row in visits), default=0)
            seen.append((last, told))
            assert len(visits) == told, "each visit once"
    assert all(told <= last <= told + 1 for last, told in seen), seen
    assert seen[0][0] < seen[-1][0], "it wrote meanwhile"


def test_a_long_write_transaction_is_waited_for_and_then_not(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.snapshots.PATIENCE", 0.05)
    with closing(sqlite3.connect(home.archive_db, isolation_level=None)) as other:
        other.execute("begin immediate")
        assert not list(Checker().faults(make_copy(home, folder, NOW).copy))


def test_raw_pages_go_out_once(home: Home, folder: Path, tmp_path: Path) -> None:
    first = make_copy(home, folder, NOW)
    again = make_copy(home, folder, NOW + timedelta(days=1))
    assert again.copy.manifest.raw_pages == first.copy.manifest.raw_pages
    pages = open_pages(home.pages_db)
    keep(pages, raw_page(PAGES + 1))
    pages.execute("delete from pages where id = (select max(id) from pages)")
    keep(pages, raw_page(PAGES + 2))  # under the number of the one before
    pages.close()
    third = make_copy(home, folder, NOW + timedelta(days=2))
    assert [entry.pages.count for entry in third.copy.manifest.raw_pages] == [PAGES, 1]
    restore(Home(tmp_path / "other"), folder, NOW)
    assert not differences(home.path, tmp_path / "other")


def test_a_number_given_again_has_its_new_page(home: Home, folder: Path, tmp_path: Path) -> None:
    make_copy(home, folder, NOW)
    pages = open_pages(home.pages_db)
    pages.execute("delete from pages where id = (select max(id) from pages)")
    keep(pages, raw_page(999))
    pages.close()
    make_copy(home, folder, NOW + timedelta(days=1))
    restore(Home(tmp_path / "other"), folder, NOW)
    assert not differences(home.path, tmp_path / "other")


def test_a_file_of_which_most_pages_were_put_away_is_written_anew(
    home: Home, folder: Path, tmp_path: Path
) -> None:
    first = make_copy(home, folder, NOW).copy
    with closing(sqlite3.connect(home.pages_db)) as pages:
        pages.execute("delete from pages where id % 4 > 0")
        pages.commit()
    again = make_copy(home, folder, NOW + timedelta(days=1)).copy
    assert [entry.pages.count for entry in again.manifest.raw_pages] == [PAGES // 4]
    assert not list(Checker().faults(first)), "an older copy still has all of its pages"
    shutil.rmtree(first.path)
    make_copy(home, folder, NOW + timedelta(days=2))
    assert len(list((folder / "raw-pages").glob("*.db"))) == 1
    restore(Home(tmp_path / "other"), folder, NOW)
    assert not differences(home.path, tmp_path / "other")


@pytest.mark.parametrize("how", ["gone", "cut"])
def test_raw_pages_that_were_lost_go_out_again(home: Home, folder: Path, tmp_path: Path, how: str) -> None:
    make_copy(home, folder, NOW)
    (lost,) = (folder / "raw-pages").glob("*.db")
    lost.unlink() if how == "gone" else os.truncate(lost, 4096)
    make_copy(home, folder, NOW + timedelta(days=1))
    restore(Home(tmp_path / "other"), folder, NOW)
    assert not differences(home.path, tmp_path / "other")


def test_a_whole_folder_is_verified(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    copy = make_copy(home, folder, NOW + timedelta(days=1)).copy
    done = diemtin("backup", str(folder), "--verify", home=home.path)
    assert done.stdout.count("\n") == 2
    for other in part((home.path.parent, home.archive_db, folder / "nowhere"), 2):
        none = diemtin("backup", str(other), "--verify", home=home.path, check=False)
        assert (none.returncode, none.stderr.count("\n")) == (1, 1)
        none = diemtin("restore", str(other), home=home.path, check=False)
        assert (none.returncode, none.stderr.count("\n")) == (1, 1)
    assert diemtin("backup", str(copy.path), "--verify", home=home.path).stdout.count("\n") == 1


def test_a_folder_without_copies_says_how_one_is_made(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    none = diemtin("--lang", "en", "backup", str(tmp_path / "empty"), "--verify", home=home.path, check=False)
    assert "no copies there yet; run it without --verify first" in none.stderr


def test_names_that_are_no_text_and_links_are_copied(home: Home, folder: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(b"b\xe1o.txt")
    (home.path / odd).write_text("odd", encoding="utf-8")
    (tmp_path / "elsewhere.yml").write_text("linked", encoding="utf-8")
    (home.path / "config" / "topics.yml").symlink_to(tmp_path / "elsewhere.yml")
    (home.path / "config" / "round").symlink_to(home.path / "config")
    os.mkfifo(home.path / "pipe")
    make_copy(home, folder, NOW)
    (tmp_path / "elsewhere.yml").unlink()
    other = tmp_path / "other"
    restore(Home(other), folder, NOW)
    assert (other / odd).read_text(encoding="utf-8") == "odd"
    assert (other / "config" / "topics.yml").read_text(encoding="utf-8") == "linked"
    assert not (other / "pipe").exists()


def test_a_home_of_an_archive_alone_is_copied(tmp_path: Path, folder: Path) -> None:
    diemtin("init", home=tmp_path / "home")
    make_copy(Home(tmp_path / "home"), folder, NOW)
    restore(Home(tmp_path / "other"), folder, NOW)
    assert tables(tmp_path / "other" / "archive.db") == tables(tmp_path / "home" / "archive.db")
    assert not (tmp_path / "other" / "pages.db").exists()


def test_what_others_keep_in_the_folder_of_copies_is_left_alone(home: Home, folder: Path) -> None:
    for name in ("notes.unfinished", "2026-11-29T02-30-00Z.unfinished"):
        (folder / name).mkdir(parents=True)
        (folder / name / "thesis.docx").touch()
    (folder / "letter.unfinished").write_text("a note", encoding="utf-8")
    make_copy(home, folder, NOW)
    left = {path.name for path in folder.glob("*.unfinished")}
    assert left == {"letter.unfinished", "notes.unfinished"}


def test_two_copies_of_one_second_are_two(home: Home, folder: Path) -> None:
    paths = {make_copy(home, folder, NOW).copy.path for _ in range(2)}
    assert len(paths) == 2
    assert len(copies_in(folder)[0]) == 2


def test_a_damaged_home_is_not_copied_but_replaced(home: Home, folder: Path, tmp_path: Path) -> None:
    whole = make_home(tmp_path / "whole")
    make_copy(home, folder, NOW)
    before = state_of(folder)
    content = bytearray(home.archive_db.read_bytes())
    content[4096 * 3 : 4096 * 30] = b"\xff" * 4096 * 27
    home.archive_db.write_bytes(content)
    assert "backup_source_damaged" in refused(lambda: make_copy(home, folder, NOW))
    assert state_of(folder) == before
    home.archive_db.write_bytes(b"no database at all" * 999)
    assert "backup_source_damaged" in refused(lambda: make_copy(home, folder, NOW))
    restore(home, folder, NOW)
    assert not differences(home.path, whole.path)


def test_a_folder_that_is_not_there_is_told(home: Home, folder: Path, tmp_path: Path) -> None:
    assert "backup_no_folder" in refused(lambda: make_copy(home, tmp_path / "no" / "such", NOW))
    assert "backup_no_folder" in refused(lambda: make_copy(home, folder / "file" / "x", NOW))
    assert "backup_no_folder" in refused(lambda: make_copy(home, tmp_path / "away", NOW, known=True))
    assert "backup_emptied" in refused(lambda: make_copy(home, folder, NOW, known=True))
    for inside in (home.path, home.path / "copies"):
        done = diemtin("backup", str(inside), home=home.path, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_disk_that_is_not_mounted_is_not_written_beside(home: Home, folder: Path) -> None:
    diemtin("backup", str(folder), home=home.path)
    folder.rename(folder.with_name("away"))
    folder.mkdir()
    done = diemtin("backup", str(folder), home=home.path, check=False)
    assert (done.returncode, done.stderr.count("\n"), list(folder.iterdir())) == (1, 1, [])
    diemtin("backup", str(folder), "--new", home=home.path)
    diemtin("backup", str(folder), home=home.path)


def test_one_process_copies_at_a_time(home: Home, folder: Path) -> None:
    from archive.backup.folder import held

    make_copy(home, folder, NOW)
    with held(folder, alone=True):
        assert "backup_busy" in refused(lambda: make_copy(home, folder, NOW))
