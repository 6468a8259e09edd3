"""What runs when: a tick asks the databases which sources are due now and hands them to the launcher."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from archive.clock import AHEAD, EARLIEST, HANOI, Clock
from archive.config import ConfigError
from archive.databases.faults import DatabaseFault
from archive.health.runs import last_starts
from archive.home import Home
from archive.i18n import current
from archive.model import Outcome
from archive.pages import times_of
from archive.refused import wanted
from crawler.service.chores import CHORES, Chore
from crawler.service.clock_watch import ClockWatch
from crawler.service.launcher import SLOTS, Finished, Kind, Launcher
from crawler.service.log_file import SERVICE
from crawler.service.process import SPARE
from crawler.sources import Source, home_sources, source_marks
from crawler.state.at_hand import newest as newest_at_hand
from crawler.state.run_log import summary

LIMIT = 900.0  # seconds a crawl may take; what is left stays due
DIGEST_LIMIT = 300.0
SEND_LIMIT = 4200.0  # longer than a sender begins to send and one delivery may take, so that none is cut off
TICK = timedelta(seconds=30)
LOOK = 15.0  # seconds between two looks at the clock
DIGESTS_EVERY = timedelta(minutes=1)
DIGESTS_FIRST = timedelta(minutes=3)  # after a start: a late edition waits for the first crawls
LOOK_BACK = timedelta(days=14)
ENOUGH = 8  # gaps from which a rhythm can be told
_SELF = "diemtin: "  # what a child's line about itself begins with
_LOGGED = ("state", "reason", "outcomes", "started_at", "finished_at")  # of a run, in the service's log
FASTER, SLOWER = 2, 4  # the interval stays between half and four times the configured one


class Every(IntervalTrigger):  # type: ignore[misc]  # APScheduler has no types
    """So long after the last time; what a stop or a clock that was set ahead passed over is not caught up."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Counted from now: stepping through a year of half minutes would hold everything up."""
        return now + self.interval if previous_fire_time else now


