"""``/chu-de`` Chủ đề and ``/van-ban`` Văn bản: topics over time, documents and who cites them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.clock import HANOI
from archive.db import sort_at, sort_span
from archive.web.charts import Chart, chart
from archive.web.request import PageRequest
from archive.web.views.events.lines import EventLines, event_lines
from archive.web.views.lists import ArticleLine, lines

WEEKS = 12
PAGE = 30


@dataclass(frozen=True, slots=True)
class TopicWeeks:
    """A topic with its articles of the last twelve weeks, oldest week first; weeks start on Monday."""

    key: str
    name: str
    name_en: str
    query: str | None
    total: int
    weeks: list[int]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that articles cite; ``dates`` are all the dates they give it, as they should all be one."""

    number: str
    kind: str | None
    issuer: str | None
    issued_on: str | None
    articles: int
    newest_at: str | None
    given: str | None = None

    @property
    def dates(self) -> list[str]:
        """The different dates that articles give, earliest first."""
        return sorted(self.given.split()) if self.given else []


def week_starts(now: datetime) -> list[datetime]:
    """The Mondays, 00:00 in Hà Nội, that open the last twelve weeks, oldest first."""
    local = now.astimezone(HANOI)
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def load_topics(db: Database, now: datetime) -> list[TopicWeeks]:
    """Every topic, the heaviest first."""
    rows = db.execute("select key, name, name_en, query from topics order by weight desc, key").fetchall()
    return [_with_weeks(db, row, now) for row in rows]


def load_topic(db: Database, key: str, now: datetime) -> TopicWeeks | None:
    """One topic, or None."""
    row = db.execute("select key, name, name_en, query from topics where key = ?", [key]).fetchone()
    return _with_weeks(db, row, now) if row else None


def _with_weeks(db: Database, topic: tuple[Any, ...], now: datetime) -> TopicWeeks:
    key, name, name_en, query = topic
    total = db.execute("select count(*) from article_topics where topic = ?", [key]).fetchone()[0]
    starts = [sort_at(start) for start in week_starts(now)]
    weeks = [0] * WEEKS
    sql = """select (a.sort - ?) / ? as week, count(*)
        from article_topics x join articles a on a.id = x.article_id
        where x.topic = ? and a.sort >= ? group by week"""
    length = sort_span(timedelta(weeks=1))  # Hà Nội has no summer time: all weeks are equally long
    for week, count in db.execute(sql, [starts[0], length, key, starts[0]]):
        if week < WEEKS:
            weeks[week] = count
    return TopicWeeks(key, name, name_en, query, int(total), weeks)


_NEWEST = """where a.id in (select article_id from article_topics where topic = :topic)
    and not exists (select 1 from article_events e join article_events o on o.event_id = e.event_id
        join article_topics x on x.article_id = o.article_id and x.topic = :topic
        join articles b on b.id = o.article_id where e.article_id = a.id and b.sort > a.sort)
    order by a.sort desc limit :limit offset :offset"""


def load_topic_events(db: Database, key: str, page: int) -> tuple[list[EventLines], bool]:
    """One page of a topic, each event once where its newest article stands; whether there are more."""
    given = {"topic": key, "limit": PAGE + 1, "offset": (page - 1) * PAGE}
    newest = lines(db, _NEWEST, given)
    return event_lines(db, newest[:PAGE]), len(newest) > PAGE


_DOCUMENTS = """select d.number, d.kind, d.issuer, d.issued_on, count(*) as articles, max(a.published_at),
        replace(group_concat(distinct x.dated), ',', ' ')
    from documents d join article_documents x on x.number = d.number join articles a on a.id = x.article_id"""


def load_documents(db: Database, page: int) -> list[Document]:
    """One page of the documents cited, the most lately cited first."""
    sql = f"{_DOCUMENTS} group by d.number order by max(a.sort) desc limit ? offset ?"
    return [Document(*row) for row in db.execute(sql, [PAGE, (page - 1) * PAGE])]


def load_document(db: Database, number: str) -> Document | None:
    """One document, or None."""
    row = db.execute(f"{_DOCUMENTS} where d.number = ? group by d.number", [number]).fetchone()
    return Document(*row) if row else None


def load_citing(db: Database, number: str, page: int) -> list[tuple[ArticleLine, str | None]]:
    """One page of the articles that cite a document, newest first, with the sentence that does."""
    rest = "where a.id in (select article_id from article_documents where number = ?) order by a.sort desc"
    articles = lines(db, f"{rest} limit ? offset ?", [number, PAGE, (page - 1) * PAGE])
    sql = "select article_id, quote from article_documents where number = ?"
    quotes: dict[int, str | None] = dict(db.execute(sql, [number]).fetchall())
    return [(line, quotes.get(line.id)) for line in articles]


async def topics(req: PageRequest) -> Response:
    """Every topic with its last twelve weeks."""
    rows = await req.query(lambda db: load_topics(db, req.now))
    return await req.render("topics.html", topics=[(topic, _plot(req, topic, 240, 32)) for topic in rows])


async def topic(req: PageRequest) -> Response:
    """One topic: its weeks and its events."""
    key, page = req.url_vars["key"], req.page_number()
    topic = await req.require(lambda db: load_topic(db, key, req.now))
    stories, more = await req.query(lambda db: load_topic_events(db, key, page))
    return await req.render(
        "topic.html",
        topic=topic,
        plot=_plot(req, topic, 600, 80),
        stories=stories,
        page=page,
        more=more,
        address=lambda number: req.path(f"/chu-de/{key}", {"trang": number}),
    )


def _plot(req: PageRequest, topic: TopicWeeks, width: int, height: int) -> Chart:
    fmt = req.formats
    bars = []
    for start, count in zip(week_starts(req.now), topic.weeks, strict=True):
        first = start.astimezone(HANOI).date()
        label = req.words("topics.week", day=fmt.day(first.isoformat()), count=fmt.count("articles", count))
        params = {"chude": topic.key, "tu": first, "den": first + timedelta(days=6)}
        bars.append((count, label, req.path("/tim", params) if count else ""))
    return chart(bars, width=width, height=height)


async def documents(req: PageRequest) -> Response:
    """The documents cited; with ``?so=`` one of them and the articles that cite it."""
    number, page = req.arg("so"), req.page_number()
    if number:
        return await _document(req, number, page)
    rows = await req.query(lambda db: load_documents(db, page))
    return await req.render(
        "documents.html",
        documents=rows,
        page=page,
        more=len(rows) == PAGE,
        address=lambda number: req.path("/van-ban", {"trang": number}),
    )


async def _document(req: PageRequest, number: str, page: int) -> Response:
    document = await req.require(lambda db: load_document(db, number))
    return await req.render(
        "document.html",
        document=document,
        citing=await req.query(lambda db: load_citing(db, number, page)),
        page=page,
        more=document.articles > page * PAGE,
        address=lambda other: req.path("/van-ban", {"so": number, "trang": other}),
    )
