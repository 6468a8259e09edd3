"""The one query language of search, topics and alerts.

==================================  =====================================================================
``chuyển đổi số thép``              all words must occur, «chuyển đổi số» in a row, as it is one word of the
                                    language (:mod:`archive.query.lexicon`; «tìm rời từng tiếng» takes it apart)
``chuyen doi so``                   without any marks typed, any marks will do; where some are typed, a syllable
                                    without (``công an``) is meant so if it is Vietnamese, else may bear any
``"khu công nghiệp"``               the words in a row; the rule of marks holds for each of them
``chuyen*``                         words that begin so (two letters at least)
``a OR b`` · ``a HOẶC b`` · ``|``   one side must hold; words side by side bind tighter
``-lừa`` · ``-"cụm từ"`` · ``-(…)`` must not occur
``NEAR(a "b c", 5)`` · ``"a b"~5``  in any order, at most 5 words between them (10 when not given)
``( … )``                           grouping
``title:`` ``tiêu-đề:``             the word, phrase or bracket after it must occur in the title
``source:`` ``nguồn:``              the outlet's key or name; several with commas
``topic:`` ``chủ-đề:``              one of its topics, by key or name
``place:`` ``nơi:``                 a place it names; ``org:`` ``tổ-chức:`` an organisation it names
``level:`` ``mức:``                 ``about`` (chính, trọng tâm) or ``mention`` (nhắc) the province
``is:`` ``đã:``                     ``edited`` (sửa) or ``gone`` (gỡ): what the outlet did to it since
``mark:`` ``dấu:``                  ``chosen`` (chọn), ``starred`` (nổi-bật), ``left`` (để-lại, bỏ) or
                                    ``irrelevant`` (không-liên-quan, bỏ) at the desk, in whatever edition;
                                    only for those who see the desk
``after:`` ``sau:``                 from that day on (Hanoi): 2026-01-31, 31/1/2026, 2026-01 or 2026
``before:`` ``trước:``              before that day
==================================  =====================================================================

Document numbers, figures, addresses and stray marks are ordinary text: what stands between blanks and
is several words for the index (``52-NQ/TW``) is a phrase. ``is:`` and ``mark:`` with another value are too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.i18n import Words
from archive.query.explain import problem, understood
from archive.query.fts5 import expressions
from archive.query.parser import Parsed, ReadAs, read
from archive.query.place_names import PlaceNames
from archive.query.tree import And, Filter, FilterField, Node, Phrase, PlacePhrase, phrases

__all__ = ["Filter", "PlaceNames", "Query", "ReadAs", "match_expression", "parse"]

_VI, _EN = Words("vi"), Words("en")
_FIELDS: dict[str, FilterField] = {
    "source": "source", "topic": "topic", "place": "place", "org": "org", "level": "level",
    "state": "state", "mark": "mark",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood.

    ``fts`` is an FTS5 expression for ``articles_fts`` that every hit satisfies, "" when no text is wanted. What
    satisfies ``certain`` is a hit; the two differ only for phrases that mix words with and without marks, and
    then the candidates that are not certain are decided by :func:`archive.search.match.holds`. ``without`` and
    ``without_certain`` are the same of excluded text when no text is wanted. ``after`` is included, ``before``
    is not. ``blank`` queries find nothing. ``parsed`` is what the words alone ask for, not narrowed.
    """

    text: str
    parsed: Parsed
    fts: str
    certain: str
    without: str
    without_certain: str
    filters: tuple[Filter, ...]
    after: datetime | None
    before: datetime | None

    @property
    def tree(self) -> Node | None:
        """The text that is wanted."""
        return self.parsed.node

    @property
    def excluded(self) -> Node | None:
        """The text that is excluded, when none is wanted."""
        return self.parsed.without

    @property
    def understood(self) -> str:
        """One Vietnamese sentence on what the words look for."""
        return understood(self.parsed, _VI)

    @property
    def understood_en(self) -> str:
        """The same in English."""
        return understood(self.parsed, _EN)

    @property
    def problem(self) -> str:
        """A Vietnamese sentence on what could not be used, "" for nothing."""
        return problem(self.parsed, _VI)

    @property
    def problem_en(self) -> str:
        """The same in English."""
        return problem(self.parsed, _EN)

    @property
    def blank(self) -> bool:
        """Whether nothing is asked for: no text, no filter, no day."""
        return not (self.fts or self.conditional)

    @property
    def conditional(self) -> bool:
        """Whether there are conditions besides the text: filters or days."""
        return bool(self.filters or self.after or self.before)

    def narrowed(self, **values: str | Sequence[str] | None) -> "Query":
        """The query with more filters: by field (source, topic …) the value or values it may have."""
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
        plain = [part for part in parts if isinstance(part, Phrase | PlacePhrase)]
        run = [one for part in plain for one in (part.typed if isinstance(part, PlacePhrase) else (part,))]
        if len(run) < 2 or any(phrase.prefix for phrase in run):
            return ()
        words = tuple(word for phrase in run for word in phrase.words)
        exactly = (
            tuple(one for phrase in run for one in phrase.meant) if any(one.exactly for one in run) else ()
        )
        return (Phrase(words, exactly=exactly),)


def parse(
    text: str, places: PlaceNames | None = None, how: ReadAs | None = None, *, desk: bool = False
) -> Query:
    """Understand a query; any text is one, and what cannot be used of it is explained in ``problem``.

    With ``places``, words that name a place are joined with its old and new names, as ``understood`` explains.
    Without a ``desk`` its marks are ordinary text. ``how`` brings what the archive knows of words.
    """
    parsed = read(text, places, how, desk=desk)
    if not parsed.asks and not parsed.without:
        parsed.problem("empty")
    fts, certain = expressions(parsed.node)
    without, without_certain = expressions(parsed.without)
    return Query(
        text=text,
        parsed=parsed,
        fts=fts,
        certain=certain,
        without=without,
        without_certain=without_certain,
        filters=tuple(parsed.filters),
        after=parsed.after,
        before=parsed.before,
    )


def match_expression(text: str) -> str:
    """The plain FTS5 expression of a query, for Datasette's own search box; filters and days are left out.

    A query without words to look for gives an expression that matches nothing.
    """
    return parse(text).fts or '""'
