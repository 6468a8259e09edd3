"""What there is to choose from without a word: counts over the archive's newest time, and its last months.

All of it is read from indexes: the texts are not passed, and no count goes further than the limits here.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlite_utils import Database

from archive.clock import HANOI
from archive.db import sort_at
from archive.query.tree import FilterField
from archive.search.facets import Count, day_of, subjects
from archive.search.filters import LEVELS, STATES, Names, by_index

WINDOWS = (365, 90, 30, 14, 7, 3, 2, 1)  # days; the longest with few enough articles is counted
COUNTED = 1000  # articles of a window
MONTHS = 12
MONTH_COUNTED = 5000  # articles of a month that are counted
_MOST = 48  # names of a field


@dataclass(frozen=True, slots=True)
class Choices:
    """Counts over the articles ``ids``, published on ``since`` (a day in Hà Nội) or later.

    Outlets and topics without any of them are named with 0. ``months``: the newest first, by their first
    day, those before the first article left out, each with at most ``MONTH_COUNTED + 1`` articles.
    """

    since: date
    ids: list[int]
    counts: dict[FilterField, list[Count]]
    months: list[tuple[date, int]]


def load_choices(db: Database, names: Names, today: date) -> Choices | None:
    """What may be chosen; None in an empty archive."""
    (newest,) = db.execute("select max(sort) from articles").fetchone()
    if newest is None:
        return None
    since, ids = _window(db, min(day_of(newest), today))
    low = _begins(since)
    counts: dict[FilterField, list[Count]] = {
        "source": _sources(db, low),
        **subjects(db, ids, names, _MOST),
        "level": [_coded(db, code, low) for code in LEVELS],
        "state": [_coded(db, code, low) for code in STATES],
    }
    counts["topic"] = _with_the_rest(counts["topic"], names)
    return Choices(since, ids, counts, _months(db, min(day_of(newest), today)))


def _window(db: Database, last: date) -> tuple[date, list[int]]:
    """The first day of the window that ends with ``last``, and its articles."""
    since, ids = last, list[int]()
    for days in WINDOWS:
        since = last - timedelta(days=days - 1)
        sql = "select id from articles where sort >= ? order by sort desc limit ?"
        limit = COUNTED + 1 if days > 1 else 10 * COUNTED
        ids = [id_ for (id_,) in db.execute(sql, (_begins(since), limit))]
        if len(ids) <= COUNTED:
            break
    return since, ids


def _begins(day: date) -> int:
    return sort_at(datetime.combine(day, time(), HANOI))


def _count(db: Database, what: str, *values: object) -> int:
    return int(db.execute(f"select count(*) from {what}", values).fetchone()[0])


def _coded(db: Database, code: str, low: int) -> Count:
    """How many articles have a level or state."""
    return Count(code, code, _count(db, f"{by_index(db, code)} and sort >= ?", low))


def _sources(db: Database, low: int) -> list[Count]:
    """Every outlet that has an article, those with the most since then first."""
    sql = """select key, name, (select count(*) from articles where source = key and sort >= ?) hits
        from sources where exists (select 1 from articles where source = key) order by hits desc, name"""
    return [Count(key, name or key, hits) for key, name, hits in db.execute(sql, (low,))]


def _with_the_rest(counted: list[Count], names: Names) -> list[Count]:
    there = {count.key for count in counted}
    return counted + [Count(key, name, 0) for key, name in names.topics.items() if key not in there]


def _months(db: Database, last: date) -> list[tuple[date, int]]:
    months, end = [], (last.replace(day=1) + timedelta(days=31)).replace(day=1)
    for _ in range(MONTHS):
        first = (end - timedelta(days=1)).replace(day=1)
        some = "(select 1 from articles where sort >= ? and sort < ? limit ?)"
        months.append((first, _count(db, some, _begins(first), _begins(end), MONTH_COUNTED + 1)))
        end = first
    while len(months) > 1 and not months[-1][1]:  # before the archive began
        months.pop()
    return months