@dataclass(slots=True)
class Scheduler:
    """The work of ``diemtin up``; ``echo`` is given what happened, in lines."""

    home: Home
    sources: list[Source]
    launcher: Launcher
    now: Clock
    echo: Callable[[str], None]
    started: dict[str, datetime] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    rounds: set[asyncio.Task[None]] = field(default_factory=set)
    senders: set[asyncio.Task[None]] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)  # sources that did not answer, or not in time
    complaints: dict[str, str] = field(default_factory=dict)
    complain: Callable[[str], None] | None = None  # is given what the user must mend; else ``echo`` is
    marks: list[tuple[str, int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.marks = source_marks(self.home)

    async def keep_time(self, jobs: AsyncIOScheduler) -> None:
        """Look now and then whether the clock was set, until cancelled; then everything is due anew, and told.

        The jobs wait for times of the wall clock: set back by a day it would hold them up for a day.
        """
        watch = ClockWatch(self.now)
        while True:
            await asyncio.sleep(LOOK)
            if line := watch.jumped():
                self.echo(line)
                for job in jobs.get_jobs():
                    job.modify(next_run_time=self.now())

    def is_early(self) -> bool:
        """Whether the clock is not set: what is stored now would lie years back; told once."""
        early = self.now() < EARLIEST
        if early and "clock" not in self.complaints:
            self.echo(current()("clock.early", at=self.now().astimezone(HANOI).strftime("%Y-%m-%d %H:%M")))
            self.complaints["clock"] = "early"
        elif not early:
            self.complaints.pop("clock", None)
        return early

    async def tick(self) -> None:
        """Hand what is due now to the launcher; its crawls go on while the next ticks come."""
        if self.is_early():
            return
        self.reread()
        if self.complaints.get("sources"):  # each child would refuse the same file
            return
        try:
            due = self.due()
        except DatabaseFault as fault:  # the next tick tries again
            self._complain("files", str(fault))
            return
        self._complain("files", "")
        if due:
            self._beside(self.crawl(due), self.rounds)

    def _complain(self, work: str, complaint: str) -> None:
        """Tell what keeps some work from being done, '' for nothing: once, whichever work says it first."""
        plain = complaint.removeprefix(_SELF)
        if plain and plain not in self.complaints.values():
            (self.complain or self.echo)(complaint)
        self.complaints[work] = plain

    def reread(self) -> None:
        """Follow a change of the sources' config; while it cannot be read, told once, nothing is crawled."""
        marks = source_marks(self.home)
        if marks == self.marks:
            return
        self.marks = marks
        try:
            self.sources = home_sources(self.home).named([])
        except ConfigError as error:
            self._complain("sources", str(error))
            return
        self._complain("sources", "")
        self.echo(current()("up.sources_changed", n=len(self.sources)))

    def due(self) -> list[Source]:
        """The sources to crawl now, the longest overdue first."""
        now, last = self.now(), self.last_starts()
        free = [one for one in self.sources if one.key not in self.running and not in_quiet_hours(one, now)]
        times = {one.key: self.next_start(one, last.get(one.key)) for one in free}
        due = [one for one in free if times[one.key] <= now]
        return sorted(due, key=lambda one: times[one.key])

    def last_starts(self) -> dict[str, datetime]:
        """When each source was crawled last, by this process or any other of the home."""
        last, limit = last_starts(self.home.archive_db, self.now()), self.now() + AHEAD
        started = {key: at for key, at in self.started.items() if at <= limit}
        return last | {key: max(at, last.get(key, at)) for key, at in started.items()}

    def next_start(self, source: Source, last: datetime | None) -> datetime:
        """When a source is to be crawled next; one that never was, now."""
        return last + interval(self.home.pages_db, source, self.now()) if last else self.now()

    async def crawl(self, sources: list[Source]) -> None:
        """Crawl sources as children, a few at once, and report what came of them."""
        self.running |= {one.key for one in sources}
        ends = [end for end in await asyncio.gather(*map(self._crawl, sources)) if end]
        if not self.launcher.stopping:
            self._report(ends)

    async def _crawl(self, source: Source, *, again: bool = True) -> "CrawlEnd | None":
        """One crawl as a child; what it brought is reported at once, that it brought nothing is not.

        One that a page or list ended is begun ``again`` at once: the others are read before that one then.
        """
        arguments = ("crawl", source.key, "--json", "--limit", str(int(LIMIT)))
        self.started[source.key] = self.now()
        try:
            kind: Kind = "unreachable" if source.key in self.lost else "crawl"
            finished = await self.launcher.run(*arguments, limit=LIMIT + SPARE, kind=kind)
        finally:
            self.running.discard(source.key)
        at_hand = self._at_hand(source, finished) if finished else ""
        end = crawl_end(source, finished, at_hand) if finished else None
        self.lost = (self.lost | {source.key}) if end and end.slow else (self.lost - {source.key})
        if end:
            SERVICE.info("run", extra={"fields": {"source": source.key, **end.run}})
        if finished and not self.launcher.stopping:
            self._tell(finished)
            self._complain("crawl", finished.error.strip() if finished.refused else "")
        if end and end.line and not end.unreachable and not self.launcher.stopping:
            self.echo(end.line)
        if finished and at_hand and again and not (finished.timed_out or self.launcher.stopping):
            self.running.add(source.key)
            return await self._crawl(source, again=False)
        return end

    def _tell(self, finished: Finished) -> None:
        """What a crawl that went on said of the databases: that they were mended, or that it had to wait."""
        for line in finished.error.splitlines():
            if finished.out and line.startswith(_SELF):
                self.echo(line.removeprefix(_SELF))

    def _at_hand(self, source: Source, finished: Finished) -> str:
        """What a child that was ended left unread."""
        return newest_at_hand(self.home.pages_db, source.key) if finished.timed_out or finished.code < 0 else ""

    def _report(self, ends: "list[CrawlEnd]") -> None:
        """One line for each crawl that could not read its source; one for all where none could be reached."""
        lost = [end for end in ends if end.unreachable]
        if len(lost) > 1 and len(lost) == len(ends):
            self.echo(self._offline(len(lost)))
            return
        for end in lost:
            self.echo(end.line)

    def _offline(self, count: int) -> str:
        last = self.started
        with suppress(DatabaseFault):
            last = self.last_starts()
        again = min(self.next_start(one, last.get(one.key)) for one in self.sources)
        return current()("up.offline", n=count, at=f"{again.astimezone(HANOI):%H:%M}")

    async def keep_wanted(self) -> None:
        """Read the addresses that readers asked to keep, as a child; those of a source under crawl wait."""
        if any(source not in self.running for _, source in wanted(self.home.pages_db, self.now())):
            finished = await self.launcher.run("add", "--queued", limit=LIMIT, kind="add")
            if finished and (said := (finished.out or finished.error).strip()):
                self.echo(said)

    async def digests(self, *which: str) -> None:
        """Make the editions that are due, as a child; ``--now`` makes one of each and sends them too."""
        if self.is_early():
            return
        command = ("digest", *(which or ("--due", "--make")))
        await self.work(Chore("digests", command, DIGESTS_EVERY, DIGEST_LIMIT, "digest"))
        await self.send()

    async def send(self) -> None:
        """Send what waits, beside a sender that is held up by a slow server."""
        from archive.digests.outbox.claims import anything_due

        if len(self.senders) < SLOTS["send"] and anything_due(self.home.archive_db, self.now()):
            chore = Chore("send", ("digest", "--due", "--send"), DIGESTS_EVERY, SEND_LIMIT, "send")
            self._beside(self.work(chore), self.senders)

    def _beside(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        """Let some work go on, among the tasks of its kind, while what is due next comes."""
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def work(self, chore: Chore) -> None:
        """Run a chore's command as a child and tell what it said; a complaint once, until there is another."""
        if chore.due and not chore.due(self.home, self.now()):
            return
        finished = await self.launcher.run(*chore.command, limit=chore.limit, kind=chore.kind)
        if finished is None or self.launcher.stopping:
            return
        if finished.timed_out:
            self.echo(current()("up.job_overran", job=chore.name, seconds=int(chore.limit)))
        said, complaint = finished.out.strip(), finished.error.strip()
        if said:
            self.echo(said)
        self._complain(chore.name, complaint)

    def build(self) -> AsyncIOScheduler:
        """The jobs on APScheduler, not yet started; they live in memory."""
        scheduler = AsyncIOScheduler(
            timezone=HANOI,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        _add(scheduler, self.tick, min([TICK, *(one.every / FASTER for one in self.sources)]), self.now())
        _add(scheduler, self.keep_wanted, TICK, self.now() + TICK)
        _add(scheduler, self.digests, DIGESTS_EVERY, self.now() + DIGESTS_FIRST)
        _add(scheduler, self.send, TICK, self.now() + TICK)
        for chore in CHORES:
            _add(scheduler, self.work, chore.every, self.now() + chore.every, chore)
        return scheduler


def _add(
    scheduler: AsyncIOScheduler,
    work: Callable[..., Awaitable[None]],
    every: timedelta,
    first: datetime,
    chore: Chore | None = None,
) -> None:
    trigger = Every(seconds=max(int(every.total_seconds()), 1), timezone=HANOI)
    name = chore.name if chore else work.__name__
    scheduler.add_job(work, trigger, [chore] if chore else [], id=name, next_run_time=first)


@dataclass(frozen=True, slots=True)
class CrawlEnd:
    """What came of a crawl, in a line; empty where it brought nothing."""

    line: str
    unreachable: bool = False
    run: dict[str, Any] = field(default_factory=dict)

    @property
    def slow(self) -> bool:
        """Whether it is likely to take long again."""
        return self.unreachable or self.run.get("state") == "overran"


def crawl_end(source: Source, finished: Finished, at: str = "") -> CrawlEnd:
    """Judge how a child that crawled a source ended, by the run it wrote; ``at``: the page it was at."""
    words = current()
    at = words("up.at_hand", url=at[:300]) if at else ""
    if finished.timed_out:
        line = words("up.overran", source=source.key, seconds=int(LIMIT + SPARE))
        return CrawlEnd(line + at, run={"state": "overran"})
    runs = _runs(finished.out)
    if finished.refused:
        return CrawlEnd("", run={"state": "refused", "exit": finished.code})
    if not runs:
        line = words("up.failed", source=source.key, why=finished.why)
        return CrawlEnd(line + at, run={"state": "died", "exit": finished.code})
    run = runs[0]
    told = {name: run[name] for name in _LOGGED if name in run}
    if run["state"] != "done":
        line = words(
            "up.run", source=source.key, state=words.named("run", run["state"]), why=words.reason(run["reason"])
        )
        return CrawlEnd(line, run["state"] == "unreachable", told)
    brought = {key: count for key, count in run["outcomes"].items() if key != Outcome.UNCHANGED}
    return CrawlEnd(f"{source.key}: {summary(run['outcomes'])}" if brought else "", run=told)


def _runs(out: str) -> list[dict[str, Any]]:
    try:
        runs: list[dict[str, Any]] = json.loads(out or "[]")
    except json.JSONDecodeError:
        return []
    return runs


def in_quiet_hours(source: Source, now: datetime) -> bool:
    """Whether the source is to be left alone at this time of day in Hà Nội."""
    if source.quiet is None:
        return False
    start, end = source.quiet
    at = now.astimezone(HANOI).time()
    return start <= at < end if start <= end else at >= start or at < end


def interval(pages_db: Path, source: Source, now: datetime) -> timedelta:
    """The time between two crawls: about the usual gap between two articles of the source, within bounds."""
    times = times_of(pages_db, source.key, now - LOOK_BACK)
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    if len(gaps) < ENOUGH:
        return source.every
    return min(max(timedelta(seconds=median(gaps)), source.every / FASTER), source.every * SLOWER)
