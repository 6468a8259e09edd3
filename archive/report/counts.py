"""All numbers of one month, and how far the archive was crawled in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlite_utils import Database

from archive.db import minute_of
from archive.health.runs import first_id
from archive.report.desk import DeskFacts
from archive.report.month import EARLIEST, Month
from archive.report.scope import BREADTHS, Breadth, By, Scope, Unit, counts, spread

COLUMNS: dict[str, tuple[tuple[By, Unit], ...]] = {  # what the columns of each table count
    "total": (("", "stories"), ("", "articles"), ("", "outlets"), ("", "documents"), ("", "edits"),
              ("", "gone")),
    "outlet": (("outlet", "stories"), ("outlet", "articles")),
    "topic": (("topic", "stories"), ("topic", "articles")),
    "tone": (("tone", "stories"), ("tone", "articles")),
    "spread": (("first", "stories"), ("reprint", "articles")),
    "changes": (("outlet", "edits"), ("outlet", "gone")),
    "document": (("document", "stories"), ("document", "articles")),
    "answered": (("", "articles"),),
    "level": (("level", "stories"), ("level", "articles")),
    "day": (("day", "stories"), ("day", "articles")),
}  # fmt: skip
OF_THE_DESK = {"tone", "answered"}  # tables that the public does not see
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Crawled:
    """On how many days of a month, up to now, a crawl went well; and of which sources."""

    days: int
    of: int
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """The numbers of one month: by (table, column) a number for each row's key.

    ``held``: the archive has articles of that month, whatever they are about.
    """

    month: Month
    numbers: dict[tuple[str, int], dict[str, int]]
    crawled: Crawled
    held: bool

    @property
    def known(self) -> bool:
        """Whether anything is known of it: else a nought would say too much."""
        return self.held or self.crawled.days > 0


def load_counts(
    db: Database, month: Month, breadth: Breadth, facts: DeskFacts | None, now: datetime
) -> MonthCounts:
    """The numbers of a month; without ``facts`` those of the desk are left out."""
    scope = scope_of(db, month, breadth, facts)
    numbers = {
        (table, at): counts(db, Scope(month, breadth_of(table, breadth), scope.tones), by, unit)
        for table, columns in COLUMNS.items()
        if (facts or table not in OF_THE_DESK) and table != "answered"
        for at, (by, unit) in enumerate(columns)
    }
    if facts:
        numbers["answered", 0] = facts.answered[month]
    return MonthCounts(month, numbers, load_crawled(db, month, now), _held(db, month))


def scope_of(db: Database, month: Month, breadth: Breadth, facts: DeskFacts | None) -> Scope:
    """The month with the tones of its articles."""
    scope = Scope(month, breadth)
    return Scope(month, breadth, spread(db, scope, facts.notes)) if facts else scope


def breadth_of(table: str, breadth: Breadth) -> Breadth:
    """What a table counts: that of levels counts all there is."""
    return "all" if table == "level" else breadth


def load_crawled(db: Database, month: Month, now: datetime) -> Crawled:
    """On which days a crawl went well; runs are numbered in the order of their start."""
    past = sum(month.start + day * _DAY <= now for day in range(month.days))
    edges = [first_id(db, month.start + day * _DAY) for day in range(past + 1)]
    sql = "select exists (select 1 from runs where id >= ? and id < ? and state = 'done')"
    done = sum(db.execute(sql, day).fetchone()[0] for day in pairwise(edges))
    return Crawled(done, past, _sources(db, edges[0], edges[-1]))


def _sources(db: Database, low: int, high: int) -> frozenset[str]:
    sql = """select key from sources where exists (select 1 from runs where source = key
             and id >= ? and id < ? and state = 'done')"""
    return frozenset(key for (key,) in db.execute(sql, [low, high]))


def _held(db: Database, month: Month) -> bool:
    sql = "select exists (select 1 from articles where sort >= ? and sort < ?)"
    return bool(db.execute(sql, month.sorts).fetchone()[0])


def load_months(db: Database, most: int = 120) -> list[Month]:
    """The months that have articles, the newest first: one look at an index for each."""
    months, below = list[Month](), 2**62
    while len(months) < most:
        (sort,) = db.execute("select max(sort) from articles where sort < ?", [below]).fetchone()
        if sort is None or minute_of(sort) < EARLIEST.start:
            break
        months.append(Month.of(minute_of(sort)))
        below = months[-1].sorts[0]
    return months


def load_trend(
    db: Database, until: Month, breadth: Breadth, months: int = 13
) -> list[tuple[Month, int | None]]:
    """How many articles each of the last months had, the oldest first; None where nothing is known of it."""
    sql = f"select count(*) from articles a where a.sort >= ? and a.sort < ? and {BREADTHS[breadth]}"
    past = [until.plus(-back) for back in reversed(range(months))]
    found = [(month, db.execute(sql, month.sorts).fetchone()[0]) for month in past]
    return [(month, n if n or _held(db, month) or _looked(db, month) else None) for month, n in found]


def _looked(db: Database, month: Month) -> bool:
    """Whether any crawl of the month went well."""
    sql = "select exists (select 1 from runs where id >= ? and id < ? and state = 'done')"
    edges = first_id(db, month.start), first_id(db, month.end)
    return bool(db.execute(sql, edges).fetchone()[0])
