"""The articles that satisfy a query, newest first, as values of ``articles.sort`` (the index's row numbers)."""

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from time import monotonic

from sqlite_utils import Database

from archive.db import sort_at
from archive.public.part import is_public_part
from archive.query import Query
from archive.query.tree import Filter
from archive.search.candidates import FTS, Candidates, IndexQuery, by_pairs
from archive.search.filters import KINDS, Marked, Names, by_index, keys_for, load_names
from archive.search.match import FoldedText, holds
from archive.search.prefixes import spelled_out

FEW = 5000  # articles of a filter that are listed first; with more, hits of the text are tested one by one
_READ = 160  # hits in doubt that are rather read than looked for in the index again
_FEWEST = 20  # rows that are decided together at least
_CHUNK = 2000
_FIRST_STRETCH = 16  # of the archive's time is looked through first
_LONGER = 4
_LOOK_AT_CLOCK = 250  # hits
_STEP = 50
_END = 1 << 62
_AS_NOW = "select 1 union all select 2 union all select count(*) from pair_index"
_MATCHING = "select rowid from articles_fts where articles_fts match ?"


@dataclass(frozen=True, slots=True)
class _Condition:
    """A filter as SQL: ``test`` on an article ``a``; ``listed`` selects the ids of all its articles."""

    test: str
    listed: str
    keys: list[str]
    negated: bool


_THERE = _Condition("true", "", [], negated=True)  # has each hit looked up among the articles that are shown


