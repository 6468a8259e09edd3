"""The words of a query marked in a text as it was printed: original accents, escaped HTML."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from archive.marks import mark
from archive.query import Query


@dataclass(frozen=True, slots=True)
class MarkedArticle:
    """Title, lead and paragraphs, ready for a page."""

    title: Markup
    lead: Markup
    paragraphs: list[Markup]


def article(title: str, lead: str, body: str, query: Query | None = None) -> MarkedArticle:
    """An article's text with the words of the query marked, if there is one."""
    paragraphs = [part for part in body.split("\n") if part.strip()]
    return MarkedArticle(text(title, query), text(lead, query), [text(part, query) for part in paragraphs])


def text(plain: str, query: Query | None) -> Markup:
    """One text with what the query found in ``<mark>``."""
    if query is None:
        return escape(plain)
    pieces = [
        Markup("<mark>{}</mark>").format(piece) if matched else escape(piece)
        for piece, matched in mark(plain, [query]).parts()
    ]
    return Markup().join(pieces)
