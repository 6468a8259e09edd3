"""What a digest tells at once: an event that three outlets tell within hours, a topic far above its rhythm."""

import json
import math
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import SORT_SLOTS, sort_at
from archive.digests import editions
from archive.digests.changes import bounds
from archive.digests.collect import EventMatch, StoryBuilder, read_at
from archive.digests.config import Digest
from archive.digests.content import Content, Section, count_stories
from archive.digests.schedule import Window
from archive.reasons import reason
from archive.stories.entries import KEY, KEYED, load_entries

FRESH = timedelta(hours=12)  # a burst that is noticed later is told by the next edition
REST = timedelta(days=3)  # how long a topic is not told again
RHYTHM = 28  # days that tell how many events a topic has in a day
FEWEST = 5  # events within a day, below which no topic has grown
TIMES = 4  # standard deviations above its rhythm, its own or those of chance

_BURST = """
    select v.id, v.burst_at, v.first_published_at, v.own from events v
    where v.burst_at > :since and v.burst_at <= :now and exists (
        select 1 from article_events e join matches m on m.article_id = e.article_id
        join articles a on a.id = e.article_id
        where e.event_id = v.id and a.relevant and m.alert >= :low and m.alert < :high)
    order by v.burst_at"""
_TOLD = (
    """select one.value from digests d, json_each(d.content, ?) one where d.name = ? and d.created_at >= ?"""
)
_RESTS = """select exists (select 1 from digests d
    where d.name = ? and d.created_at > ? and json_extract(d.content, '$.burst') = ?)"""
_DAYS = f"""
    select (:now - a.sort) / :day, {KEY}, m.alert, a.id, coalesce(a.story_id, -a.id)
    from matches m join articles a on a.id = m.article_id {KEYED}
    where m.alert = :alert and a.relevant and a.sort > :now - :day * :days and a.sort <= :now"""


def bursts(db: Database, digest: Digest, now: datetime) -> Iterator[Content]:
    """The alerts that a digest with ``burst`` sends now, to be made as editions that cover no time, one by one.

    What they tell stands in the next edition too. Call it inside a write transaction.
    """
    if digest.options.burst and digest.schedule.cron is not None:
        yield from _alerts(db, digest, now)


def _alerts(db: Database, digest: Digest, now: datetime) -> Iterator[Content]:
    window = Window("", now, now)
    given = bounds(digest, window) | {"since": stamp(now - FRESH), "now": stamp(now)}
    for event, burst_at, first_at, own in db.execute(_BURST, given).fetchall():
        match = EventMatch(event, burst_at)
        match.told = load_entries(db, [event])[event]
        if not _told(db, digest, match.told.articles, burst_at, now):
            hours = max(1, math.ceil((moment(burst_at) - moment(first_at)) / timedelta(hours=1)))
            why = reason("burst_event", n=max(own, 3), hours=hours)
            yield _content(db, digest, [_matched(db, digest, match)], "event", why, now)
    for alert in digest.alerts:
        if alert.topic and not _rests(db, digest, alert.topic, now):
            grown, usual = _grown(db, alert.name, now)
            if grown:
                why = reason("burst_topic", n=len(grown), usual=round(usual, 1))
                yield _content(db, digest, grown, alert.topic, why, now)


def _told(db: Database, digest: Digest, articles: list[int], burst_at: str, now: datetime) -> bool:
    """Whether an alert told the event before, or an edition since it burst."""
    alerts = db.execute(_TOLD, ("$.burst_ids", digest.name, stamp(now - REST)))
    since = db.execute(_TOLD, ("$.article_ids", digest.name, burst_at))
    return not {*(one for (one,) in alerts), *(one for (one,) in since)}.isdisjoint(articles)


def _matched(db: Database, digest: Digest, match: EventMatch) -> EventMatch:
    """The match with the rules that its stories matched; one of those leads it."""
    sql = """select coalesce(a.story_id, -a.id), m.alert from matches m join articles a on a.id = m.article_id
        where m.alert >= ? and m.alert < ? and a.id in (select value from json_each(?))"""
    ends = (f"{digest.name}/", f"{digest.name}0", json.dumps(match.told.articles))
    for story, alert in db.execute(sql, ends):
        match.stories.setdefault(story, set()).add(alert)
    match.told = match.told.led_by(match.stories)
    return match


def _rests(db: Database, digest: Digest, topic: str, now: datetime) -> bool:
    return bool(db.execute(_RESTS, (digest.name, stamp(now - REST), topic)).fetchone()[0])


def _grown(db: Database, alert: str, now: datetime) -> tuple[list[EventMatch], float]:
    """The events of a topic's last 24 hours where they are well above its rhythm, and how many it has a day.

    The rhythm is that of the days since its first event; of less than half of the days it is none yet.
    """
    day = 24 * 60 * SORT_SLOTS
    given = {"alert": alert, "now": sort_at(now), "day": day, "days": RHYTHM + 1}
    days: dict[int, dict[int, EventMatch]] = {}
    for back, key, name, article, story in db.execute(_DAYS, given):
        match = days.setdefault(back, {}).setdefault(key, EventMatch(key, ""))
        match.ids.append(article)
        match.stories.setdefault(story, set()).add(name)
    today = list(days.pop(0, {}).values())
    known = max(days, default=0)
    counts = [len(days.get(back, {})) for back in range(1, known + 1)]
    usual = statistics.fmean(counts) if counts else 0.0
    spread = max(1.0, math.sqrt(usual), statistics.pstdev(counts, usual) if counts else 0.0)
    if known < RHYTHM / 2 or len(today) < max(FEWEST, usual + TIMES * spread):
        return [], usual
    entries = load_entries(db, [match.key for match in today])
    for match in today:
        match.told = entries[match.key].led_by(match.stories)
    return today, usual


def _content(
    db: Database, digest: Digest, matches: list[EventMatch], burst: str, why: str, now: datetime
) -> Content:
    builder = StoryBuilder(db, digest)
    labels = {alert.name: builder.label(alert) for alert in digest.alerts} | {"": ""}
    places = builder.places(matches)
    sections: dict[str, Section] = {}
    for match in matches:
        rule = places[match.key]
        sections.setdefault(rule, Section(rule, labels[rule], [])).stories.append(builder.story(match))
    end = stamp(editions.last_covered_to(db, digest) or now)
    parts = list(sections.values())
    return Content(
        name=digest.name,
        title=digest.title,
        edition=editions.free_key(db, digest, now),
        number=editions.next_number(db, digest, moment(end)),
        made_at=stamp(now),
        covers_from=end,
        covers_to=end,
        counts=count_stories(parts),
        parts=parts,
        archive_url=digest.archive_url,
        stop=digest.options.stop,
        max_items=digest.options.max_items,
        labels=labels,
        office=digest.office,
        file_name=digest.options.file_name,
        read_at=read_at(db),
        marks=digest.options.marks,
        burst=burst,
        burst_ids=[one for match in matches for one in match.told.articles],
        alert=why,
    )
