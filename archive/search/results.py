"""Search the archive: newest first, or ranked within the newest hits."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlite_utils import Database

from archive.db import minute_of, writing
from archive.query import PlaceNames, Query, ReadAs, parse
from archive.query.lexicon import Lexicon
from archive.search.cursor import Cursor
from archive.search.filters import Marked
from archive.search.highlight import Part, mark_terms, plain, snippet
from archive.search.pairs import renew
from archive.search.ranking import WINDOW, ranked
from archive.stories.entries import KEY, KEYED
from archive.text import fold, norm

CAP = 1000  # hits counted exactly; above, Results.capped: «hơn 1.000»
COUNTING = 0.15  # seconds after which a page shows its hits without having counted all, see Cursor.soon
REINDEX_BATCH = 500


@dataclass(frozen=True)
class Hit:
    """One article that matches; times as stored (ISO 8601 UTC), ``snippet`` plain, parts for marking.

    Words are looked for in the text when a snippet is first asked for: that costs more than the search.
    ``body`` is '' where texts were not asked for and there is a lead.
    """

    query: Query
    id: int
    url: str
    title: str
    source: str
    published_at: str | None
    first_seen_at: str
    state: str
    edits: int
    changed_at: str | None
    story_id: int | None
    lead: str
    body: str
    level: str | None = None
    unread: str = ""

    @cached_property
    def title_parts(self) -> list[Part]:
        return mark_terms(self.title, self.query.terms).parts()

    @cached_property
    def snippet_parts(self) -> list[Part]:
        text = f"{self.lead}\n{self.body}" if self.lead else self.body
        return snippet(text, self.query.terms, self.query.rows)

    @cached_property
    def snippet(self) -> str:
        return plain(self.snippet_parts)


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of a search: ``total`` is exact unless ``capped``, when there are, or may be, more:
    beyond ``CAP``, beyond the limit when not counted, or beyond what could be counted in time.

    ``window`` is the number of newest hits that were ranked, None for newest first. ``back_to`` is set when the
    time was used up: articles published before it were not looked at. ``further``: there is another page.
    ``events``: of how many events the hits are, where they are grouped and all of them were counted.
    """

    query: str
    understood: str
    understood_en: str
    problem: str
    total: int
    capped: bool
    window: int | None
    back_to: datetime | None
    hits: list[Hit]
    parsed: Query
    further: bool = False
    events: int | None = None


