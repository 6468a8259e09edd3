"""Where a story stands: under the rule or topic that it matches best, in editions, on the desk and Hôm nay."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlite_utils import Database

from archive.places.matcher import Phrases, TextWords
from archive.query import Query, parse
from archive.query.tree import Or, Phrase
from archive.search.match import FoldedText, spans
from archive.stories.grouping import member_ids
from archive.text import marked, norm

ZONES = (3.0, 2.0, 1.0)  # what a hit counts in title, lead and body
GRADES = {1: 0.3, 2: 0.7}  # of a word with so many points in topics.yml; with more, and a phrase of a query, 1
UNMATCHED = 0.75  # of a topic whose words are there, but whose rule did not match
OTHERS = 0.5  # what all articles of a story but the leading one count together
_TEXTS = "select id, title, lead, body from articles where id in (select value from json_each(?))"
_TOPICS = "select article_id, topic from article_topics where article_id in (select value from json_each(?))"
_TOPIC = "topic:"  # before the key, the query of a rule that is a topic
_TOLD = "select query from alerts where query glob ?"
_BODY = 8000  # characters of a body that are looked at
_MOST_SEEN = 4000  # articles whose fits are remembered
_OFFICE = re.compile(r"(?:Sở|Bộ|Cục|Viện|Trường|Đại học|Hiệp hội|[Bb]an [Qq]uản lý)(?: các)? \Z")
_LETTER = re.compile(r"\w")
_BY_OFFICE = 0.5  # what a word counts in the name of an office: it says who speaks, not what of


class Heading(NamedTuple):
    """What stories can stand under: a topic by its key, or a query of a digest by the name of its rule.

    ``phrases`` count as they are written, each with its grade (0 to 1); those in ``loose`` with any marks.
    """

    key: str
    weight: float
    phrases: tuple[tuple[str, float], ...]
    loose: tuple[tuple[Phrase, float], ...] = ()


class Fit(NamedTuple):
    """How well an article fits a heading: its points, and what decides between equals."""

    points: float
    in_title: int
    first: int
    in_body: int


class ArticleText(NamedTuple):
    """What is looked at of an article."""

    title: str
    lead: str
    body: str


def topic_headings(db: Database) -> tuple[Heading, ...]:
    """The topics of the archive, in the order of topics.yml."""
    rows = db.execute("select key, weight, query, words from topics order by rowid").fetchall()
    return _headings_of(tuple(rows))


@lru_cache(maxsize=4)
def _headings_of(rows: tuple[tuple[str, float | None, str | None, str], ...]) -> tuple[Heading, ...]:
    return tuple(_topic(*row) for row in rows)


def _topic(key: str, weight: float | None, query: str | None, words: str) -> Heading:
    """The words with their grades; a phrase of the query that is not among them counts in full."""
    pairs = json.loads(words).items()
    graded = {norm(word): GRADES.get(int(points), 1.0) for points, some in pairs for word in some}
    asked = query_heading(key, parse(query or ""), weight or 1.0)
    return asked._replace(phrases=tuple((dict(asked.phrases) | graded).items()))


def query_heading(key: str, query: Query, weight: float = 1.0) -> Heading:
    """A query as a heading: of words that must all be there each counts little, in a row they count in full."""
    alone = isinstance(query.tree, Or | Phrase)
    graded = [(one, 1.0) for one in query.rows] + [(one, 1.0 if alone else GRADES[1]) for one in query.terms]
    loose = tuple(pair for pair in graded if _loose(pair[0]))
    return Heading(key, weight, tuple((norm(one.shown), g) for one, g in graded if not _loose(one)), loose)


def _loose(phrase: Phrase) -> bool:
    """Typed without marks or capitals, or cut short: the text may go on otherwise."""
    return phrase.prefix or not any(marked(word) or word != word.lower() for word in phrase.words)


@lru_cache(maxsize=8)
def placing(headings: tuple[Heading, ...]) -> "Placing":
    """The rule for these headings, made once."""
    return Placing(headings)


class Placing:
    """Ranks headings for stories; what was seen of an article is remembered."""

    def __init__(self, headings: tuple[Heading, ...]) -> None:
        self._order = {heading.key: at for at, heading in enumerate(headings)}
        self._weights = {heading.key: heading.weight for heading in headings}
        names: dict[str, list[tuple[str, float]]] = {}
        for heading in headings:
            for phrase, grade in heading.phrases:
                if _LETTER.search(phrase):
                    names.setdefault(phrase, []).append((heading.key, grade))
        self._phrases = Phrases(names.items())
        self._loose = [(heading.key, *pair) for heading in headings for pair in heading.loose]
        self._seen: dict[int, dict[str, Fit]] = {}

    def rank(self, texts: Sequence[ArticleText], matched: Collection[str]) -> list[str]:
        """The headings that a story fits, the best first; ``texts`` are its articles, the leading one first.

        ``matched``: the headings whose rule or query found one of the articles; a rule that asks for no words
        (only a source, a day) fits as one word in the body does.
        """
        fits = [self.fits(text) for text in texts]
        points = {key: self._points(key, fits, key in matched) for key in self._order}
        there = [key for key, some in points.items() if some]
        return sorted(there, key=lambda key: (-points[key], *self._tie(key, fits[0])))

    def _points(self, key: str, fits: Sequence[Mapping[str, Fit]], matched: bool) -> float:
        first, *others = (fit[key].points if key in fit else 0.0 for fit in fits)
        points = first + (OTHERS * sum(others) / len(others) if others else 0.0)
        return round(max(points, ZONES[2]) if matched else points * UNMATCHED, 6)

    def _tie(self, key: str, leading: Mapping[str, Fit]) -> tuple[float, ...]:
        """What decides between equals: hits in the title, weight, what is named first, body, order."""
        fit = leading.get(key) or Fit(0.0, 0, _BODY, 0)
        return -fit.in_title, -self._weights[key], fit.first, -fit.in_body, self._order[key]

    def fits(self, text: ArticleText) -> dict[str, Fit]:
        """How well an article fits each heading that it fits at all."""
        seen = hash(text)
        if seen not in self._seen:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[seen] = self._fits(text)
        return self._seen[seen]

    def _fits(self, text: ArticleText) -> dict[str, Fit]:
        hits: dict[str, list[list[tuple[int, float]]]] = {}
        begin = 0
        for zone, part in enumerate((text.title, text.lead, text.body[:_BODY])):
            for key, at, grade in self._hits(part):
                hits.setdefault(key, [[], [], []])[zone].append((begin + at, grade))
            begin += len(part) + 1
        return {key: _fit(zones) for key, zones in hits.items()}

    def _hits(self, text: str) -> Iterator[tuple[str, int, float]]:
        """Heading, offset and grade of what stands in a text; of two phrases that overlap the longer counts."""
        shown = norm(text)
        for hit in self._phrases.find(TextWords(shown)):
            share = _BY_OFFICE if _OFFICE.search(shown, max(0, hit.start - 20), hit.start) else 1.0
            for key, grade in hit.value:
                yield key, hit.start, grade * share
        folded = FoldedText(text)
        for key, phrase, grade in self._loose:
            for start, _ in spans(phrase, folded):
                yield key, start, grade


def _fit(zones: Sequence[Sequence[tuple[int, float]]]) -> Fit:
    """In each zone the best hit counts."""
    points = sum(
        weight * max((grade for _, grade in hits), default=0.0)
        for weight, hits in zip(ZONES, zones, strict=True)
    )
    return Fit(points, len(zones[0]), min(at for hits in zones for at, _ in hits), len(zones[2]))


def rank_stories(
    db: Database, headings: tuple[Heading, ...], stories: Iterable[int], matched: Mapping[int, Collection[str]]
) -> dict[int, list[str]]:
    """The headings that each story fits, the best first; a number below 0 is an article of no story, by its id.

    A topic is matched where an article has it, a rule where ``matched`` has it for the story.
    """
    place = placing(headings)
    return {
        story: place.rank(texts, topics.union(matched.get(story, ())))
        for story, (texts, topics) in _loaded(db, stories).items()
    }


def rank_topics(db: Database, stories: Iterable[int]) -> dict[int, list[str]]:
    """The topics that each story fits, the best first, as :func:`rank_stories` has them.

    Where an article has a topic that a digest tells, those that none tells come last: the story stands in the
    edition, and under the same topic here.
    """
    told = {query.removeprefix(_TOPIC) for (query,) in db.execute(_TOLD, [f"{_TOPIC}*"])}
    place = placing(topic_headings(db))
    ranks = {}
    for story, (texts, topics) in _loaded(db, stories).items():
        rank = place.rank(texts, topics)
        ranks[story] = sorted(rank, key=lambda key: key not in told) if topics & told else rank
    return ranks


def _loaded(db: Database, stories: Iterable[int]) -> dict[int, tuple[list[ArticleText], set[str]]]:
    """Of each story its articles' texts, the leading one first, and the topics they have."""
    ids = _articles_of(db, stories)
    given = [json.dumps([one for some in ids.values() for one in some])]
    texts = {id_: ArticleText(*row) for id_, *row in db.execute(_TEXTS, given)}
    topics: dict[int, set[str]] = {}
    for id_, topic in db.execute(_TOPICS, given):
        topics.setdefault(id_, set()).add(topic)
    return {
        story: ([texts[one] for one in some], {key for one in some for key in topics.get(one, ())})
        for story, some in ids.items()
    }


def _articles_of(db: Database, stories: Iterable[int]) -> dict[int, list[int]]:
    given = set(stories)
    alone = {story: [-story] for story in given if story < 0}
    return member_ids(db, (story for story in given if story > 0)) | alone
