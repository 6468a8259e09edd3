"""When a digest is due and which time it covers: cron slots, working days, Vietnamese holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archive.clock import HANOI

if TYPE_CHECKING:
    from holidays import HolidayBase

LOOK_FAR = 4 * 366  # days within which any real cron line has a slot (29 February)
LATE = timedelta(minutes=15)  # from here an edition is late and covers the time until it is made

_DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))


@dataclass(frozen=True, slots=True)
class Cron:
    """The five fields of a crontab line as the numbers they allow; weekdays count from Sunday = 0."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool  # both day fields are restricted: crontab(5) then takes a day that fits one of them

    def allows(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either_day else by_date and by_weekday

    @property
    def once_a_day(self) -> bool:
        return len(self.minutes) == len(self.hours) == 1


@dataclass(frozen=True, slots=True)
class Window:
    """One edition to make: its key, and the time it covers, after ``covers_from`` up to ``covers_to``."""

    edition: str
    covers_from: datetime
    covers_to: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """The slots of a digest; ``cron`` None means instant: an edition whenever something matched."""

    cron: Cron | None
    zone: ZoneInfo = HANOI
    working_days: bool = False

    def latest(self, now: datetime) -> datetime | None:
        """The last slot at or before ``now``; None for an instant digest."""
        return next((slot for slot in self._slots(now, -1) if slot <= now), None)

    def following(self, now: datetime) -> datetime | None:
        """The first slot after ``now``; None for an instant digest."""
        return next((slot for slot in self._slots(now, 1) if slot > now), None)

    def key(self, slot: datetime) -> str:
        """What names an edition: its local date, or date and time where a day can have several."""
        local = slot.astimezone(self.zone)
        if self.cron and self.cron.once_a_day:
            return local.date().isoformat()
        return local.strftime("%Y-%m-%dT%H:%M" if self.cron else "%Y-%m-%dT%H:%M:%S")

    def _slots(self, now: datetime, step: int) -> Iterator[datetime]:
        if self.cron is None:
            return
        today = now.astimezone(self.zone).date()
        for offset in range(LOOK_FAR):
            day = today + timedelta(days=step * offset)
            if self.cron.allows(day) and not (self.working_days and is_day_off(day)):
                times = [time(hour, minute) for hour in self.cron.hours for minute in self.cron.minutes]
                for at in times if step > 0 else reversed(times):
                    yield datetime.combine(day, at, self.zone)


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


def is_day_off(day: date) -> bool:
    """Saturday, Sunday or a Vietnamese public holiday; a Saturday worked in exchange is not."""
    return not _calendar().is_working_day(day)


def days_off(after: datetime, until: datetime, zone: ZoneInfo = HANOI) -> list[date]:
    """The local days off that lie wholly between two moments, oldest first."""
    first = after.astimezone(zone).date() + timedelta(days=1)
    last = until.astimezone(zone).date()
    return [day for n in range((last - first).days) if is_day_off(day := first + timedelta(days=n))]


@cache
def _calendar() -> "HolidayBase":
    import holidays

    return holidays.country_holidays("VN")


def parse_schedule(text: str, zone: ZoneInfo = HANOI, *, working_days: bool = False) -> Schedule:
    """A schedule from five crontab fields or from words.

    Words: ``instant``, ``hourly``, ``daily 07:00``, ``weekly mon 07:00`` (time 07:00 and day mon if left
    out). Raises ValueError saying what is wrong.
    """
    words = text.lower().split()
    if words == ["instant"]:
        return Schedule(None, zone)
    cron = _parse_cron(_spelled_out(words))
    schedule = Schedule(cron, zone, working_days)
    if not any(cron.allows(date(2024, 1, 1) + timedelta(days=n)) for n in range(LOOK_FAR)):
        raise ValueError("this day never comes")
    return schedule


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
    text = rest[0] if rest else "07:00"
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is no time of day; write 07:00") from None
    return [str(at.minute), str(at.hour)]


def _parse_cron(fields: list[str]) -> Cron:
    if len(fields) != len(_FIELDS):
        raise ValueError(
            "expected five cron fields (`0 7 * * *`) or instant, hourly, daily 07:00, weekly mon 07:00"
        )
    minutes, hours, days, months, weekdays = (
        _parse_field(text, *field) for text, field in zip(fields, _FIELDS, strict=True)
    )
    return Cron(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=not (fields[2].startswith("*") or fields[4].startswith("*")),
    )


def _parse_field(text: str, name: str, low: int, high: int) -> set[int]:
    """The numbers that ``1-5``, ``*/15``, ``mon,fri`` … allow."""
    allowed: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        start, dash, end = span.partition("-")
        first, last = (low, high) if span == "*" else (_number(start, name), _number(end or start, name))
        if step and not dash and span != "*":
            last = high
        if name == "weekday" and dash and last == 0:
            last = 7  # fri-sun
        if not (low <= first <= last <= high) or (step and not (step.isdigit() and int(step))):
            raise ValueError(f"{name} `{part}` is not within {low}-{high}")
        allowed.update(range(first, last + 1, int(step or 1)))
    return allowed


def _number(text: str, name: str) -> int:
    if name == "weekday" and text in _DAY_NAMES:
        return _DAY_NAMES.index(text)
    if not text.isdigit():
        raise ValueError(f"{name} `{text}` is not a number")
    return int(text)
