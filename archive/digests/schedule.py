"""When a digest is due, which time it covers, and who must look at it first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from archive.clock import HANOI, is_day_off
from archive.i18n import current

LOOK_FAR = timedelta(days=4 * 366)  # within which any real cron line has a slot (29 February)
LATE = timedelta(minutes=15)  # from here an edition is late and covers the time until it is made
CLOCK_CHANGE = timedelta(hours=2)  # within which a clock put back shows the same hour twice

_DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (("minute", "0-59"), ("hour", "0-23"), ("day", "1-31"), ("month", "1-12"), ("weekday", "0-7"))


@dataclass(frozen=True, slots=True)
class Window:
    """One edition to make: its key, and the time it covers, after ``covers_from`` up to ``covers_to``."""

    edition: str
    covers_from: datetime
    covers_to: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """Whether a person must approve an edition: ``none``, ``required``, or ``until`` a time of day.

    ``until``: from the slot on it waits; at that time it goes as it is, unless someone works on it at the desk.
    """

    kind: Literal["none", "until", "required"] = "none"
    until: time | None = None

    def ends(self, slot: datetime) -> datetime | None:
        """When the edition of a slot goes by itself; None: not before someone approves it."""
        if self.kind == "none":
            return slot
        if self.until is None:
            return None
        end = datetime.combine(slot.date(), self.until, slot.tzinfo)
        return end if end >= slot else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The slots of a digest; ``cron`` None means instant: an edition whenever something matched."""

    cron: str | None
    zone: ZoneInfo = HANOI
    working_days: bool = False

    def latest(self, now: datetime) -> datetime | None:
        """The last slot at or before ``now``; None for an instant digest."""
        return next((slot for slot in self._slots_back(now) if slot <= now), None)

    def following(self, now: datetime) -> datetime | None:
        """The first slot after ``now``; None for an instant digest."""
        if self.cron is None:
            return None
        local = now.astimezone(self.zone).replace(tzinfo=None, fold=0)
        for slot in CronSim(self.cron, local - CLOCK_CHANGE):
            at = slot.replace(tzinfo=self.zone)
            if at > now and not (self.working_days and is_day_off(slot.date())):
                return at
            if slot - local > LOOK_FAR:
                break
        return None

    def key(self, slot: datetime) -> str:
        """What names an edition: its local date, or date and time where a day can have several."""
        local = slot.astimezone(self.zone)
        if self.cron is None:
            return local.strftime("%Y-%m-%dT%H:%M:%S")
        cron = CronSim(self.cron, local)
        once_a_day = len(cron.minutes) == len(cron.hours) == 1
        return local.date().isoformat() if once_a_day else local.strftime("%Y-%m-%dT%H:%M")

    def _slots_back(self, now: datetime) -> Iterator[datetime]:
        """The slots by the wall clock, newest first, from a little after now."""
        if self.cron is None:
            return
        local = now.astimezone(self.zone).replace(tzinfo=None, fold=0)
        for slot in CronSim(self.cron, local + CLOCK_CHANGE, reverse=True):
            if local - slot > LOOK_FAR:
                return
            if not (self.working_days and is_day_off(slot.date())):
                yield slot.replace(tzinfo=self.zone)


def due(schedule: Schedule, last_covered_to: datetime | None, now: datetime) -> list[Window]:
    """The edition that should exist by now and does not: at most one, covering all since the last.

    After downtime the slots that were missed become one edition, under the key of the last of them;
    windows therefore never overlap and leave no gap. ``last_covered_to`` is where the last edition's
    window ended, or where the digest began; None: it has not begun, so nothing is due.
    """
    if last_covered_to is None or last_covered_to >= now:
        return []
    if schedule.cron is None:
        return [Window(schedule.key(now), last_covered_to, now)]
    slot = schedule.latest(now)
    if slot is None or slot <= last_covered_to:
        return []
    return [Window(schedule.key(slot), last_covered_to, now if now - slot > LATE else slot)]


def days_off(after: datetime, until: datetime, zone: ZoneInfo = HANOI) -> list[date]:
    """The local days off that lie wholly between two moments, oldest first."""
    first = after.astimezone(zone).date() + timedelta(days=1)
    last = until.astimezone(zone).date()
    return [day for n in range((last - first).days) if is_day_off(day := first + timedelta(days=n))]


def parse_schedule(text: str, zone: ZoneInfo = HANOI, *, working_days: bool = False) -> Schedule:
    """A schedule from five crontab fields or from words.

    Words: ``instant``, ``hourly``, ``daily 07:00``, ``weekly mon 07:00`` (time 07:00 and day mon if left
    out). Raises ValueError saying what is wrong.
    """
    words = text.lower().split()
    if words == ["instant"]:
        return Schedule(None, zone)
    return Schedule(_checked(_spelled_out(words)), zone, working_days)


def parse_review(text: str, schedule: Schedule) -> Review:
    """A review from ``none``, ``required`` or ``until 07:30``. Raises ValueError saying what is wrong."""
    match text.lower().split():
        case ["none"]:
            return Review()
        case ["required" | "until", *_] if schedule.cron is None:
            raise ValueError(current()("config.review.instant"))
        case ["required"]:
            return Review("required")
        case ["until", at]:
            return Review("until", _time_of_day(at))
    raise ValueError(current()("config.review.kind"))


def _spelled_out(words: list[str]) -> list[str]:
    """Five crontab fields for words; other input as it is."""
    match words:
        case ["hourly"]:
            return ["0", "*", "*", "*", "*"]
        case ["daily", *rest] if len(rest) <= 1:
            return [*_clock(rest), "*", "*", "*"]
        case ["weekly", *rest] if len(rest) <= 2:
            day = rest.pop(0) if rest and rest[0][:3] in _DAY_NAMES else "mon"
            return [*_clock(rest), "*", "*", day[:3]]
    return words


def _clock(rest: list[str]) -> list[str]:
    at = _time_of_day(rest[0] if rest else "07:00")
    return [str(at.minute), str(at.hour)]


def _time_of_day(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise ValueError(current()("config.schedule.time", text=text)) from None


def _checked(fields: list[str]) -> str:
    """The crontab line; raises ValueError naming the field that cron does not understand."""
    if len(fields) != len(_FIELDS):
        raise ValueError(current()("config.schedule.form"))
    fields[4] = re.sub(r"-(sun|0)\b", "-7", fields[4])  # fri-sun
    for at, (name, limits) in enumerate(_FIELDS):
        for part in fields[at].split(","):
            if not _valid([*["*"] * at, part, *["*"] * (4 - at)]):
                raise ValueError(current()("config.schedule.field", name=name, text=part, limits=limits))
    if not _valid(fields):
        raise ValueError(current()("config.schedule.never"))
    return " ".join(fields)


def _valid(fields: list[str]) -> bool:
    try:
        CronSim(" ".join(fields), datetime(2024, 1, 1, tzinfo=HANOI))
    except CronSimError:
        return False
    return True
