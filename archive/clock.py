"""Aware times: stored as ISO 8601 UTC, shown in Asia/Ho_Chi_Minh; and Vietnamese days off."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

AHEAD = timedelta(minutes=5)  # so far ahead of now a stored time may lie: clocks are set by seconds

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # before this program was: a clock that shows less is not set

Clock = Callable[[], datetime]
_until: ContextVar[float | None] = ContextVar("until", default=None)


def utc_now() -> datetime:
    """The time now, aware, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def lies_ahead(at: datetime, now: datetime) -> bool:
    """Whether a stored time is one of the future: some clock was wrong, and nothing may wait for it."""
    return at > now + AHEAD


def horizon(now: datetime) -> str:
    """The latest time in a table that is believed; see :func:`lies_ahead`."""
    return stamp(now + AHEAD)


def elapsed() -> float:
    """Seconds since some moment in the past, the machine's sleep counted; nobody can set this clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def stamp(moment: datetime) -> str:
    """An aware time as it stands in the tables, e.g. ``2026-11-21T03:27:00Z``; sorts as text."""
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment!r}: give it a zone first")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def local_time(text: str) -> str:
    """A stored time as people read it on a command line: ``2026-11-21 10:27`` in Hà Nội."""
    return moment(text).astimezone(HANOI).strftime("%Y-%m-%d %H:%M")


def moment(text: str) -> datetime:
    """The aware UTC time that a table holds."""
    return datetime.fromisoformat(text).astimezone(UTC)


def is_day_off(day: date) -> bool:
    """Saturday, Sunday or a Vietnamese public holiday; a Saturday worked in exchange is not."""
    return not _calendar().is_working_day(day)


@cache
def _calendar() -> "HolidayBase":
    import holidays

    return holidays.country_holidays("VN")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """What runs inside may take so long: SQLite's part is limited by its own handler, Python's asks here."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def check_time() -> None:
    """Raise sqlite3.OperationalError («interrupted») where a time limit is over, as SQLite does."""
    until = _until.get()
    if until is not None and time.monotonic() > until:
        import sqlite3  # not loaded where texts are only read

        raise sqlite3.OperationalError("interrupted")
