"""How well relevance is told, against plain keywords; what it would do on articles not seen; what it costs.

    python tests/bench/relevance.py [--splits 200] [--false-alarms]

Needs ``$DIEMTIN_SHARED/corpus/relevance.jsonl``; with ``--false-alarms`` also the 20,000 articles of
``vietnews-20k.jsonl.xz``, of which it lists by id whatever is called relevant.
"""

import argparse
import gzip
import json
import lzma
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tabulate import tabulate

from archive.model import Article
from archive.places.gazetteer import load_places
from archive.places.matcher import TextWords
from archive.text import norm
from pipelines.classify import classify
from pipelines.classify.evidence import Text
from pipelines.classify.relevance import Relevance, judge_relevance
from pipelines.classify.topics import Topics, load_topics
from pipelines.extract import extract
from pipelines.figures import figures
from pipelines.item import Context, Item, Page, Stage
from pipelines.prefilter import raw_names

CONFIG = Path(__file__).parent.parent.parent / "config"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLACES = load_places(CONFIG / "places.yml")
TOPICS = load_topics(CONFIG / "topics.yml")


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled article."""

    id: str
    title: str
    lead: str
    body: str
    relevant: bool
    borderline: bool

    @property
    def text(self) -> str:
        return norm(f"{self.title}\n{self.lead}\n{self.body}")


def rows_of(path: Path) -> list[Row]:
    return [
        Row(
            row["id"],
            row["title"],
            row["lead"],
            row["body"],
            row["relevant"],
            "orderline" in row.get("note", ""),
        )
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def judge(row: Row, topics: Topics = TOPICS) -> Relevance:
    text = Text.of(row.title, row.lead, row.body)
    return judge_relevance(text, PLACES.find(text.words), topics)


def score(rows: Sequence[Row], found: Callable[[Row], bool]) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    hit = sum(row.relevant and found(row) for row in rows)
    told = sum(found(row) for row in rows)
    wanted = sum(row.relevant for row in rows)
    return hit / max(told, 1), hit / max(wanted, 1), 2 * hit / max(told + wanted, 1)


def keywords(text: str) -> bool:
    """What peers do: the place name and any theme word."""
    text = norm(text)
    themes = (hit.value for hit in TOPICS.phrases.find(TextWords(text)))
    return "Thái Nguyên" in text and any(theme.points >= 2 and not theme.frame for theme in themes)


def without(words: set[str]) -> Topics:
    """The topics as they would be had these words never been thought of."""
    topics = {
        key: replace_words(
            topic, {n: tuple(w for w in each if w not in words) for n, each in topic.words.items()}
        )
        for key, topic in TOPICS.topics.items()
    }
    frames = {
        name: type(frame)(tuple(word for word in frame.words if word not in words), frame.weight)
        for name, frame in TOPICS.scale.frames.items()
    }
    scale = type(TOPICS.scale)(
        **{name: getattr(TOPICS.scale, name) for name in TOPICS.scale.__struct_fields__ if name != "frames"},
        frames=frames,
    )
    return Topics(topics, scale)


def replace_words(topic: Any, words: dict[int, tuple[str, ...]]) -> Any:
    fields = {name: getattr(topic, name) for name in topic.__struct_fields__} | {"words": words}
    return type(topic)(**fields)


def only_here(rows: Sequence[Row]) -> Iterator[tuple[Row, set[str]]]:
    """Each article with the words that no other labelled article has: those it alone can have suggested."""
    words = {row.id: {hit.value.word for hit in TOPICS.phrases.find(TextWords(row.text))} for row in rows}
    articles = Counter(word for each in words.values() for word in each)
    for row in rows:
        yield row, {word for word in words[row.id] if articles[word] == 1}


def unseen_words(rows: Sequence[Row]) -> dict[str, bool]:
    """Each article judged by the words that others share (pessimistic: most of the words were there before)."""
    return {row.id: judge(row, without(own) if own else TOPICS).relevant for row, own in only_here(rows)}


def at_threshold(rows: Sequence[Row], verdicts: dict[str, Relevance], threshold: float) -> float:
    """F1 with another threshold."""
    return score(rows, lambda row: verdicts[row.id].score >= threshold)[2]


def split_threshold(rows: Sequence[Row], verdicts: dict[str, Relevance], splits: int) -> list[float]:
    """F1 on one half of the articles with the threshold that is best on the other half."""
    chance = random.Random(7)
    out = []
    steps = [at / 4 for at in range(4, 33)]
    for _ in range(splits):
        mixed = chance.sample(rows, len(rows))
        half, other = mixed[: len(rows) // 2], mixed[len(rows) // 2 :]
        fit = [(at_threshold(half, verdicts, step), -abs(step - 4), step) for step in steps]
        out.append(at_threshold(other, verdicts, max(fit)[2]))
    return out


def quality(rows: Sequence[Row], splits: int) -> None:
    verdicts = {row.id: judge(row) for row in rows}
    clear = [row for row in rows if not row.borderline]
    pessimistic = unseen_words(rows)
    lines: list[tuple[str, Sequence[Row], Callable[[Row], bool]]] = [
        ("place name and a theme word, anywhere", rows, lambda row: keywords(row.text)),
        ("the same, title and lead only", rows, lambda row: keywords(f"{row.title}\n{row.lead}")),
        ("diemtin", rows, lambda row: verdicts[row.id].relevant),
        ("diemtin, without borderline articles", clear, lambda row: verdicts[row.id].relevant),
        ("diemtin, without the words only this article has", rows, lambda row: pessimistic[row.id]),
    ]
    print(
        tabulate(
            [(name, len(of), *score(of, how)) for name, of, how in lines],
            headers=["", "articles", "P", "R", "F1"],
            floatfmt=".3f",
        )
    )
    halves = sorted(split_threshold(rows, verdicts, splits))
    print(f"\nthreshold fitted on one half, measured on the other, {splits} splits:")
    print(f"mean F1 {statistics.mean(halves):.3f}, worst twentieth {halves[splits // 20]:.3f}")
    relevant = sorted(verdicts[row.id].score for row in rows if row.relevant)
    others = sorted((verdicts[row.id].score for row in rows if not row.relevant), reverse=True)
    print(f"lowest scores of relevant articles {relevant[:6]}, highest of others {others[:6]}")
    wrong = [(row.id, verdicts[row.id]) for row in rows if verdicts[row.id].relevant != row.relevant]
    for key, verdict in wrong:
        print(f"wrong: {key} {verdict.score:g}: {'; '.join(verdict.why)}")


def false_alarms(path: Path, labelled: dict[str, bool]) -> None:
    total, named, through = 0, 0, 0
    alarms = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            row = Row(data["id"], data["title"], data["lead"], data["body"], relevant=False, borderline=False)
            total += 1
            looked = raw_names(row.text.encode(), PLACES.enough)
            through += looked
            verdict = judge(row)
            named += verdict.place > 0
            assert looked or not verdict.relevant, f"the raw look loses {row.id}"
            if verdict.relevant:
                alarms.append((row.id, verdict.score, labelled.get(row.id), "; ".join(verdict.why)))
    false = [alarm for alarm in alarms if not alarm[2]]
    print(f"\n{total} articles; the raw look lets {through} through, {named} name the province")
    print(f"{len(alarms)} called relevant")
    print(f"false alarms per 10,000: {len(false) / total * 10_000:.1f}")
    print(tabulate(alarms, headers=["id", "score", "label", "why"]))


def milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def through(stage: Stage, items: Sequence[Item], context: Context) -> None:
    for item in items:
        stage(item, context)


def cost(rows: Sequence[Row], pages: Path) -> None:
    context = Context(PLACES, TOPICS, now=lambda: NOW)
    articles = [Article(row.id, "bench", row.title, row.lead, row.body) for row in rows if row.body]
    items = [Item(article, keep="all") for article in articles]
    classify(items[0], context)
    classified = milliseconds(lambda: through(classify, items, context)) / len(items)
    figured = milliseconds(lambda: through(figures, items, context)) / len(items)
    long = statistics.mean(len(article.body) for article in articles)
    print(
        f"\nclassify {classified:.2f} ms, figures {figured:.2f} ms of CPU an article of {long:.0f} characters"
    )
    bodies = [gzip.decompress(path.read_bytes()) for path in sorted(pages.glob("*.html.gz"))]
    if not bodies:
        return
    url = "https://vidu.vn/1"
    fresh = [Item(Article(url, "bench"), Page(url, body, NOW, "text/html")) for body in bodies]
    extract(replace(fresh[0], article=Article(url, "bench")), context)
    read = milliseconds(lambda: through(extract, fresh, context))
    looked = milliseconds(lambda: [raw_names(body, PLACES.enough) for body in bodies * 10]) / 10
    mean = statistics.mean(map(len, bodies)) / 1000
    print(f"raw look {looked / len(bodies):.2f} ms a page of {mean:.0f} KB, extraction", end=" ")
    print(f"{read / len(bodies):.1f} ms: {read / looked:.0f} times faster")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--splits", type=int, default=200)
    options.add_argument("--false-alarms", action="store_true")
    chosen = options.parse_args()
    shared = os.environ.get("DIEMTIN_SHARED")
    if not shared:
        sys.exit("DIEMTIN_SHARED names no folder with the corpus")
    rows = rows_of(Path(shared) / "corpus" / "relevance.jsonl")
    quality(rows, chosen.splits)
    cost(rows, Path(shared) / "pages" / "vn")
    if chosen.false_alarms:
        labelled = {row.id: row.relevant for row in rows}
        false_alarms(Path(shared) / "corpus" / "vietnews-20k.jsonl.xz", labelled)


if __name__ == "__main__":
    main()
