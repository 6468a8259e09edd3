"""Two or three searches held against each other over the same days: hits over time, by outlet, in common."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlite_utils import Database

from archive.clock import HANOI
from archive.db import sort_at
from archive.query import Query
from archive.search.cursor import Cursor
from archive.search.facets import Step, bars, day_of
from archive.search.filters import Marked

HITS = 5000  # the newest hits of each search that are compared
_FIRST = 50  # hits that are looked for however long it takes
_DAYS, _WEEKS = 31, 210  # days up to which there is a bar for each day, for each week


@dataclass(frozen=True, slots=True)
class ComparedHits:
    """What the searches found, ``rows`` of each newest first; ``since``: the day down to which all could be
    counted, None where that is everything.

    ``bars``: by the first day of each step, the hits of each search. ``outlets``: by key. ``shares``: rows
    newest first by the searches that found them, as bits.
    """

    rows: list[list[int]]
    since: date | None
    step: Step = "day"
    bars: list[tuple[date, list[int]]] = field(default_factory=list)
    outlets: list[tuple[str, list[int]]] = field(default_factory=list)
    shares: dict[int, list[int]] = field(default_factory=dict)


def compare(db: Database, queries: Sequence[tuple[Query, Marked | None]], patience: float) -> ComparedHits:
    """The searches compared; ``patience`` (seconds) is shared by all of them."""
    found = [_hits(db, query, marked, patience / len(queries)) for query, marked in queries]
    ends = [day_of(end) + timedelta(days=1) for _, end in found if end is not None]
    since = max(ends, default=None)
    low = sort_at(datetime.combine(since, time(), HANOI)) if since else 0
    rows = [[row for row in some if since is None or row >= low] for some, _ in found]
    if not any(rows):
        return ComparedHits(rows, since)
    step, over_time = _over_time(rows)
    return ComparedHits(rows, since, step, over_time, _by_outlet(db, rows), _shares(rows))


def _hits(db: Database, query: Query, marked: Marked | None, patience: float) -> tuple[list[int], int | None]:
    """The newest hits, and the row down to which all were found; None where all of them were."""
    with closing(Cursor(db, query, patience=patience, marked=marked)) as cursor:
        rows, more = cursor.soon(HITS + 1, patience, _FIRST)
        if cursor.reached is not None:
            return rows, cursor.reached
        return rows[:HITS], rows[-1] if more and rows else None


def _over_time(rows: list[list[int]]) -> tuple[Step, list[tuple[date, list[int]]]]:
    first = min(day_of(some[-1]) for some in rows if some)
    last = max(day_of(some[0]) for some in rows if some)
    days = (last - first).days
    step: Step = "day" if days < _DAYS else "week" if days < _WEEKS else "month"
    each = [bars(some[::-1], first, last, step) for some in rows]
    return step, [(day, [one[at][1] for one in each]) for at, (day, _) in enumerate(each[0])]


def _by_outlet(db: Database, rows: list[list[int]]) -> list[tuple[str, list[int]]]:
    """Hits of each outlet, those with the most first."""
    every = sorted({row for some in rows for row in some})
    sql = "select sort, source from articles where sort in (select value from json_each(?))"
    source = dict(db.execute(sql, (json.dumps(every),)).fetchall())
    each = [Counter(source[row] for row in some if row in source) for some in rows]
    keys = sorted(set().union(*each), key=lambda key: (-sum(one[key] for one in each), key))
    return [(key, [one[key] for one in each]) for key in keys]


def _shares(rows: list[list[int]]) -> dict[int, list[int]]:
    found = Counter[int]()
    for at, some in enumerate(rows):
        for row in some:
            found[row] += 1 << at
    shares: dict[int, list[int]] = {bits: [] for bits in range(1, 1 << len(rows))}
    for row in sorted(found, reverse=True):
        shares[found[row]].append(row)
    return shares
