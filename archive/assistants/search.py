"""The tool ``search``: articles by the archive's own query language, newest first or the nearest first."""

from contextlib import closing
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import asdict

from archive.assistants.asking import ArticleRef, BadQuestion, DataAge, Reading, age_of, key_of, reference
from archive.clock import HANOI
from archive.i18n import Language, Words
from archive.query import Query
from archive.search.cursor import Cursor
from archive.search.filters import load_names
from archive.search.lexicon import lexicon_for
from archive.search.results import Hit
from archive.search.results import results as results_of
from archive.web.search_params import LONGEST, SearchParams
from archive.web.views.lists import ArticleLine, lines_of

PATIENCE = 2.0  # seconds after which a search tells what it found among the newest articles
SNIPPET = 400  # characters
_LONGEST_NAME = 200
_EVER = date(1970, 1, 1)  # since then: everything, where nothing was asked for
Day = Annotated[date | None, Meta(description="A day in Asia/Ho_Chi_Minh, like 2026-11-21; included.")]
Name = Annotated[str, Meta(max_length=_LONGEST_NAME)]


class FiltersAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What articles are asked for."""

    query: Annotated[
        str,
        Meta(
            max_length=LONGEST,
            description="Words that must all occur; known words of several syllables (chuyển đổi số) stand "
            'together. "a phrase", OR, -word, word*, NEAR(a b, 5), title:word. With any Vietnamese mark in it, '
            "words are matched as typed; without one (chuyen doi so) any marks fit. 52-NQ/TW and 8.503 are "
            "ordinary words.",
        ),
    ] = ""
    since: Day = None
    until: Day = None
    source: Annotated[Name, Meta(description="One outlet, by key or name (see `names`): baotintuc.")] = ""
    topic: Annotated[Name, Meta(description="One topic, by key or name (see `names`).")] = ""
    place: Annotated[Name, Meta(description="Only articles that name this place: Sông Công.")] = ""
    organisation: Annotated[Name, Meta(description="Only articles that name this organisation.")] = ""
    level: Annotated[
        Literal["about", "mention"] | None,
        Meta(description="about: the province is the subject; mention: it is only named."),
    ] = None
    state: Annotated[
        Literal["edited", "gone"] | None,
        Meta(description="edited: changed by the outlet after publication; gone: taken down."),
    ] = None
    apart: Annotated[bool, Meta(description="Each syllable by itself, also those that are one word.")] = False
    any_marks: Annotated[bool, Meta(description="What is typed without marks may bear any.")] = False
    as_typed: Annotated[bool, Meta(description="Places by the name typed alone, not by old and new ones.")] = (
        False
    )


class SearchAsked(FiltersAsked, frozen=True, kw_only=True):
    """What is searched for, and how much of it is told."""

    order: Annotated[
        Literal["newest", "relevance"], Meta(description="relevance ranks the newest thousand hits.")
    ] = "newest"
    grouped: Annotated[bool, Meta(description="Each event once, by its first hit: no reprints.")] = False
    limit: Annotated[int, Meta(ge=1, le=50)] = 10
    page: Annotated[int, Meta(ge=1, le=1000)] = 1


class FoundArticle(ArticleRef, frozen=True, kw_only=True):
    """One result; ``snippet`` is the stretch of its text that shows most of what was looked for."""

    snippet: str
    level: str | None = None
    outlets: Annotated[int, Meta(description="How many outlets ran this same text.")] = 1
    only_headline: Annotated[bool, Meta(description="Its text could not be read.")] = False


class SearchAnswer(Struct, frozen=True, kw_only=True):
    """What was found; ``capped``: there are, or may be, more than ``total``."""

    query: str
    understood: Annotated[str, Meta(description="How the query was understood, in Vietnamese.")]
    understood_en: Annotated[str, Meta(description="The same in English: check it against what you meant.")]
    problem: Annotated[str, Meta(description="What of the query could not be used.")] = ""
    total: int
    capped: bool
    results: list[FoundArticle]
    further: Annotated[bool, Meta(description="Whether the next `page` holds more.")]
    looked_back_to: Annotated[
        datetime | None, Meta(description="Time ran out: older articles were not looked at.")
    ] = None
    data: DataAge


def search(reading: Reading, asked: SearchAsked) -> SearchAnswer:
    """Find articles of the Vietnamese press on Thái Nguyên's industry and digital transformation.

    Examples of `query`: chuyển đổi số · "khu công nghiệp" Sông Công -bất động sản · 52-NQ/TW · title:samsung OR
    title:LG. Filters alone, or nothing at all, browse the newest. Each result has the outlet's address to cite,
    the time of publication and a snippet; `article` gives the whole text. `total` is exact unless `capped`.
    Read `understood_en` first: it says what was really searched. For counts over time use `coverage`, for who
    told one happening `event`.
    """
    db, params = reading.db, params_of(reading, asked)
    query = params.query(reading.places, lexicon_for(reading.db, reading.places))
    with closing(Cursor(db, query, patience=PATIENCE)) as cursor:
        found = results_of(
            db,
            cursor,
            limit=asked.limit,
            offset=(asked.page - 1) * asked.limit,
            order=asked.order,
            grouped=asked.grouped,
        )
        lines = lines_of(db, [hit.id for hit in found.hits])
    return SearchAnswer(
        query=asked.query,
        understood=understood(query, "vi"),
        understood_en=understood(query, "en"),
        problem=found.parsed.problem_en if asked.query else "",
        total=found.total,
        capped=found.capped,
        results=[_result(reading, hit, lines[hit.id]) for hit in found.hits],
        further=found.further,
        looked_back_to=found.back_to and found.back_to.astimezone(HANOI),
        data=age_of(reading),
    )


def params_of(reading: Reading, asked: FiltersAsked) -> SearchParams:
    """The search as ``/tim`` knows it. Raises BadQuestion for days in the wrong order, NothingThere."""
    names = load_names(reading.db)
    params = SearchParams(
        words=asked.query.strip(),
        level=asked.level or "",
        state=asked.state or "",
        source=asked.source and key_of("outlet", asked.source, names.sources),
        topic=asked.topic and key_of("topic", asked.topic, names.topics),
        place=asked.place,
        org=asked.organisation,
        since=asked.since,
        until=asked.until,
        apart=asked.apart,
        any_marks=asked.any_marks,
        as_typed=asked.as_typed,
    )
    if asked.since and asked.until and asked.since > asked.until:
        raise BadQuestion(f"`since` {asked.since} is after `until` {asked.until}: exchange them.")
    return params.within(_EVER, None) if params.empty else params


def understood(query: Query, lang: Language) -> str:
    """How a query was understood; where it has no words, that the filters alone choose."""
    if not (query.fts or query.without or query.blank):
        return Words(lang)("assistants.filters")
    return query.understood_en if lang == "en" else query.understood


def _result(reading: Reading, hit: Hit, line: ArticleLine) -> FoundArticle:
    snippet = reading.brief(line.lead) if reading.public else hit.snippet[:SNIPPET]
    return FoundArticle(
        **asdict(reference(reading, line)),
        snippet=snippet,
        level=line.level,
        outlets=line.outlets,
        only_headline=bool(line.unread),
    )
