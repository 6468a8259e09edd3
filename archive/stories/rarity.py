"""How rare words are: counted over the stories of the archive, from starting counts of Vietnamese news."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from archive.stories.tellings import Telling

ALL = 0  # the row of event_words that counts the stories
KEPT = 20_000  # stories; then all counts are halved: words of late count, and the table stays small
STARTING = 8_000  # stories for which the starting counts stand

_FILE = Path(__file__).with_suffix(".txt")  # the words of 40 and more of 14,434 items of 17 outlets

_HELD = "select word, stories from event_words where word in (select value from json_each(?))"
_COUNT = """insert into event_words values (?, ?)
    on conflict do update set stories = stories + excluded.stories"""


class Vector(NamedTuple):
    """Words with their weights, and how long the vector is."""

    weights: dict[str, float]
    length: float


class _Weights(dict[str, float]):
    """The weights of words, reckoned when first asked for."""

    def __init__(self, stories: int, counts: dict[str, int]) -> None:
        super().__init__()
        self.stories, self.counts = stories + STARTING, counts
        self._starting, self._most = _starting(), math.log(self.stories)

    def __missing__(self, word: str) -> float:
        held = self.counts.get(word, 0) + self._starting.get(word, 0.0)
        weight = self[word] = math.log(self.stories / held) if held > 1 else self._most
        return weight


class Rarity:
    """How rare the words of some tellings are: each has a weight, 0 for a word that every story has.

    ``of`` gives the weight of a word: its self-information.
    """

    def __init__(self, stories: int, counts: Mapping[str, int]) -> None:
        self._weights = _Weights(stories, dict(counts))
        self._weighed: dict[int, Weighed] = {}
        self.of: Callable[[str], float] = self._weights.__getitem__

    def weighed(self, telling: Telling) -> "Weighed":
        """The telling as vectors, made once."""
        if id(telling) not in self._weighed:
            self._weighed[id(telling)] = Weighed(telling, self)
        return self._weighed[id(telling)]

    def vector(self, words: Mapping[str, int]) -> Vector:
        """Each word with its weight, more where it occurs more often."""
        weights = dict(zip(words, map(self.of, words), strict=True))
        for word, times in words.items():
            if times > 1:
                weights[word] *= 1 + math.log(times)
        return Vector(weights, math.sqrt(sum([weight * weight for weight in weights.values()])) or 1.0)


class Weighed:
    """A telling as vectors of its words; ``whole`` is the sum of the squared weights."""

    def __init__(self, telling: Telling, rarity: Rarity) -> None:
        self._telling, self._rarity = telling, rarity

    @cached_property
    def words(self) -> Vector:
        return self._rarity.vector(self._telling.words)

    @cached_property
    def title(self) -> Vector:
        return self._rarity.vector(self._telling.title_words)

    @cached_property
    def lead(self) -> Vector:
        return self._rarity.vector(self._telling.lead_words)

    @cached_property
    def whole(self) -> float:
        return sum([weight * weight for weight in map(self._rarity.of, self._telling.words)]) or 1.0


def load_rarity(
    db: Database, tellings: Iterable[Telling], waiting: Iterable[Telling] = (), *, rough: bool = False
) -> Rarity:
    """How rare the words of these tellings are, as if those that wait had been counted.

    A rough one knows the words of the starting counts by these alone.
    """
    known = _starting() if rough else {}
    numbers = {number: word for one in tellings for word, number in one.numbers.items() if word not in known}
    held = dict(db.execute(_HELD, [json.dumps([ALL, *numbers])]).fetchall())
    stories = held.pop(ALL, 0)
    counts = {numbers[number]: count for number, count in held.items()}
    for one in waiting:
        counts |= {word: counts.get(word, 0) + 1 for word in one.words}
    return Rarity(stories, counts)


def count(db: Database, tellings: Iterable[Telling]) -> None:
    """Count the words of stories that were not counted before, inside the transaction that keeps them."""
    many = list(tellings)
    held = Counter(number for one in many for number in one.numbers.values())
    db.conn.executemany(_COUNT, sorted([(ALL, len(many)), *held.items()]))
    if db.execute("select stories from event_words where word = ?", [ALL]).fetchone()[0] >= KEPT:
        _halve(db)


def _halve(db: Database) -> None:
    db.execute("update event_words set stories = stories / 2")
    db.execute("delete from event_words where stories = 0")


def cosine(one: Vector, other: Vector) -> float:
    """How alike two vectors are, 0 to 1."""
    small, large = sorted((one.weights, other.weights), key=len)
    shared = [weight * large[word] for word, weight in small.items() if word in large]
    return sum(shared) / (one.length * other.length)


def rough_cosine(one: Telling, other: Telling, rarity: Rarity) -> float:
    """About how alike two tellings are, when only the words of the first are known to ``rarity``."""
    (weights, length), words, of = rarity.weighed(one).words, other.words, rarity.of
    shared = [weight * of(word) * _times(words[word]) for word, weight in weights.items() if word in words]
    return sum(shared) / (length * _length(other))


def _times(times: int) -> float:
    return 1 + math.log(times)


@lru_cache(maxsize=4096)
def _length(telling: Telling) -> float:
    """How long the vector of a telling is, by the starting counts alone."""
    known, new = _starting_weights(), math.log(STARTING)
    weights = [known.get(word, new) * _times(times) for word, times in telling.words.items()]
    return math.sqrt(sum([weight * weight for weight in weights])) or 1.0


@cache
def _starting_weights() -> dict[str, float]:
    return {word: math.log(STARTING / max(1.0, held)) for word, held in _starting().items()}


@cache
def _starting() -> dict[str, float]:
    """In how many of the starting stories each word stands."""
    total, *lines = _FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines)
    return {word: STARTING * (int(held) / int(total)) for held, word in pairs}
