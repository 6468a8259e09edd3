"""A job is taken off the broker by whoever is the last to have it, and not before its run was closed."""

from datetime import UTC, datetime
from pathlib import Path

from archive.home import Home
from archive.model import Article
from crawler.cluster import keys
from crawler.cluster.broker import Broker
from crawler.cluster.config import load, publish
from crawler.cluster.job import readers_of, take_off
from crawler.cluster.worker import read_once
from pipelines.item import Item, Page


def held(broker: Broker, *, awaited: bool) -> bytes:
    """A job that a worker took and holds."""
    entry: bytes = broker.redis.xadd(keys.JOBS, {"m": b""})
    broker.redis.xreadgroup(keys.WORKERS, "worker", {keys.JOBS: ">"})
    broker.redis.hset(keys.held_job(entry.decode()), "claim", "worker-1")
    if awaited:
        broker.redis.set(keys.waiting_job("bao"), entry)
    return entry


def left(broker: Broker) -> tuple[int, int, int]:
    pending = broker.redis.xpending(keys.JOBS, keys.WORKERS)["pending"]
    return broker.redis.xlen(keys.JOBS), pending, len(list(broker.redis.scan_iter("diemtin:held:*")))


def test_a_job_whose_run_was_closed_is_taken_off_by_the_next_worker(broker: Broker) -> None:
    """The worker that had it was killed after the keeper had closed its run, and before it took it off."""
    take_off(broker, "bao", held(broker, awaited=False))
    assert left(broker) == (0, 0, 0)


def test_a_job_that_is_awaited_stays_for_the_next_worker(broker: Broker) -> None:
    take_off(broker, "bao", held(broker, awaited=True))
    assert left(broker) == (1, 1, 1)


def test_pages_are_read_in_the_process_of_the_crawl(broker: Broker, tmp_path: Path) -> None:
    """However many are due: two readers for each crawl would take more memory than the crawls."""
    home = Home.at(tmp_path / "home")
    readers = readers_of(load(broker, publish(broker, home), tmp_path / "there"))
    readers.expect(500)
    page = Page("https://a.vn/1", b"<p>Tin</p>", datetime(2026, 9, 5, tzinfo=UTC), "text/html")
    assert readers.wait_for(Item(Article(page.url, "bao"), page)).outcome
    assert readers.quick.pool is None


def test_a_worker_reads_a_page_to_its_end_before_it_forks(broker: Broker, tmp_path: Path) -> None:
    item = read_once(load(broker, publish(broker, Home.at(tmp_path / "home")), tmp_path / "there"))
    assert (item.outcome, item.article.title) == (None, "Khu công nghiệp Yên Bình")
    assert item.article.figures
