"""A home is brought back from a copy that is whole, and what it replaces is kept."""

import hashlib
import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from archive.backup.make import make_copy
from archive.backup.manifest import copies_in
from archive.backup.restore import restore
from archive.backup.verify import Checker
from archive.home import Home
from tests.backup.conftest import refused, state_of
from tests.backup_home import NOW, differences, tables
from tests.commands import diemtin
from tests.part import part

READER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("select 1 from articles").fetchall()
print("ready", flush=True)
input()
"""


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


def test_nothing_begins_while_a_home_is_restored_and_notes_beside_locks_stay(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    (home.locks / "storage-fault").write_text("a note", encoding="utf-8")
    with home.lock("restore"):
        assert diemtin("search", "x", home=home.path, check=False).returncode == 1
        assert diemtin("restore", str(folder), home=home.path, check=False).returncode == 1
    with home.lock("up"):
        assert diemtin("restore", str(folder), home=home.path, check=False).returncode == 1
    assert (home.locks / "storage-fault").read_text(encoding="utf-8") == "a note"


def test_copies_are_verified_and_brought_back_where_the_home_is_damaged(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    for path in (home.archive_db, home.pages_db, home.desk_db):
        path.write_bytes(b"")
    assert diemtin("backup", str(folder), "--verify", home=home.path).stdout
    home.pages_db.unlink()
    assert diemtin("restore", str(folder), home=home.path).stdout
    assert tables(home.archive_db)["articles"]


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


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": 1}', '{"format": "x"}', "no JSON"])
def test_a_manifest_that_says_too_little_is_a_damaged_copy(home: Home, folder: Path, text: str) -> None:
    copy = make_copy(home, folder, NOW).copy
    (copy.path / "manifest.json").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    (copy.path / "manifest.json.sha256").write_text(f"{digest}  manifest.json\n", encoding="utf-8")
    assert "backup_damaged" in refused(lambda: restore(home, folder, NOW))
