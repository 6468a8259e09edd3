"""How fast a keeper alone writes what comes home: page messages of a real crawl, put on the stream at once."""

import os
import shutil
import signal
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive.home import Home
from crawler.cluster import keys
from crawler.cluster.broker import Broker, make_groups
from crawler.cluster.jobs import give_out
from crawler.cluster.wire import DueCall, Envelope, KeeperAnswer, ListingCall, PageCall, Verb, pack, read
from crawler.listings import Link
from crawler.state.messages import Due, ListingRead
from tests.bench.cluster.crawls import Spent, cpu_of, ended, redis_at, wait
from tests.bench.throughput import home_for
from tests.cluster.running import start_keeper, stop

KEEPER = "keeper"
CLAIM = "bench-1"


def work_off(
    folder: Path, sources: dict[str, Any], messages: list[Envelope], archive: Path | None
) -> tuple[Spent, float]:
    """One keeper on these messages, into a fresh home or one with this archive; CPU of keeper, of Redis."""
    home = Home.at(home_for(sources, folder / "home", "all"))
    if archive:
        shutil.copyfile(archive, home.path / "archive.db")
    with redis_at(folder / "redis") as server:
        broker = server.broker()
        make_groups(broker.redis)
        keeper = start_keeper(folder, server.url, home.path)
        try:
            wait(lambda: broker.redis.exists(keys.KEEPER_RELEASE))
            ready = _begin(broker, home, messages)
            os.kill(keeper.pid, signal.SIGSTOP)
            for one in ready:
                broker.redis.xadd(keys.HOME, {"m": pack(one)})
            assert server.process
            before = cpu_of(keeper.pid), cpu_of(server.process.pid)
            began = time.monotonic()
            os.kill(keeper.pid, signal.SIGCONT)
            wait(lambda: not broker.redis.xlen(keys.HOME))
            wall = time.monotonic() - began
            cpu = {
                KEEPER: cpu_of(keeper.pid) - before[0],
                "redis-server": cpu_of(server.process.pid) - before[1],
            }
        finally:
            stop(keeper)
    assert ended(home.path) == len(ready), (ended(home.path), len(ready))
    return Spent(len(ready), wall, cpu), sum(map(len, map(pack, ready))) / len(ready)


def _begin(broker: Broker, home: Home, messages: list[Envelope]) -> list[Envelope]:
    """Begin a run of each source as a worker does; the messages as those of these runs."""
    by_source: dict[str, list[Envelope]] = defaultdict(list)
    for one in messages:
        assert isinstance(one.verb, PageCall)
        by_source[_source(one.verb)].append(one)
    ready = []
    for source, ones in by_source.items():
        job = give_out(broker, home, source, 900)
        broker.redis.hset(keys.held_job(job), "claim", CLAIM)
        due = _ask(broker, job, DueCall(source))
        pages = [one.verb.page for one in ones if isinstance(one.verb, PageCall)]
        links = tuple(Link(page.url) for page in pages)
        _ask(
            broker,
            job,
            ListingCall(ListingRead(due.run, due.lists[0].url, "sitemap", status=200, articles=links)),
        )
        ready += [Envelope(job, CLAIM, PageCall(replace(page, run=due.run))) for page in pages]
    return ready


def _source(verb: PageCall) -> str:
    assert verb.page.item
    return verb.page.item.article.source


def _ask(broker: Broker, job: str, verb: Verb) -> Due:
    call = f"{job}:{verb.__class__.__name__}"
    broker.redis.xadd(keys.HOME, {"m": pack(Envelope(job, CLAIM, verb, call))})
    answer = read(broker.redis.blpop([keys.reply_to(call)], 0)[1], KeeperAnswer)
    assert answer.due, answer
    return answer.due
