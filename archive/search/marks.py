"""Mark in a text what queries found, by the rules that search matches by."""

from collections.abc import Iterable

import msgspec

from archive.query import Query
from archive.search.match import Page, Span, spans


class Marked(msgspec.Struct, frozen=True):
    """A text and which of its characters matched, as [start, end) pairs in order."""

    text: str
    marks: list[tuple[int, int]] = []

    def parts(self) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it matched."""
        pieces, at = [], 0
        for start, end in self.marks:
            pieces += [(self.text[at:start], False), (self.text[start:end], True)]
            at = end
        return [piece for piece in [*pieces, (self.text[at:], False)] if piece[0]]

    def piece(self, start: int, end: int) -> "Marked":
        """The characters from ``start`` to before ``end``, with their marks."""
        inside = [(max(a, start) - start, min(b, end) - start) for a, b in self.marks if a < end and b > start]
        return Marked(self.text[start:end], inside)


def mark(text: str, queries: Iterable[Query]) -> Marked:
    """The text with what any of the queries found; a run of words as typed is preferred to its single words."""
    page = Page(text)
    found: set[Span] = set()
    for query in queries:
        run = [span for phrase in query.rows for span in spans(phrase, page)]
        found |= set(run or (span for phrase in query.terms for span in spans(phrase, page)))
    return Marked(page.shown, _joined(sorted(found)))


def _joined(found: list[Span]) -> list[Span]:
    """Spans that touch as one."""
    joined: list[Span] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
