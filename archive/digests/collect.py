"""Gather what one edition tells: the stories that matched in its window, changes, the sources' health."""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive import health
from archive.clock import moment, stamp
from archive.digests.changes import bounds, changes_in
from archive.digests.config import Digest
from archive.digests.content import Content, Counts, Health, Part, Story
from archive.digests.schedule import Window, days_off
from archive.digests.story import Teller
from archive.vietnamese import full

OTHERS = "Khác"  # heads what matched a rule that has left the config since

_MATCHED = """
    select a.id, coalesce(a.story_id, -a.id), m.alert, coalesce(a.published_at, a.first_seen_at)
    from matches m join articles a on a.id = m.article_id
    where m.alert >= :low and m.alert < :high and m.matched_at > :after and m.matched_at <= :until
      and (a.relevant or not :relevant_only)
      and not exists (select 1 from matches e where e.article_id = a.id
                      and e.alert >= :low and e.alert < :high and e.matched_at <= :after)
    order by a.sort desc
"""
_TOLD_STORIES = """
    select distinct a.story_id from articles a join matches m on m.article_id = a.id
    where a.story_id in (select value from json_each(:stories))
      and m.alert >= :low and m.alert < :high and m.matched_at <= :after
"""


@dataclass(slots=True)
class Found:
    """One story's articles that matched in the window (newest first) and the rules they matched."""

    story: int
    newest: str
    ids: list[int] = field(default_factory=list)
    alerts: set[str] = field(default_factory=set)


def gather(conn: sqlite3.Connection, digest: Digest, window: Window, now: datetime, number: int = 0) -> Content:
    """The content of the edition that covers ``window``; reads only.

    A match belongs to the window it was made in, whenever the article was published: so nothing that
    was found late is lost. What an earlier window matched is never told again.
    """
    found = _found(conn, digest, window)
    told = _told_stories(conn, digest, window, found)
    again = [item for item in found if item.story in told]
    new = [item for item in found if item.story not in told]
    oldest = stamp(window.covers_from - timedelta(days=digest.options.fresh_days))
    ids = sorted(one for item in found for one in item.ids)
    tell = Teller(conn, digest, window, ids)
    parts = _parts(digest, [item for item in new if item.newest >= oldest], tell)
    sources = health.report(conn, now)
    return Content(
        name=digest.name,
        title=digest.title,
        edition=window.edition,
        number=number,
        made_at=stamp(now),
        covers_from=stamp(window.covers_from),
        covers_to=stamp(window.covers_to),
        counts=_counts(parts),
        parts=parts,
        again=[tell.story(item.story, item.ids) for item in again],
        older=[tell.story(item.story, item.ids) for item in new if item.newest < oldest],
        changes=changes_in(conn, digest, window),
        sources=len(sources),
        well=sum(one.level == "green" for one in sources),
        health=[Health(one.name, one.level, one.sentence) for one in sources if one.level in ("red", "amber")],
        warning=_warning(conn, sources, digest.options.stale_hours, now),
        days_off=[d.isoformat() for d in days_off(window.covers_from, window.covers_to, digest.schedule.zone)],
        archive_url=digest.archive_url,
        stop=digest.options.stop,
        max_items=digest.options.max_items,
        article_ids=ids,
    )


def _found(conn: sqlite3.Connection, digest: Digest, window: Window) -> list[Found]:
    by_story: dict[int, Found] = {}
    given = bounds(digest, window) | {"relevant_only": digest.options.relevant_only}
    for article_id, story, alert, published in conn.execute(_MATCHED, given):
        item = by_story.setdefault(story, Found(story, published))
        item.newest = max(item.newest, published)
        item.alerts.add(alert)
        if article_id not in item.ids:
            item.ids.append(article_id)
    return list(by_story.values())


def _told_stories(conn: sqlite3.Connection, digest: Digest, window: Window, found: list[Found]) -> set[int]:
    given = bounds(digest, window) | {"stories": json.dumps([item.story for item in found])}
    return {row[0] for row in conn.execute(_TOLD_STORIES, given)}


def _parts(digest: Digest, found: list[Found], tell: Teller) -> list[Part]:
    """Each story under the first rule, in the order of the config, that it matched."""
    by_alert: dict[str, list[Found]] = {name: [] for name in [*(a.name for a in digest.alerts), ""]}
    for item in found:
        by_alert[next((a.name for a in digest.alerts if a.name in item.alerts), "")].append(item)
    labels = {alert.name: tell.label(alert) for alert in digest.alerts} | {"": OTHERS}
    parts = [
        Part(name, labels[name], _ordered([tell.story(item.story, item.ids) for item in items]))
        for name, items in by_alert.items()
    ]
    return [part for part in parts if part.stories]


def _ordered(stories: list[Story]) -> list[Story]:
    """What most outlets carry first, then the newest."""
    newest = sorted(stories, key=lambda story: story.appearances[0].published_at or "", reverse=True)
    return sorted(newest, key=lambda story: -len({one.outlet for one in story.appearances}))


def _counts(parts: list[Part]) -> Counts:
    stories = [story for part in parts for story in part.stories]
    told = [one for story in stories for one in story.appearances]
    return Counts(len(stories), len(told), len({one.outlet for one in told}))


def _warning(
    conn: sqlite3.Connection, sources: list[health.SourceHealth], stale_hours: float, now: datetime
) -> str:
    """What readers must know before they trust the edition; empty when crawls went well."""
    dead = [source.name for source in sources if source.level == "red"]
    good = conn.execute("select max(finished_at) from runs where state = 'done'").fetchone()[0]
    if sources and (good is None or good < stamp(now - timedelta(hours=stale_hours))):
        last = f"từ {full(moment(good))}" if good else "lần nào"
        return f"chưa thu thập được {last}."
    if not dead:
        return ""
    named = ", ".join(dead[:4]) + (f" và {len(dead) - 4} nguồn khác" if len(dead) > 4 else "")
    return f"{len(dead)}/{len(sources)} nguồn đang hỏng ({named})."
