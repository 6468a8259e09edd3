"""Random articles and queries, and what a plain scan of every word finds for them."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlite_utils import Database

from archive.db import sort_at
from archive.model import Article
from archive.query import Query, parse
from archive.query.tree import And, Near, Node, Not, Or, Phrase
from tests.search_sample import FIRST, archive_of, bare_word, exact_word

SYLLABLES = [
    "công", "cống", "an", "ăn", "ninh", "tin", "thông", "thống", "hai", "bà", "ba", "trung", "thái",
    "nguyên", "nghĩa", "nghề", "ngành", "năm", "nam", "2026", "52", "hòa", "hoà", "đảng", "đáng",
    "tỉnh", "tính", "minh", "anh", "ánh", "văn", "vạn",
]  # fmt: skip
BETWEEN = [" ", " ", " ", " ", " ", ", ", ". ", "\n", " – ", "/", "-"]
SOURCES = ("bao-a", "bao-b", "bao-c")


@dataclass(frozen=True, slots=True)
class Told:
    """An article as the scan sees it."""

    title: tuple[str, ...]
    text: tuple[str, ...]
    source: str
    hour: int


Holds = Callable[[Told], bool]


def words_of(text: str) -> tuple[str, ...]:
    return tuple(exact_word(word) for word in re.findall(r"[^\W_]+", text))


class Meant(dict[tuple[str, ...], tuple[bool, ...]]):
    """Of each phrase of a query, which of its words are meant as typed: that is not what is tried here."""

    def of(self, node: Node | None) -> None:
        match node:
            case Phrase():
                self[node.words] = node.meant
            case Near():
                for phrase in node.phrases:
                    self.of(phrase)
            case And() | Or():
                for part in node.parts:
                    self.of(part)
            case Not():
                self.of(node.part)

    def begins(self, phrase: tuple[str, ...], row: tuple[str, ...], *, cut: bool = False) -> list[int]:
        """Where a phrase stands in a row of words."""
        exactly, last = self[phrase], len(phrase) - 1
        return [
            at
            for at in range(len(row) - last)
            if all(_same(word, row[at + n], exactly[n], cut and n == last) for n, word in enumerate(phrase))
        ]

    def phrase(self, phrase: tuple[str, ...], *, cut: bool = False, title: bool = False) -> Holds:
        return lambda told: any(
            self.begins(phrase, row, cut=cut) for row in ((told.title,) if title else (told.title, told.text))
        )

    def near(self, one: tuple[str, ...], other: tuple[str, ...], distance: int) -> Holds:
        def near(row: tuple[str, ...]) -> bool:
            for phrase, at in ((one, other), (other, one)):
                for last in self.begins(phrase, row):
                    if any(last - len(at) - distance <= first <= last for first in self.begins(at, row)):
                        return True
            return False

        return lambda told: near(told.title) or near(told.text)


def _same(typed: str, there: str, exactly: bool, cut: bool) -> bool:
    typed, found = (exact_word(typed), there) if exactly else (bare_word(typed), bare_word(there))
    return found.startswith(typed) if cut else found == typed


def random_text(chooser: random.Random, length: int) -> str:
    return "".join(chooser.choice(SYLLABLES) + chooser.choice(BETWEEN) for _ in range(length)).strip()


def random_article(chooser: random.Random, at: int) -> Article:
    title, lead, body = random_text(chooser, 4), random_text(chooser, 3), random_text(chooser, 14)
    article = Article(f"u{at}", chooser.choice(SOURCES), title, lead, body)
    article.published_at = FIRST + timedelta(hours=at)
    return article


def as_told(article: Article) -> Told:
    assert article.published_at
    hour = (article.published_at - FIRST) // timedelta(hours=1)
    text = words_of(f"{article.lead}\n{article.body}")
    return Told(words_of(article.title), text, article.source, hour)


def random_phrase(chooser: random.Random) -> tuple[str, ...]:
    how = chooser.choice(("marked", "bare", "mixed"))
    words = chooser.choices(SYLLABLES, k=chooser.choice((1, 2, 2, 2, 3, 3, 4)))
    return tuple(
        bare_word(word) if how == "bare" or (how == "mixed" and chooser.random() < 0.5) else word
        for word in words
    )


def random_query(chooser: random.Random, meant: Meant, depth: int = 0) -> tuple[str, Holds]:
    phrase, other = random_phrase(chooser), random_phrase(chooser)
    kinds = ["phrase", "phrase", "cut", "cut", "title", "title cut", "near"]
    kind = chooser.choice(kinds if depth else [*kinds, "and", "and", "or", "not", "filter", "after"])
    typed = " ".join(phrase)
    if kind == "phrase":
        return f'"{typed}"', meant.phrase(phrase)
    if kind in ("cut", "title cut", "title"):
        cut, title = "cut" in kind, "title" in kind
        if cut:
            phrase = (*phrase[:-1], phrase[-1][:2])
        text = f'{"title:" if title else ""}"{" ".join(phrase)}{"*" if cut else ""}"'
        return text, meant.phrase(phrase, cut=cut, title=title)
    if kind == "near":
        distance = chooser.randint(0, 5)
        return f'NEAR("{typed}" "{" ".join(other)}", {distance})', meant.near(phrase, other, distance)
    one, first = random_query(chooser, meant, 1)
    two, second = random_query(chooser, meant, 1)
    source, days = chooser.choice(SOURCES), chooser.randrange(16)
    midnight = 24 * days - 8  # the first article is of 8 o'clock in Hà Nội
    return {
        "and": (f"{one} {two}", lambda told: first(told) and second(told)),
        "or": (f"{one} OR {two}", lambda told: first(told) or second(told)),
        "not": (f"{one} -{two}", lambda told: first(told) and not second(told)),
        "filter": (f"{one} nguồn:{source}", lambda told: first(told) and told.source == source),
        "after": (
            f"{one} sau:{FIRST + timedelta(days=days):%Y-%m-%d}",
            lambda told: first(told) and told.hour >= midnight,
        ),
    }[kind]


def made(path: Path, count: int = 400) -> tuple[Database, dict[int, Told]]:
    chooser = random.Random(3)
    articles = [random_article(chooser, at) for at in range(count)]
    return archive_of(path, articles), {
        sort_at(article.published_at) + at % 1024: as_told(article)
        for at, article in enumerate(articles, start=1)
        if article.published_at
    }


def asked(chooser: random.Random, told: dict[int, Told]) -> tuple[Query, list[int]]:
    """A random query, and the rows that a plain scan finds for it."""
    meant = Meant()
    text, holds = random_query(chooser, meant)
    query = parse(text)
    meant.of(query.tree)
    return query, expected(told, holds)


def with_words(told: dict[int, Told], *words: str) -> list[int]:
    """The rows that have these words in a row, with whatever marks."""
    return expected(told, Meant({words: (False,) * len(words)}).phrase(words))


def expected(told: dict[int, Told], holds: Holds) -> list[int]:
    return [row for row in sorted(told, reverse=True) if holds(told[row])]
