"""The machine's clock, judged by the times that are stored and by what servers say the time is.

A clock that was ahead leaves times of the future behind, for which everything would wait. Whether they are
wrong or the clock is behind now, the servers of the newest runs tell; without their word a span that lies far
ahead and holds few days of work is taken for the clock's error (``archive.health.corrected`` mends it).
"""

import json
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from sqlite_utils import Database

from archive.clock import EARLIEST, horizon, lies_ahead, moment, stamp
from archive.health.runs import Alarm
from archive.reasons import reason

Verdict = Literal["right", "early", "ahead", "unsure"]

FAR = timedelta(hours=36)  # no zone and no summer time lies so far ahead
FEW_DAYS = 3  # days of work within times of the future; more may be true ones, and the clock behind
CLOSE, WRONG = timedelta(hours=1), timedelta(days=1)  # between a server's time and ours
LATELY = timedelta(hours=3)  # runs of which servers are asked
TOLD = timedelta(days=1)  # so long health tells that times were set right
_NEWEST = 100  # runs looked at

_NEWEST_STORED = f"""
    select max(at) from (
        select max(started_at) as at from (select started_at from runs order by id desc limit {_NEWEST})
        union all select max(covers_to) from digests
        union all select max(first_seen_at) from articles)"""
_DAYS_AHEAD = "select count(distinct substr(started_at, 1, 10)) from runs where started_at > ?"
_CLOCKS = f"""
    select started_at, json_extract(notes, '$.clocks') from runs
    where state <> 'running' order by id desc limit {_NEWEST}"""


def judge(db: Database, now: datetime) -> Verdict:
    """What the stored times say of the clock.

    ``early``: it shows a time before this program was; ``ahead``: times of the future are stored, and wrong;
    ``unsure``: they are stored, and may be right.
    """
    if now < EARLIEST:
        return "early"
    newest = newest_stored(db)
    if newest is None or not lies_ahead(newest, now):
        return "right"
    said = servers(db, now)
    if any(abs(one) > WRONG for one in said):
        return "unsure"
    if any(abs(one) <= CLOSE for one in said):
        return "ahead"
    days = db.execute(_DAYS_AHEAD, [horizon(now)]).fetchone()[0]
    return "ahead" if newest - now > FAR and days <= FEW_DAYS else "unsure"


def newest_stored(db: Database) -> datetime | None:
    """The latest of the times that were the present when they were stored."""
    newest = db.execute(_NEWEST_STORED).fetchone()[0]
    return moment(newest) if newest else None


def servers(db: Database, now: datetime) -> list[timedelta]:
    """How far the clocks of servers, each host once, were from ours in the runs of the last hours."""
    hosts: dict[str, int] = {}
    for started_at, clocks in db.execute(_CLOCKS):
        if clocks and abs(now - moment(started_at)) <= LATELY:
            hosts = json.loads(clocks) | hosts
    return [timedelta(seconds=seconds) for seconds in hosts.values()]


def wrong_clock(db: Database, now: datetime) -> Alarm | None:
    """What is wrong with the clock, or with the times it left; it concerns every source."""
    if now < EARLIEST:
        return Alarm("red", reason("health_clock_early", at=stamp(now)))
    said = servers(db, now)
    wrong = [one for one in said if abs(one) > WRONG]
    if len(wrong) * 2 > len(said):
        hours = round(median(abs(one).total_seconds() for one in wrong) / 3600)
        return Alarm("red", reason("health_clock_servers", n=len(wrong), of=len(said), hours=hours))
    newest = newest_stored(db)
    if newest and lies_ahead(newest, now):
        return Alarm("amber", reason("health_clock_ahead", at=stamp(newest)))
    return None


def mended_clock(db: Database, now: datetime) -> Alarm | None:
    """That times were set right lately."""
    jump = db.execute("select was_to, found_at from clock_jumps order by id desc limit 1").fetchone()
    if jump and abs(now - moment(jump[1])) < TOLD:
        return Alarm("amber", reason("health_clock_mended", was=jump[0], at=jump[1]))
    return None
