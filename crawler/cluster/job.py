"""One crawl of a worker, in a process of its own: the spider of every crawl, its state behind the broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from archive.clock import utc_now
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerFault, delete_entries
from crawler.cluster.config import WorkerConfig
from crawler.cluster.hosts import HostLease
from crawler.cluster.jobs import keep_known
from crawler.cluster.state import PATIENCE, ClusterState
from crawler.cluster.wire import CrawlJob
from crawler.service.launcher import GRACE
from crawler.service.process import SPARE, end_after, listen, run_spiders
from crawler.sources import Source
from crawler.urls import host_name
from pipelines.pool import TASKS, ReaderPool

LOOK = 0.2  # seconds between two attempts to take the hosts, at most


def crawl_job(url: str, worker: str, entry: bytes, job: CrawlJob, claim: str, config: WorkerConfig) -> None:
    """Crawl the source of a job; the job is taken off once the keeper has closed its run."""
    from crawler.cluster.leased import SETTINGS

    asked, broker = listen(), Broker(url)
    source = config.sources.by_key[job.source]

    def hold_job() -> None:
        broker.redis.xclaim(keys.JOBS, keys.WORKERS, worker, 0, [entry], justid=True)
        keep_known(broker, job.source, entry.decode(), job.limit)

    lease = HostLease(broker, hosts_of(source), claim, source.delay, hold_job)
    with _held(lease, entry, asked):
        if asked.is_set():
            return
        if job.limit:
            end_after(job.limit + SPARE + PATIENCE + 2 * GRACE)
        readers = readers_of(config)
        try:
            run_spiders(
                [source],
                config.sources,
                asked,
                job.limit,
                more=SETTINGS,
                state=ClusterState(broker, entry.decode(), lease),
                reader_pool=readers,
                now=utc_now,
                backfill=job.backfill,
            )
        finally:
            readers.close()
    with suppress(BrokerFault):
        broker.insist(lambda: take_off(broker, job.source, entry), PATIENCE)


def readers_of(config: WorkerConfig) -> ReaderPool:
    """Pages are read in the crawl's own process: beside it are other crawls, not idle cores.

    As many as a reader reads before it is renewed; two readers for each crawl take more memory than the crawl.
    """
    return ReaderPool(config.files, config.context, inline=TASKS)


def hosts_of(source: Source) -> frozenset[str]:
    """The names under which the hosts of a source are held: ``m.x.vn`` and ``www.x.vn`` are ``x.vn``."""
    return frozenset(map(host_name, {urlsplit(source.home).netloc, *source.hosts}))


@contextmanager
def _held(lease: HostLease, entry: bytes, asked: threading.Event) -> Iterator[None]:
    """Hold the hosts, and with them the job; given back at the end. Who is to stop may have none."""
    if not _take(lease, asked):
        yield
        return
    lease.keep()
    broker = lease.broker
    broker.insist(lambda: broker.redis.hset(keys.held_job(entry.decode()), "claim", lease.claim), PATIENCE)
    broker.insist(lease.renewed, PATIENCE)
    try:
        yield
    finally:
        with suppress(BrokerFault):
            broker.insist(lease.give_back, lease.length)


def _take(lease: HostLease, asked: threading.Event) -> bool:
    """Wait for the hosts; the job stays ours meanwhile. False where we are asked to stop before."""
    while wait := lease.broker.insist(lease.take, PATIENCE, asked=asked):
        lease.broker.insist(lease.renewed, PATIENCE, asked=asked)
        if asked.wait(min(wait, LOOK)):
            return False
    return True


def take_off(broker: Broker, source: str, entry: bytes) -> None:
    """Take a job off, unless its run is still awaited: then another worker takes it up.

    Its run may have been closed for a worker that was killed before it came to this.
    """
    if broker.redis.get(keys.waiting_job(source)) == entry:
        return
    delete_entries(broker.redis, keys.JOBS, keys.WORKERS, entry)
    broker.redis.delete(keys.held_job(entry.decode()))
