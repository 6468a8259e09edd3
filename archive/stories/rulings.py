"""What an editor ruled on events: two articles are of one happening or not, whatever the words say."""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from archive.clock import stamp

_RULED = """
    select article_id, made_at from event_rulings
    where together = ? and other_id in (select value from json_each(?)) union all
    select other_id, made_at from event_rulings
    where together = ? and article_id in (select value from json_each(?))"""
_EVENTS = f"select e.event_id from ({_RULED}) r join article_events e on e.article_id = r.article_id"


def rule(db: Database, one: int, others: Iterable[int], *, same: bool, now: datetime) -> None:
    """Keep that an article belongs, or does not belong, into one event with these; the last word counts."""
    rows = [(min(one, other), max(one, other), int(same), stamp(now)) for other in others if other != one]
    db.conn.executemany("insert or replace into event_rulings values (?, ?, ?, ?)", rows)


def together(db: Database, ids: Iterable[int]) -> int | None:
    """The event into which an editor put one of these articles, the last ruling first."""
    asked = json.dumps(list(ids))
    row = db.execute(f"{_EVENTS} order by r.made_at desc, e.event_id", (1, asked, 1, asked)).fetchone()
    return int(row[0]) if row else None


def apart(db: Database, ids: Iterable[int]) -> set[int]:
    """The events from which an editor took one of these articles."""
    asked = json.dumps(list(ids))
    return {row[0] for row in db.execute(_EVENTS, (0, asked, 0, asked))}


def ruling(db: Database, one: int, other: int) -> bool | None:
    """What an editor ruled on these two articles; None for nothing."""
    pair = (min(one, other), max(one, other))
    sql = "select together from event_rulings where article_id = ? and other_id = ?"
    row = db.execute(sql, pair).fetchone()
    return bool(row[0]) if row else None


def rulings_on(db: Database, ids: Iterable[int]) -> list[tuple[int, int, int, str]]:
    """All that is ruled on these articles, to be put back later."""
    sql = """select article_id, other_id, together, made_at from event_rulings
        where article_id in (select value from json_each(:ids))
           or other_id in (select value from json_each(:ids)) order by 1, 2"""
    return [tuple(row) for row in db.execute(sql, {"ids": json.dumps(list(ids))})]


def put_back(db: Database, now: list[tuple[int, int, int, str]], then: list[tuple[int, int, int, str]]) -> None:
    """Make rulings what they were; call it inside a write transaction, and put the stories into events anew."""
    pairs = [row[:2] for row in now]
    db.conn.executemany("delete from event_rulings where article_id = ? and other_id = ?", pairs)
    db.conn.executemany("insert into event_rulings values (?, ?, ?, ?)", then)
