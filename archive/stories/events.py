"""Events: the stories of several outlets that tell one happening; a story joins the one that founded it.

A story is compared with founders only, never with those that joined: a chain of likeness would make one event
of a whole session of parliament. What an editor ruled stands above what the words say, and stays.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nlargest
from itertools import combinations, islice
from typing import NamedTuple

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import SORT_SLOTS, minute_of, sort_at, sort_span, writing
from archive.reasons import reason
from archive.stories.happenings import SAME, WINDOW_SORT, Pair
from archive.stories.rarity import Rarity, count, load_rarity, rough_cosine
from archive.stories.rulings import apart, rule, ruling, together
from archive.stories.tellings import Telling

BURST = 3  # outlets with a text of their own
BURST_SORT = sort_span(timedelta(hours=6))

_SURE = 0.7  # how likely a story must tell what the founder and each other outlet of a burst tells
FLOOR = 0.1  # how likely the founder must tell the same, whatever its other stories say

_CLUES = 16  # rare words kept of a story
_WAITING = 0  # the clue of stories whose words are not counted yet
_COUNTED_AT = 128  # articles; then the words of those that wait are counted together
_HOT = 60  # stories that may share a clue
_READ = 10  # stories compared with one
_ENOUGH = 500  # hundredths of weight that must be shared: one rare word
_ALIKE = 0.12  # of the words, roughly: two stories less alike are not one happening
_RECENT = 4096  # tellings

_FIND = """select clue, article_id from event_clues
    where clue in (select value from json_each(?)) and sort between ? and ?"""
_COUNTED = """
    update events set (articles, outlets, first_published_at, last_published_at) = (
        select count(*), count(distinct a.source), min(coalesce(a.published_at, a.first_seen_at)),
               max(coalesce(a.published_at, a.first_seen_at))
        from article_events e join articles a on a.id = e.article_id where e.event_id = ?),
      stories = ?, own = ?, burst_at = coalesce(burst_at, ?),
      title = (select title from articles where id = events.id)
    where id = ?"""
_ALONE = """
    insert into events (id, founder_article_id, founded_sort, title, first_published_at, last_published_at, own)
    select id, id, sort, title, coalesce(published_at, first_seen_at), coalesce(published_at, first_seen_at),
           credit is null
    from articles where id = ?"""
_MOVED = """update article_events set event_id = ? where event_id = ?
    and article_id not in (select id from articles where story_id = ?)"""
_AMONG = "id in (select value from json_each(?))"
_BATCH = 500  # articles
_EARLIEST = f"sort / {SORT_SLOTS}, credit is not null, sort"


class Joined(NamedTuple):
    """The event that a story joins, and how likely it tells what the founder tells; None: not compared."""

    event: int
    score: float | None


class StoryOfEvent(NamedTuple):
    """A story within an event: the article that stands for it."""

    event_id: int
    story_id: int
    article_id: int
    sort: int
    source: str
    own: bool  # a text of its own; it credits nobody
    sure: bool  # it founded the event, or surely tells what the founder tells


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
            sum(coalesce(e.score, a.id = e.event_id) >= {_SURE}) > 0, sum(a.id = e.event_id) founding,
            min(a.sort / {SORT_SLOTS} * 2 + (a.credit is not null))
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
    pair = Pair(tellings[0], tellings[1], load_rarity(db, tellings))
    said = [] if ruled is None else [reason("event_ruled" if ruled else "event_ruled_apart")]
    return [*said, *([reason("event_story")] if story else []), *pair.reasons(), *pair.vetoes]


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
    if len(held) == 1 and not anew:
        joined: Joined | None = Joined(next(iter(held)), None)
    else:
        rarity = load_rarity(db, tellings[:1], rough=True)
        clues = _clues(tellings[0], rarity)
        _keep_clues(db, tellings[0], [*islice(clues, _CLUES), *([] if held else [_WAITING])])
        joined = _find(db, tellings, rarity, clues, anew)
    if joined is None:
        alone = anew or not held
        joined = Joined(ids[0] if alone else min(held, key=lambda one: (one not in ids, one)), None)
    _write(db, joined, ids)
    if not held and ids == [joined.event]:  # most stories: nobody else tells it yet
        db.execute(_ALONE, ids)
        return set()
    return {joined.event, *held}


def _tellings(db: Database, where: str, *values: object) -> list[Telling]:
    sql = (
        f"select id, source, sort, title, lead from articles where unread = '' and {where} order by {_EARLIEST}"
    )
    return [_telling(*row) for row in db.execute(sql, values).fetchall()]


_telling = lru_cache(maxsize=_RECENT)(Telling)  # what was taken apart for one story serves the next


def _find(
    db: Database, tellings: list[Telling], rarity: Rarity, clues: dict[int, int], earlier: bool
) -> Joined | None:
    """The event that a story joins: by an editor's ruling, else the one whose founder tells the same.

    Of two that the founder alone leaves open, a story that the founder is sure of may decide: never one
    that came in by another.
    """
    ids = [one.article_id for one in tellings]
    if (ruled := together(db, ids)) is not None:
        return Joined(ruled, None)
    one, near = tellings[0], {}
    for event, (founder, *others) in _likely(db, one, clues, earlier).items():
        alike = [other for other in others if rough_cosine(one, other, rarity) >= _ALIKE]
        possible = alike or rough_cosine(one, founder, rarity) >= _ALIKE
        if possible and not Pair(one, founder, rarity).barred:
            near[event] = [founder, *alike]
    barred = apart(db, ids) if near else set()
    near = {event: others for event, others in near.items() if event not in barred}
    if not near:
        return None
    compared = [one, *(other for others in near.values() for other in others)]
    waiting = _waiting(db)
    rarity = load_rarity(db, compared, [each for each in compared if each.article_id in waiting])
    best = max((_joined(one, event, others, rarity) for event, others in near.items()), default=None)
    return best[1] if best and best[0] >= SAME else None


def _waiting(db: Database) -> set[int]:
    """The articles whose words are not counted yet."""
    return {one for (one,) in db.execute("select article_id from event_clues where clue = ?", [_WAITING])}


def _joined(one: Telling, event: int, others: list[Telling], rarity: Rarity) -> tuple[float, Joined]:
    """How likely a story tells the event of these others, of which the first founded it."""
    founder = Pair(one, others[0], rarity).score()
    if founder < FLOOR:
        return 0.0, Joined(event, founder)
    best = max([founder, *(Pair(one, other, rarity).score() for other in others[1:])])
    return (founder + best) / 2, Joined(event, founder)


def _likely(db: Database, one: Telling, clues: dict[int, int], earlier: bool) -> dict[int, list[Telling]]:
    """Events of the window that share rare words with a telling: the founder, then the stories that do."""
    last = one.sort if earlier else one.sort + WINDOW_SORT
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = db.execute(_FIND, (json.dumps(list(clues)), one.sort - WINDOW_SORT, last)).fetchall()
    for clue, other in rows:
        found[clue].append(other)
    shared: Counter[int] = Counter()
    for clue, others in found.items():
        if len(others) <= _HOT:
            shared.update(dict.fromkeys(others, clues[clue]))
    del shared[one.article_id]
    best = nlargest(_READ, shared, key=lambda other: (shared[other], other))
    return _by_event(db, [other for other in best if shared[other] >= _ENOUGH])


def _by_event(db: Database, articles: list[int]) -> dict[int, list[Telling]]:
    """The events of these articles: of each its founder, and those of the articles that it is sure of."""
    sql = """select article_id, event_id, score from article_events
        where article_id in (select value from json_each(?))"""
    held = db.execute(sql, [json.dumps(articles)]).fetchall()
    sure = [article for article, event, score in held if article == event or (score or 0.0) >= SAME]
    founders = {event for _, event, _ in held}
    tellings = {one.article_id: one for one in _tellings(db, _AMONG, json.dumps([*sure, *founders]))}
    near = {event: [tellings[event]] for event in founders if event in tellings}
    for article, event, _ in held:
        if article in sure and article != event and event in near:
            near[event].append(tellings[article])
    return near


def _clues(one: Telling, rarity: Rarity) -> dict[int, int]:
    """The rarest words of a telling as they are kept, rarest first, with their weights in hundredths."""
    weights = sorted(zip(map(rarity.of, one.words), one.words, strict=True), reverse=True)[: 2 * _CLUES]
    return {one.numbers[word]: round(100 * weight) for weight, word in weights}


def _write(db: Database, joined: Joined, ids: list[int]) -> None:
    db.conn.executemany(
        """insert into article_events (article_id, event_id, score) values (?, ?, ?) on conflict do update
           set score = iif(event_id = excluded.event_id, coalesce(excluded.score, score), excluded.score),
               event_id = excluded.event_id""",
        [(one, joined.event, joined.score) for one in ids],
    )


def _describe(db: Database, event: int) -> None:
    """Bring an event's row in line with its articles; without its founder the next story founds it."""
    stories = stories_of(db, [event]).get(event, [])
    if event_of(db, event) == event:
        _found(db, event)
        own = len({one.source for one in stories if one.own})
        db.execute(_COUNTED, (event, len(stories), own, _burst(db, event, stories), event))
        return
    if stories:
        new = stories[0].article_id
        db.execute("update article_events set event_id = ? where event_id = ?", (new, event))
        _describe(db, new)
    db.execute("delete from events where id = ?", [event])