def search(
    db: Database,
    text: str | Query,
    *,
    source: str | Sequence[str] | None = None,
    topic: str | Sequence[str] | None = None,
    place: str | Sequence[str] | None = None,
    org: str | Sequence[str] | None = None,
    level: str | Sequence[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
    offset: int = 0,
    order: str = "newest",
    places: PlaceNames | None = None,
    lexicon: Lexicon | None = None,
    counted: bool = True,
    texts: bool = True,
    marked: Marked | None = None,
) -> Results:
    """The hits ``offset`` … ``offset + limit`` of a query (``limit`` 0: all), newest first or ranked.

    ``since`` is included, ``until`` is not. ``order`` is ``newest`` or ``relevance``, which ranks the newest
    ``WINDOW`` hits and lets the rest follow, newest first. Unless ``counted``, hits are looked for no further
    than the limit; unless ``texts``, bodies of articles with a lead are not read. ``lexicon`` is what the
    archive knows of words, the starting one when none is given; ``marked`` knows the marks at the desk. Raises
    ValueError for another order.
    """
    desk = marked is not None
    query = parse(text, places, ReadAs(lexicon), desk=desk) if isinstance(text, str) else text
    query = query.narrowed(source=source, topic=topic, place=place, org=org, level=level)
    with closing(Cursor(db, query, since, until, marked=marked)) as cursor:
        return results(db, cursor, limit=limit, offset=offset, order=order, counted=counted, texts=texts)


def results(
    db: Database,
    cursor: Cursor,
    *,
    limit: int = 20,
    offset: int = 0,
    order: str = "newest",
    counted: bool = True,
    texts: bool = True,
    grouped: bool = False,
) -> Results:
    """The same for a cursor that serves counts and charts besides.

    ``grouped``: each event once, by its first hit; ``offset`` and ``limit`` (not 0 then) count events.
    """
    if order not in ("newest", "relevance"):
        raise ValueError(f"order {order!r}: newest or relevance")
    query = cursor.query
    far = CAP + 1 if counted or order == "relevance" else offset + limit + 1
    rows, more = cursor.soon(far, COUNTING, offset + limit) if limit else (cursor.newest(-1), False)
    ordered = ranked(db, cursor, rows[:WINDOW]) + rows[WINDOW:] if order == "relevance" else rows
    page = ordered[offset : offset + limit] if limit else ordered[offset:]
    further = more or len(rows) > offset + limit > 0
    events = None
    if grouped:
        page, further = _one_each(db, cursor, ordered, offset, limit)
        events = None if more else len(set(_keys(db, rows).values()))
    elif limit and len(rows) > CAP and offset + limit > len(rows):
        page += cursor.newest(limit - len(page), offset + len(page))
    return Results(
        query=query.text,
        understood=query.understood,
        understood_en=query.understood_en,
        problem=query.problem,
        total=min(len(rows), far - 1) if limit else len(rows),
        capped=more,
        window=min(WINDOW, len(rows)) if order == "relevance" else None,
        back_to=None if more or cursor.reached is None else minute_of(cursor.reached),
        hits=list(_hits(db, query, page, texts)),
        parsed=query,
        further=further,
        events=events,
    )


def _one_each(
    db: Database, cursor: Cursor, ordered: list[int], offset: int, limit: int
) -> tuple[list[int], bool]:
    """The first hits of the events ``offset`` … ``offset + limit``, and whether more follow.

    ``ordered`` are the hits read so far, in their order; the cursor goes on behind them.
    """
    first: dict[int, int] = {}
    rows, read = ordered, len(ordered)
    while rows and len(first) <= offset + limit:
        keys = _keys(db, rows)
        for row in rows:
            first.setdefault(keys.get(row, row), row)
        rows = cursor.newest(REINDEX_BATCH, read)
        read += len(rows)
    return list(first.values())[offset : offset + limit], len(first) > offset + limit


def _keys(db: Database, rows: list[int]) -> dict[int, int]:
    """Of each row the key of its event."""
    sql = f"select a.sort, {KEY} from articles a {KEYED} where a.sort in (select value from json_each(?))"
    return dict(db.execute(sql, [json.dumps(rows)]).fetchall())


def reindex(db: Database) -> int:
    """Fill the search index anew from the articles, in one transaction; how many were indexed.

    FTS5's own ``rebuild`` must not be used: it would index the unfolded view, and searches typed without
    marks would find nothing.
    """
    count = 0
    with writing(db):
        db.execute("insert into articles_fts (articles_fts) values ('delete-all')")
        rows = db.execute("select sort, title, lead || char(10) || body from articles order by sort")
        while batch := rows.fetchmany(REINDEX_BATCH):
            db.conn.executemany(
                "insert into articles_fts (rowid, title, body, title_f, body_f) values (?, ?, ?, ?, ?)",
                [(sort, norm(title), norm(text), fold(title), fold(text)) for sort, title, text in batch],
            )
            count += len(batch)
        renew(db)
    return count


def _hits(db: Database, query: Query, rows: list[int], texts: bool) -> Iterator[Hit]:
    """Hits in the order of ``rows``; fetched in batches so that all of an archive can be walked."""
    body = "body" if texts else "case when lead = '' then body else '' end"
    for at in range(0, len(rows), REINDEX_BATCH):
        batch = rows[at : at + REINDEX_BATCH]
        fetched = db.execute(
            f"""select sort, id, url, title, source, published_at, first_seen_at, state, edits, changed_at,
                      story_id, lead, {body}, level, unread
               from articles where sort in (select value from json_each(?))""",
            (json.dumps(batch),),
        )
        by_sort = {row[0]: row[1:] for row in fetched}
        for sort in batch:
            if sort in by_sort:
                yield Hit(query, *by_sort[sort])
