"""Files of a home and of its copies: which there are; copied with their SHA-256, for their owner alone."""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from archive.snapshots.upgrades import FOLDER as BEFORE_UPGRADE

DATABASES = ("pages.db", "desk.db", "archive.db")  # in the order in which their reading begins
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
RECORD = "backup.json"  # what became of the copies of a home: see archive.backup.record
REPLACED = "before-restore-"
RESTORING = "restoring"
_NOT_COPIED = {"locks", BEFORE_UPGRADE, RESTORING, f"{RESTORING}.json", RECORD}
_SIDE_FILES = ("", "-wal", "-shm", "-journal")
_CHUNK = 1 << 20


def home_files(home: Path) -> list[str]:
    """What of a home a copy holds beside the databases, as paths within it.

    All but locks and half-written files. A link is followed: the copy holds what it leads to.
    """
    return sorted(_below(home, "", {os.path.realpath(home)}))


def _below(folder: Path, within: str, seen: set[str]) -> Iterator[str]:
    for entry in os.scandir(folder):
        path = f"{within}{entry.name}"
        if _is_left_out(entry.name, top=not within):
            continue
        if entry.is_dir():
            real = os.path.realpath(entry.path)
            if real not in seen:
                yield from _below(Path(entry.path), f"{path}/", seen | {real})
        elif entry.is_file():
            yield path


def _is_left_out(name: str, *, top: bool) -> bool:
    if name.startswith(".") and name.endswith(".making"):
        return True
    databases = {f"{file}{end}" for file in DATABASES for end in _SIDE_FILES}
    return top and (name in _NOT_COPIED | databases or name.startswith(REPLACED))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_private(path: Path, content: bytes) -> None:
    """A new file with this content, on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_private(path: Path, content: bytes) -> None:
    """The file has this content, or still the one it had, whenever the process or the power ends."""
    new = path.with_name(f".{path.name}-{os.getpid()}.making")
    new.unlink(missing_ok=True)
    write_private(new, content)
    new.replace(path)


def copy_private(source: Path, target: Path) -> tuple[int, str, int]:
    """Copy a file and see it on the disk: its size, SHA-256 and mode.

    Whoever holds the file to add to it (``cases.jsonl``) has ended its line before.
    """
    digest = hashlib.sha256()
    with source.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(descriptor, "wb") as out:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
            return out.tell(), digest.hexdigest(), mode
