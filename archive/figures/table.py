"""The ledger for spreadsheets and programs: a row for each point, conflicts and promises as plain values."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from archive.figures.conflicts import FigureConflict
from archive.figures.ledger import LedgerPoint, Saying
from archive.figures.promises import Promise
from archive.text import safe_url

COLUMNS = (
    "key", "indicator", "period", "value", "unit", "qualifier", "kind", "base", "rank_of", "whose",
    "said_on", "source", "outlet", "outlets", "title", "url", "archive_url", "quote",
)  # fmt: skip
Cell = str | int | float | None


def rows(points: Iterable[LedgerPoint], address: Callable[[Saying], str]) -> Iterator[dict[str, Cell]]:
    """The points under the names of ``COLUMNS``; ``address`` leads to the article in the archive.

    ``said_on`` is the day in Hà Nội (ISO), ``outlets`` how many say it.
    """
    for point in points:
        first = point.first
        cells: tuple[Cell, ...] = (
            point.key, point.name, point.period, plain(point.value), point.unit, point.qualifier, point.kind,
            point.base, point.rank_of, point.holder, first.day.isoformat(), first.source, first.outlet,
            len(point.outlets), first.title, safe_url(first.url) or "", address(first),
            first.quote,
        )  # fmt: skip
        yield dict(zip(COLUMNS, cells, strict=True))


def plain(value: float) -> int | float:
    """A whole number as one: 324, where 324.0 would be printed."""
    return int(value) if value.is_integer() else value


def as_conflict(one: FigureConflict) -> dict[str, object]:
    """A conflict for programs: who says what."""
    values = [
        {"value": plain(value.points[0].value), "unit": value.points[0].unit, "outlets": value.outlets}
        for value in one.values
    ]
    return {"whose": one.holder, "period": one.period, "values": values}


def as_promise(one: Promise, today: date) -> dict[str, object]:
    """A promise for programs, with the last reported value (None: nothing is)."""
    target, last = one.target, one.reported
    reported = last and {"value": plain(last.value), "period": last.period, "outlets": last.outlets}
    return {
        "whose": target.holder,
        "value": plain(target.value),
        "unit": target.unit,
        "due": one.due.isoformat(),
        "past": one.past(today),
        "said_on": [point.first.day.isoformat() for point in one.points],
        "reported": reported,
        "verdict": one.verdict,
    }
