"""Search over HTTP at 20,000, 200,000 and 1,000,000 articles, beside the bare FTS5 query in the same run.

    DIEMTIN_SHARED=… python -m tests.bench search [--articles 20000 200000 1000000] [--folder DIR] [--rounds 5]
        [--pairs on|off] [--rows]

The archives are made of real texts (`haystack.py`) and kept in the folder for the next time. The archive
is served by a process of its own, as ``diemtin serve`` does; one client asks, one request at a time. A round
asks everything once; of a query's rounds the best counts, and p50 and p95 are over the queries. «Bare» is the
same FTS5 expression asked for its newest row numbers by sqlite3 on a connection with the same settings: 50, as
the feed gives, and 1,001, as the page counts; «rows» are the same as our own search finds them, without a page.
Both are milliseconds of CPU. ``--pairs`` makes the pair index first, or takes it away; ``--rows`` asks for rows
alone. The last table asks again while a process stores 40 articles a second.
"""

import argparse
import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from sqlite_utils import Database
from tabulate import tabulate

from archive.db import as_database
from archive.home import DEFAULTS
from archive.places.gazetteer import load_places
from archive.query import parse
from archive.schema import open_archive
from archive.search import pairs
from archive.search.cursor import Cursor
from tests.bench.asked import QUERIES, WORST
from tests.bench.haystack import build, sizes

PLACES = load_places(DEFAULTS / "places.yml")
BARE = (50, 1001)
HERE = Path(__file__).parent.parent.parent
RATE = 40  # articles stored a second meanwhile
_SERVE = """
import asyncio, socket, sys
from pathlib import Path
from archive.clock import utc_now
from archive.home import Home
from crawler.service.server import build_server
taken = socket.socket(fileno=int(sys.argv[2]))
asyncio.run(build_server(Home(Path(sys.argv[1])), utc_now).serve(sockets=[taken]))
"""
_BY_COMPUTING = """
import time
import archive.search.cursor
archive.search.cursor.monotonic = time.thread_time
"""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask: the address it goes to, and what is wanted at a million articles (p95, ms)."""

    name: str
    path: str
    params: dict[str, str]
    p95: int = 0
    aim: int = 0


WAYS = [
    Way("newest 50 (/tim.atom)", "/tim.atom", {}, 60, 15),
    Way("newest 20, facets, chart (/tim)", "/tim", {}, 400, 60),
    Way("ranked 20, facets, chart (/tim)", "/tim", {"xep": "dung"}, 300, 40),
]


@contextmanager
def served(home: Path) -> Iterator[tuple[str, int]]:
    """Host and port of the archive in a process of its own, with a look at a page behind it."""
    with served_by(home, HERE) as (host, port, _):
        yield host, port


@contextmanager
def served_by(home: Path, code: Path, *, idle: bool = False) -> Iterator[tuple[str, int, int]]:
    """The same of the code in a folder, with the number of the process.

    ``idle``: what a search may take is counted in computing time, as on a machine that does nothing else.
    """
    program = (_BY_COMPUTING if idle else "") + _SERVE
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.set_inheritable(True)
        host, port = taken.getsockname()
        command = [sys.executable, "-c", program, str(home), str(taken.fileno())]
        process = subprocess.Popen(
            command,
            pass_fds=[taken.fileno()],
            stderr=subprocess.DEVNULL,
            cwd=code,
        )
        try:
            ask(host, port, Way("", "/nguon", {}), "")
            yield host, port, process.pid
        finally:
            process.terminate()
            process.wait()


def ask(host: str, port: int, way: Way, query: str) -> float:
    """Milliseconds of one request on a connection of its own; raises for an answer other than 200."""
    began = time.perf_counter()
    with closing(http.client.HTTPConnection(host, port, timeout=60)) as connection:
        connection.request("GET", f"{way.path}?{urlencode({'q': query, **way.params})}")
        answer = connection.getresponse()
        text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{way.path} answers {answer.status} to {query}: {text[:2000]!r}")
    return (time.perf_counter() - began) * 1000


def bare(db: Database, limit: int, query: str) -> float:
    """CPU milliseconds of the plain FTS5 query for the newest rows; of the table, where no text is asked."""
    asked = parse(query, PLACES)
    began = time.process_time()
    sql = "select rowid from articles_fts where articles_fts match ? order by rowid desc limit ?"
    given: list[str | int] = [asked.fts, limit]
    if not asked.fts:
        sql, given = "select sort from articles order by sort desc limit ?", [limit]
    db.execute(sql, given).fetchall()
    return (time.process_time() - began) * 1000


def rows(db: Database, limit: int, query: str) -> float:
    """CPU milliseconds of our own search for the newest rows, by the pair index where there is one."""
    asked = parse(query, PLACES)
    began = time.process_time()
    with closing(Cursor(db, asked)) as cursor:
        cursor.newest(limit)
    return (time.process_time() - began) * 1000


def best_of(rounds: int, queries: Sequence[str], timed: Callable[[str], float]) -> list[float]:
    """The best time of each query, asked in turn."""
    taken = [[timed(query) for query in queries] for _ in range(rounds)]
    return [min(times) for times in zip(*taken, strict=True)]


def at(times: Sequence[float], share: float) -> float:
    """The time that this share of the queries keeps within."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(home: Path, rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Best times by way of asking, of the realistic queries and of the worst cases."""
    with served(home) as there:
        found = []
        for queries, plain in zip((QUERIES, WORST), measure_rows(home, rounds), strict=True):
            times = {way.name: best_of(rounds, queries, partial(ask, *there, way)) for way in WAYS}
            found.append({**plain, **times})
    return found[0], found[1]


