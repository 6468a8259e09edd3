"""Words that stand often in articles that were missed and in no list of topics.yml: by counts alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from archive.config import WordLists
from archive.places.gazetteer import Gazetteer
from archive.places.matcher import TextWords
from pipelines.classify.evidence import Text
from pipelines.classify.topics import Topics
from pipelines.classify.trial import TrialText

LONGEST = 6  # syllables
SHORTEST = 2
TWICE = 2  # texts that have it, or times that the only text has it
_GRAMMAR = WordLists(Path(__file__).with_suffix(".yml"))


def missed_phrases(
    texts: Sequence[TrialText], places: Gazetteer, topics: Topics, most: int
) -> list[tuple[str, int]]:
    """Phrases of two to six syllables with the number of texts that have each, the commonest first.

    Left out are names of places and what a list of topics.yml holds already, what begins or ends with a word of
    grammar, and a phrase that stands nowhere but within a longer one.
    """
    within, times = Counter[str](), Counter[str]()
    for text in texts:
        found = Counter(_phrases(text, places, topics))
        within.update(found.keys())
        times.update(found)
    counts = within if len(texts) > 1 else times
    common = {phrase: count for phrase, count in counts.items() if count >= TWICE}
    whole = [one for one in common if not _only_within_another(one, common)]
    ranked = sorted(whole, key=lambda one: (-within[one], -times[one], one))
    return [(phrase, within[phrase]) for phrase in ranked[:most]]


def _phrases(given: TrialText, places: Gazetteer, topics: Topics) -> Iterator[str]:
    article, grammar = given.article, set(_GRAMMAR["grammar"])
    words = Text.of(article.title, article.lead, article.body).words
    spans = [(span.start, span.end) for span in places.find(words, given.day)]
    spans += [(hit.start, hit.end) for hit in topics.phrases.find(words)]
    taken = {at for start, end in spans for at in range(start, end)}
    for run in _runs(words, taken):
        for first in range(len(run)):
            for length in range(SHORTEST, min(LONGEST, len(run) - first) + 1):
                phrase = run[first : first + length]
                if not grammar & {phrase[0], phrase[-1]}:
                    yield " ".join(phrase)


def _runs(words: TextWords, taken: set[int]) -> Iterator[list[str]]:
    """Rows of words with nothing but blanks between them, cut where a name or a known word stands."""
    run: list[str] = []
    for at, (start, _) in enumerate(words.spans):
        word = words.lower[at]
        if start in taken or not word.isalpha() or (run and words.gap(at - 1) != " "):
            yield run
            run = []
        if start not in taken and word.isalpha():
            run.append(word)
    yield run


def _only_within_another(phrase: str, counts: dict[str, int]) -> bool:
    inside = f" {phrase} "
    return any(
        counts[other] == counts[phrase] and other != phrase and inside in f" {other} " for other in counts
    )
