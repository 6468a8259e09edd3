"""A home and a folder for its copies; what is left of both."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.backup import BackupError
from archive.home import Home
from tests.backup_home import make_home

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
