"""Whether a source lists as much as it usually does at this hour of this kind of day, and as it declares.

Vietnamese nights, weekends and holidays are quiet, so a silence is held against the same hours of such days
before it; no days are like those of Tết.
"""

from datetime import datetime, timedelta
from statistics import median

from sqlite_utils import Database

from archive.clock import HANOI, is_day_off
from archive.health.runs import Alarm, Level, Run, SourceRow, first_listing, last_listing, listed
from archive.reasons import reason

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LOOK_BACK = 21  # days before the silence from which the usual is read
SILENT_AMBER, SILENT_RED = 6.0, 15.0  # times the usual gap
SILENT_AT_LEAST = timedelta(hours=6)
ACROSS_A_WEEKEND = timedelta(days=3)  # without days to compare with, only a longer silence tells
RHYTHM_AT_LEAST = 5  # addresses from which a rhythm is read


def silent(db: Database, source: SourceRow, runs: list[Run]) -> Alarm | None:
    """Too long without a new address; the time runs until the lists were last asked for."""
    asked = runs[0].started_at
    last = next((run.started_at for run in runs if run.lists.new), None) or last_listing(db, source.key)
    if last is None or asked - last < SILENT_AT_LEAST:
        return None
    return _against_usual(asked - last, usual_gap(db, source.key, last, asked))


def _against_usual(silence: timedelta, usual: timedelta | None) -> Alarm | None:
    if usual is None or silence < usual * SILENT_AMBER:
        return None
    level: Level = "red" if silence >= max(SILENT_AT_LEAST * 4, usual * SILENT_RED) else "amber"
    return Alarm(level, reason("health_silent", silence=silence // MINUTE, gap=usual // MINUTE))


def usual_gap(db: Database, key: str, last: datetime, asked: datetime) -> timedelta | None:
    """The source's usual gap between two new addresses at the hours from ``last`` to ``asked``.

    Read from the same hours of earlier days of the same kind (working day or day off); the median of them,
    so that one busy or dead day does not tell. None where too little is known.
    """
    silence, watched = asked - last, first_listing(db, key) or asked
    shifts = (DAY * ago for ago in range(1, LOOK_BACK + 1))
    spans = [
        (last - back, asked - back)
        for back in shifts
        if back >= silence and last - back >= watched and _days(last - back, asked - back) == _days(last, asked)
    ]
    if spans:
        usual = median(listed(db, key, spans))
        return silence / usual if usual else None
    since = max(watched, last - LOOK_BACK * DAY)
    total = sum(listed(db, key, [(since, last)]))
    if silence - _holidays(last, asked) < ACROSS_A_WEEKEND or total < RHYTHM_AT_LEAST:
        return None
    return (last - since) / total


def _days(since: datetime, until: datetime) -> list[bool]:
    """Which of the days from one time to another are days off."""
    return [_off(since + DAY * number) for number in range((until - since).days + 1)] + [_off(until)]


def _holidays(since: datetime, until: datetime) -> timedelta:
    """The days off from one time to another that are no Saturday or Sunday."""
    days = (since + DAY * number for number in range((until - since).days + 1))
    return DAY * sum(_off(day) for day in days if day.astimezone(HANOI).weekday() < 5)


def _off(at: datetime) -> bool:
    return is_day_off(at.astimezone(HANOI).date())


def off_yield(db: Database, source: SourceRow, runs: list[Run]) -> Alarm | None:
    """Fewer or more new addresses in a day than the source declares (``expect.per_day``).

    Fewer than declared is no alarm on a day off, or where the same day of a week before was as poor.
    """
    if not source.expect.get("per_day"):
        return None
    least, most = source.expect["per_day"]
    asked, watched = runs[0].started_at, first_listing(db, source.key)
    if watched is None or asked - watched <= DAY:
        return None
    count = _of_a_day(db, source, runs)
    poor = count < least and not _off(asked) and not _off(asked - DAY)
    if poor and not _poor_before(db, source, watched, asked, least):
        code = "health_few"
    elif count > most:
        code = "health_many"
    else:
        return None
    return Alarm("amber", reason(code, count=count, low=least, high=most))


def _of_a_day(db: Database, source: SourceRow, runs: list[Run]) -> int:
    """How many new addresses there were in the day until the newest run."""
    asked = runs[0].started_at
    if asked - runs[-1].started_at < DAY:  # crawled more often than the runs at hand tell
        return sum(listed(db, source.key, [(asked - DAY, asked)]))
    return sum(run.lists.new for run in runs if asked - run.started_at < DAY)


def _poor_before(db: Database, source: SourceRow, watched: datetime, asked: datetime, least: int) -> bool:
    days = [asked - 7 * DAY * week for week in (1, 2, 3)]
    spans = [(at - DAY, at) for at in days if at - DAY >= watched]
    return any(count < least for count in listed(db, source.key, spans))
