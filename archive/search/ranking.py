"""Relevance within a window of recent hits: words in the title, words in a row, and how recent.

bm25 over all hits of a common phrase takes seconds at a million articles; a title tells more about a news story
than the number of times a word occurs in it.
"""

import json
from bisect import bisect_right
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from math import exp, log

from sqlite_utils import Database

from archive.db import sort_span
from archive.query.fts5 import expression
from archive.query.tree import Phrase
from archive.search.cursor import Cursor
from archive.search.match import FoldedText, spans
from archive.text import nfc

WINDOW = 1000
_MAX_TERMS = 12
_IN_TITLE, _ROW_IN_TITLE, _ROW_IN_TEXT, _RECENT = 3.0, 2.0, 1.5, 1.0
_WALL = " \ue000 "  # private use: FTS5 and archive.text take it for a letter, so no phrase goes across
_HALF_YEAR = sort_span(timedelta(days=183))


def ranked(db: Database, cursor: Cursor, rows: list[int]) -> list[int]:
    """Row numbers of hits (newest first) in order of relevance."""
    if not rows:
        return []
    scores = {row: _RECENT * exp((row - rows[0]) / _HALF_YEAR) for row in rows}
    titles = _Titles(db, rows)
    terms = [replace(term, title=False) for term in cursor.query.terms[:_MAX_TERMS]]
    there = {term: titles.having(term) for term in terms}
    weights = {term: log(1 + len(rows) / (1 + len(having))) for term, having in there.items()}
    whole = sum(weights.values()) or 1.0
    for term, having in there.items():
        for row in having:
            scores[row] += _IN_TITLE * weights[term] / whole
    for phrase in cursor.query.rows:
        for row in titles.having(phrase):
            scores[row] += _ROW_IN_TITLE
        for row in cursor.within(rows, expression(phrase)):
            scores[row] += _ROW_IN_TEXT
    return sorted(rows, key=scores.__getitem__, reverse=True)  # of equals the newer one stays first


class _Titles:
    """The titles of hits as one text, so that a phrase is looked for once; ``_WALL`` is a word of its own."""

    def __init__(self, db: Database, rows: list[int]) -> None:
        sql = "select sort, title from articles where sort in (select value from json_each(?))"
        titles = [(row, nfc(title) + _WALL) for row, title in db.execute(sql, (json.dumps(rows),))]
        self._rows = [row for row, _ in titles]
        self._ends = list(accumulate(len(title) for _, title in titles))
        self._text = FoldedText("".join(title for _, title in titles))

    def having(self, phrase: Phrase) -> set[int]:
        """The rows whose titles have a phrase."""
        return {self._rows[bisect_right(self._ends, start)] for start, _ in spans(phrase, self._text)}
