"""Workers, keeper and Redis beside one process: CPU a page, what one keeper can write, what waits in Redis.

    DIEMTIN_SHARED=… python -m tests.bench cluster-speed [--pages 400] [--outlets 4] [--rounds 2] [--only PART]

Parts: ``crawls`` (the same pages by one process, one worker, two workers), ``keeper`` (a keeper alone on ready
messages, and what waits in Redis while it stands still), ``same`` (the sample press by both, table by table).
CPU is the kernel's count of each process with its children; the best of the rounds counts. Seconds by the
clock are of a machine that does other things too: read their ratios in one run, no more.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tabulate import tabulate

from tests.bench.cluster import ceiling, crawls, same, waiting
from tests.bench.cluster.crawls import ALONE, Spent
from tests.bench.cluster.waiting import Stood
from tests.bench.haystack import build
from tests.cluster.redis_server import MISSING, PROGRAM

PARTS = ("crawls", "keeper", "same")
SETS = {"every page kept": ("all", 1), "1 % kept": ("relevant", 100)}
LARGE = 20_000  # articles of the archive that is not fresh
MB = 1e6


def show(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    print(tabulate(rows, heads, tablefmt="github", disable_numparse=True), "\n", flush=True)


def best(runs: list[Spent]) -> Spent:
    return min(runs, key=Spent.a_page)


def measure_crawls(folder: Path, asked: argparse.Namespace) -> None:
    for name, (keep, relevant) in SETS.items():
        runs: dict[str, list[Spent]] = {}
        with crawls.served(asked.pages, relevant, asked.outlets) as sources:
            for turn in range(asked.rounds):
                place = folder / f"{keep}-{turn}"
                for ways in (0, 1, 2):
                    own = place / str(ways)
                    own.mkdir(parents=True)
                    spent = crawls.there(own, sources, keep, ways) if ways else crawls.alone(own, sources, keep)
                    runs.setdefault(f"{ways} worker{'s' * (ways > 1)}" if ways else ALONE, []).append(spent)
                    print(f"{name}, {ways} workers: {spent}", file=sys.stderr, flush=True)
        print(f"### {asked.pages} pages of {asked.outlets} outlets, {name}\n")
        show_crawls(runs)


def show_crawls(runs: dict[str, list[Spent]]) -> None:
    one = best(runs[ALONE])
    fastest = {name: min(spent.wall / spent.pages for spent in spents) for name, spents in runs.items()}
    rows = []
    for name, spents in runs.items():
        spent = best(spents)
        parts = [f"{spent.a_page(part):.1f}" if part in spent.cpu else "" for part in
                 (ALONE, "workers", "keeper", "redis-server")]  # fmt: skip
        ratios = (f"{spent.a_page() / one.a_page():.2f}", f"{fastest[ALONE] / fastest[name]:.2f}")
        memory, processes = max(one.memory for one in spents)
        rows.append((name, *parts, f"{spent.a_page():.1f}", *ratios, f"{memory:.0f} MB, {processes}"))
    heads = ("CPU ms a page", "one process", "workers", "keeper", "redis-server", "all", "ratio",
             "pages a second by the clock, ratio", "memory (PSS), processes")  # fmt: skip
    show(heads, rows)


def measure_keeper(folder: Path, asked: argparse.Namespace) -> None:
    show(("bytes in Redis", ""), [(name, f"{size:,.0f}") for name, size in waiting.small(folder).items()])
    with crawls.served(asked.pages, 1, asked.outlets) as sources:
        stood = waiting.stand_still(folder / "stood", sources, asked.pages)
    show_stood(stood, asked.pages)
    large = folder / "large.db"
    archives: dict[str, Path | None] = {"fresh": None}
    if "DIEMTIN_SHARED" in os.environ:
        build(large, Path(os.environ["DIEMTIN_SHARED"]) / "corpus" / "vietnews-20k.jsonl.xz", LARGE)
        archives[f"{LARGE:,} articles"] = large
    rows = []
    for name, archive in archives.items():
        places = [folder / f"keeper-{bool(archive)}-{turn}" for turn in range(asked.rounds)]
        runs = [ceiling.work_off(place, sources, stood.messages, archive) for place in places]
        rows.append(_row(name, best([spent for spent, _ in runs]), runs[0][1]))
    heads = ("archive", "messages", "bytes each", "keeper, CPU ms each", "redis-server, CPU ms each",
             "a second of CPU", "a second by the clock (busy machine)")  # fmt: skip
    show(heads, rows)


def _row(name: str, spent: Spent, size: float) -> tuple[Any, ...]:
    keeper = spent.a_page(ceiling.KEEPER)
    return (name, spent.pages, f"{size:,.0f}", f"{keeper:.1f}", f"{spent.a_page('redis-server'):.2f}",
            f"{1000 / keeper:.0f}", f"{spent.pages / spent.wall:.0f}")  # fmt: skip


def show_stood(stood: Stood, pages: int) -> None:
    low, high = min(stood.memory), max(stood.memory)
    rows = [
        ("messages that waited at most", stood.most),
        ("bytes of a page's message in Redis", f"{stood.a_message:,.0f}"),
        ("used_memory when the keeper stopped, MB", f"{stood.before / MB:.1f}"),
        (
            f"used_memory in {len(stood.memory)} s with the stream full, MB",
            f"{low / MB:.2f} to {high / MB:.2f}",
        ),
        ("times that a worker had to wait", stood.stalls),
        ("pages that ended once it went on", f"{stood.pages} of {pages}: {stood.outcomes}"),
    ]
    show(("the keeper stands still (SIGSTOP)", ""), rows)


def measure_same(folder: Path, _: argparse.Namespace) -> None:
    show(("database", "table", "one process", "cluster", ""), list(same.both(folder)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=400)
    options.add_argument("--outlets", type=int, default=4)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--only", choices=PARTS)
    asked = options.parse_args()
    if not PROGRAM:
        sys.exit(MISSING)
    with tempfile.TemporaryDirectory(prefix="diemtin-bench-") as name:
        for part in PARTS:
            if asked.only in (None, part):
                folder = Path(name) / part
                folder.mkdir()
                {"crawls": measure_crawls, "keeper": measure_keeper, "same": measure_same}[part](folder, asked)


if __name__ == "__main__":
    main()
