"""The one query language of search, topics and alerts.

==================================  =====================================================================
``chuyển đổi số``                   all words must occur; a word typed with marks must have these marks,
                                    a word typed without (``chuyen doi so``) may have any
``"khu công nghiệp"``               the words in a row; the rule of marks holds for each of them
``chuyen*``                         words that begin so (two letters at least)
``a OR b`` · ``a HOẶC b`` · ``|``   one side must hold; words side by side bind tighter
``-lừa`` · ``-"cụm từ"`` · ``-(…)`` must not occur
``NEAR(a "b c", 5)`` · ``"a b"~5``  in any order, at most 5 words between them (10 when not said)
``( … )``                           grouping
``title:`` ``tiêu-đề:``             the word, phrase or bracket after it must occur in the title
``source:`` ``nguồn:``              the outlet's key or name; several with commas
``topic:`` ``chủ-đề:``              one of its topics, by key or name
``place:`` ``nơi:``                 a place it names; ``org:`` ``tổ-chức:`` an organisation it names
``after:`` ``sau:``                 from that day on (Hanoi): 2026-01-31, 31/1/2026, 2026-01 or 2026
``before:`` ``trước:``              before that day
==================================  =====================================================================

Document numbers, figures, addresses and stray marks are ordinary text: what stands between blanks and
is several words for the index (``52-NQ/TW``) is a phrase.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.query.explain import EN, VI, problem, understood
from archive.query.parser import read
from archive.query.place_names import PlaceNames
from archive.query.planner import Parsed
from archive.query.tree import And, Filter, FilterField, Node, Phrase, Place, expression, mixed, phrases

__all__ = ["Filter", "PlaceNames", "Query", "match_expression", "parse"]

_FIELDS: dict[str, FilterField] = {"source": "source", "topic": "topic", "place": "place", "org": "org"}


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood.

    ``fts`` is an FTS5 expression for ``articles_fts`` that every hit satisfies, "" when no text is wanted. What
    satisfies ``sure`` is a hit; the two differ only for phrases that mix words with and without marks, and
    then what is in ``fts`` and not in ``sure`` is decided by :func:`archive.search.match.holds`. ``without``
    and ``without_sure`` say the same of excluded text when no text is wanted. ``after`` is included, ``before``
    is not.
    ``problem`` is a sentence about what could not be used; ``blank`` queries find nothing.
    """

    text: str
    tree: Node | None
    excluded: Node | None
    fts: str
    sure: str
    without: str
    without_sure: str
    filters: tuple[Filter, ...]
    after: datetime | None
    before: datetime | None
    understood: str
    understood_en: str
    problem: str
    problem_en: str

    @property
    def blank(self) -> bool:
        """Whether nothing is asked for: no text, no filter, no day."""
        return not (self.fts or self.conditional)

    @property
    def conditional(self) -> bool:
        """Whether there are conditions besides the text: filters or days."""
        return bool(self.filters or self.after or self.before)

    def narrowed(self, **values: str | Sequence[str] | None) -> "Query":
        """The query with more filters: by field (source, topic, place, org) the value or values it may have."""
        more = [
            Filter(_FIELDS[field], (value,) if isinstance(value, str) else tuple(value))
            for field, value in values.items()
            if value
        ]
        return replace(self, filters=(*self.filters, *more)) if more else self

    @property
    def terms(self) -> tuple[Phrase, ...]:
        """The words and phrases to mark in a hit, each once."""
        return tuple(dict.fromkeys(phrases(self.tree))) if self.tree else ()

    @property
    def rows(self) -> tuple[Phrase, ...]:
        """What would be phrases had the user put quotes around words that stand side by side."""
        parts = self.tree.parts if isinstance(self.tree, And) else (self.tree,)
        plain = [part for part in parts if isinstance(part, Phrase | Place)]
        run = [one for part in plain for one in (part.typed if isinstance(part, Place) else (part,))]
        if len(run) < 2 or any(phrase.prefix for phrase in run):
            return ()
        return (Phrase(tuple(word for phrase in run for word in phrase.words)),)


def parse(text: str, places: PlaceNames | None = None) -> Query:
    """Understand a query; any text is one, and what cannot be used of it is told in ``problem``.

    With ``places``, words that name a place are joined with its old and new names; ``understood`` says so.
    """
    parsed = read(text, places)
    if not _asks(parsed) and not parsed.without:
        parsed.problem("empty")
    fts, sure = _expressions(parsed.node)
    without, without_sure = _expressions(parsed.without)
    return Query(
        text=text,
        tree=parsed.node,
        excluded=parsed.without,
        fts=fts,
        sure=sure,
        without=without,
        without_sure=without_sure,
        filters=tuple(parsed.filters),
        after=parsed.after,
        before=parsed.before,
        understood=understood(parsed, VI) if _asks(parsed) else problem(parsed, VI),
        understood_en=understood(parsed, EN) if _asks(parsed) else problem(parsed, EN),
        problem=problem(parsed, VI),
        problem_en=problem(parsed, EN),
    )


def match_expression(text: str) -> str:
    """The plain FTS5 expression of a query, for Datasette's own search box; filters and days are left out.

    A query without words to look for gives an expression that matches nothing.
    """
    return parse(text).fts or '""'


def _asks(parsed: Parsed) -> bool:
    return bool(parsed.node or parsed.filters or parsed.after or parsed.before)


def _expressions(node: Node | None) -> tuple[str, str]:
    if node is None:
        return "", ""
    wide = expression(node, wide=True)
    return wide, expression(node, wide=False) if mixed(node) else wide
