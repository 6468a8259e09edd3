"""Two versions paragraph by paragraph, with what changed marked, for the page that shows an edit."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from archive.alignment import Field, Reading, Stretch, Texts, kept, readings, settled, stretches

Mark = Literal["same", "removed", "added"]
Segment = tuple[Mark, str]


class Row(NamedTuple):
    """A paragraph before and the one after that took its place; [] where there is none."""

    field: Field
    before: list[Segment]
    after: list[Segment]


def side_by_side(before: Texts, after: Texts) -> list[Row]:
    """All paragraphs in order, furniture left out; the segments of a paragraph join to its text."""
    was, now = readings(before), readings(after)
    stayed = kept(was, now)
    rows: list[Row] = []
    for field in was:
        changed = stretches(was[field], now[field])
        removed = {at for one in changed for at in range(one.i1, one.i2)} - settled(was[field], stayed)
        added = {at for one in changed for at in range(one.j1, one.j2)} - settled(now[field], stayed)
        old = _Paragraphs(was[field], removed, "removed")
        new = _Paragraphs(now[field], added, "added")
        rows += [Row(field, old.segments(a), new.segments(b)) for a, b in _pairs(old, new, changed)]
    return rows


class _Paragraphs:
    """Where the paragraphs of a reading begin, in characters and in tokens."""

    def __init__(self, reading: Reading, changed: set[int], mark: Mark) -> None:
        self.reading, self.changed, self.mark = reading, changed, mark
        self.lines = reading.text.split("\n") if reading.text else []
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def of(self, index: int) -> int:
        """The paragraph in which a token stands."""
        return bisect_right(self.starts, self.reading.tokens[index].start) - 1

    def segments(self, paragraph: int | None) -> list[Segment]:
        """The paragraph in pieces; white space belongs to what stands before it."""
        if paragraph is None:
            return []
        first, last = self.starts[paragraph], self.starts[paragraph + 1] - 1
        inside = [(at, one) for at, one in enumerate(self.reading.tokens) if first <= one.start < last]
        bounds = [first, *(one.start for _, one in inside[1:]), last]
        marked = [
            (self.mark if at in self.changed else "same", self.reading.text[a:b])
            for (at, _), a, b in zip(inside, bounds, bounds[1:], strict=False)
        ]
        return [(mark, "".join(text for _, text in run)) for mark, run in groupby(marked, lambda one: one[0])]


def _pairs(
    old: _Paragraphs, new: _Paragraphs, changed: list[Stretch]
) -> Iterator[tuple[int | None, int | None]]:
    """Paragraphs that belong together by the tokens they kept, and those alone, in reading order."""
    shared = Counter((old.of(a), new.of(b)) for a, b in _kept_tokens(len(old.reading.tokens), changed))
    next_new = 0
    for a in range(len(old.lines)):
        best = max((pair for pair in shared if pair[0] == a), key=shared.__getitem__, default=None)
        if best is None or best[1] < next_new:
            yield a, None
            continue
        yield from ((None, b) for b in range(next_new, best[1]))
        yield best
        next_new = best[1] + 1
    yield from ((None, b) for b in range(next_new, len(new.lines)))


def _kept_tokens(length: int, changed: list[Stretch]) -> Iterator[tuple[int, int]]:
    """Indexes of the tokens that stayed, before and after."""
    i = j = 0
    for one in [*changed, Stretch(length, length, -1, -1)]:
        while i < one.i1:
            yield i, j
            i, j = i + 1, j + 1
        i, j = one.i2, one.j2
