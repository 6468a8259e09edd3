"""The sentence of how a search was understood, and its links to understand it otherwise."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup, escape
from sqlite_utils import Database

from archive.query import Query
from archive.search.cursor import Cursor
from archive.search.filters import Marked
from archive.search.results import CAP, Results
from archive.web.request import PageRequest, ServedArchive
from archive.web.search_params import SearchParams

_COUNTING = 0.015  # seconds for counting the articles that have each syllable somewhere
_AT_MOST = 0.3  # … where the first step takes long


class Apart(NamedTuple):
    """How many articles have each syllable somewhere; ``capped``: or more."""

    total: int
    capped: bool


def without_words(params: SearchParams, query: Query, site: ServedArchive) -> Query | None:
    """The query with each syllable for itself, where words were put together; else None."""
    if not query.parsed.together:
        return None
    return replace(params, apart=True).query(site.places, site.lexicon)


def count_apart(db: Database, apart: Query, at_desk: Marked | None) -> Apart:
    """Count the articles of that query, as far as there is time."""
    with closing(Cursor(db, apart, patience=_AT_MOST, marked=at_desk)) as cursor:
        rows, capped = cursor.soon(CAP + 1, _COUNTING)
    return Apart(min(len(rows), CAP), capped)


def apart_words(req: PageRequest, apart: Apart | None) -> str:
    """How many articles there are so: «hơn 200 bài»."""
    return req.formats.count("articles", apart.total + apart.capped, capped=apart.capped) if apart else ""


def understood(
    req: PageRequest,
    params: SearchParams,
    results: Results,
    apart: Apart | None,
    address: Callable[[SearchParams], str],
) -> Markup:
    """How the words were understood, with links to names of places, syllables and marks in the other way."""
    text = escape(results.understood_en if req.words.lang == "en" else results.understood)
    ways = list(_ways(req, params, results.parsed, apart))
    for said in filter(None, (said for said, _, _ in ways)):
        text = Markup("{} ({})").format(text, said)
    links = [
        Markup('<a href="{}">{}</a>').format(address(replace(changed, page=1)), word)
        for _, word, changed in ways
    ]
    return Markup(" ").join(filter(None, (text, Markup(" · ").join(links))))


def _ways(
    req: PageRequest, params: SearchParams, query: Query, apart: Apart | None
) -> Iterator[tuple[str, str, SearchParams]]:
    """What was asked for by a link, the words of the link to the other way, and where it leads."""
    words, site = req.words, req.site
    other = replace(params, as_typed=not params.as_typed)
    if other.query(site.places, site.lexicon).fts != query.fts:
        as_typed = (words("search.is_as_typed"), words("search.all_names"))
        yield (*(as_typed if params.as_typed else ("", words("search.as_typed"))), other)
    if params.apart and replace(params, apart=False).query(site.places, site.lexicon).parsed.together:
        yield words("search.is_apart"), words("search.together"), replace(params, apart=False)
    elif apart:
        yield "", words("search.apart", what=apart_words(req, apart)), replace(params, apart=True)
    if params.any_marks and replace(params, any_marks=False).query(site.places, site.lexicon).fts != query.fts:
        yield words("search.is_any_marks"), words("search.marks_as_meant"), replace(params, any_marks=False)
    elif plain := query.parsed.plain:
        what = ", ".join(f"«{word}»" for word in plain)
        yield "", words("search.any_marks", what=what), replace(params, any_marks=True)
