"""Events on real items: what is joined rightly, by labelled days and pairs; its cost; what bursts.

    python tests/bench/events.py [--sizes 10000 100000 1000000] [--fit | --bursts | --recurring]

Needs ``press-items.jsonl.xz`` and the labels beside it in ``$DIEMTIN_SHARED/corpus``.
"""

import argparse
import json
import lzma
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import combinations, cycle, groupby, islice
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from tabulate import tabulate

from archive.clock import stamp
from archive.db import SORT_SLOTS, sort_at, writing
from archive.schema import open_archive
from archive.stories import events, happenings
from archive.stories.happenings import Pair
from archive.stories.rarity import load_rarity
from archive.stories.tellings import Telling, syllables
from tests.bench import events_fit

DAY_STARTS = timedelta(hours=9)
MEASURED = 2000  # articles

ROW = """insert into articles (id, sort, url, source, title, lead, body, published_at, first_seen_at,
    last_seen_at, sha256, story_id) values (?, ?, ?, ?, ?, ?, '', ?, ?, ?, '', ?)"""


def corpus(name: str) -> list[dict[str, Any]]:
    """The lines of a file of the corpus; ends the program where it is not there."""
    path = Path(os.environ.get("DIEMTIN_SHARED", ".")) / "corpus" / name
    if not path.exists():
        sys.exit(f"{path}: not there; set DIEMTIN_SHARED to the folder with corpus/")
    data = path.read_bytes()
    text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode()
    return [json.loads(line) for line in text.splitlines()]


def news_day(item: dict[str, Any]) -> str:
    """The day an item belongs to: from nine in the morning to nine the next."""
    return (datetime.fromisoformat(item["published"]) - DAY_STARTS).date().isoformat()


class Stream:
    """An archive that takes items as the store does, each a story of its own."""

    def __init__(self, path: Path) -> None:
        self.db: Database = open_archive(path)
        self.db.execute("pragma synchronous = off")
        for name in ("insert", "update", "delete"):
            self.db.execute(f"drop trigger articles_fts_{name}")
        self.ids: dict[str, int] = {}
        self.count = 0
        self.spent: list[float] = []

    def add(self, item: dict[str, Any], at: datetime | None = None) -> int:
        """Keep an item and put it into its event; the id of its article."""
        self.count += 1
        at = at or datetime.fromisoformat(item["published"])
        row = (
            self.count, sort_at(at) + self.count % SORT_SLOTS, str(self.count), item["outlet"], item["title"],
            item["lead"], *[stamp(at)] * 3, self.count,
        )  # fmt: skip
        with writing(self.db):
            self.db.execute(ROW, row)
            self.db.execute(
                "insert into stories (id, title, first_article_id) values (?, '', ?)", [self.count] * 2
            )
            started = time.process_time()
            events.settle(self.db, [self.count])
            self.spent.append(time.process_time() - started)
        self.ids[item["id"]] = self.count
        return self.count

    def events(self, items: Iterable[str]) -> dict[str, int | None]:
        """The event of each item."""
        held = events.events_of(self.db, [self.ids[item] for item in items])
        return {item: held[self.ids[item]] for item in items}


def grouped(
    items: list[dict[str, Any]],
    labels: list[dict[str, Any]],
    folder: Path,
    weights: dict[str, dict[str, float]] | None = None,
) -> dict[str, int | None]:
    """The labelled items' events, when each labelled day comes into the archive by itself.

    What came before that day is there for its words alone. ``weights``: those of each day, where they are not
    the published ones.
    """
    found: dict[str, int | None] = {}
    for day in sorted({label["day"] for label in labels}):
        if weights:
            happenings.WEIGHTS.update(weights[day])
        stream = Stream(folder / f"{day}.db")
        wanted = {label["id"] for label in labels if label["day"] == day}
        for item in items:
            if news_day(item) == day and item["id"] in wanted:
                stream.add(item)
            elif news_day(item) < day:
                learn(stream.db, item)
        found |= {item: event and hash((day, event)) for item, event in stream.events(wanted).items()}
    return found


def learn(db: Database, item: dict[str, Any]) -> None:
    """Count the words of an item, as if its story had been kept."""
    from archive.stories.rarity import count

    count(db, [Telling(0, item["outlet"], 0, item["title"], item["lead"])])


def b_cubed(items: list[str], found: dict[str, Any], gold: dict[str, Any]) -> tuple[float, float]:
    """Precision and recall, each the mean over items."""
    precision = recall = 0.0
    for one in items:
        mine = {other for other in items if found[other] == found[one]}
        right = {other for other in items if gold[other] == gold[one]}
        precision += len(mine & right) / len(mine)
        recall += len(mine & right) / len(right)
    return precision / len(items), recall / len(items)


