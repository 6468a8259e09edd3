"""Runs of a source as health reads them: what each listed, what it read, and what it noted."""

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlite_utils import Database

from archive.clock import horizon, moment, stamp
from archive.db import reading
from archive.run_stats import Lists, Notes, lists_of, notes_of

Level = Literal["green", "amber", "red", "grey"]

LOOKED_AT = 120  # runs from which the usual is read


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A configured source; ``expect`` is its declared yield."""

    key: str
    name: str
    state: str
    expect: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run that ended."""

    started_at: datetime
    finished_at: str
    state: str
    reason: str
    outcomes: dict[str, int]
    lists: Lists
    notes: Notes

    @property
    def past(self) -> bool:
        """Whether it filled in the past: old pages and lists say nothing of today."""
        return bool(self.lists.past)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, as a code with its parameters (``archive.reasons``)."""

    level: Level
    reason: str


def sources(db: Database) -> list[SourceRow]:
    """Every configured source, by key."""
    rows = db.execute("select key, name, state, expect from sources where state != 'removed' order by key")
    return [SourceRow(key, name, state, msgspec.json.decode(expect)) for key, name, state, expect in rows]


def newest_runs(db: Database, key: str) -> list[Run]:
    """The newest runs of a source that ended, newest first."""
    sql = """select started_at, coalesce(finished_at, started_at), state, reason, outcomes, lists, notes
             from runs where source = ? and state != 'running' order by id desc limit ?"""
    return [
        Run(moment(began), at, state, reason, msgspec.json.decode(outcomes), lists_of(lists), notes_of(notes))
        for began, at, state, reason, outcomes, lists, notes in db.execute(sql, [key, LOOKED_AT])
    ]


def newest_mark(db: Database, key: str) -> tuple[Any, ...] | None:
    """What tells the newest run of a source that ended from any other."""
    sql = """select id, started_at, finished_at, state from runs
             where source = ? and state != 'running' order by id desc limit 1"""
    row: tuple[Any, ...] | None = db.execute(sql, [key]).fetchone()
    return tuple(row) if row else None


def unreached(db: Database) -> dict[str, str]:
    """The sources that did not answer, where no other was crawled since: by key, with when that was noticed.

    Empty unless they are at least half of those that are crawled: then it is not they that are away, but the
    network of this machine.
    """
    ends = [
        (mark[2] or mark[1], source.key, mark[3])
        for source in sources(db)
        if source.state not in ("blocked", "paused") and (mark := newest_mark(db, source.key))
    ]
    newest_first = sorted(ends, reverse=True)
    lost = {key: at for at, key, _ in takewhile(lambda end: end[2] == "unreachable", newest_first)}
    return lost if len(lost) > 1 and 2 * len(lost) >= len(ends) else {}


def first_listing(db: Database, key: str) -> datetime | None:
    """When a source's lists were read for the first time: what that run lists is the past."""
    row = db.execute(
        """select started_at from runs where source = ? and state = 'done'
           and json_extract(lists, '$.fetched') > 0 order by id limit 1""",
        [key],
    ).fetchone()
    return moment(row[0]) if row else None


def last_listing(db: Database, key: str) -> datetime | None:
    """When a source's lists last named a new address."""
    row = db.execute(
        """select started_at from runs where source = ? and json_extract(lists, '$.new') > 0
           and json_extract(lists, '$.past') is null order by id desc limit 1""",
        [key],
    ).fetchone()
    return moment(row[0]) if row else None


def listed(db: Database, key: str, spans: list[tuple[datetime, datetime]]) -> list[int]:
    """How many new addresses a source's lists named in each of the spans of time (after, until).

    Runs that filled in the past are not counted.
    """
    if not spans:
        return []
    oldest = min(after for after, _ in spans)
    within = " or ".join(["started_at > ? and started_at <= ?"] * len(spans))
    rows = db.execute(
        f"""select started_at, json_extract(lists, '$.new') from runs
            where source = ? and id >= ? and ({within}) and json_extract(lists, '$.past') is null""",
        [key, first_id(db, oldest), *(stamp(at) for span in spans for at in span)],
    )
    counts = [(moment(at), int(new or 0)) for at, new in rows]
    return [sum(new for at, new in counts if after < at <= until) for after, until in spans]


def first_id(db: Database, since: datetime) -> int:
    """The first run that started then or later; runs are numbered in the order of their start."""
    low, high = 0, db.execute("select coalesce(max(id) + 1, 0) from runs").fetchone()[0]
    while low < high:
        middle = (low + high) // 2
        run_id, at = db.execute(
            "select id, started_at from runs where id >= ? order by id limit 1", [middle]
        ).fetchone()
        if at < stamp(since):
            low = max(run_id, middle) + 1
        else:
            high = middle
    return low


def last_starts(archive_db: Path, now: datetime) -> dict[str, datetime]:
    """When the newest run of each source that came to its end was started; reads only.

    One that was started in the future was written by a clock that was ahead, and nothing waits for it.
    """
    if not archive_db.exists():
        return {}
    sql = """select source, max(started_at) from runs where state in ('done', 'unreachable')
             and started_at <= ? group by source"""
    with reading(archive_db) as db:
        made = db.table("runs").exists()  # else another process is making it
        return {source: moment(at) for source, at in db.execute(sql, [horizon(now)])} if made else {}