class Cursor:
    """A query on its way to the tables; ``since`` is included, ``until`` is not.

    The archive is read once, as far as hits are asked for: results, counts and charts of one search share
    them. The cursor keeps the archive as it was when it began: close it, or the connection stays there. With
    ``patience`` (seconds) it ends when the time is used up; ``reached`` is the row down to which all was
    looked at, None as long as nothing was left out. ``marked`` knows the marks at the desk; without it there
    are none.
    """

    def __init__(
        self,
        db: Database,
        query: Query,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        patience: float | None = None,
        marked: Marked | None = None,
    ) -> None:
        self.query = query
        self.reached: int | None = None
        self._db = db
        self._patience = patience
        low = max((sort_at(day) for day in (since, query.after) if day), default=-_END)
        high = min((sort_at(day) for day in (until, query.before) if day), default=_END)
        self._range = (low, high - 1)
        names = load_names(db) if query.filters else Names()
        self._conditions = [_condition(db, one, keys_for(one, names, db), marked) for one in query.filters]
        if is_public_part(db):
            self._conditions.append(_THERE)
        self._listed = self._list()
        self._hits_read: list[int] = []
        self._ended = False
        self._spelled: dict[str, str] = {}
        self._began = monotonic()
        self._unread = self._timely(self._hits())

    def newest(self, limit: int, offset: int = 0) -> list[int]:
        """Row numbers of hits, newest first; ``limit`` -1 for all."""
        end = None if limit < 0 else offset + limit
        self._look(end)
        return self._hits_read[offset:end]

    def soon(self, limit: int, seconds: float, least: int = 0) -> tuple[list[int], bool]:
        """The newest hits, ``limit`` at most, and whether there may be more.

        With patience, only the first ``least`` are looked for later than ``seconds`` after it began.
        """
        self._look(min(least, limit))
        while len(self._hits_read) < limit and not self._ended and not self._late(seconds):
            self._look(min(len(self._hits_read) + _STEP, limit))
        return self._hits_read[:limit], len(self._hits_read) >= limit or not self._ended

    def _look(self, end: int | None) -> None:
        """Read on until there are ``end`` hits, or to the end."""
        missing = None if end is None else max(end - len(self._hits_read), 0)
        more = list(islice(self._unread, missing))
        self._hits_read += more
        self._ended = self._ended or missing is None or len(more) < missing

    def close(self) -> None:
        """End reading; the hits read stay."""
        self._unread.close()

    def within(self, rows: list[int], expression: str) -> set[int]:
        """Those of the rows that satisfy another FTS5 expression.

        Their range is read at once: to ask FTS5 for single rows costs 80 to 480 µs each, as much as reading
        thousands.
        """
        if not rows or not expression:
            return set()
        matches = self._db.execute(
            f"{_MATCHING} and rowid between ? and ?", (self._spelled_out(expression), min(rows), max(rows))
        )
        return {row for (row,) in matches}.intersection(rows)

    def _spelled_out(self, expression: str) -> str:
        if expression not in self._spelled:
            self._spelled[expression] = spelled_out(self._db, expression)
        return self._spelled[expression]

    def _hits(self) -> Iterator[int]:
        """All hits in turn, from the archive as it is now."""
        if self.query.blank:
            return
        with closing(self._db.execute(_AS_NOW)) as now:  # keeps the pair index and the articles of one moment
            now.fetchone()
            candidates = by_pairs(self._db, self.query, self._range)
            yield from self._by_pairs(candidates) if candidates else self._by_index()

    def _by_pairs(self, candidates: Candidates) -> Iterator[int]:
        rows = _merged([self._rows_of(source) for source in candidates.sources])
        if candidates.certain:
            yield from rows
            return
        for chunk in _chunks(rows):
            hits = self._read(set(chunk))
            yield from (row for row in chunk if row in hits)

    def _by_index(self) -> Iterator[int]:
        """Hits by FTS5 alone; where some have to be looked at: see ``Query.certain`` and ``Query.without``."""
        query = self.query
        rows = self._rows_of(IndexQuery(FTS, query.fts))
        if query.fts == query.certain and not query.without:
            yield from rows
            return
        for chunk in _chunks(rows):
            certain, doubtful = self._sorted_out(chunk)
            hits = certain | self._read(doubtful)
            yield from (row for row in chunk if row in hits)

    def _rows_of(self, source: IndexQuery) -> Iterator[int]:
        return self._rows(source) if self._listed is None else self._listed_rows(source)

    def _sorted_out(self, rows: list[int]) -> tuple[set[int], set[int]]:
        """Of the candidates, those that are certain and those that have to be read."""
        query = self.query
        if len(rows) <= _READ:
            return set(), set(rows)
        if query.fts:
            certain = self.within(rows, query.certain)
            return certain, set(rows) - certain
        touched = self.within(rows, query.without)
        gone = touched if query.without == query.without_certain else self.within(rows, query.without_certain)
        return set(rows) - touched, touched - gone

    def _read(self, rows: set[int]) -> set[int]:
        if not rows:
            return set()
        sql = "select sort, title, body from articles_fts_source where sort in (select value from json_each(?))"
        texts = self._db.execute(sql, (json.dumps(sorted(rows)),))
        return {row for row, title, text in texts if holds(self.query, FoldedText(title), FoldedText(text))}

    def _rows(self, source: IndexQuery) -> Iterator[int]:
        """Candidates: rows of the text and the conditions, newest first."""
        sql = "select a.sort from articles a where a.sort between ? and ?"
        given: list[str] = []
        if source.expression:
            joined = " cross join articles a on a.sort = f.rowid" if self._conditions else ""
            sql = f"select f.rowid from {source.table} f{joined} where f.rowid between ? and ?"
            sql += f" and f.{source.table} match ?"
            given.append(self._spelled_out(source.expression))
        for condition in self._conditions:
            sql += f" and {condition.test}"
            given += condition.keys
        for low, high in self._stretches(source):
            yield from (row for (row,) in self._db.execute(f"{sql} order by 1 desc", (low, high, *given)))

    def _stretches(self, source: IndexQuery) -> Iterator[tuple[int, int]]:
        """The range, in pieces, newest first, each as long as the time left allows, where that helps.

        It does where articles are tested one by one. FTS5 alone does not end at the older end of a piece, but
        goes on to the next hit.
        """
        if self._patience is None or not self._conditions or '" *' in self._spelled_out(source.expression):
            yield self._range
            return
        ends = "select (select min(sort) from articles), (select max(sort) from articles)"
        first, last = self._db.execute(ends).fetchone()
        low, top = max(self._range[0], first or 0), min(self._range[1], last or 0)
        high, step = top, (top - low) // _FIRST_STRETCH + 1
        while high >= low:
            yield max(low, high - step), high
            high -= step + 1
            if high >= low and self._late():
                self.reached = high + 1
                return
            spent = monotonic() - self._began
            in_time = int((top - high) / spent * (self._patience - spent))
            step = min(_LONGER * step, in_time + 1)

    def _timely(self, rows: Iterator[int]) -> Generator[int]:
        """The rows until the time is used up."""
        for at, row in enumerate(rows, start=1):
            yield row
            if at % _LOOK_AT_CLOCK == 0 and self._late():
                self.reached = row
                return

    def _late(self, seconds: float = _END) -> bool:
        """Whether the time is used up: ``seconds`` or all of the patience; never without patience."""
        return self._patience is not None and monotonic() - self._began >= min(seconds, self._patience)

    def _listed_rows(self, source: IndexQuery) -> Iterator[int]:
        rows = self._listed or []
        if source.expression and rows:
            sql = f"select rowid from {source.table} where {source.table} match ? and rowid between ? and ?"
            sql += " and +rowid in (select value from json_each(?))"
            given = (self._spelled_out(source.expression), rows[-1], rows[0], json.dumps(rows))
            rows = sorted((row for (row,) in self._db.execute(sql, given)), reverse=True)
        return iter(rows)

    def _list(self) -> list[int] | None:
        """All rows that satisfy the conditions, newest first, when one of these holds for few articles."""
        lead = self._leading()
        if lead is None:
            return None
        tests = " and ".join(condition.test for condition in self._conditions)
        given = [*lead.keys, *self._range, *(key for condition in self._conditions for key in condition.keys)]
        listed = self._db.execute(
            f"""select a.sort from articles a
                where a.id in ({lead.listed}) and a.sort between ? and ? and {tests}
                order by a.sort desc""",
            given,
        )
        return [row for (row,) in listed]

    def _leading(self) -> _Condition | None:
        """The filter with the fewest articles, when they are few enough to be listed."""
        best, fewest = None, FEW + 1
        for condition in self._conditions:
            if condition.negated:
                continue
            sql = f"select count(*) from (select 1 from ({condition.listed}) limit {fewest})"
            (count,) = self._db.execute(sql, condition.keys).fetchone()
            if count < fewest:
                best, fewest = condition, count
        return best


