"""How each source is doing, in one level and one Vietnamese sentence, from its runs and its articles."""

import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from archive.clock import HANOI, moment, stamp
from archive.schema import SORT_SLOTS

Level = Literal["green", "amber", "red", "grey"]

DAYS = 14  # days of the small plot
RHYTHM_DAYS = 30  # days from which a source's usual gap is read
SILENT_AMBER, SILENT_RED = 6.0, 15.0  # times the usual gap
SILENT_AT_LEAST = timedelta(hours=6)
FAILED_SHARE = 0.2
RUNS_LOOKED_AT = 5
RHYTHM_AT_LEAST, RHYTHM_AT_MOST = 5, 60  # articles from which a usual gap is read


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


@dataclass(frozen=True, slots=True)
class _Run:
    finished_at: str
    state: str
    reason: str
    outcomes: dict[str, int]
    lists: dict[str, Any]
    notes: dict[str, Any]


_WORST = {"red": 0, "amber": 1, "grey": 2, "green": 3}


def report(conn: sqlite3.Connection, now: datetime) -> list[SourceHealth]:
    """Every configured source, the worst first."""
    seen = _first_seen(conn, now - timedelta(days=RHYTHM_DAYS))
    rows = conn.execute("select key, name, state from sources where state != 'removed' order by key").fetchall()
    found = [_judge(conn, key, name, state, seen.get(key, []), now) for key, name, state in rows]
    return sorted(found, key=lambda health: _WORST[health.level])


def _first_seen(conn: sqlite3.Connection, since: datetime) -> dict[str, list[datetime]]:
    """Per source, when its articles of the last weeks were first seen, oldest first."""
    times: dict[str, list[datetime]] = defaultdict(list)
    sql = "select source, first_seen_at from articles where first_seen_at >= ? order by first_seen_at"
    for source, at in conn.execute(sql, [stamp(since)]):
        times[source].append(moment(at))
    return times


def _published(conn: sqlite3.Connection, key: str) -> list[datetime]:
    """When the newest articles were published: the rhythm of a source that has been silent for weeks."""
    sql = "select sort / ? * 60 from articles where source = ? order by sort desc limit ?"
    rows = conn.execute(sql, [SORT_SLOTS, key, RHYTHM_AT_MOST]).fetchall()
    return [datetime.fromtimestamp(seconds, UTC) for (seconds,) in reversed(rows)]


def _runs(conn: sqlite3.Connection, key: str) -> list[_Run]:
    sql = """select coalesce(finished_at, started_at), state, reason, outcomes, lists, notes from runs
             where source = ? and state != 'running' order by id desc limit ?"""
    return [
        _Run(at, state, reason, json.loads(outcomes), json.loads(lists), json.loads(notes))
        for at, state, reason, outcomes, lists, notes in conn.execute(sql, [key, RUNS_LOOKED_AT])
    ]


def _judge(
    conn: sqlite3.Connection, key: str, name: str, state: str, times: list[datetime], now: datetime
) -> SourceHealth:
    runs = _runs(conn, key)
    last = runs[0] if runs else None
    rhythm = times if len(times) >= RHYTHM_AT_LEAST else _published(conn, key)
    level, sentence = _sentence(state, runs, rhythm, now)
    return SourceHealth(
        key,
        name,
        level,
        sentence,
        last_run_at=last.finished_at if last else None,
        last_state=last.state if last else None,
        outcomes=last.outcomes if last else {},
        per_day=_per_day(times, now),
    )


def _sentence(state: str, runs: list[_Run], times: list[datetime], now: datetime) -> tuple[Level, str]:
    if state == "blocked":
        return "grey", "Trang chặn máy thu thập; không thu thập."
    if not runs:
        return "grey", "Chưa chạy lần nào."
    for check in (_broken, _list_lost, _empty, _failing, _rule_missed):
        found = check(runs)
        if found:
            return found
    return _silent(times, now) or ("green", "Bình thường.")


def _broken(runs: list[_Run]) -> tuple[Level, str] | None:
    last = runs[0]
    if last.state == "done":
        return None
    why = f" ({last.reason})" if last.reason else ""
    in_a_row = next((n for n, run in enumerate(runs) if run.state == "done"), len(runs))
    what = {"unreachable": "Không kết nối được", "killed": "Lần chạy cuối bị ngắt"}.get(
        last.state, "Lần chạy cuối hỏng"
    )
    level: Level = "amber" if in_a_row == 1 and len(runs) > 1 else "red"
    return level, f"{what}{why}."


def _list_lost(runs: list[_Run]) -> tuple[Level, str] | None:
    problems: dict[str, str] = runs[0].lists.get("problems", {})
    if not problems:
        return None
    url, reason = next(iter(problems.items()))
    more = f" (và {len(problems) - 1} danh sách khác)" if len(problems) > 1 else ""
    return "amber", f"Không đọc được danh sách {url}{more}: {reason}."


def _empty(runs: list[_Run]) -> tuple[Level, str] | None:
    empty = runs[0].lists.get("empty", [])
    if not empty:
        return None
    return "amber", f"Trang trả lời nhưng danh sách không có bài nào: {empty[0]}."


def _failing(runs: list[_Run]) -> tuple[Level, str] | None:
    total = sum(runs[0].outcomes.values())
    failed = runs[0].outcomes.get("failed", 0)
    blocked = runs[0].outcomes.get("blocked", 0)
    if total and blocked > FAILED_SHARE * total:
        return "red", f"Trang chặn {blocked} trong {total} lần đọc."
    if total and failed > FAILED_SHARE * total:
        return "amber", f"{failed} trong {total} trang đọc không được."
    return None


def _rule_missed(runs: list[_Run]) -> tuple[Level, str] | None:
    missed: dict[str, int] = runs[0].notes.get("rule_missed", {})
    read = runs[0].notes.get("read", 0)
    worst = max(missed, key=lambda name: missed[name], default=None)
    if worst is None or not read or missed[worst] * 2 < read:
        return None
    return (
        "amber",
        f"Mẫu trang có thể đã đổi: quy tắc «{worst}» không khớp ở {missed[worst]} trong {read} trang.",
    )


def _silent(times: list[datetime], now: datetime) -> tuple[Level, str] | None:
    """Too long without an article, against the source's own usual gap."""
    if len(times) < RHYTHM_AT_LEAST:
        return None
    usual = timedelta(seconds=median((b - a).total_seconds() for a, b in pairwise(times)))
    silence = now - times[-1]
    if silence < max(SILENT_AT_LEAST, usual * SILENT_AMBER):
        return None
    level: Level = "red" if silence > max(SILENT_AT_LEAST * 4, usual * SILENT_RED) else "amber"
    return level, f"Không có bài mới {_span(silence)}, thường mỗi {_span(usual)} có một bài."


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} phút"
    return f"{minutes // 60} giờ" if minutes < 48 * 60 else f"{minutes // 1440} ngày"


def _per_day(times: list[datetime], now: datetime) -> list[int]:
    today = now.astimezone(HANOI).date()
    counts = [0] * DAYS
    for at in times:
        age = (today - at.astimezone(HANOI).date()).days
        if 0 <= age < DAYS:
            counts[DAYS - 1 - age] += 1
    return counts
