"""The keeper's process: it takes up what was left, works until asked to stop, and notes how all is doing."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec

from archive.clock import Clock, moment, stamp
from archive.config import ConfigError
from archive.databases.faults import fault_of
from archive.health.cluster import ClusterStatus, WorkerStatus, write_status
from archive.home import Home
from archive.i18n import current
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerAway, BrokerFault, BrokerFull, make_groups, release
from crawler.cluster.keeper import Keeper, keeping
from crawler.sources import source_marks
from crawler.workspace import open_workspace

BEAT = 5.0  # seconds between two notes of how all is doing
PRESENT = 60  # seconds after which workers take the keeper for gone
FORGOTTEN = timedelta(minutes=10)  # after its last sign of life a worker is no longer listed
PAUSE = 1.0  # seconds after a fault of the broker
REOPEN = 60.0  # seconds that jobs under way hold up a changed config
MOST_WORKERS, LONGEST = 1000, 100_000  # workers that are listed; bytes that one says of itself
CONSUMERS_STAY = 86_400_000  # milliseconds
CONFIG = ("places.yml", "topics.yml", "indicators.yml", "alerts.yml")  # and those of the sources
Tell = Callable[[str], None]

# Whose keeper is here, where that is another one; else it is ours for a while.
_OWN = """
local there = redis.call('get', KEYS[1])
if there and there ~= ARGV[1] then return there end
redis.call('set', KEYS[1], ARGV[1], 'ex', ARGV[2])
return false"""
# A consumer that has nothing pending and was silent for a day: workers come under other names.
_FORGET = """
for _, one in ipairs(redis.call('xinfo', 'consumers', KEYS[1], ARGV[1])) do
  if one[4] == 0 and one[6] > tonumber(ARGV[2]) then
    redis.call('xgroup', 'delconsumer', KEYS[1], ARGV[1], one[2])
  end
end"""


def keep(home: Home, broker: Broker, asked: threading.Event, tell: Tell) -> None:
    """Keep until asked to stop; the home is opened anew where its config changed, or a database takes nothing.

    Raises BrokerFault for what must be mended at the broker, ConfigError for a config that never was in use.
    """
    told, new = "", True
    with home.lock("keeper"):
        while not asked.is_set():
            try:
                _keep(home, broker, asked, tell, new=new)
                told = ""
            except Exception as error:
                why = _trouble(error)
                if not why or (new and isinstance(error, ConfigError)):
                    raise
                if why != told:
                    tell(why)
                told = why
                asked.wait(PAUSE)
            new = False
        _leave(home, broker)


def _trouble(error: Exception) -> str:
    """What passes, or is mended, while a keeper waits; '' for a fault of ours."""
    if isinstance(error, BrokerAway | ConfigError):
        return str(error)
    why = fault_of(error) or fault_of(error.__cause__ or error)
    return current().reason(why) if why else ""


def _keep(home: Home, broker: Broker, asked: threading.Event, tell: Tell, *, new: bool) -> None:
    broker.check()
    with broker.faults():
        make_groups(broker.redis)
    _check_own(home, broker)
    marks = config_marks(home)
    with open_workspace(home) as workspace, keeping(workspace, broker, tell, new=new) as keeper:
        _work(home, keeper, asked, marks)


def _work(home: Home, keeper: Keeper, asked: threading.Event, marks: list[Any]) -> None:
    """Work off what comes, until asked to stop or to open the home anew; while the broker is away, wait."""
    beat_at, reopen_at, told, left = 0.0, float("inf"), "", False
    while not asked.is_set() and time.monotonic() < reopen_at:
        trouble = told
        try:
            if left:
                keeper.take_up()
            if time.monotonic() >= beat_at + BEAT:
                trouble, beat_at = _beat(home, keeper), time.monotonic()
            keeper.look()
            left = False
        except BrokerAway as error:
            trouble, left = str(error), True
            asked.wait(PAUSE)
        if trouble and trouble != told:
            keeper.tell(trouble)
        told = trouble
        if not keeper.stale and config_marks(home) != marks:
            keeper.stale, reopen_at = True, time.monotonic() + REOPEN
        if keeper.stale and not keeper.jobs:
            return


def config_marks(home: Home) -> list[tuple[str, int, int]]:
    """What shows that the config of a keeper changed: its files with their times and sizes."""
    marks = source_marks(home)
    for name in CONFIG:
        with suppress(FileNotFoundError):
            state = home.config(name).stat()
            marks.append((name, state.st_mtime_ns, state.st_size))
    return marks


def _beat(home: Home, keeper: Keeper) -> str:
    """Show workers that there is a keeper, and health how all is doing; that the broker is full, '' else.

    A full one hears nothing of us, but has to be worked off all the same.
    """
    broker, full = keeper.broker, ""
    try:
        _check_own(home, broker)
        with broker.faults():
            broker.redis.set(keys.KEEPER_RELEASE, release(), ex=PRESENT)
    except BrokerFull as error:
        full = str(error)
    keeper.drop_lost()
    with broker.faults():
        for stream in (keys.JOBS, keys.UNREAD):
            broker.redis.eval(_FORGET, 1, stream, keys.WORKERS, CONSUMERS_STAY)
        note_status(home, broker, keeper.kept, keeper.workspace.now)
    return full


def _check_own(home: Home, broker: Broker) -> None:
    """Raises BrokerFault for a broker of another home: each keeper would take what is the other's."""
    with broker.faults():
        other = broker.redis.eval(_OWN, 1, keys.KEEPER_HOME, _owner(home), PRESENT)
    if other is not None:
        name = other.decode(errors="replace")[:200]
        raise BrokerFault(current()("cluster.other_keeper", url=broker.name, other=name))


def _leave(home: Home, broker: Broker) -> None:
    """From now on another home's keeper may work here."""
    with suppress(BrokerFault), broker.faults():
        if broker.redis.get(keys.KEEPER_HOME) == _owner(home).encode():
            broker.redis.delete(keys.KEEPER_HOME)


def _owner(home: Home) -> str:
    return f"{socket.gethostname()}:{home.path.resolve()}"


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
    """The workers that said something lately; what is no word of a worker is forgotten."""
    workers: list[WorkerStatus] = []
    for name, said in redis.hgetall(keys.REGISTER).items():
        worker = _worker(said, now)
        if worker is None:
            redis.hdel(keys.REGISTER, name)
        elif len(workers) < MOST_WORKERS:
            workers.append(worker)
    return sorted(workers, key=lambda worker: worker.name)


def _worker(said: bytes, now: datetime) -> WorkerStatus | None:
    if len(said) > LONGEST:
        return None
    try:
        worker = msgspec.json.decode(said, type=WorkerStatus)
        is_late = not now - FORGOTTEN < moment(worker.at) < now + FORGOTTEN
    except (msgspec.DecodeError, ValueError, TypeError, OverflowError):
        return None
    return None if is_late else worker
