"""A month unattended: faults of outlets all along, real crawls at simulated times, kills, wrong clocks.

    python -m tests.bench soak [--days 30] [--outlets 45] [--hours 3] [--seed 18]

At each step the clock (libfaketime) stands some hours later, `diemtin crawl` reads every outlet once, in the
morning `diemtin digest --due` makes the day's edition. Some crawls are killed, some run with the clock a year
ahead. At the end what was truly there is held against the archive: every article that stood for more than one
poll at which its outlet answered is kept, once, with its own text; outcomes add up; each morning has its
edition, and each article is told in one.
"""

import argparse
import gzip
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
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import yaml
from tabulate import tabulate

from archive.clock import HANOI
from crawler.demo.server import Answer, Server
from tests.bench.press import article_page
from tests.bench.prose import Piece
from tests.bench.world import local_piece
from tests.clocks import shifted

START = datetime(2026, 9, 1, 5, 30, tzinfo=HANOI)
NEWEST = 20  # items of a feed
A_DAY = 1.5  # articles of an outlet a day
SICK = 0.08  # of outlets at a poll have a fault
KILLED = 0.08  # of crawls
HANG = 5.0  # seconds of silence of an outlet that drips
TAKEN_DOWN = 0.05  # of articles, a day and a half after they appeared
RSS = "application/rss+xml; charset=utf-8"


