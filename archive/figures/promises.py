"""Promise against report: targets by the day they come due, with what was reported since."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from archive.figures.indicators import Better, Indicators
from archive.figures.ledger import PROMISED, LedgerPoint, last_reported
from archive.figures.periods import days

Verdict = Literal["met", "missed", ""]


@dataclass(frozen=True, slots=True)
class Promise:
    """A target with the points that set it, the first one first, and the last reported value there is for it.

    ``reported`` is that of the target's own period where there is one, else the last one. ``verdict`` is ''
    where the two cannot be compared yet.
    """

    points: list[LedgerPoint]
    due: date
    reported: LedgerPoint | None
    verdict: Verdict

    @property
    def target(self) -> LedgerPoint:
        return self.points[0]

    def past(self, today: date) -> bool:
        """Whether the day has passed."""
        return self.due < today


def promises(points: Iterable[LedgerPoint], indicators: Indicators) -> list[Promise]:
    """Every target that has a day and an owner, the one due first first; one said again is one."""
    alike: dict[tuple[str, ...], list[LedgerPoint]] = {}
    for point in (one for one in points if one.holder):
        alike.setdefault((point.key, point.holder, point.unit), []).append(point)
    made = [one for some in alike.values() for one in _promised(some, indicators)]
    return sorted(made, key=lambda one: (one.due, one.target.first.at))


def _promised(alike: list[LedgerPoint], indicators: Indicators) -> Iterator[Promise]:
    """The promises among figures of one indicator, holder and unit.

    Of several values that one article gives for one day, the first is the whole («…, trong đó …»).
    """
    taken: set[tuple[int, date]] = set()
    targets: dict[tuple[date, str], list[LedgerPoint]] = {}
    of_period: dict[str, list[LedgerPoint]] = {}
    for point in alike:
        of_period.setdefault(point.period, []).append(point)
        if point.kind in PROMISED and days(point.period) and (point.first.article_id, point.day) not in taken:
            taken.add((point.first.article_id, point.day))
            targets.setdefault((point.day, f"{point.value:.9g}"), []).append(point)
    last = last_reported(alike) if targets else None
    for (due, _), some in targets.items():
        target = some[0]
        reported = last_reported(of_period[target.period]) or last
        known = indicators.known.get(target.key)
        yield Promise(some, due, reported, _verdict(target, reported, known.better if known else "neither"))


def _verdict(target: LedgerPoint, reported: LedgerPoint | None, better: Better) -> Verdict:
    """Met or missed; '' where the report is of a part of the time, or no direction is the good one."""
    if reported is None or better == "neither":
        return ""
    lower = (better == "down") != (target.unit == "hạng")
    enough = reported.value <= target.value if lower else reported.value >= target.value
    whole = reported.period == target.period and not reported.so_far
    day = reported.period.count("-") == 2 and ".." not in reported.period
    if enough:
        return "met" if whole or day else ""
    return "missed" if whole or (day and reported.day >= target.day) else ""
