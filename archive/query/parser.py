"""The pieces of a query put together: text for the index as a tree, conditions for the tables, and problems."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.clock import HANOI
from archive.query.lexer import Lexer, Piece, clean
from archive.query.place_names import PlaceNames, with_places
from archive.query.tree import And, Filter, FilterField, Near, Node, Not, Or, Phrase, When, both, either
from archive.text import words

MAX_WORDS = 100
MAX_DEPTH = 12
MIN_PREFIX = 2  # letters before *; one letter would gather a tenth of all words of the index

_FILTERS: dict[str, FilterField] = {"source": "source", "topic": "topic", "place": "place", "org": "org"}
_DATE = re.compile(
    r"(?:(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?|(?:(?:(?P<d2>\d{1,2})[/.-])?(?P<m2>\d{1,2})[/.-])(?P<y2>\d{4}))"
)


@dataclass(slots=True)
class Parsed:
    """What a query asks for; ``problems`` are keys of words (``query.problem.KEY``) with what they name."""

    node: Node | None = None
    without: Node | None = None
    filters: list[Filter] = field(default_factory=list)
    after: datetime | None = None
    before: datetime | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.node or self.filters or self.after or self.before)

    def problem(self, key: str, what: str = "") -> None:
        """Note a problem once."""
        if (key, what) not in self.problems:
            self.problems.append((key, what))


def day_of(text: str) -> datetime | None:
    """The first moment (Hanoi) of ``2026-01-31``, ``31/1/2026``, ``2026-01``, ``1/2026``, ``2026``; or None."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        return None
    year, month, day = (
        match["y"] or match["y2"],
        match["m"] or match["m2"] or 1,
        match["d"] or match["d2"] or 1,
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
    _separate(_Reader(pieces, places, parsed).either(), parsed)
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


def _separate(tree: Node | None, parsed: Parsed) -> None:
    """Put conditions that hold for the whole query into ``parsed``, and the text that is left as ``node``.

    When all text is excluded text, it is kept as ``without``: filters then name what it is taken from.
    """
    parts = tree.parts if isinstance(tree, And) else (tree,) if tree else ()
    kept = [part for part in parts if not _condition(part, parsed)]
    text = [clean for part in kept if (clean := _text_only(part, parsed))]
    wanted = [clean for part in text if not isinstance(part, Not) and (clean := _anchored(part, parsed))]
    unwanted = [
        Not(clean) for part in text if isinstance(part, Not) and (clean := _anchored(part.part, parsed))
    ]
    if wanted:
        parsed.node = both([*wanted, *unwanted])
    elif unwanted:
        parsed.without = either(part.part for part in unwanted)
        if not (parsed.filters or parsed.after or parsed.before):
            parsed.problem("only_not")


def _condition(part: Node, parsed: Parsed) -> bool:
    """Take a part that is a filter or a day, or several filters of one field joined by OR."""
    negated = isinstance(part, Not)
    one = part.part if isinstance(part, Not) else part
    if isinstance(one, Or):
        one = _joined(one) or one
    if isinstance(one, Filter):
        parsed.filters.append(Filter(one.field, one.values, negated))
    elif isinstance(one, When):
        _day(one, negated, parsed)
    return isinstance(one, Filter | When)


def _joined(one: Or) -> Filter | None:
    filters = [part for part in one.parts if isinstance(part, Filter)]
    if len(filters) < len(one.parts) or len({part.field for part in filters}) > 1:
        return None
    return Filter(filters[0].field, tuple(value for part in filters for value in part.values))


def _day(when: When, negated: bool, parsed: Parsed) -> None:
    if (when.field == "after") != negated:
        parsed.after = max(parsed.after, when.day) if parsed.after else when.day
    else:
        parsed.before = min(parsed.before, when.day) if parsed.before else when.day


def _text_only(part: Node, parsed: Parsed) -> Node | None:
    """The part without conditions; those in an OR with text are made to hold for the whole query."""
    match part:
        case Filter() | When():
            parsed.problem("filter")
            _condition(part, parsed)
            return None
        case And():
            return both(_text_only(one, parsed) for one in part.parts)
        case Or():
            return either(_text_only(one, parsed) for one in part.parts)
        case Not(part=inside):
            text = _text_only(inside, parsed)
            return Not(text) if text else None
    return part


def _anchored(part: Node, parsed: Parsed) -> Node | None:
    """The part without exclusions that stand alone in an OR or in brackets, with nothing to exclude from."""
    match part:
        case Or():
            return either(_anchored(one, parsed) for one in part.parts)
        case And():
            wanted = both(_anchored(one, parsed) for one in part.parts if not isinstance(one, Not))
            inner = [_anchored(one.part, parsed) for one in part.parts if isinstance(one, Not)]
            return both([wanted, *(Not(one) for one in inner if one)]) if wanted else _alone(parsed)
        case Not():
            return _alone(parsed)
    return part


def _alone(parsed: Parsed) -> Node | None:
    parsed.problem("alone")
    return None
