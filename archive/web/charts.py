"""Plain bars and dots over time, laid out here and drawn as SVG by the templates."""

import calendar
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of the drawing, with what it says and where it leads ('' for nowhere)."""

    x: float
    y: float
    width: float
    height: float
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of ``width`` × ``height`` units; ``top`` is the largest count."""

    width: int
    height: int
    top: int
    bars: list[Bar]


def chart(counts: Sequence[tuple[int, str, str]], *, width: int = 600, height: int = 90) -> Chart:
    """Bars for (count, label, address) in order; every count above zero is at least 2 units high."""
    top = max((count for count, _, _ in counts), default=0)
    step = width / max(len(counts), 1)
    bars = []
    for place, (count, label, href) in enumerate(counts):
        tall = max(2.0, (height - 2) * count / top) if count else 0.0
        bars.append(
            Bar(
                round(place * step, 2),
                round(height - tall, 2),
                round(max(step - min(2.0, step / 5), 1), 2),
                round(tall, 2),
                label,
                href,
            )
        )
    return Chart(width, height, top, bars)


def side_by_side(series: Sequence[Sequence[tuple[int, str, str]]], *, height: int = 120) -> list[Chart]:
    """A chart for each series of equally many counts, to be drawn in one place: their bars stand side by side,
    on one scale."""
    top = max((count for counts in series for count, _, _ in counts), default=0)
    charts = []
    for at, counts in enumerate(series):
        drawn = chart(counts, height=height)
        step = drawn.width / max(len(counts), 1)
        wide = step * 0.8 / len(series)
        scale = drawn.top / top if top else 0
        bars = [
            replace(
                bar,
                x=round(place * step + at * wide, 2),
                y=round(height - bar.height * scale, 2),
                width=round(wide * 0.92, 2),
                height=round(bar.height * scale, 2),
            )
            for place, bar in enumerate(drawn.bars)
        ]
        charts.append(replace(drawn, top=top, bars=bars))
    return charts


@dataclass(frozen=True, slots=True)
class Dot:
    """A value on a day; ``shape`` names the mark, ``label`` is what it says, ``href`` where it leads."""

    day: date
    value: float
    shape: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class PlacedDot:
    """A dot where it stands: ``x`` in percent of the width, ``y`` in units of the height."""

    x: float
    y: float
    shape: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class DotChart:
    """Dots over time, as wide as there is room and ``height`` units high.

    ``rows`` are the values ruled across, with their ``y``; ``columns`` the days named below, with their ``x``;
    a day is named by its year alone where ``by_year``.
    """

    height: int
    dots: list[PlacedDot]
    rows: list[tuple[float, float]]
    columns: list[tuple[float, date]]
    by_year: bool


_LEFT, _RIGHT, _TOP, _BOTTOM = 12.0, 95.0, 26.0, 34.0  # percent; units above the highest and below the lowest
_FROM_ZERO = 0.5  # where the lowest is below this share of the highest, the drawing begins at 0
_MOST_COLUMNS = 6


def dot_chart(dots: Sequence[Dot], *, height: int = 260, downward: bool = False) -> DotChart:
    """The dots placed between round numbers; ``downward``: the smallest value stands on top, as ranks do.

    Raises ValueError without any dot.
    """
    low, high = min(dot.value for dot in dots), max(dot.value for dot in dots)
    rows = round_numbers(0 if 0 < low < _FROM_ZERO * high and not downward else low, high)
    first, last = min(dot.day for dot in dots), max(dot.day for dot in dots)
    by_year, columns = _columns(first, last)
    first, last = min(first, columns[0]), max(last, columns[-1])

    def across(day: date) -> float:
        share = (day - first).days / (last - first).days if last > first else 0.5
        return round(_LEFT + (_RIGHT - _LEFT) * share, 2)

    def down(value: float) -> float:
        share = (value - rows[0]) / (rows[-1] - rows[0])
        return round(_TOP + (height - _TOP - _BOTTOM) * (share if downward else 1 - share), 1)

    placed = [PlacedDot(across(dot.day), down(dot.value), dot.shape, dot.label, dot.href) for dot in dots]
    named = [(across(day), day) for day in columns]
    return DotChart(height, placed, [(value, down(value)) for value in rows], named, by_year)


def round_numbers(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers, evenly apart, from ``low`` or below to ``high`` or above."""
    span = (high - low) or abs(high) or 1.0
    size = 10.0 ** math.floor(math.log10(span / about))
    step = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by >= span / about * 0.999)
    start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if start == end:
        start, end = start - 1, end + 1
    return [float(f"{at * step:.12g}") for at in range(start, end + 1)]


def _columns(first: date, last: date) -> tuple[bool, list[date]]:
    """The ends of years, or of months within two years, that are named below; whether they are of years."""
    by_year = last.year - first.year > 1
    if by_year:
        ends = [date(year, 12, 31) for year in range(first.year, last.year + 1)]
    else:
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        ends = [_month_end(at // 12, at % 12 + 1) for at in months]
    return by_year, ends[:: math.ceil(len(ends) / _MOST_COLUMNS)]


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
