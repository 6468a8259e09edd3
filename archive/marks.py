"""Mark in a text what queries found, by the rules that search matches by."""

from collections.abc import Iterable

from archive.edition import Marked
from archive.query import Query
from archive.scan import Page, Span, spans


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
