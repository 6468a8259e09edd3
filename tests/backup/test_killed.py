"""Killed at any moment, or with no room left: no half copy, and the old home or the new one."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from archive.backup.make import make_copy
from archive.backup.manifest import copies_in
from archive.backup.restore import restore
from archive.backup.verify import Checker
from archive.home import Home
from archive.pages import keep, open_pages
from tests.backup.conftest import ROOT, small_disk, state_of
from tests.backup_home import NOW, differences, make_home, raw_page
from tests.commands import diemtin

pytestmark = pytest.mark.timeless


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
