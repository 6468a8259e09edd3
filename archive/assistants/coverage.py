"""The tool ``coverage``: how many articles there were in each day, week or month, and of which outlets."""

import json
from collections import Counter, defaultdict
from contextlib import closing
from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from sqlite_utils import Database

from archive.assistants.asking import BadQuestion, DataAge, Reading, age_of
from archive.assistants.search import PATIENCE, FiltersAsked, params_of, understood
from archive.clock import HANOI
from archive.db import minute_of
from archive.search.cursor import Cursor
from archive.search.facets import HISTOGRAM_HITS, Histogram, histogram
from archive.search.filters import load_names
from archive.search.lexicon import lexicon_for

_PERIODS = 120  # told at once
_OUTLETS = 15


class CoverageAsked(FiltersAsked, frozen=True, kw_only=True):
    """What articles are counted, and in what steps of time."""

    step: Annotated[
        Literal["day", "week", "month"] | None,
        Meta(description="Weeks begin on Monday. Without one, what fits the time spanned."),
    ] = None


class CountedPeriod(Struct, frozen=True):
    """A day, week or month with its number of articles; both days included."""

    since: date
    until: date
    articles: int


class CountedOutlet(Struct, frozen=True, kw_only=True):
    """An outlet with its number of articles, in all and in each of the periods."""

    source: str
    outlet: str
    articles: int
    by_period: list[int]


class CoverageAnswer(Struct, frozen=True, kw_only=True):
    """Counts over time; ``capped``: only the newest ``counted`` articles were counted."""

    understood: str
    understood_en: str
    problem: str
    step: str
    counted: int
    capped: Annotated[bool, Meta(description="There are more, older ones: the first period is too low.")]
    periods: Annotated[list[CountedPeriod], Meta(description="The oldest first; empty ones are there.")]
    outlets: Annotated[list[CountedOutlet], Meta(description="Those with the most articles.")]
    other_outlets: Annotated[int, Meta(description="How many more outlets there are.")]
    data: DataAge


def coverage(reading: Reading, asked: CoverageAsked) -> CoverageAnswer:
    """Count articles over time: by day, week or month (Asia/Ho_Chi_Minh), and by outlet.

    Takes the words and filters of `search`. Example: query «"chuyển đổi số"», since 2026-01-01, step month.
    Days without articles are told as 0. A silence may be the archive's own: hold `data.warning` and the tool
    `health` against it. At most 10,000 articles are counted, the newest; `capped` says when there are more:
    then narrow `since` and `until`.
    """
    query = params_of(reading, asked).query(reading.places, lexicon_for(reading.db, reading.places))
    with closing(Cursor(reading.db, query, patience=PATIENCE)) as cursor:
        rows, _ = cursor.soon(HISTOGRAM_HITS + 1, PATIENCE)
        counts = histogram(cursor, step=asked.step)
    if len(counts.bars) > _PERIODS:
        raise BadQuestion(
            f"{len(counts.bars)} periods are too many, {_PERIODS} are told at most: "
            "narrow `since` and `until`, or take `step` week or month."
        )
    outlets = _by_outlet(reading.db, rows[: counts.counted], counts)
    return CoverageAnswer(
        understood=understood(query, "vi"),
        understood_en=understood(query, "en"),
        problem=query.problem_en if asked.query else "",
        step=counts.step,
        counted=counts.counted,
        capped=counts.capped,
        periods=[CountedPeriod(day, _end(day, counts.step), hits) for day, hits in counts.bars],
        outlets=outlets[:_OUTLETS],
        other_outlets=max(len(outlets) - _OUTLETS, 0),
        data=age_of(reading),
    )


def _end(first: date, step: str) -> date:
    if step == "month":
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=6 if step == "week" else 0)


def _by_outlet(db: Database, rows: list[int], counts: Histogram) -> list[CountedOutlet]:
    starts = [day for day, _ in counts.bars]
    by_source: dict[str, Counter[int]] = defaultdict(Counter)
    sql = "select sort, source from articles where sort in (select value from json_each(?)) order by sort"
    at = 0
    for sort, source in db.execute(sql, [json.dumps(rows)]):
        day = minute_of(sort).astimezone(HANOI).date()
        while at + 1 < len(starts) and starts[at + 1] <= day:
            at += 1
        by_source[source][at] += 1
    names = load_names(db).sources
    told = [
        CountedOutlet(
            source=source,
            outlet=names.get(source, source),
            articles=found.total(),
            by_period=[found[period] for period in range(len(starts))],
        )
        for source, found in by_source.items()
    ]
    return sorted(told, key=lambda one: (-one.articles, one.source))
