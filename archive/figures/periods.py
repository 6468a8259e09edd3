"""Periods in normal form: 2025, 2025-Q3, 2025-11, 2025-11-28, 2025-01..2025-09, 2021..2025.

Two figures are of one period exactly when the forms are equal; a span is written by its first and last part.
"""

import calendar
import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.i18n import Words

_PART = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?")
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}


@lru_cache(maxsize=4096)
def days(period: str) -> tuple[date, date] | None:
    """The first and the last day of a period in normal form, or None for any other text."""
    first, _, last = period.partition("..")
    begins, ends = _days(first), _days(last or first)
    if begins is None or ends is None or begins[0] > ends[1]:
        return None
    return begins[0], ends[1]


def past(period: str, today: date) -> bool:
    """Whether a period has wholly passed on a day."""
    span = days(period)
    return span is not None and span[1] < today


def in_words(period: str, words: "Words") -> str:
    """A period as readers write it: «9 tháng 2025», «quý III/2025», «28/11/2025», «2021 – 2025»."""
    first, _, last = period.partition("..")
    begins, ends = _PART.fullmatch(first), _PART.fullmatch(last or first)
    if begins is None or ends is None:
        return period
    if last and begins["year"] == ends["year"] and first.endswith("-01") and ends["month"] and not ends["day"]:
        return words("figure.months", n=int(ends["month"]), year=begins["year"])
    return " – ".join(_in_words(part, words) for part in ((begins, ends) if last else (begins,)))


def _in_words(part: re.Match[str], words: "Words") -> str:
    if part["quarter"]:
        return words("figure.quarter", n=_ROMAN[part["quarter"]], year=part["year"])
    if part["day"]:
        return f"{part['day']}/{part['month']}/{part['year']}"
    return words("figure.month", n=int(part["month"]), year=part["year"]) if part["month"] else part["year"]


def _days(part: str) -> tuple[date, date] | None:
    match = _PART.fullmatch(part)
    if not match:
        return None
    year, quarter = int(match["year"]), int(match["quarter"] or 0)
    first = 3 * quarter - 2 if quarter else int(match["month"] or 1)
    last = 3 * quarter if quarter else int(match["month"] or 12)
    try:
        if match["day"]:
            day = date(year, first, int(match["day"]))
            return day, day
        return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None
