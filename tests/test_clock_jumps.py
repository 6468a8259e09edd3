"""A clock a year ahead, a day back or not set at all: it is told, nothing waits for it, no edition is lost."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive import health
from archive.clock import EARLIEST, moment, stamp, utc_now
from archive.db import reading
from archive.desk.db import open_desk
from archive.desk.due import make_due
from archive.evidence.record import load_record, load_subject
from archive.health.clock import judge
from archive.health.corrected import set_right
from archive.health.machine import clock
from archive.home import Home
from archive.i18n import Words
from archive.pages import open_pages
from archive.reasons import parse
from crawler.listings import Link
from crawler.service import clock_watch, scheduler
from crawler.service.clock_watch import ClockWatch
from crawler.state import backoff, frontier
from tests.clocks import shifted
from tests.commands import environment
from tests.newsroom import ALERTS, Newsroom, hanoi
from tests.test_partners import Outlet, write_sources

NOW = hanoi("2026-11-26", "12:00")
YEAR, DAY, HOUR, MINUTE = timedelta(days=365), timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DAILY = ALERTS.replace("working_days: true", "working_days: false")


class Office(Newsroom):
    """A newsroom whose crawls are runs in the archive."""

    def crawl(self, at: datetime, *texts: str, clocks: dict[str, int] | None = None) -> None:
        notes = json.dumps({"clocks": clocks} if clocks else {})
        row = ["song-bang", stamp(at), stamp(at), notes]
        self.db.execute(
            "insert into runs (source, started_at, finished_at, state, notes) values (?,?,?,'done',?)", row
        )
        for text in texts:
            self.publish((f"Nhà máy {text}", "", f"Chỉ bài {text} nói điều {text * 30}."), at)

    def make(self, at: datetime) -> list[str]:
        made = make_due(self.db, self.alerts, at)
        return [
            self.db.execute("select edition from digests where id = ?", [one]).fetchone()[0] for one in made
        ]

    def told(self) -> list[int]:
        """The articles of all editions, as often as they are told."""
        rows = self.db.execute("select content from digests order by id")
        return sorted(id_ for (content,) in rows for id_ in json.loads(content)["article_ids"])

    def heal(self, at: datetime) -> bool:
        with closing(open_pages(self.folder / "pages.db")) as pages:
            return set_right(self.db, pages, self.folder / "desk.db", at) is not None

    def health(self, at: datetime) -> set[str]:
        self.db.execute(
            "insert or ignore into sources (key, name, home, kind) values ('x', 'X', 'https://x', 'n')"
        )
        return {parse(one.reason)[0] for one in health.report(self.db, at)}


def office(folder: Path) -> Office:
    room = Office(folder, DAILY)
    room.crawl(NOW - 2 * DAY, "một")
    assert room.make(NOW - DAY) == ["2026-11-25"]
    room.crawl(NOW - HOUR, "hai")
    return room


@pytest.mark.parametrize("ahead", [YEAR, 10 * YEAR, 4 * DAY], ids=["a year", "2036", "four days"])
@pytest.mark.parametrize("made", [True, False], ids=["edition made meanwhile", "none made"])
def test_after_a_clock_ahead_each_story_is_told_once_and_the_next_edition_comes_in_time(
    tmp_path: Path, ahead: timedelta, made: bool
) -> None:
    room = office(tmp_path)
    room.crawl(NOW + ahead, "ba")
    if made:
        assert len(room.make(NOW + ahead)) == 1
        room.crawl(NOW + ahead + 10 * MINUTE, "bốn")
    assert judge(room.db, NOW + HOUR) == "ahead"
    assert room.heal(NOW + HOUR)
    assert not room.heal(NOW + HOUR), "once"
    room.crawl(NOW + 2 * HOUR, "năm")
    assert room.make(NOW + DAY) == ["2026-11-27"]
    room.make(NOW + 2 * DAY)
    count = 5 if made else 4
    assert room.told() == list(range(1, count + 1)), "none left out, none twice"


def test_what_stood_in_evidence_is_kept_beside_what_is_right(tmp_path: Path) -> None:
    room = office(tmp_path)
    room.crawl(NOW + YEAR, "ba")
    seen = room.db.execute("select max(first_seen_at) from articles").fetchone()[0]
    room.heal(NOW + HOUR)
    [after] = room.db.execute("select first_seen_at from articles order by id desc limit 1").fetchone()
    assert moment(after) <= NOW + HOUR
    kept = room.db.execute("select name, field, was from corrected_times where name = 'articles'").fetchall()
    assert ("articles", "first_seen_at", seen) in kept
    [jump] = room.db.query("select * from clock_jumps")
    assert (jump["was_to"], jump["fields"] > 3) == (max(seen, jump["was_to"]), True)


def test_health_says_so_before_and_after(tmp_path: Path) -> None:
    room = office(tmp_path)
    room.crawl(NOW + YEAR, "ba")
    assert room.health(NOW + HOUR) == {"health_clock_ahead"}
    assert "đồng hồ" in Words("vi").reason(health.report(room.db, NOW + HOUR)[0].reason)
    room.heal(NOW + HOUR)
    home = Home.at(tmp_path)
    assert clock(home, NOW + HOUR).level == "amber"
    assert "đã được sửa" in Words("vi").reason(clock(home, NOW + HOUR).reason)
    assert clock(home, NOW + 2 * DAY).level == "green"
    assert "health_clock_ahead" not in room.health(NOW + HOUR)


@pytest.mark.parametrize(
    ("clocks", "verdict"),
    [({}, "unsure"), ({"a.vn": 3, "b.vn": -40}, "ahead"), ({"a.vn": 86400 * 3}, "unsure")],
    ids=["nobody says", "servers agree with us", "servers say we are behind"],
)
def test_where_the_clock_may_be_behind_nothing_is_touched(
    tmp_path: Path, clocks: dict[str, int], verdict: str
) -> None:
    """Ten days of work that lie ahead: either they are wrong, or the clock is."""
    room = office(tmp_path)
    for day in range(10):
        room.crawl(NOW + 30 * DAY + day * DAY, f"số {day}")
    room.crawl(NOW + HOUR, clocks=clocks)
    assert judge(room.db, NOW + HOUR) == verdict
    before = room.db.execute("select group_concat(first_seen_at) from articles").fetchone()
    assert room.heal(NOW + HOUR) is (verdict == "ahead")
    assert (room.db.execute("select group_concat(first_seen_at) from articles").fetchone() == before) is (
        verdict != "ahead"
    )


def test_a_day_back_makes_no_edition_twice_and_touches_nothing(tmp_path: Path) -> None:
    room = office(tmp_path)
    assert room.make(NOW) == ["2026-11-26"]
    assert judge(room.db, NOW - DAY) == "unsure"
    assert room.make(NOW - DAY) == []
    room.crawl(NOW - DAY, "ba")
    room.crawl(NOW + HOUR, "bốn")
    assert room.make(NOW + DAY) == ["2026-11-27"]
    assert room.told() == [1, 2, 3, 4]


def test_servers_that_say_another_day_are_told(tmp_path: Path) -> None:
    room = office(tmp_path)
    room.crawl(NOW, clocks={"a.vn": -86400 * 365, "b.vn": -86400 * 365, "c.vn": 0})
    assert room.health(NOW) == {"health_clock_servers"}
    room.crawl(NOW, clocks={"b.vn": 1})
    assert "health_clock_servers" not in room.health(NOW)


def test_choices_of_the_desk_stay_on_their_window(tmp_path: Path) -> None:
    room = office(tmp_path)
    room.crawl(NOW + YEAR, "ba")
    room.make(NOW + YEAR)
    window = room.db.execute("select max(covers_to) from digests").fetchone()[0]
    with closing(open_desk(tmp_path / "desk.db")) as desk:
        desk.execute("insert into log (at, by, what, window) values ('x', 'an', 'x', ?)", [window])
        room.heal(NOW + HOUR)
        assert (
            desk.execute("select window from log").fetchone()
            == room.db.execute("select max(covers_to) from digests").fetchone()
        )


def test_addresses_lists_and_rests_wait_for_no_clock(tmp_path: Path) -> None:
    with closing(open_pages(tmp_path / "pages.db")) as pages:
        frontier.add(pages, "a", "feed", [Link("https://a.vn/1"), Link("https://a.vn/2")], NOW + YEAR)
        assert [one.url for one in frontier.due(pages, "a", NOW + YEAR)] != []
        pages.execute(
            "insert into visits (run_id, url, at, outcome) values (1, 'https://a.vn/1', ?, 'stored')",
            [stamp(NOW + YEAR)],
        )
        pages.execute(
            "update addresses set next_at = ?, ended_at = ? where url like '%1'",
            [stamp(NOW + YEAR + DAY), stamp(NOW + YEAR)],
        )
        frontier.believe_no_future(pages, "a", NOW)
        assert {one.url for one in frontier.due(pages, "a", NOW)} == {"https://a.vn/1", "https://a.vn/2"}
        backoff.begin(pages, "a", 429, None, NOW + YEAR)
        assert backoff.resting(pages, "a", NOW) is None
        pages.execute("insert into lists (url, source, fetched_at) values ('l', 'a', ?)", [stamp(NOW + YEAR)])
        assert not frontier.read_since(pages, Link("l", changed_at=NOW - 9 * DAY), NOW)


def test_the_schedule_waits_for_no_run_of_the_future(tmp_path: Path) -> None:
    from tests.test_scheduler import keys, outlet, write_runs
    from tests.test_scheduler import scheduler as made

    write_runs(tmp_path, baomau=NOW + YEAR)
    going = made(tmp_path, outlet(), at=NOW)
    going.started["baomau"] = NOW + YEAR
    assert keys(going) == ["baomau"]


async def test_a_jump_is_told_and_every_job_is_due_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.test_scheduler import outlet
    from tests.test_scheduler import scheduler as made

    monkeypatch.setattr(scheduler, "LOOK", 0.02)
    heard: list[str] = []
    going, shown = made(tmp_path, outlet(), heard=heard), [NOW]
    going.now = lambda: shown[0]
    jobs = going.build()
    jobs.start(paused=True)
    watching = asyncio.create_task(going.keep_time(jobs))
    await asyncio.sleep(0.05)
    shown[0] = NOW - DAY
    while not heard:
        await asyncio.sleep(0.02)
    assert {job.next_run_time for job in jobs.get_jobs()} == {NOW - DAY}
    watching.cancel()
    jobs.shutdown(wait=False)
    assert len(heard) == 1
    assert "1 day" in heard[0]


@pytest.mark.parametrize("by", [YEAR, -DAY, 2 * MINUTE])
def test_only_a_clock_that_was_set_has_jumped(by: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, passed = [NOW], [0.0]
    monkeypatch.setattr(clock_watch, "elapsed", lambda: passed[0])
    watch = ClockWatch(lambda: shown[0])
    shown[0], passed[0] = NOW + 8 * HOUR, 8 * 3600.0
    assert watch.jumped() == "", "the machine slept"
    shown[0] += by
    assert watch.jumped()
    assert watch.jumped() == "", "told once"


async def test_a_clock_that_is_not_set_starts_nothing_and_says_so_once(tmp_path: Path) -> None:
    from tests.test_scheduler import Children, outlet
    from tests.test_scheduler import scheduler as made

    heard: list[str] = []
    going = made(tmp_path, outlet(), at=EARLIEST - YEAR, heard=heard)
    for _ in range(3):
        await going.tick()
        await going.digests()
    assert isinstance(going.launcher, Children)
    assert (going.launcher.begun, len(heard)) == ([], 1)
    going.now = lambda: NOW
    await going.tick()
    await asyncio.gather(*going.rounds)
    assert going.launcher.begun == ["baomau"]


def at_clock(home: Home, offset: timedelta, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of its own process, under a clock that is so far from ours."""
    fake = shifted("ahead", "UTC") | {"FAKETIME": f"{offset.total_seconds():+.0f}"}
    env = environment() | {name: fake[name] for name in fake if "FAKE" in name or name == "LD_PRELOAD"}
    env.pop("PYTHONPATH", None)
    return subprocess.run(
        [sys.executable, "-m", "crawler", "--home", str(home.path), "--lang", "en", *command],
        env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(
    next(Path("/usr").glob("lib*/**/faketime/libfaketimeMT.so.1"), None) is None or "FAKETIME" in os.environ,
    reason="needs libfaketime (apt install faketime), and a clock of its own",
)
def test_one_crawl_with_the_clock_a_year_ahead_then_right_again(tmp_path: Path) -> None:
    outlet, home = Outlet(pages=2), Home.at(tmp_path / "home")
    with outlet.server:
        write_sources(home, outlet)
        (home.path / "config" / "alerts.yml").write_text(
            "hang-gio:\n  title: Hằng giờ\n  queries: {Chè: chè}\n  schedule: hourly\n"
            "  channels: [{type: file, path: out}]\n", encoding="utf-8"
        )  # fmt: skip
        assert at_clock(home, YEAR, "crawl").returncode == 0
        with reading(home.archive_db) as db:
            assert [one.level for one in health.report(db, utc_now())] == ["amber"]
        outlet.pages = 4
        done = at_clock(home, timedelta(0), "crawl")
        assert "2 stored" in done.stdout
        assert "the clock of this machine was ahead" in done.stderr
        at_clock(home, 2 * HOUR, "digest", "--due")
    with reading(home.archive_db) as db:
        contents = [json.loads(one) for (one,) in db.execute("select content from digests order by id")]
        assert sorted(id_ for one in contents for id_ in one["article_ids"]) == [1, 2, 3, 4]
        assert db.execute("select max(covers_to) from digests").fetchone()[0] <= stamp(utc_now() + 3 * HOUR)
        subject = load_subject(db, 1)
        assert subject is not None
        [first] = load_record(subject, home.pages_db).events
        assert first.at < stamp(utc_now()) < first.written_at
        assert first.origin == "fetched", "the page of that time is still its evidence"
    early = at_clock(home, -20 * YEAR, "crawl")
    assert early.returncode == 2
    assert len(early.stderr.splitlines()) == 1
