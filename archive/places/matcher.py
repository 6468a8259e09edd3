"""Many names found in one pass over a text: with marks and capitals, longest first, never half a word."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")

_WORD = re.compile(r"\w+")
_JOINS = frozenset({"", "-", "–", "&", "/", "."})  # what may stand between the words of one name


class TextWords:
    """A text cut into words; offsets count in ``text``, which should be as ``archive.text.norm`` gives it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [match.span() for match in _WORD.finditer(text)]

    @cached_property
    def lower(self) -> list[str]:
        low = self.text.lower()
        if len(low) != len(self.text):  # İ and the like change length
            return [self.text[start:end].lower() for start, end in self.spans]
        return [low[start:end] for start, end in self.spans]

    def gap(self, index: int) -> str:
        """What stands between word ``index`` and the next one."""
        return self.text[self.spans[index][1] : self.spans[index + 1][0]]


@dataclass(frozen=True, slots=True)
class NameMatch(Generic[T]):
    """A name found: offsets in the text, index of its first word and of the word after it, and its value."""

    start: int
    end: int
    first: int
    after: int
    value: T


@dataclass(frozen=True, slots=True)
class _Name(Generic[T]):
    words: tuple[str, ...]
    lower: list[str]
    joins: tuple[str, ...]
    capitals: bool
    value: T


class Phrases(Generic[T]):
    """Names with a value each. A capital in a name must be a capital in the text, ABC must be ABC."""

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        self._names: dict[str, list[tuple[str, T]]] = {}  # by first word
        self._ready: dict[str, dict[str, list[_Name[T]]]] = {}  # by first word, then by second («» for none)
        for name, value in names:
            first = _WORD.search(name)
            if not first:
                raise ValueError(f"the name {name!r} has no letters")
            self._names.setdefault(first[0].lower(), []).append((name, value))

    def _starting(self, word: str) -> dict[str, list[_Name[T]]]:
        """The names with this first word, cut when a text first has it: most texts name few of them."""
        if word not in self._ready:
            forms = [_form(name, value) for name, value in self._names[word]]
            seconds: dict[str, list[_Name[T]]] = {}
            for form in sorted(forms, key=lambda form: -len(form.words)):
                seconds.setdefault(form.lower[1] if len(form.lower) > 1 else "", []).append(form)
            self._ready[word] = seconds
        return self._ready[word]

    def find(self, words: TextWords) -> list[NameMatch[T]]:
        """The names in a text from left to right; of two that overlap, the first or the longer."""
        hits: list[NameMatch[T]] = []
        lower, names, ready, free = words.lower, self._names, self._ready, 0
        last = len(lower) - 1
        for at, word in enumerate(lower):
            if word not in names or at < free:
                continue
            seconds = ready.get(word) or self._starting(word)
            longer = seconds.get(lower[at + 1], ()) if at < last else ()
            for form in (*longer, *seconds.get("", ())):
                if _fits(form, words, at):
                    free = at + len(form.words)
                    hits.append(NameMatch(words.spans[at][0], words.spans[free - 1][1], at, free, form.value))
                    break
        return hits


def _form(name: str, value: T) -> _Name[T]:
    words = TextWords(name)
    joins = tuple(words.gap(at).strip() for at in range(len(words.spans) - 1))
    pieces = tuple(name[start:end] for start, end in words.spans)
    return _Name(pieces, words.lower, joins, name.lower() != name, value)


def _fits(form: _Name[T], words: TextWords, at: int) -> bool:
    if words.lower[at : at + len(form.words)] != form.lower:
        return False
    if form.capitals:
        for step, word in enumerate(form.words):
            start, end = words.spans[at + step]
            if not _same_case(word, words.text[start:end]):
                return False
    return all(_joined(words.gap(at + step), join) for step, join in enumerate(form.joins))


def _same_case(word: str, seen: str) -> bool:
    if word == seen or word.islower():
        return True
    if len(word) > 1 and word.isupper():
        return False
    return seen[0].isupper() or not word[0].isupper()


def _joined(gap: str, join: str) -> bool:
    if gap == " ":
        return True
    if "\n" in gap or len(gap) > 3:
        return False
    return gap.strip() == join or (gap.strip() in _JOINS and gap != ". ")