def measure_rows(home: Path, rounds: int) -> list[dict[str, list[float]]]:
    """The same without a page: by FTS5 alone and by our own search."""
    with closing(sqlite3.connect(f"file:{home}/archive.db?mode=ro", uri=True)) as connection:
        db = as_database(connection)
        ways = [(f"bare {limit:,}", partial(bare, db, limit)) for limit in BARE]
        ways += [(f"rows {limit:,}", partial(rows, db, limit)) for limit in BARE]
        return [{name: best_of(rounds, queries, timed) for name, timed in ways} for queries in (QUERIES, WORST)]


def keep_pairs(home: Path, wanted: str) -> None:
    """Make the pair index of an archive, or take it away."""
    with closing(open_archive(home / "archive.db")) as db:
        began = time.perf_counter()
        if wanted == "off":
            pairs.drop(db)
        elif held := sum(pairs.build(db)):
            print(
                f"{held:,} articles put into the pair index in {time.perf_counter() - began:.0f} s", flush=True
            )


def tell(articles: int, plain: dict[str, list[float]], worst: dict[str, list[float]]) -> None:
    rows: list[tuple[str, ...]]
    rows = [(name, f"{at(times, 0.5):.1f}", f"{at(times, 0.95):.1f}", f"{max(times):.1f}", *_goal(name))
            for name, times in plain.items()]  # fmt: skip
    print(f"\n{articles:,} articles, {len(QUERIES)} queries, ms")
    print(tabulate(rows, ("", "p50", "p95", "longest", "p95 wanted", "aim"), "github"))
    head = [*worst, *(f"{what} of bare {limit:,}" for limit in BARE for what in ("wanted", "half"))]
    rows = [(f"`{query}`", *(f"{times[place]:.1f}" for times in worst.values()),
             *(f"{goal:.0f}" for limit in BARE for goal in _goals(worst[f"bare {limit:,}"][place])))
            for place, query in enumerate(WORST)]  # fmt: skip
    print("\nknown worst cases, ms; wanted at most 1.5 x bare + 10, aim half of bare")
    print(tabulate(rows, ("", *head), "github"), flush=True)


def _goals(bare_ms: float) -> tuple[float, float]:
    return 1.5 * bare_ms + 10, bare_ms / 2


def _goal(name: str) -> tuple[str, str]:
    way = next((one for one in WAYS if one.name == name), None)
    return (str(way.p95), str(way.aim)) if way else ("", "")


def while_storing(home: Path, rounds: int) -> None:
    """Ask without and with a process that stores articles beside it; all times count, not only the best."""
    with served(home) as there:
        rows = []
        for name in ("nothing else", f"{RATE} articles/s stored"):
            with _storing(home, name != "nothing else") as told:
                for way in WAYS[:2]:
                    times = [ask(*there, way, query) for _ in range(rounds) for query in QUERIES]
                    rows.append((way.name, name, f"{at(times, 0.5):.1f}", f"{at(times, 0.95):.1f}", len(times)))
        print(tabulate(rows, ("", "beside", "p50", "p95", "requests"), "github"))
        print(f"the writer: {told[0]}", flush=True)


@contextmanager
def _storing(home: Path, wanted: bool) -> Iterator[list[str]]:
    """Beside a process that stores articles; what it tells of it is there at the end."""
    told: list[str] = []
    if not wanted:
        yield told
        return
    command = [sys.executable, "-m", "tests.bench.storing", str(home), str(RATE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            time.sleep(2)
            yield told
        finally:
            told.append(process.communicate()[0].strip())


def made(folder: Path, corpus: Path, articles: int) -> Path:
    """The home of an archive of this size, built unless it is there."""
    home = folder / str(articles)
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "archive.db").exists():
        began = time.perf_counter()
        build(home / "archive.db", corpus, articles)
        print(f"{articles:,} articles built in {time.perf_counter() - began:.0f} s", flush=True)
    return home


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench search", description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[20_000, 200_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "diemtin-search")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", choices=["on", "off"])
    parser.add_argument("--rows", action="store_true")
    given = parser.parse_args()
    corpus = Path(os.environ["DIEMTIN_SHARED"]) / "corpus" / "vietnews-20k.jsonl.xz"
    homes = [made(given.folder, corpus, articles) for articles in given.articles]
    table = []
    for articles, home in zip(given.articles, homes, strict=True):
        if given.pairs:
            keep_pairs(home, given.pairs)
        size = sizes(home / "archive.db")
        shown = (f"{size[key] / 1e6:,.0f}" for key in ("text", "index", "pairs", "file"))
        table.append((f"{articles:,}", *shown, f"{size['index'] / size['text']:.2f}"))
    print(tabulate(table, ("articles", "text MB", "index MB", "pairs MB", "file MB", "index : text"), "github"))
    for articles, home in zip(given.articles, homes, strict=True):
        tell(articles, *(measure_rows if given.rows else measure)(home, given.rounds))
    if given.rows:
        return
    print(f"\nwhile articles are stored, {given.articles[-1]:,} articles, ms")
    while_storing(homes[-1], given.rounds)


if __name__ == "__main__":
    main()
