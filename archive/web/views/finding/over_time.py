"""Hits over time: a bar for each day, week or month, the highest named, and the same as a table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from archive.search.facets import Histogram, Step, step_end
from archive.web.charts import Chart, chart
from archive.web.request import PageRequest
from archive.web.search_params import SearchParams

_HEIGHT = 80
_MARGIN = 0.3  # of the width: the highest bar's words begin or end there, lest they are cut


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest bar: what is said of it, and where the words stand (``x`` in percent, ``anchor`` of SVG)."""

    label: str
    href: str
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class OverTime:
    """``rows``: name, hits and address of each step that has any, the newest first."""

    chart: Chart
    peak: Peak
    rows: list[tuple[str, int, str]]


def over_time(
    req: PageRequest, params: SearchParams, found: Histogram, address: Callable[[SearchParams], str]
) -> OverTime | None:
    """The chart of a search; None where all hits are of one step."""
    if len(found.bars) < 2:
        return None
    rows = []
    for first, hits in found.bars:
        within = params.within(first, step_end(first, found.step))
        rows.append((_named(req, found.step, first), hits, address(within) if hits else ""))
    bars = [(hits, f"{name}: {req.formats.count('articles', hits)}", href) for name, hits, href in rows]
    drawn = chart(bars, height=_HEIGHT)
    return OverTime(drawn, _peak(req, drawn, rows), [row for row in reversed(rows) if row[1]])


def _named(req: PageRequest, step: Step, first: date) -> str:
    return req.words(f"chart.{step}", day=req.formats.day(first.isoformat()), month=f"{first:%m/%Y}")


def _peak(req: PageRequest, drawn: Chart, rows: list[tuple[str, int, str]]) -> Peak:
    """The highest step; where several are as high they are counted, not named."""
    highest = [at for at, (_, hits, _) in enumerate(rows) if hits == drawn.top]
    count = req.formats.count("articles", drawn.top)
    name, _, href = rows[highest[0]]
    alone = len(highest) == 1
    label = (
        req.words("chart.peak", step=name, count=count)
        if alone
        else req.words("chart.peaks", count=count, n=len(highest))
    )
    bar = drawn.bars[highest[0]]
    middle = (bar.x + bar.width / 2) / drawn.width
    anchor = "start" if middle < _MARGIN else "end" if middle > 1 - _MARGIN else "middle"
    return Peak(label, href if alone else "", round(100 * middle, 2), anchor)
