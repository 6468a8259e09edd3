"""The keeper's process: one home at a broker, a changed config, and what is no word of a worker."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.health.cluster import read_status
from archive.home import Home
from crawler.cluster import keeping, keys
from crawler.cluster.broker import Broker, BrokerFault
from crawler.cluster.jobs import give_out, results
from crawler.cluster.keeping import _workers, keep
from crawler.cluster.wire import DueCall, Envelope, pack
from tests.cluster.running import wait_until
from tests.cluster.test_keeper import SOURCES

NOW = datetime(2026, 9, 5, 6, 30, tzinfo=UTC)


def home_of(folder: Path) -> Home:
    home = Home.at(folder)
    (home.path / "config").mkdir()
    (home.path / "config" / "sources.yml").write_text(SOURCES, encoding="utf-8")
    return home


@contextmanager
def keeper(home: Home, broker: Broker) -> Iterator[list[str]]:
    """A keeper at work; what it tells."""
    asked = threading.Event()
    told: list[str] = []
    ends: list[BrokerFault] = []

    def work() -> None:
        try:
            keep(home, Broker(broker.url), asked, told.append)
        except BrokerFault as error:
            ends.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield told
    finally:
        asked.set()
        thread.join(60)
    assert not ends


def begin(broker: Broker, home: Home, source: str) -> str:
    """Ask what is due, as a worker does that took the job of a source."""
    job = give_out(broker, home, source, 60)
    broker.redis.hset(keys.held_job(job), "claim", "one")
    broker.redis.xadd(keys.HOME, {"m": pack(Envelope(job, "one", DueCall(source), f"call-{job}"))})
    wait_until(lambda: broker.redis.exists(keys.reply_to(f"call-{job}")), "no answer")
    return job


def test_a_broker_serves_one_home(tmp_path: Path, broker: Broker) -> None:
    one, other = home_of(tmp_path / "one"), home_of(tmp_path / "other")
    with keeper(one, broker):
        wait_until(lambda: broker.redis.exists(keys.KEEPER_RELEASE), "no keeper")
        with pytest.raises(BrokerFault, match="one; each home"):
            keep(other, broker, threading.Event(), print)
    assert not broker.redis.exists(keys.KEEPER_HOME)


def test_a_full_broker_is_worked_off(tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BEAT", 0.1)
    with keeper(home_of(tmp_path / "home"), broker) as told:
        wait_until(lambda: broker.redis.exists(keys.KEEPER_RELEASE), "no keeper")
        for _ in range(3):
            broker.redis.xadd(keys.HOME, {"m": b"junk"})
        broker.redis.config_set("maxmemory", 1)
        try:
            wait_until(lambda: sum("memory" in line for line in told), "nothing was told")
            wait_until(lambda: broker.redis.xlen(keys.HOME) == 0, "what waits was not worked off")
        finally:
            broker.redis.config_set("maxmemory", 0)
    assert sum("memory" in line for line in told) == 1


def test_a_changed_config_is_followed_while_jobs_are_under_way(
    tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "REOPEN", 0.1)
    home = home_of(tmp_path / "home")
    with keeper(home, broker) as told:
        begin(broker, home, "bao")
        file = home.path / "config" / "sources.yml"
        file.write_text("sources: [", encoding="utf-8")
        wait_until(lambda: told, "a broken config was not told")
        file.write_text(SOURCES + SOURCES.partition("\n  bao:")[2].join(["  moi:", ""]), encoding="utf-8")
        job = begin(broker, home, "moi")
        assert broker.redis.hget(keys.held_job(job), "run")
        assert results(broker, {"moi": job}) == {}
    assert len(told) == 1


@pytest.mark.parametrize(
    "said",
    [b"", b"{", b"[]", b'{"name": "x", "at": 5}',
     b'{"name": "x", "at": "2036-09-05T06:30:00+00:00"}', b'{"name": "x", "at": "nie"}',
     b'{"name": "x", "at": "2026-09-05T06:30:00+00:00", "crawling": 5}', b" " * 200_000],
)  # fmt: skip
def test_what_no_worker_said_is_forgotten(broker: Broker, said: bytes) -> None:
    broker.redis.hset(keys.REGISTER, "x", said)
    well = {"name": "well", "at": "2026-09-05T06:29:58+00:00", "crawling": ["bao"]}
    broker.redis.hset(keys.REGISTER, "well", json.dumps(well))
    assert [worker.name for worker in _workers(broker.redis, NOW)] == ["well"]
    assert broker.redis.hlen(keys.REGISTER) == 1


def test_workers_that_are_gone_leave_nothing(
    tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "CONSUMERS_STAY", -1)
    broker.redis.xadd(keys.JOBS, {"m": b""})
    broker.redis.xreadgroup(keys.WORKERS, "has-a-job", {keys.JOBS: ">"})
    broker.redis.xreadgroup(keys.WORKERS, "has-none", {keys.JOBS: ">"})
    home = home_of(tmp_path / "home")
    with keeper(home, broker):
        wait_until(lambda: read_status(home), "no status")
    assert [one["name"] for one in broker.redis.xinfo_consumers(keys.JOBS, keys.WORKERS)] == [b"has-a-job"]
