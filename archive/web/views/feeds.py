"""``/tim.atom`` and ``/tim.csv``: any search to follow in a feed reader or to count in a spreadsheet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.clock import HANOI, moment
from archive.digests.layout.atom import FeedElement, add, add_author, add_entry, begin, end
from archive.search.filters import load_names
from archive.search.results import Hit
from archive.search.results import search as find
from archive.sheets import to_csv
from archive.text import safe_url
from archive.web.excerpts import excerpt
from archive.web.request import PageRequest
from archive.web.search_params import SearchParams
from archive.web.views.finding.marks import marked_at_desk
from archive.web.views.finding.told import load_filter_names

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


@dataclass(frozen=True, slots=True)
class _Found:
    """Hits, and the names of outlets by their keys."""

    understood: str = ""
    hits: Sequence[Hit] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    def outlet(self, hit: Hit) -> str:
        return self.sources.get(hit.source, hit.source)


async def atom(req: PageRequest) -> Response:
    """The newest hits of a search as an Atom feed (RFC 4287)."""
    params = SearchParams.read(req.arg, 1, desk=req.sees_desk)
    found = await _hits(req, params, FEED_ENTRIES, texts=False)
    told = found.understood if params.words else await _told(req, params)
    return Response(_feed(req, params, told, found), content_type="application/atom+xml; charset=utf-8")


async def table(req: PageRequest) -> Response:
    """The newest thousand hits of a search as CSV that spreadsheets open; times are Hà Nội's."""
    params = SearchParams.read(req.arg, 1, desk=req.sees_desk)
    found = await _hits(req, params, TABLE_ROWS, texts=not req.public)
    articles = req.absolute(req.path("/bai/"))
    rows = (_row(hit, found.outlet(hit), f"{articles}{hit.id}", public=req.public) for hit in found.hits)
    return as_csv("diemtin.csv", _COLUMNS, rows)


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A table as a file of this name to take away."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(to_csv(columns, rows), headers=headers, content_type="text/csv; charset=utf-8")


async def _hits(req: PageRequest, params: SearchParams, limit: int, *, texts: bool) -> _Found:
    if params.empty:
        return _Found()
    query = params.query(req.site.places, req.site.lexicon)
    marked = marked_at_desk(req, query)

    def look(db: Database) -> _Found:
        results = find(db, query, limit=limit, counted=False, texts=texts, marked=marked)
        return _Found(results.understood, results.hits, load_names(db).sources)

    return await req.query(look)


async def _told(req: PageRequest, params: SearchParams) -> str:
    """What filters alone ask for."""
    if params.empty:
        return ""
    return await req.query(lambda db: load_filter_names(db, req.words, req.formats).sentence(params))


def _row(hit: Hit, outlet: str, archived: str, *, public: bool) -> list[str]:
    at = moment(hit.published_at).astimezone(HANOI).strftime("%Y-%m-%d %H:%M") if hit.published_at else ""
    return [
        str(hit.id),
        at,
        hit.source,
        outlet,
        hit.title,
        safe_url(hit.url) or "",
        archived,
        hit.state,
        str(hit.edits),
        "" if public else hit.snippet,
    ]


def _feed(req: PageRequest, params: SearchParams, told: str, found: _Found) -> bytes:
    page = req.absolute(req.path("/tim", params.to_dict()))
    title = req.words("search.feed", what=told)
    feed = begin(page, title, max(map(_updated, found.hits), default=""))
    add(feed, "link", href=page)
    add(feed, "link", rel="self", href=req.absolute(req.path("/tim.atom", params.to_dict())))
    articles = req.absolute(req.path("/bai/"))
    for hit in found.hits:
        entry = _entry(feed, hit, found.outlet(hit), f"{articles}{hit.id}")
        if not req.public:
            add(entry, "summary", excerpt(hit.lead, hit.body))
    return end(feed)


def _entry(feed: FeedElement, hit: Hit, outlet: str, archived: str) -> FeedElement:
    entry = add_entry(feed)
    add(entry, "id", archived)
    add(entry, "title", hit.title)
    add(entry, "updated", _updated(hit))
    add(entry, "published", hit.published_at or hit.first_seen_at)
    add(entry, "link", href=archived)
    if original := safe_url(hit.url):
        add(entry, "link", rel="via", href=original)
    add_author(entry, outlet)
    return entry


def _updated(hit: Hit) -> str:
    return hit.changed_at or hit.published_at or hit.first_seen_at
