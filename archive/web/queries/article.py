"""One article with everything known of it."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from archive.revisions.changes import Change, from_json
from archive.web.queries.lists import Line, Topic, lines, topics_of


@dataclass(frozen=True, slots=True)
class Version:
    """The text as it stood from ``seen_at`` on; ``changes`` against the version before."""

    seen_at: str
    kind: str
    title: str
    lead: str
    body: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class State:
    """A change between live, suspected and gone."""

    at: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A document as the article cites it."""

    number: str
    kind: str | None
    issuer: str | None
    dated: str | None
    quote: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its meaning, as the article gives it."""

    indicator: str
    value: float
    unit: str
    qualifier: str | None
    rank_of: int | None
    period: str | None
    kind: str
    quote: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the article page shows."""

    row: dict[str, Any]
    outlet: str
    home: str | None
    topics: list[Topic]
    mentions: dict[str, list[tuple[str, int]]]
    citations: list[Citation]
    figures: list[Figure]
    story: list[Line]
    versions: list[Version]
    states: list[State]

    @property
    def authors(self) -> list[str]:
        return list(json.loads(self.row["authors"]))

    @property
    def why(self) -> list[str]:
        return list(json.loads(self.row["why"]))

    @property
    def paragraphs(self) -> list[str]:
        return [part for part in self.row["body"].split("\n") if part.strip()]

    @property
    def suspected_at(self) -> str | None:
        """When a take-down was first noticed: on the record where it was confirmed, else in the states."""
        noticed = [state.at for state in self.states if state.state == "suspected"]
        return self.row["suspected_at"] or (noticed[-1] if noticed and self.row["state"] == "gone" else None)


def dossier(conn: sqlite3.Connection, article_id: int) -> Dossier | None:
    """Everything known of one article, or None where there is none of that number."""
    cursor = conn.execute("select * from articles where id = ?", [article_id])
    row = cursor.fetchone()
    if row is None:
        return None
    article = dict(zip((column[0] for column in cursor.description), row, strict=True))
    source = conn.execute("select name, home from sources where key = ?", [article["source"]]).fetchone()
    return Dossier(
        article,
        outlet=source[0] if source else article["source"],
        home=source[1] if source else None,
        topics=topics_of(conn, [article_id]).get(article_id, []),
        mentions=_mentions(conn, article_id),
        citations=_citations(conn, article_id),
        figures=_figures(conn, article_id),
        story=_story(conn, article["story_id"]),
        versions=_versions(conn, article_id),
        states=_states(conn, article_id),
    )


def heading(conn: sqlite3.Connection, article_id: int) -> tuple[dict[str, Any], str] | None:
    """Id, address and title of an article with the name of its outlet, or None."""
    sql = """select a.id, a.url, a.title, coalesce(s.name, a.source)
        from articles a left join sources s on s.key = a.source where a.id = ?"""
    row = conn.execute(sql, [article_id]).fetchone()
    return ({"id": row[0], "url": row[1], "title": row[2]}, str(row[3])) if row else None


def _mentions(conn: sqlite3.Connection, article_id: int) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    sql = "select kind, name, count from mentions where article_id = ? order by count desc, name"
    for kind, name, count in conn.execute(sql, [article_id]):
        found.setdefault(kind, []).append((name, count))
    return found


def _citations(conn: sqlite3.Connection, article_id: int) -> list[Citation]:
    sql = """select x.number, d.kind, d.issuer, coalesce(x.dated, d.issued_on), x.quote
        from article_documents x left join documents d on d.number = x.number
        where x.article_id = ? order by x.number"""
    return [Citation(*row) for row in conn.execute(sql, [article_id])]


def _figures(conn: sqlite3.Connection, article_id: int) -> list[Figure]:
    sql = """select indicator, value, unit, qualifier, rank_of, period, kind, quote
        from figures where article_id = ? order by id"""
    return [Figure(*row) for row in conn.execute(sql, [article_id])]


def _story(conn: sqlite3.Connection, story_id: int | None) -> list[Line]:
    return lines(conn, "where a.story_id = ? order by a.sort limit 100", [story_id]) if story_id else []


def _versions(conn: sqlite3.Connection, article_id: int) -> list[Version]:
    sql = "select seen_at, kind, title, lead, body, changes from versions where article_id = ? order by id"
    return [
        Version(seen_at, kind, title, lead, body, from_json(changes))
        for seen_at, kind, title, lead, body, changes in conn.execute(sql, [article_id])
    ]


def _states(conn: sqlite3.Connection, article_id: int) -> list[State]:
    sql = "select at, state, reason from states where article_id = ? order by at, rowid"
    return [State(*row) for row in conn.execute(sql, [article_id])]
