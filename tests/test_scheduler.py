"""When what runs: every source by its interval, outside its quiet hours, from where it was left."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import HANOI
from crawler.service.launcher import Finished, Launcher
from crawler.service.scheduler import Timetable, build, first_time, in_quiet_hours, told
from crawler.sources import Source

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=HANOI)
HOUR = timedelta(hours=1)


def outlet(key: str = "baomau", **more: Any) -> Source:
    return Source(key, "Báo Mẫu", "https://baomau.vn/", "national", re.compile("x"), **more)


@dataclass
class Heard:
    """A timetable at a given time, and what it told."""

    at: datetime = NOON
    said: list[str] = field(default_factory=list)

    def table(self, home: Path) -> Timetable:
        return Timetable(Launcher(home), lambda: self.at, self.said.append)


@pytest.mark.parametrize(
    ("span", "clock", "quiet"),
    [
        (("22:00", "05:00"), "21:59", False), (("22:00", "05:00"), "22:00", True),
        (("22:00", "05:00"), "00:00", True), (("22:00", "05:00"), "04:59", True),
        (("22:00", "05:00"), "05:00", False), (("12:00", "13:30"), "12:00", True),
        (("12:00", "13:30"), "13:30", False), (("12:00", "13:30"), "11:59", False),
        (("07:00", "07:00"), "07:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_are_those_of_ha_noi(span: tuple[str, str], clock: str, quiet: bool) -> None:
    source = outlet(quiet=(time.fromisoformat(span[0]), time.fromisoformat(span[1])))
    at = datetime.combine(NOON, time.fromisoformat(clock), HANOI)
    assert in_quiet_hours(source, at) is quiet
    assert in_quiet_hours(source, at.astimezone(UTC)) is quiet


def test_without_quiet_hours_there_are_none() -> None:
    assert not in_quiet_hours(outlet(), NOON)


async def test_in_its_quiet_hours_a_source_is_left_alone(tmp_path: Path) -> None:
    heard = Heard(NOON.replace(hour=23))
    await heard.table(tmp_path).tick(outlet(quiet=(time(22), time(5))))
    assert heard.said == []


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (None, timedelta(seconds=3)),
        (-2 * HOUR, timedelta(seconds=3)),
        (-HOUR / 2, HOUR / 2),
        (timedelta(0), HOUR),
    ],
)
def test_a_source_goes_on_where_it_was_left_and_overdue_ones_follow_each_other(
    last: timedelta | None, first: timedelta
) -> None:
    assert first_time(outlet(), None if last is None else NOON + last, 3, NOON) == NOON + first


def jobs(heard: Heard, home: Path) -> dict[str, timedelta]:
    """When each job runs first, counted from now."""
    sources = [outlet("a"), outlet("b", every=timedelta(minutes=20)), outlet("c")]
    scheduler = build(heard.table(home), sources, {"b": NOON, "c": NOON - HOUR / 4})
    return {job.id: job.next_run_time - NOON for job in scheduler.get_jobs()}


def test_there_is_one_job_for_each_source_and_one_for_the_digests(tmp_path: Path) -> None:
    assert jobs(Heard(), tmp_path) == {
        "tick:a": timedelta(0),
        "tick:b": timedelta(minutes=20),
        "tick:c": timedelta(minutes=45),
        "digests": timedelta(minutes=3),
    }


async def test_a_source_is_not_asked_again_before_its_rhythm_says_so(tmp_path: Path) -> None:
    heard = Heard()
    table = heard.table(tmp_path)
    table.started["baomau"] = NOON - timedelta(minutes=40)
    await table.tick(outlet(every=HOUR))
    assert heard.said == []


def test_jobs_tick_twice_as_often_as_the_interval_so_that_busy_sources_can_be_asked_more_often(
    tmp_path: Path,
) -> None:
    scheduler = build(Heard().table(tmp_path), [outlet(every=timedelta(minutes=20))], {})
    job = scheduler.get_jobs()[0]
    assert job.trigger.interval == timedelta(minutes=10)


def ended(out: Any = "", error: str = "", code: int = 0, *, timed_out: bool = False) -> Finished:
    return Finished(code, out if isinstance(out, str) else json.dumps(out), error, timed_out)


def run(state: str = "done", reason: str = "", **outcomes: int) -> list[dict[str, Any]]:
    return [{"state": state, "reason": reason, "outcomes": outcomes}]


@pytest.mark.parametrize(
    ("child", "line"),
    [
        (ended(run(unchanged=1, stored=2)), "baomau: 3 pages: 2 stored, 1 unchanged"),
        (ended(run()), "baomau: 0 pages"),
        (ended(run("unreachable", "quá thời gian chờ")), "baomau: unreachable (quá thời gian chờ)"),
        (ended(timed_out=True), "baomau: ended after 960 s; what is left stays due"),
        (ended("", "Traceback\nValueError: x\n", 1), "baomau: crawl failed (ValueError: x)"),
        (ended("not json", "", -9), "baomau: crawl failed (exit -9)"),
    ],
)
def test_each_crawl_is_told_in_one_line(child: Finished, line: str) -> None:
    assert told(outlet(), child) == line
