"""``reprocess --try`` on 5,000 articles of 90 days: its CPU time, and that it equals the stage classify.

``python -m tests.bench trial [--articles 5000]``; real texts where DIEMTIN_SHARED names them, else made-up.
"""

import argparse
import contextlib
import json
import lzma
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from archive.articles import store
from archive.cases.trial import RuleProposal, TrialReport
from archive.clock import moment, stamp, utc_now
from archive.db import reading, writing
from archive.home import Home
from archive.model import Article
from archive.schema import open_archive
from crawler.asked.trial import DAYS, try_rules
from pipelines.classify import classify
from pipelines.classify.trial import apply
from pipelines.item import Context, ContextFiles, Item, Reject
from tests.bench.prose import piece

SEED = 15
PROPOSALS = {
    "one word": [RuleProposal("word", "cong-nghiep", "robot", "0", "3")],
    "a common word": [RuleProposal("word", "cong-nghiep", "phát triển", "0", "2")],
    "five words": [
        RuleProposal("word", "khcn", word, "0", "2") for word in ("camera", "máy bay", "xe máy", "hồ sơ", "tàu")
    ],
    "a query": [RuleProposal("query", "fdi", "", "", 'FDI OR Samsung OR "Hàn Quốc" -bóng')],
    "a weight": [RuleProposal("weight", "cong-nghiep", "", "1", "0.5")],
    "the threshold": [RuleProposal("threshold", "", "", "3.2", "1.5")],
}


def texts(count: int, now: datetime) -> Iterator[tuple[str, str, str]]:
    """Title, lead and body of articles: those that name the province first, then of all kinds."""
    folder = os.environ.get("DIEMTIN_SHARED")
    if not folder:
        made = (piece(number % 9, number, now) for number in range(count))
        yield from ((one.title, one.lead, "\n".join(one.paragraphs)) for one in made)
        return
    corpus = Path(folder) / "corpus"
    named = [json.loads(line) for line in (corpus / "relevance.jsonl").open(encoding="utf-8")]
    with lzma.open(corpus / "vietnews-20k.jsonl.xz", "rt", encoding="utf-8") as file:
        others = [json.loads(line) for line in islice(file, max(0, count - 4 * len(named)))]
    rows = [*islice(cycle(named), min(count, 4 * len(named))), *others]
    yield from ((row["title"], row["lead"], row["body"]) for row in rows[:count])


def fill(home: Home, count: int, now: datetime) -> None:
    """Store so many articles, spread over the last days, as today's rules read them."""
    context = ContextFiles.of(home, ()).load(lambda: now)
    archive, chance = open_archive(home.archive_db), random.Random(SEED)
    with writing(archive):
        for number, (title, lead, body) in enumerate(texts(count, now)):
            at = now - timedelta(minutes=chance.randrange(DAYS * 24 * 60 - 60))
            article = Article(f"https://vidu.vn/{number}", "vidu", title, lead, body, published_at=at)
            run_stage(article, context)
            store(archive, article, [], now)
    archive.close()


def run_stage(article: Article, context: Context) -> Article:
    """The stage itself on one article."""
    with contextlib.suppress(Reject):
        classify(Item(article, keep="all"), context)
    return article


def by_stage(home: Home, proposals: list[RuleProposal], now: datetime) -> set[tuple[str, bool, str]]:
    """What changes, by a full run of the stage over every article: address, gained or lost, topic."""
    context = ContextFiles.of(home, ()).load(lambda: now)
    other = Context(context.places, apply(context.topics, proposals), now=context.now)
    found = set()
    with reading(home.archive_db) as archive:
        sql = "select url, source, title, lead, body, published_at from articles where published_at >= ?"
        for url, source, title, lead, body, at in archive.execute(sql, [stamp(now - timedelta(days=DAYS))]):
            one, two = (
                run_stage(Article(url, source, title, lead, body, published_at=moment(at)), rules)
                for rules in (context, other)
            )
            moved = {(two.relevant, "")} if one.relevant != two.relevant else set()
            moved |= {(topic in two.topics, topic) for topic in set(one.topics) ^ set(two.topics)}
            found |= {(url, gained, topic) for gained, topic in moved}
    return found


def timed(run: Callable[[], TrialReport]) -> tuple[float, TrialReport]:
    began = time.process_time()
    report = run()
    return time.process_time() - began, report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5000)
    count, now = parser.parse_args().articles, utc_now()
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(folder)
        fill(home, count, now)
        print(f"{'proposal':<16}{'articles':>9}{'CPU s':>9}{'gained':>8}{'lost':>6}  equal to the stage")
        for name, proposals in PROPOSALS.items():
            seconds, report = timed(lambda proposals=proposals: try_rules(home, lambda _: proposals, now=now))  # type: ignore[misc]
            tried = {(one.url, one.gained, one.topic) for one in report.together.changes}
            same = tried == by_stage(home, proposals, now)
            print(
                f"{name:<16}{report.articles:>9}{seconds:>9.1f}"
                f"{report.together.count(gained=True):>8}{report.together.count(gained=False):>6}  {same}"
            )


if __name__ == "__main__":
    main()
