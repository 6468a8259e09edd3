"""A folder of copies: made or refused, held by one process, cleared of what was cut off or need not stay."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from archive.backup import BackupError, failing_as
from archive.backup.config import Keep
from archive.backup.files import PRIVATE_FOLDER
from archive.backup.manifest import RAW_PAGES, UNFINISHED, HomeCopy, copies_in, unfinished_in
from archive.backup.raw_pages import HALF
from archive.clock import HANOI
from archive.snapshots import sync_folder


def prepare(folder: Path, home: Path, *, known: bool) -> None:
    """See to it that there is a folder for copies, outside the home; made where its parent is there.

    ``known``: copies were made there before. Then one that is missing is a disk that is not mounted: to make it
    would fill the disk below. Raises BackupError.
    """
    real = folder.resolve()
    if real == home.resolve() or home.resolve() in real.parents:
        raise BackupError("backup_inside", path=str(folder))
    if not folder.is_dir():
        if known or folder.exists() or not folder.parent.is_dir():
            raise BackupError("backup_no_folder", path=str(folder))
        with failing_as("backup_failed", folder):
            folder.mkdir(PRIVATE_FOLDER)
    if known and not (folder / RAW_PAGES).is_dir():
        raise BackupError("backup_emptied", path=str(folder))
    with failing_as("backup_failed", folder):
        (folder / RAW_PAGES).mkdir(PRIVATE_FOLDER, exist_ok=True)


@contextmanager
def held(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold a folder: ``alone`` to change it, with others to read it; nothing is written for that.

    Raises BackupError while another process changes it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError("backup_busy", path=str(folder)) from error
        except OSError:
            pass  # network folders may know no locks
        yield
    finally:
        os.close(descriptor)


def clear(folder: Path) -> None:
    """Take away what was cut off."""
    for path in unfinished_in(folder):
        shutil.rmtree(path)
    for path in (folder / RAW_PAGES).glob(f"*{HALF}"):
        path.unlink()


def is_whole(copy: HomeCopy) -> bool:
    """Whether every file of a copy is there in its size."""
    try:
        return all(path.stat().st_size == size for path, size, _ in copy.sizes())
    except OSError:
        return False


def prune(folder: Path, keep: Keep, now: datetime) -> list[Path]:
    """Take away the copies that need be kept no longer; those taken away.

    One each stays of the newest days, weeks and months (Hà Nội) that have any. The newest whole copy stays
    whatever the rest says, and so do copies dated in the future: the clock was wrong then, or is now.
    """
    with failing_as("backup_not_pruned", folder), held(folder, alone=True):
        gone = _needless(copies_in(folder)[0], keep, now)
        for path in gone:
            half = path.with_name(path.name + UNFINISHED)  # never half a copy under a whole one's name
            path.rename(half)
            shutil.rmtree(half)
        drop_needless(folder)
    return gone


def _needless(copies: list[HomeCopy], keep: Keep, now: datetime) -> list[Path]:
    whole = [copy for copy in copies if is_whole(copy)]
    kept = {copy.path for copy in whole[-1:] + [one for one in whole if one.made_at > now]}
    past = [copy for copy in whole if copy.made_at <= now]
    kept |= _newest_of(past, "%Y-%m-%d", keep.daily) | _newest_of(past, "%G-%V", keep.weekly)
    kept |= _newest_of(past, "%Y-%m", keep.monthly)
    return [copy.path for copy in whole if copy.path not in kept]


def _newest_of(copies: list[HomeCopy], form: str, count: int) -> set[Path]:
    newest: dict[str, Path] = {}
    for copy in copies:
        newest[f"{copy.made_at.astimezone(HANOI):{form}}"] = copy.path
    return set(list(newest.values())[-count:]) if count else set()


def drop_needless(folder: Path) -> None:
    """Take away files of raw pages that no copy needs; none while there is a copy that cannot be read."""
    copies, wrong = copies_in(folder)
    if wrong:
        return
    needed = {entry.name for copy in copies for entry in copy.manifest.raw_pages}
    for path in (folder / RAW_PAGES).glob("*.db"):
        if path.name not in needed:
            with suppress(FileNotFoundError):
                path.unlink()
    sync_folder(folder / RAW_PAGES)
