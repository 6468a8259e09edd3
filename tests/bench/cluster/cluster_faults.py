"""Workers, keeper and broker killed and cut off while they crawl; judged by databases and server log.

    python -m tests.bench cluster-faults [--outlets 50] [--articles 100] [--delay 0.5] [--kills 0] [--cuts 0]

A redis-server, a keeper and some workers, each a process of its own, crawl a loopback press until every article
is kept. A crawl ends after ``--limit`` seconds and the source is given out anew, so that its hosts go from
worker to worker. Faults come as the pages do: SIGKILL to a worker, a crawl of a worker, the keeper or the
broker (which appends to its file and comes back); and cuts of 5 to 60 s of a worker's or, one in five, the
keeper's wire.
"""

import argparse
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import yaml
from tabulate import tabulate

from archive.home import Home
from crawler.cluster import keys
from crawler.cluster.broker import Broker, make_groups
from crawler.cluster.jobs import give_out, results
from tests.bench.cluster.wire import Wire
from tests.bench.press import Access, Press, Size, running
from tests.cluster.redis_server import RedisServer
from tests.cluster.running import runs_that_differ, start_keeper, start_worker, stop
from tests.commands import Copy

EVERYSEC = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
VICTIMS = ("worker", "crawl", "crawl", "crawl", "keeper", "broker")  # each as likely as the others
TOLERANCE = 0.010  # seconds that a request may come early
QUIET = 20.0  # seconds without a new article, after which pages that were given up for ten minutes are due
STUCK = 240.0  # seconds without a new article, after which the bench gives up
LOOK = 0.3
KEPT = "select source, count(*) from articles where body <> '' group by source"


@dataclass(slots=True)
class Crew:
    """Keeper, workers and broker at work, and what befalls them; wire 0 is the keeper's."""

    folder: Path
    home: Path
    sources: dict[str, int]  # articles of each
    server: RedisServer
    rng: random.Random
    limit: int
    wires: list[Wire]
    crawls: int
    processes: list[Copy] = field(default_factory=list)
    jobs: dict[str, str] = field(default_factory=dict)
    befell: Counter[str] = field(default_factory=Counter)
    left: str = ""

    def start(self, place: int) -> Copy:
        """The keeper (0), or a worker, on its own wire."""
        url = self.wires[place].url
        if place == 0:
            return start_keeper(self.folder, url, self.home)
        return start_worker(self.folder, url, "--crawls", str(self.crawls), "--readers", "0")

    def kept(self) -> dict[str, int]:
        """How many articles of each source are kept."""
        with (
            closing(sqlite3.connect(self.home / "archive.db", timeout=60)) as db,
            suppress(sqlite3.OperationalError),
        ):
            return dict(db.execute(KEPT).fetchall())
        return {}

    def run(self, faults: list[str]) -> None:
        """Crawl until all is kept; the faults are spread over the pages."""
        broker, total, whole = self.server.broker(), len(faults), sum(self.sources.values())
        most, since = 0, time.monotonic()
        while time.monotonic() < since + STUCK:
            kept = self.kept()
            if sum(kept.values()) > most:
                most, since = sum(kept.values()), time.monotonic()
            left = [source for source, articles in self.sources.items() if kept.get(source, 0) < articles]
            if not left and not self.jobs:
                return
            broker.insist(lambda left=left: self._give_out(broker, left), 60)  # type: ignore[misc]
            due = bool(faults) and most >= whole * 0.95 * (total - len(faults)) / total
            if due and self.befall(faults[-1]):
                faults.pop()
            if time.monotonic() > since + QUIET:
                self._let_ten_minutes_pass()
            self._look_after()
            time.sleep(LOOK)
        self.befell["stuck"] += 1

    def _give_out(self, broker: Broker, left: list[str]) -> None:
        make_groups(broker.redis)
        for source, run in (results(broker, self.jobs) if self.jobs else {}).items():
            self.befell["jobs lost" if run is None else "crawls"] += 1
            del self.jobs[source]
        for source in left:
            if source not in self.jobs:
                self.jobs[source] = give_out(broker, Home(self.home), source, self.limit)

    def _look_after(self) -> None:
        """Start anew what ended, as a service manager does."""
        for place, process in enumerate(self.processes):
            if process.poll() is not None:
                self.processes[place] = self.start(place)

    def _let_ten_minutes_pass(self) -> None:
        """A page at which two processes ended is given up for that long."""
        with closing(sqlite3.connect(self.home / "pages.db", timeout=60)) as db, db:
            sql = "update addresses set next_at = ended_at where outcome = 'failed' and next_at > ended_at"
            self.befell["pages given up for ten minutes"] += db.execute(sql).rowcount

    def befall(self, fault: str) -> bool:
        """One kill or cut; whether there was what it is to hit."""
        if fault == "cut":
            return self._cut()
        if fault == "broker":
            self.server.kill()
            time.sleep(self.rng.uniform(0, 3))
            self.server.start()
        else:
            place = 0 if fault == "keeper" else self.rng.randrange(1, len(self.processes))
            pid = self.processes[place].pid
            pids = _children(pid) if fault == "crawl" else [pid]
            if not pids or self.processes[place].poll() is not None:
                return False
            os.kill(self.rng.choice(pids), signal.SIGKILL)
        self.befell[f"kill {fault}"] += 1
        return True

    def _cut(self) -> bool:
        place = 0 if self.rng.random() < 0.2 else self.rng.randrange(1, len(self.wires))
        if not self.wires[place].whole.is_set():
            return False
        refuse = self.rng.random() < 0.5
        self.wires[place].cut(self.rng.uniform(5, 60), refuse=refuse)
        whose, how = "worker" if place else "keeper", "refused" if refuse else "silent"
        self.befell[f"cut of {whose}, {how}"] += 1
        return True


