"""Two versions of a text side by side: paragraphs paired, changed words marked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

_TOKENS = re.compile(r"\s+|\d+(?:[.,]\d+)*%?|\w+|[^\w\s]")
_LONGEST = 3000  # tokens; a longer paragraph is marked as a whole: comparing is quadratic
_CLOSE = 0.3  # paragraphs less alike than this are shown as one gone and one come


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text and whether the other side has it otherwise."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph before and after; an empty side means it was not there."""

    before: list[Piece]
    after: list[Piece]


def side_by_side(before: str, after: str) -> list[Pair]:
    """The paragraphs that differ, in order; those that stayed are left out."""
    old, new = _paragraphs(before), _paragraphs(after)
    pairs: list[Pair] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            pairs.extend(_paired(old[a:b], new[c:d]))
    return pairs


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _paired(old: list[str], new: list[str]) -> Iterator[Pair]:
    for before, after in zip_longest(old, new):
        if before is None or after is None:
            yield Pair(_whole(before), _whole(after))
        else:
            yield from _words(before, after)


def _whole(text: str | None) -> list[Piece]:
    return [Piece(text, True)] if text else []


def _words(before: str, after: str) -> Iterator[Pair]:
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    if max(len(old), len(new)) > _LONGEST:
        yield Pair(_whole(before), _whole(after))
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _CLOSE:
        yield Pair(_whole(before), [])
        yield Pair([], _whole(after))
        return
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        _add(left, "".join(old[a:b]), kind != "equal")
        _add(right, "".join(new[c:d]), kind != "equal")
    yield Pair(left, right)


def _add(pieces: list[Piece], text: str, changed: bool) -> None:
    if text:
        pieces.append(Piece(text, changed))
