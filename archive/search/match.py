"""A query looked for in one text without an index: where its words stand, and whether it holds.

FTS5 answers nearly all; this decides the few hits of phrases that mix words with and without marks, and finds
the places to mark in the original text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from archive.clock import check_time
from archive.query import Query
from archive.query.tree import And, Near, Node, Not, Or, Phrase, PlacePhrase
from archive.text import composed, fold, key, nfc, norm

Span = tuple[int, int]


class FoldedText:
    """A text to look into: ``shown`` is what spans count in, ``key`` its folded words, as long."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def shown(self) -> str:
        return composed(self._text)

    @cached_property
    def key(self) -> str:
        return key(self._text)

    @cached_property
    def starts(self) -> list[int]:
        """Where each word begins."""
        return [match.start() for match in re.finditer("[^ ]+", self.key)]


def spans(phrase: Phrase, folded: FoldedText) -> list[Span]:
    """Where a phrase stands in a text, as offsets in ``folded.shown``."""
    return list(_places(phrase, folded))


def occurs(phrase: Phrase, folded: FoldedText) -> bool:
    """Whether a phrase stands in a text."""
    return any(_places(phrase, folded))


def _places(phrase: Phrase, folded: FoldedText) -> Iterator[Span]:
    check_time()
    pattern = _pattern(phrase)
    at = 0
    while match := pattern.words.search(folded.key, at):
        there = _marks_hold(pattern, match, folded.shown)
        if there:
            yield match.span()
        at = match.end() if there else match.start() + 1  # «hoa hoa hoà» holds «hoa hoà», from its second word


def merged(places: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch or overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(places):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def holds(query: Query, title: FoldedText, text: FoldedText) -> bool:
    """Whether an article satisfies the text of a query; ``text`` is lead and body as one."""
    if query.tree is not None:
        return _holds(query.tree, title, text)
    return query.excluded is None or not _holds(query.excluded, title, text)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A phrase as a pattern over ``FoldedText.key``; ``marks``: by group, how it is written if meant so."""

    words: re.Pattern[str]
    marks: tuple[tuple[int, frozenset[str]], ...]
    cut_short: int


@lru_cache(maxsize=4096)
def _pattern(phrase: Phrase) -> _Pattern:
    words = [re.escape(fold(word)) for word in phrase.words]
    words[0] += f"(?<![^ ]{words[0]})"  # behind the letters: a pattern that begins with letters matches faster
    if phrase.prefix:
        words[-1] += "[^ ]*"
    regex = re.compile(" +".join(f"({word})" for word in words) + "(?![^ ])")
    marks = [
        (group, frozenset((norm(word).lower(), nfc(word).lower())))
        for group, (word, exactly) in enumerate(zip(phrase.words, phrase.meant, strict=True), start=1)
        if exactly
    ]
    return _Pattern(regex, tuple(marks), len(words) if phrase.prefix else 0)


def _marks_hold(pattern: _Pattern, match: re.Match[str], shown: str) -> bool:
    """Words meant as typed must stand there so; of a word cut short, both tone placements may go on."""
    for group, forms in pattern.marks:
        there = shown[match.start(group) : match.end(group)]
        if there.lower() in forms:
            continue
        there = norm(there).lower()
        if not (there.startswith(tuple(forms)) if group == pattern.cut_short else there in forms):
            return False
    return True


def _holds(node: Node, title: FoldedText, text: FoldedText) -> bool:
    match node:
        case Phrase():
            return occurs(node, title) or (not node.title and occurs(node, text))
        case Near():
            return _near(node, title) or (not node.title and _near(node, text))
        case PlacePhrase():
            typed = all(_holds(phrase, title, text) for phrase in node.typed)
            return typed or any(_holds(name, title, text) for name in node.names)
        case And():
            return all(_holds(part, title, text) for part in node.parts)
        case Or():
            return any(_holds(part, title, text) for part in node.parts)
        case Not():
            return not _holds(node.part, title, text)
    raise ValueError(f"{type(node).__name__} is answered by the tables")


def _near(near: Near, folded: FoldedText) -> bool:
    """FTS5's rule: each phrase begins at most its length and ``distance`` words before the last beginning."""
    places = [spans(phrase, folded) for phrase in near.phrases]
    if not all(places):
        return False
    begins = [[bisect_left(folded.starts, start) for start, _ in row] for row in places]
    for last in sorted({begin for row in begins for begin in row}):
        reach = [last - len(phrase.words) - near.distance for phrase in near.phrases]
        rows = zip(begins, reach, strict=True)
        if all(bisect_left(row, first) < bisect_right(row, last) for row, first in rows):
            return True
    return False
