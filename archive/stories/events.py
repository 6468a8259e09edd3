"""Events: the stories of several outlets that tell one happening; a story joins the one that founded it.

A story is compared with founders only, never with those that joined: a chain of likeness would make one event
of a whole session of parliament. What an editor ruled stands above what the words say, and stays.
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from heapq import nlargest, nsmallest
from typing import NamedTuple

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import SORT_SLOTS, minute_of, sort_at, sort_span, writing
from archive.reasons import reason
from archive.stories.happenings import WINDOW_SORT, compare_tellings
from archive.stories.rulings import apart, rule, ruling, together
from archive.stories.tellings import Rarity, Telling, count, load_rarity, word_number

BURST = 3  # outlets with a text of their own
BURST_SORT = sort_span(timedelta(hours=6))

_CLUES = 16  # rare words kept of a founder
_HOT = 60  # founders that may share a clue
_READ = 8  # founders compared for one story
_COUNTED = """
    update events set (articles, outlets, first_published_at, last_published_at) = (
        select count(*), count(distinct a.source), min(coalesce(a.published_at, a.first_seen_at)),
               max(coalesce(a.published_at, a.first_seen_at))
        from article_events e join articles a on a.id = e.article_id where e.event_id = ?),
      stories = ?, own = ?, burst_at = coalesce(burst_at, ?),
      title = (select title from articles where id = events.id)
    where id = ?"""
_MOVED = """update article_events set event_id = ? where event_id = ?
    and article_id not in (select id from articles where story_id = ?)"""
_BATCH = 500  # articles
_EARLIEST = f"sort / {SORT_SLOTS}, credit is not null, sort"


class StoryOfEvent(NamedTuple):
    """A story within an event: the article that stands for it."""

    event_id: int
    story_id: int
    article_id: int
    sort: int
    source: str
    own: bool  # a text of its own; it credits nobody


def event_of(db: Database, article_id: int) -> int | None:
    """The event an article belongs to; None for a headline, and for what an older release kept."""
    row = db.execute("select event_id from article_events where article_id = ?", [article_id]).fetchone()
    return int(row[0]) if row else None


def events_of(db: Database, articles: Iterable[int]) -> dict[int, int]:
    """Of each article its event, where it has one."""
    sql = "select article_id, event_id from article_events where article_id in (select value from json_each(?))"
    return dict(db.execute(sql, [json.dumps(list(articles))]).fetchall())


def stories_of(db: Database, events: Iterable[int]) -> dict[int, list[StoryOfEvent]]:
    """Of each event its stories, the founding one first, then as they were published."""
    sql = f"""select e.event_id, a.story_id, a.id, a.sort, a.source, a.credit is null,
            sum(a.id = e.event_id) founding, min(a.sort / {SORT_SLOTS} * 2 + (a.credit is not null))
        from article_events e join articles a on a.id = e.article_id
        where e.event_id in (select value from json_each(?))
        group by e.event_id, a.story_id order by e.event_id, founding desc, a.sort"""
    stories: dict[int, list[StoryOfEvent]] = {}
    for *row, _, _ in db.execute(sql, [json.dumps(list(events))]):
        stories.setdefault(row[0], []).append(StoryOfEvent(*row))
    return stories


def join_events(db: Database, event: int, other: int, now: datetime) -> None:
    """An editor joins one event with another, for good; call it inside a write transaction."""
    stories = stories_of(db, [event, other])
    joined = stories.pop(event, [])
    for one in joined:
        rule(db, one.article_id, [each.article_id for each in stories.get(other, [])], same=True, now=now)
    settle(db, [one.story_id for one in joined], anew=True)


def split_story(db: Database, article_id: int, now: datetime) -> int:
    """An editor takes an article with its story out of its event, for good; the event it has then.

    Call it inside a write transaction.
    """
    (story,) = db.execute("select story_id from articles where id = ?", [article_id]).fetchone()
    event = event_of(db, article_id)
    stories = stories_of(db, [event] if event else []).get(event or 0, [])
    own = next((one.article_id for one in stories if one.story_id == story), article_id)
    rest = [one.article_id for one in stories if one.story_id != story]
    rule(db, own, rest, same=False, now=now)
    if rest and event_of(db, own) == own:  # what it founded goes on without it
        db.execute(_MOVED, (rest[0], own, story))
        _describe(db, rest[0])
    settle(db, [story], anew=True)
    return event_of(db, article_id) or article_id


def explain(db: Database, one: int, other: int) -> list[str]:
    """Why two articles are, or are not, of one event: stored reasons, the editors' word first, vetoes last."""
    tellings = _tellings(db, "id in (?, ?)", one, other)
    if len(tellings) < 2:
        return []
    ruled = ruling(db, one, other)
    (story,) = db.execute(
        "select count(distinct story_id) = 1 from articles where id in (?, ?)", (one, other)
    ).fetchone()
    verdict = compare_tellings(tellings[0], tellings[1], load_rarity(db, tellings))
    said = [] if ruled is None else [reason("event_ruled" if ruled else "event_ruled_apart")]
    return [*said, *([reason("event_story")] if story else []), *verdict.reasons, *verdict.vetoes]


def settle(db: Database, stories: Iterable[int], *, anew: bool = False) -> None:
    """Put stories that were made or changed into their events, inside the transaction that changed them.

    A story that is in an event stays there, unless ``anew``; its articles are always in one event.
    """
    touched: set[int] = set()
    for story in stories:
        touched |= _settle(db, story, anew)
    for event in touched:
        _describe(db, event)