def left_over(broker: Broker) -> str:
    """What stands on the broker of work that is over."""
    streams = [f"{broker.redis.xlen(stream)}" for stream in (keys.JOBS, keys.HOME)]
    return ", ".join([*streams, str(len(list(broker.redis.scan_iter("diemtin:held:*"))))])


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(child) for child in path.read_text(encoding="ascii").split()]
    return found


@contextmanager
def crew(folder: Path, press: Press, asked: argparse.Namespace) -> Iterator[Crew]:
    """All processes, ended at the end; whatever is cut is mended before."""
    server = RedisServer(folder / "redis", EVERYSEC)
    server.start()
    home = write_home(folder / "home", press, asked.delay)
    wires = [Wire(server.port) for _ in range(asked.workers + 1)]
    sources = dict.fromkeys(press.sources(), asked.articles)
    one = Crew(
        folder, home, sources, server, random.Random(asked.seed), asked.limit, wires,
        asked.crawls,
    )  # fmt: skip
    one.processes = [one.start(place) for place in range(len(wires))]
    try:
        yield one
    finally:
        for wire in wires:
            wire.mend()
        for process in reversed(one.processes):
            stop(process)
        one.left = left_over(server.broker())
        server.kill()


def write_home(folder: Path, press: Press, delay: float) -> Path:
    """A home whose sources are the outlets, read by their sitemaps."""
    path = folder / "config" / "sources.yml"
    path.parent.mkdir(parents=True)
    defaults = {
        "delay": f"{round(delay * 1000)}ms",
        "keep": "all",
        "revisit": ["1d"],
        "contact": "bench@example.org",
    }
    data = {"defaults": defaults, "sources": press.sources(feeds=[], sections=[])}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return folder


# --- judged


def by_host(accesses: list[Access]) -> dict[str, list[Access]]:
    """The requests of each host, in order."""
    hosts: dict[str, list[Access]] = defaultdict(list)
    for one in sorted(accesses, key=lambda one: one.start):
        hosts[one.host].append(one)
    return hosts


def gaps(press: Press, size: Size, delay: float, hosts: dict[str, list[Access]]) -> list[float]:
    """For each request after the first of its host, the seconds that it came after it might."""
    due = {host: max(delay, size.asks(number)) for number, host in enumerate(press.hosts)}
    return [
        later.start - earlier.start - due[host]
        for host, visits in hosts.items()
        for earlier, later in pairwise(visits)
    ]


def crossings(visits: list[Access]) -> int:
    """How often a connection asks again after another one of the same host did: two workers at once."""
    last = {one.connection: place for place, one in enumerate(visits)}
    return sum(
        later.connection != earlier.connection and last[earlier.connection] > place
        for place, (earlier, later) in enumerate(pairwise(visits))
    )


