"""The last 24 hours: stories by topic, each once; what was edited or taken down of late."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.clock import stamp
from archive.revisions.changes import Change, from_json, headline
from archive.web.queries.lists import Line, Topic, lines, marks, sort_at

_HOURS = 24
_AT_MOST = 600  # articles looked at; a province's day has far fewer
_RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Story:
    """One story with everyone who ran it, the first one first."""

    articles: list[Line]

    @property
    def first(self) -> Line:
        return self.articles[0]

    @property
    def newest(self) -> int:
        return max(line.sort for line in self.articles)

    @property
    def topics(self) -> list[Topic]:
        return list({topic.key: topic for line in self.articles for topic in line.topics}.values())

    @property
    def outlets(self) -> int:
        return len({line.source for line in self.articles})

    @property
    def edited_id(self) -> int | None:
        return next((line.id for line in self.articles if line.edits), None)

    @property
    def gone_id(self) -> int | None:
        return next((line.id for line in self.articles if line.state == "gone"), None)


@dataclass(frozen=True, slots=True)
class Group:
    """The stories of one topic, newest first; ``topic`` is None for those that have none."""

    topic: Topic | None
    stories: list[Story]


@dataclass(frozen=True, slots=True)
class Edit:
    """An article that was edited of late, with the last differences in a few words."""

    line: Line
    changes: str


def groups(conn: sqlite3.Connection, now: datetime) -> list[Group]:
    """Stories with an article of the last 24 hours, each under its heaviest topic."""
    stories = _stories(conn, now)
    order = [Topic(*row) for row in conn.execute("select key, name from topics order by weight desc, key")]
    by_topic: dict[str | None, list[Story]] = {}
    for story in stories:
        keys = {topic.key for topic in story.topics}
        own = next((topic.key for topic in order if topic.key in keys), None)
        by_topic.setdefault(own, []).append(story)
    found = [Group(topic, by_topic[topic.key]) for topic in order if topic.key in by_topic]
    return found + ([Group(None, by_topic[None])] if None in by_topic else [])


def _stories(conn: sqlite3.Connection, now: datetime) -> list[Story]:
    since = sort_at((now - timedelta(hours=_HOURS)).timestamp())
    recent = lines(conn, "where a.sort >= ? and a.relevant = 1 order by a.sort desc limit ?", [since, _AT_MOST])
    ids = list({line.story_id for line in recent if line.story_id})
    earlier = lines(conn, f"where a.story_id in ({marks(ids)}) and a.sort < ?", [*ids, since]) if ids else []
    told: dict[str, list[Line]] = {}
    for line in sorted(recent + earlier, key=lambda line: line.sort):
        told.setdefault(f"story {line.story_id}" if line.story_id else f"article {line.id}", []).append(line)
    return sorted(map(Story, told.values()), key=lambda story: -story.newest)


def newest(conn: sqlite3.Connection, limit: int = 10) -> list[Line]:
    """The newest relevant articles of all, for a day without news."""
    return lines(conn, "where a.relevant = 1 order by a.sort desc limit ?", [limit])


def edited(
    conn: sqlite3.Connection, now: datetime, say: Callable[[list[Change]], str] = headline, limit: int = 10
) -> list[Edit]:
    """Articles edited within the last week, the last edit first, with what ``say`` makes of it."""
    found = lines(
        conn, "where a.changed_at >= ? order by a.changed_at desc limit ?", [stamp(now - _RECENT), limit]
    )
    return [Edit(line, say(last_changes(conn, line.id))) for line in found]


def last_changes(conn: sqlite3.Connection, article_id: int) -> list[Change]:
    """The differences that the newest edit of an article made."""
    sql = "select changes from versions where article_id = ? and kind = 'edit' order by id desc limit 1"
    row = conn.execute(sql, [article_id]).fetchone()
    return from_json(row[0]) if row else []


def taken_down(conn: sqlite3.Connection, now: datetime, limit: int = 10) -> list[Line]:
    """Articles found gone within the last week."""
    return lines(conn, "where a.gone_at >= ? order by a.gone_at desc limit ?", [stamp(now - _RECENT), limit])


def anything(conn: sqlite3.Connection) -> bool:
    """Whether the archive holds any article."""
    return conn.execute("select 1 from articles limit 1").fetchone() is not None
