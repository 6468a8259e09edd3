"""Ten years of sixty sources in numbers: sizes by kind, with and without retention, from measured parts.

    DIEMTIN_SHARED=… python -m tests.bench.years.growth --hay FOLDER [--scale 4]

Measured: bytes of a run, a look, an address, a fetch, of facts and stories of an article (a crawl of the sample
press, four times its stock); of the text of an article with its index (FOLDER/archive.db, a large archive of
real texts, see tests/bench/haystack.py); of a raw page (real pages of the shared collection, packed as they
came, site by site); the share of national items that is kept (56 of 14,434 of two months). Assumed, and
printed: the rest of ``Press``.
"""

import argparse
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlite_utils import Database
from tabulate import tabulate

from archive.clock import utc_now
from archive.growth.config import Retention
from archive.growth.sizes import by_kind, measure
from archive.home import Home
from archive.pages import RawPage, keep, open_pages
from crawler.demo import DemoPress
from crawler.demo.run import write_config

YEARS = (1, 3, 5, 10)
DAYS = 365
ROUNDS = 3


@dataclass(frozen=True)
class Press:
    """Sixty sources; the share ``relevant`` is measured, the rest is assumed."""

    nationals: int = 46  # of which what names the province is kept
    national: float = 150.0  # items a day of one of them
    locals: int = 14  # the province's own, kept whole
    local: float = 20.0  # items a day of one of them
    relevant: float = 56 / 14_434  # of national items: kept
    named: float = 0.02  # of national items: refused though the page names a place, so that the page is kept
    looks: int = 7  # at a kept article: first, and at the six ages
    edited: float = 0.1  # of kept articles: one more version and raw page
    runs: int = 24  # a day and source

    @property
    def seen(self) -> float:
        """Addresses a day."""
        return self.nationals * self.national + self.locals * self.local

    @property
    def kept(self) -> float:
        """Articles a day."""
        return self.nationals * self.national * self.relevant + self.locals * self.local

    @property
    def refused_pages(self) -> float:
        """Raw pages of refused stories a day."""
        return self.nationals * self.national * self.named


def raw_page(shared: Path) -> float:
    """Bytes of a raw page as it is kept, with its dictionaries, but for the first page of each site."""
    with tempfile.TemporaryDirectory() as folder, closing(open_pages(Path(folder) / "pages.db")) as db:
        sites: set[str] = set()
        total, count = 0, 0
        for gold in sorted((shared / "pages").glob("*/gold.jsonl")):
            for one in map(json.loads, gold.read_text(encoding="utf-8").splitlines()):
                site, before = urlsplit(one.get("url") or "").netloc, _packed(db)
                body = gzip.decompress((shared / "pages" / one["file"]).read_bytes())
                keep(db, RawPage(one["id"], site, datetime.now(UTC), "text/html", body))
                if site and site in sites:
                    total, count = total + _packed(db) - before, count + 1
                sites.add(site)
        return total / count


def _packed(db: Database) -> int:
    sql = "select (select sum(length(body)) from pages), (select sum(length(body)) from dictionaries)"
    pages, dictionaries = db.execute(sql).fetchone()
    return int(pages or 0) + int(dictionaries or 0)


def crawled(scale: int) -> dict[str, float]:
    """Bytes a row, or an article, of what a crawl of the sample press leaves."""
    with tempfile.TemporaryDirectory() as folder, DemoPress(utc_now(), scale=scale) as press:
        home = Home.at(folder)
        write_config(home, press)
        for _ in range(ROUNDS):
            command = [sys.executable, "-m", "crawler", "--home", folder, "crawl", "--json"]
            subprocess.run(command, check=True, capture_output=True)
            time.sleep(3)
        return _units(home)


def _units(home: Home) -> dict[str, float]:
    units: dict[str, float] = {}
    for name, tables in (("archive", ("articles", "runs")), ("pages", ("visits", "addresses", "fetches"))):
        sizes = measure(home.path / f"{name}.db") or {}
        with closing(sqlite3.connect(home.path / f"{name}.db")) as db:
            for table in tables:
                rows = db.execute(f"select count(*) from {table}").fetchone()[0]
                units[table] = sizes[table] / max(rows, 1)
                if table == "articles":
                    kinds = by_kind(name, sizes)
                    units["facts"] = (kinds["facts"] + kinds["stories"]) / rows
    return units


def text_and_index(hay: Path) -> tuple[float, float, int]:
    """Bytes of an article's text, of its index, and how many articles were measured."""
    kinds = by_kind("archive", measure(hay / "archive.db") or {})
    with closing(sqlite3.connect(f"file:{hay / 'archive.db'}?mode=ro", uri=True)) as db:
        count = db.execute("select count(*) from articles").fetchone()[0]
    return kinds["texts"] / count, kinds["search"] / count, count


def daily(press: Press, unit: dict[str, float]) -> dict[str, tuple[float, str]]:
    """Bytes a day of each kind, and the rule that it goes by ('' for none)."""
    edited, others = 1 + press.edited, press.seen - press.kept
    return {
        "texts and versions": (press.kept * unit["text"] * (1 + edited), ""),
        "search index": (press.kept * unit["index"], ""),
        "facts, stories, events": (press.kept * unit["facts"], ""),
        "runs": ((press.nationals + press.locals) * press.runs * unit["runs"], "runs"),
        "raw pages of articles": (press.kept * edited * unit["raw"], ""),
        "how they came": (press.kept * edited * unit["fetches"], ""),
        "raw pages of refused stories": (press.refused_pages * unit["raw"], "refused_pages"),
        "looks at articles": (press.kept * press.looks * unit["visits"], ""),
        "looks at other addresses": (others * 1.5 * unit["visits"], "visits"),
        "addresses of articles": (press.kept * unit["addresses"], ""),
        "other addresses": (others * unit["addresses"], "addresses"),
    }


def kept_days(rule: str, days: float, retention: Retention) -> float:
    """Days of a kind that are there after so many days."""
    limit: int | str = getattr(retention, rule) if rule else "forever"
    return days if limit == "forever" else min(days, float(limit))


def table(press: Press, unit: dict[str, float]) -> None:
    """Print the sizes after some years."""
    rows: list[list[str | float]] = []
    retention = Retention()
    for name, (size, rule) in daily(press, unit).items():
        of = [size * kept_days(rule, years * DAYS, retention) / 1e9 for years in YEARS]
        rows.append([name, size / 1e6, *of, size * YEARS[-1] * DAYS / 1e9])
    rows.append(
        ["all of it", *(sum(float(one) for one in column) for column in list(zip(*rows, strict=True))[1:])]
    )
    heads = ["kind", "MB a day", *(f"{years} y, GB" for years in YEARS), "10 y, nothing put away"]
    print(tabulate(rows, heads, floatfmt=".2f", tablefmt="github"))
    after = ", ".join(f"{press.kept * DAYS * years:,.0f} after {years}" for years in YEARS)
    print(f"\narticles: {after}; a day {press.kept:,.0f} of {press.seen:,.0f} addresses")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hay", type=Path, required=True)
    parser.add_argument("--scale", type=int, default=4)
    options = parser.parse_args()
    shared = Path(os.environ["DIEMTIN_SHARED"])
    unit = crawled(options.scale)
    unit["text"], unit["index"], count = text_and_index(options.hay)
    unit["raw"] = raw_page(shared)
    press = Press()
    print(f"bytes each ({count:,} articles of text and index measured):")
    print(tabulate(sorted(unit.items()), floatfmt=",.0f", tablefmt="github"), "\n")
    print(press, "\n")
    table(press, unit)


if __name__ == "__main__":
    main()
