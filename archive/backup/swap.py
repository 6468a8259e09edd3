"""Put a new home in the place of the old one: killed at any moment, what is there is one of the two.

The new home is made beside the old one, and the two change their names in one step (``renameat2``); the old one
then gets a dated name. Where the folder above may not be written to, or the home is a disk of its own, it is
made within, and file after file changes places by a plan that is on the disk first: cut off, every command
refuses the home until ``restore`` has carried it out.
"""

import ctypes
import os
import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from archive.backup import BackupError
from archive.backup.files import PRIVATE_FOLDER, RECORD, REPLACED, RESTORING, write_private
from archive.home import RESTORE_PLAN
from archive.snapshots import sync_folder

MARK = "restoring.json"  # in a new home until the old one has its dated name
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE, AT_FDCWD (Linux 3.15, glibc 2.28)
_STAYS = {"locks", RESTORING, RECORD}


class RestoreMark(msgspec.Struct, frozen=True):
    """Which copy a home is made from, and what the home it replaces is called then."""

    copy: str
    replaced: str


class _Plan(msgspec.Struct, frozen=True):
    old: list[str]
    mark: RestoreMark


def begin(home: Path, mark: RestoreMark) -> Path:
    """The empty folder in which the new home is to be made: beside the old one if that can be, else within."""
    folder = _beside(home)
    try:
        folder.mkdir(PRIVATE_FOLDER)
        if home.exists() and (os.path.ismount(home) or folder.stat().st_dev != home.stat().st_dev):
            folder.rmdir()
            folder = _within(home)
    except PermissionError:
        if not home.exists():
            raise
        folder = _within(home)
    write_private(folder / MARK, msgspec.json.encode(mark))
    return folder


def mark_for(home: Path, copy: Path, now: datetime) -> RestoreMark:
    """The mark of a restore from a copy, with a name for the old home that nothing has yet."""
    name, number = f"{REPLACED}{now:%Y-%m-%dT%H-%M-%SZ}", 1
    while (home / (tried := f"{name}-{number}" if number > 1 else name)).exists() or home.with_name(
        f"{home.name}.{tried}"
    ).exists():
        number += 1
    return RestoreMark(str(copy), tried)


def _beside(home: Path) -> Path:
    return home.with_name(f"{home.name}.{RESTORING}")


def _within(home: Path) -> Path:
    folder = home / RESTORING / "new"
    folder.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
    folder.mkdir(PRIVATE_FOLDER)
    return folder


def put_in_place(home: Path, new: Path, mark: RestoreMark) -> Path | None:
    """Let the new home be the home; where the old one is now, None where there was none."""
    if new.parent == home / RESTORING:
        return _change_places(home, mark)
    if not home.exists():
        new.rename(home)
        (home / MARK).unlink()
        sync_folder(home.parent)
        return None
    try:
        _exchange(new, home)
    except OSError:  # a file system that cannot
        within = home / RESTORING / "new"
        within.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
        new.rename(within)
        return _change_places(home, mark)
    sync_folder(home.parent)
    return _name_old(home)


def _exchange(one: Path, other: Path) -> None:
    """Let two folders change their names in one step; raises OSError where that cannot be."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        renameat2 = libc.renameat2
    except AttributeError as error:
        raise OSError("no renameat2") from error
    if renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(other))


def _name_old(home: Path) -> Path:
    """Give the old home, which lies beside under the name of the new one, its dated name."""
    mark = msgspec.json.decode((home / MARK).read_bytes(), type=RestoreMark)
    replaced = home.with_name(f"{home.name}.{mark.replaced}")
    _beside(home).rename(replaced)
    (home / MARK).unlink()
    sync_folder(home.parent)
    return replaced


def _change_places(home: Path, mark: RestoreMark) -> Path:
    old = [
        path.name for path in home.iterdir() if path.name not in _STAYS and not path.name.startswith(REPLACED)
    ]
    path = home / RESTORE_PLAN
    half = path.with_suffix(".making")
    write_private(half, msgspec.json.encode(_Plan(sorted(old), mark)))
    half.rename(path)
    sync_folder(path.parent)
    return _carry_out(home)


def _carry_out(home: Path) -> Path:
    """Move what is old away, then what is new in; what is done already is left."""
    plan = msgspec.json.decode((home / RESTORE_PLAN).read_bytes(), type=_Plan)
    replaced, new = home / plan.mark.replaced, home / RESTORING / "new"
    replaced.mkdir(PRIVATE_FOLDER, exist_ok=True)
    for name in plan.old:
        if (home / name).exists() and not (replaced / name).exists():
            (home / name).rename(replaced / name)
    for path in sorted(new.iterdir()):
        if path.name not in _STAYS | {MARK}:
            path.rename(home / path.name)
    sync_folder(home)
    (home / RESTORE_PLAN).unlink()
    shutil.rmtree(home / RESTORING)
    return replaced


def finish(home: Path) -> tuple[RestoreMark, Path | None] | None:
    """Finish what an earlier restore began to put in place: from which copy, and where the old home is.

    None where nothing was put in place yet; what such a one had made so far is taken away.
    """
    if (home / RESTORE_PLAN).exists():
        mark = msgspec.json.decode((home / RESTORE_PLAN).read_bytes(), type=_Plan).mark
        return mark, _carry_out(home)
    beside = _beside(home)
    if (home / MARK).exists() and beside.exists() and not (beside / MARK).exists():
        mark = msgspec.json.decode((home / MARK).read_bytes(), type=RestoreMark)
        return mark, _name_old(home)
    if (home / MARK).exists():
        mark = msgspec.json.decode((home / MARK).read_bytes(), type=RestoreMark)
        (home / MARK).unlink()
        replaced = home.with_name(f"{home.name}.{mark.replaced}")
        return mark, replaced if replaced.exists() else None
    for path, made in ((beside, beside), (home / RESTORING, home / RESTORING / "new")):
        if path.exists():
            if made.exists() and any(made.iterdir()) and not (made / MARK).exists():
                raise BackupError("backup_in_the_way", path=str(path))
            shutil.rmtree(path)
    return None
