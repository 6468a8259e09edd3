"""A query's tree parted into conditions for the tables and text for the index; what can be neither is named."""

from dataclasses import dataclass, field
from datetime import datetime

from archive.query.tree import And, Filter, Node, Not, Or, When, both, either


@dataclass(slots=True)
class Parsed:
    """What a query was found to be; ``problems`` are keys of ``Wording.problems`` with what they name."""

    node: Node | None = None
    without: Node | None = None
    filters: list[Filter] = field(default_factory=list)
    after: datetime | None = None
    before: datetime | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)

    def problem(self, key: str, what: str = "") -> None:
        """Note a problem once."""
        if (key, what) not in self.problems:
            self.problems.append((key, what))


def settle(tree: Node | None, parsed: Parsed) -> None:
    """Put conditions that hold for the whole query into ``parsed``, and the text that is left as ``node``.

    When all text is excluded text, it is kept as ``without``: it takes filters to say from what.
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
