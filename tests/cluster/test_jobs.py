"""A job is given out once, and its source is free again whatever becomes of it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from archive.home import Home
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerFault, delete_entries, release
from crawler.cluster.hosts import LEASE, HostLease
from crawler.cluster.job import _held
from crawler.cluster.jobs import end_job, give_out, keep_known, results
from crawler.cluster.wire import CrawlJob, pack
from crawler.cluster.worker import GIVEN_UP, Worker

RUN = dict.fromkeys(["source", "state", "reason"], "") | dict.fromkeys(["outcomes", "lists", "notes"], "{}")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


class Played(Worker):
    """A worker that notes the crawls it would begin."""

    def _fork(self, work: Any) -> int:
        return 1000 + len(self.crawling)


@pytest.fixture
def worker(broker: Broker, tmp_path: Path) -> Played:
    broker.redis.set(keys.KEEPER_RELEASE, release())
    told: list[str] = []
    return Played(broker, told.append, 8, 0, folder=tmp_path)


def source_of(home: Home) -> str:
    from crawler.sources import home_sources

    return next(iter(home_sources(home).by_key))


def put(broker: Broker, **more: Any) -> str:
    """A job as it was given out, by its own words."""
    job = CrawlJob(**{"source": "bao", "config": "none", "release": release()} | more)
    entry: bytes = broker.redis.xadd(keys.JOBS, {"m": pack(job)})
    broker.redis.set(keys.waiting_job(job.source), entry)
    return entry.decode()


def left(broker: Broker) -> tuple[int, int]:
    return broker.redis.xlen(keys.JOBS), broker.redis.xpending(keys.JOBS, keys.WORKERS)["pending"]


def test_a_job_under_way_is_given_out_once(broker: Broker, home: Home, worker: Played) -> None:
    source = source_of(home)
    job = give_out(broker, home, source, 60)
    worker._take_job()
    assert list(worker.crawling.values()) == [source]
    assert give_out(broker, home, source, 60) == job
    assert left(broker) == (1, 1)


def test_a_job_that_left_the_stream_is_given_out_anew(broker: Broker, home: Home) -> None:
    first = give_out(broker, home, source_of(home), 60)
    delete_entries(broker.redis, keys.JOBS, keys.WORKERS, first.encode())
    assert give_out(broker, home, source_of(home), 60) != first


@pytest.mark.parametrize("more", [{"config": "none"}, {"release": "0.0.1 another 1"}])
def test_a_job_that_cannot_be_done_frees_its_source(
    broker: Broker, worker: Played, more: dict[str, Any]
) -> None:
    """Its config is gone, or it is left of a keeper of another release: no worker ends of it."""
    job = put(broker, **more)
    worker._take_job()
    assert not worker.crawling
    assert left(broker) == (0, 0)
    assert not broker.redis.exists(keys.waiting_job("bao"))
    assert results(broker, {"bao": job}) == {"bao": None}


def test_a_job_of_another_release_waits_for_its_keeper(broker: Broker, worker: Played) -> None:
    put(broker, release="0.0.2 another 1")
    broker.redis.delete(keys.KEEPER_RELEASE)
    worker._take_job()
    assert left(broker) == (1, 1)
    broker.redis.set(keys.KEEPER_RELEASE, "0.0.2 another 1")
    with pytest.raises(BrokerFault, match=r"0\.0\.2"):
        worker._keeper_is_ours()


def test_a_job_that_never_ends_is_given_up(broker: Broker, home: Home, worker: Played) -> None:
    job = give_out(broker, home, source_of(home), 60)
    broker.redis.xreadgroup(keys.WORKERS, "dead", {keys.JOBS: ">"})
    old = {"idle": int(LEASE * 1000) + 1, "retrycount": GIVEN_UP}
    broker.redis.xclaim(keys.JOBS, keys.WORKERS, "dead", 0, [job], **old)
    worker._take_job()
    assert not worker.crawling
    assert left(broker) == (0, 0)


def test_the_end_of_a_late_job_frees_no_newer_one(broker: Broker, home: Home) -> None:
    late = give_out(broker, home, source_of(home), 60)
    delete_entries(broker.redis, keys.JOBS, keys.WORKERS, late.encode())
    newer = give_out(broker, home, source_of(home), 60)
    end_job(broker, source_of(home), late, RUN)
    assert broker.redis.get(keys.waiting_job(source_of(home))) == newer.encode()


def test_a_crawl_of_days_is_not_forgotten(broker: Broker, home: Home) -> None:
    source = source_of(home)
    job = give_out(broker, home, source, 60)
    broker.redis.hset(keys.held_job(job), "claim", "one")
    broker.redis.expire(keys.waiting_job(source), 10)
    keep_known(broker, source, job, 60)
    assert broker.redis.ttl(keys.waiting_job(source)) > 80_000
    assert broker.redis.ttl(keys.held_job(job)) > 80_000


@pytest.mark.parametrize("data", [b"null", b"[]", b"{", b'{"state": 1}', b"[" * 100_000, b'"\xff"'])
def test_a_result_that_is_none_is_a_lost_job(broker: Broker, data: bytes) -> None:
    broker.redis.set(keys.result_of("1-1"), data)
    assert results(broker, {"bao": "1-1"}) == {"bao": None}


def test_who_waits_for_hosts_hears_that_he_is_to_stop(broker: Broker) -> None:
    HostLease(broker, ["a.vn"], "first", 1).take()
    asked = threading.Event()
    asked.set()
    second = HostLease(broker, ["a.vn"], "second", 1)
    with _held(second, b"1-1", asked):
        assert not broker.redis.exists(keys.held_job("1-1"))


def test_streams_that_went_come_back(broker: Broker, worker: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.cluster.worker.PAUSE", 0)
    broker.redis.delete(keys.JOBS, keys.UNREAD)
    worker._round()
    assert broker.redis.exists(keys.JOBS, keys.UNREAD) == 2


def test_a_clock_that_goes_wrong_ends_a_worker(worker: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    real = time.time
    monkeypatch.setattr("crawler.cluster.worker.time.time", lambda: real() + 3600)
    with pytest.raises(BrokerFault, match="clock"):
        worker._round()
