"""The pieces of a query put together into one tree; what cannot be meant so is said, not raised."""

import re
from dataclasses import replace
from datetime import datetime

from archive.clock import HANOI
from archive.query.lexer import Lexer, Piece, clean
from archive.query.place_names import PlaceNames, with_places
from archive.query.planner import Parsed, settle
from archive.query.tree import And, Filter, FilterField, Near, Node, Not, Phrase, When, both, either
from archive.text import words

MAX_WORDS = 100
MAX_DEPTH = 12
MIN_PREFIX = 2  # letters before *; one letter would gather a tenth of all words of the index

_FILTERS: dict[str, FilterField] = {"source": "source", "topic": "topic", "place": "place", "org": "org"}
_DATE = re.compile(
    r"(?:(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?|(?:(?:(?P<d2>\d{1,2})[/.-])?(?P<m2>\d{1,2})[/.-])(?P<y2>\d{4}))"
)


def day_of(text: str) -> datetime | None:
    """The first moment (Hanoi) of ``2026-01-31``, ``31/1/2026``, ``2026-01``, ``1/2026``, ``2026``; or None."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    year, month, day = (
        found["y"] or found["y2"],
        found["m"] or found["m2"] or 1,
        found["d"] or found["d2"] or 1,
    )
    try:
        return datetime(int(year), int(month), int(day), tzinfo=HANOI)
    except ValueError:
        return None


def read(text: str, places: PlaceNames | None) -> Parsed:
    """The tree, filters and days of a query, with what was wrong in it."""
    lexer = Lexer(clean(text))
    pieces = lexer.pieces()
    parsed = Parsed()
    if lexer.stray:
        parsed.problems.append(("quote", ""))
    pieces = _balanced(_shortened(pieces, parsed), parsed)
    settle(_Reader(pieces, places, parsed).either(), parsed)
    return parsed


def _shortened(pieces: list[Piece], parsed: Parsed) -> list[Piece]:
    count = 0
    for at, piece in enumerate(pieces):
        count += sum(map(len, piece.phrases))
        if count > MAX_WORDS:
            parsed.problems.append(("long", str(MAX_WORDS)))
            if at == 0:
                return [replace(piece, kind="words", phrases=(piece.phrases[0][:MAX_WORDS],))]
            return pieces[:at]
    return pieces


def _balanced(pieces: list[Piece], parsed: Parsed) -> list[Piece]:
    """The pieces without brackets that have no partner or stand too deep."""
    opened: list[int] = []
    drop: set[int] = set()
    for at, piece in enumerate(pieces):
        if piece.kind == "open":
            opened.append(at)
        elif piece.kind == "close" and opened:
            start = opened.pop()
            drop |= {start, at} if len(opened) >= MAX_DEPTH else set()
        elif piece.kind == "close":
            drop.add(at)
    drop |= set(opened)
    if drop:
        parsed.problems.append(("brackets", ""))
    return [piece for at, piece in enumerate(pieces) if at not in drop]


class _Reader:
    """Recursive descent: parts side by side bind tighter than OR."""

    def __init__(self, pieces: list[Piece], places: PlaceNames | None, parsed: Parsed) -> None:
        self._pieces, self._at = pieces, 0
        self._places, self._parsed = places, parsed
        self._title = False

    def either(self) -> Node | None:
        sides = [self._together()]
        while (piece := self._peek()) and piece.kind == "or":
            self._at += 1
            sides.append(self._together())
        return either(sides)

    def _peek(self) -> Piece | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _together(self) -> Node | None:
        parts: list[Node] = []
        while (piece := self._peek()) and piece.kind not in ("or", "close"):
            self._at += 1
            part = self._one(piece)
            if part is not None:
                parts += part.parts if isinstance(part, And) else [part]
        return both(parts if self._places is None else with_places(parts, self._places))

    def _one(self, piece: Piece) -> Node | None:
        if piece.kind == "and":
            return None
        if piece.kind == "not":
            following = self._peek()
            if following is None or following.kind in ("or", "close", "and", "not"):
                return Phrase(("NOT",), title=self._title)
            self._at += 1
            return _not(self._one(following))
        node = self._group(piece) if piece.kind == "open" else self._leaf(piece)
        return _not(node) if piece.negated else node

    def _group(self, piece: Piece) -> Node | None:
        outer, self._title = self._title, self._title or piece.field == "title"
        inside = self.either()
        self._title = outer
        self._at += 1  # the closing bracket: they are balanced
        return inside

    def _leaf(self, piece: Piece) -> Node | None:
        if piece.field in _FILTERS:
            parts = [piece.raw] if piece.quoted else piece.raw.split(",")
            values = tuple(part.strip() for part in parts if words(part))
            return self._filter(_FILTERS[piece.field], values) if values else None
        if piece.field in ("after", "before"):
            return self._day(piece)
        title = self._title or piece.field == "title"
        alone = len(piece.phrases) == 1
        prefix = piece.prefix and self._long_enough(piece)
        rows = tuple(
            Phrase(row, prefix, title, piece.quoted, piece.raw if alone else "") for row in piece.phrases
        )
        return Near(rows, piece.distance, title) if piece.kind == "near" else both(rows)

    def _filter(self, field: FilterField, values: tuple[str, ...]) -> Filter:
        if field == "place" and self._places is not None:
            known = [name for value in values for name in (value, *self._places.names_for(value))]
            values = tuple(dict.fromkeys(known))
        return Filter(field, values)

    def _long_enough(self, piece: Piece) -> bool:
        long = len(piece.phrases[-1][-1]) >= MIN_PREFIX
        if not long:
            self._parsed.problem("prefix", piece.raw)
        return long

    def _day(self, piece: Piece) -> Node | None:
        day = day_of(piece.raw)
        if day is None:
            self._parsed.problem("date", piece.raw)
            return None
        return When("after" if piece.field == "after" else "before", day)


def _not(node: Node | None) -> Node | None:
    return node.part if isinstance(node, Not) else Not(node) if node else None
