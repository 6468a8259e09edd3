"""Near-copies made from real texts: how many are found, how many strangers are joined, what an article costs.

    python tests/bench/stories.py [--sizes 10000 100000 1000000] [--copies 400] [--per-day 400]

Needs the 20,000 articles of ``$DIEMTIN_SHARED/corpus/vietnews-20k.jsonl.xz``.
"""

import argparse
import json
import lzma
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlite_utils import Database
from tabulate import tabulate

from archive.clock import stamp
from archive.db import SORT_SLOTS, sort_at, writing
from archive.model import Article
from archive.schema import open_archive
from archive.stories import grouping
from archive.stories.near_duplicates import WINDOW
from archive.stories.shingles import containment, cut
from pipelines.fingerprint import shingles

START = datetime(2026, 1, 1, tzinfo=UTC)
PER_DAY = 400  # articles the archive takes in
MEASURED = 3000  # articles, at each size
CAPTIONS = (
    "Quang cảnh buổi lễ. Ảnh: Báo tỉnh",
    "Đại biểu tham quan gian trưng bày",
    "(Ảnh: T.N.)",
    "Nguồn: Ban tổ chức",
    "Lãnh đạo hai bên ký kết biên bản ghi nhớ - Ảnh: P.V",
)
LEADS = (
    "Sáng nay, thông tin này được nhiều bạn đọc quan tâm và chia sẻ trên mạng xã hội.",
    "Đây là nội dung đáng chú ý vừa được cơ quan chức năng cung cấp cho báo chí trong tuần qua.",
    "Diễn biến mới nhất của vụ việc cho thấy còn nhiều điều cần được làm rõ trong thời gian tới.",
)
OLD_STYLE = {
    "òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "òe": "oè", "óe": "oé", "ỏe": "oẻ",
    "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ",
}  # fmt: skip

ROW = (
    "insert into articles (id, sort, url, source, title, lead, body, published_at, first_seen_at, last_seen_at,"
    " sha256) values (?, ?, ?, ?, '', ?, ?, ?, ?, ?, '')"
)

Text = tuple[str, str]
Change = Callable[[Text, random.Random, list[str]], Text]


def new_lead(text: Text, rng: random.Random, _: list[str]) -> Text:
    return rng.choice(LEADS), text[1]


def captions(text: Text, rng: random.Random, _: list[str]) -> Text:
    lines = text[1].split("\n")
    for caption in rng.sample(CAPTIONS, 3):
        lines.insert(rng.randrange(len(lines) + 1), caption)
    return text[0], "\n".join(lines)


def credited(text: Text, rng: random.Random, _: list[str]) -> Text:
    return text[0], f"{text[1]}\n{rng.choice(('Theo Viettimes', 'Nguồn: TTXVN', '(Theo Báo tỉnh)'))}"


def cut_paragraphs(text: Text, rng: random.Random, _: list[str]) -> Text:
    """Two fifths of the paragraphs are gone, from anywhere."""
    lines = text[1].split("\n")
    keep = sorted(rng.sample(range(len(lines)), max(1, round(len(lines) * 0.6))))
    return text[0], "\n".join(lines[at] for at in keep)


def two_sentences(text: Text, rng: random.Random, strange: list[str]) -> Text:
    lines = text[1].split("\n")
    for at in rng.sample(range(len(lines)), min(2, len(lines))):
        lines[at] = rng.choice(strange)
    return text[0], "\n".join(lines)


def old_accents(text: Text, _: random.Random, __: list[str]) -> Text:
    lead, body = text
    for new, old in OLD_STYLE.items():
        lead, body = lead.replace(new, old), body.replace(new, old)
    return lead, body


def all_of_them(text: Text, rng: random.Random, strange: list[str]) -> Text:
    for change in (two_sentences, cut_paragraphs, new_lead, captions, credited, old_accents):
        text = change(text, rng, strange)
    return text


