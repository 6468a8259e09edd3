"""Memory, handles, threads and children of `up` over days of its life and hundreds of crawls, with readers.

    python -m tests.bench steady [--days 10] [--hours 6] [--outlets 13] [--rate 2] [--minutes 0]

One `diemtin up` lives in a clock that the bench sets ahead by some hours at each step, in a file that
libfaketime reads; what measures how long something takes is left alone, so that limits and pauses hold as
ever. At each step every outlet is due, and the chores and the edition with it; the next step comes when all
were crawled. Outlets print, take down and fail as in `soak`. A reader asks for pages all along, with words
never asked for before.

Told is the mean of the first and of the last quarter of the samples, and the slope over the last half, where
what is only filled once is full.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import fmean, linear_regression
from urllib.parse import quote

from tabulate import tabulate

from tests.bench.prose import DID, WHAT, WHERE, WHO
from tests.bench.years.kills import below, kind
from tests.bench.years.soak import FAULTS, SICK, START, SoakOutlet, plan, write_home
from tests.clocks import shifted
from tests.test_up import free_port

WORDS = sorted({word for text in (WHO, DID, WHAT, WHERE) for line in text for word in str(line).split()})
QUIET = 45.0  # seconds without a crawl after which none is due any more
STEP = 300.0  # seconds after which a step ends though not all outlets were crawled
UP = """
import sys
from crawler.cli import main
from crawler.service.launcher import SLOTS

SLOTS["crawl"] = int(sys.argv.pop(1))
main()
"""
EACH = 8  # crawls between two samples
LOOK = 0.5  # seconds between two looks at the children
PAGES = (
    "/",
    "/tim?q={word}",
    "/bai/{number}",
    "/-/metrics",
    "/tim.atom?q={word}",
    "/tim",
    "/nguon",
    "/archive/articles?_search={word}",
    "/archive?sql=select+count(*)+from+articles+where+id<{number}",
    "/tim/goi-y?q={word}",
    "/chu-de",
    "/ban",
    "/bao-cao",
)


@dataclass(slots=True)
class Sample:
    """One look at the process; memory in MB, the largest child's since the last look."""

    crawls: int
    days: float
    rss: float
    anonymous: float
    handles: int
    threads: int
    children: int
    zombies: int
    child: float
    requests: int

    @property
    def own(self) -> int:
        """The handles beyond the two pipes to each child."""
        return self.handles - 2 * self.children


@dataclass(slots=True)
class Steady:
    """One `up` under watch."""

    home: Path
    outlets: list[SoakOutlet]
    rng: random.Random
    process: "subprocess.Popen[bytes]"
    clock: Path
    port: int
    samples: list[Sample] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    children: Counter[str] = field(default_factory=Counter)
    largest: dict[str, float] = field(default_factory=dict)
    child: float = 0.0
    crawled: float = 0.0  # when a crawl was seen last
    ended: bool = False

    def live(self, steps: int, hours: float, rate: float, minutes: float) -> None:
        """All steps, or those for which there is time, beside a reader and whoever counts children."""
        until = time.monotonic() + minutes * 60 if minutes else float("inf")
        beside = [
            threading.Thread(target=self._read, args=(rate,), daemon=True),
            threading.Thread(target=self._watch, daemon=True),
        ]
        for one in beside:
            one.start()
        for step in range(1, steps + 1):
            if time.monotonic() > until:
                break
            self._step(START + timedelta(hours=hours * step))
        self.ended = True
        for one in beside:
            one.join()

    def _step(self, now: datetime) -> None:
        for one in self.outlets:
            one.now, one.fault = now, self.rng.choice(list(FAULTS)) if self.rng.random() < SICK else ""
        before = self.crawls()
        set_clock(self.clock, now.timestamp())
        until = self.crawled = time.monotonic()
        until += STEP
        while (ended := self.crawls()) < before + len(self.outlets) and time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"up ended with {self.process.returncode}")
            if ended >= EACH + (self.samples[-1].crawls if self.samples else 0):
                self.sample((now - START) / timedelta(days=1))
            if time.monotonic() > self.crawled + QUIET:
                break
            time.sleep(LOOK)

    def crawls(self) -> int:
        """The crawls that have ended."""
        archive = self.home / "archive.db"
        if not archive.exists():
            return 0
        with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True, timeout=60)) as db:
            tables = db.execute("select count(*) from sqlite_master where name = 'runs'").fetchone()[0]
            ended = "select count(*) from runs where state <> 'running'"
            return int(db.execute(ended).fetchone()[0]) if tables else 0

    def _watch(self) -> None:
        """Note what each child takes at most, as the kernel remembers it."""
        seen: set[int] = set()
        while not self.ended:
            for pid, what in [(pid, kind(pid)) for pid in below(self.process.pid)]:
                if what in {"", "child: up"}:  # gone, or not yet what it is to be
                    continue
                if what == "child: crawl":
                    self.crawled = time.monotonic()
                most = status(pid).get("VmHWM", 0) / 1024
                self.child = max(self.child, most)
                self.largest[what] = max(self.largest.get(what, 0), most)
                if pid not in seen:
                    seen.add(pid)
                    self.children[what] += 1
            time.sleep(LOOK)

    def _read(self, rate: float) -> None:
        words, numbers = _words(), count(1)
        while not self.ended:
            for page in PAGES:
                number = next(numbers)
                path = page.format(word=quote(next(words)), number=number % 40 + 1)
                self._ask(f"http://127.0.0.1:{self.port}{path}", page)
                time.sleep(1 / rate)

    def _ask(self, address: str, page: str) -> None:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                answer.read()
                told = str(answer.status)
        except urllib.error.HTTPError as error:
            told = f"{error.code} {page}"
        except OSError as error:
            told = f"{type(error).__name__} {page}"
        self.answers[told] += 1

    def sample(self, days: float) -> None:
        pid, now = self.process.pid, status(self.process.pid)
        child, self.child = self.child, 0.0
        every = list(_children(pid))
        one = Sample(
            self.crawls(),
            days,
            now["VmRSS"] / 1024,
            now["RssAnon"] / 1024,
            sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
            now["Threads"],
            sum(bool(kind(one)) for one in every),
            sum(_state(one) == "Z" for one in every),
            child,
            self.answers.total(),
        )
        self.samples.append(one)
        print(json.dumps(asdict(one)), file=sys.stderr, flush=True)


