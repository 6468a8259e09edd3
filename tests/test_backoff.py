"""Sources that ask for rest are left alone as long as they ask."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from archive.i18n import Words
from archive.pages import open_pages
from crawler.state import backoff

NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)


@pytest.fixture
def db() -> Database:
    return open_pages(":memory:")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Mon, 02 Nov 2026 05:10:00 GMT", 600),
        ("Mon, 02 Nov 2026 04:00:00 GMT", 0),
        ("99999999", 86400),
        ("1" + "0" * 30, 86400),
        ("9" * 6000, 86400),
        ("000000000000000000060", 60),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Mon, 02 Nov 2026 05:10:00", 600),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str, seconds: int) -> None:
    assert backoff.asked_for(header, NOON) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "soon",
        "-5",
        "12.5",
        "inf",
        "nan",
        "1e9",
        "²",
        "٣",
        "\udc80",
        "\x00",
        "0x10",
        "Fri, 99 Dec 99999 99:99:99",
    ],
)
def test_without_a_readable_retry_after_there_is_none(header: str | None) -> None:
    assert backoff.asked_for(header, NOON) is None


def test_rest_lasts_as_long_as_asked_and_says_so_in_ha_noi_time(db: Database) -> None:
    rest = backoff.begin(db, "bao", 429, "1800", NOON)
    assert rest.until == NOON + timedelta(minutes=30)
    assert "429" in rest.reason
    assert "12:30 02/11" in Words("vi").reason(rest.reason)
    assert backoff.resting(db, "bao", NOON + timedelta(minutes=29)) == rest
    assert backoff.resting(db, "bao", NOON + timedelta(minutes=30)) is None
    assert backoff.resting(db, "khac", NOON) is None


def test_each_time_in_a_row_is_longer_up_to_a_day_and_a_good_run_ends_the_row(db: Database) -> None:
    lengths = [backoff.begin(db, "bao", 503, None, NOON).until - NOON for _ in range(12)]
    assert lengths[:3] == [timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40)]
    assert lengths[-1] == timedelta(days=1)
    backoff.over(db, "bao")
    assert backoff.begin(db, "bao", 503, None, NOON).until - NOON == timedelta(minutes=10)


@pytest.mark.parametrize("header", ["0", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_no_time_at_all_counts_as_no_word(db: Database, header: str) -> None:
    lengths = [backoff.begin(db, "bao", 503, header, NOON).until - NOON for _ in range(2)]
    assert lengths == [timedelta(minutes=10), timedelta(minutes=20)]


def test_a_rest_begun_by_a_clock_that_was_years_ahead_is_none(db: Database) -> None:
    backoff.begin(db, "bao", 503, "1800", NOON + timedelta(days=400))
    assert backoff.resting(db, "bao", NOON) is None
    backoff.begin(db, "bao", 503, "9" * 99, NOON)
    assert backoff.resting(db, "bao", NOON + timedelta(hours=23))
    assert backoff.resting(db, "bao", NOON + timedelta(hours=24)) is None
