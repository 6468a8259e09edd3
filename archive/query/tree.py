"""A query as a tree: words, phrases and places, joined by And, Or and Not; conditions for the tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from archive.text import marked


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row; one word alone is a phrase too. ``prefix``: the last one may go on.

    ``exactly`` says of each word whether it must stand there with these marks and no others, which of words
    typed without a mark depends on the query; () where only those typed with marks must.
    """

    words: tuple[str, ...]
    prefix: bool = False
    title: bool = False
    quoted: bool = False
    typed: str = field(default="", compare=False)
    exactly: tuple[bool, ...] = ()

    @property
    def meant(self) -> tuple[bool, ...]:
        """Of each word whether its marks are meant as typed."""
        return self.exactly or tuple(map(marked, self.words))

    @property
    def shown(self) -> str:
        """The phrase as typed, for an explanation."""
        return (self.typed or " ".join(self.words)).rstrip("*") + ("…" if self.prefix else "")

    @property
    def joined(self) -> bool:
        """Whether bare words were read as one word of the language."""
        return len(self.words) > 1 and not (self.quoted or self.typed)

    @property
    def plain(self) -> tuple[str, ...]:
        """Its words typed without marks that are meant without."""
        return tuple(
            word for word, exactly in zip(self.words, self.meant, strict=True) if exactly and not marked(word)
        )

    @property
    def mixed(self) -> bool:
        """Whether some words are meant as typed and some with any marks."""
        return len(_kinds(self)) > 1

    @property
    def exact(self) -> bool:
        """Whether a word of it is meant as typed."""
        return True in _kinds(self)


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases in any order with at most ``distance`` words between the first and the last."""

    phrases: tuple[Phrase, ...]
    distance: int
    title: bool = False

    @property
    def mixed(self) -> bool:
        """Whether some words are meant as typed and some with any marks."""
        return len(_kinds(*self.phrases)) > 1


@dataclass(frozen=True, slots=True)
class PlacePhrase:
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


FilterField = Literal["source", "topic", "place", "org", "level", "state", "mark"]


@dataclass(frozen=True, slots=True)
class Filter:
    """One of ``values`` must (``negated``: must not) be the article's source, or among its topics, places …

    Of ``state`` and ``mark`` the values are codes.
    """

    field: FilterField
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """A day of ``after:`` or ``before:``, at its first moment in Hanoi."""

    field: Literal["after", "before"]
    day: datetime


def _kinds(*rows: Phrase) -> set[bool]:
    """As typed or with any marks, for the words that have letters: figures are the same with and without."""
    pairs = (pair for row in rows for pair in zip(row.words, row.meant, strict=True))
    return {exactly for word, exactly in pairs if not word.isdecimal()}


Node = Phrase | Near | PlacePhrase | And | Or | Not | Filter | When


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
        case PlacePhrase():
            yield from node.typed + node.names
        case And() | Or():
            for part in node.parts:
                yield from phrases(part)
