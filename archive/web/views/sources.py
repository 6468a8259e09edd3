"""``/nguon`` Nguồn tin: how each source is doing."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from datasette.utils.asgi import Request, Response

from archive import health
from archive.clock import HANOI
from archive.web.charts import Chart, chart
from archive.web.formats import Formats
from archive.web.request import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette

_LEVELS: tuple[health.Level, ...] = ("red", "amber", "green", "grey")


async def sources(datasette: "Datasette", request: Request) -> Response:
    """Every source, the worst first."""
    visit = await Visit.of(datasette, request)
    report = await visit.ask(lambda conn: health.report(conn, visit.now))
    counts = Counter(source.level for source in report)
    return await visit.page(
        "sources.html",
        sources=[(source, _plot(visit, source)) for source in report],
        levels=[(level, counts[level]) for level in _LEVELS if counts[level]],
    )


def _plot(visit: Visit, source: health.SourceHealth) -> Chart:
    """A bar a day, leading to that day's articles of the source."""
    fmt = Formats(visit.words, visit.now)
    today = visit.now.astimezone(HANOI).date()
    bars = []
    for age, count in enumerate(reversed(source.per_day)):
        day = (today - timedelta(days=age)).isoformat()
        label = visit.words("sources.day", day=fmt.day(day), count=fmt.count("articles", count))
        href = visit.path("/tim", {"nguon": source.key, "tu": day, "den": day}) if count else ""
        bars.append((count, label, href))
    return chart(bars[::-1], width=140, height=32)