def _words() -> Iterator[str]:
    """Words that were not asked for before, with and without marks."""
    for number in count():
        one, two = WORDS[number % len(WORDS)], WORDS[number * 7 // len(WORDS) % len(WORDS)]
        yield f"{one} {two}" if number % 3 else f"{one} {number}"


def status(pid: int) -> dict[str, int]:
    """The numbers of /proc/PID/status: kB of memory, threads; none for a process that is gone."""
    found = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            number = value.split()[:1]
            if number and number[0].isdigit():
                found[name] = int(number[0])
    return found


def _children(pid: int) -> Iterator[int]:
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, listed.read_text(encoding="ascii").split())


def _state(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    return ""


def set_clock(clock: Path, at: float) -> None:
    """Let every process of the bench's clock see this time."""
    new = clock.with_suffix(".new")
    new.write_text(f"{round(at - time.time()):+d}\n", encoding="ascii")
    new.replace(clock)


def begin(home: Path, outlets: list[SoakOutlet], at_once: int, seed: int) -> Steady:
    """Start `up` over the outlets, at the first moment of the clock."""
    write_home(home, outlets)
    clock = home.parent / "clock"
    set_clock(clock, START.timestamp())
    environment = shifted("ahead", "Asia/Ho_Chi_Minh") | {
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
    }
    environment.pop("FAKETIME")
    port = free_port()
    command = [sys.executable, "-c", UP, str(at_once), "--home", str(home), "up", "--port", str(port)]
    with (home.parent / "steady.log").open("ab") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    return Steady(home, outlets, random.Random(seed), process, clock, port)


def table(one: Steady) -> list[tuple[str, ...]]:
    """First and last quarter, and the slope of the last half."""
    half = one.samples[len(one.samples) // 2 :]
    quarter = max(len(one.samples) // 4, 1)
    rows: list[tuple[str, ...]] = []
    for name in ("rss", "anonymous", "handles", "own", "threads", "children", "zombies", "child"):
        first, last = (
            fmean(getattr(sample, name) for sample in part)
            for part in (one.samples[:quarter], one.samples[-quarter:])
        )
        slope = _slope([(sample.crawls, getattr(sample, name)) for sample in half]) * 100
        rows.append((name, f"{first:.1f}", f"{last:.1f}", f"{slope:+.2f}"))
    return rows


def _slope(points: list[tuple[float, float]]) -> float:
    xs, ys = zip(*points, strict=True)
    return linear_regression(xs, ys).slope if len(set(xs)) > 1 else 0.0


def steady(asked: argparse.Namespace, folder: Path) -> Steady:
    """Live so many days, then end `up` as a user would."""
    made = plan(asked.outlets, max(round(asked.days), 1), random.Random(asked.seed))
    one = begin(folder / "home", made, asked.at_once, asked.seed)
    try:
        one.live(round(asked.days * 24 / asked.hours), asked.hours, asked.rate, asked.minutes)
    finally:
        one.ended = True
        one.process.send_signal(signal.SIGINT)
        try:
            one.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(one.process.pid, signal.SIGKILL)
        for outlet in made:
            outlet.server.close()
    return one


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--days", type=float, default=10)
    options.add_argument("--hours", type=float, default=6)
    options.add_argument("--outlets", type=int, default=13)
    options.add_argument("--at-once", type=int, default=2, help="crawls; more end sooner on a busy machine")
    options.add_argument("--rate", type=float, default=2, help="pages a second that a reader asks for, at most")
    options.add_argument("--minutes", type=float, default=0, help="begin no step later; 0: all of them")
    options.add_argument("--seed", type=int, default=18)
    options.add_argument("--folder", type=Path, help="keep the home here")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = asked.folder or Path(folder)
        one = steady(asked, kept)
    print(tabulate(table(one), ("", "first quarter", "last quarter", "per 100 crawls, last half"), "github"))
    print("crawls", one.samples[-1].crawls, "answers", dict(one.answers))
    print("children", dict(one.children), "largest", {kind: round(mb) for kind, mb in one.largest.items()})


if __name__ == "__main__":
    main()
