"""Many queries against a few articles: the articles go into an index in memory, with search's own meaning."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence

from archive.model import Article
from archive.query import Query
from archive.query.tree import And, Node, Not, Or, Phrase, PlacePhrase
from archive.search.filters import Names, article_satisfies
from archive.search.match import FoldedText, holds
from archive.text import TOKENIZER, fold, norm

_TERMS = "select cast(term as blob) from words"  # FTS5 cuts a very long one within a letter
_COLUMNS = "title, body, title_f, body_f"


class Percolator:
    """Queries by name, ready to be matched against articles.

    ``names`` (``archive.search.filters.load_names``) lets ``source:`` and
    ``topic:`` be given by name as well as by key.
    """

    def __init__(self, queries: Mapping[str, Query], names: Names | None = None) -> None:
        self._queries = dict(queries)
        self._names = names or Names()
        self._needs = {name: _needs(query) for name, query in self._queries.items()}
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.execute(
            f"create virtual table batch using fts5({_COLUMNS}, content='', tokenize='{TOKENIZER}')"
        )
        self._db.execute("create virtual table words using fts5vocab(batch, 'row')")

    def match(self, articles: Sequence[Article]) -> list[set[str]]:
        """For each article the names of the queries that find it, as search would."""
        self._index(articles)
        there = {word.decode(errors="replace") for (word,) in self._db.execute(_TERMS)}
        names: list[set[str]] = [set() for _ in articles]
        texts: dict[int, tuple[FoldedText, FoldedText]] = {}

        def holds_at(query: Query, at: int) -> bool:
            if at not in texts:
                texts[at] = FoldedText(articles[at].title), FoldedText(articles[at].text)
            return holds(query, *texts[at])

        for name, query in self._queries.items():
            if self._needs[name] <= there:
                for at in self._hits(query, len(articles), holds_at):
                    if not query.conditional or article_satisfies(query, articles[at], self._names):
                        names[at].add(name)
        return names

    def _index(self, articles: Sequence[Article]) -> None:
        rows = []
        for at, article in enumerate(articles):
            title, text = article.title, article.text
            rows.append((at, norm(title), norm(text), fold(title), fold(text)))
        self._db.execute("insert into batch (batch) values ('delete-all')")
        self._db.execute("begin")
        self._db.executemany(f"insert into batch (rowid, {_COLUMNS}) values (?, ?, ?, ?, ?)", rows)
        self._db.execute("commit")

    def _hits(self, query: Query, count: int, holds_at: Callable[[Query, int], bool]) -> set[int]:
        """Hits of a text: the certain ones, and of the other candidates those that hold in Python too."""
        if query.blank:
            return set()
        if query.fts:
            certain, candidates = self._matching(query.certain), self._matching(query.fts, query.certain)
        else:
            certain = set(range(count)) - self._matching(query.without)
            candidates = self._matching(query.without) - self._matching(query.without_certain)
        return certain | {at for at in candidates - certain if holds_at(query, at)}

    def _matching(self, expression: str, known: str = "") -> set[int]:
        if not expression or expression == known:
            return set()
        return {at for (at,) in self._db.execute("select rowid from batch where batch match ?", (expression,))}


def _needs(query: Query) -> frozenset[str]:
    """Words without which nothing can match; only those whose lower case FTS5 and Python surely share."""
    return frozenset(_needed(query.tree)) if query.tree else frozenset()


def _needed(node: Node) -> set[str]:
    match node:
        case Phrase():
            words = node.words[:-1] if node.prefix else node.words
            return {lower for word in words if (lower := fold(word)).isascii()}
        case And():
            return {word for part in node.parts for word in _needed(part)}
        case Or():
            return set.intersection(*(_needed(part) for part in node.parts))
        case PlacePhrase():
            rows = [{word for phrase in node.typed for word in _needed(phrase)}, *map(_needed, node.names)]
            return set.intersection(*rows)
        case Not():
            return set()
    return set()
