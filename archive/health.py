"""How each source is doing, in one level and one Vietnamese sentence, from its runs and its articles."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive import alarms, drift, silence
from archive.clock import HANOI, moment, stamp
from archive.runs import Alarm, Level, Run, Source, newest_runs, sources

__all__ = ["Level", "SourceHealth", "report"]

DAYS = 14  # days of the small plot
_WORST = {"red": 0, "amber": 1, "grey": 2, "green": 3}


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source's state; ``per_day``: articles first seen on each of the last 14 Hà Nội days, oldest first."""

    key: str
    name: str
    level: Level
    sentence: str
    last_run_at: str | None = None
    last_state: str | None = None
    outcomes: dict[str, int] = field(default_factory=dict)
    per_day: list[int] = field(default_factory=list)


def report(conn: sqlite3.Connection, now: datetime) -> list[SourceHealth]:
    """Every configured source, the worst first."""
    days = _per_day(conn, now)
    found = [_health(conn, source, days.get(source.key, [0] * DAYS)) for source in sources(conn)]
    return sorted(found, key=lambda health: _WORST[health.level])


def _health(conn: sqlite3.Connection, source: Source, per_day: list[int]) -> SourceHealth:
    runs = newest_runs(conn, source.key)
    verdict = _verdict(conn, source, runs)
    last = runs[0] if runs else None
    return SourceHealth(
        source.key,
        source.name,
        verdict.level,
        verdict.sentence,
        last_run_at=last.finished_at if last else None,
        last_state=last.state if last else None,
        outcomes=last.outcomes if last else {},
        per_day=per_day,
    )


def _verdict(conn: sqlite3.Connection, source: Source, runs: list[Run]) -> Alarm:
    """The most serious alarm; of equal ones the one nearest to the cause."""
    if source.state == "blocked":
        return Alarm("grey", "Trang chặn máy thu thập; không thu thập.")
    if not runs:
        return Alarm("grey", "Chưa chạy lần nào.")
    today = [run for run in runs if not run.past]
    found = [check(runs) for check in alarms.CHECKS]
    found += [check(source, today) for check in drift.CHECKS]
    if today:
        found += [check(conn, source, today) for check in (silence.silent, silence.off_yield)]
    told = [alarm for alarm in found if alarm]
    return min(told, key=lambda alarm: _WORST[alarm.level], default=Alarm("green", "Bình thường."))


def _per_day(conn: sqlite3.Connection, now: datetime) -> dict[str, list[int]]:
    """Per source, how many articles were first seen on each day of the plot."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * DAYS)
    today = now.astimezone(HANOI).date()
    sql = "select source, first_seen_at from articles where first_seen_at >= ?"
    for source, at in conn.execute(sql, [stamp(now - timedelta(days=DAYS))]):
        age = (today - moment(at).astimezone(HANOI).date()).days
        if 0 <= age < DAYS:
            counts[source][DAYS - 1 - age] += 1
    return counts
