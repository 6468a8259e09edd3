"""What ``diemtin up`` does every so often beside crawls and editions: one row of ``CHORES`` is one command.

A command that stands here finds out by itself whether anything is due, says nothing when nothing is, and may be
ended at any moment.
"""

from dataclasses import dataclass
from datetime import timedelta

from crawler.service.launcher import Kind


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


CHORES = (
    Chore("reminders", ("digest", "--due", "--remind"), timedelta(minutes=5), 1800.0, "remind"),
    Chore("index", ("index", "--due"), timedelta(hours=1), 900.0),
)
