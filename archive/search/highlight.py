"""The original text of a hit with the words found marked, cut to the lines that show most of them."""

from collections.abc import Sequence
from typing import NamedTuple

from archive.query.tree import Phrase
from archive.search.match import Page, Span, spans

LENGTH = 240  # characters: two lines of a list
HEAD = 1200  # characters of a text looked at first


class Part(NamedTuple):
    """A run of text, marked or not; escape it, then mark it."""

    text: str
    marked: bool


def marked_parts(text: str, terms: Sequence[Phrase]) -> list[Part]:
    """A whole text (a title) in parts."""
    page = Page(text)
    return _parts(page.shown, 0, len(page.shown), _merged(_found(page, terms)))


def snippet_parts(
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
    page = Page(text)
    found = _found(page, terms)
    in_rows = [(len(terms) + at, span) for at, row in enumerate(rows) for span in spans(row, page)]
    start, kinds = _best(found + in_rows, length)
    start, end = _cut(page.shown, start, length)
    head = [Part("… ", False)] if start > 0 else []
    return _Stretch(head + _parts(page.shown, start, end, _merged(found)), kinds, end, end < len(page.shown))


def plain(parts: Sequence[Part]) -> str:
    """Parts as plain text on one line."""
    return " ".join("".join(part.text for part in parts).split())


def _found(page: Page, terms: Sequence[Phrase]) -> list[tuple[int, Span]]:
    return [(at, span) for at, term in enumerate(terms) for span in spans(term, page)]


def _merged(found: list[tuple[int, Span]]) -> list[Span]:
    """Spans in order, those that touch or overlap as one, words of a row side by side too."""
    merged: list[Span] = []
    for start, end in sorted(span for _, span in found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _best(found: list[tuple[int, Span]], length: int) -> tuple[int, int]:
    """The begin of the window that holds most different terms, the first of equals; and how many."""
    found.sort(key=lambda one: one[1])
    best, most, right = 0, 0, 0
    counts: dict[int, int] = {}
    for left, (term, (start, _)) in enumerate(found):
        while right < len(found) and found[right][1][1] <= start + length * 3 // 4:
            counts[found[right][0]] = counts.get(found[right][0], 0) + 1
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


def _parts(text: str, start: int, end: int, marks: list[Span]) -> list[Part]:
    parts: list[Part] = []
    at = start
    for begin, stop in marks:
        if stop <= start or begin >= end:
            continue
        begin, stop = max(begin, start), min(stop, end)
        parts += [Part(text[at:begin], False), Part(text[begin:stop], True)]
        at = stop
    return [part for part in [*parts, Part(text[at:end], False)] if part.text]
