"""What runs when: every source by its own rhythm, outside its quiet hours, from where it was left."""

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import HANOI, stamp
from archive.home import Home
from archive.i18n import choose
from archive.pages import open_pages
from archive.refused import want
from archive.schema import open_archive
from crawler.listings import Link
from crawler.service.chores import CHORES
from crawler.service.launcher import Finished, Kind, Launcher
from crawler.service.log_file import close_log, open_log
from crawler.service.scheduler import Scheduler, crawl_end, in_quiet_hours, interval
from crawler.service.supervisor import Supervisor
from crawler.sources import Source
from crawler.state import at_hand, frontier

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=HANOI)
HOUR = timedelta(hours=1)
INDEX = next(chore for chore in CHORES if chore.name == "index")


def outlet(key: str = "baomau", **more: Any) -> Source:
    return Source(key, "Báo Mẫu", "https://baomau.vn/", "national", re.compile("x"), **more)


@dataclass
class Children(Launcher):
    """Answers for crawls in place of processes; remembers which were asked for."""

    ends: dict[str, Finished] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)

    async def run(self, *arguments: str, limit: float, kind: Kind = "crawl") -> Finished | None:
        self.begun.append(arguments[1])
        self.kinds.append(kind)
        return self.ends.get(arguments[1], ended(run()))


def scheduler(
    home: Path, *sources: Source, at: datetime = NOON, heard: list[str] | None = None, **ends: Finished
) -> Scheduler:
    """A scheduler at a given time; its lines go to ``heard``."""
    echo = [].append if heard is None else heard.append
    return Scheduler(Home.at(home), list(sources), Children(home, ends=ends), lambda: at, echo)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    choose("en")
    yield
    choose(None)


def write_runs(home: Path, **started: datetime) -> None:
    """Runs that came to their end."""
    db = open_archive(Home.at(home).archive_db)
    for source, at in started.items():
        db.execute("insert into runs (source, started_at, state) values (?, ?, 'done')", [source, stamp(at)])
    db.close()


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


def keys(made: Scheduler) -> list[str]:
    return [source.key for source in made.due()]


def test_in_its_quiet_hours_a_source_is_left_alone(tmp_path: Path) -> None:
    quiet = outlet(quiet=(time(22), time(5)))
    assert keys(scheduler(tmp_path, quiet, at=NOON.replace(hour=23))) == []
    assert keys(scheduler(tmp_path, quiet)) == ["baomau"]


@pytest.mark.parametrize(
    ("ago", "due"), [(2 * HOUR, True), (HOUR, True), (HOUR / 2, False), (timedelta(0), False)]
)
def test_a_source_goes_on_where_it_was_left(tmp_path: Path, ago: timedelta, due: bool) -> None:
    write_runs(tmp_path, baomau=NOON - ago)
    assert bool(keys(scheduler(tmp_path, outlet()))) is due


def test_a_crawl_by_hand_counts_too_and_a_run_that_was_cut_off_does_not(tmp_path: Path) -> None:
    made = scheduler(tmp_path, outlet())
    made.started["baomau"] = NOON - 2 * HOUR
    write_runs(tmp_path, baomau=NOON - HOUR / 4)
    assert keys(made) == []
    db = open_archive(Home.at(tmp_path).archive_db)
    db.execute("update runs set state = 'killed'")
    db.close()
    assert keys(made) == ["baomau"]


def test_the_longest_overdue_comes_first(tmp_path: Path) -> None:
    write_runs(tmp_path, a=NOON - 2 * HOUR, b=NOON - 5 * HOUR)
    assert keys(scheduler(tmp_path, outlet("a"), outlet("b"))) == ["b", "a"]


def test_what_is_being_crawled_is_not_due(tmp_path: Path) -> None:
    made = scheduler(tmp_path, outlet())
    made.running.add("baomau")
    assert keys(made) == []


