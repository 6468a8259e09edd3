"""The sample press through one process and through the cluster: both databases, table by table."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from archive.clock import utc_now
from crawler.demo import DemoPress
from tests.bench.cluster.crawls import redis_at, wait
from tests.cluster.running import cluster, started
from tests.cluster.test_whole import home_of, opened

OWN = re.compile(r"(^id|_id|_at|^at|^sort|^times|sha256|^seconds|^etag|^bytes|^size)$")
SHADOW = re.compile(r"_(data|idx|docsize|config|content)$")


def both(folder: Path) -> list[tuple[str, str, int, int, str]]:
    """Database, table, rows of either, and whether they are the same or how many differ."""
    now = utc_now()
    with DemoPress(now) as press:
        one = home_of(folder / "one", press)
        _crawl(folder, one)
    with DemoPress(now) as press, redis_at(folder / "redis") as server:
        other = home_of(folder / "other", press)
        with cluster(folder, server.url, other, workers=2):
            _crawl(folder, other, "--cluster", server.url)
    return [row for name in ("archive", "pages") for row in _compared(name, one, other)]


def _crawl(folder: Path, home: Path, *words: str) -> None:
    crawl = started(folder / "crawl.log", "--home", str(home), "crawl", *words)
    wait(lambda: crawl.poll() is not None)
    assert crawl.returncode == 0, (folder / "crawl.log").read_text()


def _compared(name: str, one: Path, other: Path) -> Iterator[tuple[str, str, int, int, str]]:
    with ExitStack() as stack:
        dbs = [stack.enter_context(opened(home / f"{name}.db")) for home in (one, other)]
        for home, db in zip((one, other), dbs, strict=True):
            db.execute("attach ? as known", [str(home / "archive.db")])
        tables = [row[0] for row in dbs[0].execute("select name from main.sqlite_master where type = 'table'")]
        for table in sorted(tables):
            if not SHADOW.search(table) and not table.startswith(("sqlite_", "_")):
                rows = [list(_rows(db, table)) for db in dbs]
                yield name, table, len(rows[0]), len(rows[1]), _differ(*rows)


def _differ(one: list[dict[str, str]], other: list[dict[str, str]]) -> str:
    """In which columns the rows differ."""
    if _counted(one, ()) == _counted(other, ()):
        return "the same"
    names = one[0] if one else other[0]
    own = [name for name in names if _counted(one, (name,)) != _counted(other, (name,))]
    return f"differ in {', '.join(own) or 'what stands with what'}"


def _counted(rows: list[dict[str, str]], names: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    """The rows without order; of all columns, or of some."""
    return Counter(tuple(row[name] for name in names or row) for row in rows)


def _rows(db: sqlite3.Connection, table: str) -> Iterator[dict[str, str]]:
    """The rows without numbers, times and the port of the press; an article by its address."""
    addresses = dict(db.execute("select id, url from known.articles").fetchall())
    for row in map(dict, db.execute(f"select * from main.{table}")):
        kept: dict[str, Any] = {key: value for key, value in row.items() if not OWN.search(key)}
        if "article_id" in row:
            kept["article"] = addresses.get(row["article_id"])
        yield {name: re.sub(r"127\.0\.0\.1:\d+", "press", repr(value)) for name, value in kept.items()}
