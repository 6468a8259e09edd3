"""What became of a home's copies, kept in it (``backup.json``): health tells it though their disk is away."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from archive.backup import BackupError
from archive.backup.config import BackupConfig
from archive.backup.files import RECORD, replace_private
from archive.clock import moment, stamp
from archive.home import Home
from archive.reasons import reason

LATE, LOST = timedelta(hours=36), timedelta(days=3)  # ages of the newest copy that are amber and red
AGAIN = timedelta(hours=1)  # after a failure


class CopyRecord(msgspec.Struct, frozen=True):
    """``to`` is where the newest copy is; ``failed`` why the newest try made none, '' when it did."""

    to: str = ""
    good_at: str = ""
    tried_at: str = ""
    failed: str = ""


def read_record(home: Home) -> CopyRecord:
    """The record of a home; an empty one where there is none, or none that can be read."""
    try:
        return msgspec.json.decode((home.path / RECORD).read_bytes(), type=CopyRecord)
    except (OSError, msgspec.DecodeError):
        return CopyRecord()


def note_made(home: Home, folder: Path, now: datetime) -> None:
    """Note that a copy was made."""
    _write(home, CopyRecord(str(folder.absolute()), stamp(now), stamp(now)))


def note_failed(home: Home, error: BackupError, now: datetime) -> None:
    """Note why no copy was made; what is known of the last one stays."""
    known = read_record(home)
    _write(home, msgspec.structs.replace(known, tried_at=stamp(now), failed=error.reason))


def _write(home: Home, record: CopyRecord) -> None:
    with suppress(OSError):  # a full home is told elsewhere, and here the record then looks old
        replace_private(home.path / RECORD, msgspec.json.encode(record))


def is_due(config: BackupConfig, record: CopyRecord, now: datetime) -> bool:
    """Whether a copy is to be made by the schedule now; after a failure it is tried again each hour."""
    if not config.to:
        return False
    if not record.tried_at or moment(record.tried_at) > now:  # never, or by a clock that was wrong
        return True
    tried = moment(record.tried_at)
    return tried < config.last_due(now) or bool(record.failed and tried + AGAIN <= now)


def state(
    config: BackupConfig, record: CopyRecord, now: datetime
) -> tuple[Literal["green", "amber", "red", "grey"], str]:
    """How the copies of a home are doing: a level as of sources, and a reason."""
    if not config.to:
        return "grey", reason("backup_off")
    if not record.good_at:
        if record.failed:
            return "red", reason("backup_never_failed", why=record.failed)
        return "amber", reason("backup_never")
    made = moment(record.good_at)
    age = now - made
    if age < -AGAIN:
        return "amber", reason("backup_future", seen=record.good_at)
    level: Literal["red", "amber"] = "red" if age >= LOST else "amber"
    if record.failed:
        return level, reason("backup_failing", why=record.failed, until=record.good_at)
    if age >= LATE:
        return level, reason("backup_old", until=record.good_at)
    return "green", reason("backup_good", until=record.good_at)