async def test_a_crawl_that_cannot_start_is_not_tried_again_at_each_tick(tmp_path: Path) -> None:
    made = scheduler(tmp_path, outlet(), baomau=ended("", "ValueError: x", 1))
    await made.crawl(made.due())
    assert keys(made) == []


async def test_offline_is_one_line_with_the_next_try(tmp_path: Path) -> None:
    lost = ended(run("unreachable", "quá thời gian chờ"))
    heard: list[str] = []
    made = scheduler(tmp_path, outlet("a"), outlet("b", every=HOUR / 2), heard=heard, a=lost, b=lost)
    await made.crawl(made.due())
    assert heard == ["0 of 2 sources reachable: is this machine online? next try 12:30"]


async def test_where_one_source_answers_the_lost_ones_are_named(tmp_path: Path) -> None:
    lost = ended(run("unreachable", "quá thời gian chờ"))
    heard: list[str] = []
    made = scheduler(tmp_path, outlet("a"), outlet("b"), heard=heard, a=lost, b=ended(run(stored=2)))
    await made.crawl(made.due())
    assert heard == ["b: 2 pages: 2 stored", "a: unreachable (quá thời gian chờ)"]


async def test_a_crawl_that_a_page_ended_is_begun_again_at_once_and_once(tmp_path: Path) -> None:
    heard: list[str] = []
    plan = scheduler(tmp_path, outlet(), heard=heard, baomau=Finished(-signal.SIGPROF, "", ""))
    assert isinstance(plan.launcher, Children)
    await plan.crawl(plan.sources)
    assert plan.launcher.begun == ["baomau"]  # no page is known to have done it
    pages = open_pages(plan.home.pages_db)
    at_hand.begin(pages, "baomau", "https://baomau.vn/x", NOON)
    pages.close()
    await plan.crawl(plan.sources)
    assert plan.launcher.begun == ["baomau"] * 3
    assert not plan.running
    assert "https://baomau.vn/x" in heard[-1]


async def test_a_crawl_that_brought_nothing_is_no_line(tmp_path: Path) -> None:
    heard: list[str] = []
    made = scheduler(tmp_path, outlet("a"), outlet("b"), heard=heard, a=ended(run()), b=ended(run(unchanged=3)))
    await made.crawl(made.due())
    assert heard == []


def test_there_is_a_tick_and_a_job_for_what_is_wanted_for_the_digests_and_for_each_row(tmp_path: Path) -> None:
    jobs = scheduler(tmp_path, outlet(), outlet("b", every=timedelta(seconds=20))).build().get_jobs()
    assert {job.id: job.next_run_time - NOON for job in jobs} == {
        "tick": timedelta(0),
        "keep_wanted": timedelta(seconds=30),
        "digests": timedelta(minutes=3),
        "send": timedelta(seconds=30),
        **{chore.name: chore.every for chore in CHORES},
    }
    assert jobs[0].trigger.interval == timedelta(seconds=10), "often enough for the busiest source"


async def test_that_the_index_of_pairs_was_made_is_a_line_and_that_nothing_was_due_is_none(
    tmp_path: Path,
) -> None:
    heard: list[str] = []
    made = scheduler(tmp_path, heard=heard)
    for said in (
        ended(),
        ended("pair index: all 100,000 articles, 120 MB\n"),
        ended(error="diemtin: search.yml\n"),
    ):
        made.launcher.ends["--due"] = said  # type: ignore[attr-defined]
        await made.work(INDEX)
    assert heard == ["pair index: all 100,000 articles, 120 MB", "diemtin: search.yml"]


async def test_a_job_that_took_too_long_is_told(tmp_path: Path) -> None:
    heard: list[str] = []
    made = scheduler(tmp_path, heard=heard, **{"--due": ended(timed_out=True)})
    await made.work(INDEX)
    assert heard == [f"index: ended after {INDEX.limit:.0f} s; what is left is done next time"]


