"""The keeper's process: it takes up what was left, works until asked to stop, and notes how all is doing."""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from archive.clock import Clock, moment, stamp
from archive.health.cluster import ClusterStatus, WorkerStatus, write_status
from archive.home import Home
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerAway, make_groups, release
from crawler.cluster.keeper import Keeper, keeping
from crawler.sources import source_marks
from crawler.workspace import open_workspace

BEAT = 5.0  # seconds between two notes of how all is doing
PRESENT = 60  # seconds after which workers take the keeper for gone
FORGOTTEN = timedelta(minutes=10)  # after its last sign of life a worker is no longer listed
PAUSE = 1.0  # seconds after a fault of the broker


def keep(home: Home, broker: Broker, asked: threading.Event, tell: Callable[[str], None]) -> None:
    """Keep until asked to stop; the home is opened anew where the config of sources changed.

    Raises BrokerFault for what must be mended at the broker, ConfigError for the config.
    """
    with home.lock("keeper"):
        broker.check()
        while not asked.is_set():
            _keep(home, broker, asked, tell)


def _keep(home: Home, broker: Broker, asked: threading.Event, tell: Callable[[str], None]) -> None:
    marks = source_marks(home)
    with open_workspace(home) as workspace:
        broker.insist(lambda: make_groups(broker.redis), float("inf"), tell)
        with keeping(workspace, broker, tell) as keeper:
            beat_at, away = 0.0, ""
            while not asked.is_set() and (keeper.jobs or source_marks(home) == marks):
                try:
                    if away:
                        keeper.take_up()
                    beat_at, away = _beat(home, keeper, beat_at), ""
                    keeper.look()
                except BrokerAway as error:
                    if not away:
                        tell(str(error))
                    away = str(error)
                    time.sleep(PAUSE)


def _beat(home: Home, keeper: Keeper, beat_at: float) -> float:
    """Show workers that there is a keeper, and health how all is doing."""
    if time.monotonic() < beat_at + BEAT:
        return beat_at
    broker = keeper.broker
    with broker.faults():
        broker.redis.set(keys.KEEPER_RELEASE, release(), ex=PRESENT)
        note_status(home, broker, keeper.kept, keeper.workspace.now)
    return time.monotonic()


def note_status(home: Home, broker: Broker, kept: int, now: Clock) -> None:
    """Write down what workers, queues and keeper are at now."""
    at = now()
    redis = broker.redis
    write_status(
        home,
        ClusterStatus(
            at=stamp(at),
            broker=broker.name,
            release=release(),
            workers=_workers(redis, at),
            jobs=redis.xlen(keys.JOBS) - redis.xpending(keys.JOBS, keys.WORKERS)["pending"],
            coming_home=redis.xlen(keys.HOME),
            unread=redis.xlen(keys.UNREAD),
            lag=_lag(redis),
            stalls=int(redis.get(keys.STALLS) or 0),
            kept=kept,
        ),
    )


def _lag(redis: Any) -> float:
    """Seconds that the oldest message has waited for the keeper."""
    oldest = redis.xrange(keys.HOME, count=1)
    if not oldest:
        return 0.0
    return max(time.time() - int(oldest[0][0].split(b"-")[0]) / 1000, 0.0)


def _workers(redis: Any, now: datetime) -> list[WorkerStatus]:
    workers = []
    for name, said in redis.hgetall(keys.REGISTER).items():
        try:
            known = json.loads(said)
            worker = WorkerStatus(name=name.decode(errors="replace")[:100], **known)
            seen_at = moment(worker.at)
        except (ValueError, TypeError):
            continue
        if seen_at < now - FORGOTTEN:
            redis.hdel(keys.REGISTER, name)
        else:
            workers.append(worker)
    return sorted(workers, key=lambda worker: worker.name)
