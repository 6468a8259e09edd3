"""What waits in Redis and what it takes there; a keeper that stands still slows the workers, no more."""

import os
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.home import Home
from crawler.cluster import keys
from crawler.cluster.broker import Broker, make_groups
from crawler.cluster.jobs import give_out
from crawler.cluster.state import MOST_WAITING
from crawler.cluster.wire import Envelope, KeeperAnswer, PageCall, pack, read
from crawler.state.messages import Address, Due
from crawler.state.turns import ROOM
from pipelines.item import Hint
from tests.bench.cluster.crawls import ended, outcomes, redis_at, wait
from tests.bench.throughput import home_for
from tests.cluster.running import cluster, started

STANDS_STILL = 15  # seconds, once the stream is full
JOBS = 500  # sources
TITLE = "Thái Nguyên: khu công nghiệp Yên Bình đón thêm ba nhà máy điện tử"


@dataclass(frozen=True)
class Stood:
    """What was seen while the keeper stood still, and after."""

    most: int  # messages on the stream
    memory: list[int]  # bytes that Redis used, each second once the stream was full
    before: int  # bytes that it used when the keeper was stopped
    a_message: float  # bytes of a page's message on the stream
    stalls: int  # times that a worker had to wait
    pages: int  # that ended in the end
    outcomes: dict[str, int]
    messages: list[Envelope]  # those of pages that waited


def small(folder: Path) -> dict[str, float]:
    """Bytes in Redis of what waits there but for pages: a job, a config, an address that is handed out."""
    sources = {f"bao{at}": _source(at) for at in range(JOBS)}
    home = Home.at(home_for(sources, folder / "small", "all"))
    with redis_at(folder / "redis-small") as server:
        broker, used = server.broker(), []
        redis = broker.redis
        make_groups(redis)
        used.append(_used(broker))
        for key in sources:
            give_out(broker, home, key, 900)
        used.append(_used(broker))
        redis.rpush(keys.reply_to("call"), pack(KeeperAnswer(Due(1, pages=_addresses()))))
        used.append(_used(broker))
        config = redis.memory_usage(next(redis.scan_iter("diemtin:config:*")))
    return {
        f"a job that waits (of {JOBS}, with its key)": (used[1] - used[0] - config) / JOBS,
        f"the config ({JOBS} outlets), once": config,
        "an address in an answer of the keeper": (used[2] - used[1]) / ROOM,
        "an address that waits for its turn (pages.db)": 0,
    }


def _source(at: int) -> dict[str, Any]:
    home = f"https://bao{at}.example/"
    return {"name": f"Báo {at}", "home": home, "kind": "national", "feeds": [f"{home}rss"], "article": "/tin-"}


def _addresses() -> tuple[Address, ...]:
    hint = Hint(TITLE, datetime.now(UTC))
    return tuple(
        Address(f"https://bao1.example/thoi-su/tin-{at}-khu-cong-nghiep.html", hint) for at in range(ROOM)
    )


def _used(broker: Broker) -> int:
    return int(broker.redis.info("memory")["used_memory"])


def stand_still(folder: Path, sources: dict[str, Any], pages: int) -> Stood:
    """Crawl; stop the keeper when it has handed all out, let it go on a while after the stream is full."""
    home = home_for(sources, folder / "home", "all")
    with redis_at(folder / "redis") as server, cluster(folder, server.url, home) as (keeper, _):
        broker = server.broker()
        redis = broker.redis
        wait(lambda: redis.hlen(keys.REGISTER) and redis.exists(keys.KEEPER_RELEASE))
        asked = started(folder / "crawl.log", "--home", str(home), "crawl", "--cluster", server.url)
        wait(lambda: _known(home) >= pages and ended(home))
        os.kill(keeper.pid, signal.SIGSTOP)
        before = _used(broker)
        wait(lambda: redis.xlen(keys.HOME) >= MOST_WAITING and redis.get(keys.STALLS))
        memory, most = [], 0
        for _ in range(STANDS_STILL):
            time.sleep(1)
            memory.append(_used(broker))
            most = max(most, redis.xlen(keys.HOME))
        a_message = redis.memory_usage(keys.HOME, samples=0) / most
        messages = [read(fields[b"m"], Envelope) for _, fields in redis.xrange(keys.HOME)]
        os.kill(keeper.pid, signal.SIGCONT)
        wait(lambda: asked.poll() is not None)
        stalls = int(redis.get(keys.STALLS))
    waited = [one for one in messages if isinstance(one.verb, PageCall)]
    return Stood(most, memory, before, a_message, stalls, ended(home), outcomes(home), waited)


def _known(home: Path) -> int:
    """Addresses in the frontier."""
    if not (home / "pages.db").exists():
        return 0
    with closing(sqlite3.connect(home / "pages.db")) as db:
        try:
            return int(db.execute("select count(*) from addresses").fetchone()[0])
        except sqlite3.OperationalError:
            return 0
