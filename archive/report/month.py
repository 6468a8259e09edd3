"""A month of the calendar in Hà Nội, as the report counts it."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.clock import HANOI
from archive.db import sort_at

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEARS = range(1900, 9000)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month; ``number`` is 1 for January."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> "Month":
        """The month that ``2026-11`` names; raises ValueError for anything else."""
        parts = _MONTH.fullmatch(text)
        if not parts or int(parts[1]) not in _YEARS[1:] or not 1 <= int(parts[2]) <= 12:
            raise ValueError(f"no month: {text!r}")
        return cls(int(parts[1]), int(parts[2]))

    @classmethod
    def of(cls, at: datetime) -> "Month":
        """The month of an aware time."""
        local = at.astimezone(HANOI)
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    def plus(self, months: int) -> "Month":
        """So many months later, below 0 earlier."""
        whole = self.year * 12 + self.number - 1 + months
        return Month(whole // 12, whole % 12 + 1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return monthrange(self.year, self.number)[1]

    @property
    def dates(self) -> list[date]:
        """Its days."""
        return [date(self.year, self.number, 1) + timedelta(days=past) for past in range(self.days)]

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=HANOI)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.plus(1).start

    @property
    def sorts(self) -> tuple[int, int]:
        """The ``articles.sort`` of its articles: from the first to below the second."""
        return sort_at(self.start), sort_at(self.end)


EARLIEST = Month(_YEARS[0] + 1, 1)  # a year later than can be named, as a report looks a year back
