"""The words of a query marked in a text as it was printed: original accents, escaped HTML."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from archive.query import Query
from archive.search.marks import mark


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
    return run(mark(plain, [query]).parts())


def run(parts: Iterable[tuple[str, bool]]) -> Markup:
    """Parts of a text as search gives them; marked words side by side become one mark."""
    joined: list[tuple[str, bool]] = []
    for text, marked in parts:
        if marked and len(joined) > 1 and joined[-1][0] == " " and joined[-2][1]:
            joined[-2:] = [(f"{joined[-2][0]} {text}", True)]
        else:
            joined.append((text, marked))
    return Markup().join(
        Markup("<mark>{}</mark>").format(text) if marked else escape(text) for text, marked in joined
    )