def _burst(db: Database, event: int, stories: list[StoryOfEvent]) -> str | None:
    """When a third outlet told it in its own words within hours; None if none did, or it burst before.

    Each of the three surely tells what each of the others does: what two share with the founder may be two
    sides of a longer affair.
    """
    telling = sorted((one for one in stories if one.own and one.sure), key=lambda one: one.sort)
    burst = "select 1 from events where id = ? and burst_at is not null"
    if len({one.source for one in telling}) < BURST or db.execute(burst, [event]).fetchone():
        return None
    ids = json.dumps([one.article_id for one in telling])
    tellings = {one.article_id: one for one in _tellings(db, _AMONG, ids)}
    rarity = load_rarity(db, tellings.values())
    alike = {
        (one, other)
        for one, other in combinations(telling, 2)
        if one.source != other.source
        and other.sort - one.sort <= BURST_SORT
        and Pair(tellings[one.article_id], tellings[other.article_id], rarity).score() >= _SURE
    }
    threes = (three for three in combinations(telling, BURST) if alike.issuperset(combinations(three, 2)))
    ends = [three[-1].sort for three in threes]
    return stamp(minute_of(min(ends))) if ends else None


def _found(db: Database, event: int) -> None:
    """Make the row of an event, unless it is there."""
    made = """insert into events (id, founder_article_id, founded_sort)
              select id, id, sort from articles where id = ? on conflict do nothing"""
    db.execute(made, [event])


def _keep_clues(db: Database, one: Telling, clues: list[int]) -> None:
    """Keep by what a story is found; now and then count the words of those that wait for it.

    One by one, each story would change a hundred pages of the file for its words alone.
    """
    rows = [(clue, one.sort, one.article_id) for clue in clues]
    db.conn.executemany("insert or ignore into event_clues values (?, ?, ?)", rows)
    if one.article_id % _COUNTED_AT == 0:
        count(db, _tellings(db, _AMONG, json.dumps([*_waiting(db)])))
        db.execute("delete from event_clues where clue = ?", [_WAITING])


def forget(db: Database, ids: Iterable[int]) -> None:
    """Drop the words by which these articles are found."""
    sql = "delete from event_clues where sort = (select sort from articles where id = ?) and article_id = ?"
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