CHANGES: dict[str, Change] = {
    "new lead": new_lead,
    "caption lines": captions,
    "credit line": credited,
    "paragraphs cut to 60 %": cut_paragraphs,
    "two sentences changed": two_sentences,
    "accents old style": old_accents,
    "all of these": all_of_them,
}


def corpus() -> list[Text]:
    shared = os.environ.get("DIEMTIN_SHARED")
    path = Path(shared or ".") / "corpus" / "vietnews-20k.jsonl.xz"
    if not path.exists():
        sys.exit(f"{path}: not there; set DIEMTIN_SHARED to the folder with corpus/")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [(row["lead"], row["body"]) for row in map(json.loads, lines)]


class Archive:
    """Puts texts into a new archive as the store does, one after the other."""

    def __init__(self, path: Path, per_day: int = PER_DAY) -> None:
        self.db: Database = open_archive(path)
        self.step = timedelta(days=1) / per_day
        self.count = 0
        self.spent: list[float] = []

    def copy(self, text: Text) -> int:
        """Add a text on another outlet; its article's id."""
        self.add(text)
        return self.count

    def add(self, text: Text) -> int:
        """The story the text came into."""
        self.count += 1
        at = START + self.count * self.step
        article = Article(f"https://a.example/{self.count}", f"s{self.count % 40}", "", *text)
        started = time.perf_counter()
        found = shingles(article.text)
        self.spent.append(time.perf_counter() - started)
        with writing(self.db):
            self.db.execute(ROW, self.row(text, at))
            started = time.perf_counter()
            story = grouping.assign(self.db, self.count, article, found, at)
            self.spent[-1] += time.perf_counter() - started
        return story

    def row(self, text: Text, at: datetime) -> tuple[object, ...]:
        sort = sort_at(at) + self.count % SORT_SLOTS
        url, source = f"https://a.example/{self.count}", f"s{self.count % 40}"
        return (self.count, sort, url, source, *text, *[stamp(at)] * 3)

    def fill(self, supply: Iterator[Text], count: int) -> None:
        """Articles from before the window: their rows, each its own story, whose shingles are pruned."""
        for start in range(0, count, 10_000):
            rows = []
            for text in islice(supply, min(10_000, count - start)):
                self.count += 1
                rows.append(self.row(text, START + self.count * self.step))
            with writing(self.db):
                self.db.conn.executemany(ROW, rows)
                first = rows[0][0]
                made = "insert into stories (id, title, first_article_id) select id, '', id from articles"
                self.db.execute(f"{made} where id >= ?", (first,))
                self.db.execute("update articles set story_id = id where id >= ?", (first,))


def without_search(db: Database) -> None:
    """Neither the search index nor the disk is what is measured here, and they cost most of the time."""
    db.execute("pragma synchronous = off")
    for name in ("insert", "update", "delete"):
        db.execute(f"drop trigger articles_fts_{name}")


def accuracy(texts: list[Text], copies: int, folder: Path) -> None:
    """Every text of the corpus goes in, and one near-copy each of some of them."""
    rng = random.Random(20)
    strange = [line for _, body in texts[-500:] for line in body.split("\n") if 40 < len(line) < 300]
    archive = Archive(folder / "accuracy.db", per_day=4000)
    without_search(archive.db)
    pool, chosen = texts[:-500], set(rng.sample(range(len(texts) - 500), copies * len(CHANGES)))
    kinds = list(CHANGES)
    made: list[str] = []
    pairs: list[tuple[str, int, int]] = []  # kind, original, copy
    waiting: list[tuple[str, int, Text]] = []
    for at, text in enumerate(pool):
        archive.add(text)
        if at in chosen:
            kind = kinds[len(made) % len(kinds)]
            made.append(kind)
            waiting.append((kind, archive.count, CHANGES[kind](text, rng, strange)))
        if len(waiting) == 50:
            rng.shuffle(waiting)
            pairs += [(kind, original, archive.copy(copy)) for kind, original, copy in waiting]
            waiting = []
    score(archive.db, pairs, kinds)