def pairs_of(items: list[str], held: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one, other) for one, other in combinations(sorted(items), 2) if held[one] == held[other]}


def accuracy(
    items: list[dict[str, Any]], folder: Path, weights: dict[str, dict[str, float]] | None = None
) -> tuple[float, float]:
    """B-cubed F1 and pair F1 of the labelled days together; printed by day."""
    labels = corpus("event-groups.jsonl")
    gold = {label["id"]: label["event"] for label in labels}
    found = grouped(items, labels, folder, weights)
    rows = []
    for day in [*sorted({label["day"] for label in labels}), "together"]:
        of_day = [label["id"] for label in labels if day in (label["day"], "together")]
        rows.append((day, *figures(of_day, found, gold)))
    header = ("day", "items", "B³ P", "B³ R", "B³ F1", "pairs P", "pairs R", "pairs F1", "largest")
    print(tabulate(rows, header, tablefmt="github", floatfmt=".3f"))
    return rows[-1][4], rows[-1][7]


def figures(items: list[str], found: dict[str, Any], gold: dict[str, Any]) -> tuple[Any, ...]:
    precision, recall = b_cubed(items, found, gold)
    mine, right = pairs_of(items, found), pairs_of(items, gold)
    pair_p, pair_r = len(mine & right) / max(1, len(mine)), len(mine & right) / len(right)
    largest = max(sum(found[other] == found[one] for other in items) for one in items)
    f1, pair_f1 = harmonic(precision, recall), harmonic(pair_p, pair_r)
    return len(items), precision, recall, f1, pair_p, pair_r, pair_f1, largest


def harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def hard_pairs(items: list[dict[str, Any]], folder: Path) -> float:
    """Recall at a precision of .95 and more, on the labelled pairs, with the words of all that came before."""
    by_id = {item["id"]: item for item in items}
    waiting: dict[str, list[dict[str, Any]]] = {}
    for pair in corpus("event-pairs.jsonl"):
        waiting.setdefault(max(pair["a"], pair["b"]), []).append(pair)
    stream = Stream(folder / "pairs.db")
    scored = []
    with writing(stream.db):
        for item in items:
            learn(stream.db, item)
            for pair in waiting.get(item["id"], ()):
                two = [telling(by_id[pair[key]]) for key in ("a", "b")]
                score = Pair(two[0], two[1], load_rarity(stream.db, two)).score()
                scored.append((score, pair["label"] == "same"))
    return recall_at(scored, 0.95)


def fit(items: list[dict[str, Any]], folder: Path) -> None:
    """Find the weights on all labels but those of the day that is judged; then on all, to be published."""
    known = dict(happenings.WEIGHTS)
    gold = {label["id"]: label["event"] for label in corpus("event-groups.jsonl")}
    pairs = corpus("event-pairs.jsonl")
    labelled = {*gold, *(pair[key] for pair in pairs for key in ("a", "b"))}
    last = max(news_day(item) for item in items if item["id"] in labelled)
    early = [item for item in items if news_day(item) <= last]
    told = {item["id"]: telling(item) for item in early}
    day_of = {item["id"]: news_day(item) for item in early}
    days = [(day, list(some)) for day, some in groupby(sorted(early, key=news_day), news_day)]
    given = list(events_fit.examples(days, gold, pairs, told, day_of))
    fitting = events_fit.Fitting(given)
    by_day = {day: fitting.weights([day]) for day in sorted({day_of[item] for item in gold})}
    accuracy(items, folder, by_day)
    happenings.WEIGHTS.update(known)
    left_out = {days: fitting.weights(days) for days in {one.days for one in given if one.labelled}}
    scored = [
        (events_fit.probability(one.evidence, left_out[one.days]), one.same) for one in given if one.labelled
    ]
    print(
        f"\nout of fold, {len(given)} pairs; hard pairs: recall {recall_at(scored, 0.95):.3f} at precision .95"
    )
    print("fitted on all:", {name: round(weight, 3) for name, weight in fitting.weights().items()})


def telling(item: dict[str, Any]) -> Telling:
    at = datetime.fromisoformat(item["published"])
    return Telling(0, item["outlet"], sort_at(at), item["title"], item["lead"])


def recall_at(scored: list[tuple[float, bool]], least: float) -> float:
    ranked = sorted(scored, key=lambda one: -one[0])
    right, best = 0, 0.0
    for at, (_, same) in enumerate(ranked, 1):
        right += same
        if right / at >= least:
            best = right / sum(same for _, same in ranked)
    return best


