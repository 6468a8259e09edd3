"""What the home takes, what it grew by, what it will take in a year, and when its disk is full."""

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from archive.clock import HANOI
from archive.growth import sizes
from archive.growth.config import GrowthConfig
from archive.home import Home

MONTH, YEAR = 30, 365  # days
LEAST_DAYS = 3  # between two measurements, or since the first article: from fewer no rate is told
QUICK = 3.0  # seconds in which a database is measured when someone asks
FRESH = timedelta(days=8)  # an older measurement of the kinds is made anew, where that is quick


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes of one database (or of the other files); ``None`` where that is not known.

    ``measured``: what the rate was read from, ``sizes`` of earlier days or ``rows`` that came lately.
    """

    name: str
    bytes: int
    kinds: dict[str, int] | None = None
    kinds_at: date | None = None
    a_day: float | None = None
    measured: str | None = None

    @property
    def month(self) -> int | None:
        """Growth in 30 days."""
        return None if self.a_day is None else round(self.a_day * MONTH)

    @property
    def in_a_year(self) -> int | None:
        """Size in a year, at this rate."""
        return None if self.a_day is None else max(0, round(self.bytes + self.a_day * YEAR))


@dataclass(frozen=True, slots=True)
class HomeSize:
    """All of it, with the disk: ``free`` and ``total`` are bytes that this user may have."""

    parts: tuple[Growth, ...]
    free: int
    total: int

    @property
    def bytes(self) -> int:
        """What the home takes."""
        return sum(part.bytes for part in self.parts)

    @property
    def a_day(self) -> float | None:
        """What it grows by a day; None while nothing is known of it."""
        known = [part.a_day for part in self.parts if part.a_day is not None]
        return sum(known) if known else None

    @property
    def full_in(self) -> float | None:
        """Days until the disk is full, as far as this home fills it; None for never or not known."""
        return self.free / self.a_day if self.a_day and self.a_day > 0 else None

    def to_builtins(self) -> dict[str, Any]:
        """For programs."""
        return {
            "bytes": self.bytes,
            "a_day": self.a_day and round(self.a_day),
            "in_a_year": None if self.a_day is None else round(self.bytes + self.a_day * YEAR),
            "disk": {"free": self.free, "total": self.total, "full_in_days": self.full_in},
            "parts": [_part(part) for part in self.parts],
        }


def _part(part: Growth) -> dict[str, Any]:
    at = part.kinds_at.isoformat() if part.kinds_at else None
    row: dict[str, Any] = {"name": part.name, "bytes": part.bytes, "kinds": part.kinds, "kinds_at": at}
    row |= {"a_day": part.a_day and round(part.a_day), "last_30_days": part.month, "in_a_year": part.in_a_year}
    return row | {"measured": part.measured}


def home_size(home: Home, now: datetime, *, kinds: bool = True) -> HomeSize:
    """What a home takes and grows by; without ``kinds`` no database is measured."""
    today, now_files = now.astimezone(HANOI).date(), sizes.files(home)
    before, last = _before(home, today), sizes.last_noted(home) if kinds else None
    lately = {} if before else sizes.rows_lately(home, now, MONTH)
    parts = []
    for name, size in now_files.items():
        rate, measured = _rate(name, size, today, before, lately)
        own, at = _kinds(home, name, last, today) if kinds else (None, None)
        parts.append(Growth(name, size, own, at, rate, measured))
    disk = os.statvfs(home.path)
    return HomeSize(tuple(parts), disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)


def _before(home: Home, today: date) -> tuple[date, dict[str, int]] | None:
    """The oldest measurement of the last 30 days, where it is old enough to tell a rate."""
    day = timedelta(days=1)
    return sizes.noted(home, today - MONTH * day, today - LEAST_DAYS * day)


def _rate(
    name: str,
    size: int,
    today: date,
    before: tuple[date, dict[str, int]] | None,
    lately: dict[str, tuple[int, int, float]],
) -> tuple[float | None, str | None]:
    if before is not None and f"file/{name}" in before[1]:
        return (size - before[1][f"file/{name}"]) / (today - before[0]).days, "sizes"
    late, every, age = lately.get(name, (0, 0, 0.0))
    if not every or age < LEAST_DAYS:
        return None, None
    return size * late / every / min(MONTH, age), "rows"


def _kinds(
    home: Home, name: str, last: tuple[date, dict[str, int]] | None, today: date
) -> tuple[dict[str, int] | None, date | None]:
    path = home.path / f"{name}.db"
    if name not in sizes.DATABASES or not path.exists():
        return None, None
    own = (
        {kind.partition("/")[2]: size for kind, size in last[1].items() if kind.startswith(f"{name}/")}
        if last
        else {}
    )
    if own and last and today - last[0] < FRESH:
        return own, last[0]
    measured = sizes.measure(path, QUICK)
    if measured is not None:
        return sizes.by_kind(name, measured), today
    return (own, last[0]) if own and last else (None, None)


def disk_state(
    home: Home, config: GrowthConfig, now: datetime
) -> tuple[Literal["red", "amber", "green"], float | None, int]:
    """``red``, ``amber`` or ``green``, days until the disk is full (None: not known), and bytes left."""
    size, least = home_size(home, now, kinds=False), config.disk.least_mb * 1_000_000
    if size.free < least:
        return "red", size.full_in, size.free
    soon = size.full_in is not None and size.full_in < config.disk.within_days
    return "amber" if soon or size.free < 2 * least else "green", size.full_in, size.free
