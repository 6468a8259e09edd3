"""What an edit changed, as a reader would put it: figures, dates, names and document numbers before wording.

Never asked of a near-duplicate hash: to one, «tăng 7,8%» and «tăng 6,8%» are the same text.
"""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import msgspec

from archive.i18n import Words
from archive.revisions.alignment import (
    Field,
    Key,
    Texts,
    Tokenized,
    alike,
    changed_lines,
    compared,
    indexes_in,
    kept,
    stretches,
)
from archive.revisions.side_by_side import Row, side_by_side
from archive.revisions.tokens import Token, unit

__all__ = [
    "Change",
    "Row",
    "Texts",
    "as_json",
    "changed_lines",
    "compare",
    "from_json",
    "headline",
    "side_by_side",
]

Kind = Literal["figure", "date", "name", "document", "wording"]

_VIETNAMESE = Words("vi")
_ORDER: tuple[Kind, ...] = ("figure", "date", "name", "document", "wording")
_FIELDS: tuple[Field, ...] = ("title", "lead", "body")
_SILENT = {".", "…", "•"}  # marks that come and go with the template
_SMALL = 12  # tokens; a longer stretch is new text, in which figures are paired only if the words stayed
_ALIKE = 0.3
_LOOSE_WORDS = "bị đã được và ở tại là có trong cho với của đến từ do theo thì mà hoặc trên"
_LOOSE = frozenset(_LOOSE_WORDS.split())
_LONGEST, _HEADLINE = 200, 60  # characters of a phrase, in a change and in a headline


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an edit changed; ``before`` or ``after`` is "" for what was added or taken out."""

    kind: Kind
    field: Field
    before: str
    after: str


@dataclass(frozen=True)
class _Side:
    """The part of a reading that differs."""

    reading: Tokenized
    indexes: list[int]

    def token(self, index: int) -> Token:
        return self.reading.tokens[index]

    def keys(self, without: set[int]) -> Key:
        tokens = (self.token(at) for at in self.indexes if at not in without)
        return tuple(one.key for one in tokens if one.key not in _SILENT)

    def facts(self) -> list[int]:
        return [at for at in self.indexes if self.token(at).kind not in {"word", "mark"}]

    def phrase(self) -> str:
        """The words themselves; what did not change between them is left out."""
        parts: list[str] = []
        last = None
        for at in self.indexes:
            one = self.token(at)
            if last is not None and at == last + 1:
                parts.append(self.reading.text[self.token(last).end : one.start])
            elif last is not None:
                parts.append(" … ")
            parts.append(self.reading.text[one.start : one.end])
            last = at
        return _short(" ".join("".join(parts).split()), _LONGEST)


def compare(before: Texts, after: Texts, furniture: AbstractSet[int | str] = frozenset()) -> list[Change]:
    """The changes, weightiest first; [] when only furniture, white space or ways of writing differ.

    ``furniture``: lines, and shapes of lines, that are this source's furniture beyond what words tell.
    """
    was, now = compared(before, after, furniture)
    stayed = kept(was, now)
    changes = [
        change
        for field in _FIELDS
        for change in _of_field(field, was[field], now[field], stayed if field != "title" else set())
    ]
    return sorted(dict.fromkeys(changes), key=lambda one: (_ORDER.index(one.kind), _FIELDS.index(one.field)))


def headline(changes: list[Change], words: Words = _VIETNAMESE) -> str:
    """The changes in a few words, such as «7,8% → 6,8%»; "" for none."""
    pairs = list(
        dict.fromkeys((_short(one.before, _HEADLINE), _short(one.after, _HEADLINE)) for one in changes)
    )
    most = 2 if changes and changes[0].kind != "wording" else 1
    first = "; ".join(_phrased(*one, words) for one in pairs[:most])
    return first if len(pairs) <= most else words("changes.more", first=first, n=len(pairs) - most)


def as_json(changes: list[Change]) -> str:
    """The changes as ``versions.changes`` keeps them."""
    return msgspec.json.encode(changes).decode()


def from_json(text: str) -> list[Change]:
    """The changes that :func:`as_json` wrote; raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(text, type=list[Change])


def _phrased(before: str, after: str, words: Words) -> str:
    if before and after:
        return f"{before} → {after}"
    return words("changes.added", what=after) if after else words("changes.removed", what=before)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}…"


