"""Files and folders of a home are readable by their owner alone, whoever makes them; old homes are closed."""

import os
import stat
from contextlib import closing
from pathlib import Path

import pytest

from archive.desk.db import open_desk
from archive.home import Home
from archive.pages import open_pages
from archive.schema import open_archive
from tests.commands import diemtin
from tests.test_up import free_port, running, wait_until, write_dead_source

pytestmark = pytest.mark.timeless


@pytest.fixture(autouse=True)
def usual_umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What others may read of a folder; '' for the folder itself."""
    found = [folder, *folder.rglob("*")]
    return [str(one.relative_to(folder)) for one in found if stat.S_IMODE(one.lstat().st_mode) & 0o077]


def test_what_commands_make_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    diemtin("init", home=home)
    diemtin("users", "add", "Lan", "--role", "admin", home=home, stdin="chè xanh Đồi 2026\n" * 2, check=False)
    diemtin("search", "thép", home=home)
    out = tmp_path / "out"
    diemtin("export", "--format", "jsonl", "--out", str(out), home=home, check=False)
    assert open_to_others(home) == []
    assert not out.exists() or open_to_others(out) == []


def test_what_up_and_its_children_make_is_its_owners_alone(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    write_dead_source(home)
    with running(tmp_path, "--home", str(home), "up", "--port", str(port)) as up:
        wait_until(lambda: "tat: unreachable" in up.said)
        up.end()
    left = [name for name in open_to_others(home) if not name.startswith("config")]  # the user's own
    assert left == []


def test_databases_are_private_from_the_first_moment(tmp_path: Path) -> None:
    for opened in (open_archive, open_pages, open_desk):
        path = tmp_path / f"{opened.__name__}.db"
        with closing(opened(path)):
            files = list(tmp_path.glob(f"{path.name}*"))
            assert len(files) >= 2  # with its -wal
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_an_old_home_is_closed_and_told_once(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    open_archive(home.archive_db).close()
    home.path.chmod(0o755)
    home.archive_db.chmod(0o644)
    first = diemtin("search", "thép", home=home.path)
    assert str(home.path) in first.stderr
    assert open_to_others(home.path) in ([], ["locks"])
    assert str(home.path) not in diemtin("search", "thép", home=home.path).stderr
