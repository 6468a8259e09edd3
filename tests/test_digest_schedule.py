"""When digests are due: slots, working days, Tết, downtime."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archive.clock import HANOI, is_day_off
from archive.digests.schedule import Window, days_off, due, parse_schedule

WORKDAYS = parse_schedule("daily 07:00", working_days=True)


def hanoi(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def run(start: datetime, end: datetime, off: list[tuple[datetime, datetime]], step: timedelta) -> list[Window]:
    """All editions made by a machine that looks every ``step`` and is off in between."""
    made: list[Window] = []
    now, last = start, start - timedelta(hours=5)
    while now < end:
        if not any(a <= now < b for a, b in off):
            for window in due(WORKDAYS, last, now):
                made.append(window)
                last = window.covers_to
        now += step
    return made


def test_thirty_days_with_tet_weekends_and_downtime_give_each_edition_once() -> None:
    # Tết 2027: 4-10 February are days off; down from Tuesday 23 February noon to Thursday 25 February 14:10
    off = [(hanoi("2027-02-23T12:00"), hanoi("2027-02-25T14:10"))]
    made = run(hanoi("2027-01-29T12:00"), hanoi("2027-02-28T12:00"), off, timedelta(minutes=7))
    keys = [window.edition for window in made]
    assert keys == [
        "2027-02-01", "2027-02-02", "2027-02-03",
        "2027-02-11", "2027-02-12",
        "2027-02-15", "2027-02-16", "2027-02-17", "2027-02-18", "2027-02-19",
        "2027-02-22", "2027-02-23",
        "2027-02-25", "2027-02-26",
    ]  # fmt: skip
    for before, after in pairwise(made):
        assert before.covers_to == after.covers_from
    late = made[keys.index("2027-02-25")]
    assert late.covers_from == hanoi("2027-02-23T07:00")
    assert late.covers_to >= hanoi("2027-02-25T14:10")
    assert made[keys.index("2027-02-11")].covers_from == hanoi("2027-02-03T07:00")
    assert made[keys.index("2027-02-15")].covers_from == hanoi("2027-02-12T07:00")


def test_an_edition_on_time_ends_at_its_slot() -> None:
    last = hanoi("2026-11-19T07:00")
    assert due(WORKDAYS, last, hanoi("2026-11-20T06:59")) == []
    [window] = due(WORKDAYS, last, hanoi("2026-11-20T07:04"))
    assert window == Window("2026-11-20", last, hanoi("2026-11-20T07:00"))
    assert due(WORKDAYS, window.covers_to, hanoi("2026-11-20T07:05")) == []


def test_nothing_is_due_before_a_digest_has_begun() -> None:
    assert due(WORKDAYS, None, hanoi("2026-11-20T09:00")) == []


def test_a_clock_set_back_makes_no_second_edition() -> None:
    assert due(WORKDAYS, hanoi("2026-11-20T07:00"), hanoi("2026-11-20T06:30")) == []


def test_days_off_follow_the_vietnamese_calendar() -> None:
    assert is_day_off(date(2026, 9, 2))
    assert is_day_off(date(2027, 2, 8))
    assert not is_day_off(date(2027, 2, 11))
    assert not is_day_off(date(2026, 8, 22)), "a Saturday worked in exchange for Monday 31 August"
    assert is_day_off(date(2026, 8, 31))
    monday, friday = hanoi("2026-11-23T07:00"), hanoi("2026-11-20T07:00")
    assert days_off(friday, monday) == [date(2026, 11, 21), date(2026, 11, 22)]
    assert days_off(monday, monday + timedelta(hours=5)) == []


@pytest.mark.parametrize(
    ("schedule", "now", "latest", "key"),
    [
        ("0 7 * * 1-5", "2026-11-22T08:00", "2026-11-20T07:00", "2026-11-20"),
        ("0 7 * * fri-sun", "2026-11-23T08:00", "2026-11-22T07:00", "2026-11-22"),
        ("30 6,16 * * *", "2026-11-22T12:00", "2026-11-22T06:30", "2026-11-22T06:30"),
        ("*/20 8-17 * * *", "2026-11-22T20:00", "2026-11-22T17:40", "2026-11-22T17:40"),
        ("0 7 1 * mon", "2026-11-22T12:00", "2026-11-16T07:00", "2026-11-16"),
        ("0 7 29 2 *", "2026-11-22T12:00", "2024-02-29T07:00", "2024-02-29"),
        ("hourly", "2026-11-22T12:10", "2026-11-22T12:00", "2026-11-22T12:00"),
        ("daily", "2026-11-22T06:10", "2026-11-21T07:00", "2026-11-21"),
        ("weekly thu 16:30", "2026-11-22T06:10", "2026-11-19T16:30", "2026-11-19"),
        ("weekly", "2026-11-22T06:10", "2026-11-16T07:00", "2026-11-16"),
    ],
)
def test_schedules_in_cron_and_in_words(schedule: str, now: str, latest: str, key: str) -> None:
    parsed = parse_schedule(schedule)
    slot = parsed.latest(hanoi(now))
    assert slot == hanoi(latest)
    assert parsed.key(slot) == key


def test_slots_are_in_the_zone_of_the_digest() -> None:
    tokyo = parse_schedule("daily 07:00", ZoneInfo("Asia/Tokyo"))
    assert tokyo.latest(datetime(2026, 11, 21, 23, 0, tzinfo=UTC)) == datetime(2026, 11, 21, 22, 0, tzinfo=UTC)


def test_instant_is_due_at_any_time() -> None:
    instant = parse_schedule("instant")
    now = hanoi("2026-11-22T10:00:05")
    [window] = due(instant, hanoi("2026-11-22T09:00"), now)
    assert (window.edition, window.covers_to) == ("2026-11-22T10:00:05", now)
    assert instant.latest(now) is None


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("0 7 * *", "five cron fields"),
        ("0 25 * * *", "hour `25`"),
        ("0 7 * * xyz", "weekday `xyz`"),
        ("*/0 7 * * *", "minute `*/0`"),
        ("0 7 30 2 *", "never comes"),
        ("daily 7h", "`7h` is no time"),
        ("mỗi sáng", "five cron fields"),
    ],
)
def test_a_wrong_schedule_says_what_is_wrong(schedule: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_schedule(schedule)


WHOLE_YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
MINUTES = {"0": {0}, "30": {30}, "15,45": {15, 45}, "*/20": {0, 20, 40}, "10-20/5": {10, 15, 20}}
HOURS = {"7": {7}, "6,16": {6, 16}, "8-17": set(range(8, 18)), "*/6": {0, 6, 12, 18}, "23": {23}}
DAYS = {
    "*": set(range(1, 32)), "1": {1}, "1,15": {1, 15}, "1-7": set(range(1, 8)),
    "*/2": set(range(1, 32, 2)), "31": {31},
}  # fmt: skip
MONTHS = {"*": set(range(1, 13)), "2": {2}, "1-6/2": {1, 3, 5}, "3,11": {3, 11}}
WEEKDAYS = {  # Sunday is 0
    "*": set(range(7)), "1-5": {1, 2, 3, 4, 5}, "mon-fri": {1, 2, 3, 4, 5}, "fri-sun": {5, 6, 0},
    "sat,sun": {6, 0}, "mon,wed-fri": {1, 3, 4, 5}, "7": {0}, "*/2": {0, 2, 4, 6}, "1/2": {1, 3, 5, 0},
    "fri-0": {5, 6, 0},
}  # fmt: skip


def slots_of_a_year(fields: list[str], working_days: bool) -> list[datetime]:
    """Every slot of 2026 by crontab(5), counted day by day."""
    minute, hour, day, month, weekday = fields
    either = not (day.startswith("*") or weekday.startswith("*"))
    join = any if either else all
    return [
        datetime(one.year, one.month, one.day, h, m, tzinfo=HANOI)
        for one in WHOLE_YEAR
        if one.month in MONTHS[month]
        and join((one.day in DAYS[day], one.isoweekday() % 7 in WEEKDAYS[weekday]))
        and not (working_days and is_day_off(one))
        for h in sorted(HOURS[hour])
        for m in sorted(MINUTES[minute])
    ]


@settings(max_examples=60, deadline=None)
@given(
    fields=st.tuples(*(st.sampled_from(sorted(field)) for field in (MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS))),
    working_days=st.booleans(),
    at=st.integers(0, 365 * 24 * 60 - 1),
)
def test_slots_are_those_of_a_year_counted_day_by_day(
    fields: tuple[str, ...], working_days: bool, at: int
) -> None:
    assume(slots_of_a_year(list(fields), working_days=False))
    parsed = parse_schedule(" ".join(fields), working_days=working_days)
    slots = slots_of_a_year(list(fields), working_days)
    now = datetime(2026, 1, 1, tzinfo=HANOI) + timedelta(minutes=at)
    before = [slot for slot in slots if slot <= now]
    if before:
        assert parsed.latest(now) == before[-1]
    if slots:
        [window] = due(parsed, slots[0] - timedelta(days=1), slots[-1] + timedelta(seconds=1))
        once_a_day = len(HOURS[fields[1]]) == len(MINUTES[fields[0]]) == 1
        assert window.edition == (slots[-1].date().isoformat() if once_a_day else f"{slots[-1]:%Y-%m-%dT%H:%M}")


def test_the_slot_that_follows_skips_days_off_and_takes_the_wall_clock() -> None:
    daily = parse_schedule("daily 07:00", working_days=True)
    friday = datetime(2026, 11, 27, 7, 0, tzinfo=HANOI)
    assert daily.following(friday) == datetime(2026, 11, 30, 7, 0, tzinfo=HANOI)
    assert parse_schedule("daily 07:00").following(friday) == datetime(2026, 11, 28, 7, 0, tzinfo=HANOI)
    assert parse_schedule("instant").following(friday) is None
    berlin = ZoneInfo("Europe/Berlin")
    twice = datetime(2026, 10, 25, 2, 40, tzinfo=berlin)  # the clock is put back at 03:00
    assert parse_schedule("hourly", berlin).following(twice) > twice  # type: ignore[operator]
