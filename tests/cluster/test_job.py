"""A job is taken off the broker by whoever is the last to have it, and not before its run was closed."""

from crawler.cluster import keys
from crawler.cluster.broker import Broker
from crawler.cluster.job import take_off


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
