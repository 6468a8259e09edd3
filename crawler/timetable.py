"""When what runs: each source by its interval, digests by their calendar; in memory, rebuilt at start."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from archive.clock import HANOI, Clock
from crawler.children import Children, Ended
from crawler.sources import Source

LIMIT = 900.0  # seconds a crawl may take; what is left stays due
SPARE = 60.0  # seconds after which a crawl that overran its limit is ended from outside
DIGEST_LIMIT = 300.0
DIGESTS_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """The jobs of ``diemtin up``; ``tell`` hears of every run in one line."""

    children: Children
    now: Clock
    tell: Callable[[str], None]

    async def crawl(self, source: Source) -> None:
        """One crawl of one source as a child, unless it is within the source's quiet hours."""
        if in_quiet_hours(source, self.now()):
            return
        ended = await self.children.run(
            "crawl", source.key, "--json", "--limit", str(int(LIMIT)), limit=LIMIT + SPARE
        )
        if ended and not self.children.stopping:
            self.tell(told(source, ended))

    async def digests(self, which: str = "--due") -> None:
        """Make the editions that are due and send what waits, as a child; ``--now`` makes one of each."""
        ended = await self.children.run("digest", which, limit=DIGEST_LIMIT)
        if ended and (ended.out.strip() or ended.code):
            self.tell((ended.out or ended.error).strip())


def told(source: Source, ended: Ended) -> str:
    """A crawl in one line."""
    from crawler.ledger import summary

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


def build(
    table: Timetable, sources: list[Source], last: dict[str, datetime], *, at_once: bool = False
) -> AsyncIOScheduler:
    """The scheduler with its jobs, not yet started; ``at_once`` crawls every source first of all."""
    scheduler = AsyncIOScheduler(
        timezone=HANOI,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    now = table.now()
    for place, source in enumerate(sources):
        last_run = None if at_once else last.get(source.key)
        _add(scheduler, table.crawl, source.every, first_time(source, last_run, place, now), source)
    _add(scheduler, table.digests, DIGESTS_EVERY, now + DIGESTS_EVERY)
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
