"""Topics: which articles have them, and which words count towards relevance (reads config/topics.yml)."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import force_setattr

from archive.config import ConfigError, as_block, load_yaml, only_keys
from archive.model import Article
from archive.places.matcher import Phrases
from archive.query.parser import Parsed, read
from archive.query.tree import Node, Or, Phrase
from archive.search.match import FoldedText, spans
from archive.text import fold, norm

if TYPE_CHECKING:
    from archive.search.percolator import Percolator

_OF_QUERY = 2  # points of a phrase that stands in the query of a topic without words
_CHOICE = re.compile(r"\(([^()]*)\)")


class Topic(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A topic: its names, its query in the common language, and by points the words that count.

    Of words written with choices, «(nhà đầu tư|tập đoàn) (Hàn Quốc|Nhật Bản)», ``words`` holds every one.
    """

    name: str
    query: str
    name_en: str = ""
    weight: float = 1.0
    words: dict[int, tuple[str, ...]] = {}

    def __post_init__(self) -> None:
        words = {points: tuple(dict.fromkeys(spelled(some))) for points, some in self.words.items()}
        force_setattr(self, "words", words)


class Frame(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Words of stories about something else; ``weight`` is how heavily they count against.

    ``at_work``: what is left of the weight where it happens to a plant, a park or an employer.
    """

    words: tuple[str, ...]
    weight: float = 1.0
    at_work: float = 1.0


class Scale(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The figures of the reckoning (docs/relevance.md)."""

    threshold: float = 5
    title: float = 3
    lead: float = 2
    body: float = 1
    passage: int = 3
    site: float = 4
    paragraph: int = 2
    sites: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    frames: dict[str, Frame] = {}


@dataclass(frozen=True, slots=True)
class Theme:
    """A word that counts: its topic's key and its points; ``frame`` is set on a word that counts against.

    ``named``: it is an employer, park or institution. ``site``: a place of work, which things happen to.
    """

    word: str
    topic: str
    points: float
    frame: str = ""
    named: bool = False
    site: bool = False


class Topics:
    """The topics of one config file, ready to be matched."""

    def __init__(self, topics: Mapping[str, Topic], scale: Scale) -> None:
        self.topics = dict(topics)
        self.scale = scale
        self._own = threading.local()

    def match(self, articles: Sequence[Article]) -> list[list[str]]:
        """The keys of the topics whose query matches, for each article, in the order of the file.

        Phrases joined by OR are looked up in the text itself; other queries go through the percolator.
        """
        results = [self._phrases_in(article) for article in articles]
        if len(self._sides) < len(self.topics):
            for keys, more in zip(results, self._percolator().match(articles), strict=True):
                keys |= more
        return [[key for key in self.topics if key in keys] for keys in results]

    def _phrases_in(self, article: Article) -> set[str]:
        texts = [
            (text, f" {' '.join(text.key.split())} ")
            for text in (FoldedText(article.title), FoldedText(article.text))
        ]
        return {
            topic
            for topic, sides in self._sides.items()
            if any(folded in key and spans(side, text) for side, folded in sides for text, key in texts)
        }

    @cached_property
    def _sides(self) -> dict[str, list[tuple[Phrase, str]]]:
        """Of each topic that is phrases joined by OR, the phrases with their folded words."""
        sides = {key: phrases_of(read(topic.query, None)) for key, topic in self.topics.items()}
        return {
            key: [(side, f" {fold(' '.join(side.words))} ") for side in of] for key, of in sides.items() if of
        }

    def _percolator(self) -> "Percolator":
        """The percolator of this thread: its index in memory is a connection, which must not change threads."""
        from archive.query import parse
        from archive.search.percolator import Percolator

        made: Percolator | None = getattr(self._own, "percolator", None)
        if made is None:
            others = {key: topic for key, topic in self.topics.items() if key not in self._sides}
            made = Percolator({key: parse(topic.query) for key, topic in others.items()})
            self._own.percolator = made
        return made

    def weight(self, key: str) -> float:
        """The weight of a topic; 1 for one that is not in the file."""
        return self.topics[key].weight if key in self.topics else 1.0

    @cached_property
    def phrases(self) -> Phrases[Theme]:
        """The words that count for and against, as one search over a text."""
        return Phrases(self.themes.items())

    @cached_property
    def themes(self) -> dict[str, Theme]:
        """The words that count for and against; of a word that stands twice the first."""
        themes: dict[str, Theme] = {}
        sites = set(map(norm, self.scale.sites))
        for key, topic in self.topics.items():
            for points, words in _words(topic).items():
                for word in words:
                    themes.setdefault(
                        norm(word), Theme(word, key, points * topic.weight, site=norm(word) in sites)
                    )
        for word in self.scale.sites:
            themes.setdefault(norm(word), Theme(word, "", _OF_QUERY, site=True))
        for name, frame in self.scale.frames.items():
            for word in frame.words:
                themes.setdefault(norm(word), Theme(word, "", frame.weight, name))
        for word in self.scale.ignore:
            themes.setdefault(norm(word), Theme(word, "", 0))
        return themes


def spelled(words: Iterable[str]) -> Iterator[str]:
    """Each word; one with choices in brackets as all the words it stands for."""
    for word in words:
        for parts in product(*(part.split("|") for part in _CHOICE.split(word))):
            yield "".join(parts) if len(parts) > 1 else word


def _words(topic: Topic) -> Mapping[int, Sequence[str]]:
    return topic.words or {_OF_QUERY: single_phrases(topic.query)}


def single_phrases(text: str) -> list[str]:
    """The words and "phrases" of a query that each suffice alone: the sides of an outermost OR."""
    return [side.shown for side in _sides_of(read(text, None)) if isinstance(side, Phrase) and not side.prefix]


def phrases_of(query: Parsed) -> list[Phrase]:
    """The phrases of a query that is nothing but phrases joined by OR; [] for any other."""
    sides = _sides_of(query)
    phrases = [side for side in sides if isinstance(side, Phrase) and not side.prefix and not side.title]
    plain = len(phrases) == len(sides) and not (query.without or query.filters or query.after or query.before)
    return phrases if plain else []


def _sides_of(query: Parsed) -> tuple[Node | None, ...]:
    return query.node.parts if isinstance(query.node, Or) else (query.node,)


def load_topics(path: Path) -> Topics:
    """The topics a topics.yml holds. Raises ConfigError naming file, block and key."""
    data = load_yaml(path)
    only_keys(path, "", data, {"topics", "relevance"})
    blocks = data.get("topics")
    if not isinstance(blocks, dict) or not blocks:
        raise ConfigError(f"{path}: topics: expected at least one `key: {{name: …, query: …}}`")
    topics = {str(key): as_block(path, f"topics.{key}", block, Topic) for key, block in blocks.items()}
    for key, topic in topics.items():
        if not topic.query.strip():
            raise ConfigError(f"{path}: topics.{key}.query: is empty; write what to search for")
    return Topics(topics, as_block(path, "relevance", data.get("relevance") or {}, Scale))
