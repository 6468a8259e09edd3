"""``/chu-de`` Chủ đề and ``/van-ban`` Văn bản: topics over time, documents and who cites them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from datasette.utils.asgi import NotFound, Request, Response

from archive.clock import HANOI
from archive.web.charts import Chart, chart
from archive.web.formats import Formats
from archive.web.queries import subjects as queries
from archive.web.request import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette


async def topics(datasette: "Datasette", request: Request) -> Response:
    """Every topic with its last twelve weeks."""
    visit = await Visit.of(datasette, request)
    found = await visit.ask(lambda conn: queries.topics(conn, visit.now))
    return await visit.page("topics.html", topics=[(topic, _plot(visit, topic, 240, 32)) for topic in found])


async def topic(datasette: "Datasette", request: Request) -> Response:
    """One topic: its weeks and its articles."""
    visit = await Visit.of(datasette, request)
    key, page = request.url_vars["key"], visit.page_number()
    found = await visit.ask(lambda conn: queries.topic(conn, key, visit.now))
    if found is None:
        raise NotFound(f"No topic {key}")
    lines = await visit.ask(lambda conn: queries.topic_lines(conn, key, page))
    return await visit.page(
        "topic.html",
        topic=found,
        plot=_plot(visit, found, 600, 80),
        lines=lines,
        page=page,
        more=found.total > page * queries.PAGE,
        address=lambda number: visit.path(f"/chu-de/{key}", {"trang": number}),
    )


def _plot(visit: Visit, topic: queries.TopicWeeks, width: int, height: int) -> Chart:
    fmt = Formats(visit.words, visit.now)
    bars = []
    for start, count in zip(queries.week_starts(visit.now), topic.weeks, strict=True):
        first = start.astimezone(HANOI).date()
        label = visit.words("topics.week", day=fmt.day(first.isoformat()), count=fmt.count("articles", count))
        params = {"chude": topic.key, "tu": first, "den": first + timedelta(days=6)}
        bars.append((count, label, visit.path("/tim", params) if count else ""))
    return chart(bars, width=width, height=height)


async def documents(datasette: "Datasette", request: Request) -> Response:
    """The documents cited; with ``?so=`` one of them and the articles that cite it."""
    visit = await Visit.of(datasette, request)
    number, page = visit.arg("so"), visit.page_number()
    if number:
        return await _document(visit, number, page)
    found = await visit.ask(lambda conn: queries.documents(conn, page))
    return await visit.page(
        "documents.html",
        documents=found,
        page=page,
        more=len(found) == queries.PAGE,
        address=lambda number: visit.path("/van-ban", {"trang": number}),
    )


async def _document(visit: Visit, number: str, page: int) -> Response:
    found = await visit.ask(lambda conn: queries.document(conn, number))
    if found is None:
        raise NotFound(f"No document {number[:80]}")
    return await visit.page(
        "document.html",
        document=found,
        citing=await visit.ask(lambda conn: queries.citing(conn, number, page)),
        page=page,
        more=found.articles > page * queries.PAGE,
        address=lambda other: visit.path("/van-ban", {"so": number, "trang": other}),
    )
