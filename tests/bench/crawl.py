"""The loopback press crawled by the real command: what is stored and fetched again, manners, cost, memory.

    python -m tests.bench crawl [--outlets 50] [--articles 100] [--delay 10] [--only first|memory] [--pages N]

Figures on requests and bytes are of the server's own log. Bare Scrapy fetches the same articles in the same
run.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from tabulate import tabulate

from tests.bench.press import Access, Press, Size, running

BARE = Path(__file__).parent / "bare.py"
ARTICLE = "/bai-viet/"
EARLY = 0.001  # seconds by which the server may see a request sooner after the last than the crawler sent it


@dataclass(slots=True)
class Spent:
    """What a command took, in seconds, and its memory in MB, sampled each second."""

    since: float = field(default_factory=time.monotonic)
    wall: float = 0.0
    cpu: float = 0.0
    out: str = ""
    rss: list[tuple[float, float]] = field(default_factory=list)


def spend(command: list[str]) -> Spent:
    """Run a command to its end; its CPU is what the kernel says of the process."""
    spent = Spent()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env=_environment())
        done = threading.Event()
        watch = threading.Thread(target=_sample, args=(process.pid, spent, done))
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watch.join()
        spent.wall, spent.cpu = time.monotonic() - spent.since, used.ru_utime + used.ru_stime
        out.seek(0)
        spent.out = out.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)}: ended with {process.returncode}")
    return spent


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DIEMTIN_HOME")}


def _sample(pid: int, spent: Spent, done: threading.Event) -> None:
    """Note the memory of the process and of those it started, each second."""
    while not done.wait(1):
        resident = sum(map(_resident, family(pid)))
        if resident:
            spent.rss.append((time.monotonic(), resident))


def family(pid: int) -> Iterator[int]:
    """A process and all that it started and that are there."""
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in proc(path).split():
            yield from family(int(child))


def _resident(pid: int) -> float:
    """VmRSS in MB; 0 for a process that ended."""
    lines = proc(Path(f"/proc/{pid}/status")).splitlines()
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def proc(path: Path) -> str:
    """What the kernel says there; nothing of a process that ended."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def home_for(press: Press, folder: Path, delay: int, keep: str) -> Path:
    """A home whose sources are the outlets of the press."""
    path = folder / "config" / "sources.yml"
    path.parent.mkdir(parents=True)
    defaults = {
        "delay": f"{delay}ms",
        "keep": keep,
        "revisit": ["1h", "6h", "1d"],
        "contact": "bench@example.org",
    }
    data = {"defaults": defaults, "sources": press.sources()}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return folder


def crawl(home: Path) -> Spent:
    """``diemtin crawl`` of all outlets."""
    return spend([sys.executable, "-m", "crawler", "--home", str(home), "crawl", "--json"])


def outcomes(spent: Spent) -> Counter[str]:
    """What the crawl says came of its pages."""
    total: Counter[str] = Counter()
    for run in json.loads(spent.out):
        total.update(run["outcomes"])
    return total


def kept(home: Path) -> Counter[str]:
    """How often each address stands in the archive."""
    with closing(sqlite3.connect(home / "archive.db")) as db:
        return Counter(url for (url,) in db.execute("select url from articles"))


def by_host(accesses: Iterable[Access]) -> Iterator[list[Access]]:
    """The requests of each host, in order."""
    hosts: dict[str, list[Access]] = defaultdict(list)
    for one in accesses:
        hosts[one.host].append(one)
    for visits in hosts.values():
        yield sorted(visits, key=lambda one: one.start)


def manners(accesses: list[Access], delay: float) -> dict[str, Any]:
    """Pairs of requests of one host that overlap, and that follow sooner than the delay (in seconds)."""
    overlaps, gaps = 0, []
    for visits in by_host(accesses):
        overlaps += sum(second.start < first.end for first, second in pairwise(visits))
        gaps += [second.start - first.start for first, second in pairwise(visits)]
    early = sorted(gap for gap in gaps if gap < delay - EARLY)
    return {"overlaps": overlaps, "pairs": len(gaps), "early": len(early), "shortest": min(gaps)}


def articles_of(accesses: Iterable[Access]) -> Counter[str]:
    return Counter(f"http://{one.host}{one.path}" for one in accesses if one.path.startswith(ARTICLE))


