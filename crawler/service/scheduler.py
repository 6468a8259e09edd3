"""When what runs: each source by its interval, digests by their calendar; in memory, rebuilt at start."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from archive.clock import HANOI, Clock
from crawler.service.launcher import Finished, Launcher
from crawler.service.rhythm import FASTER, interval
from crawler.sources import Source

LIMIT = 900.0  # seconds a crawl may take; what is left stays due
SPARE = 60.0  # seconds after which a crawl that overran its limit is ended from outside
DIGEST_LIMIT = 300.0
EARLY = timedelta(seconds=1)  # a tick that comes a moment early counts
DIGESTS_EVERY = timedelta(minutes=1)
DIGESTS_FIRST = timedelta(minutes=3)  # after a start: a late edition waits for the first crawls


@dataclass(frozen=True, slots=True)
class Timetable:
    """The jobs of ``diemtin up``; ``tell`` hears of every run in one line."""

    launcher: Launcher
    now: Clock
    tell: Callable[[str], None]
    started: dict[str, datetime] = field(default_factory=dict)

    async def tick(self, source: Source) -> None:
        """Crawl a source when its own rhythm says so, outside its quiet hours."""
        now = self.now()
        last = self.started.get(source.key)
        if in_quiet_hours(source, now):
            return
        if last and now - last < interval(self.launcher.home / "pages.db", source, now) - EARLY:
            return
        await self.crawl(source)

    async def crawl(self, source: Source) -> None:
        """One crawl of one source as a child."""
        self.started[source.key] = self.now()
        ended = await self.launcher.run(
            "crawl", source.key, "--json", "--limit", str(int(LIMIT)), limit=LIMIT + SPARE
        )
        if ended and not self.launcher.stopping:
            self.tell(told(source, ended))

    async def digests(self, which: str = "--due") -> None:
        """Make the editions that are due and send what waits, as a child; ``--now`` makes one of each."""
        ended = await self.launcher.run("digest", which, limit=DIGEST_LIMIT)
        if ended and (ended.out.strip() or ended.code):
            self.tell((ended.out or ended.error).strip())


def told(source: Source, ended: Finished) -> str:
    """A crawl in one line."""
    from crawler.state.run_log import summary

    if ended.timed_out:
        return f"{source.key}: ended after {LIMIT + SPARE:.0f} s; what is left stays due"
    try:
        runs = json.loads(ended.out or "[]")
    except json.JSONDecodeError:
        runs = []
    if not runs:
        why = ended.error.strip().splitlines()
        return f"{source.key}: crawl failed ({why[-1] if why else f'exit {ended.code}'})"
    run = runs[0]
    if run["state"] != "done":
        return f"{source.key}: {run['state']} ({run['reason']})"
    return f"{source.key}: {summary(run['outcomes'])}"


def in_quiet_hours(source: Source, now: datetime) -> bool:
    """Whether the source is to be left alone at this time of day in Hà Nội."""
    if source.quiet is None:
        return False
    start, end = source.quiet
    at = now.astimezone(HANOI).time()
    return start <= at < end if start <= end else at >= start or at < end


def first_time(source: Source, last: datetime | None, place: int, now: datetime) -> datetime:
    """When a source is crawled first after a start: where it was left, overdue ones one after another."""
    due = last + source.every if last else now
    return max(due, now + timedelta(seconds=place))


def build(table: Timetable, sources: list[Source], last: dict[str, datetime]) -> AsyncIOScheduler:
    """The scheduler with its jobs, not yet started; ``last``: when each source was crawled last."""
    scheduler = AsyncIOScheduler(
        timezone=HANOI,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    now = table.now()
    table.started.update({key: at for key, at in last.items() if key not in table.started})
    for place, source in enumerate(sources):
        first = first_time(source, last.get(source.key), place, now)
        _add(scheduler, table.tick, source.every / FASTER, first, source)
    _add(scheduler, table.digests, DIGESTS_EVERY, now + DIGESTS_FIRST)
    return scheduler


def _add(
    scheduler: AsyncIOScheduler,
    job: Callable[..., Awaitable[None]],
    every: timedelta,
    first: datetime,
    *arguments: Source,
) -> None:
    scheduler.add_job(
        job,
        IntervalTrigger(seconds=int(every.total_seconds()) or 1, timezone=HANOI),
        args=arguments,
        id=":".join([job.__name__, *(source.key for source in arguments)]),
        next_run_time=first,
    )
