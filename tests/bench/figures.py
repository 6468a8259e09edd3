"""Figures: reading them off a text, and the ledger's pages at the bound of the figures looked at.

    python -m tests.bench figures [--articles 4000] [--rounds 9]

The reader's cost is told of real press texts (DIEMTIN_SHARED) and of those of the quality floors. The
ledger holds five figures of known indicators an article, of six outlets over ten years; a few disagree, a
tenth are targets. The archive is served by a process of its own; one client asks, one request at a time, and
the best of the rounds counts.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from sqlite_utils import Database
from tabulate import tabulate

from archive.clock import stamp
from archive.db import SORT_SLOTS, sort_at, writing
from archive.figures.conflicts import conflicts
from archive.figures.indicators import Indicators, load_indicators
from archive.figures.ledger import load_points
from archive.figures.promises import promises
from archive.home import DEFAULTS
from archive.places.gazetteer import load_places
from archive.schema import open_archive
from pipelines.figures import find_figures
from tests.bench.haystack import read_corpus
from tests.bench.search import Way, ask, served

FIGURES = 5  # an article
LAST = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 3650
WORDS = 600
PRESS = 200  # real texts
TEXTS = Path(__file__).parent.parent / "quality" / "figures"
PAGES = ["/so-lieu", "/so-lieu/{key}", "/so-lieu/{key}.csv"]


def build(path: Path, articles: int, known: Indicators) -> str:
    """An archive with its ledger filled; the indicator that has the most figures."""
    rng = random.Random(16)
    keys = list(known.known)
    with closing(open_archive(path)) as db:
        outlets = [{"key": f"bao-{at}", "name": f"Báo {at}"} for at in range(6)]
        db.table("sources").insert_all(outlets, pk="key")
        with writing(db):
            for at in range(1, articles + 1):
                _article(db, at, articles, rng, keys, known)
        (key,) = db.execute("select key from figures group by 1 order by count(*) desc limit 1").fetchone()
    return str(key)


def _article(
    db: Database, at: int, articles: int, rng: random.Random, keys: list[str], known: Indicators
) -> None:
    day = LAST - timedelta(days=DAYS * (articles - at) / articles)
    source = f"bao-{rng.randrange(6)}"
    db.execute(
        """insert into articles (id, sort, url, source, title, lead, body, published_at, first_seen_at,
           last_seen_at, sha256) values (?, ?, ?, ?, ?, '', ?, ?, ?, ?, '')""",
        (at, sort_at(day) + at % SORT_SLOTS, f"https://{source}.example/{at}", source, f"Kết quả {at}",
         "Tỉnh công bố kết quả. " * 60, *(stamp(day),) * 3),
    )  # fmt: skip
    for key in rng.sample(keys, FIGURES):
        one = known.known[key]
        target = rng.random() < 0.1
        db.table("figures").insert(
            {
                "article_id": at, "key": key, "indicator": one.name, "unit": one.units[0] if one.units else "",
                "value": 100 + (day.year - 2016) * 5 + (rng.random() < 0.05), "qualifier": "", "base": "",
                "kind": "target" if target else "actual",
                "period": str(day.year + 3 if target else day.year), "subject_kind": "province",
                "subject": "Thái Nguyên", "place": "Thái Nguyên", "quote": f"{one.name} đạt.",
                "starts": 0, "ends": 3,
            }
        )  # fmt: skip


def best(rounds: int, task: Callable[[], object]) -> float:
    """Milliseconds of CPU, the best of the rounds."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        task()
        taken.append((time.process_time() - began) * 1000)
    return min(taken)


def reader_cost(texts: list[str], rounds: int, known: Indicators) -> float:
    """CPU ms for 600 words: of all the texts together."""
    places = load_places(DEFAULTS / "places.yml")
    spent = sum(best(rounds, partial(find_figures, text, LAST, known, places, dated=True)) for text in texts)
    return spent * WORDS / sum(len(text.split()) for text in texts)


def dense() -> list[str]:
    """Texts of the quality floors, where every eighth word is a figure."""
    lines = [line for path in sorted(TEXTS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    return [
        "\n".join(filter(None, (row.get(part) for part in ("title", "lead", "body", "text")))) for row in rows
    ]


def press() -> list[str]:
    """Real texts as they come; none where DIEMTIN_SHARED is not set."""
    folder = os.environ.get("DIEMTIN_SHARED")
    if not folder:
        return []
    rows = islice(read_corpus(Path(folder) / "corpus" / "vietnews-20k.jsonl.xz"), PRESS)
    return ["\n".join(row) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench figures", description=__doc__)
    parser.add_argument("--articles", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    known = load_indicators(DEFAULTS / "indicators.yml")
    for name, texts in (("press texts", press()), ("texts made of figures", dense())):
        if texts:
            print(
                f"reading {len(texts)} {name}: {reader_cost(texts, 3, known):.1f} ms of CPU for {WORDS} words"
            )
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        key = build(home / "archive.db", given.articles, known)
        rows = [("load all", 0.0), ("conflicts", 0.0), ("promises", 0.0)]
        with closing(open_archive(home / "archive.db")) as db:
            points = load_points(db)
            tasks = (
                partial(load_points, db),
                partial(conflicts, points, known),
                partial(promises, points, known),
            )
            rows = [(name, best(given.rounds, task)) for (name, _), task in zip(rows, tasks, strict=True)]
        with served(home) as there:
            for page in PAGES:
                way = Way(page, page.format(key=key), {})
                rows.append((f"{page} over HTTP", min(ask(*there, way, "") for _ in range(given.rounds))))
        print(
            tabulate([(name, f"{ms:.0f}") for name, ms in rows], ("", f"ms, {len(points):,} points"), "github")
        )


if __name__ == "__main__":
    main()
