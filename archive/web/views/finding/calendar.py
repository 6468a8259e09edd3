"""The month that a search is narrowed to, as a calendar: each day leads to its hits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from archive.search.facets import Histogram
from archive.web.search_params import SearchParams
from archive.web.views.finding.told import month_end

_LAST_YEAR = 9000


@dataclass(frozen=True, slots=True)
class MonthCalendar:
    """``days`` with their hits and addresses, none where the period is not the whole month.

    ``month``, ``before`` and ``after`` are months as ``11/2026``, with their addresses; ``blank``: the weekdays
    before the first day.
    """

    month: tuple[str, str]
    before: tuple[str, str]
    after: tuple[str, str]
    blank: int
    days: list[tuple[date, int, str]]


def month_calendar(
    params: SearchParams, found: Histogram, address: Callable[[SearchParams], str]
) -> MonthCalendar | None:
    """The month that the period lies in, None for a longer period."""
    since, until = params.since, params.until
    if not (since and until and since <= until <= month_end(since)) or since.year > _LAST_YEAR:
        return None
    first, last = since.replace(day=1), month_end(since)

    def month(day: date) -> tuple[str, str]:
        begins = day.replace(day=1)
        return f"{begins:%m/%Y}", address(params.within(begins, month_end(begins)))

    whole = (since, until) == (first, last) and not found.capped and found.step == "day"
    hits = dict(found.bars)
    days = [first + timedelta(days=at) for at in range(last.day if whole else 0)]
    return MonthCalendar(
        month(first),
        month(first - timedelta(days=1)),
        month(last + timedelta(days=1)),
        first.weekday(),
        [(day, hits.get(day, 0), address(params.within(day, day))) for day in days],
    )
