"""What ``diemtin up`` does every so often beside crawls and editions: one row of ``CHORES`` is one command.

A command that stands here finds out by itself whether anything is due, or has a function for it that is asked
first; it says nothing when nothing is, and may be ended at any moment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.backup.config import load_backup
from archive.backup.record import is_due, read_record
from archive.config import ConfigError
from archive.home import Home
from crawler.service.launcher import Kind

DueCheck = Callable[[Home, datetime], bool]


@dataclass(frozen=True, slots=True)
class Chore:
    """One command of the schedule: run every so often as a child, for at most ``limit`` seconds.

    Chores of one kind wait for each other where the launcher's slots say so, never for those of another kind.
    """

    name: str
    command: tuple[str, ...]
    every: timedelta
    limit: float
    kind: Kind = "keep"
    due: DueCheck | None = None


def backup_due(home: Home, now: datetime) -> bool:
    """Whether a copy of the home is to be made; with a backup.yml that cannot be read the command says so."""
    try:
        return is_due(load_backup(home.config("backup.yml")), read_record(home), now)
    except ConfigError:
        return True


def tidy_due(home: Home, now: datetime) -> bool:
    """Whether the round of last night is still to be made."""
    from archive.growth.tidy import is_due as is_tidy_due

    return is_tidy_due(home, now)


CHORES = (
    Chore("reminders", ("digest", "--due", "--remind"), timedelta(minutes=5), 1800.0, "remind"),
    Chore("files", ("health", "--files"), timedelta(days=1), 3600.0),
    Chore("index", ("index", "--due"), timedelta(hours=1), 900.0),
    Chore("backup", ("backup",), timedelta(minutes=1), 6 * 3600.0, "backup", backup_due),
    Chore("tidy", ("tidy", "--due"), timedelta(minutes=10), 3 * 3600.0, due=tidy_due),
)