def _cut(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise ConnectionResetError


def _hang(body: bytes) -> Iterator[bytes]:
    yield body[:20]
    time.sleep(HANG)


def _zeros(_: bytes) -> Iterator[bytes]:
    part = gzip.compress(b"\0" * 50_000_000)
    yield part


FAULTS: dict[str, Callable[[Answer], Answer]] = {
    "503": lambda answer: Answer(503, b"busy"),
    "404": lambda answer: Answer(404, b"not here"),
    "maintenance": lambda answer: Answer(200, "<html><body>Bảo trì hệ thống</body></html>".encode()),
    "reset": lambda answer: replace(answer, stream=lambda: iter(())),
    "cut": lambda answer: replace(
        answer, stream=lambda: _cut(answer.body), more={"Content-Length": str(len(answer.body))}
    ),
    "cut gzip": lambda answer: replace(
        answer, body=gzip.compress(answer.body)[:-40], more={"Content-Encoding": "gzip"}, tagged=False
    ),
    "drip": lambda answer: replace(answer, stream=lambda: _hang(answer.body)),
    "bomb": lambda answer: replace(
        answer, stream=lambda: _zeros(b""), more={"Content-Encoding": "gzip"}, tagged=False
    ),
    "zlib charset": lambda answer: replace(answer, content_type="text/html; charset=zlib"),
    "garbage": lambda answer: replace(answer, body=os.urandom(3000), tagged=False),
    "brackets": lambda answer: replace(answer, body=b"<rss><channel><title>" + b"&lt;" * 50_000, tagged=False),
    "many links": lambda answer: replace(
        answer,
        body=answer.body.replace(
            b"</channel>", b"<item><title>x</title><link>/lich/1/1</link></item>" * 5000 + b"</channel>"
        ),
        tagged=False,
    ),
}


@dataclass(slots=True)
class Stood:
    """One article as it truly is, and at how many polls a well outlet had it in its list and on its page."""

    piece: Piece
    since: datetime
    until: datetime | None
    polls: int = 0

    def there(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(slots=True)
class SoakOutlet:
    """One outlet's server; ``fault`` is what is wrong with it at this poll."""

    number: int
    stood: list[Stood]
    now: datetime = START
    fault: str = ""
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = Server(self.reply)
        self.server.open()

    @property
    def home(self) -> str:
        return self.server.home.rstrip("/")

    def newest(self) -> list[Stood]:
        return [one for one in self.stood if one.there(self.now)][-NEWEST:]

    def reply(self, path: str, headers: Mapping[str, str], method: str) -> Answer:
        if path == "/robots.txt":
            return Answer(200, b"User-agent: *\n", "text/plain")
        answer = self._well(path)
        return FAULTS[self.fault](answer) if self.fault else answer

    def _well(self, path: str) -> Answer:
        if path == "/rss.xml":
            return Answer(200, self._feed().encode(), RSS)
        found = next((one for one in self.stood if one.piece.path == path and one.there(self.now)), None)
        if found is None:
            return Answer(404, b"<html><body>404</body></html>")
        return Answer(200, article_page(self.home, f"Báo {self.number}", found.piece, ()).encode())

    def _feed(self) -> str:
        items = "".join(
            f"<item><title>{one.piece.title}</title><link>{self.home}{one.piece.path}</link>"
            f"<pubDate>{one.since:%a, %d %b %Y %H:%M:%S %z}</pubDate></item>"
            for one in reversed(self.newest())
        )
        return f'<rss version="2.0"><channel><title>Báo {self.number}</title>{items}</channel></rss>'


def plan(outlets: int, days: int, rng: random.Random) -> list[SoakOutlet]:
    """Draw what each outlet publishes and takes down."""
    made = []
    for outlet in range(outlets):
        times = sorted(START + timedelta(days=rng.uniform(0, days)) for _ in range(round(A_DAY * days)))
        stood = []
        for number, at in enumerate(times):
            at = at.replace(microsecond=0)
            gone = at + timedelta(days=1.5) if rng.random() < TAKEN_DOWN else None
            stood.append(Stood(local_piece(outlet, number, at), at, gone))
        made.append(SoakOutlet(outlet, stood))
    return made


def write_home(home: Path, outlets: list[SoakOutlet]) -> None:
    """Every outlet by its feed; one digest each morning, of all that names the province."""
    sources = {
        f"bao{one.number}": {
            "name": f"Báo {one.number}",
            "home": one.home,
            "kind": "provincial",
            "feeds": [f"{one.home}/rss.xml"],
            "article": r"/bai-viet/tin-so-\d+\.html$",
            "keep": "all",
            "delay": "0s",
        }
        for one in outlets
    }
    digest = {
        "title": "Điểm tin sáng",
        "queries": {"tinh": '"Thái Nguyên"'},
        "schedule": "daily 07:00",
        "options": {"relevant_only": False, "max_items": 500, "working_days": False},
        "channels": [{"type": "file", "path": "digests", "formats": ["text"]}],
    }
    (home / "config").mkdir(parents=True, exist_ok=True)
    for name, data in (("sources.yml", {"sources": sources}), ("alerts.yml", {"sang": digest})):
        (home / "config" / name).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


@dataclass(slots=True)
class Soak:
    """The month as it goes."""

    home: Path
    outlets: list[SoakOutlet]
    rng: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    memory: list[int] = field(default_factory=list)  # kB of each crawl
    handles: list[int] = field(default_factory=list)
    digested: date | None = None

    def step(self, now: datetime, *, last: bool) -> None:
        """One crawl of all outlets at a time, whole or killed, and the digest in the morning."""
        for one in self.outlets:
            sick = not last and self.rng.random() < SICK
            one.now, one.fault = now, self.rng.choice(list(FAULTS)) if sick else ""
            self.counts["faults"] += bool(one.fault)
            self.counts[f"fault {one.fault}"] += bool(one.fault)
        killed = not last and self.rng.random() < KILLED
        ahead = not last and not killed and self.rng.random() < 0.01
        at = now + timedelta(days=365) if ahead else now
        self.counts["clock a year ahead"] += ahead
        whole = self.run(at, "crawl", "--limit", "120", kill_after=self.rng.uniform(1, 6) if killed else None)
        if whole and not ahead:
            for one in self.outlets:
                for stood in [] if one.fault else one.newest():
                    stood.polls += 1
        if now.hour >= 7 and now.date() != self.digested:
            self.digested = now.date()
            self.run(now, "digest", "--due")

    def run(self, now: datetime, *command: str, kill_after: float | None = None) -> bool:
        """One command at a time of the clock; whether it came to its end."""
        offset = round(now.timestamp() - time.time())
        environment = shifted("ahead", "Asia/Ho_Chi_Minh") | {"FAKETIME": f"{offset:+d}"}
        environment.pop("PYTHONPATH")
        started = [sys.executable, "-m", "crawler", "--home", str(self.home), *command]
        log = self.home / "soak.log"
        with log.open("ab") as out:
            process = subprocess.Popen(started, env=environment, stdout=out, stderr=out)
        watched = threading.Thread(target=self._count_handles, args=(process.pid,), daemon=True)
        watched.start()
        if kill_after is not None:
            try:
                process.wait(kill_after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                self.counts["killed"] += 1
                process.wait()
                return False
        _, status, used = os.wait4(process.pid, 0) if process.returncode is None else (0, 0, None)
        process.returncode = os.waitstatus_to_exitcode(status)
        watched.join()
        self.counts[command[0]] += 1
        self.counts[f"{command[0]} ended {process.returncode}"] += 1
        if used and command[0] == "crawl":
            self.memory.append(used.ru_maxrss)
        return process.returncode in (0, 1)

    def _count_handles(self, pid: int) -> None:
        most = 0
        try:
            while True:
                most = max(most, sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()))
                time.sleep(0.1)
        except OSError:
            if most:
                self.handles.append(most)


def judge(soak: Soak) -> list[tuple[str, str]]:
    """What was against what is kept."""
    stood = [one for outlet in soak.outlets for one in outlet.stood]
    lasting = [one for one in stood if one.polls > 1]
    with closing(sqlite3.connect(soak.home / "archive.db")) as archive:
        kept = dict(archive.execute("select title, body from articles where body <> ''").fetchall())
        rows, urls = archive.execute("select count(*), count(distinct url) from articles").fetchone()
        whole = archive.execute("pragma integrity_check").fetchone()[0]
        versions = archive.execute("select count(*) from versions where kind = 'edit'").fetchone()[0]
        gone = archive.execute("select count(*) from articles where state = 'gone'").fetchone()[0]
        runs = archive.execute("select id, outcomes from runs where state <> 'running'").fetchall()
        editions = archive.execute("select count(*) from digests where name = 'sang'").fetchone()[0]
        told = Counter(
            id_
            for (content,) in archive.execute("select content from digests where name = 'sang'")
            for id_ in json.loads(content or "{}").get("article_ids", [])
        )
    with closing(sqlite3.connect(soak.home / "pages.db")) as pages:
        visits = Counter(run for (run,) in pages.execute("select run_id from visits"))
    missing = [one for one in lasting if kept.get(one.piece.title) is None]
    wrong = [
        one
        for one in lasting
        if one not in missing and not all(part in kept[one.piece.title] for part in one.piece.paragraphs)
    ]
    sums = sum(sum(json.loads(outcomes).values()) != visits[run] for run, outcomes in runs)
    taken = sum(one.until is not None and one.polls > 1 for one in stood)
    counts = soak.counts
    return [
        (
            "crawls, of them killed, with the clock a year ahead",
            f"{counts['crawl'] + counts['killed']}, {counts['killed']}, {counts['clock a year ahead']}",
        ),
        ("faults of outlets at a poll", str(soak.counts["faults"])),
        ("articles that stood for more than one poll", str(len(lasting))),
        ("… of them not kept; kept with another text", f"{len(missing)}; {len(wrong)}"),
        ("rows, addresses twice", f"{rows}, {rows - urls}"),
        ("edits told (none was made)", str(versions)),
        ("taken down; told as gone", f"{taken}; {gone}"),
        ("runs whose outcomes are not their visits", f"{sums} of {len(runs)}"),
        ("mornings after the first; editions", f"{counts['digest'] - 1}; {editions}"),
        ("articles told twice", str(sum(count > 1 for count in told.values()))),
        ("archive.db", whole),
        ("memory of a crawl, first and last quarter, MB", _quarters(soak.memory, 1024)),
        ("handles of a process, first and last quarter", _quarters(soak.handles, 1)),
    ]  # fmt: skip


def _quarters(values: list[int], unit: int) -> str:
    quarter = max(len(values) // 4, 1)
    first, last = values[:quarter], values[-quarter:]
    return f"{max(first, default=0) / unit:.0f}, {max(last, default=0) / unit:.0f}"


def soak(days: int, outlets: int, hours: float, seed: int, home: Path) -> tuple[Soak, list[tuple[str, str]]]:
    """Live a month, then judge it."""
    rng = random.Random(seed)
    one = Soak(home, plan(outlets, days, rng), rng)
    write_home(home, one.outlets)
    steps = round(days * 24 / hours)
    try:
        for step in range(1, steps + 1):
            one.step(START + timedelta(hours=hours * step), last=step > steps - 3)
    finally:
        for outlet in one.outlets:
            outlet.server.close()
    return one, judge(one)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--outlets", type=int, default=45)
    options.add_argument("--hours", type=float, default=3)
    options.add_argument("--seed", type=int, default=18)
    options.add_argument("--home", type=Path, help="keep the home here")
    asked = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        lived, rows = soak(asked.days, asked.outlets, asked.hours, asked.seed, asked.home or Path(folder))
    print(tabulate([*rows, ("minutes it took", f"{(time.monotonic() - began) / 60:.0f}")], tablefmt="github"))
    print(dict(lived.counts))


if __name__ == "__main__":
    main()
