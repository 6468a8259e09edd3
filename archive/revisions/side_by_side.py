"""Two versions paragraph by paragraph, with what changed marked, for the page that shows an edit."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, groupby, pairwise
from typing import Literal, NamedTuple

from archive.revisions.alignment import Field, Stretch, Texts, Tokenized, indexes_in, kept, readings, stretches

Mark = Literal["same", "removed", "added"]
Segment = tuple[Mark, str]


class Row(NamedTuple):
    """A paragraph before and the one after that took its place; [] where there is none."""

    field: Field
    before: list[Segment]
    after: list[Segment]


def side_by_side(before: Texts, after: Texts) -> list[Row]:
    """All paragraphs in order, furniture left out; the segments of a paragraph join to its text."""
    was, now = readings(before, after)
    stayed = kept(was, now)
    rows: list[Row] = []
    for field in was:
        changed = stretches(was[field], now[field])
        removed = {at for one in changed for at in range(one.i1, one.i2)} - indexes_in(was[field], stayed)
        added = {at for one in changed for at in range(one.j1, one.j2)} - indexes_in(now[field], stayed)
        old = _Paragraphs(was[field], removed, "removed")
        new = _Paragraphs(now[field], added, "added")
        rows += [Row(field, old.segments(a), new.segments(b)) for a, b in _pairs(old, new, changed)]
    return rows


class _Paragraphs:
    """The paragraphs of a reading, with where each begins and which tokens stand in it."""

    def __init__(self, reading: Tokenized, changed: set[int], mark: Mark) -> None:
        self.reading, self.changed, self.mark = reading, changed, mark
        self.lines = reading.text.split("\n") if reading.text else []
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.of = [bisect_right(self.starts, token.start) - 1 for token in reading.tokens]

    def segments(self, paragraph: int | None) -> list[Segment]:
        """The paragraph in pieces; white space belongs to what stands before it."""
        if paragraph is None:
            return []
        inside = range(bisect_left(self.of, paragraph), bisect_right(self.of, paragraph))
        first, last = self.starts[paragraph], self.starts[paragraph + 1] - 1
        bounds = [first, *(self.reading.tokens[at].start for at in inside[1:]), last]
        marked = [
            (self.mark if at in self.changed else "same", self.reading.text[a:b])
            for at, (a, b) in zip(inside, pairwise(bounds), strict=True)
        ]
        return [(mark, "".join(text for _, text in run)) for mark, run in groupby(marked, lambda one: one[0])]


def _pairs(
    old: _Paragraphs, new: _Paragraphs, changed: list[Stretch]
) -> Iterator[tuple[int | None, int | None]]:
    """Paragraphs that belong together by the tokens they kept, and those alone, in reading order."""
    shared = Counter((old.of[a], new.of[b]) for a, b in _kept_tokens(len(old.of), changed))
    partner = {a: b for (a, b), _ in reversed(shared.most_common())}
    next_new = 0
    for a in range(len(old.lines)):
        b = partner.get(a, -1)
        if b < next_new:
            yield a, None
            continue
        yield from ((None, alone) for alone in range(next_new, b))
        yield a, b
        next_new = b + 1
    yield from ((None, alone) for alone in range(next_new, len(new.lines)))


def _kept_tokens(length: int, changed: list[Stretch]) -> Iterator[tuple[int, int]]:
    """Indexes of the tokens that stayed, before and after."""
    i = j = 0
    for one in [*changed, Stretch(length, length, -1, -1)]:
        while i < one.i1:
            yield i, j
            i, j = i + 1, j + 1
        i, j = one.i2, one.j2
