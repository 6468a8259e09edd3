"""What pages of the search cost: over HTTP and in computing time, beside another version of the code.

    python -m tests.bench pages [--folder DIR] [--articles 20000 …] [--before CODE] [--rounds 5] [--idle]

The archives are those of ``bench search``, kept in the folder; none is changed, so that both versions must know
their schema. Each version is served by a process of its own. A round asks everything once of each in turn, so
that both meet the same load; of a query's rounds the best counts, by the clock and by the processor (all
threads of the serving process). ``--idle``: what a search may take is counted in computing time, so that on a
busy machine a page holds, and costs the processor, as much as on an idle one.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from os import getloadavg
from pathlib import Path

from tabulate import tabulate

from tests.bench.asked import QUERIES
from tests.bench.search import HERE, WAYS, Way, ask, at, served_by


@dataclass(slots=True)
class PageTimes:
    """The best milliseconds of each query: by the clock, and of the processor."""

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    def add(self, query: str, wall: float, cpu: float) -> None:
        self.wall[query] = min(self.wall.get(query, wall), wall)
        self.cpu[query] = min(self.cpu.get(query, cpu), cpu)


def asked(home: Path, codes: Sequence[Path], rounds: int, idle: bool) -> Iterator[tuple[Way, list[PageTimes]]]:
    """By way of asking, the times of each version."""
    with ExitStack() as stack:
        servers = [stack.enter_context(served_by(home, code, idle=idle)) for code in codes]
        for way in WAYS:
            times = [PageTimes() for _ in codes]
            for query in QUERIES * rounds:
                for (host, port, process), one in zip(servers, times, strict=True):
                    used = _used(process)
                    wall = ask(host, port, way, query)
                    one.add(query, wall, _used(process) - used)
            yield way, times


def _used(process: int) -> float:
    """Milliseconds that a process has computed (Linux)."""
    return time.clock_gettime(~process << 3 | 2) * 1000


def told(times: PageTimes) -> list[str]:
    """p50 / p95 by the clock and of the processor."""
    return [
        f"{at(list(of.values()), 0.5):.1f} / {at(list(of.values()), 0.95):.1f}"
        for of in (times.wall, times.cpu)
    ]


def tell(home: Path, codes: Sequence[Path], rounds: int, idle: bool) -> None:
    rows = [
        (way.name, _called(code), *told(one))
        for way, times in asked(home, codes, rounds, idle)
        for code, one in zip(codes, times, strict=True)
    ]
    print(f"\n{home.name} articles, {len(QUERIES)} queries, ms, p50 / p95; load {getloadavg()[0]:.1f}")
    print(tabulate(rows, ("", "code", "by the clock", "of the processor"), "github"), flush=True)


def _called(code: Path) -> str:
    return "this" if code == HERE else "before"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench pages", description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[20_000, 200_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "diemtin-search")
    parser.add_argument("--before", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", action="store_true")
    given = parser.parse_args()
    codes = [given.before.absolute(), HERE] if given.before else [HERE]
    for articles in given.articles:
        tell(given.folder / str(articles), codes, given.rounds, given.idle)


if __name__ == "__main__":
    main()
