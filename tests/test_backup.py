"""Copies of a home: of one moment, complete, never mistaken for whole when they are not, kept as configured."""

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from archive.backup import BackupError
from archive.backup.make import make_copy
from archive.backup.manifest import copies_in
from archive.backup.restore import restore
from archive.backup.verify import Checker
from archive.home import Home
from archive.pages import keep, open_pages
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
READER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("select 1 from articles").fetchall()
print("ready", flush=True)
input()
"""
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "copies"
    path.mkdir()
    return path


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


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    path.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], check=False)
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def state_of(folder: Path) -> dict[str, str]:
    """Every file below a folder with the checksum of its content."""
    side = ("-wal", "-shm", ".lock")
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(side))
    files = (path for path in files if path.parent.name != "locks")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(BackupError) as error:
        call()
    assert "\n" not in str(error.value)
    return error.value.reason


def test_a_restored_home_is_the_home_that_was_copied(home: Home, folder: Path, tmp_path: Path) -> None:
    (home.path / "locks" / "up").touch()
    with closing(sqlite3.connect(home.pages_db)) as pages:
        pages.execute("pragma user_version = 7")
        pages.execute("analyze")
    other = tmp_path / "other"
    assert diemtin("backup", str(folder), home=home.path).stdout.count("\n") == 1
    said = diemtin("--lang", "vi", "restore", str(folder), home=other).stdout
    assert "đăng nhập lại" in said
    assert not differences(home.path, other)
    names = {path.name for path in other.iterdir()}
    files = {"archive.db", "pages.db", "desk.db", "config", "cases.jsonl", "password", "has-accounts"}
    assert names == files | {"locks"}


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


KINDS = ("archive.db", "desk.db", "pages.db", "home/config/sources.d/bao.yml", "home/password", "manifest.json",
         "manifest.json.sha256", "raw-pages")  # fmt: skip


@pytest.mark.parametrize("kind", part(KINDS, 2))
def test_one_changed_byte_is_found_and_replaces_nothing(home: Home, folder: Path, kind: str) -> None:
    chance = random.Random(kind)
    copy = make_copy(home, folder, NOW).copy
    path = next((folder / kind).glob("*.db")) if kind == "raw-pages" else copy.path / kind
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    before = state_of(home.path)
    found = diemtin("--lang", "en", "backup", str(folder), "--verify", home=home.path, check=False)
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    told = copy.path / "manifest.json" if kind.startswith("manifest") else path
    assert str(told) in found.stderr
    done = diemtin("--lang", "en", "restore", str(folder), home=home.path, check=False)
    assert (done.returncode, done.stderr.count("\n"), str(told) in done.stderr) == (1, 1, True)
    assert state_of(home.path) == before


def test_a_missing_file_is_found(home: Home, folder: Path) -> None:
    copy = make_copy(home, folder, NOW).copy
    (copy.path / "desk.db").unlink()
    assert [str(fault) for fault in Checker().faults(copy)]
    assert "backup_file_missing" in refused(lambda: restore(home, folder, NOW))


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


def test_what_a_restore_replaces_is_kept(home: Home, folder: Path) -> None:
    copy = make_copy(home, folder, NOW).copy
    with closing(sqlite3.connect(home.archive_db)) as db:
        db.execute("delete from runs")
        db.commit()
    (home.path / "note").write_text("mine", encoding="utf-8")
    before = tables(home.archive_db)
    done = restore(home, folder, NOW)
    assert done.copy.path == copy.path
    assert done.replaced
    assert (done.replaced / "note").read_text(encoding="utf-8") == "mine"
    assert tables(done.replaced / "archive.db") == before
    assert not (home.path / "note").exists()
    again = restore(home, folder, NOW)
    assert again.replaced
    assert again.replaced != done.replaced


def test_the_copy_of_a_day_is_brought_back(home: Home, folder: Path) -> None:
    for day in range(3):
        (home.path / "note").write_text(str(day), encoding="utf-8")
        make_copy(home, folder, NOW + timedelta(days=day))
    said = diemtin("restore", str(folder), "--at", "2026-11-30", home=home.path).stdout
    assert "2026-11-30T03-00-00Z" in said
    assert (home.path / "note").read_text(encoding="utf-8") == "1"
    early = diemtin("restore", str(folder), "--at", "2026-11-01", home=home.path, check=False)
    assert (early.returncode, early.stderr.count("\n")) == (1, 1)


def test_the_newest_copy_is_the_one_made_last_whatever_the_clock_said(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW + timedelta(days=365))
    last = make_copy(home, folder, NOW).copy
    assert restore(home, folder, NOW).copy.path == last.path


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


def test_a_folder_that_vanishes_while_it_is_written_to_is_told(home: Home, folder: Path) -> None:
    def vanish() -> None:
        while not list(folder.glob("*.unfinished")):
            time.sleep(0.001)
        folder.rename(folder.with_name("away"))

    process = get_context("fork").Process(target=vanish)
    process.start()
    done = diemtin("backup", str(folder), home=home.path, check=False)
    process.join()
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_two_copies_of_one_second_are_two(home: Home, folder: Path) -> None:
    paths = {make_copy(home, folder, NOW).copy.path for _ in range(2)}
    assert len(paths) == 2
    assert len(copies_in(folder)[0]) == 2


@pytest.mark.parametrize("newer", ["schema", "program", "form"])
def test_a_copy_of_a_newer_release_is_refused(home: Home, folder: Path, newer: str) -> None:
    copy = make_copy(home, folder, NOW).copy
    path = copy.path / "manifest.json"
    made = json.loads(path.read_bytes())
    if newer == "schema":
        made["databases"][0]["schema"].append("m999_of_the_future")
    elif newer == "program":
        made["program"] = "99.0.0"
    else:
        made["format"] = 99
    path.write_text(json.dumps(made), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (copy.path / "manifest.json.sha256").write_text(f"{digest}  manifest.json\n", encoding="utf-8")
    before = state_of(home.path)
    assert "newer" in refused(lambda: restore(home, folder, NOW))
    assert state_of(home.path) == before


def test_a_copy_leads_to_no_file_outside(home: Home, folder: Path) -> None:
    copy = make_copy(home, folder, NOW).copy
    path = copy.path / "manifest.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"password"', '"../../password"'), encoding="utf-8"
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (copy.path / "manifest.json.sha256").write_text(f"{digest}  manifest.json\n", encoding="utf-8")
    assert "backup_damaged" in refused(lambda: restore(home, folder, NOW))


def test_a_home_at_work_is_not_replaced(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    with home.lock("source-bao"):
        held = diemtin("restore", str(folder), home=home.path, check=False)
    assert (held.returncode, held.stderr.count("\n")) == (1, 1)
    command = [sys.executable, "-c", READER, str(home.archive_db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()  # as `diemtin serve` has it, which holds no lock of the home
        told = diemtin("restore", str(folder), home=home.path, check=False)
        assert (told.returncode, str(process.pid) in told.stderr) == (1, True)
        process.stdin.close()
    assert restore(home, folder, NOW).replaced


def test_a_folder_of_others_in_the_way_is_left_alone(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    other = home.path.with_name("home.restoring")
    other.mkdir()
    (other / "thesis.docx").touch()
    assert "backup_in_the_way" in refused(lambda: restore(home, folder, NOW))
    assert (other / "thesis.docx").exists()


def test_what_others_keep_in_the_folder_of_copies_is_left_alone(home: Home, folder: Path) -> None:
    for name in ("notes.unfinished", "2026-11-29T02-30-00Z.unfinished"):
        (folder / name).mkdir(parents=True)
        (folder / name / "thesis.docx").touch()
    (folder / "letter.unfinished").write_text("a note", encoding="utf-8")
    make_copy(home, folder, NOW)
    left = {path.name for path in folder.glob("*.unfinished")}
    assert left == {"letter.unfinished", "notes.unfinished"}


def test_nothing_begins_while_a_home_is_restored_and_notes_beside_locks_stay(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    (home.locks / "storage-fault").write_text("a note", encoding="utf-8")
    with home.lock("restore"):
        assert diemtin("search", "x", home=home.path, check=False).returncode == 1
        assert diemtin("restore", str(folder), home=home.path, check=False).returncode == 1
    with home.lock("up"):
        assert diemtin("restore", str(folder), home=home.path, check=False).returncode == 1
    assert (home.locks / "storage-fault").read_text(encoding="utf-8") == "a note"


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


def test_copies_are_verified_and_brought_back_where_the_home_is_damaged(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    for path in (home.archive_db, home.pages_db, home.desk_db):
        path.write_bytes(b"")
    assert diemtin("backup", str(folder), "--verify", home=home.path).stdout
    home.pages_db.unlink()
    assert diemtin("restore", str(folder), home=home.path).stdout
    assert tables(home.archive_db)["articles"]


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


@ROOT
def test_a_full_disk_is_told_and_older_copies_stay(home: Home, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "2m") as folder:
        made = 0
        for _ in range(9):
            before = state_of(folder)
            done = diemtin("backup", str(folder), home=home.path, check=False)
            if done.returncode:
                break
            made += 1
        assert (made >= 1, done.returncode, done.stderr.count("\n")) == (True, 1, 1)
        assert state_of(folder) == before
        assert len(copies_in(folder)[0]) == made
        assert not [fault for copy in copies_in(folder)[0] for fault in Checker().faults(copy)]


@ROOT
def test_a_full_disk_stops_a_restore_and_the_home_stays(home: Home, folder: Path, tmp_path: Path) -> None:
    make_copy(home, folder, NOW)
    with small_disk(tmp_path / "small", "600k") as disk:
        done = diemtin("restore", str(folder), home=disk / "home", check=False)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert not list(disk.iterdir())


def _copy_on(home: Home, folder: Path) -> None:
    os.setsid()
    for number in range(99):
        make_copy(home, folder, NOW + timedelta(seconds=number))


def _restore_on(home: Home, folder: Path) -> None:
    os.setsid()
    for number in range(99):
        restore(home, folder, NOW + timedelta(seconds=number))


def killed(work: Callable[[Home, Path], None], home: Home, folder: Path, after: float) -> None:
    process = get_context("fork").Process(target=work, args=(home, folder))
    process.start()
    time.sleep(after)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()


def test_killed_while_copying_there_is_no_half_copy(home: Home, folder: Path, tmp_path: Path) -> None:
    chance = random.Random(20261129)
    for number in range(4):
        killed(_copy_on, home, folder, chance.uniform(0.02, 0.25))
        copies, wrong = copies_in(folder)
        assert not wrong
        assert not [str(fault) for copy in copies for fault in Checker().faults(copy)]
        pages = open_pages(home.pages_db)
        keep(pages, raw_page(200 + number))
        pages.close()
    make_copy(home, folder, NOW + timedelta(days=1))
    assert not list(folder.glob("*.unfinished"))
    restore(Home(tmp_path / "other"), folder, NOW)
    assert not differences(home.path, tmp_path / "other")


def one_of(home: Home, *wanted: Path) -> None:
    assert not all(differences(home.path, other) for other in wanted)


def test_killed_while_restoring_the_home_is_the_old_or_the_new_one(
    home: Home, folder: Path, tmp_path: Path
) -> None:
    chance = random.Random(20261130)
    make_copy(home, folder, NOW)
    new = make_home(tmp_path / "new")
    (home.path / "password").write_text("mat khau cu\n", encoding="utf-8")
    old = tmp_path / "old"
    subprocess.run(["cp", "-a", str(home.path), str(old)], check=True)
    for _ in range(5):
        killed(_restore_on, home, folder, chance.uniform(0.01, 0.3))
        one_of(home, old, new.path)
    restore(home, folder, NOW)
    assert not differences(home.path, new.path)
    assert not home.path.with_name("home.restoring").exists()
    assert not (home.path / "restoring.json").exists()


@ROOT
def test_a_home_that_is_a_disk_of_its_own_is_finished_by_the_next_restore(folder: Path, tmp_path: Path) -> None:
    chance = random.Random(20261201)
    new = make_home(tmp_path / "new")
    make_copy(new, folder, NOW)
    with small_disk(tmp_path / "disk", "64m") as disk:
        subprocess.run(["cp", "-a", f"{new.path}/.", str(disk)], check=True)
        home = Home(disk)
        for _ in range(4):
            killed(_restore_on, home, folder, chance.uniform(0.01, 0.3))
            if (disk / "restoring" / "plan.json").exists():
                assert diemtin("health", home=disk, check=False).returncode == 1
            restore(home, folder, NOW)
            assert not differences(disk, new.path)
            assert not (disk / "restoring").exists()
        assert list(disk.glob("before-restore-*"))


def test_a_restore_that_was_cut_off_between_two_files_is_told_and_finished(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    (home.path / "restoring" / "new").mkdir(parents=True)
    (home.path / "archive.db").rename(home.path / "restoring" / "new" / "archive.db")
    plan = {
        "old": ["archive.db"],
        "mark": {"copy": str(copies_in(folder)[0][0].path), "replaced": "before-restore-x"},
    }
    (home.path / "restoring" / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    told = diemtin("--lang", "en", "search", "x", home=home.path, check=False)
    assert (told.returncode, "restore" in told.stderr) == (1, True)
    assert diemtin("restore", str(folder), home=home.path)
    assert home.archive_db.exists()
    assert not (home.path / "restoring").exists()


def test_one_process_copies_at_a_time(home: Home, folder: Path) -> None:
    from archive.backup.folder import held

    make_copy(home, folder, NOW)
    with held(folder, alone=True):
        assert "backup_busy" in refused(lambda: make_copy(home, folder, NOW))
