"""Two texts laid side by side: what stayed, by sentence first and by token where sentences differ."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal, NamedTuple

from archive import boilerplate
from archive.revisions.tokens import Token, tokens
from archive.sentences import sentence_ends

_LONG = 1_000  # tokens or sentences; beyond, what is frequent is no anchor (keeps difflib from going quadratic)
_HUGE = 12_000  # tokens of a differing stretch; beyond, it is new text, not an edit
_ALIKE = 0.3  # of the words shared; below, a stretch is rewritten

_SAME_CAPTION = 0.5  # of the words shared; below, it is another picture's
_BULLET = re.compile(r"^[-–—•●▪■◦*+]\s+")

_SENTENCE = 4  # tokens; a shorter one may stand in two places by chance

Key = tuple[str, ...]
Field = Literal["title", "lead", "body"]
_MOVABLE: tuple[Field, ...] = ("lead", "body")


class Texts(NamedTuple):
    """The texts of an article at one time."""

    title: str
    lead: str
    body: str


class Stretch(NamedTuple):
    """Tokens ``i1:i2`` of the text before that stand where ``j1:j2`` of the text after do."""

    i1: int
    i2: int
    j1: int
    j2: int


@dataclass(frozen=True)
class Tokenized:
    """A text with its tokens and, for each sentence, where its tokens end."""

    text: str
    tokens: list[Token]
    ends: list[int]

    @classmethod
    def of(cls, paragraphs: Iterable[str]) -> "Tokenized":
        text = "\n".join(paragraphs)
        cut = tokens(text)
        return cls(text, cut, sentence_ends(cut, text))

    def sentences(self) -> list[Key]:
        return [keys(self.tokens[one.start : one.stop]) for one in self.spans()]

    def spans(self) -> list[range]:
        """The indexes of each sentence's tokens."""
        return [range(a, b) for a, b in pairwise([0, *self.ends])]

    def lines(self) -> list[range]:
        """The indexes of each line's tokens."""
        breaks = [at for at, letter in enumerate(self.text) if letter == "\n"]
        starts = [token.start for token in self.tokens]
        cuts = [bisect_left(starts, at) for at in (0, *breaks, len(self.text))]
        return [range(a, b) for a, b in pairwise(cuts) if a < b]

    def start(self, sentence: int) -> int:
        """The first token of a sentence, or the end for one past the last."""
        return self.ends[sentence - 1] if sentence else 0


Reading = dict[Field, Tokenized]


def readings(before: Texts, after: Texts) -> tuple[Reading, Reading]:
    """The fields of two versions as a reader takes them in, without what words tell to be furniture."""
    return _read(lines_of(before)), _read(lines_of(after))


def compared(before: Texts, after: Texts, furniture: AbstractSet[int | str]) -> tuple[Reading, Reading]:
    """The same without these lines and shapes, and without pictures' captions that came or went.

    A caption that was reworded stays.
    """
    was, now = lines_of(before), lines_of(after)
    one = _without(was, now, {*furniture, *_left_out(after, now)})
    other = _without(now, was, {*furniture, *_left_out(before, was)})
    return _read(one), _read(other)


def changed_lines(before: Texts, after: Texts) -> set[str]:
    """The lines below the title that only one of two versions has."""
    was, now = (
        Counter(line for field in _MOVABLE for line in lines_of(texts)[field]) for texts in (before, after)
    )
    return set(was - now) | set(now - was)


def lines_of(texts: Texts) -> dict[Field, list[str]]:
    """The lines of each field, without what words tell to be furniture."""
    return {
        "title": [boilerplate.plain(texts.title)],
        "lead": [_BULLET.sub("", line) for line in boilerplate.lead(texts.lead)],
        "body": [_BULLET.sub("", line) for line in boilerplate.paragraphs(texts.body)],
    }


def _left_out(texts: Texts, kept: dict[Field, list[str]]) -> set[str]:
    """The lines of a version that are furniture by words: what one leaves out the other does not add."""
    lines = {boilerplate.plain(line) for line in f"{texts.lead}\n{texts.body}".split("\n")}
    return lines - {line for field in _MOVABLE for line in kept[field]}


