"""What each person has read, and when they last looked at a digest's desk."""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing


def mark_read(desk: Database, user: str, ids: Iterable[int], now: datetime) -> None:
    """Note that a person read these articles; the first time counts."""
    with writing(desk):
        desk.conn.executemany(
            "insert into reads (user, article_id, at) values (?, ?, ?) on conflict do nothing",
            [(user, one, stamp(now)) for one in ids],
        )


def mark_unread(desk: Database, user: str, ids: Iterable[int]) -> None:
    """Forget that a person read these articles."""
    with writing(desk):
        desk.conn.executemany(
            "delete from reads where user = ? and article_id = ?", [(user, one) for one in ids]
        )


def read_ids(desk: Database, user: str, ids: Iterable[int]) -> set[int]:
    """Which of the articles a person has read."""
    sql = "select article_id from reads where user = ? and article_id in (select value from json_each(?))"
    return {row[0] for row in desk.execute(sql, [user, json.dumps(list(ids))])}


def last_look(desk: Database, user: str, digest: str) -> datetime | None:
    """When a person last looked at a digest's desk, or None."""
    row = desk.execute("select at from looks where user = ? and digest = ?", [user, digest]).fetchone()
    return moment(row[0]) if row else None


def looked(desk: Database, user: str, digest: str, now: datetime) -> None:
    """Note that a person looks at a digest's desk now."""
    with writing(desk):
        desk.execute("replace into looks (user, digest, at) values (?, ?, ?)", [user, digest, stamp(now)])
