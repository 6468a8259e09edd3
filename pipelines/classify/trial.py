"""What other words, weights, queries or figures in topics.yml would change: texts judged by both.

It runs what the stage runs (:func:`pipelines.classify.decide`). A text is judged again only where a proposal
can reach it: a word that is new, gone or worth other points stands in it, or a query finds it otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from msgspec.structs import replace as changed

from archive.cases.trial import RuleProposal
from archive.model import Article, Level
from archive.places.gazetteer import Gazetteer
from archive.places.matcher import TextWords
from archive.query import parse
from archive.text import norm
from pipelines.classify import decide, mentions
from pipelines.classify.evidence import Text
from pipelines.classify.topics import Scale, Topic, Topics


@dataclass(frozen=True, slots=True)
class Decision:
    """What rules make of an article; ``topics`` are keys, ``why`` codes."""

    relevant: bool
    level: Level | None
    score: float
    topics: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialText:
    """An article to judge, with the day its names are read by (Hà Nội), None where no day is known."""

    article: Article
    day: date | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A text that proposals reach: what today's rules make of it, and those of each rule set that reaches it.

    ``after`` and ``words`` (of the proposal, found in the text) are by the number of the rule set.
    """

    text: TrialText
    before: Decision
    after: dict[int, Decision]
    words: dict[int, list[str]]


@dataclass(frozen=True)
class RuleSet:
    """Rules that differ from today's, and where they can make a difference.

    ``words``: words as they are compared, between blanks, with the word as written; ``everywhere``: a figure or
    weight differs. ``queries``: topics whose query differs, before and after; ``filtered``: one asks for more
    than words. ``same_queries``: every query finds what it finds today.
    """

    topics: Topics
    words: Mapping[str, str]
    everywhere: bool
    queries: tuple[Topics, Topics] | None
    filtered: bool
    same_queries: bool

    @classmethod
    def of(cls, today: Topics, other: Topics) -> "RuleSet":
        """The other rules against today's."""
        words = {
            key for key in {**today.themes, **other.themes} if today.themes.get(key) != other.themes.get(key)
        }
        keys = [key for key in {**today.topics, **other.topics} if _query(today, key) != _query(other, key)]
        pair = _only(today, keys), _only(other, keys)
        return cls(
            other,
            {_laid_out(TextWords(word)): word for word in words},
            _figures(today) != _figures(other),
            pair if keys else None,
            any(map(_asks_more, pair)),
            not keys and not _asks_more(today),
        )


def _asks_more(topics: Topics) -> bool:
    """Whether a query asks for more than words, such as a level."""
    return any(parse(topic.query).conditional for topic in topics.topics.values())


def _query(topics: Topics, key: str) -> str | None:
    return topics.topics[key].query if key in topics.topics else None


def _only(topics: Topics, keys: Sequence[str]) -> Topics:
    return Topics({key: topic for key, topic in topics.topics.items() if key in keys}, Scale())


def _figures(topics: Topics) -> tuple[object, ...]:
    """What counts in texts without any word of the file: the scale, and weights, which employers have too."""
    frames = {name: changed(frame, words=()) for name, frame in topics.scale.frames.items()}
    weights = {key: topic.weight for key, topic in topics.topics.items() if topic.weight != 1}
    return changed(topics.scale, sites=(), ignore=(), frames=frames), weights


def _laid_out(words: TextWords) -> str:
    return f" {' '.join(words.lower)} "


@dataclass(slots=True)
class _Text:
    """A text with what no topic changes, made when it is first asked for."""

    given: TrialText
    text: Text
    words: str = field(init=False)

    def __post_init__(self) -> None:
        self.words = _laid_out(self.text.words)

    @classmethod
    def of(cls, given: TrialText) -> "_Text":
        article = given.article
        return cls(given, Text.of(article.title, article.lead, article.body))


