"""A thousand and ten thousand alert rules over real texts, beside trying each rule on each article.

    DIEMTIN_SHARED=… python -m tests.bench alerts [--texts 10000] [--rules 1000 10000] [--naive 40]

Rules are made of words of the texts, seeded: phrases with and without marks, OR, all of several words,
exclusion, prefix, title. «Naive» tries every rule on an article in plain Python (the article's words cut
once), on as many articles as ``--naive`` says, spread over all. Every rule is also run as a search over an
archive that holds the texts: both must name the same articles.
"""

import argparse
import json
import lzma
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database
from tabulate import tabulate

from archive.db import SORT_SLOTS
from archive.digests.alerts import BATCH
from archive.model import Article
from archive.query import Query, parse
from archive.schema import open_archive
from archive.search.cursor import Cursor
from archive.search.match import FoldedText, holds
from archive.search.percolator import Percolator
from archive.text import fold

DAY = datetime(2026, 1, 1, tzinfo=UTC)
CRAWLED = 20  # articles that a crawl brings between two looks at the rules
ROW = """insert into articles (id, sort, url, source, title, lead, body, first_seen_at, last_seen_at, sha256)
         values (?, ?, ?, 'bao', ?, ?, ?, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '')"""


def texts(shared: Path, wanted: int) -> list[Article]:
    """The first articles of the corpus."""
    with lzma.open(shared / "corpus" / "vietnews-20k.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(wanted), strict=False)]
    return [
        Article(f"u{at}", "bao", row["title"], row["lead"], row["body"], published_at=DAY)
        for at, row in enumerate(rows)
    ]


def rules(articles: Sequence[Article], wanted: int, seed: int = 7) -> dict[str, Query]:
    """As a department would write them: mostly names and phrases, some of several parts."""
    rng = random.Random(seed)
    made: dict[str, Query] = {}
    while len(made) < wanted:
        text = _rule(rng, articles)
        made.setdefault(text, parse(text))
    return made


def _rule(rng: random.Random, articles: Sequence[Article]) -> str:
    def phrase(most: int = 4) -> str:
        while True:
            words = [word for word in rng.choice(articles).text.split() if word.isalpha()]
            length = rng.randint(2, most)
            if len(words) > length:
                at = rng.randrange(len(words) - length)
                return " ".join(words[at : at + length]).lower()

    quoted = f'"{phrase()}"'
    kind = rng.random()
    if kind < 0.35:
        return quoted
    if kind < 0.55:
        return fold(quoted)
    if kind < 0.7:
        return f'{quoted} OR "{phrase()}" OR "{fold(phrase())}"'
    if kind < 0.85:
        return f"{phrase(3)} {fold(phrase(2))}"
    if kind < 0.92:
        return f'"{phrase(2)}" -"{phrase(2)}"'
    return f"{phrase(2)}*" if kind < 0.96 else f'tiêu đề:"{phrase(2)}"'


def archived(articles: Sequence[Article]) -> Database:
    """An archive in memory that holds the texts; the row of an article is its place."""
    db = open_archive(":memory:")
    db.conn.executemany(
        ROW,
        ((at + 1, at * SORT_SLOTS, one.url, one.title, one.lead, one.body) for at, one in enumerate(articles)),
    )
    return db


def percolated(queries: dict[str, Query], articles: Sequence[Article], batch: int) -> Iterator[set[str]]:
    """The rules that match each article, in batches as a crawl brings them."""
    percolator = Percolator(queries)
    for at in range(0, len(articles), batch):
        yield from percolator.match(articles[at : at + batch])


def naive(queries: dict[str, Query], articles: Sequence[Article]) -> Iterator[set[str]]:
    """Every rule tried on every article."""
    for article in articles:
        title, text = FoldedText(article.title), FoldedText(article.text)
        yield {name for name, query in queries.items() if holds(query, title, text)}


def searched(db: Database, queries: dict[str, Query], articles: int) -> list[set[str]]:
    """The rules that find each article as a search."""
    found: list[set[str]] = [set() for _ in range(articles)]
    for name, query in queries.items():
        for row in Cursor(db, query).newest(-1):
            found[row // SORT_SLOTS].add(name)
    return found


def measured(articles: Sequence[Article], db: Database, count: int, sample: int) -> list[object]:
    """One line of the table."""
    queries = rules(articles, count)
    costs = []
    for batch in (CRAWLED, BATCH):
        began = time.process_time()
        matched = list(percolated(queries, articles, batch))
        costs.append(1000 * (time.process_time() - began) / len(articles))
    step = max(1, len(articles) // sample)
    began = time.process_time()
    tried = list(naive(queries, articles[::step]))
    plain = 1000 * (time.process_time() - began) / len(tried)
    wrong = sum(one != other for one, other in zip(matched, searched(db, queries, len(articles)), strict=True))
    wrong_tried = sum(one != other for one, other in zip(matched[::step], tried, strict=True))
    hits = sum(map(len, matched))
    return [
        f"{count:,}", f"{hits:,}", f"{costs[0]:.2f}", f"{costs[1]:.2f}", f"{plain:.1f}",
        f"{plain / costs[0]:.0f} ×", wrong, f"{wrong_tried} of {len(tried)}",
    ]  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--texts", type=int, default=10_000)
    options.add_argument("--rules", type=int, nargs="+", default=[1000, 10_000])
    options.add_argument("--naive", type=int, default=40, help="articles on which every rule is tried")
    asked = options.parse_args()
    if "DIEMTIN_SHARED" not in os.environ:
        sys.exit("DIEMTIN_SHARED: set it to the folder with corpus/")
    articles = texts(Path(os.environ["DIEMTIN_SHARED"]), asked.texts)
    db = archived(articles)
    heads = (
        "rules", "matches", f"ms an article, {CRAWLED} at once", f"{BATCH} at once", "naive", "naive to 20",
        "articles where search says otherwise", "where naive says otherwise",
    )  # fmt: skip
    rows = [measured(articles, db, count, asked.naive) for count in asked.rules]
    print(f"\n### {len(articles):,} texts, CPU\n\n{tabulate(rows, heads, tablefmt='github')}")


if __name__ == "__main__":
    main()
