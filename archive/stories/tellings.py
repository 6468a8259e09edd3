"""A story as it is compared with others: the words of its title and lead, and how rare each of them is."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from zlib import crc32

from sqlite_utils import Database

from archive.text import norm

ALL = 0  # the row of event_words that counts the stories
KEPT = 20_000  # stories; from then on all counts are halved: words of late count, and the table stays small
UNKNOWN = 200  # stories that a new archive is taken to hold besides its own, none with the word

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_MARK = re.compile(r"^\W{0,3}[A-ZĐ][\w.]{1,12}(?: [a-zà-ỹA-ZĐ][\w.]{0,8})?\W{0,2}\s[-–—]\s")  # «(Dân trí) - »


@dataclass(frozen=True)
class Telling:
    """Title and lead of one story; ``sort`` is that of the article."""

    article_id: int
    source: str
    sort: int
    title: str
    lead: str

    @cached_property
    def words(self) -> dict[str, float]:
        """Syllables and pairs of syllables, each with how much its repetitions count."""
        counts: dict[str, int] = {}
        for part in (self.title, _MARK.sub("", self.lead)):
            syllables = _WORD.findall(norm(part).lower())
            for one in (*syllables, *map(" ".join, pairwise(syllables))):
                counts[one] = counts.get(one, 0) + 1
        return {one: 1 + math.log(count) for one, count in counts.items()}


class Rarity:
    """How rare words are, from the counts that the archive keeps of its own stories."""

    def __init__(self, stories: int, counts: Mapping[str, int]) -> None:
        self._stories = stories + UNKNOWN
        self._counts = counts

    def of(self, word: str) -> float:
        """The weight of a word: 0 for one that every story has."""
        return math.log(self._stories / max(1, self._counts.get(word, 0)))

    def vector(self, telling: Telling) -> dict[str, float]:
        """Each word with its weight, the whole of length 1."""
        raw = {word: times * self.of(word) for word, times in telling.words.items()}
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return {word: weight / length for word, weight in raw.items()}


def load_rarity(db: Database, tellings: Iterable[Telling]) -> Rarity:
    """The weights of the words of these tellings."""
    numbers = {word_number(word): word for one in tellings for word in one.words}
    sql = "select word, stories from event_words where word in (select value from json_each(?))"
    counts = dict(db.execute(sql, [json.dumps([ALL, *numbers])]).fetchall())
    stories = counts.pop(ALL, 0)
    return Rarity(stories, {numbers[number]: count for number, count in counts.items()})


def count(db: Database, telling: Telling) -> None:
    """Count the words of a story that was not counted before; call it inside the transaction that keeps it."""
    rows = [(number,) for number in {ALL, *map(word_number, telling.words)}]
    db.conn.executemany(
        "insert into event_words values (?, 1) on conflict do update set stories = stories + 1", rows
    )
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
