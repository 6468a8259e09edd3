"""Runs of a source as health reads them: what each listed, what it read, and what it noted."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from archive.clock import moment, stamp

Level = Literal["green", "amber", "red", "grey"]

LOOKED_AT = 120  # runs from which the usual is read


@dataclass(frozen=True, slots=True)
class Source:
    """A configured source; ``expect`` is its declared yield."""

    key: str
    name: str
    state: str
    expect: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run that ended; ``lists`` and ``notes`` as the crawler's ledger wrote them."""

    started_at: datetime
    finished_at: str
    state: str
    reason: str
    outcomes: dict[str, int]
    lists: dict[str, Any]
    notes: dict[str, Any]

    @property
    def past(self) -> bool:
        """Whether it filled in the past: old pages and lists say nothing of today."""
        return bool(self.lists.get("past"))

    @property
    def fresh(self) -> int:
        """Pages that were read for the first time."""
        return int(self.notes.get("fresh", 0))

    def count(self, name: str) -> int:
        """A number of pages among the fresh ones, e.g. ``undated``."""
        return int(self.notes.get(name, 0))

    def missed(self, rule: str) -> int:
        """On how many of the fresh pages a rule found nothing."""
        return int(self.notes.get("rule_missed", {}).get(rule, 0))


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, in one plain Vietnamese sentence."""

    level: Level
    sentence: str


def sources(conn: sqlite3.Connection) -> list[Source]:
    """Every configured source, by key."""
    rows = conn.execute("select key, name, state, expect from sources where state != 'removed' order by key")
    return [Source(key, name, state, msgspec.json.decode(expect)) for key, name, state, expect in rows]


def newest_runs(conn: sqlite3.Connection, key: str) -> list[Run]:
    """The newest runs of a source that ended, newest first."""
    sql = """select started_at, coalesce(finished_at, started_at), state, reason, outcomes, lists, notes
             from runs where source = ? and state != 'running' order by id desc limit ?"""
    return [
        Run(moment(began), at, state, reason, *map(msgspec.json.decode, told))
        for began, at, state, reason, *told in conn.execute(sql, [key, LOOKED_AT])
    ]


def listings(conn: sqlite3.Connection, key: str, since: datetime) -> list[tuple[datetime, int]]:
    """When a source's lists were read and how many new addresses they named, oldest first.

    The first run is left out: what it lists is the past. So are runs that filled in the past.
    """
    first = conn.execute(
        """select id from runs where source = ? and state = 'done' and json_extract(lists, '$.fetched') > 0
           order by id limit 1""",
        [key],
    ).fetchone()
    rows = conn.execute(
        """select started_at, json_extract(lists, '$.new') from runs
           where source = ? and id > ? and started_at >= ? and state != 'running'
           and json_extract(lists, '$.fetched') > 0 and json_extract(lists, '$.past') is null
           order by id""",
        [key, first[0] if first else 0, stamp(since)],
    )
    return [(moment(at), int(new or 0)) for at, new in rows]
