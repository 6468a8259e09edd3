"""The tokens of a query put together: text for the index as a tree, conditions for the tables, and problems."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.clock import HANOI
from archive.query.lexer import STRICT, Lexer, QueryToken, clean, codes_for, values_of
from archive.query.lexicon import Lexicon, Word, starting
from archive.query.place_names import PlaceNames, with_places
from archive.query.tree import And, Filter, FilterField, Near, Node, Not, Or, Phrase, When, both, either
from archive.text import marked

MAX_WORDS = 100
MAX_LENGTH = 20_000  # characters
MAX_TOKENS = 500  # operators included, brackets not
MAX_PROBLEMS, _LONGEST_NAMED = 10, 100
MAX_DEPTH = 12
MIN_PREFIX = 2  # letters before *; one letter would gather a tenth of all words of the index

_FILTERS: dict[str, FilterField] = {
    "source": "source", "topic": "topic", "place": "place", "org": "org", "level": "level",
    "state": "state", "mark": "mark",
}  # fmt: skip
_DATE = re.compile(
    r"(?:(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?|(?:(?:(?P<d2>\d{1,2})[/.-])?(?P<m2>\d{1,2})[/.-])(?P<y2>\d{4}))"
)


@dataclass(slots=True)
class Parsed:
    """What a query asks for; ``problems`` are keys of words (``query.problem.KEY``) with what they name.

    ``words`` are its words in order, quoted phrases whole; ``together``: those that were joined of bare ones.
    """

    node: Node | None = None
    without: Node | None = None
    filters: list[Filter] = field(default_factory=list)
    after: datetime | None = None
    before: datetime | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    together: list[Word] = field(default_factory=list)

    @property
    def plain(self) -> tuple[str, ...]:
        """The words typed without marks that are meant without, each once."""
        pairs = (pair for word in self.words for pair in zip(*word, strict=True))
        return tuple(dict.fromkeys(one for one, exactly in pairs if exactly and not marked(one)))

    @property
    def asks(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.node or self.filters or self.after or self.before)

    def problem(self, key: str, what: str = "") -> None:
        """Note a problem once; of very many the first."""
        named = what if len(what) <= _LONGEST_NAMED else f"{what[:_LONGEST_NAMED]}…"
        if (key, named) not in self.problems and len(self.problems) < MAX_PROBLEMS:
            self.problems.append((key, named))


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


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How the words of a query are read: ``apart``: each for itself; ``any_marks``: those typed without marks
    may bear any, whatever the others bear.
    """

    lexicon: Lexicon | None = None
    apart: bool = False
    any_marks: bool = False


def read(text: str, places: PlaceNames | None, how: ReadAs | None = None, *, desk: bool = False) -> Parsed:
    """The tree, filters and days of a query, with what was wrong in it; ``desk``: whether marks are known."""
    lexer = Lexer(clean(text[:MAX_LENGTH]), desk=desk)
    tokens = lexer.tokens()
    parsed = Parsed()
    if len(text) > MAX_LENGTH:
        parsed.problem("cut", str(MAX_LENGTH))
    if lexer.stray:
        parsed.problems.append(("quote", ""))
    for typed in lexer.as_text:
        parsed.problem("as_text", typed)
    tokens = _balanced(_shortened(tokens, parsed), parsed)
    _separate(_Reader(tokens, places, parsed, how or ReadAs()).either(), parsed)
    return parsed


def _bears_marks(tokens: list[QueryToken]) -> bool:
    """Whether any word of the text looked for is typed with marks."""
    rows = [row for token in tokens if token.field in ("", "title") for row in token.phrases]
    return any(marked(word) for row in rows for word in row)


def _shortened(tokens: list[QueryToken], parsed: Parsed) -> list[QueryToken]:
    count = marks = 0
    for at, token in enumerate(tokens):
        count += sum(map(len, token.phrases))
        marks += token.kind not in ("open", "close")
        if count > MAX_WORDS or marks > MAX_TOKENS:
            parsed.problems.append(("long", str(MAX_WORDS)))
            if at == 0:
                return [replace(token, kind="words", phrases=(token.phrases[0][:MAX_WORDS],))]
            return tokens[:at]
    return tokens


def _balanced(tokens: list[QueryToken], parsed: Parsed) -> list[QueryToken]:
    """The tokens without brackets that have no partner or stand too deep."""
    opened: list[int] = []
    drop: set[int] = set()
    for at, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(at)
        elif token.kind == "close" and opened:
            start = opened.pop()
            drop |= {start, at} if len(opened) >= MAX_DEPTH else set()
        elif token.kind == "close":
            drop.add(at)
    drop |= set(opened)
    if drop:
        parsed.problems.append(("brackets", ""))
    return [token for at, token in enumerate(tokens) if at not in drop]