def _of_field(field: Field, was: Tokenized, now: Tokenized, stayed: set[Key]) -> Iterator[Change]:
    old, new = indexes_in(was, stayed), indexes_in(now, stayed)
    for i1, i2, j1, j2 in stretches(was, now):
        before = _Side(was, [at for at in range(i1, i2) if at not in old])
        after = _Side(now, [at for at in range(j1, j2) if at not in new])
        if before.keys(set()) != after.keys(set()):
            yield from _of_stretch(field, before, after)


def _of_stretch(field: Field, before: _Side, after: _Side) -> Iterator[Change]:
    """The facts that took each other's place, then the wording around them."""
    old, new = _without_common(before, after)
    small = max(len(before.indexes), len(after.indexes)) <= _SMALL
    close = small or alike(before.keys(set(old)), after.keys(set(new))) >= _ALIKE
    pairs = list(_pairs(before, old, after, new)) if close else []
    a, b = {one for _, one, _ in pairs}, {one for _, _, one in pairs}
    reworded = before.keys(a) != after.keys(b)
    alone = [before.token(at) for at in old] + [after.token(at) for at in new]
    kinds = {kind for kind, _, _ in pairs} | {_kind(one) for one in alone if one.kind != "count"}
    if small and reworded and kinds:
        yield Change(min(kinds, key=_ORDER.index), field, before.phrase(), after.phrase())
        return
    for kind, one, other in pairs:
        yield Change(kind, field, *_shown(before.reading, one, after.reading, other))
    if reworded:
        yield Change("wording", field, before.phrase(), after.phrase())


def _without_common(before: _Side, after: _Side) -> tuple[list[int], list[int]]:
    """The facts of each side that the other has not."""
    mine = Counter(before.token(at).key for at in before.facts())
    theirs = Counter(after.token(at).key for at in after.facts())
    return _surplus(before, mine - theirs), _surplus(after, theirs - mine)


def _surplus(side: _Side, more: Counter[str]) -> list[int]:
    left, out = more.copy(), []
    for at in side.facts():
        if left[side.token(at).key] > 0:
            left[side.token(at).key] -= 1
            out.append(at)
    return out


def _pairs(before: _Side, old: list[int], after: _Side, new: list[int]) -> Iterator[tuple[Kind, int, int]]:
    """Facts of one kind that took each other's place: of one unit first, then in order."""
    for kind in _ORDER[:-1]:
        mine = [at for at in old if _kind(before.token(at)) == kind]
        theirs = [at for at in new if _kind(after.token(at)) == kind]
        rest = []
        for a in mine:
            same = [b for b in theirs if unit(before.token(a)) == unit(after.token(b))]
            if same:
                theirs.remove(same[0])
                yield kind, a, same[0]
            else:
                rest.append(a)
        yield from ((kind, a, b) for a, b in zip(rest, theirs, strict=False))


def _kind(token: Token) -> Kind:
    if token.kind in {"date", "name", "document"}:
        return token.kind
    return "figure" if token.kind in {"figure", "count"} else "wording"


def _shown(was: Tokenized, a: int, now: Tokenized, b: int) -> tuple[str, str]:
    """Both facts with the words that make them plain: «340 lao động», «Kết luận 14»."""
    old, new = was.tokens[a], now.tokens[b]
    if old.kind in {"figure", "count"} and not (unit(old) and unit(new) and old.kind == new.kind):
        more = _common_words(was, a, now, b)
        return _slice(was, a, a + more), _slice(now, b, b + more)
    if old.kind == "document" and old.key.isdigit():
        return _slice(was, _document_start(was, a), a), _slice(now, _document_start(now, b), b)
    return _slice(was, a, a), _slice(now, b, b)


def _common_words(was: Tokenized, a: int, now: Tokenized, b: int) -> int:
    """How many words, two at most, follow both alike."""
    after = zip_longest(was.tokens[a + 1 : a + 3], now.tokens[b + 1 : b + 3])
    count = 0
    for one, other in after:
        if not one or not other or one.kind != "word" or one.key != other.key or one.key in _LOOSE:
            break
        count += 1
    return count


def _document_start(reading: Tokenized, at: int) -> int:
    return max(0, at - (3 if at and reading.tokens[at - 1].key == "số" else 2))


def _slice(reading: Tokenized, first: int, last: int) -> str:
    return _short(reading.text[reading.tokens[first].start : reading.tokens[last].end], _LONGEST)
