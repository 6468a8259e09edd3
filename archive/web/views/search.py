"""``/tim`` Tìm kiếm: results, filters with counts, hits over time."""

import re
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.clock import stamp
from archive.query import Query
from archive.search.cursor import Cursor
from archive.search.facets import Facets, Histogram, facets, histogram
from archive.search.filters import Marked, Names, load_names
from archive.search.highlight import as_html, in_one
from archive.search.results import Results
from archive.search.results import results as results_of
from archive.web.request import PageRequest
from archive.web.search_params import PARAMS, SearchParams
from archive.web.views.events.lines import EventLines, event_lines
from archive.web.views.finding.calendar import month_calendar
from archive.web.views.finding.choices import offered
from archive.web.views.finding.marks import mark_counts, marked_at_desk
from archive.web.views.finding.over_time import over_time
from archive.web.views.finding.saved import saved_as
from archive.web.views.finding.told import FilterNames, load_topics_en
from archive.web.views.lists import ArticleLine, lines_of
from archive.web.views.understood import Apart, apart_words, count_apart, understood, without_words

PAGE = 20
_ADDRESS = re.compile(r"https?://\S+|[\w-]+(\.[\w-]+)*\.[a-z]{2,}/\S*", re.IGNORECASE)
PATIENCE = 1.0  # seconds after which a search tells what it found among the newest articles


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What one search brought."""

    results: Results
    facets: Facets
    histogram: Histogram
    names: Names
    lines: dict[int, ArticleLine]
    events: dict[int, EventLines]
    topics_en: dict[str, str]
    apart: Apart | None


async def search(req: PageRequest) -> Response:
    """The search page; without a question it explains how to search."""
    params = SearchParams.read(req.arg, req.page_number(), desk=req.sees_desk)
    if params.empty:
        return await req.render("search.html", params=params, found=None, **await offered(req))
    query = params.query(req.site.places, req.site.lexicon)
    apart = without_words(params, query, req.site)
    at_desk = marked_at_desk(req, query)
    page = await req.query(lambda db: load_page(db, params, query, at_desk, apart, texts=not req.public))
    return await req.render("search.html", params=params, found=page, **_shown(req, params, page))


def load_page(
    db: Database,
    params: SearchParams,
    query: Query,
    at_desk: Marked | None,
    apart: Query | None = None,
    *,
    texts: bool,
) -> SearchPage:
    """Everything that the page shows of one search; ``apart``: the same with each syllable for itself.

    Unless ``texts``, snippets are of leads only.
    """
    with closing(Cursor(db, query, patience=PATIENCE, marked=at_desk)) as cursor:
        results = results_of(
            db,
            cursor,
            limit=PAGE,
            offset=(params.page - 1) * PAGE,
            order=params.order,
            texts=texts,
            grouped=params.grouped,
        )
        lines = lines_of(db, [hit.id for hit in results.hits])
        found = [lines[hit.id] for hit in results.hits] if params.grouped else []
        return SearchPage(
            results,
            facets(db, cursor),
            histogram(cursor),
            load_names(db),
            lines,
            dict(zip((line.id for line in found), event_lines(db, found), strict=True)),
            load_topics_en(db),
            count_apart(db, apart, at_desk) if apart else None,
        )


def _shown(req: PageRequest, params: SearchParams, page: SearchPage) -> dict[str, Any]:
    results = page.results

    def address(changed: SearchParams) -> str:
        return req.path("/tim", changed.to_dict())

    called = FilterNames(req.words, req.formats, page.names, page.topics_en)
    return {
        "address": address,
        "paged": lambda number: address(replace(params, page=number)),
        "more": results.further,
        "heading": params.words or called.heading(params),
        "understood": understood(req, params, results, page.apart, address)
        if params.words
        else called.sentence(params),
        "apart": apart_words(req, page.apart),
        "as_apart": address(replace(params, apart=True, page=1)),
        "problem": _problem(req, params, results),
        "plot": over_time(req, params, page.histogram, address),
        "fields": list(PARAMS),
        "counts": page.facets.counts | {"mark": mark_counts(req, page.facets.ids)},
        "chosen": [(field, value, called.name_of(field, value)) for field, value in params.chosen.items()],
        "name_of": called.name_of,
        "period": called.period(params.since, params.until),
        "periods": _periods(req, params),
        "calendar": month_calendar(params, page.histogram, address),
        "saved_as": saved_as(req, params),
        "asked": params.to_query(),
        "compare": req.path("/tim/so-sanh", params.compared()),
        "highlight": {"q": params.words[:500]},
        "address_typed": params.words if not req.public and _ADDRESS.fullmatch(params.words) else "",
        "marked": lambda parts: as_html(in_one(parts)),
        "by_relevance": address(replace(params, order="relevance", page=1)),
        "grouped": address(replace(params, grouped=not params.grouped, page=1)),
        "by_date": address(replace(params, order="newest", page=1)),
        "rest": {
            name: value
            for name, value in params.to_dict().items()
            if name not in ("tu", "den", "trang") and value
        },
    }


def _problem(req: PageRequest, params: SearchParams, results: Results) -> str:
    """What could not be used of the words, and how far back was looked; filters alone are no problem."""
    problem = results.parsed.problem_en if req.words.lang == "en" else results.problem
    problems = [problem if params.words else ""]
    if results.back_to:
        day = req.formats.day(stamp(results.back_to))
        problems.append(req.words("search.late", day=day))
    return " ".join(filter(None, problems))


def _periods(req: PageRequest, params: SearchParams) -> list[tuple[str, SearchParams, bool]]:
    """Periods to choose: the last day, week, month, year, or all."""
    today = req.formats.today
    periods = []
    for name, days in (("week", 7), ("month", 30), ("year", 365)):
        since = today - timedelta(days=days - 1)
        periods.append((name, params.within(since, None), params.since == since and params.until is None))
    return [*periods, ("all", params.within(None, None), params.since is None and params.until is None)]