def _settle(db: Database, story: int, anew: bool) -> set[int]:
    """The events that the story belonged to and belongs to."""
    tellings = _tellings(db, "story_id = ?", story)
    ids = [one.article_id for one in tellings]
    held = Counter(events_of(db, ids).values())
    if not held:
        count(db, tellings[0])
    event = next(iter(held)) if len(held) == 1 and not anew else _find(db, tellings, anew)
    if event is None:
        event = ids[0] if anew or not held else min(held, key=lambda one: (one not in ids, one))
    _write(db, event, ids)
    if anew and event in ids:
        _keep_clues(db, event)
    return {event, *held}


def _tellings(db: Database, where: str, *values: object) -> list[Telling]:
    sql = (
        f"select id, source, sort, title, lead from articles where unread = '' and {where} order by {_EARLIEST}"
    )
    return [Telling(*row) for row in db.execute(sql, values).fetchall()]


def _find(db: Database, tellings: list[Telling], earlier: bool) -> int | None:
    """The event that a story joins: by an editor's ruling, else the one whose founder is most alike."""
    ids = [one.article_id for one in tellings]
    if (ruled := together(db, ids)) is not None:
        return ruled
    one, barred = tellings[0], apart(db, ids)
    others = [other for other in _likely(db, one, earlier) if other.article_id not in barred]
    weights = load_rarity(db, [one, *others])
    verdicts = [(compare_tellings(one, other, weights), other) for other in others]
    same = [(verdict.score, -other.article_id) for verdict, other in verdicts if verdict.same]
    return -max(same)[1] if same else None


def _likely(db: Database, one: Telling, earlier: bool) -> list[Telling]:
    """Founders of the window that share rare words with a telling, most first."""
    weights = load_rarity(db, [one])
    shared: Counter[int] = Counter()
    window = (one.sort - WINDOW_SORT, one.sort if earlier else one.sort + WINDOW_SORT)
    find = "select article_id from event_clues where clue = ? and sort between ? and ? limit ?"
    for word in rarest(one, weights):
        others = [row[0] for row in db.execute(find, (word_number(word), *window, _HOT + 1))]
        if len(others) <= _HOT:
            for other in others:
                shared[other] += round(100 * weights.of(word))
    del shared[one.article_id]
    best = nlargest(_READ, shared, key=lambda other: (shared[other], other))
    return _tellings(db, "id in (select value from json_each(?))", json.dumps(best))


def rarest(one: Telling, weights: Rarity) -> list[str]:
    """The words by which a telling is found."""
    return nsmallest(2 * _CLUES, one.words, key=lambda word: (-weights.of(word), word))


def _write(db: Database, event: int, ids: list[int]) -> None:
    db.conn.executemany(
        "insert into article_events (article_id, event_id) values (?, ?)"
        " on conflict do update set event_id = excluded.event_id",
        [(one, event) for one in ids],
    )


def _describe(db: Database, event: int) -> None:
    """Bring an event's row in line with its articles; without its founder the next story founds it."""
    stories = stories_of(db, [event]).get(event, [])
    if event_of(db, event) == event:
        _found(db, event)
        own = len({one.source for one in stories if one.own})
        db.execute(_COUNTED, (event, len(stories), own, _burst(stories), event))
        return
    forget(db, [event])
    if stories:
        new = stories[0].article_id
        db.execute("update article_events set event_id = ? where event_id = ?", (new, event))
        _describe(db, new)
    db.execute("delete from events where id = ?", [event])


def _burst(stories: list[StoryOfEvent]) -> str | None:
    """When a third outlet told it in its own words within hours of the first; None if none did."""
    first: dict[str, int] = {}
    for one in sorted((story for story in stories if story.own), key=lambda story: story.sort):
        first.setdefault(one.source, one.sort)
    times = sorted(first.values())
    ends = [end for start, end in zip(times, times[BURST - 1 :], strict=False) if end - start <= BURST_SORT]
    return stamp(minute_of(ends[0])) if ends else None


def _found(db: Database, event: int) -> None:
    """Keep the founder's row and the words by which later stories find it."""
    made = """insert into events (id, founder_article_id, founded_sort)
              select id, id, sort from articles where id = ? on conflict do nothing"""
    if db.execute(made, [event]).rowcount:
        _keep_clues(db, event)


def _keep_clues(db: Database, event: int) -> None:
    (one,) = _tellings(db, "id = ?", event)
    weights = load_rarity(db, [one])
    rows = [(word_number(word), one.sort, event) for word in rarest(one, weights)[:_CLUES]]
    db.conn.executemany("insert or ignore into event_clues values (?, ?, ?)", rows)


def forget(db: Database, ids: Iterable[int]) -> None:
    """Drop the words by which these founders are found."""
    sql = (
        "delete from event_clues where sort = (select founded_sort from events where id = ?) and article_id = ?"
    )
    db.conn.executemany(sql, [(one, one) for one in ids])


def rebuild(db: Database, since: datetime | None = None) -> None:
    """Put the stories published since then, or all, into events anew, in the order of publication.

    It commits after each batch, so it may be stopped and run again.
    """
    sort = sort_at(since) if since else -(2**62)
    sql = """select sort, story_id from articles where unread = '' and story_id is not null and sort >= ?
        order by sort limit ?"""
    done: set[int] = set()
    while batch := db.execute(sql, (sort, _BATCH)).fetchall():
        with writing(db):
            for story in dict.fromkeys(story for _, story in batch if story not in done):
                settle(db, [story], anew=True)
            db.execute("delete from event_clues where sort < ?", [batch[0][0] - 2 * WINDOW_SORT])
        done |= {story for _, story in batch}
        sort = batch[-1][0] + 1