def judge_log(press: Press, size: Size, delay: float) -> list[tuple[str, object]]:
    """What the server saw."""
    accesses = press.accesses()
    hosts = by_host(accesses)
    slack = gaps(press, size, delay, hosts)
    robots = sum(one.path == "/robots.txt" for one in accesses)
    return [
        ("requests, of them robots.txt", f"{len(accesses)}, {robots}"),
        ("of them too early (by more than 10 ms)", sum(one < -TOLERANCE for one in slack)),
        ("smallest gap, less the delay, ms", f"{min(slack, default=0) * 1000:.1f}"),
        ("a host asked by two at once", sum(crossings(visits) for visits in hosts.values())),
        ("articles fetched more than once", _again(accesses)),
    ]


def _again(accesses: list[Access]) -> int:
    times = Counter((one.host, one.path) for one in accesses if one.path.startswith("/bai-viet/"))
    return sum(count > 1 for count in times.values())


def judge_home(home: Path, addresses: set[str]) -> list[tuple[str, object]]:
    """What the databases hold."""
    with closing(sqlite3.connect(home / "archive.db")) as db:
        urls = [url for (url,) in db.execute("select url from articles where body <> ''")]
        whole = db.execute("pragma integrity_check").fetchone()[0]
        states = Counter(state for (state,) in db.execute("select state from runs"))
    with closing(sqlite3.connect(home / "pages.db")) as db:
        whole = f"{whole}, {db.execute('pragma integrity_check').fetchone()[0]}"
    return [
        ("articles, rows, addresses", f"{len(addresses)}, {len(urls)}, {len(set(urls))}"),
        ("of them not kept; not of the press", f"{len(addresses - set(urls))}; {len(set(urls) - addresses)}"),
        ("runs", ", ".join(f"{count} {state}" for state, count in sorted(states.items()))),
        ("runs whose outcomes are not their visits", len(runs_that_differ(home))),
        ("archive.db, pages.db", whole),
    ]


def said(folder: Path) -> Counter[str]:
    """The lines that keeper and workers printed; tracebacks are among them."""
    lines = (line for path in folder.glob("*.log") for line in path.read_text(errors="replace").splitlines())
    return Counter(line[:160] for line in lines)


def bench(folder: Path, asked: argparse.Namespace) -> list[tuple[str, object]]:
    """Crawl the press through all faults, then judge."""
    folder.mkdir(parents=True, exist_ok=True)
    size = Size(asked.outlets, asked.articles, 4, 2 * asked.delay)
    faults = [random.Random(asked.seed + place).choice(VICTIMS) for place in range(asked.kills)] + [
        "cut"
    ] * asked.cuts
    random.Random(asked.seed).shuffle(faults)
    began = time.monotonic()
    with running(size, folder / "access.log") as press:
        with crew(folder, press, asked) as one:
            one.run(faults)
        took = time.monotonic() - began
        befell = ", ".join(f"{count} {what}" for what, count in sorted(one.befell.items()))
        return [
            ("what befell", befell),
            *judge_home(one.home, set(press.articles(asked.articles))),
            *judge_log(press, size, asked.delay),
            ("left on the broker: jobs, messages, held jobs", one.left),
            ("tracebacks", sum(count for line, count in said(folder).items() if line.startswith("Traceback"))),
            ("minutes it took", f"{took / 60:.1f}"),
        ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--outlets", type=int, default=50)
    options.add_argument("--articles", type=int, default=100, help="of each outlet")
    options.add_argument("--workers", type=int, default=3)
    options.add_argument("--crawls", type=int, default=6, help="of a worker at once")
    options.add_argument("--delay", type=float, default=0.5, help="every tenth robots.txt asks for twice that")
    options.add_argument("--limit", type=int, default=20, help="seconds of a crawl; 0: none")
    options.add_argument("--kills", type=int, default=0)
    options.add_argument("--cuts", type=int, default=0)
    options.add_argument("--seed", type=int, default=21)
    options.add_argument("--keep", type=Path, help="keep home and logs here")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(tabulate(bench(asked.keep or Path(folder), asked), tablefmt="github"), flush=True)


if __name__ == "__main__":
    main()
