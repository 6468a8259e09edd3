"""Words of a query that are the name of a place, joined with the old and new names of that place."""

from collections.abc import Iterator
from itertools import groupby
from typing import Protocol

from archive.query.tree import Node, Not, Phrase, PlacePhrase
from archive.text import fold, marked, norm, words

LONGEST = 6  # words of a place's name


class PlaceNames(Protocol):
    """Who knows the old and new names of a place (``archive.places.gazetteer.Gazetteer``)."""

    def names_for(self, name: str) -> tuple[str, ...]:
        """All names of the place that is called so; () when none is."""


def with_places(parts: list[Node], places: PlaceNames) -> list[Node]:
    """The parts with each run of plain words, or phrase, that names a place made a ``PlacePhrase``.

    What was typed keeps its meaning; the other names are added as phrases, so an expansion never loses a hit.
    """
    joined: list[Node] = []
    for plain, group in groupby(parts, _plain):
        run = list(group)
        joined += _runs(run, places) if plain else [_whole(part, places) for part in run]
    return joined


def _plain(part: Node) -> bool:
    return isinstance(part, Phrase) and not part.quoted and not part.prefix and len(part.words) == 1


def _runs(parts: list[Node], places: PlaceNames) -> Iterator[Node]:
    run = [part for part in parts if isinstance(part, Phrase)]
    at = 0
    while at < len(run):
        for end in range(min(len(run), at + LONGEST), at + 1, -1):
            if place := _place(tuple(run[at:end]), places):
                yield place
                at = end
                break
        else:
            yield run[at]
            at += 1


def _whole(part: Node, places: PlaceNames) -> Node:
    match part:
        case Phrase(prefix=False) if part.quoted or len(part.words) > 1:
            return _place((part,), places) or part
        case Not(part=Phrase(quoted=True, prefix=False) as excluded):
            return Not(_place((excluded,), places) or excluded)
    return part


def _place(typed: tuple[Phrase, ...], places: PlaceNames) -> PlacePhrase | None:
    name = " ".join(word for phrase in typed for word in phrase.words)
    others = [words(other) for other in places.names_for(name) if not _covers(name, other)]
    title = typed[0].title
    names = tuple(
        Phrase(tuple(other), title=title, quoted=True, exactly=(any(map(marked, other)),) * len(other))
        for other in others
        if other
    )
    return PlacePhrase(typed, names) if names else None


def _covers(typed: str, name: str) -> bool:
    """Whether looking for what was typed finds the name anyway."""
    return fold(typed) == fold(name) if not marked(typed) else norm(typed).lower() == norm(name).lower()
