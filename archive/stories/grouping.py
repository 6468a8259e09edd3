"""Stories: articles that carry one text, joined and divided as the texts say; no row is ever dropped."""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import SORT_SLOTS, sort_at, writing
from archive.model import Article
from archive.stories import events
from archive.stories.near_duplicates import (
    WINDOW,
    WINDOW_SORT,
    Outlets,
    StoryText,
    forget,
    keep,
    partners,
    same_story,
    story_texts,
)
from archive.stories.shingles import sample

_PRUNE_EVERY, _PRUNE_MOST, _BATCH = 256, 1024, 500  # articles
_EARLIEST = f"sort / {SORT_SLOTS}, credit is not null, sort"


class Member(NamedTuple):
    """An article of a story, as lists show it."""

    id: int
    url: str
    source: str
    title: str
    published_at: str | None
    first_seen_at: str
    credit: str | None
    credit_url: str | None
    state: str
    unread: str = ""


def assign(db: Database, article_id: int, article: Article, shingles: list[int], now: datetime) -> int:
    """Put a new or edited article, whose row is written, into its story; the story's id.

    Call it inside the transaction that wrote the row. Stories are joined or divided as the texts now
    say; each article has one, if only its own.
    """
    (sort,) = db.execute("select sort from articles where id = ?", (article_id,)).fetchone()
    credit, link = (article.credit.outlet, article.credit.url) if article.credit else (None, None)
    text = StoryText(article_id, article.url, article.source, sort, article.lead, article.body, credit, link)
    story_id = _place(db, text, shingles)
    if article_id % _PRUNE_EVERY == 0:
        prune(db, now, _PRUNE_MOST)
    return story_id


def members(db: Database, story_id: int) -> list[Member]:
    """The story's articles, earliest published first."""
    rows = db.execute(
        "select id, url, source, title, published_at, first_seen_at, credit, credit_url, state, unread"
        f" from articles where story_id = ? order by {_EARLIEST}",
        (story_id,),
    )
    return [Member(*row) for row in rows]


def member_ids(db: Database, stories: Iterable[int]) -> dict[int, list[int]]:
    """Of each story the ids of its articles, in the same order."""
    ids: dict[int, list[int]] = {}
    sql = f"""select story_id, id from articles where story_id in (select value from json_each(?))
        order by {_EARLIEST}"""
    for story, article_id in db.execute(sql, [json.dumps(list(stories))]):
        ids.setdefault(story, []).append(article_id)
    return ids


def prune(db: Database, now: datetime, most: int | None = None) -> int:
    """Drop the shingles of articles neither published nor first seen in the window; how many articles."""
    edge = now - WINDOW
    last, pruned = -1, 0
    while most is None or pruned < most:
        rows = db.execute(
            "select id, sort, first_seen_at from articles where id in (select distinct article_id"
            " from shingles where article_id > ? order by article_id limit ?) order by id",
            (last, _BATCH),
        ).fetchall()
        unseen = [(one, sort) for one, sort, first_seen_at in rows if first_seen_at < stamp(edge)]
        stale = [one for one, sort in unseen if sort < sort_at(edge)]
        forget(db, stale)
        events.forget(db, stale)
        pruned += len(stale)
        if not unseen:  # ids come in the order in which articles were first seen
            break
        last = rows[-1][0]
    return pruned


def rebuild(db: Database, now: datetime, since: datetime | None = None) -> int:
    """Sort the articles published since then, or all, into stories and events anew; how many were looked at.

    Of articles only ``story_id`` changes. It commits after each batch, so it may be stopped and run again.
    """
    sort = sort_at(since) if since else -(2**62)
    behind: deque[tuple[int, int]] = deque()
    count = 0
    while batch := story_texts(db, "sort >= ? order by sort limit ?", (sort, _BATCH)):
        with writing(db):
            for one in batch:
                _place(db, one, sample(one.runs))
                behind.append((one.sort, one.id))
            sort = batch[-1].sort + 1
            done = [behind.popleft()[1] for place, _ in list(behind) if place < sort - WINDOW_SORT]
            forget(db, _first_seen_before(db, now - WINDOW, done))
        count += len(batch)
    events.rebuild(db, since)
    prune(db, now)
    return count


def _first_seen_before(db: Database, edge: datetime, ids: list[int]) -> list[int]:
    marks = ",".join("?" * len(ids))
    rows = db.execute(
        f"select id from articles where id in ({marks}) and first_seen_at < ?", (*ids, stamp(edge))
    )
    return [row[0] for row in rows.fetchall()]


def _place(db: Database, one: StoryText, shingles: list[int]) -> int:
    """Keep the article's shingles and arrange the stories that it belongs or belonged to."""
    keep(db, one.id, shingles)
    ids = [one.id, *partners(db, one, shingles)]
    marks = ",".join("?" * len(ids))
    touched = db.execute(f"select distinct story_id from articles where id in ({marks})", ids).fetchall()
    before = {story_id for (story_id,) in touched if story_id is not None}
    after = _arrange(db, one, before)
    events.settle(db, [story_id for story_id in after if story_id in before or not before])
    events.settle(db, [story_id for story_id in after if before and story_id not in before], anew=True)
    (story,) = db.execute("select story_id from articles where id = ?", (one.id,)).fetchone()
    return int(story)


def _arrange(db: Database, changed: StoryText, stories: set[int]) -> list[int]:
    """Divide one article and all of these stories into what hangs together.

    A group keeps the id of a story it came from, the earliest group first; stories left empty go. Their ids.
    """
    marks = ",".join("?" * len(stories))
    held = dict(db.execute(f"select id, story_id from articles where story_id in ({marks})", tuple(stories)))
    others = story_texts(db, f"story_id in ({marks}) and id <> ?", (*stories, changed.id))
    groups = sorted(_groups([changed, *others], Outlets(db)), key=lambda group: group[0].sort)
    free = set(stories)
    kept = []
    for group in groups:
        own = {held[one.id] for one in group if one.id in held} & free
        kept.append(min(own) if own else _new_story(db, group[0].id))
        free.discard(kept[-1])
        rows = [(kept[-1], one.id) for one in group]
        db.conn.executemany("update articles set story_id = ? where id = ?", rows)
    for story_id in kept:
        _describe(db, story_id)
    db.conn.executemany("delete from stories where id = ?", [(story_id,) for story_id in free])
    return kept


def _groups(left: list[StoryText], outlets: Outlets) -> Iterator[list[StoryText]]:
    """The articles that hang together, directly or through others, each group earliest first."""
    while left:
        group, queue = [], [left[0]]
        left = left[1:]
        while queue:
            one = queue.pop()
            group.append(one)
            joined = [other for other in left if same_story(one, other, outlets)]
            left = [other for other in left if other not in joined]
            queue += joined
        yield sorted(group, key=lambda one: one.sort)


def _new_story(db: Database, first_article_id: int) -> int:
    made = "insert into stories (title, first_article_id) values ('', ?) returning id"
    (story_id,) = db.execute(made, (first_article_id,)).fetchone()
    return int(story_id)


def _describe(db: Database, story_id: int) -> None:
    """Bring the story's own row in line with its articles."""
    rows = members(db, story_id)
    first = rows[0]
    outlets = len({row.source for row in rows})
    db.execute(
        "update stories set title = ?, first_article_id = ?, first_published_at = ?, articles = ?, outlets = ?"
        " where id = ?",
        (first.title, first.id, first.published_at or first.first_seen_at, len(rows), outlets, story_id),
    )
