"""Crawls as jobs on the broker: given out once for a source, taken back, and how they ended."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from archive.home import Home
from archive.i18n import current
from crawler.cluster import keys
from crawler.cluster.broker import Broker, make_groups, release
from crawler.cluster.config import publish
from crawler.cluster.wire import CrawlJob, pack
from crawler.listings.backfill import Backfill

STAYS = 86_400  # seconds after which a job that nobody took is forgotten
LOOK = 0.5  # seconds between two looks for results
RESULTS_STAY = 600  # seconds
RUN, PACKED = {"source", "state", "reason", "outcomes", "lists", "notes"}, ("outcomes", "lists", "notes")
MISSED = 3  # looks in a row that do not find a job any more: the broker lost it
Run = dict[str, Any] | None  # a row of ``runs``

# The job of a source that waits or is under way, else a new one: one that left the stream comes no more.
_GIVE_OUT = """
local there = redis.call('get', KEYS[1])
if there and #redis.call('xrange', KEYS[2], there, there) > 0 then return there end
local job = redis.call('xadd', KEYS[2], '*', 'm', ARGV[1])
redis.call('set', KEYS[1], job, 'ex', ARGV[2])
return job"""
# Only what no worker took: its entry is deleted, and the source is free.
_TAKE_BACK = """
if redis.call('get', KEYS[1]) ~= ARGV[1] or redis.call('exists', KEYS[3]) == 1 then return 0 end
if #redis.call('xpending', KEYS[2], ARGV[2], ARGV[1], ARGV[1], 1) > 0 then return 0 end
redis.call('xdel', KEYS[2], ARGV[1])
redis.call('del', KEYS[1])
return 1"""
# The result comes first: a full broker refuses it, and then nothing is done.
_END = """
redis.call('set', KEYS[1], ARGV[2], 'ex', ARGV[3])
if redis.call('get', KEYS[2]) == ARGV[1] then redis.call('del', KEYS[2], KEYS[4]) end
redis.call('del', KEYS[3])"""


def give_out(broker: Broker, home: Home, source: str, limit: int, backfill: Backfill | None = None) -> str:
    """Ask the workers to crawl a source for at most ``limit`` seconds; the job, a new one or that under way."""
    config = publish(broker, home)
    job = CrawlJob(source=source, config=config, release=release(), limit=limit, backfill=backfill)
    number: bytes = broker.redis.eval(
        _GIVE_OUT, 2, keys.waiting_job(source), keys.JOBS, pack(job), STAYS + limit
    )
    return number.decode()


def take_back(broker: Broker, jobs: Mapping[str, str]) -> None:
    """Take back the jobs (by source) that no worker has begun."""
    for source, job in jobs.items():
        names = (keys.waiting_job(source), keys.JOBS, keys.held_job(job))
        broker.redis.eval(_TAKE_BACK, 3, *names, job, keys.WORKERS)


def keep_known(broker: Broker, source: str, job: str, limit: int) -> None:
    """A job is under way still: nobody forgets it, however long it takes."""
    batch = broker.redis.pipeline(transaction=False)
    batch.expire(keys.waiting_job(source), STAYS + limit).expire(keys.held_job(job), STAYS)
    batch.execute()


def end_job(broker: Broker, source: str, job: str, run: Run) -> None:
    """Let a job go, with its result: None where it came to no run."""
    names = (keys.result_of(job), keys.waiting_job(source), keys.held_job(job), keys.at_hand(source))
    broker.redis.eval(_END, 4, *names, job, json.dumps(run, default=str), RESULTS_STAY)


def results(broker: Broker, jobs: Mapping[str, str]) -> dict[str, Run]:
    """The jobs (by source) that are over, with the row of their run; None for one that the broker lost."""
    batch = broker.redis.pipeline(transaction=False)
    for source, job in jobs.items():
        batch.get(keys.result_of(job)).get(keys.waiting_job(source))
    answers = iter(batch.execute())
    found: dict[str, Run] = {}
    for (source, job), ended, waiting in zip(jobs.items(), answers, answers, strict=True):
        if ended is not None:
            found[source] = _run(ended)
        elif waiting != job.encode():
            found[source] = None
    return found


def _run(data: bytes) -> Run:
    """A result that was left; None for one without a run."""
    try:
        run = json.loads(data)
        whole = run.keys() >= RUN and all(isinstance(json.loads(run[key]), dict) for key in PACKED)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return run if whole else None


def crawl_there(
    broker: Broker,
    home: Home,
    sources: Iterable[str],
    asked: threading.Event,
    limit: int = 0,
    backfill: Backfill | None = None,
    tell: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Let the workers crawl these sources; their runs as rows, as ``crawler.service.process.crawl`` has them.

    Once ``asked`` is set, what no worker began is taken back and nothing is waited for.
    """
    broker.check()
    with broker.faults():
        if tell and not broker.redis.exists(keys.KEEPER_RELEASE):
            tell(current()("cluster.no_keeper", url=broker.name))
        make_groups(broker.redis)
        jobs = {source: give_out(broker, home, source, limit, backfill) for source in sources}
    runs, missed = [], Counter[str]()
    while jobs and not asked.wait(LOOK):
        found = broker.insist(partial(results, broker, jobs), float("inf"), tell, asked)
        missed = Counter({source: missed[source] + 1 for source, run in found.items() if run is None})
        ended = [source for source, run in found.items() if run is not None or missed[source] >= MISSED]
        runs += [run for source in ended if (run := found[source]) is not None]
        jobs = {source: job for source, job in jobs.items() if source not in ended}
    with broker.faults():
        take_back(broker, jobs)
    return runs
