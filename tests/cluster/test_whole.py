"""Keeper and workers as processes: the sample press comes home as through one process, whoever is killed."""

import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.clock import utc_now
from archive.home import Home
from crawler.cluster import keys
from crawler.cluster.broker import Broker
from crawler.demo import DemoPress
from crawler.demo.run import write_config
from tests.cluster.running import cluster, runs_that_differ, start_keeper, start_worker, stop, wait_until
from tests.commands import diemtin

OTHERWISE = {  # ids, times, and what holds the port of the press
    "id", "story_id", "sort", "first_seen_at", "last_seen_at", "seen_at", "matched_at", "page_at",
    "page_sha256",
}  # fmt: skip
SAME = ("articles", "versions", "mentions", "figures", "documents", "article_topics", "matches")


def home_of(folder: Path, press: DemoPress) -> Path:
    home = Home.at(folder)
    write_config(home, press)
    return home.path


def table(db: sqlite3.Connection, name: str) -> list[str]:
    """The rows of a table without ids, times and ports, an article by its address."""
    rows = [dict(row) for row in db.execute(f"select * from {name}")]
    addresses = dict(db.execute("select id, url from articles").fetchall())
    for row in rows:
        if "article_id" in row:
            row["article_id"] = addresses[row["article_id"]]
        for column in OTHERWISE & row.keys():
            del row[column]
    text = (json.dumps(row, ensure_ascii=False, sort_keys=True, default=repr) for row in rows)
    return sorted(re.sub(r"127\.0\.0\.1:\d+", "press", row) for row in text)


def opened(path: Path) -> "closing[sqlite3.Connection]":
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    return closing(db)


def runs(home: Path) -> list[dict[str, Any]]:
    with opened(home / "archive.db") as db:
        return [dict(row) for row in db.execute("select * from runs order by id")]


def check_sums(home: Path) -> None:
    """The outcomes of every run are its visits."""
    assert runs_that_differ(home) == []


def test_the_sample_press_comes_home_the_same(tmp_path: Path, broker: Broker) -> None:
    now = utc_now()
    with DemoPress(now) as press:
        alone = home_of(tmp_path / "alone", press)
        diemtin("crawl", home=alone)
    with DemoPress(now) as press, cluster(tmp_path, broker.url, tmp_path / "there", workers=2):
        there = home_of(tmp_path / "there", press)
        diemtin("crawl", "--cluster", broker.url, home=there)
        wait_until(lambda: broker.redis.xlen(keys.JOBS) == 0, "jobs are left")
    with opened(alone / "archive.db") as one, opened(there / "archive.db") as other:
        for name in SAME:
            assert table(other, name) == table(one, name), name
    assert {run["state"] for run in runs(there)} == {"done"}
    check_sums(there)
    assert not list(broker.redis.scan_iter("diemtin:held:*"))
    assert broker.redis.hlen(keys.REGISTER) == 0


@pytest.fixture
def press() -> Iterator[DemoPress]:
    with DemoPress(utc_now()) as one:
        yield one


def test_whoever_is_killed_everything_lands_once(tmp_path: Path, press: DemoPress, broker: Broker) -> None:
    """A worker and the keeper are killed with -9 while they are at it; others take up what they left."""
    home = home_of(tmp_path / "home", press)
    keeper = start_keeper(tmp_path, broker.url, home)
    victim = start_worker(tmp_path, broker.url)
    processes = [victim]
    try:
        wait_until(lambda: broker.redis.hlen(keys.REGISTER), "no worker came")
        asked = start_crawl(tmp_path, broker.url, home)
        wait_until(lambda: kept(home) >= 3, "nothing came home")
        keeper.kill()
        keeper.wait()
        os.kill(victim.pid, signal.SIGKILL)
        keeper = start_keeper(tmp_path, broker.url, home)
        processes.append(start_worker(tmp_path, broker.url))
        # as long after its death as the lease of a job is
        wait_until(lambda: asked.poll() is not None or not age(broker), "the jobs were not taken up")
        assert asked.wait(90) == 0
    finally:
        for process in [*processes[1:], keeper]:
            stop(process)
        victim.wait()
    with opened(home / "archive.db") as db:
        rows, urls = db.execute("select count(*), count(distinct url) from articles").fetchone()
        assert rows == urls
    check_sums(home)
    newest = {run["source"]: run["state"] for run in runs(home)}
    assert set(newest.values()) == {"done"}


def start_crawl(folder: Path, url: str, home: Path) -> Any:
    from tests.cluster.running import started

    return started(folder / "crawl.log", "--home", str(home), "crawl", "--cluster", url)


def kept(home: Path) -> int:
    if not (home / "archive.db").exists():
        return 0
    with opened(home / "archive.db") as db:
        try:
            return int(db.execute("select count(*) from articles where body <> ''").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def age(broker: Broker) -> bool:
    """Let the leases of what a dead worker held run out at once; whether there is any."""
    for key in broker.redis.scan_iter("diemtin:host:*"):
        broker.redis.pexpire(key, 200)
    left = broker.redis.xpending_range(keys.JOBS, keys.WORKERS, "-", "+", 100)
    for entry in left:
        broker.redis.xclaim(
            keys.JOBS, keys.WORKERS, entry["consumer"], 0, [entry["message_id"]], idle=60_000, justid=True
        )
    time.sleep(0.5)
    return False
