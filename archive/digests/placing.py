"""Where a story stands: under the rule or topic that it matches best, in editions, on the desk and Hôm nay."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlite_utils import Database

from archive.places.matcher import Phrases, TextWords
from archive.query import Query, parse
from archive.query.tree import Or, Phrase
from archive.search.match import FoldedText, spans
from archive.stories.grouping import member_ids
from archive.text import marked, norm

V = TypeVar("V")

ZONES = (3.0, 2.0, 1.0)  # what a hit counts in title, lead and body
GRADES = {1: 0.3, 2: 0.7}  # of a word with so many points in topics.yml; with more, and a phrase of a query, 1
UNMATCHED = 0.75  # of a topic whose words are there, but whose rule did not match
OTHERS = 0.5  # what all articles of a story but the leading one count together
_GIVEN = "(select value from json_each(?))"
_HEADS = f"select id, title, lead, sha256 from articles where id in {_GIVEN}"
_TOPICS = f"select article_id, topic from article_topics where article_id in {_GIVEN}"
_TOPIC = "topic:"  # before the key, the query of a rule that is a topic
_TOLD = "select query from alerts where query glob ?"
_BODY = 8000  # characters of a body that are looked at
_BODIES = f"select id, substr(body, 1, {_BODY}) from articles where id in {_GIVEN}"
_MOST_SEEN = 10_000  # texts, and stories, of which is remembered what came out
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


class Hits(NamedTuple):
    """What of a heading stands in a text: the best grade, how many, and the offset of the first."""

    best: float
    many: int
    first: int


class Fit(NamedTuple):
    """How well an article fits a heading: its points, and what decides between equals."""

    points: float
    in_title: int
    first: int
    in_body: int


class ArticleText(NamedTuple):
    """What is looked at of an article; of a long body the begin."""

    title: str
    lead: str = ""
    body: str = ""


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


class _Remembered(dict[int, V]):
    """Results by the hash of what they depend on; begun anew when there are many."""

    def __setitem__(self, key: int, value: V) -> None:
        if len(self) >= _MOST_SEEN:
            self.clear()
        super().__setitem__(key, value)


class Placing:
    """Ranks headings for stories; what was seen of a text is remembered."""

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
        self._seen = _Remembered[dict[str, Hits]]()
        self.ranks = _Remembered[list[str]]()

    def rank(
        self, texts: Sequence[ArticleText], matched: Collection[str], told: Collection[str] = ()
    ) -> list[str]:
        """The headings that a story fits, the best first; ``texts`` are its articles, the leading one first.

        ``matched``: the headings whose rule or query found one of the articles; a rule that asks for no words
        (only a source, a day) fits as one word in the body does. Where one of ``told`` is matched, those of
        ``told`` go first.
        """
        points, leading = self._points(texts, matched), self.fits(texts[0])
        behind = self._behind(matched, told)
        there = [key for key, some in points.items() if some]
        return sorted(there, key=lambda key: (key in behind, -points[key], *self._tie(key, leading)))

    def is_decided(
        self, texts: Sequence[ArticleText], matched: Collection[str], told: Collection[str] = ()
    ) -> bool:
        """Whether titles and leads, all that ``texts`` hold, say what comes first, whatever the bodies say."""
        points, behind = self._points(texts, matched), self._behind(matched, told)
        most = ZONES[2] * (1 + OTHERS * (len(texts) > 1))
        best = sorted((key for key in points if key not in behind), key=lambda key: -points[key])
        return all(points[best[0]] > points[key] + most * _share(key, matched) for key in best[1:])

    def _behind(self, matched: Collection[str], told: Collection[str]) -> set[str]:
        return self._order.keys() - told if any(key in matched for key in told) else set()

    def _points(self, texts: Sequence[ArticleText], matched: Collection[str]) -> dict[str, float]:
        first, *others = map(self.fits, texts)
        points = {}
        for key in self._order:
            some = first[key].points if key in first else 0.0
            if others:
                some += OTHERS * sum(fit[key].points for fit in others if key in fit) / len(others)
            least = ZONES[2] if key in matched else 0.0
            points[key] = round(max(some * _share(key, matched), least), 6)
        return points

    def _tie(self, key: str, leading: Mapping[str, Fit]) -> tuple[float, ...]:
        """What decides between equals: hits in the title, weight, what is named first, body, order."""
        fit = leading.get(key) or Fit(0.0, 0, _BODY, 0)
        return -fit.in_title, -self._weights[key], fit.first, -fit.in_body, self._order[key]

    def fits(self, text: ArticleText) -> dict[str, Fit]:
        """How well an article fits each heading that it fits at all; in each zone the best hit counts."""
        fits: dict[str, Fit] = {}
        begin = 0
        for zone, part in enumerate(text):
            for key, hits in self._hits_in(part).items():
                one = fits.get(key) or Fit(0.0, 0, begin + hits.first, 0)
                in_title, in_body = one.in_title + hits.many * (zone == 0), hits.many * (zone == 2)
                fits[key] = Fit(one.points + ZONES[zone] * hits.best, in_title, one.first, in_body)
            begin += len(part) + 1
        return fits

    def _hits_in(self, text: str) -> dict[str, Hits]:
        seen = hash(text)
        if seen not in self._seen:
            hits: dict[str, Hits] = {}
            for key, at, grade in self._hits(text):
                best, many, first = hits.get(key, (0.0, 0, at))
                hits[key] = Hits(max(best, grade), many + 1, min(first, at))
            self._seen[seen] = hits
        return self._seen[seen]

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


def _share(key: str, matched: Collection[str]) -> float:
    return 1.0 if key in matched else UNMATCHED


class _Story(NamedTuple):
    """What its place depends on: titles and leads, what stands for the bodies, and what was matched."""

    texts: tuple[ArticleText, ...]
    shas: tuple[str, ...]
    matched: frozenset[str]
    told: frozenset[str]


def rank_stories(
    db: Database,
    headings: tuple[Heading, ...],
    stories: Iterable[int],
    told: Collection[str],
    matched: Mapping[int, Collection[str]] | None = None,
) -> dict[int, list[str]]:
    """The headings that each story fits, the best first; a number below 0 is an article of no story, by its id.

    A topic is matched where an article has it, a rule where ``matched`` has it for the story. Where one of
    ``told`` is matched, those of ``told`` go first. Bodies are read only where titles and leads leave the first
    place open.
    """
    place, ids = placing(headings), _articles_of(db, stories)
    looked = _stories(db, ids, frozenset(told), matched or {})
    new = {story: one for story, one in looked.items() if hash(one) not in place.ranks}
    open_ = [story for story, (texts, _, *rest) in new.items() if not place.is_decided(texts, *rest)]
    bodies = dict(_about(db, _BODIES, [one for story in open_ for one in ids[story]]))
    for story, (texts, _, *rest) in new.items():
        whole = [text._replace(body=bodies.get(one, "")) for one, text in zip(ids[story], texts, strict=True)]
        place.ranks[hash(new[story])] = place.rank(whole, *rest)
    return {story: place.ranks[hash(one)] for story, one in looked.items()}


def _stories(
    db: Database,
    ids: Mapping[int, Sequence[int]],
    told: frozenset[str],
    matched: Mapping[int, Collection[str]],
) -> dict[int, _Story]:
    given = [one for some in ids.values() for one in some]
    heads = {id_: (ArticleText(title, lead), sha) for id_, title, lead, sha in _about(db, _HEADS, given)}
    topics: dict[int, set[str]] = {}
    for id_, topic in _about(db, _TOPICS, given):
        topics.setdefault(id_, set()).add(topic)
    looked = {}
    for story, some in ids.items():
        texts, shas = zip(*(heads[one] for one in some), strict=True)
        found = frozenset(matched.get(story, ())).union(*(topics.get(one, ()) for one in some))
        looked[story] = _Story(texts, shas, found, told)
    return looked


def rank_topics(db: Database, stories: Iterable[int]) -> dict[int, list[str]]:
    """The topics that each story fits, the best first, as :func:`rank_stories` has them.

    What a digest tells goes first, so that a story of an edition stands under the same topic here.
    """
    told = {query.removeprefix(_TOPIC) for (query,) in db.execute(_TOLD, [f"{_TOPIC}*"])}
    return rank_stories(db, topic_headings(db), stories, told)


def _about(db: Database, sql: str, ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    return iter(db.execute(sql, [json.dumps(ids)])) if ids else iter(())


def _articles_of(db: Database, stories: Iterable[int]) -> dict[int, list[int]]:
    given = set(stories)
    alone = {story: [-story] for story in given if story < 0}
    return member_ids(db, (story for story in given if story > 0)) | alone