def _without(
    mine: dict[Field, list[str]], theirs: dict[Field, list[str]], furniture: AbstractSet[int | str]
) -> dict[Field, list[str]]:
    own = {line for field in _MOVABLE for line in mine[field]}
    others = {line for field in _MOVABLE for line in theirs[field]}

    def is_told(field: Field, line: str) -> bool:
        if field == "title":
            return True
        if furniture and (line in furniture or boilerplate.shape(line) in furniture):
            return False
        if not boilerplate.is_caption(line) or line in others:
            return True
        return any(alike(line.split(), other.split()) >= _SAME_CAPTION for other in others - own)

    return {field: [line for line in lines if is_told(field, line)] for field, lines in mine.items()}


def _read(lines: dict[Field, list[str]]) -> Reading:
    return {field: Tokenized.of(some) for field, some in lines.items()}


def keys(cut: Sequence[Token]) -> Key:
    """What the tokens mean."""
    return tuple(token.key for token in cut)


def stretches(before: Tokenized, after: Tokenized) -> list[Stretch]:
    """Where the texts differ, in order and as small as reads well."""
    a, b = before.sentences(), after.sentences()
    different = []
    for tag, i1, i2, j1, j2 in _matcher(a, b).get_opcodes():
        if tag != "equal":
            block = Stretch(before.start(i1), before.start(i2), after.start(j1), after.start(j2))
            different += _within(block, before.tokens, after.tokens)
    return different


def kept(before: Reading, after: Reading) -> set[Key]:
    """Sentences and lines below the title that both have equally often: where they moved, nothing changed."""
    mine, theirs = (
        Counter(key for field in _MOVABLE for _, key in _movable(side[field])) for side in (before, after)
    )
    return {key for key, count in mine.items() if theirs[key] == count}


def indexes_in(reading: Tokenized, stayed: set[Key]) -> set[int]:
    """Indexes of the tokens that stand in one of these sentences or lines."""
    return {at for span, key in _movable(reading) if key in stayed for at in span}


def _movable(reading: Tokenized) -> Iterator[tuple[range, Key]]:
    """Whole lines, and sentences long enough to be known again."""
    for span, key in zip(reading.spans(), reading.sentences(), strict=True):
        if len(key) >= _SENTENCE:
            yield span, key
    for span in reading.lines():
        yield span, ("\n", *keys(reading.tokens[span.start : span.stop]))


def alike(one: Iterable[str], other: Iterable[str]) -> float:
    """The share of words, counted, that two lists have in common: 0 to 1."""
    a, b = Counter(one), Counter(other)
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0


def _matcher(a: Sequence[object], b: Sequence[object]) -> SequenceMatcher[object]:
    return SequenceMatcher(None, a, b, autojunk=len(b) > _LONG)


def _within(block: Stretch, before: list[Token], after: list[Token]) -> list[Stretch]:
    """The stretches that differ inside one; the whole where little is common."""
    i1, i2, j1, j2 = block
    a, b = keys(before[i1:i2]), keys(after[j1:j2])
    if not a or not b or len(a) + len(b) > _HUGE or alike(a, b) < _ALIKE:
        return [block]
    changed = [
        Stretch(i1 + x1, i1 + x2, j1 + y1, j1 + y2)
        for tag, x1, x2, y1, y2 in _matcher(a, b).get_opcodes()
        if tag != "equal"
    ]
    return _joined(changed)


def _joined(changed: list[Stretch]) -> list[Stretch]:
    """Neighbours made one where what they have between them is shorter than either: chance, not kept text."""
    out: list[Stretch] = []
    for one in changed:
        if out and one.i1 - out[-1].i2 < min(_size(out[-1]), _size(one)):
            last = out.pop()
            one = Stretch(last.i1, one.i2, last.j1, one.j2)
        out.append(one)
    return out


def _size(one: Stretch) -> int:
    return max(one.i2 - one.i1, one.j2 - one.j1)
