"""The articles that satisfy a query, newest first, as values of ``articles.sort`` (the index's row numbers)."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from archive.language.tree import Filter
from archive.names import KINDS, Names, keys_for, load_names
from archive.query import Query
from archive.scan import Page, holds
from archive.schema import SORT_SLOTS

RARE = 3000  # rows of a filter from which on the text index leads: looking each of them up in it costs more
_CHUNK = 250
_END = 1 << 62
_MATCHING = "select rowid from articles_fts where articles_fts match ?"


@dataclass(frozen=True, slots=True)
class _Condition:
    """A filter as SQL: ``test`` on an article ``a``; ``listed`` selects the ids of all its articles."""

    test: str
    listed: str
    keys: list[str]
    negated: bool


class Finder:
    """A query on its way to the tables; ``since`` is included, ``until`` is not."""

    def __init__(
        self, db: sqlite3.Connection, query: Query, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        self.query = query
        self._db = db
        low = max((sort_at(day) for day in (since, query.after) if day), default=-_END)
        high = min((sort_at(day) for day in (until, query.before) if day), default=_END)
        self._range = (low, high - 1)
        names = load_names(db) if query.filters else Names()
        self._conditions = [_condition(one, keys_for(one, names, db)) for one in query.filters]
        self._lead = self._leading()

    def newest(self, limit: int, offset: int = 0) -> list[int]:
        """Row numbers of hits, newest first; ``limit`` -1 for all."""
        if self.query.blank:
            return []
        if self.query.fts == self.query.sure and not self.query.without:
            return self._rows(self.query.fts, *self._range, limit, offset)
        return list(islice(self._decided(), offset, None if limit < 0 else offset + limit))

    def within(self, rows: list[int], expression: str) -> set[int]:
        """Those of the hits ``rows`` that satisfy another FTS5 expression."""
        if not rows or not expression:
            return set()
        if self._conditions or not self.query.fts:
            sql = f"{_MATCHING} and rowid in (select value from json_each(?))"
            return {row for (row,) in self._db.execute(sql, (expression, json.dumps(rows)))}
        sql = f"{_MATCHING} and rowid between ? and ?"
        return {row for (row,) in self._db.execute(sql, (expression, min(rows), max(rows)))}.intersection(rows)

    def _decided(self) -> Iterator[int]:
        """Hits in turn, where some have to be looked at: see ``Query.sure`` and ``Query.without``."""
        query = self.query
        low, high = self._range
        chunk = _CHUNK
        while rows := self._rows(query.fts, low, high, chunk, 0):
            yes = self.within(rows, query.sure) if query.fts else set(rows)
            open_ = set(rows) - yes
            if query.without:
                yes -= self.within(rows, query.without)
                open_ |= self.within(rows, query.without) - self.within(rows, query.without_sure)
            yes |= self._read(open_)
            yield from (row for row in rows if row in yes)
            high = rows[-1] - 1
            chunk = min(chunk * 2, 2000)

    def _read(self, rows: set[int]) -> set[int]:
        if not rows:
            return set()
        sql = "select sort, title, body from articles_fts_source where sort in (select value from json_each(?))"
        texts = self._db.execute(sql, (json.dumps(sorted(rows)),))
        return {row for row, title, text in texts if holds(self.query, Page(title), Page(text))}

    def _rows(self, fts: str, low: int, high: int, limit: int, offset: int) -> list[int]:
        where, given = ["a.sort between ? and ?"], [low, high]
        tables = "articles a"
        parameters: list[object] = []
        if fts and self._lead is None:
            where, tables = ["f.rowid between ? and ?"], "articles_fts f"
            if self._conditions:
                tables = "articles_fts f cross join articles a on a.sort = f.rowid"
        elif fts:
            tables = "articles a cross join articles_fts f on f.rowid = a.sort"
        parameters += given
        if fts:
            where.append("f.articles_fts match ?")
            parameters.append(fts)
        for condition in self._conditions:
            leads = condition is self._lead
            where.append(f"a.id in ({condition.listed})" if leads else condition.test)
            parameters += condition.keys
        by = "f.rowid" if fts and self._lead is None else "a.sort"
        sql = f"select {by} from {tables} where {' and '.join(where)} order by {by} desc limit ? offset ?"
        return [row for (row,) in self._db.execute(sql, (*parameters, limit, offset))]

    def _leading(self) -> _Condition | None:
        """The filter with the fewest articles, when they are few enough to start from."""
        best, fewest = None, RARE + 1
        for condition in self._conditions:
            if condition.negated:
                continue
            sql = f"select count(*) from (select 1 from ({condition.listed}) limit {fewest})"
            (count,) = self._db.execute(sql, condition.keys).fetchone()
            if count < fewest:
                best, fewest = condition, count
        return best


def sort_at(at: datetime) -> int:
    """The least ``articles.sort`` of articles published at a time or later."""
    return int(at.timestamp()) // 60 * SORT_SLOTS


def _condition(one: Filter, keys: list[str]) -> _Condition:
    among = f"in ({', '.join('?' * len(keys))})"
    inverse = "not " if one.negated else ""
    if one.field == "source":
        test = f"a.source {inverse}{among}"
        return _Condition(test, f"select id from articles where source {among}", keys, one.negated)
    if one.field == "topic":
        listed = f"select article_id from article_topics where topic {among}"
    else:
        listed = f"select article_id from mentions where kind = '{KINDS[one.field]}' and name {among}"
    return _Condition(f"{inverse}exists ({listed} and article_id = a.id)", listed, keys, one.negated)