def _merged(rows: Sequence[Iterator[int]]) -> Iterator[int]:
    """Rows that are in any of the given ones, each once, newest first."""
    return (row for row, _ in groupby(merge(*rows, reverse=True)))


def _chunks(rows: Iterator[int]) -> Iterator[list[int]]:
    """Rows that are decided together: few at first, as often no more are asked for."""
    seen = 0
    while chunk := list(islice(rows, min(max(_FEWEST, seen // 2), _CHUNK))):
        yield chunk
        seen += len(chunk)


def _condition(db: Database, one: Filter, keys: list[str], marked: Marked | None) -> _Condition:
    among = f"in ({', '.join('?' * len(keys))})"
    inverse = "not " if one.negated else ""
    if one.field in ("level", "state"):
        return _by_index(db, keys, one.negated)
    if one.field == "mark":
        ids = json.dumps(sorted({id_ for key in keys for id_ in (marked(key) if marked else ())}))
        listed = "select value from json_each(?)"
        return _Condition(f"a.id {inverse}in ({listed})", listed, [ids], one.negated)
    if one.field == "source":
        listed = f"select id from articles where source {among}"
        return _Condition(f"a.source {inverse}{among}", listed, keys, one.negated)
    if one.field == "topic":
        listed = f"select article_id from article_topics where topic {among}"
    else:
        listed = f"select article_id from mentions where kind = '{KINDS[one.field]}' and name {among}"
    return _Condition(f"{inverse}exists ({listed} and article_id = a.id)", listed, keys, one.negated)


def _by_index(db: Database, codes: list[str], negated: bool) -> _Condition:
    """The condition that an article is in one of these indexes."""
    tables = [by_index(db, code, "e") for code in codes]
    tests = [f"exists (select 1 from {table} and e.sort = a.sort)" for table in tables]
    listed = " union ".join(f"select e.id from {table}" for table in tables)
    test = f"{'not ' if negated else ''}({' or '.join(tests) or 'false'})"
    return _Condition(test, listed or "select id from articles where false", [], negated)
