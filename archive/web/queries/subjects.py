"""Topics over time, and the documents that articles cite."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.clock import HANOI
from archive.schema import SORT_SLOTS
from archive.web.queries.lists import Line, lines, sort_at

WEEKS = 12
PAGE = 30


@dataclass(frozen=True, slots=True)
class TopicWeeks:
    """A topic with its articles of the last twelve weeks, oldest week first; weeks start on Monday."""

    key: str
    name: str
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


def topics(conn: sqlite3.Connection, now: datetime) -> list[TopicWeeks]:
    """Every topic, the heaviest first."""
    rows = conn.execute("select key, name, query from topics order by weight desc, key").fetchall()
    return [TopicWeeks(key, name, query, *_counts(conn, key, now)) for key, name, query in rows]


def topic(conn: sqlite3.Connection, key: str, now: datetime) -> TopicWeeks | None:
    """One topic, or None."""
    row = conn.execute("select key, name, query from topics where key = ?", [key]).fetchone()
    return TopicWeeks(row[0], row[1], row[2], *_counts(conn, key, now)) if row else None


def _counts(conn: sqlite3.Connection, key: str, now: datetime) -> tuple[int, list[int]]:
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
    return int(total), weeks


def topic_lines(conn: sqlite3.Connection, key: str, page: int) -> list[Line]:
    """One page of a topic's articles, newest first."""
    rest = "where a.id in (select article_id from article_topics where topic = ?) order by a.sort desc"
    return lines(conn, f"{rest} limit ? offset ?", [key, PAGE, (page - 1) * PAGE])


_DOCUMENTS = """select d.number, d.kind, d.issuer, d.issued_on, count(*) as articles, max(a.published_at),
        replace(group_concat(distinct x.dated), ',', ' ')
    from documents d join article_documents x on x.number = d.number join articles a on a.id = x.article_id"""


def documents(conn: sqlite3.Connection, page: int) -> list[Document]:
    """One page of the documents cited, the most lately cited first."""
    sql = f"{_DOCUMENTS} group by d.number order by max(a.sort) desc limit ? offset ?"
    return [Document(*row) for row in conn.execute(sql, [PAGE, (page - 1) * PAGE])]


def document(conn: sqlite3.Connection, number: str) -> Document | None:
    """One document, or None."""
    row = conn.execute(f"{_DOCUMENTS} where d.number = ? group by d.number", [number]).fetchone()
    return Document(*row) if row else None


def citing(conn: sqlite3.Connection, number: str, page: int) -> list[tuple[Line, str | None]]:
    """One page of the articles that cite a document, newest first, with the sentence that does."""
    rest = "where a.id in (select article_id from article_documents where number = ?) order by a.sort desc"
    found = lines(conn, f"{rest} limit ? offset ?", [number, PAGE, (page - 1) * PAGE])
    sql = "select article_id, quote from article_documents where number = ?"
    quotes: dict[int, str | None] = dict(conn.execute(sql, [number]).fetchall())
    return [(line, quotes.get(line.id)) for line in found]
