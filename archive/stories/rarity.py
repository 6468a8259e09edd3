"""How rare words are: counted over the stories of the archive, from starting counts of Vietnamese news."""

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from sqlite_utils import Database

from archive.stories.tellings import Telling

ALL = 0  # the row of event_words that counts the stories
KEPT = 20_000  # stories; then all counts are halved: words of late count, and the table stays small
STARTING = 8_000  # stories for which the starting counts stand

_CHECKED = 256  # articles between looks at how many stories were counted
_FILE = Path(__file__).with_suffix(".txt")  # the words of 40 and more of 14,434 items of 17 outlets


class Weighed(NamedTuple):
    """A telling as vectors of its words, each of length 1; ``whole`` is the sum of the squared weights."""

    words: dict[str, float]
    title: dict[str, float]
    lead: dict[str, float]
    whole: float


class Rarity:
    """How rare the words of some tellings are: each has a weight, 0 for a word that every story has."""

    def __init__(self, stories: int, counts: Mapping[str, int]) -> None:
        self._stories, self._counts = stories + STARTING, counts
        self._weights: dict[str, float] = {}
        self._weighed: dict[int, Weighed] = {}

    def of(self, word: str) -> float:
        """The weight of a word: its self-information."""
        weight = self._weights.get(word)
        if weight is None:
            held = self._counts.get(word, 0) + STARTING * _starting().get(word, 0.0)
            weight = self._weights[word] = math.log(self._stories / max(1.0, held))
        return weight

    def weighed(self, telling: Telling) -> Weighed:
        """The telling as vectors, made once."""
        if id(telling) not in self._weighed:
            words, title, lead = map(self.vector, (telling.words, telling.title_words, telling.lead_words))
            whole = sum(self.of(word) ** 2 for word in telling.words) or 1.0
            self._weighed[id(telling)] = Weighed(words, title, lead, whole)
        return self._weighed[id(telling)]

    def vector(self, words: Mapping[str, int]) -> dict[str, float]:
        """Each word with its weight, the whole of length 1."""
        of = self.of
        raw = {
            word: of(word) if times == 1 else (1 + math.log(times)) * of(word) for word, times in words.items()
        }
        length = math.sqrt(sum([weight * weight for weight in raw.values()])) or 1.0
        return {word: weight / length for word, weight in raw.items()}


def load_rarity(db: Database, tellings: Iterable[Telling]) -> Rarity:
    """How rare the words of these tellings are."""
    numbers = {word_number(word): word for one in tellings for word in one.words}
    sql = "select word, stories from event_words where word in (select value from json_each(?))"
    counts = dict(db.execute(sql, [json.dumps([ALL, *numbers])]).fetchall())
    stories = counts.pop(ALL, 0)
    return Rarity(stories, {numbers[number]: count for number, count in counts.items()})


def count(db: Database, telling: Telling) -> None:
    """Count the words of a story that was not counted before, inside the transaction that keeps it."""
    rows = [(number,) for number in {ALL, *map(word_number, telling.words)}]
    db.conn.executemany(
        "insert into event_words values (?, 1) on conflict do update set stories = stories + 1", rows
    )
    if telling.article_id % _CHECKED == 0:
        _halve(db)


def _halve(db: Database) -> None:
    (stories,) = db.execute("select stories from event_words where word = ?", [ALL]).fetchone()
    if stories >= KEPT:
        db.execute("update event_words set stories = stories / 2")
        db.execute("delete from event_words where stories = 0")


def word_number(word: str) -> int:
    """The number by which a word is kept."""
    return crc32(word.encode()) or 1


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How alike two vectors of length 1 are, 0 to 1."""
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * large[word] for word, weight in small.items() if word in large)


def rough_cosine(one: Telling, other: Telling, rarity: Rarity) -> float:
    """About how alike two tellings are, when only the words of the first are known to ``rarity``."""
    held = rarity.weighed(one).words
    shared = [(word, weight) for word, weight in held.items() if word in other.words]
    return sum([weight * rarity.of(word) * _times(other, word) for word, weight in shared]) / _length(other)


def _times(telling: Telling, word: str) -> float:
    return 1 + math.log(telling.words[word])


@lru_cache(maxsize=4096)
def _length(telling: Telling) -> float:
    """How long the vector of a telling is, by the starting counts alone."""
    of = Rarity(0, {}).of
    return math.sqrt(sum([(of(word) * _times(telling, word)) ** 2 for word in telling.words])) or 1.0


@cache
def _starting() -> dict[str, float]:
    """The share of stories that have a word."""
    total, *lines = _FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines)
    return {word: int(held) / int(total) for held, word in pairs}
