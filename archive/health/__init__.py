"""How each source is doing, in one level and one reason, from its runs, its lists and its articles."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.articles.losses import losses_of
from archive.clock import HANOI, moment, stamp
from archive.health import clock, coverage, drift, last_run, silence
from archive.health.coverage import Coverage
from archive.health.runs import Alarm, Level, Run, SourceRow, newest_mark, newest_runs, sources
from archive.i18n import Words
from archive.reasons import parse, reason

__all__ = ["Level", "SourceHealth", "report"]

DAYS = 14  # days of the small plot
_WORST = {"red": 0, "amber": 1, "grey": 2, "green": 3}


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source's state; ``per_day``: articles first seen on each of the last 14 Hà Nội days, oldest first."""

    key: str
    name: str
    level: Level
    reason: str  # a code with its parameters, see ``archive.reasons``
    last_run_at: str | None = None
    last_state: str | None = None
    outcomes: dict[str, int] = field(default_factory=dict)
    per_day: list[int] = field(default_factory=list)
    coverage: Coverage | None = None

    def to_builtins(self, words: Words) -> dict[str, Any]:
        """For programs: the reason as code and parameters, and as the sentence it makes."""
        row = asdict(self)
        stored = row.pop("reason")
        code, params = parse(stored)
        if self.coverage:
            row["coverage"] = self.coverage.to_builtins()
        return row | {"code": code, "params": params, "sentence": words.reason(stored)}


def report(db: Database, now: datetime) -> list[SourceHealth]:
    """Every configured source, the worst first."""
    days, path, wrong = _per_day(db, now), _path(db), clock.wrong_clock(db, now)
    reports = [
        replace(_with(_health(db, path, source), wrong), per_day=days.get(source.key, [0] * DAYS))
        for source in sources(db)
    ]
    return sorted(reports, key=lambda health: _WORST[health.level])


def _with(health: SourceHealth, alarm: Alarm | None) -> SourceHealth:
    """A source's health with an alarm that concerns all of them, unless its own is worse."""
    if alarm is None or _WORST[health.level] <= _WORST[alarm.level]:
        return health
    return replace(health, level=alarm.level, reason=alarm.reason)


# What the newest run of a source shows holds until the next one: pages ask for it again and again.
_known: dict[tuple[str, str], tuple[object, SourceHealth]] = {}


def _path(db: Database) -> str:
    """The file of an archive; empty for one in memory."""
    return str(next(row[2] for row in db.execute("pragma database_list") if row[1] == "main") or "")


def _health(db: Database, path: str, source: SourceRow) -> SourceHealth:
    mark = (source, newest_mark(db, source.key), losses_of(db, source.key))
    known = _known.get((path, source.key))
    if path and known and known[0] == mark:
        return known[1]
    health = _read(db, source)
    _known[path, source.key] = mark, health
    return health


def _read(db: Database, source: SourceRow) -> SourceHealth:
    runs, week = newest_runs(db, source.key), coverage.newest(db, source.key)
    verdict = _verdict(db, source, runs, week)
    last = runs[0] if runs else None
    return SourceHealth(
        source.key,
        source.name,
        verdict.level,
        verdict.reason,
        last_run_at=last.finished_at if last else None,
        last_state=last.state if last else None,
        outcomes=last.outcomes if last else {},
        coverage=week,
    )


def _verdict(db: Database, source: SourceRow, runs: list[Run], week: Coverage | None) -> Alarm:
    """The most serious alarm; of equal ones the one nearest to the cause."""
    if source.state in ("blocked", "paused"):
        return Alarm("grey", reason(f"health_{source.state}"))
    if not runs:
        return Alarm("grey", reason("health_never"))
    today = [run for run in runs if not run.past]
    alarms = [last_run.lost(losses_of(db, source.key)), *(check(runs) for check in last_run.CHECKS)]
    alarms += [check(source, today) for check in drift.CHECKS]
    answered = [run for run in today if run.lists.fetched]
    if answered:
        alarms += [check(db, source, answered) for check in (silence.silent, silence.off_yield)]
    alarms.append(coverage.rolled_over(week))
    worst = min(filter(None, alarms), key=lambda alarm: _WORST[alarm.level], default=None)
    return worst or Alarm("green", reason("health_fine"))


def _per_day(db: Database, now: datetime) -> dict[str, list[int]]:
    """Per source, how many articles were first seen on each day of the plot."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * DAYS)
    today = now.astimezone(HANOI).date()
    sql = "select source, first_seen_at from articles where first_seen_at >= ? and unread = ''"
    for source, at in db.execute(sql, [stamp(now - timedelta(days=DAYS))]):
        age = (today - moment(at).astimezone(HANOI).date()).days
        if 0 <= age < DAYS:
            counts[source][DAYS - 1 - age] += 1
    return counts
