"""``/tim`` Tìm kiếm: results, filters with counts, hits over time."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response
from markupsafe import Markup, escape

from archive.clock import stamp
from archive.search.cursor import Cursor
from archive.search.facets import Facets, Histogram, facets, histogram
from archive.search.filters import Names, load_names
from archive.search.results import Results
from archive.search.results import results as results_of
from archive.web.charts import Chart, chart
from archive.web.formats import Formats
from archive.web.highlight import run
from archive.web.queries.lists import Line, lines_of
from archive.web.request import Visit
from archive.web.search_params import PARAMS, Ask

if TYPE_CHECKING:
    from datasette.app import Datasette

PAGE = 20
PATIENCE = 1.0  # seconds after which a search tells what it found among the newest articles


@dataclass(frozen=True, slots=True)
class Found:
    """What one search brought."""

    results: Results
    facets: Facets
    histogram: Histogram
    names: Names
    lines: dict[int, Line]


async def search(datasette: "Datasette", request: Request) -> Response:
    """The search page; without a question it explains how to ask."""
    visit = await Visit.of(datasette, request)
    ask = Ask.read(visit.arg, visit.page_number())
    if ask.empty:
        return await visit.page("search.html", ask=ask, found=None)
    found = await visit.ask(lambda conn: look(conn, ask, visit))
    return await visit.page("search.html", ask=ask, found=found, **_shown(visit, ask, found))


def look(conn: sqlite3.Connection, ask: Ask, visit: Visit) -> Found:
    """Ask the archive."""
    with closing(Cursor(conn, ask.query(visit.site.places), patience=PATIENCE)) as cursor:
        results = results_of(conn, cursor, limit=PAGE, offset=(ask.page - 1) * PAGE, order=ask.order)
        return Found(
            results,
            facets(conn, cursor),
            histogram(cursor),
            load_names(conn),
            lines_of(conn, [hit.id for hit in results.hits]),
        )


def _shown(visit: Visit, ask: Ask, found: Found) -> dict[str, Any]:
    results = found.results

    def address(changed: Ask) -> str:
        return visit.path("/tim", changed.params())

    return {
        "address": address,
        "paged": lambda number: address(replace(ask, page=number)),
        "more": results.capped or results.total > ask.page * PAGE,
        "understood": _understood(visit, ask, results, address),
        "problem": _problem(visit, ask, results),
        "plot": _plot(visit, ask, found.histogram, address),
        "fields": list(PARAMS),
        "chosen": [(field, value, _name(found, field, value)) for field, value in ask.chosen.items()],
        "periods": _periods(visit, ask),
        "highlight": {"q": ask.words[:500]},
        "run": run,
        "by_relevance": address(replace(ask, order="relevance", page=1)),
        "by_date": address(replace(ask, order="newest", page=1)),
        "rest": {
            name: value for name, value in ask.params().items() if name not in ("tu", "den", "trang") and value
        },
    }


def _understood(visit: Visit, ask: Ask, results: Results, address: Callable[[Ask], str]) -> Markup:
    """How the words were understood; where they name a place, with a link to join or part its names."""
    english = visit.words.lang == "en"
    said = escape(results.understood_en if english else results.understood)
    widened = replace(ask, as_typed=False).query(visit.site.places)
    if widened.fts == replace(ask, as_typed=True).query(None).fts:
        return said
    other = address(replace(ask, as_typed=not ask.as_typed, page=1))
    if ask.as_typed:
        said = Markup("{} ({})").format(said, visit.words("search.is_as_typed"))
    word = "search.all_names" if ask.as_typed else "search.as_typed"
    return Markup('{} <a href="{}">{}</a>').format(said, other, visit.words(word))


def _problem(visit: Visit, ask: Ask, results: Results) -> str:
    """What could not be used of the words, and how far back was looked; filters alone are no problem."""
    problem = results.parsed.problem_en if visit.words.lang == "en" else results.problem
    told = [problem if ask.words else ""]
    if results.back_to:
        day = Formats(visit.words, visit.now).day(stamp(results.back_to))
        told.append(visit.words("search.late", day=day))
    return " ".join(filter(None, told))


def _name(found: Found, field: str, value: str) -> str:
    names = {"source": found.names.sources, "topic": found.names.topics}.get(field, {})
    return names.get(value, value)


def _periods(visit: Visit, ask: Ask) -> list[tuple[str, Ask, bool]]:
    """Periods to choose: the last day, week, month, year, or all."""
    today = Formats(visit.words, visit.now).today
    found = []
    for name, days in (("week", 7), ("month", 30), ("year", 365)):
        since = today - timedelta(days=days - 1)
        found.append((name, ask.within(since, None), ask.since == since and ask.until is None))
    return [*found, ("all", ask.within(None, None), ask.since is None and ask.until is None)]


def _plot(visit: Visit, ask: Ask, found: Histogram, address: Any) -> Chart | None:
    """A bar for each day, week or month, leading to its hits."""
    if len(found.bars) < 2:
        return None
    fmt = Formats(visit.words, visit.now)
    bars = []
    for first, hits in found.bars:
        label = visit.words(f"chart.{found.step}", day=fmt.day(first.isoformat()), month=f"{first:%m/%Y}",
                            count=fmt.count("articles", hits))  # fmt: skip
        href = address(ask.within(first, _last_of(first, found.step))) if hits else ""
        bars.append((hits, label, href))
    return chart(bars, height=80)


def _last_of(first: date, step: str) -> date:
    if step == "month":
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=6 if step == "week" else 0)
