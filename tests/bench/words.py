"""How queries are read: reads JSON lines {"q": …}, or --learn counts the starting words anew from real texts.

``python -m tests.bench words HOME < queries`` answers each line with the words that are looked for together,
and for each syllable whether it is meant as typed: {"q", "groups": [["chuyen", "doi", "so"], …],
"exact": [false, …]}. HOME may be left out: then only the starting counts are known. ``--score FILE`` prints how
many of the queries of a file like tests/data/words.txt are cut as written there.
"""

import argparse
import json
import lzma
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from archive.db import reading
from archive.home import DEFAULTS, Home
from archive.places.gazetteer import load_places
from archive.query import PlaceNames, ReadAs, parse
from archive.query import lexicon as words_known
from archive.query.lexicon import Lexicon, lines_of
from archive.search.lexicon import learn, load_lexicon

FEWEST = 12  # times that words must stand together in the texts
LEAST = {False: 5, True: 3}  # the share of a syllable, the gain of a word, to be kept


def texts(shared: Path) -> Iterator[str]:
    """Titles and leads of 14,000 items of 2026, and 20,000 whole articles of 2016 to 2019."""
    with lzma.open(shared / "corpus" / "press-items.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            yield f"{item['title']}\n{item['lead']}"
    with lzma.open(shared / "corpus" / "vietnews-20k.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            yield f"{one['title']}\n{one['lead']}\n{one['body']}"


def count() -> None:
    """Write archive/query/lexicon.txt from $DIEMTIN_SHARED: words and weights, no texts."""
    began = perf_counter()
    entries = learn(texts(Path(os.environ["DIEMTIN_SHARED"])), FEWEST)
    kept = [(word, weight) for word, weight in entries.items() if weight >= LEAST[" " in word]]
    path = Path(words_known.__file__).with_suffix(".txt")
    path.write_text("\n".join(lines_of(kept)) + "\n", encoding="utf-8")
    print(f"{len(kept):,} words, {path.stat().st_size:,} bytes, {perf_counter() - began:.0f} s")


def cut(query: str, places: PlaceNames, how: ReadAs) -> dict[str, object]:
    """A query as the archive reads it."""
    words = parse(query, places, how).parsed.words
    return {
        "q": query,
        "groups": [list(word.syllables) for word in words],
        "exact": [exactly for word in words for exactly in word.exactly],
    }


def score(file: Path, places: PlaceNames, how: ReadAs) -> tuple[int, int]:
    """How many queries of a file are cut as written there; _ joins, a blank parts, + may do either."""
    right = rows = 0
    for line in file.read_text(encoding="utf-8").splitlines():
        marks = [mark for mark in line if mark in "_+ "]
        words = parse(line.replace("_", " ").replace("+", " "), places, how).parsed.words
        joins = " ".join("_" * (len(word.syllables) - 1) for word in words)
        rows += 1
        right += all(mark in (join, "+") for mark, join in zip(marks, joins, strict=True))
        if marks and not all(mark in (join, "+") for mark, join in zip(marks, joins, strict=True)):
            print(f"  {line:<44}{' '.join('_'.join(word.syllables) for word in words)}")
    return right, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", nargs="?", type=Path)
    parser.add_argument("--learn", action="store_true", help="count the starting words anew")
    parser.add_argument("--score", type=Path, help="a file of queries cut by hand")
    asked = parser.parse_args()
    if asked.learn:
        count()
        return
    home = Home.named(asked.home) if asked.home else None
    places = load_places(home.config("places.yml") if home else DEFAULTS / "places.yml")
    lexicon: Lexicon | None = None
    if home and home.archive_db.exists():
        with reading(home.archive_db) as db:
            lexicon = load_lexicon(db, places)
    how = ReadAs(lexicon)
    if asked.score:
        right, rows = score(asked.score, places, how)
        print(f"{right} of {rows}, {right / rows:.1%}")
        return
    for line in sys.stdin:
        print(json.dumps(cut(json.loads(line)["q"], places, how), ensure_ascii=False))


if __name__ == "__main__":
    main()