def score(db: Database, pairs: list[tuple[str, int, int]], kinds: list[str]) -> None:
    story = dict(db.execute("select id, story_id from articles").fetchall())
    rows = []
    for kind in kinds:
        found = [story[a] == story[b] for one, a, b in pairs if one == kind]
        rows.append((kind, len(found), sum(found), f"{statistics.fmean(found):.4f}"))
    found = [story[a] == story[b] for _, a, b in pairs]
    rows.append(("together", len(found), sum(found), f"{statistics.fmean(found):.4f}"))
    print(tabulate(rows, ("near-copy", "made", "joined", "recall"), tablefmt="github"))
    strangers(db, story, {copy: original for _, original, copy in pairs})


def strangers(db: Database, story: dict[int, int], copy_of: dict[int, int]) -> None:
    """Texts that share a story without being made from one another; true reprints among them stand apart."""
    groups: dict[int, set[int]] = {}
    for article, one in story.items():
        groups.setdefault(one, set()).add(copy_of.get(article, article))
    true = 0
    other: list[list[int]] = []
    for group in groups.values():
        if len(group) > 1:
            bodies = [
                cut(db.execute("select body from articles where id = ?", (one,)).fetchone()[0]) for one in group
            ]
            first = bodies[0]
            if all(max(containment(first, body)) >= 0.97 for body in bodies[1:]):
                true += 1
            else:
                other.append(sorted(group))
    print(f"\n{true} stories join texts the corpus itself holds twice, {len(other)} join others:\n")
    for joined in other:
        for one in joined:
            lead = db.execute("select lead from articles where id = ?", (one,)).fetchone()[0]
            print(f"  {one:6} {lead[:100]}")
        print()


def endless(texts: list[Text], rng: random.Random) -> Iterator[Text]:
    """New articles without end, of whole sentences of the corpus, in its lengths."""
    lines = [line for _, body in texts for line in body.split("\n")]
    while True:
        lead, body = rng.choice(texts)
        start = rng.randrange(len(lines))
        own = [lines[(start + at * 7919) % len(lines)] for at in range(body.count("\n") + 1)]
        yield lead, "\n".join(own)


def cost(texts: list[Text], sizes: list[int], per_day: int, folder: Path) -> None:
    supply, rows = endless(texts, random.Random(7)), []
    for size in sizes:
        archive = Archive(folder / f"cost-{size}.db", per_day)
        without_search(archive.db)
        window = min(size, WINDOW.days * per_day)
        archive.fill(supply, size - window)
        for text in islice(supply, window):
            archive.add(text)
        archive.spent.clear()
        started = time.process_time()
        for text in list(islice(supply, MEASURED)):
            archive.add(text)
        cpu = 1000 * (time.process_time() - started) / MEASURED
        rows.append((f"{size:,}", round(cpu, 2), *milliseconds(archive.spent), *table_size(archive.db)))
    header = ("kept articles", "CPU ms, with its row", "p50 ms", "p95 ms", "shingle rows", "articles with rows")
    print(tabulate(rows, header, tablefmt="github"))


def milliseconds(spent: list[float]) -> tuple[float, float]:
    """Of fingerprint and stories together, by the clock: the median, and what 95 of 100 stay under."""
    ranked = sorted(spent)
    return round(1000 * ranked[len(ranked) // 2], 2), round(1000 * ranked[len(ranked) * 95 // 100], 2)


def table_size(db: Database) -> tuple[int, int]:
    row: tuple[int, int] = db.execute("select count(*), count(distinct article_id) from shingles").fetchone()
    return row


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--copies", type=int, default=400, help="near-copies of each kind")
    options.add_argument("--per-day", type=int, default=PER_DAY, help="articles the archive takes in a day")
    asked = options.parse_args()
    texts = corpus()
    with tempfile.TemporaryDirectory() as folder:
        if asked.copies:
            accuracy(texts, asked.copies, Path(folder))
        if asked.sizes:
            cost(texts, asked.sizes, asked.per_day, Path(folder))


if __name__ == "__main__":
    main()