def first_and_second(press: Press, asked: argparse.Namespace, folder: Path) -> None:
    """Crawl twice, then bare Scrapy; print what came of it."""
    home, listed = home_for(press, folder / "home", asked.delay, "all"), press.articles(asked.articles)
    one = crawl(home)
    seen_one, stored = press.accesses(one.since), kept(home)
    two = crawl(home)
    seen_two = press.accesses(two.since)
    bytes_one, bytes_two = (sum(access.sent for access in seen) for seen in (seen_one, seen_two))
    fetched, polite = articles_of(seen_one), manners(seen_one + seen_two, asked.delay / 1000)
    print(f"\n### {len(press.hosts)} outlets, {len(listed)} articles, delay {asked.delay} ms\n")
    rows = [
        ("listed articles stored", f"{len(set(listed) & set(stored))} of {len(listed)}"),
        ("stored twice, or not listed", sum(stored.values()) - len(set(listed) & set(stored))),
        ("fetched more than once", sum(count > 1 for count in fetched.values())),
        ("outcomes", json.dumps(outcomes(one))),
        ("bytes of the first crawl", f"{bytes_one:,} in {len(seen_one)} requests"),
        (
            "bytes of the second crawl",
            f"{bytes_two:,} in {len(seen_two)} requests ({bytes_two / bytes_one:.2%})",
        ),
        ("articles fetched by the second crawl (none was due)", sum(articles_of(seen_two).values())),
        ("requests of a host that overlap", f"{polite['overlaps']} of {polite['pairs']}"),
        (f"sooner than {asked.delay} ms after the last", f"{polite['early']} of {polite['pairs']}"),
        ("shortest time between two", f"{1000 * polite['shortest']:.1f} ms"),
    ]
    print(tabulate(rows, ("what", "found"), tablefmt="github"), flush=True)
    compare(one, listed, asked.delay / 1000, folder)


def compare(ours: Spent, listed: list[str], delay: float, folder: Path) -> None:
    """Cost a page beside bare Scrapy's."""
    addresses = folder / "addresses.txt"
    addresses.write_text("\n".join(listed), encoding="ascii")
    command = [sys.executable, str(BARE), str(addresses), str(delay)]
    spents = {
        "diemtin crawl (lists, reading, judging, storing, raw pages)": ours,
        "bare Scrapy, fetching only": spend(command),
        "bare Scrapy and trafilatura's text": spend([*command, "--read"]),
    }
    rows = [
        (
            name,
            f"{spent.wall:.1f}",
            f"{spent.cpu:.1f}",
            f"{1000 * spent.wall / len(listed):.1f}",
            f"{1000 * spent.cpu / len(listed):.1f}",
            f"{max((mb for _, mb in spent.rss), default=0):.0f}",
        )
        for name, spent in spents.items()
    ]
    heads = ("", "wall s", "CPU s", "wall ms a page", "CPU ms a page", "most memory MB")
    print("\n" + tabulate(rows, heads, tablefmt="github", disable_numparse=True), flush=True)


def memory(outlets: int, pages: int, delay: int, keep: str, folder: Path) -> None:
    """The memory of one crawl by how many of its pages were answered."""
    with running(Size(outlets, pages // outlets), folder / "long.log") as press:
        home = home_for(press, folder / "long", delay, keep)
        spent = crawl(home)
        answered = sorted(one.end for one in press.accesses() if one.path.startswith(ARTICLE))
    print(f"\n### One crawl of {len(answered)} pages (`keep: {keep}`), {json.dumps(outcomes(spent))}\n")
    rows = []
    for share in (5, 25, 50, 75, 100):
        at = answered[len(answered) * share // 100 - 1]
        rows.append((f"{share} %", f"{min(spent.rss, key=lambda one: abs(one[0] - at))[1]:.0f} MB"))
    rows.append(("most", f"{max(mb for _, mb in spent.rss):.0f} MB"))
    print(tabulate(rows, ("pages answered", "resident memory"), tablefmt="github", disable_numparse=True))
    print(f"\n{spent.wall:.0f} s, {1000 * spent.cpu / len(answered):.1f} ms of CPU a page")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--outlets", type=int, default=50)
    options.add_argument("--articles", type=int, default=100, help="of each outlet")
    options.add_argument("--delay", type=int, default=10, help="milliseconds between requests to one host")
    options.add_argument("--pages", type=int, default=20_000, help="of the crawl whose memory is watched")
    options.add_argument("--keep", choices=("all", "relevant"), default="all", help="in that crawl")
    options.add_argument("--only", choices=("first", "memory"))
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="diemtin-bench-") as name:
        folder = Path(name)
        if asked.only != "memory":
            with running(Size(asked.outlets, asked.articles), folder / "press.log") as press:
                first_and_second(press, asked, folder)
        if asked.only != "first":
            memory(asked.outlets, asked.pages, asked.delay, asked.keep, folder)


if __name__ == "__main__":
    main()
