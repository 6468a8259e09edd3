"""``/tim.atom`` and ``/tim.csv``: any search to follow in a feed reader or to count in a spreadsheet."""

import csv
import io
import sqlite3
from typing import TYPE_CHECKING

from datasette.utils.asgi import Request, Response
from lxml.etree import _Element

from archive.clock import HANOI, moment
from archive.digests.atom import add, begin, end
from archive.search.results import Hit, Results
from archive.search.results import search as find
from archive.web.excerpts import excerpt
from archive.web.links import safe_url
from archive.web.queries.lists import Line, lines_of
from archive.web.request import Visit
from archive.web.search_params import Ask

if TYPE_CHECKING:
    from datasette.app import Datasette

FEED_ENTRIES = 50
TABLE_ROWS = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so
_COLUMNS = (
    "id",
    "published_at",
    "source",
    "outlet",
    "title",
    "url",
    "archive_url",
    "state",
    "edits",
    "snippet",
)


async def atom(datasette: "Datasette", request: Request) -> Response:
    """The newest hits of a search as an Atom feed (RFC 4287)."""
    visit = await Visit.of(datasette, request)
    ask = Ask.read(visit.arg, 1)
    results, lines = await _hits(visit, ask, FEED_ENTRIES)
    body = _feed(visit, ask, results, lines)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def table(datasette: "Datasette", request: Request) -> Response:
    """The newest thousand hits of a search as CSV that spreadsheets open; times are Hà Nội's."""
    visit = await Visit.of(datasette, request)
    results, lines = await _hits(visit, Ask.read(visit.arg, 1), TABLE_ROWS)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    articles = visit.absolute(visit.path("/bai/"))
    for hit in results.hits if results else []:
        row = _row(hit, lines[hit.id], f"{articles}{hit.id}", public=visit.public)
        writer.writerow(map(_cell, row))
    headers = {"content-disposition": 'attachment; filename="diemtin.csv"'}
    return Response("\ufeff" + out.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


async def _hits(visit: Visit, ask: Ask, limit: int) -> tuple[Results | None, dict[int, Line]]:
    if ask.empty:
        return None, {}
    query = ask.query(visit.site.places)

    def look(conn: sqlite3.Connection) -> tuple[Results, dict[int, Line]]:
        results = find(conn, query, limit=limit, counted=False)
        return results, lines_of(conn, [hit.id for hit in results.hits])

    return await visit.ask(look)


def _row(hit: Hit, line: Line, archived: str, *, public: bool) -> list[str]:
    at = moment(hit.published_at).astimezone(HANOI).strftime("%Y-%m-%d %H:%M") if hit.published_at else ""
    return [
        str(hit.id),
        at,
        hit.source,
        line.outlet,
        hit.title,
        safe_url(hit.url) or "",
        archived,
        hit.state,
        str(hit.edits),
        "" if public else hit.snippet,
    ]


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _feed(visit: Visit, ask: Ask, results: Results | None, lines: dict[int, Line]) -> bytes:
    page = visit.absolute(visit.path("/tim", ask.params()))
    hits = results.hits if results else []
    title = visit.words("search.feed", what=results.understood if results else "")
    feed = begin(page, title, max(map(_updated, hits), default=""))
    add(feed, "link", href=page)
    add(feed, "link", rel="self", href=visit.absolute(visit.path("/tim.atom", ask.params())))
    articles = visit.absolute(visit.path("/bai/"))
    for hit in hits:
        entry = _entry(feed, hit, lines[hit.id], f"{articles}{hit.id}")
        if not visit.public:
            add(entry, "summary", excerpt(hit.lead, hit.body))
    return end(feed)


def _entry(feed: _Element, hit: Hit, line: Line, archived: str) -> _Element:
    entry = add(feed, "entry")
    add(entry, "id", archived)
    add(entry, "title", hit.title)
    add(entry, "updated", _updated(hit))
    add(entry, "published", hit.published_at or hit.first_seen_at)
    add(entry, "link", href=archived)
    if original := safe_url(hit.url):
        add(entry, "link", rel="via", href=original)
    add(add(entry, "author"), "name", line.outlet)
    return entry


def _updated(hit: Hit) -> str:
    return hit.changed_at or hit.published_at or hit.first_seen_at
