"""``/chu-de`` Chủ đề and ``/van-ban`` Văn bản: topics over time, documents and who cites them."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from datasette.utils.asgi import Response

from archive.clock import HANOI
from archive.schema import SORT_SLOTS
from archive.web.charts import Chart, chart
from archive.web.request import PageRequest
from archive.web.views.lists import ArticleLine, lines, sort_at

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


def load_topics(conn: sqlite3.Connection, now: datetime) -> list[TopicWeeks]:
    """Every topic, the heaviest first."""
    rows = conn.execute("select key, name, name_en, query from topics order by weight desc, key").fetchall()
    return [_with_weeks(conn, row, now) for row in rows]


def load_topic(conn: sqlite3.Connection, key: str, now: datetime) -> TopicWeeks | None:
    """One topic, or None."""
    row = conn.execute("select key, name, name_en, query from topics where key = ?", [key]).fetchone()
    return _with_weeks(conn, row, now) if row else None


def _with_weeks(conn: sqlite3.Connection, topic: tuple[Any, ...], now: datetime) -> TopicWeeks:
    key, name, name_en, query = topic
    total = conn.execute("select count(*) from article_topics where topic = ?", [key]).fetchone()[0]
    starts = [sort_at(start.timestamp()) for start in week_starts(now)]
    weeks = [0] * WEEKS
    sql = """select (a.sort - ?) / ? as week, count(*)
        from article_topics x join articles a on a.id = x.article_id
        where x.topic = ? and a.sort >= ? group by week"""
    length = 7 * 24 * 60 * SORT_SLOTS  # Hà Nội has no summer time: all weeks are equally long
    for week, count in conn.execute(sql, [starts[0], length, key, starts[0]]):
        if week < WEEKS:
            weeks[week] = count
    return TopicWeeks(key, name, name_en, query, int(total), weeks)


def load_topic_lines(conn: sqlite3.Connection, key: str, page: int) -> list[ArticleLine]:
    """One page of a topic's articles, newest first."""
    rest = "where a.id in (select article_id from article_topics where topic = ?) order by a.sort desc"
    return lines(conn, f"{rest} limit ? offset ?", [key, PAGE, (page - 1) * PAGE])


_DOCUMENTS = """select d.number, d.kind, d.issuer, d.issued_on, count(*) as articles, max(a.published_at),
        replace(group_concat(distinct x.dated), ',', ' ')
    from documents d join article_documents x on x.number = d.number join articles a on a.id = x.article_id"""


def load_documents(conn: sqlite3.Connection, page: int) -> list[Document]:
    """One page of the documents cited, the most lately cited first."""
    sql = f"{_DOCUMENTS} group by d.number order by max(a.sort) desc limit ? offset ?"
    return [Document(*row) for row in conn.execute(sql, [PAGE, (page - 1) * PAGE])]


def load_document(conn: sqlite3.Connection, number: str) -> Document | None:
    """One document, or None."""
    row = conn.execute(f"{_DOCUMENTS} where d.number = ? group by d.number", [number]).fetchone()
    return Document(*row) if row else None


def load_citing(conn: sqlite3.Connection, number: str, page: int) -> list[tuple[ArticleLine, str | None]]:
    """One page of the articles that cite a document, newest first, with the sentence that does."""
    rest = "where a.id in (select article_id from article_documents where number = ?) order by a.sort desc"
    articles = lines(conn, f"{rest} limit ? offset ?", [number, PAGE, (page - 1) * PAGE])
    sql = "select article_id, quote from article_documents where number = ?"
    quotes: dict[int, str | None] = dict(conn.execute(sql, [number]).fetchall())
    return [(line, quotes.get(line.id)) for line in articles]


async def topics(req: PageRequest) -> Response:
    """Every topic with its last twelve weeks."""
    rows = await req.query(lambda conn: load_topics(conn, req.now))
    return await req.render("topics.html", topics=[(topic, _plot(req, topic, 240, 32)) for topic in rows])


async def topic(req: PageRequest) -> Response:
    """One topic: its weeks and its articles."""
    key, page = req.url_vars["key"], req.page_number()
    topic = await req.require(lambda conn: load_topic(conn, key, req.now))
    articles = await req.query(lambda conn: load_topic_lines(conn, key, page))
    return await req.render(
        "topic.html",
        topic=topic,
        plot=_plot(req, topic, 600, 80),
        lines=articles,
        page=page,
        more=topic.total > page * PAGE,
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
    rows = await req.query(lambda conn: load_documents(conn, page))
    return await req.render(
        "documents.html",
        documents=rows,
        page=page,
        more=len(rows) == PAGE,
        address=lambda number: req.path("/van-ban", {"trang": number}),
    )


async def _document(req: PageRequest, number: str, page: int) -> Response:
    document = await req.require(lambda conn: load_document(conn, number))
    return await req.render(
        "document.html",
        document=document,
        citing=await req.query(lambda conn: load_citing(conn, number, page)),
        page=page,
        more=document.articles > page * PAGE,
        address=lambda other: req.path("/van-ban", {"so": number, "trang": other}),
    )