@dataclass(slots=True)
class Trial:
    """Texts judged by today's rules and by others."""

    places: Gazetteer
    today: Topics
    rules: Sequence[RuleSet]

    def reached(self, texts: Sequence[TrialText]) -> Iterator[Judged]:
        """Those of the texts that some of the rules can reach, judged; many at once cost less."""
        batch = [_Text.of(text) for text in texts] if self.rules else []
        reach: list[dict[int, list[str]]] = [{} for _ in batch]
        for number, rules in enumerate(self.rules):
            found_otherwise = _found_otherwise(rules, texts)
            for at, text in enumerate(batch):
                words = sorted(word for laid, word in rules.words.items() if laid in text.words)
                if words or rules.everywhere or at in found_otherwise:
                    reach[at][number] = words
        for text, words_of in zip(batch, reach, strict=True):
            if words_of:
                yield self._judged(text, words_of)

    def decisions(self, texts: Sequence[TrialText]) -> Iterator[tuple[Decision, list[Decision]]]:
        """What today's rules make of each text, and each of the others."""
        for text in map(_Text.of, texts):
            before, *after = self._decide(text, self.rules)
            yield before, after

    def _judged(self, text: _Text, words: dict[int, list[str]]) -> Judged:
        before, *after = self._decide(text, [self.rules[number] for number in words])
        return Judged(text.given, before, dict(zip(words, after, strict=True)), words)

    def _decide(self, text: _Text, rules: Sequence[RuleSet]) -> list[Decision]:
        """What today's rules make of a text, then each of the others."""
        article = replace(text.given.article)
        spans = self.places.find(text.text.words, text.given.day)
        article.mentions, own = mentions(spans), article.source in self.places.papers
        decisions: list[Decision] = []
        first: list[str] = []
        for topics, same_queries in [(self.today, False), *((one.topics, one.same_queries) for one in rules)]:
            matched = first if same_queries else None
            article.topics = []
            found = decide(article, text.text, spans, topics, own_paper=own, matched=matched)
            first = first if decisions else found
            decisions.append(_decision(article))
        return decisions


def _decision(article: Article) -> Decision:
    return Decision(article.relevant, article.level, article.score, tuple(article.topics), tuple(article.why))


def _found_otherwise(rules: RuleSet, texts: Sequence[TrialText]) -> set[int]:
    """Where in a row of texts the queries that differ find something else.

    That is everywhere where one of them asks for more than words, such as a level.
    """
    if rules.queries is None:
        return set()
    if rules.filtered:
        return set(range(len(texts)))
    before, after = (topics.match([text.article for text in texts]) for topics in rules.queries)
    return {at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other}


def apply(today: Topics, proposals: Sequence[RuleProposal], other: Topics | None = None) -> Topics:
    """Today's rules with proposals taken; ``other`` is the file that a proposal of kind ``rest`` comes from."""
    topics, scale = dict(today.topics), today.scale
    for proposal in proposals:
        key = proposal.topic
        if proposal.kind == "threshold":
            scale = changed(scale, threshold=float(proposal.after))
        elif proposal.kind == "rest" and other is not None:
            topics = {name: topics.get(name, topic) for name, topic in other.topics.items()}
            scale = changed(other.scale, threshold=scale.threshold)
        elif proposal.kind == "word":
            topics[key] = _with_word(topics[key], proposal.word, int(float(proposal.after or 0)))
        elif proposal.kind == "weight":
            topics[key] = changed(topics[key], weight=float(proposal.after))
        elif proposal.kind == "query":
            topics[key] = changed(topics[key], query=proposal.after)
    return Topics(topics, scale)


def _with_word(topic: Topic, word: str, points: int) -> Topic:
    """The topic with a word at so many points, 0 for without it."""
    words = {own: tuple(one for one in some if norm(one) != norm(word)) for own, some in topic.words.items()}
    if points:
        words[points] = (*words.get(points, ()), word)
    return changed(topic, words={own: some for own, some in words.items() if some})


def proposals_between(today: Topics, other: Topics) -> list[RuleProposal]:
    """How another file differs from today's, each word, weight, query and the threshold by itself.

    What else differs is one proposal more.
    """
    found: list[RuleProposal] = []
    for key, topic in other.topics.items():
        if key in today.topics:
            found += _differences(key, today.topics[key], topic)
    before, after = today.scale, other.scale
    if before.threshold != after.threshold:
        found.append(RuleProposal("threshold", before=f"{before.threshold:g}", after=f"{after.threshold:g}"))
    if rest := _rest(today, other):
        found.append(RuleProposal("rest", word=", ".join(rest)))
    return found


def _differences(key: str, before: Topic, after: Topic) -> Iterator[RuleProposal]:
    old, new = (
        {norm(word): (word, points) for points, words in topic.words.items() for word in words}
        for topic in (before, after)
    )
    for form in {**old, **new}:
        word = (new.get(form) or old[form])[0]
        points = [f"{table[form][1]}" if form in table else "0" for table in (old, new)]
        if points[0] != points[1]:
            yield RuleProposal("word", key, word, *points)
    if before.weight != after.weight:
        yield RuleProposal("weight", key, "", f"{before.weight:g}", f"{after.weight:g}")
    if before.query != after.query:
        yield RuleProposal("query", key, "", before.query, after.query)


def _rest(today: Topics, other: Topics) -> list[str]:
    """The names of what else differs: topics that are new or gone, figures, frames and lists of words."""
    topics = [key for key in {**today.topics, **other.topics} if (key in today.topics) != (key in other.topics)]
    fields = [name for name in Scale.__struct_fields__ if name != "threshold"]
    return topics + [name for name in fields if getattr(today.scale, name) != getattr(other.scale, name)]
