"""Texts with what queries match in them marked: whole or as a snippet, and shown as HTML or plain."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archive.query import Query
from archive.query.tree import Phrase
from archive.search.match import FoldedText, Span, merged, spans

if TYPE_CHECKING:
    from markupsafe import Markup

LENGTH = 240  # characters: two lines of a list
HEAD = 1200  # characters of a text looked at first


class Part(NamedTuple):
    """A run of text, marked or not; escape it, then mark it."""

    text: str
    marked: bool


class Marked(msgspec.Struct, frozen=True):
    """A text and which of its characters matched, as [start, end) pairs in order."""

    text: str
    marks: list[tuple[int, int]] = []

    def parts(self) -> list[Part]:
        """The text in pieces, each with whether it matched."""
        parts, at = [], 0
        for start, end in self.marks:
            parts += [Part(self.text[at:start], False), Part(self.text[start:end], True)]
            at = end
        return [part for part in [*parts, Part(self.text[at:], False)] if part.text]

    def piece(self, start: int, end: int) -> "Marked":
        """The characters from ``start`` to before ``end``, with their marks."""
        inside = [(max(a, start) - start, min(b, end) - start) for a, b in self.marks if a < end and b > start]
        return Marked(self.text[start:end], inside)


def mark(text: str, queries: Iterable[Query]) -> Marked:
    """The text with what any of the queries matches; a run of words as typed goes before its single words."""
    folded = FoldedText(text)
    matches: set[Span] = set()
    for query in queries:
        run = [span for phrase in query.rows for span in spans(phrase, folded)]
        matches |= set(run or (span for phrase in query.terms for span in spans(phrase, folded)))
    return Marked(folded.shown, merged(matches))


def mark_terms(text: str, terms: Sequence[Phrase]) -> Marked:
    """A whole text (a title) with each of the terms marked."""
    folded = FoldedText(text)
    return Marked(folded.shown, merged(span for term in terms for span in spans(term, folded)))


def snippet(
    text: str, terms: Sequence[Phrase], rows: Sequence[Phrase] = (), length: int = LENGTH
) -> list[Part]:
    """The stretch of a text, ``length`` characters or little more, that shows most of what was looked for.

    ``rows`` are phrases that count besides the terms, but are not marked as such; "…" stands for what is cut.
    """
    sought = [term for term in terms if not term.title]
    head = _stretch(text[:HEAD], sought, rows, length) if len(text) > HEAD + length else None
    if head and head.kinds == len(sought) + len(rows) and head.end + length < HEAD:
        return [*head.parts, Part(" …", False)]  # nothing further on can show more
    whole = _stretch(text, sought, rows, length)
    return [*whole.parts, Part(" …", False)] if whole.cut_short else whole.parts


class _Stretch(NamedTuple):
    parts: list[Part]
    kinds: int
    end: int
    cut_short: bool


def _stretch(text: str, terms: Sequence[Phrase], rows: Sequence[Phrase], length: int) -> _Stretch:
    """The stretch that shows most kinds of terms and rows, and how many kinds."""
    folded = FoldedText(text)
    matches = [(at, span) for at, phrase in enumerate([*terms, *rows]) for span in spans(phrase, folded)]
    marks = merged(span for at, span in matches if at < len(terms))
    start, kinds = _best(matches, length)
    start, end = _cut(folded.shown, start, length)
    head = [Part("… ", False)] if start > 0 else []
    parts = head + Marked(folded.shown, marks).piece(start, end).parts()
    return _Stretch(parts, kinds, end, end < len(folded.shown))


def _best(matches: list[tuple[int, Span]], length: int) -> tuple[int, int]:
    """The begin of the window that holds most different terms, the first of equals; and how many."""
    matches.sort(key=lambda one: one[1])
    best, most, right = 0, 0, 0
    counts: dict[int, int] = {}
    for left, (term, (start, _)) in enumerate(matches):
        while right < len(matches) and matches[right][1][1] <= start + length * 3 // 4:
            counts[matches[right][0]] = counts.get(matches[right][0], 0) + 1
            right += 1
        if len(counts) > most:
            best, most = start, len(counts)
        if left < right:
            counts[term] -= 1
            if not counts[term]:
                del counts[term]
        else:
            right = left + 1
    return best, most


def _cut(text: str, first: int, length: int) -> Span:
    """A window around ``first``, begun at a sentence or word and ended at a word."""
    start = max(0, first - length // 4)
    if start:
        line = text.rfind("\n", start, first) + 1
        stop = text.rfind(". ", start, first) + 2
        space = text.find(" ", start, first) + 1
        start = line or (stop if stop > 1 else 0) or space or first
    end = min(len(text), start + length)
    if end < len(text):
        space = text.rfind(" ", start + length // 2, end)
        end = space if space > 0 else end
    return start, end


def as_text(parts: Iterable[Part], frame: str = "«{}»") -> str:
    """Parts as plain text, marked ones in the frame: a terminal may have no colours."""
    return "".join(frame.format(part.text) if part.marked else part.text for part in parts)


def plain(parts: Iterable[Part]) -> str:
    """Parts as plain text on one line, without marks."""
    return " ".join(as_text(parts, "{}").split())


def as_html(parts: Iterable[Part], frame: str = "<mark>{}</mark>") -> "Markup":
    """Parts as HTML, marked ones in the frame."""
    from markupsafe import Markup, escape

    begin, end = frame.split("{}")
    html = (f"{begin}{escape(text)}{end}" if marked else escape(text) for text, marked in parts)
    return Markup("".join(html))  # noqa: S704 - escaped above, the frame is ours


def in_one(parts: Iterable[Part]) -> list[Part]:
    """The parts with marked words side by side as one."""
    joined: list[Part] = []
    for part in parts:
        if part.marked and len(joined) > 1 and joined[-1].text == " " and joined[-2].marked:
            joined[-2:] = [Part(f"{joined[-2].text} {part.text}", True)]
        else:
            joined.append(part)
    return joined
