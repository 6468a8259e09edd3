"""``/tim.atom`` and ``/tim.csv``: any search to follow in a feed reader or to count in a spreadsheet."""

import csv
import io
import sqlite3
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from datasette.utils.asgi import Request, Response

from archive.clock import HANOI, moment
from archive.search import Hit, Results
from archive.search import search as find
from archive.web.asking import Ask
from archive.web.links import safe_url
from archive.web.public import excerpt
from archive.web.queries.lists import Line, lines_of
from archive.web.visit import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette

FEED_ENTRIES = 50
TABLE_ROWS = 1000
_ATOM = "http://www.w3.org/2005/Atom"
_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}
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
    for hit in results.hits if results else []:
        writer.writerow([_cell(value) for value in _row(visit, hit, lines[hit.id])])
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


def _row(visit: Visit, hit: Hit, line: Line) -> list[str]:
    at = moment(hit.published_at).astimezone(HANOI).strftime("%Y-%m-%d %H:%M") if hit.published_at else ""
    archived = visit.absolute(visit.path(f"/bai/{hit.id}"))
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
        "" if visit.public else hit.snippet,
    ]


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _feed(visit: Visit, ask: Ask, results: Results | None, lines: dict[int, Line]) -> bytes:
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": "vi"})
    page = visit.absolute(visit.path("/tim", ask.params()))
    hits = results.hits if results else []
    _add(feed, "id", page)
    _add(feed, "title", visit.words("search.feed", what=results.understood if results else ""))
    _add(feed, "updated", max((_updated(hit) for hit in hits), default="1970-01-01T00:00:00Z"))
    _add(feed, "link", href=page)
    _add(feed, "link", rel="self", href=visit.absolute(visit.path("/tim.atom", ask.params())))
    for hit in hits:
        _entry(visit, feed, hit, lines[hit.id])
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(visit: Visit, feed: ET.Element, hit: Hit, line: Line) -> None:
    archived = visit.absolute(visit.path(f"/bai/{hit.id}"))
    entry = _add(feed, "entry")
    _add(entry, "id", archived)
    _add(entry, "title", hit.title)
    _add(entry, "updated", _updated(hit))
    _add(entry, "published", hit.published_at or hit.first_seen_at)
    _add(entry, "link", href=archived)
    if original := safe_url(hit.url):
        _add(entry, "link", rel="via", href=original)
    _add(_add(entry, "author"), "name", line.outlet)
    if not visit.public:
        _add(entry, "summary", excerpt(hit.lead, hit.body))


def _updated(hit: Hit) -> str:
    return hit.changed_at or hit.published_at or hit.first_seen_at


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    clean = {key: value.translate(_FORBIDDEN) for key, value in attributes.items()}
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    element.text = text.translate(_FORBIDDEN) or None
    return element
