"""The data folder: found, made, written to, and held by one process at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.config import ConfigError
from archive.home import DEFAULTS, Held, Home


def test_a_home_is_made_where_it_is_named(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "a" / "b")
    assert home.path == tmp_path / "a" / "b"
    assert home.locks.is_dir()
    assert (home.archive_db, home.pages_db) == (home.path / "archive.db", home.path / "pages.db")
    assert list(home.locks.iterdir()) == []


def test_the_option_goes_before_the_environment_and_that_before_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "platform"))
    monkeypatch.delenv("DIEMTIN_HOME", raising=False)
    assert Home.at().path.name == "diemtin"
    monkeypatch.setenv("DIEMTIN_HOME", str(tmp_path / "environment"))
    assert Home.at().path == tmp_path / "environment"
    assert Home.at(tmp_path / "option").path == tmp_path / "option"


def test_a_relative_home_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.at("kho").path == tmp_path / "kho"


@pytest.mark.parametrize("within", ["", "nested"])
def test_a_home_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, within: str) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError) as caught:
        Home.at(file / within)
    said = str(caught.value)
    assert said.startswith(f"{file}")
    assert "--home or DIEMTIN_HOME" in said
    assert "\n" not in said
    assert file.read_bytes() == b""


def test_the_users_copy_of_a_config_file_wins_file_by_file(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    assert home.config("sources.yml") == DEFAULTS / "sources.yml"
    own = tmp_path / "config" / "sources.yml"
    own.parent.mkdir()
    own.touch()
    assert home.config("sources.yml") == own
    assert home.config("topics.yml") == DEFAULTS / "topics.yml"


def test_every_config_file_is_shipped() -> None:
    names = {path.name for path in DEFAULTS.glob("*.yml")}
    assert {"sources.yml", "topics.yml", "places.yml", "alerts.yml", "metadata.yml"} <= names


def test_a_lock_says_who_holds_it_and_is_free_afterwards(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with home.lock("up"), pytest.raises(Held, match=rf"process {os.getpid()} holds `up`"), home.lock("up"):
        pass
    with home.lock("up"), home.lock("source-baomau"):
        pass


def test_a_killed_holder_frees_its_lock_at_once(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    program = (
        "import sys, time\nfrom archive.home import Home\n"
        "with Home.at(sys.argv[1]).lock('up'):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, cwd=root
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(Held, match=rf"process {child.pid} holds `up`"), home.lock("up"):
            pass
        child.kill()
        child.wait()
    with home.lock("up"):
        pass


def test_a_lock_is_freed_when_the_work_breaks(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with pytest.raises(ZeroDivisionError), home.lock("up"):
        raise ZeroDivisionError
    with home.lock("up"):
        pass
