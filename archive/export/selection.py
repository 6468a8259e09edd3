"""Which articles are taken away: all, those published since a day, or the hits of a query; oldest first."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.db import minute_of, sort_at
from archive.query import Query
from archive.search.cursor import Cursor
from archive.search.filters import Marked

STRETCH = 10_000  # articles that are looked through together: a million hits are never held at once
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; ``marked`` knows the marks at the desk."""

    query: Query | None = None
    since: datetime | None = None
    marked: Marked | None = None

    @property
    def is_all(self) -> bool:
        return self.query is None and self.since is None


def selected(db: Database, selection: Selection) -> Iterator[list[int]]:
    """Values of ``articles.sort``, oldest first, in lists of at most ``STRETCH``."""
    for first, last in _stretches(db, selection.since):
        if selection.query is None:
            rows = db.execute(
                "select sort from articles where sort between ? and ? order by sort", [first, last]
            )
            yield [sort for (sort,) in rows]
        else:
            yield sorted(_hits(db, selection, first, last))


def _hits(db: Database, selection: Selection, first: int, last: int) -> Iterator[int]:
    assert selection.query is not None  # noqa: S101 - asked before
    until = minute_of(last) + _MINUTE
    with closing(Cursor(db, selection.query, minute_of(first), until, marked=selection.marked)) as cursor:
        yield from (sort for sort in cursor.newest(-1) if first <= sort <= last)


def _stretches(db: Database, since: datetime | None) -> Iterator[tuple[int, int]]:
    at = sort_at(since) if since else -(1 << 62)
    sql = "select min(sort), max(sort) from (select sort from articles where sort >= ? order by sort limit ?)"
    while (found := db.execute(sql, [at, STRETCH]).fetchone()) and found[0] is not None:
        yield found[0], found[1]
        at = found[1] + 1
