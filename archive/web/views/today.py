"""``/`` Hôm nay: what the last 24 hours brought, each event once, by topic; edits and take-downs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive import health
from archive.clock import stamp
from archive.db import sort_at
from archive.health.machine import home_report
from archive.health.runs import unreached
from archive.revisions.changes import Change, from_json, headline
from archive.web.request import PageRequest
from archive.web.views.events.lines import EventLines, event_lines
from archive.web.views.lists import ArticleLine, TopicLabel, lines

_HOURS = 24
_AT_MOST = 600  # articles looked at; a province's day has far fewer
_RECENT = timedelta(days=7)
_LONGEST_RUN = timedelta(hours=1)  # a run open for longer was killed


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """What is told of one topic, each event once, newest first; ``topic`` is None for those that have none."""

    topic: TopicLabel | None
    stories: list[EventLines]


@dataclass(frozen=True, slots=True)
class EditedLine:
    """An article that was edited of late, with the last differences in a few words."""

    line: ArticleLine
    changes: str


def load_groups(db: Database, now: datetime) -> list[TopicGroup]:
    """What has an article of the last 24 hours, each event once, under the topic that its best story fits."""
    stories = _stories(db, now)
    order = [
        TopicLabel(*row)
        for row in db.execute("select key, name, name_en from topics order by weight desc, rowid")
    ]
    by_topic: dict[str | None, list[EventLines]] = {}
    for story in stories:
        by_topic.setdefault(story.rank[0] if story.rank else None, []).append(story)
    named = [TopicGroup(topic, by_topic[topic.key]) for topic in order if topic.key in by_topic]
    return named + ([TopicGroup(None, by_topic[None])] if None in by_topic else [])


def _stories(db: Database, now: datetime) -> list[EventLines]:
    since = sort_at(now - timedelta(hours=_HOURS))
    newest = "where a.sort >= ? and a.relevant = 1 order by a.sort desc limit ?"
    recent = lines(db, newest, [since, _AT_MOST], ranked=False)
    return sorted(event_lines(db, recent, since), key=lambda story: -story.newest)


def load_newest(db: Database, limit: int = 10) -> list[ArticleLine]:
    """The newest relevant articles of all, for a day without news."""
    return lines(db, "where a.relevant = 1 order by a.sort desc limit ?", [limit])


def load_edited(
    db: Database, now: datetime, describe: Callable[[list[Change]], str] = headline, limit: int = 10
) -> list[EditedLine]:
    """Articles edited within the last week, the last edit first, with what ``describe`` makes of it."""
    rows = lines(
        db, "where a.changed_at >= ? order by a.changed_at desc limit ?", [stamp(now - _RECENT), limit]
    )
    return [EditedLine(line, describe(last_changes(db, line.id))) for line in rows]


def last_changes(db: Database, article_id: int) -> list[Change]:
    """The differences that the newest edit of an article made."""
    sql = "select changes from versions where article_id = ? and kind = 'edit' order by id desc limit 1"
    row = db.execute(sql, [article_id]).fetchone()
    return from_json(row[0]) if row else []


def load_gone(db: Database, now: datetime, limit: int = 10) -> list[ArticleLine]:
    """Articles found gone within the last week."""
    return lines(db, "where a.gone_at >= ? order by a.gone_at desc limit ?", [stamp(now - _RECENT), limit])


@dataclass(frozen=True, slots=True)
class FirstRound:
    """How many of the sources to crawl have run at all, and whether a crawl is going on."""

    done: int
    total: int
    crawling: bool


def load_first_round(db: Database, now: datetime, *, up: bool) -> FirstRound:
    """``up``: ``diemtin up`` runs, so that what has not run yet soon will."""
    total, done = db.execute(
        """select count(*), coalesce(sum(key in (select source from runs where state <> 'running')), 0)
           from sources where state not in ('removed', 'blocked', 'paused')"""
    ).fetchone()
    under_way = db.execute(
        "select 1 from runs where state = 'running' and started_at >= ? limit 1", [stamp(now - _LONGEST_RUN)]
    ).fetchone()
    return FirstRound(done, total, bool(done < total and (up or under_way)))


async def today(req: PageRequest) -> Response:
    """The front page."""
    home = req.site.home
    up = bool(home and home.is_locked("up"))
    home_health = home_report(home, req.now, req.site.sources_fault()) if home and not req.public else []

    def gather(db: Database) -> dict[str, Any]:
        describe = partial(headline, words=req.words)
        groups = load_groups(db, req.now)
        sources, lost = health.report(db, req.now), unreached(db)
        alarming = [source for source in sources if source.level in ("red", "amber")]
        return {
            "groups": groups,
            "stories": sum(len(group.stories) for group in groups),
            "newest": [] if groups else load_newest(db),
            "anything": db.execute("select 1 from articles limit 1").fetchone() is not None,
            "edited": load_edited(db, req.now, describe),
            "gone": load_gone(db, req.now),
            "sources": sources,
            "first_round": load_first_round(db, req.now, up=up),
            "alarming_home": [one for one in home_health if one.alarm.level in ("red", "amber")],
            "alarming": [source for source in alarming if source.key not in lost],
            "unreached": [source for source in alarming if source.key in lost],
        }

    return await req.render("today.html", **await req.query(gather))