async def test_what_is_wrong_in_alerts_yml_is_told_once(tmp_path: Path) -> None:
    heard: list[str] = []
    made = scheduler(tmp_path, heard=heard)
    for error in ("diemtin: a\n", "diemtin: a\n", "", "diemtin: a\n", "diemtin: b\n"):
        made.launcher.ends["--due"] = ended(error=error)  # type: ignore[attr-defined]
        await made.digests()
    assert heard == ["diemtin: a", "diemtin: a", "diemtin: b"]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(minutes=5), timedelta(minutes=30)),
        (timedelta(minutes=45), timedelta(minutes=45)),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(hours=20), timedelta(hours=4)),
    ],
)
def test_the_interval_follows_the_usual_gap(tmp_path: Path, gap: timedelta, expected: timedelta) -> None:
    path = tmp_path / "pages.db"
    db = open_pages(path)
    links = [Link(f"https://bao.vn/x{n}", published_at=NOON - n * gap) for n in range(12)]
    frontier.add(db, "baomau", "feed", links, NOON)
    db.close()
    assert interval(path, outlet(every=HOUR), NOON) == expected


def test_a_source_one_knows_little_of_keeps_its_interval(tmp_path: Path) -> None:
    assert interval(tmp_path / "none.db", outlet(every=HOUR), NOON) == timedelta(hours=1)


def ended(out: Any = "", error: str = "", code: int = 0, *, timed_out: bool = False) -> Finished:
    return Finished(code, out if isinstance(out, str) else json.dumps(out), error, timed_out)


def run(state: str = "done", reason: str = "", **outcomes: int) -> list[dict[str, Any]]:
    return [{"state": state, "reason": reason, "outcomes": outcomes}]


@pytest.mark.parametrize(
    ("child", "line"),
    [
        (ended(run(unchanged=1, stored=2)), "baomau: 3 pages: 2 stored, 1 unchanged"),
        (ended(run()), ""),
        (ended(run("unreachable", "quá thời gian chờ")), "baomau: unreachable (quá thời gian chờ)"),
        (ended(timed_out=True), "baomau: ended after 960 s; what is left stays due"),
        (ended("", "Traceback\nValueError: x\n", 1), "baomau: crawl failed (ValueError: x)"),
        (ended("not json", "", -9), "baomau: crawl failed (SIGKILL)"),
    ],
)
def test_each_crawl_that_brought_something_is_one_line(child: Finished, line: str) -> None:
    assert crawl_end(outlet(), child).line == line


async def test_what_a_reader_wants_kept_is_read_at_the_next_tick(tmp_path: Path) -> None:
    heard: list[str] = []
    plan = scheduler(tmp_path, outlet(), heard=heard, **{"--queued": Finished(0, "đã giữ «x» (/bai/1)\n", "")})
    assert isinstance(plan.launcher, Children)
    await plan.keep_wanted()
    pages = open_pages(plan.home.pages_db)
    want(pages, "https://baomau.vn/x", "baomau", NOON)
    plan.running.add("baomau")
    await plan.keep_wanted()
    assert plan.launcher.begun == []
    plan.running.clear()
    await plan.keep_wanted()
    assert (plan.launcher.begun, heard) == (["--queued"], ["đã giữ «x» (/bai/1)"])
    pages.execute("update addresses set next_at = null")
    pages.close()
    await plan.keep_wanted()
    assert plan.launcher.begun == ["--queued"]


