"""Times as they stand in the tables: UTC, aware, sortable as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.clock import HANOI, moment, stamp, utc_now


def test_a_time_is_kept_in_utc_to_the_second() -> None:
    assert stamp(datetime(2026, 11, 21, 10, 27, 0, 999, HANOI)) == "2026-11-21T03:27:00Z"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        stamp(datetime(2026, 11, 21, 10, 27))  # noqa: DTZ001


@settings(max_examples=40)
@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2), st.integers(-11, 13))
def test_stamps_sort_as_times_do_and_come_back(pair: list[datetime], hours: int) -> None:
    one, two = (at.replace(microsecond=0, year=max(at.year, 2) if at.year < 9999 else 9998) for at in pair)
    assert (stamp(one) < stamp(two)) == (one < two)
    assert moment(stamp(one.astimezone(timezone(timedelta(hours=hours))))) == one


def test_now_is_aware_and_to_the_second() -> None:
    assert moment(stamp(now := utc_now())) == now
