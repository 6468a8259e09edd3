"""Texts made to hurt a regular expression, out of its own parts, and how the time to read them grows.

``grows`` compares the CPU time of a text with that of one four times as long; what grows faster than the text
is measured again, longer and several times, so that a busy machine accuses nobody.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from time import thread_time
from typing import Any

SHORT, TIMES = 500, 4  # characters of the shorter text; how many times longer the other is
LINEAR = 2.0  # growth may be so many times that of the text: tables and caches make steps
SEEN = 0.0004  # seconds below which a time says nothing
LONGEST = 48_000  # characters of the text by which a suspicion is confirmed
_CATEGORIES = {
    sre.CATEGORY_DIGIT: "7", sre.CATEGORY_NOT_DIGIT: "x", sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "x", sre.CATEGORY_WORD: "x", sre.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
_TRIED = " \n\txX7Ađ<>/&;.,:-_\"'()[]{}|=@#"


def families(pattern: re.Pattern[Any]) -> list[tuple[str, str, str]]:
    """Texts for a pattern, each as a beginning, what is repeated, and an end."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.LOCALE)
    letters = list(dict.fromkeys(_letters(tree)))[:24]
    begins = list(dict.fromkeys(_beginnings(list(tree))))[:24]
    repeated = list(dict.fromkeys([*letters, *begins, *map("".join, pairwise(letters))]))
    made = [("", each, end) for each in repeated for end in ("", "\0", "\n!")[: 1 + (len(each) == 1)]]
    made += [(begin, each, "\0") for begin in begins[:8] for each in letters[:10]]
    return list(dict.fromkeys(made))


def _letters(tree: Any) -> Iterator[str]:
    """A few characters that each part of a pattern takes."""
    for kind, value in tree:
        if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY):
            yield from _taken(kind, value)
        else:
            for part in _parts(kind, value):
                yield from _letters(part)


def _taken(kind: Any, value: Any) -> Iterator[str]:
    if kind is sre.LITERAL:
        yield chr(value)
    elif kind is sre.ANY:
        yield from (" ", "x")
    elif kind is sre.NOT_LITERAL:
        yield from [each for each in _TRIED if ord(each) != value][:3]
    elif value and value[0][0] is sre.NEGATE:
        yield from [each for each in '<" x7[' if not any(_holds(one, each) for one in value[1:])][:3]
    else:
        for one, what in value[:6]:
            yield _CATEGORIES[what] if one is sre.CATEGORY else chr(what[0] if one is sre.RANGE else what)


def _holds(one: tuple[Any, Any], letter: str) -> bool:
    kind, value = one
    if kind is sre.LITERAL:
        return bool(ord(letter) == value)
    if kind is sre.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    return re.fullmatch(f"[{ {v: k for k, v in _NAMES.items()}[value] }]", letter) is not None


_NAMES = {
    r"\d": sre.CATEGORY_DIGIT, r"\D": sre.CATEGORY_NOT_DIGIT, r"\s": sre.CATEGORY_SPACE,
    r"\S": sre.CATEGORY_NOT_SPACE, r"\w": sre.CATEGORY_WORD, r"\W": sre.CATEGORY_NOT_WORD,
}  # fmt: skip


def _parts(kind: Any, value: Any) -> list[Any]:
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is sre.SUBPATTERN:
        return [value[3]]
    if kind is sre.BRANCH:
        return list(value[1])
    if kind in (sre.ASSERT, sre.ASSERT_NOT):
        return [value[1]]
    if kind is sre.ATOMIC_GROUP:
        return [value]
    if kind is sre.GROUPREF_EXISTS:
        return [part for part in value[1:] if part]
    return []


def _beginnings(items: list[Any], before: str = "") -> Iterator[str]:
    """What a pattern takes up to each of its parts, in each of its alternatives: whole matches too."""
    for kind, value in items:
        if kind is sre.BRANCH:
            for part in list(value[1])[:8]:
                yield from _beginnings(list(part), before)
        elif kind in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
            yield from _beginnings(list(value[3] if kind is sre.SUBPATTERN else value), before)
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            yield from _beginnings(list(value[2]), before)
        before += _sample([(kind, value)])
        if before.strip():
            yield before


def _sample(items: Any) -> str:
    """A short text that these parts of a pattern take; assertions are not heeded."""
    text = ""
    for kind, value in items:
        if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY):
            text += next(iter(_taken(kind, value)), "")
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            text += _sample(value[2]) * max(1, min(value[0], 20))
        elif kind is sre.BRANCH:
            text += _sample(value[1][0])
        elif kind is sre.SUBPATTERN:
            text += _sample(value[3])
        elif kind is sre.ATOMIC_GROUP:
            text += _sample(value)
    return text


def grows(work: Callable[[int], object]) -> float:
    """How much faster the CPU time of ``work(characters)`` grows than the text: 1 is linear, 0 too short."""
    if _ratio(work, SHORT, 1) <= LINEAR:
        return 0.0
    length = SHORT
    while length * TIMES <= LONGEST and _time(work, length) < 20 * SEEN:
        length *= 2
    return min(_ratio(work, length, 3) for _ in range(2))


def _ratio(work: Callable[[int], object], length: int, rounds: int) -> float:
    longer = min(_time(work, length * TIMES) for _ in range(rounds))
    if longer < SEEN:
        return 0.0
    shorter = min(_time(work, length) for _ in range(rounds + 1))
    return longer / max(shorter, 1e-6) / TIMES


def _time(work: Callable[[int], object], length: int) -> float:
    start = thread_time()
    work(length)
    return thread_time() - start
