"""Figures as readers see them: the value in words, where it leads, and the chart of many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.figures.ledger import LedgerPoint, Saying
from archive.figures.periods import in_words
from archive.figures.revised import FigureRevision
from archive.model import FigureKind
from archive.web.charts import Dot, DotChart, dot_chart
from archive.web.request import PageRequest

KINDS: tuple[FigureKind, ...] = ("actual", "estimate", "target", "plan", "said")
MOST_CHARTS = 3  # units of an indicator that are drawn
MOST_DOTS = 400  # of a chart, the newest


@dataclass(frozen=True, slots=True)
class UnitChart:
    """The points of one unit, drawn; ``kinds`` are those that are there, ``left`` how many older are not."""

    unit: str
    chart: DotChart
    kinds: list[FigureKind]
    left: int


class ShownFigures:
    """The words of figures for one reader."""

    def __init__(self, req: PageRequest, revisions: dict[tuple[int, int | None], list[FigureRevision]]) -> None:
        self.req, self.revisions = req, revisions

    def amount(self, point: LedgerPoint) -> str:
        """``hơn 700 doanh nghiệp``."""
        amount = self.req.formats.amount(point.value, point.unit, point.rank_of)
        return f"{point.qualifier} {amount}" if point.qualifier else amount

    def period(self, form: str) -> str:
        """``10 tháng 2024``; '' where it is not known."""
        return in_words(form, self.req.words) if form else ""

    def holder(self, name: str) -> str:
        """Whose it is, or that the text does not say."""
        return name or self.req.words("ledger.unsaid")

    def link(self, saying: Saying) -> str:
        """The article, at the number."""
        place = "so-lieu" if saying.starts is None else f"s{saying.starts}"
        return f"{self.req.path(f'/bai/{saying.article_id}')}#{place}"

    def revised(self, point: LedgerPoint) -> list[tuple[Saying, list[FigureRevision]]]:
        """The articles that edited the figure, with what it was."""
        found = [(one, self.revisions.get((one.article_id, one.starts), [])) for one in point.sayings]
        return [(one, some) for one, some in found if some]

    def label(self, point: LedgerPoint, stories: int) -> str:
        """All of a point in a line, for whoever points at it or hears it read."""
        words = self.req.words
        said = words("ledger.more", n=stories - 1) if stories > 1 else ""
        parts = (
            self.amount(point),
            self.period(point.period),
            words.named("figure", point.kind),
            self.holder(point.holder),
            f"{point.first.outlet} {point.first.day:%d/%m/%Y}{said}",
        )
        return " · ".join(filter(None, parts))

    def charts(self, points: Sequence[LedgerPoint]) -> list[UnitChart]:
        """A chart for each unit, the one with most points first."""
        units: dict[str, list[LedgerPoint]] = {}
        for point in points:
            units.setdefault(point.unit, []).append(point)
        most = sorted(units.items(), key=lambda one: -len(one[1]))[:MOST_CHARTS]
        return [self._chart(unit, some) for unit, some in most]

    def _chart(self, unit: str, points: Iterable[LedgerPoint]) -> UnitChart:
        places: dict[tuple[object, ...], list[LedgerPoint]] = {}
        for point in points:
            places.setdefault((point.day, point.value, point.kind), []).append(point)
        dots = [
            Dot(
                some[0].day,
                some[0].value,
                some[0].kind,
                self.label(some[0], len(some)),
                self.link(some[0].first),
            )
            for some in places.values()
        ]
        drawn = sorted(dots, key=lambda dot: (dot.day, dot.value))[-MOST_DOTS:]
        shapes = {dot.shape for dot in drawn}
        kinds = [kind for kind in KINDS if kind in shapes]
        return UnitChart(unit, dot_chart(drawn, downward=unit == "hạng"), kinds, len(dots) - len(drawn))

    def tick(self, value: float, unit: str) -> str:
        """A value beside the chart, whose unit stands below it."""
        whole = unit.partition("/")[0] in ("đồng", "USD", "%")
        return self.req.formats.amount(value, unit) if whole else self.req.formats.number(value)