async def test_a_change_of_the_sources_is_followed_without_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "sources.d"
    folder.mkdir(parents=True)
    (tmp_path / "config" / "sources.yml").write_text("sources: {}\n", encoding="utf-8")
    block = "name: Báo Mẫu, home: 'https://baomau.vn/', kind: national, article: x, feeds: ['https://baomau.vn/rss']"
    heard: list[str] = []
    going = scheduler(tmp_path, heard=heard)
    going.reread()
    assert heard == []
    (folder / "baomau.yml").write_text(f"sources: {{baomau: {{{block}}}}}\n", encoding="utf-8")
    await going.tick()
    assert [one.key for one in going.sources] == ["baomau"]
    (folder / "settings.changes.yml").write_text("changes: {baomau: {state: paused}}\n", encoding="utf-8")
    going.reread()
    assert going.sources == []
    (folder / "settings.changes.yml").write_text("changes: {baomau: {state: asleep}}\n", encoding="utf-8")
    going.reread()
    going.reread()
    assert [line for line in heard if "settings.changes.yml" in line] == heard[2:]
    (folder / "settings.changes.yml").unlink()
    going.reread()
    assert heard[-1] == "The sources changed: 1 are crawled."


async def test_while_the_sources_cannot_be_read_nothing_is_crawled(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "sources.d"
    folder.mkdir(parents=True)
    (tmp_path / "config" / "sources.yml").write_text("sources: {}\n", encoding="utf-8")
    heard: list[str] = []
    going = scheduler(tmp_path, outlet("a"), outlet("b"), heard=heard)
    assert isinstance(going.launcher, Children)
    (folder / "x.yml").write_text("sources: {x: {naem: X}}\n", encoding="utf-8")
    for _ in range(3):
        await going.tick()
    await asyncio.gather(*going.rounds)
    (said,) = heard
    assert said.startswith(f"{folder}/x.yml: sources.x: unknown key `naem`")
    assert going.launcher.begun == []
    (folder / "x.yml").unlink()
    await going.tick()
    assert heard[1:] == ["The sources changed: 0 are crawled."]


async def test_a_file_that_every_child_refuses_is_told_once(tmp_path: Path) -> None:
    heard: list[str] = []
    refused = ended(error="diemtin: topics.yml, line 3, column 1: there is a tab\n", code=2)
    made = scheduler(tmp_path, outlet("a"), outlet("b"), heard=heard, a=refused, b=refused)
    made.launcher.ends["--due"] = refused  # type: ignore[attr-defined]
    for _ in range(2):
        await made.crawl(made.sources)
        await made.digests()
        await made.work(INDEX)
    assert heard == ["diemtin: topics.yml, line 3, column 1: there is a tab"]
    made.launcher.ends = {"--due": ended()}  # type: ignore[attr-defined]
    await made.crawl(made.sources)
    await made.digests()
    await made.work(INDEX)
    made.launcher.ends["a"] = refused  # type: ignore[attr-defined]
    await made.crawl(made.sources)
    assert len(heard) == 2, "mended meanwhile"


async def test_a_source_that_does_not_answer_holds_up_no_other_the_next_time(tmp_path: Path) -> None:
    lost = ended(run("unreachable", "quá thời gian chờ"))
    made = scheduler(tmp_path, outlet("a"), outlet("b"), outlet("c"), a=lost, c=ended(timed_out=True))
    assert isinstance(made.launcher, Children)
    await made.crawl(made.sources)
    made.launcher.ends.clear()
    await made.crawl(made.sources)
    await made.crawl(made.sources)
    kinds = made.launcher.kinds
    assert kinds == ["crawl"] * 3 + ["unreachable", "crawl", "unreachable"] + ["crawl"] * 3


def test_what_the_user_must_mend_is_logged_as_an_error(tmp_path: Path) -> None:
    write_runs(tmp_path)
    broken = Finished(2, "", "diemtin: alerts.yml, line 3: sang: unknown key `querys`")
    heard: list[str] = []
    service = Supervisor(Home.at(tmp_path), heard.append)
    made, log = service.scheduler([], Children(tmp_path, ends={"--due": broken})), open_log(service.home)
    asyncio.run(made.digests())
    asyncio.run(made.digests())
    close_log(log)
    assert heard == [broken.error], "once"
    lines = (tmp_path / "logs" / "diemtin.log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["error"]
