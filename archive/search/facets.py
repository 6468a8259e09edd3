"""Counts beside a search: by level, source, topic, place and organisation, and over time."""

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlite_utils import Database

from archive.clock import HANOI
from archive.db import minute_of, sort_at
from archive.query.tree import FilterField
from archive.search.cursor import Cursor
from archive.search.filters import LEVELS, STATES, Names, by_index, load_names

FACET_HITS = 1000  # the newest hits that facets count
HISTOGRAM_HITS = 10_000  # the newest hits that a chart counts
_COUNTING, _CHARTING = 0.15, 0.025  # seconds from the beginning of a search on a page, see Cursor.soon
_GIVEN = "select value from json_each(?)"

Step = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many hits have a value; ``key`` goes into a filter, ``name`` is shown."""

    key: str
    name: str
    hits: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts over the newest ``counted`` hits; ``capped``: there are more hits. ``ids``: these hits."""

    counted: int
    capped: bool
    counts: dict[FilterField, list[Count]]
    ids: list[int]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Hits by the first day (Hanoi) of each step; ``capped``: only the newest ``counted`` hits, so the
    first bar may be too short."""

    step: Step
    counted: int
    capped: bool
    bars: list[tuple[date, int]]


def facets(db: Database, cursor: Cursor, *, top: int = 12) -> Facets:
    """Levels, states and the ``top`` most frequent sources, topics, places and organisations of the hits."""
    rows, capped = cursor.soon(FACET_HITS + 1, _COUNTING)
    names = load_names(db)
    given = json.dumps(rows[:FACET_HITS])
    found = db.execute(f"select id, source from articles where sort in ({_GIVEN})", (given,)).fetchall()
    ids = [id_ for id_, _ in found]
    return Facets(
        counted=min(len(rows), FACET_HITS),
        capped=capped,
        counts={
            "level": _most(_coded(db, LEVELS, given), LEVELS, top),
            "state": _most(_coded(db, STATES, given), {}, top),
            "source": _most(Counter(source for _, source in found), names.sources, top),
            **subjects(db, ids, names, top),
        },
        ids=ids,
    )


def _coded(db: Database, codes: Collection[str], given: str) -> Counter[str]:
    """How many of the given rows have each level or state."""
    sql = " union all ".join(
        f"select '{code}', count(*) from {by_index(db, code)} and sort in ({_GIVEN})" for code in codes
    )
    return _counted(db, sql, *(given for _ in codes))


def _counted(db: Database, sql: str, *given: str) -> Counter[str]:
    return Counter(dict(db.execute(sql, given).fetchall()))


def subjects(db: Database, ids: list[int], names: Names, top: int) -> dict[FilterField, list[Count]]:
    """The ``top`` most frequent topics, places and organisations of these articles."""
    given = (json.dumps(ids),)
    topics = f"select topic, count(*) from article_topics where article_id in ({_GIVEN}) group by 1"
    mentions = f"""select kind, name, count(*) from mentions
        where article_id in ({_GIVEN}) and kind <> 'person' group by 1, 2"""
    places, organisations = Counter[str](), Counter[str]()
    for kind, name, hits in db.execute(mentions, given):
        (places if kind == "place" else organisations)[name] = hits
    return {
        "topic": _most(_counted(db, topics, *given), names.topics, top),
        "place": _most(places, {}, top),
        "org": _most(organisations, {}, top),
    }


def histogram(cursor: Cursor, *, step: Step | None = None) -> Histogram:
    """Hits over time, empty steps included; the step is chosen from the time spanned when none is given."""
    rows, capped = cursor.soon(HISTOGRAM_HITS + 1, _CHARTING)
    capped = capped or cursor.reached is not None
    rows = rows[:HISTOGRAM_HITS]
    if not rows:
        return Histogram(step or "day", 0, False, [])
    first, last = day_of(rows[-1]), day_of(rows[0])
    step = step or _fitting((last - first).days)
    return Histogram(step, len(rows), capped, bars(rows[::-1], first, last, step))


def day_of(row: int) -> date:
    """The day (Hanoi) of a row."""
    return minute_of(row).astimezone(HANOI).date()


def bars(rows: list[int], first: date, last: date, step: Step) -> list[tuple[date, int]]:
    """How many rows (oldest first) each step has, from the one with ``first`` to the one with ``last``."""
    starts = _starts(_first_of(first, step), last, step)
    ends = [bisect_left(rows, sort_at(datetime.combine(start, time(), HANOI))) for start in starts[1:]]
    counts = [end - begin for begin, end in zip([0, *ends], [*ends, len(rows)], strict=True)]
    return list(zip(starts, counts, strict=True))


def step_end(first: date, step: Step) -> date:
    """The last day of a step that begins on a day."""
    if step == "month":
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=6 if step == "week" else 0)


def _most(counts: Counter[str], names: Mapping[str, str], top: int) -> list[Count]:
    ordered = sorted((+counts).items(), key=lambda one: (-one[1], one[0]))[:top]
    return [Count(key, names.get(key, key), hits) for key, hits in ordered]


def _fitting(days: int) -> Step:
    return "day" if days <= 62 else "week" if days <= 370 else "month"


def _first_of(day: date, step: Step) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


def _starts(day: date, last: date, step: Step) -> list[date]:
    """The first days of all steps from one that begins with ``day`` to the one that holds ``last``."""
    days = []
    while day <= last:
        days.append(day)
        day = _first_of(day + timedelta(days={"day": 1, "week": 7, "month": 31}[step]), step)
    return days
