"""Places with time: what a name in a text means, what a place was and is called (reads config/places.yml)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from archive.config import ConfigError, as_block, load_yaml, only_keys
from archive.model import MentionKind
from archive.places.guards import Guard, NameFinder, Span
from archive.places.matcher import Phrases, TextWords
from archive.text import fold, norm

Needs = Literal["", "unit", "near", "both"]

_UNIT_WORDS = ("tỉnh", "thành phố", "thị xã", "thị trấn", "huyện", "phường", "xã", "tp", "tp.")
_PARK_KINDS = {
    "KCN": ("KCN", "Khu công nghiệp", "khu công nghiệp"),
    "CCN": ("CCN", "Cụm công nghiệp", "cụm công nghiệp"),
}


class Rank(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a place was called in a time: ``kind`` is huyện, thị xã, thành phố, phường …"""

    kind: str
    since: date | None = None
    until: date | None = None


class _Block(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    kind: str = ""
    also: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    inside: str = ""
    needs: Needs = ""
    ranks: tuple[Rank, ...] = ()
    shared: bool = False
    units: dict[str, tuple[str, ...]] = {}
    theme: str = ""
    home: bool = False
    unless: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    role: str = ""


class _Province(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    merged: date
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place, organisation or person; ``kind`` is what it is called, ``group`` the block it stands in.

    ``since`` and ``until`` are the first and last day the name was in force (None: no limit known).
    """

    key: str
    name: str
    group: str
    kind: str = ""
    also: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    inside: str = ""
    needs: Needs = ""
    ranks: tuple[Rank, ...] = ()
    theme: str = ""
    home: bool = False
    units: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()

    @property
    def mention(self) -> MentionKind:
        """Which kind of mention it makes."""
        if self.group == "people":
            return "person"
        return "organisation" if self.group == "organisations" else "place"

    def called(self, on: date) -> str:
        """What the place was called on a day: Phổ Yên was huyện, thị xã, thành phố and is phường now."""
        for rank in self.ranks:
            if (rank.since is None or rank.since <= on) and (rank.until is None or on <= rank.until):
                return rank.kind
        return self.kind


class Gazetteer:
    """The places of one config file: finds them in texts, and knows their other names.

    ``papers`` are the keys of the sources that are the province's own; ``merged`` is when Bắc Kạn joined it.
    """

    def __init__(
        self,
        places: Iterable[Place],
        elsewhere: Iterable[str],
        guards: Iterable[Guard],
        merged: date,
        papers: Iterable[str] = (),
    ) -> None:
        self.papers = frozenset(papers)
        self.elsewhere = tuple(elsewhere)
        self.guards = tuple(guards)
        self.places = tuple(places)
        self.merged = merged
        self._by_name: dict[str, list[Place]] = {}
        self._by_fold: dict[str, list[Place]] = {}
        self._reader = NameFinder(Phrases(self._forms(self.elsewhere)), self.guards, merged)
        for place in self.places:
            for name in (place.name, *place.also, *place.sure):
                self._by_name.setdefault(norm(name).lower(), []).append(place)
                self._by_fold.setdefault(fold(name), []).append(place)

    @property
    def home(self) -> str:
        """The name of the province that the archive is of; '' where the file names none."""
        return next((place.name for place in self.places if place.group == "province" and place.home), "")

    def _forms(self, elsewhere: Iterable[str]) -> Iterator[tuple[str, Span]]:
        seen: set[str] = set()
        for place in self.places:
            span = Span(
                0, 0, place.name, place.mention, place.group, place.needs, place.theme, place.home,
                place.inside, place.unless, place.given,
            )  # fmt: skip
            for form in place.sure:
                seen.add(norm(form))
                yield norm(form), replace(span, needs="")
            for form in _spellings(place):
                if norm(form) not in seen:
                    seen.add(norm(form))
                    yield norm(form), span
        for name in elsewhere:
            if norm(name) not in seen:
                yield norm(name), Span(0, 0, name, "place", "elsewhere")

    def find(self, text: str | TextWords, on: date | None = None) -> list[Span]:
        """What a text names, from left to right; offsets count in ``norm(text)``, or in that of the words.

        ``on`` is the day of the text in Hà Nội: before 1 July 2025 Bắc Kạn was another province; a text
        without a day is read as one of today. A span of weight 0 was set aside; its ``reason`` says why.
        """
        return self._reader.read(text if isinstance(text, TextWords) else TextWords(norm(text)), on)

    @cached_property
    def enough(self) -> tuple[str, ...]:
        """Every spelling that can say alone that a text names the province: what a raw page is searched for."""
        return tuple(
            form
            for form, span in self._forms(())
            if span.group != "people" and (span.needs in {"", "unit"} or span.given)
        )

    def named(self, name: str) -> tuple[Place, ...]:
        """The places of that name; marks, when typed, must match; its kind (xã, huyện …) may stand before."""
        wanted = norm(" ".join(name.split())).lower()
        for form in _without_kind(wanted):
            result = self._by_name.get(form) or (self._by_fold.get(form) if form == fold(form) else None)
            if result:
                return tuple(dict.fromkeys(result))
        return ()

    def names_for(self, name: str) -> tuple[str, ...]:
        """All names to search for when someone asks for a place: its own, what it was made of, what it became.

        Old and new names are both given (1 July 2025). What a district became is left out where the new name
        stands elsewhere too. () when the name is no place known here.
        """
        names: dict[str, str] = {}
        match = self.named(name)
        kin = [each for place in match if place.group == match[0].group for each in self._kin(place)]
        for place in match:
            for each in (place.name, *place.also, *place.sure):
                names.setdefault(norm(each).lower(), each)
        for each in kin:
            names.setdefault(norm(each).lower(), each)
        marked = {fold(key) for key in names if key != fold(key)}
        return tuple(each for key, each in names.items() if key not in marked)

    def _kin(self, place: Place) -> Iterator[str]:
        if place.group == "communes":
            yield from (unit for unit in place.units if unit != place.name)
        for other in self.places:
            if other.group == "communes" and _grew_from(other, place):
                yield other.name


def _grew_from(commune: Place, place: Place) -> bool:
    if place.group == "old_units":
        return place.name in commune.units
    whole = place.group == "districts" and not place.key.startswith("tp-")
    return whole and commune.needs != "both" and place.key in commune.inside.split()


def _spellings(place: Place) -> Iterator[str]:
    for name in (place.name, *place.also):
        kind, _, bare = name.partition(" ")
        if place.group != "parks":
            yield name
        elif kind in _PARK_KINDS:
            yield from (f"{prefix} {bare}" for prefix in _PARK_KINDS[kind])
        elif "công nghiệp" in name.lower() or "công nghệ" in name.lower() or name == fold(name).title():
            yield name
        else:
            kind = place.name.partition(" ")[0]
            yield from (f"{prefix} {name}" for prefix in _PARK_KINDS.get(kind, ("",)))


def _without_kind(name: str) -> Iterator[str]:
    yield name
    for unit in (*_UNIT_WORDS, *map(fold, _UNIT_WORDS)):
        if name.startswith(unit + " "):
            yield name[len(unit) + 1 :]


def load_places(path: Path) -> Gazetteer:
    """The gazetteer a places.yml holds. Raises ConfigError naming file, block and key."""
    data = load_yaml(path)
    only_keys(path, "", data, {"province", "papers", "old_provinces", "alone", "elsewhere", "guards", *_GROUPS})
    province = as_block(path, "province", data.get("province"), _Province)
    places = [Place("thai-nguyen", province.name, "province", "tỉnh", province.also, home=True)]
    for group in ("old_provinces", *_GROUPS):
        for key, block in _entries(path, group, data):
            places.append(_place(group, key, block, province.merged))
    places.extend(_old_units(places, data.get("communes") or {}))
    places = _alone(places, _words(path, "alone", data))
    elsewhere, papers = _words(path, "elsewhere", data), _words(path, "papers", data)
    return Gazetteer(places, elsewhere, _guards(path, data), province.merged, papers)


_COMMUNES = frozenset({"communes", "old_units"})
_GROUPS = ("districts", "communes", "parks", "organisations", "people")


def _entries(path: Path, group: str, data: dict[str, object]) -> Iterator[tuple[str, _Block]]:
    blocks = data.get(group) or {}
    if not isinstance(blocks, dict):
        raise ConfigError(f"{path}: {group}: expected `key: {{name: …}}` lines")
    for key, block in blocks.items():
        yield str(key), as_block(path, f"{group}.{key}", block, _Block)


def _place(group: str, key: str, block: _Block, merged: date) -> Place:
    units = tuple(unit for names in block.units.values() for unit in names)
    needs: Needs = block.needs
    inside, since = block.inside, block.since
    if group == "communes":
        needs = "both" if block.shared else "unit"
        inside = " ".join(fold(district).replace(" ", "-") for district in block.units)
        since = since or merged
    elif group == "people":
        needs = "near"
    return Place(
        key, block.name, group, block.kind or block.role, block.also, since, block.until, inside, needs,
        block.ranks, block.theme, block.home, units, block.unless, block.given, block.sure,
    )  # fmt: skip


def _old_units(places: list[Place], communes: dict[str, dict[str, object]]) -> Iterator[Place]:
    taken = {place.name for place in places}
    for block in communes.values():
        districts = block.get("units")
        for district, names in districts.items() if isinstance(districts, dict) else ():
            for name in names:
                if name not in taken:
                    taken.add(name)
                    inside = fold(district).replace(" ", "-")
                    yield Place(
                        fold(name).replace(" ", "-"), name, "old_units", "xã", inside=inside, needs="both"
                    )


def _without_need(place: Place) -> Place:
    return replace(place, needs="") if place.group in _COMMUNES else place


def _alone(places: list[Place], names: list[str]) -> list[Place]:
    """The places, without a need where the name stands nowhere else; a name not among them is an old unit."""
    known = {place.name for place in places if place.group in _COMMUNES}
    more = (name for name in names if name not in known)
    return [
        *(_without_need(place) if place.name in names else place for place in places),
        *(Place(fold(name).replace(" ", "-"), name, "old_units", "xã") for name in more),
    ]


def _words(path: Path, key: str, data: dict[str, object]) -> list[str]:
    words = data.get(key) or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"{path}: {key}: expected a list of names")
    return words


def _guards(path: Path, data: dict[str, object]) -> list[Guard]:
    guards = data.get("guards") or {}
    if not isinstance(guards, dict):
        raise ConfigError(f"{path}: guards: expected `name: {{leaves: …}}` lines")
    return [as_block(path, f"guards.{key}", block, Guard) for key, block in guards.items()]