class _Reader:
    """Recursive descent: parts side by side bind tighter than OR."""

    def __init__(
        self, tokens: list[QueryToken], places: PlaceNames | None, parsed: Parsed, how: ReadAs
    ) -> None:
        self._tokens, self._at = tokens, 0
        self._places, self._parsed = places, parsed
        self._title = False
        self._lexicon, self._apart = how.lexicon or starting(), how.apart
        self._marks = not how.any_marks and _bears_marks(tokens)

    def either(self) -> Node | None:
        sides = [self._together()]
        while (token := self._peek()) and token.kind == "or":
            self._at += 1
            sides.append(self._together())
        return either(sides)

    def _peek(self) -> QueryToken | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _together(self) -> Node | None:
        parts: list[Node] = []
        while (token := self._peek()) and token.kind not in ("or", "close"):
            if token.bare:
                parts += self._side_by_side()
                continue
            self._at += 1
            part = self._one(token)
            if part is not None:
                parts += part.parts if isinstance(part, And) else [part]
        return both(parts if self._places is None else with_places(parts, self._places))

    def _side_by_side(self) -> list[Node]:
        """Bare words up to where something stands between them, as words of the language."""
        run: list[QueryToken] = []
        while (token := self._peek()) and token.bare and not (run and run[-1].ends):
            run.append(token)
            self._at += 1
        typed = iter(token.raw for token in run)
        parts: list[Node] = []
        for word in self._cut(tuple(token.phrases[0][0] for token in run)):
            each = [Word((one,), (exactly,)) for one, exactly in zip(*word, strict=True)]
            self._parsed.together += [word] if len(each) > 1 and not self._apart else []
            for one in each if self._apart else [word]:
                raw = [next(typed) for _ in one.syllables]
                parts.append(self._phrase(one, typed=raw[0] if len(raw) == 1 else ""))
                self._parsed.words.append(one)
        return parts

    def _cut(self, syllables: tuple[str, ...]) -> list[Word]:
        named = self._places.names_for if self._places else None
        return self._lexicon.words(syllables, marks=self._marks, named=named)

    def _phrase(
        self, word: Word, *, title: bool = False, quoted: bool = False, prefix: bool = False, typed: str = ""
    ) -> Phrase:
        as_usual = word.exactly == tuple(map(marked, word.syllables))
        exactly = () if as_usual else word.exactly
        return Phrase(word.syllables, prefix, title or self._title, quoted, typed, exactly)

    def _row(self, row: tuple[str, ...], *, prefix: bool) -> Word:
        """A phrase as typed; of a word cut short only typed marks are known."""
        exactly = tuple(one for word in self._cut(row) for one in word.exactly)
        word = Word(row, (*exactly[:-1], marked(row[-1])) if prefix else exactly)
        self._parsed.words.append(word)
        return word

    def _one(self, token: QueryToken) -> Node | None:
        if token.kind == "and":
            return None
        if token.kind == "not":
            following = self._peek()
            if following is None or following.kind in ("or", "close", "and", "not"):
                return Phrase(("NOT",), title=self._title)
            self._at += 1
            return _not(self._one(following))
        node = self._group(token) if token.kind == "open" else self._leaf(token)
        return _not(node) if token.negated else node

    def _group(self, token: QueryToken) -> Node | None:
        outer, self._title = self._title, self._title or token.field == "title"
        inside = self.either()
        self._title = outer
        self._at += 1  # the closing bracket: they are balanced
        return inside

    def _leaf(self, token: QueryToken) -> Node | None:
        if token.field in _FILTERS:
            values = values_of(token.raw, quoted=token.quoted)
            return self._filter(_FILTERS[token.field], values) if values else None
        if token.field in ("after", "before"):
            return self._day(token)
        title = self._title or token.field == "title"
        prefix = token.prefix and self._long_enough(token)
        typed = token.raw if len(token.phrases) == 1 else ""
        rows = tuple(
            self._phrase(
                self._row(row, prefix=prefix), title=title, quoted=token.quoted, prefix=prefix, typed=typed
            )
            for row in token.phrases
        )
        return Near(rows, token.distance, title) if token.kind == "near" else both(rows)

    def _filter(self, field: FilterField, values: tuple[str, ...]) -> Filter:
        if field in STRICT:
            values = tuple(dict.fromkeys(code for value in values for code in codes_for(field, value)))
        if field == "place" and self._places is not None:
            known = [name for value in values for name in (value, *self._places.names_for(value))]
            values = tuple(dict.fromkeys(known))
        return Filter(field, values)

    def _long_enough(self, token: QueryToken) -> bool:
        long = len(token.phrases[-1][-1]) >= MIN_PREFIX
        if not long:
            self._parsed.problem("prefix", token.raw)
        return long

    def _day(self, token: QueryToken) -> Node | None:
        day = day_of(token.raw)
        if day is None:
            self._parsed.problem("date", token.raw)
            return None
        return When("after" if token.field == "after" else "before", day)


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
