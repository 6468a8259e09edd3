"""``/tim.atom`` and ``/tim.csv``: any search to follow in a feed reader or to count in a spreadsheet."""

from collections.abc import Iterable, Sequence

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.clock import HANOI, moment
from archive.digests.layout.atom import FeedElement, add, begin, end
from archive.search.results import Hit, Results
from archive.search.results import search as find
from archive.sheets import to_csv
from archive.text import safe_url
from archive.web.excerpts import excerpt
from archive.web.request import PageRequest
from archive.web.search_params import SearchParams
from archive.web.views.finding.marks import marked_at_desk
from archive.web.views.finding.told import load_filter_names
from archive.web.views.lists import ArticleLine, lines_of

FEED_ENTRIES = 50
TABLE_ROWS = 1000
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


async def atom(req: PageRequest) -> Response:
    """The newest hits of a search as an Atom feed (RFC 4287)."""
    params = SearchParams.read(req.arg, 1, desk=req.sees_desk)
    results, lines = await _hits(req, params, FEED_ENTRIES)
    told = results.understood if results and params.words else await _told(req, params)
    body = _feed(req, params, told, results.hits if results else [], lines)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def table(req: PageRequest) -> Response:
    """The newest thousand hits of a search as CSV that spreadsheets open; times are Hà Nội's."""
    results, lines = await _hits(req, SearchParams.read(req.arg, 1, desk=req.sees_desk), TABLE_ROWS)
    articles = req.absolute(req.path("/bai/"))
    hits = results.hits if results else []
    rows = (_row(hit, lines[hit.id], f"{articles}{hit.id}", public=req.public) for hit in hits)
    return as_csv("diemtin.csv", _COLUMNS, rows)


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A table as a file of this name to take away."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(to_csv(columns, rows), headers=headers, content_type="text/csv; charset=utf-8")


async def _hits(
    req: PageRequest, params: SearchParams, limit: int
) -> tuple[Results | None, dict[int, ArticleLine]]:
    if params.empty:
        return None, {}
    query = params.query(req.site.places, req.site.lexicon)
    marked = marked_at_desk(req, query)

    def look(db: Database) -> tuple[Results, dict[int, ArticleLine]]:
        results = find(db, query, limit=limit, counted=False, marked=marked)
        return results, lines_of(db, [hit.id for hit in results.hits])

    return await req.query(look)


async def _told(req: PageRequest, params: SearchParams) -> str:
    """What filters alone ask for."""
    if params.empty:
        return ""
    return await req.query(lambda db: load_filter_names(db, req.words, req.formats).sentence(params))


def _row(hit: Hit, line: ArticleLine, archived: str, *, public: bool) -> list[str]:
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


def _feed(
    req: PageRequest, params: SearchParams, told: str, hits: Sequence[Hit], lines: dict[int, ArticleLine]
) -> bytes:
    page = req.absolute(req.path("/tim", params.to_dict()))
    title = req.words("search.feed", what=told)
    feed = begin(page, title, max(map(_updated, hits), default=""))
    add(feed, "link", href=page)
    add(feed, "link", rel="self", href=req.absolute(req.path("/tim.atom", params.to_dict())))
    articles = req.absolute(req.path("/bai/"))
    for hit in hits:
        entry = _entry(feed, hit, lines[hit.id], f"{articles}{hit.id}")
        if not req.public:
            add(entry, "summary", excerpt(hit.lead, hit.body))
    return end(feed)


def _entry(feed: FeedElement, hit: Hit, line: ArticleLine, archived: str) -> _Element:
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
