"""Who says what: values for one indicator of one place and period that cannot all be right."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.figures.agreement import agree
from archive.figures.indicators import Indicators
from archive.figures.ledger import PROMISED, REPORTED, LedgerPoint

_YEAR_BEFORE = ("cùng kỳ", "năm trước", "năm ngoái")


@dataclass(frozen=True, slots=True)
class ClaimedValue:
    """One of the values, with the points that say it, the first one first."""

    points: list[LedgerPoint]

    @property
    def outlets(self) -> list[str]:
        return list(dict.fromkeys(outlet for point in self.points for outlet in point.outlets))


@dataclass(frozen=True, slots=True)
class FigureConflict:
    """Values that differ for one indicator, holder, period and unit; the one of most outlets comes first."""

    key: str
    holder: str
    period: str
    values: list[ClaimedValue]

    @property
    def newest(self) -> str:
        """When the last of them was published, as stored."""
        return max(one.at for value in self.values for point in value.points for one in point.sayings)


def conflicts(points: Iterable[LedgerPoint], indicators: Indicators) -> list[FigureConflict]:
    """The conflicts among points of which it is known whose they are, the newest first.

    Only what is reported, or what is promised, is compared with its like, and what is reached so far of a
    period with that of the same month. An article that gives two values
    itself tells parts and whole, or two scopes: it is no witness.
    """
    groups: dict[tuple[object, ...], list[LedgerPoint]] = {}
    for point in points:
        if point.period and point.holder and (said := _said(point)):
            period = f"{point.period} {point.day:%Y-%m}" if point.so_far else point.period
            group = (point.key, point.subject_kind == "company", point.holder, period, point.unit)
            groups.setdefault((*group, said, _base(point, indicators)), []).append(point)
    found = [_conflict(group) for group in groups.values()]
    return sorted((one for one in found if one), key=lambda one: one.newest, reverse=True)


def _said(point: LedgerPoint) -> str:
    if point.kind in REPORTED:
        return "reported"
    return "promised" if point.kind in PROMISED else ""


def _base(point: LedgerPoint, indicators: Indicators) -> str:
    """What an increase is reckoned from: one over last month is no denial of one over last year."""
    known = indicators.known.get(point.key)
    if known is None or not known.change:
        return ""
    base = point.base.lower()
    return "" if any(words in base for words in _YEAR_BEFORE) else base


def _conflict(group: list[LedgerPoint]) -> FigureConflict | None:
    values = _values(list(_witnesses(group)))
    if len(values) < 2:
        return None
    values.sort(key=lambda value: (-len(value.outlets), value.points[0].first.at))
    first = group[0]
    return FigureConflict(first.key, first.holder, first.period, values)


def _witnesses(group: list[LedgerPoint]) -> Iterator[LedgerPoint]:
    said: dict[int, list[LedgerPoint]] = {}
    for point in group:
        for one in point.sayings:
            said.setdefault(one.article_id, []).append(point)
    for point in group:
        if all(agree(point, other) for one in point.sayings for other in said[one.article_id]):
            yield point


def _values(points: list[LedgerPoint]) -> list[ClaimedValue]:
    """The points, those that agree together; an exact one speaks for those that are vague."""
    values: list[ClaimedValue] = []
    for point in sorted(points, key=lambda one: (bool(one.qualifier), one.first.at)):
        value = next((value for value in values if agree(value.points[0], point)), None)
        if value is None:
            values.append(ClaimedValue([point]))
        else:
            value.points.append(point)
    return values
