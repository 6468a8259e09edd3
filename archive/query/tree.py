"""A query as a tree of words, and the two FTS5 expressions made from it.

A word typed with a mark is looked up in the exact columns, one without in the folded ones. A phrase that
mixes both kinds cannot be said in one FTS5 phrase, so it is said twice: *wide* (every hit is in it: the folded
phrase, and its marked words exactly) and *sure* (all in it are hits: the phrase exactly as typed). Only what
is wide and not sure has to be looked at in Python; see ``archive.search.match``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal

from archive.text import fold, marked, nfc, norm

EXACT, FOLDED = ("title", "body"), ("title_f", "body_f")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row; one word alone is a phrase too. ``prefix``: the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False
    title: bool = False
    quoted: bool = False
    typed: str = field(default="", compare=False)

    @property
    def shown(self) -> str:
        """The phrase as typed, for an explanation."""
        return (self.typed or " ".join(self.words)).rstrip("*") + ("…" if self.prefix else "")

    @property
    def mixed(self) -> bool:
        """Whether some words carry marks and some do not."""
        return len(_kinds(self)) > 1

    @property
    def exact(self) -> bool:
        """Whether a word of it carries a mark."""
        return True in _kinds(self)


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases in any order with at most ``distance`` words between the first and the last."""

    phrases: tuple[Phrase, ...]
    distance: int
    title: bool = False

    @property
    def mixed(self) -> bool:
        """Whether some words carry marks and some do not."""
        return len(_kinds(*self.phrases)) > 1


@dataclass(frozen=True, slots=True)
class Place:
    """A place as typed, and the other names it has or had."""

    typed: tuple[Phrase, ...]
    names: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All parts must hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One part must hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: "Node"


FilterField = Literal["source", "topic", "place", "org"]


@dataclass(frozen=True, slots=True)
class Filter:
    """One of ``values`` must (``negated``: must not) be the article's source, or among its topics, places …"""

    field: FilterField
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """A day of ``after:`` or ``before:``, at its first moment in Hanoi."""

    field: Literal["after", "before"]
    day: datetime


def _kinds(*rows: Phrase) -> set[bool]:
    """Marked or not, for the words that have letters: figures are the same with and without."""
    return {marked(word) for row in rows for word in row.words if not word.isdecimal()}


Node = Phrase | Near | Place | And | Or | Not | Filter | When


def both(parts: Iterable["Node | None"]) -> "Node | None":
    """The parts that are there under one flat ``And``; one part alone as it is, None for none."""
    return _flat(And, parts)


def either(parts: Iterable["Node | None"]) -> "Node | None":
    """The parts that are there under one flat ``Or``; one part alone as it is, None for none."""
    return _flat(Or, parts)


def _flat(kind: type[And] | type[Or], parts: Iterable["Node | None"]) -> "Node | None":
    flat: list[Node] = []
    for part in parts:
        if part is not None:
            flat += part.parts if isinstance(part, kind) else [part]
    flat = list(dict.fromkeys(flat))
    return kind(tuple(flat)) if len(flat) > 1 else flat[0] if flat else None


def phrases(node: Node) -> Iterator[Phrase]:
    """The phrases that must or may occur, in the order typed; excluded ones left out."""
    match node:
        case Phrase():
            yield node
        case Near():
            yield from node.phrases
        case Place():
            yield from node.typed + node.names
        case And() | Or():
            for part in node.parts:
                yield from phrases(part)


def mixed(node: Node) -> bool:
    """Whether the wide and the sure expression differ."""
    match node:
        case Phrase() | Near():
            return node.mixed
        case Place():
            return any(phrase.mixed for phrase in node.typed + node.names)
        case And() | Or():
            return any(mixed(part) for part in node.parts)
        case Not():
            return mixed(node.part)
        case _:
            return False


def expression(node: Node, wide: bool) -> str:
    """The FTS5 expression of a tree; an ``And`` must hold at least one part that is not a ``Not``."""
    match node:
        case Phrase():
            return _phrase(node, wide)
        case Near():
            return _near(node, wide)
        case Place():
            typed = _joined(" AND ", [_phrase(phrase, wide) for phrase in node.typed])
            return _joined(" OR ", [typed, *(_phrase(name, wide) for name in node.names)])
        case Or():
            return _joined(" OR ", [expression(part, wide) for part in node.parts])
        case And():
            wanted = _joined(" AND ", [expression(p, wide) for p in node.parts if not isinstance(p, Not)])
            unwanted = [expression(p.part, not wide) for p in node.parts if isinstance(p, Not)]
            return f"({wanted} NOT {_joined(' OR ', unwanted)})" if unwanted else wanted
        case _:
            raise ValueError(f"no FTS5 expression for {type(node).__name__} alone")


def _joined(word: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})"


def _columns(exact: bool, title: bool) -> str:
    columns = EXACT if exact else FOLDED
    return "{" + " ".join(columns[:1] if title else columns) + "} : "


def _phrase(phrase: Phrase, wide: bool) -> str:
    if not phrase.mixed:
        return _exact(phrase) if phrase.exact else _folded(phrase)
    if not wide:
        return _exact(phrase)
    return _joined(" AND ", [_folded(phrase), *map(_exact, _marked_runs(phrase))])


def _marked_runs(phrase: Phrase) -> list[Phrase]:
    at, runs = 0, []
    for is_marked, group in groupby(phrase.words, marked):
        run = tuple(group)
        at += len(run)
        if is_marked:
            runs.append(Phrase(run, phrase.prefix and at == len(phrase.words), phrase.title))
    return runs


def _folded(phrase: Phrase) -> str:
    return _columns(False, phrase.title) + _quoted(fold, phrase)


def _exact(phrase: Phrase) -> str:
    columns = _columns(True, phrase.title)
    forms = [_quoted(norm, phrase)]
    if phrase.prefix and (as_typed := _quoted(nfc, phrase)) != forms[0]:
        forms.append(as_typed)  # hoà* also means hoàn, which the new tone placement (hòa) would lose
    return _joined(" OR ", [columns + form for form in forms])


def _quoted(form: Callable[[str], str], phrase: Phrase) -> str:
    text = " ".join(form(word) for word in phrase.words)
    return f'"{text}" *' if phrase.prefix else f'"{text}"'


def _near(near: Near, wide: bool) -> str:
    if not near.mixed:
        return _near_in(near, any(phrase.exact for phrase in near.phrases))
    if not wide:
        return _near_in(near, True)
    exact = [_exact(run) for phrase in near.phrases for run in _marked_runs(phrase)]
    return _joined(" AND ", [_near_in(near, False), *exact])


def _near_in(near: Near, exact: bool) -> str:
    inside = " ".join(_quoted(norm if exact else fold, phrase) for phrase in near.phrases)
    return f"{_columns(exact, near.title)}NEAR({inside}, {near.distance})"