def cost(items: list[dict[str, Any]], sizes: list[int], folder: Path) -> None:
    """What a story costs when so many are kept, at 480 a day in the order of the corpus."""
    rows = []
    for size in sizes:
        stream = Stream(folder / f"cost-{size}.db")
        at = datetime.fromisoformat("2026-01-01T00:00:00+07:00")
        supply: Iterator[dict[str, Any]] = cycle(items)
        window = min(size, 25_000)
        fill(stream, size - window)
        for item in islice(supply, window + MEASURED):
            at += timedelta(days=1) / 480
            stream.add(item, at)
            if stream.count % 256 == 0:
                prune(stream.db, at)
        spent = sorted(1000 * one for one in stream.spent[-MEASURED:])
        held = [stream.db.table(name).count for name in ("event_words", "event_clues")]
        rows.append(
            (f"{size:,}", statistics.fmean(spent), spent[len(spent) // 2], spent[len(spent) * 95 // 100], *held)
        )
    header = ("kept stories", "CPU ms, mean", "p50", "p95", "rows of words", "rows of clues")
    print(tabulate(rows, header, tablefmt="github", floatfmt=".2f"))


def fill(stream: Stream, count: int) -> None:
    """Stories of long ago: their rows, each an event of its own."""
    if count <= 0:
        return
    with writing(stream.db):
        rows = ((one, -one, str(one), "s", "", "", "", "", "", one) for one in range(1, count + 1))
        stream.db.conn.executemany(ROW, rows)
        stream.db.execute("insert into stories (id, title, first_article_id) select id, '', id from articles")
        stream.db.execute(
            "insert into events (id, founder_article_id, founded_sort) select id, id, sort from articles"
        )
        stream.db.execute("insert into article_events (article_id, event_id) select id, id from articles")
    stream.count = count


def prune(db: Database, now: datetime) -> None:
    with writing(db):
        db.execute("delete from event_clues where sort < ?", [sort_at(now - timedelta(days=21))])


def bursts(items: list[dict[str, Any]], folder: Path) -> None:
    """All that would have been told as it happened, in the days of the corpus."""
    stream = Stream(folder / "bursts.db")
    for item in items:
        stream.add(item)
    rows = stream.db.execute(
        "select burst_at, own, articles, title, id from events where burst_at is not null order by burst_at"
    ).fetchall()
    for at, own, articles, title, event in rows:
        print(f"{at} {own} {articles} {title}")
        for (other,) in stream.db.execute(
            "select title from articles join article_events on article_id = id where event_id = ? limit 4",
            [event],
        ):
            print(f"      {other}")
    print(len(rows), "bursts of", stream.db.table("events").count, "events")


def recurring(items: list[dict[str, Any]], folder: Path) -> None:
    """List what of one event is titled alike but for numbers or days: two of a series may hide there."""
    stream = Stream(folder / "recurring.db")
    by_event: dict[int, list[dict[str, Any]]] = {}
    for item in items:
        stream.add(item)
    for item, event in stream.events([item["id"] for item in items]).items():
        by_event.setdefault(event or 0, []).append(items[stream.ids[item] - 1])
    found = [
        two
        for told in by_event.values()
        for two in combinations(told, 2)
        if differs_in_numbers(two[0]["title"], two[1]["title"])
    ]
    for one, other in found:
        print(f"{one['published'][5:16]} {one['title']}\n{other['published'][5:16]} {other['title']}\n")
    print(len(found), "pairs of one event are titled alike but for numbers")


def differs_in_numbers(one: str, other: str) -> bool:
    """Whether two titles share most words, and each has a number that the other has not."""
    words = [set(syllables(title)) for title in (one, other)]
    numbers = [{word for word in some if word[0].isdigit()} for some in words]
    letters = [some - numbers[at] for at, some in enumerate(words)]
    alike = len(letters[0] & letters[1]) >= 0.5 * len(letters[0] | letters[1])
    return alike and bool(numbers[0] - numbers[1] and numbers[1] - numbers[0])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--fit", action="store_true", help="fit the weights, and judge each day by the others")
    options.add_argument("--bursts", action="store_true", help="list what burst in the corpus")
    options.add_argument(
        "--recurring", action="store_true", help="list titles of one event that differ in numbers"
    )
    asked = options.parse_args()
    items = corpus("press-items.jsonl.xz")
    with tempfile.TemporaryDirectory() as folder:
        if asked.fit or asked.bursts or asked.recurring:
            wanted = fit if asked.fit else bursts if asked.bursts else recurring
            wanted(items, Path(folder))
            return
        accuracy(items, Path(folder))
        print(f"\nhard pairs: recall {hard_pairs(items, Path(folder)):.3f} at precision .95\n")
        if asked.sizes:
            cost(items, asked.sizes, Path(folder))


if __name__ == "__main__":
    main()
