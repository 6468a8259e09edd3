"""When a silence is too long for a source, and when it is only night, weekend or the first day."""

from datetime import UTC, datetime

import pytest
from sqlite_utils import Database

from archive.clock import HANOI, is_day_off
from archive.schema import open_archive
from tests.press_book import DAY, GREEN, HOUR, NOW, listed, run, said, source

WEEK = 7 * DAY


@pytest.fixture
def db() -> Database:
    made = open_archive(":memory:")
    source(made, "baomau")
    return made


def hanoi(day: int, hour: int) -> datetime:
    """A time in November 2026; the 2nd is a Monday."""
    return datetime(2026, 11, day, hour, tzinfo=HANOI)


def working(at: datetime) -> int:
    """New addresses an hour of a paper that works by day, Monday to Friday."""
    local = at.astimezone(HANOI)
    return 4 if local.weekday() < 5 and 7 <= local.hour < 19 else 0


def steady(at: datetime) -> int:
    return 1


def crawled(db: Database, since: datetime, last: datetime, until: datetime, new=steady) -> None:  # type: ignore[no-untyped-def]
    """A run every hour; after ``last`` nothing is new."""
    at = since
    while at <= until:
        listed(db, at, new(at) if at <= last else 0)
        at += HOUR


def test_the_silence_of_a_steady_source(db: Database) -> None:
    crawled(db, NOW - 10 * DAY, NOW - 5 * HOUR, NOW)
    assert said(db) == GREEN


def test_a_silence_is_told_with_the_usual_gap(db: Database) -> None:
    crawled(db, NOW - 10 * DAY, NOW - 9 * HOUR, NOW)
    assert said(db) == ("amber", "Không có bài mới 9 giờ, thường mỗi 1 giờ có một bài.")


def test_a_long_silence_is_red(db: Database) -> None:
    crawled(db, NOW - 10 * DAY, NOW - 30 * HOUR, NOW)
    assert said(db) == ("red", "Không có bài mới 30 giờ, thường mỗi 1 giờ có một bài.")


def test_a_source_silent_for_longer_than_a_month_does_not_turn_green(db: Database) -> None:
    crawled(db, NOW - 50 * DAY, NOW - 40 * DAY, NOW)
    assert said(db) == ("red", "Không có bài mới 40 ngày, thường mỗi 1 giờ có một bài.")


@pytest.mark.parametrize(("day", "hour"), [(18, 6), (22, 20), (23, 6)])
def test_nights_and_weekends_are_quiet(db: Database, day: int, hour: int) -> None:
    crawled(db, hanoi(2, 6), hanoi(30, 0), hanoi(day, hour), working)
    assert said(db) == GREEN


@pytest.mark.parametrize(
    "until", ["2027-01-01T20", "2027-02-05T08", "2027-02-06T07", "2027-02-10T20", "2027-05-03T20"]
)
def test_holidays_are_quiet(db: Database, until: str) -> None:
    asked = datetime.fromisoformat(until).replace(tzinfo=HANOI)
    crawled(
        db,
        asked - 28 * DAY,
        asked,
        asked,
        lambda at: 0 if is_day_off(at.astimezone(HANOI).date()) else working(at),
    )
    assert said(db) == GREEN


def test_a_paper_that_does_not_come_back_after_tet_is_told(db: Database) -> None:
    last, asked = (datetime(2027, 2, day, 18, tzinfo=HANOI) for day in (3, 16))
    crawled(db, last - 28 * DAY, last, asked, working)
    assert said(db)[0] == "red"


def test_a_poor_holiday_is_not_held_against_it() -> None:
    db, asked = open_archive(":memory:"), datetime(2026, 9, 2, 12, tzinfo=HANOI)
    source(db, "baomau", per_day=[20, 60])
    crawled(db, asked - 5 * DAY, asked, asked, lambda at: int(at.hour % 4 == 0))
    assert said(db) == GREEN


def test_a_first_night_and_a_first_weekend_are_no_alarm(db: Database) -> None:
    crawled(db, hanoi(5, 8), hanoi(30, 0), hanoi(6, 6), working)
    assert said(db) == GREEN
    crawled(db, hanoi(6, 7), hanoi(30, 0), hanoi(9, 6), working)
    assert said(db) == GREEN


def test_a_silent_morning_is_told_though_the_night_was_quiet_too(db: Database) -> None:
    crawled(db, hanoi(2, 6), hanoi(17, 18), hanoi(18, 9), working)
    assert said(db) == ("amber", "Không có bài mới 15 giờ, thường mỗi 1 giờ có một bài.")


def test_a_source_that_writes_rarely_is_given_time(db: Database) -> None:
    def rarely(at: datetime) -> int:
        return int(at.astimezone(UTC).hour == 3 and at.day % 3 == 0)

    crawled(db, NOW - 28 * DAY, NOW - 4 * DAY, NOW, rarely)
    assert said(db) == GREEN


def test_the_silence_is_that_of_the_lists_not_of_a_machine_that_was_off(db: Database) -> None:
    crawled(db, NOW - 10 * DAY, NOW - 3 * DAY, NOW - 3 * DAY)
    assert said(db) == GREEN


def test_a_source_at_rest_or_out_of_reach_is_not_called_silent(db: Database) -> None:
    crawled(db, NOW - 10 * DAY, NOW - 2 * DAY, NOW - 2 * DAY)
    run(db, at=NOW, lists={"fetched": 0, "new": 0}, notes={"resting": "trang xin đọc thưa hơn"})
    assert said(db) == ("amber", "Trang xin đọc thưa hơn.")


def test_the_backlog_of_the_first_run_and_of_the_past_is_no_rhythm(db: Database) -> None:
    listed(db, NOW - 9 * DAY, 5000)
    run(db, at=NOW - 8 * DAY, lists={"fetched": 1, "new": 9000, "past": True})
    for days in range(7, 0, -1):
        listed(db, NOW - days * DAY, 0)
    assert said(db) == GREEN


def test_a_poor_day_of_a_source_that_declares_more() -> None:
    db = open_archive(":memory:")
    source(db, "baomau", per_day=[20, 30])
    crawled(db, NOW - 2 * DAY, NOW, NOW)
    assert said(db) == GREEN
    crawled(db, NOW + HOUR, NOW + 2 * DAY, NOW + DAY, lambda at: int(at.hour % 4 == 0))
    sentence = "Ít bài mới: 6 trong 24 giờ, thường từ 20 đến 30."
    assert said(db) == ("amber", sentence)


def test_a_flood_of_new_addresses() -> None:
    db = open_archive(":memory:")
    source(db, "baomau", per_day=[20, 30])
    crawled(db, NOW - 2 * DAY, NOW, NOW - HOUR)
    listed(db, NOW, 5210)
    sentence = "Nhiều bài mới bất thường: 5.233 trong 24 giờ, thường từ 20 đến 30."
    assert said(db) == ("amber", sentence)


def test_the_first_day_is_not_held_against_what_is_declared() -> None:
    db = open_archive(":memory:")
    source(db, "baomau", per_day=[20, 30])
    listed(db, NOW - 20 * HOUR, 900)
    listed(db, NOW, 1)
    assert said(db) == GREEN


def test_a_weekend_and_a_day_that_is_always_poor_are_not_held_against_it() -> None:
    db = open_archive(":memory:")
    source(db, "baomau", per_day=[20, 60])
    crawled(db, hanoi(2, 6), hanoi(30, 0), hanoi(15, 12), working)
    assert said(db) == GREEN
