"""Sources that asked to be left alone for a while (429, 503, Retry-After), kept in pages.db."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlite_utils import Database

from archive.clock import AHEAD, moment, stamp
from archive.db import writing
from archive.reasons import reason

FIRST = timedelta(minutes=10)  # without Retry-After; doubled each time in a row
LONGEST = timedelta(days=1)
_SECONDS = re.compile(r"[0-9]+", re.ASCII)
_LONGEST_DATE = 60  # characters


@dataclass(frozen=True, slots=True)
class Rest:
    """Until when a source is left alone, and what it answered."""

    until: datetime
    reason: str


def resting(db: Database, source: str, now: datetime) -> Rest | None:
    """The rest a source is in, None when it may be crawled; none is longer than it may be asked for."""
    sql = "select until, reason from rests where source = ? and until > ? and until <= ?"
    row = db.execute(sql, [source, stamp(now), stamp(now + LONGEST + AHEAD)]).fetchone()
    return Rest(moment(row[0]), row[1]) if row else None


def begin(db: Database, source: str, status: int, retry_after: str | None, now: datetime) -> Rest:
    """Note that a source asked for rest: for its time, else longer each time in a row; a day at most."""
    with writing(db):
        row = db.execute("select times from rests where source = ?", [source]).fetchone()
        times = row[0] + 1 if row else 1
        asked = asked_for(retry_after, now)
        length = min(asked or FIRST * 2 ** min(times - 1, 10), LONGEST)  # none at all says nothing either
        until = now + max(length, timedelta(seconds=1))
        why = reason("resting", status=status, until=stamp(until))
        db.execute(
            """insert into rests (source, until, times, reason) values (?, ?, ?, ?)
               on conflict (source) do update set until = excluded.until, times = excluded.times,
                   reason = excluded.reason""",
            [source, stamp(until), times, why],
        )
    return Rest(until, why)


def over(db: Database, source: str) -> None:
    """A source answered a whole run without asking for rest."""
    db.execute("delete from rests where source = ?", [source])


def asked_for(retry_after: str | None, now: datetime) -> timedelta | None:
    """The time a Retry-After header names, in seconds or as a date (RFC 9110, 10.2.3), a day at most.

    None without one, and for what is neither.
    """
    text = (retry_after or "").strip()
    if _SECONDS.fullmatch(text):
        digits = text.lstrip("0") or "0"  # Python reads no number of thousands of digits
        return min(timedelta(seconds=int(digits)), LONGEST) if len(digits) < 10 else LONGEST
    try:
        at = parsedate_to_datetime(text[:_LONGEST_DATE]) if text else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if at is None:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), LONGEST)
