"""Before an earlier schema is changed there is a copy of it, whatever happens to the process then."""

import multiprocessing
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from archive.config import ConfigError
from archive.schema import MIGRATIONS, open_archive
from tests.backup_home import tables
from tests.test_schema import old

pytestmark = pytest.mark.timeless


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    return dict(tables(path))


def test_an_earlier_schema_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    path = old("archive", tmp_path)
    before = content(path)
    open_archive(path).close()
    (copy,) = (tmp_path / "before-upgrade").glob("*.db")
    assert content(copy) == before
    assert content(path) != before
    assert (copy.stat().st_mode & 0o777, copy.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    made = copy.stat()
    open_archive(path).close()
    assert copy.stat().st_mtime_ns == made.st_mtime_ns, "nothing to upgrade, nothing to copy"


def test_a_new_home_has_nothing_to_copy(tmp_path: Path) -> None:
    open_archive(tmp_path / "archive.db").close()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_the_copy_before_an_earlier_upgrade_goes(tmp_path: Path) -> None:
    path = old("archive", tmp_path)
    open_archive(path).close()
    first = list((tmp_path / "before-upgrade").glob("*.db"))
    with closing(sqlite3.connect(path)) as db:  # as if the newest migrations had come later
        db.execute("delete from _sqlite_migrations where name = (select max(name) from _sqlite_migrations)")
        db.commit()
    with pytest.raises(sqlite3.OperationalError):  # it has been run, so it cannot be run again
        open_archive(path)
    (copy,) = (tmp_path / "before-upgrade").glob("*.db")
    assert copy not in first


def test_without_room_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old("archive", tmp_path)
    before = content(path)
    monkeypatch.setattr("archive.snapshots.upgrades._SPARE", 1 << 60)
    with pytest.raises(ConfigError, match="before-upgrade"):
        open_archive(path)
    assert content(path) == before
    monkeypatch.setenv("DIEMTIN_UPGRADE_COPY", "no")
    open_archive(path).close()
    assert not list((tmp_path / "before-upgrade").glob("*.db"))


def _open(path: Path) -> None:
    open_archive(path).close()


def test_killed_while_upgrading_it_is_old_or_new_and_goes_on(tmp_path: Path) -> None:
    started = time.monotonic()
    open_archive(old("archive", tmp_path)).close()
    takes = time.monotonic() - started
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = old("archive", folder)
        before = content(path)
        process = multiprocessing.get_context("fork").Process(target=_open, args=(path,))
        process.start()
        time.sleep(takes * (number + 1) / 6)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        with closing(sqlite3.connect(path)) as db:
            names = {row[0] for row in db.execute("select name from _sqlite_migrations")}
            assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
        if len(names) < len(MIGRATIONS._migrations):
            assert content(path) == before, "all of the new schema or nothing"
        open_archive(path).close()
        (copy,) = (folder / "before-upgrade").glob("*.db")
        assert content(copy) == before
        assert not list((folder / "before-upgrade").glob("*.making"))


def test_several_that_open_it_at_once_upgrade_it_once(tmp_path: Path) -> None:
    path = old("archive", tmp_path)
    before = content(path)
    processes = [multiprocessing.get_context("fork").Process(target=_open, args=(path,)) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    (copy,) = (tmp_path / "before-upgrade").glob("*.db")
    assert content(copy) == before


def _open_without_copy(path: Path) -> None:
    os.environ["DIEMTIN_UPGRADE_COPY"] = "no"
    open_archive(path).close()


def test_a_copy_of_the_new_schema_replaces_none_of_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may end the upgrade between the look at the schema and the copy."""

    def another_is_faster(*_: object) -> None:
        process = multiprocessing.get_context("fork").Process(target=_open_without_copy, args=(path,))
        process.start()
        process.join()
        assert process.exitcode == 0

    path = old("archive", tmp_path)
    monkeypatch.setattr("archive.snapshots.upgrades._leave_room", another_is_faster)
    open_archive(path).close()
    assert not list((tmp_path / "before-upgrade").glob("*.db"))
