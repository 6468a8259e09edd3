"""The same pages by one process and by workers: CPU of each part, from the kernel's own counts."""

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.cluster import keys
from tests.bench.crawl import family, proc
from tests.bench.press import Size, running
from tests.bench.throughput import home_for, serving, sources_of
from tests.cluster.redis_server import RedisServer
from tests.cluster.running import cluster, started

REDIS = ("--appendonly", "yes", "--save", "")  # as docs/cluster.md asks for, and as it comes besides
TICK = os.sysconf("SC_CLK_TCK")
NAP = 0.1  # seconds between two looks
ALONE = "diemtin crawl"


@dataclass(frozen=True)
class Spent:
    """What a crawl took: seconds by the clock, CPU seconds by part, and memory.

    ``memory``: MB and number of the processes that crawl and read, when they were most; what several share
    counts in parts (PSS).
    """

    pages: int
    wall: float
    cpu: dict[str, float]
    memory: tuple[float, int] = (0.0, 0)

    def a_page(self, part: str = "") -> float:
        """CPU milliseconds a page, of a part or of all."""
        return 1000 * (self.cpu.get(part, 0.0) if part else sum(self.cpu.values())) / self.pages


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, of all it started and that are there, and of what those waited for."""
    return sum(sum(map(int, _stat(one)[11:15])) for one in family(pid)) / TICK


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on."""
    return proc(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()


def memory_of(pids: Iterable[int]) -> tuple[float, int]:
    """MB of some processes and all that they started, and how many they are."""
    all_of_them = [one for pid in pids for one in family(pid)]
    return sum(map(_pss, all_of_them)) / 1000, len(all_of_them)


def _pss(pid: int) -> int:
    lines = proc(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@contextmanager
def served(pages: int, relevant: int, outlets: int) -> Iterator[dict[str, Any]]:
    """The sources of some outlets on loopback: real pages where there are some, else made-up ones."""
    if "DIEMTIN_SHARED" in os.environ:
        with serving(pages, relevant, outlets) as hosts:
            yield sources_of(hosts)
    else:
        with running(Size(outlets, pages // outlets), Path(os.devnull)) as press:
            yield press.sources()


@contextmanager
def redis_at(folder: Path) -> Iterator[RedisServer]:
    """A server of its own."""
    server = RedisServer(folder, REDIS)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def alone(folder: Path, sources: dict[str, Any], keep: str) -> Spent:
    """One process; its start and imports are not counted, as those of the others are not."""
    home = home_for(sources, folder / "home", keep)
    began, cpu, memory = time.monotonic(), 0.0, (0.0, 0)
    crawl = started(folder / "crawl.log", "--home", str(home), "crawl", "--json")
    while crawl.poll() is None:
        cpu = max(cpu, cpu_of(crawl.pid))
        memory = max(memory, memory_of([crawl.pid]))
        time.sleep(NAP)
    return Spent(ended(home), time.monotonic() - began, {ALONE: cpu}, memory)


def there(folder: Path, sources: dict[str, Any], keep: str, workers: int) -> Spent:
    """Keeper and workers that were there before, as they are day and night."""
    home = home_for(sources, folder / "home", keep)
    with redis_at(folder / "redis") as server, cluster(folder, server.url, home, workers) as processes:
        redis = server.broker().redis
        wait(lambda: redis.hlen(keys.REGISTER) == workers and redis.exists(keys.KEEPER_RELEASE))
        assert server.process
        parts: dict[str, list[Any]] = {
            "keeper": processes[:1],
            "workers": processes[1:],
            "redis-server": [server.process],
        }
        before, began = _cpu(parts), time.monotonic()
        asked = started(folder / "crawl.log", "--home", str(home), "crawl", "--cluster", server.url)
        memory = (0.0, 0)
        while asked.poll() is None:
            memory = max(memory, memory_of(worker.pid for worker in processes[1:]))
            time.sleep(NAP)
        wall = time.monotonic() - began
        wait(lambda: all(len(list(family(worker.pid))) == 1 for worker in processes[1:]))
        after = _cpu(parts)
    return Spent(ended(home), wall, {part: after[part] - before[part] for part in parts}, memory)


def _cpu(parts: dict[str, list[Any]]) -> dict[str, float]:
    return {part: sum(cpu_of(one.pid) for one in processes) for part, processes in parts.items()}


def wait(reached: Any) -> None:
    """Wait for as long as it takes: other programs keep this machine busy."""
    while not reached():
        time.sleep(NAP)


def ended(home: Path) -> int:
    """How many pages came to an end."""
    with closing(sqlite3.connect(home / "pages.db")) as db:
        return int(db.execute("select count(*) from visits").fetchone()[0])


def outcomes(home: Path) -> dict[str, int]:
    """What came of the pages of all runs."""
    total: dict[str, int] = {}
    with closing(sqlite3.connect(home / "archive.db")) as db:
        for (one,) in db.execute("select outcomes from runs"):
            for outcome, count in json.loads(one).items():
                total[outcome] = total.get(outcome, 0) + count
    return total
