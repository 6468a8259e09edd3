"""``/nguon`` Nguồn tin: how each source is doing."""

from collections import Counter
from datetime import timedelta

from datasette.utils.asgi import Response

from archive import health
from archive.clock import HANOI
from archive.health.cluster import queues_in_words, read_status
from archive.health.coverage import in_words
from archive.health.machine import home_report
from archive.web.charts import Chart, chart
from archive.web.request import PageRequest

_LEVELS: tuple[health.Level, ...] = ("red", "amber", "green", "grey")


async def sources(req: PageRequest) -> Response:
    """Every source, the worst first."""
    report = await req.query(lambda db: health.report(db, req.now))
    home = req.site.home
    whole = [] if req.public or home is None else home_report(home, req.now, req.site.sources_fault())
    cluster = None if req.public or home is None else read_status(home)
    counts = Counter(source.level for source in report)
    return await req.render(
        "sources.html",
        whole=[one for one in whole if one.alarm.level != "grey"],
        sources=[(source, _coverage(req, source), _plot(req, source)) for source in report],
        levels=[(level, counts[level]) for level in _LEVELS if counts[level]],
        cluster=cluster,
        queues=queues_in_words(cluster, req.words) if cluster else "",
        names={source.key: source.name for source in report},
    )


def _coverage(req: PageRequest, source: health.SourceHealth) -> tuple[str, str]:
    """What the lists of a week named and what was kept, and the share that is missed."""
    if source.coverage is None:
        return "", req.words("sources.coverage.none")
    counts, missed = in_words(source.coverage, req.words)
    return " · ".join(counts), missed


def _plot(req: PageRequest, source: health.SourceHealth) -> Chart:
    """A bar a day, leading to that day's articles of the source."""
    fmt = req.formats
    today = req.now.astimezone(HANOI).date()
    bars = []
    for age, count in enumerate(reversed(source.per_day)):
        day = (today - timedelta(days=age)).isoformat()
        label = req.words("sources.day", day=fmt.day(day), count=fmt.count("articles", count))
        href = req.path("/tim", {"nguon": source.key, "tu": day, "den": day}) if count else ""
        bars.append((count, label, href))
    return chart(bars[::-1], width=140, height=32)
