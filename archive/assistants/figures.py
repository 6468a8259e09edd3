"""The tool ``figures``: an indicator's ledger, where outlets differ, what was edited."""

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from archive.assistants.asking import BadQuestion, DataAge, Reading, age_of, cut, key_of
from archive.clock import HANOI
from archive.figures.conflicts import conflicts
from archive.figures.indicators import Indicator
from archive.figures.ledger import LedgerPoint, by_key, load_points, narrowed, of_holder
from archive.figures.promises import promises
from archive.figures.revised import load_revisions
from archive.figures.table import as_conflict, as_promise, rows

_CONFLICTS, _PROMISES, _REVISIONS = 20, 20, 30
_INDICATORS = 100


class FiguresAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which indicator, of whom, of what kind and since when; without an indicator, which there are."""

    indicator: Annotated[
        str, Meta(max_length=200, description="Key or name: iip, chỉ số sản xuất công nghiệp.")
    ] = ""
    place: Annotated[
        str, Meta(max_length=200, description="Only of this place, company or unit; - where nobody is named.")
    ] = ""
    kind: Literal["actual", "estimate", "target", "plan", "said"] | None = None
    since: Annotated[date | None, Meta(description="Only what was published since that day.")] = None
    limit: Annotated[int, Meta(ge=1, le=60)] = 30


class ListedIndicator(Struct, frozen=True):
    """An indicator that articles give figures of; ``points``: how many stories do."""

    key: str
    name: str
    name_en: str
    points: int


class FiguresAnswer(Struct, frozen=True, kw_only=True):
    """An indicator's ledger, newest first; values are in the plain unit (8.503 tỷ đồng → 8503000000000)."""

    key: str
    name: str
    name_en: str
    better: Annotated[str, Meta(description="Which direction is the good one: up, down or neither.")]
    total: Annotated[int, Meta(description="Points asked for, of which `points` are the newest.")]
    points: list[dict[str, str | int | float | None]]
    conflicts: Annotated[
        list[dict[str, Any]], Meta(description="Same indicator, owner and period: outlets differ.")
    ]
    promises: Annotated[list[dict[str, Any]], Meta(description="Targets with their day, and the last report.")]
    revisions: Annotated[list[dict[str, Any]], Meta(description="Values that an outlet changed later.")]
    indicators: Annotated[list[ListedIndicator], Meta(description="Where none was asked for: those there are.")]
    left_out: list[str]
    data: DataAge


def figures(reading: Reading, asked: FiguresAsked) -> FiguresAnswer:
    """Read an indicator's ledger: values reported and promised, who says them, where outlets differ.

    Without `indicator` it lists those that have figures. Examples: indicator iip; indicator "chỉ số sản xuất
    công nghiệp", place Thái Nguyên, since 2025-01-01. A point is what one story says: value, unit, period
    (2026-01..2026-10), kind (actual, estimate, target, plan, said), whose it is, outlet and address, and the
    sentence it stands in. Quote the sentence, not the number alone; where `conflicts` name the same period,
    give both values with their outlets.
    """
    if not asked.indicator:
        return _list(reading)
    names = {key: one.name for key, one in reading.indicators.known.items()}
    key = key_of("indicator", asked.indicator, names)
    points = load_points(reading.db, key)
    points = of_holder(points, asked.place) if asked.place else points
    return _ledger(reading, asked, reading.indicators.known[key], points)


def _ledger(reading: Reading, asked: FiguresAsked, one: Indicator, points: list[LedgerPoint]) -> FiguresAnswer:
    key = next(key for key, known in reading.indicators.known.items() if known is one)
    found = narrowed(points, asked.kind or "", asked.since)[::-1]
    shown = found[: asked.limit]
    differ, due = conflicts(points, reading.indicators), promises(points, reading.indicators)[::-1]
    revised = _revisions(reading, shown)
    today = reading.now.astimezone(HANOI).date()
    told = rows(shown, lambda saying: reading.page(saying.article_id))
    cuts = {"conflicts": cut(differ, _CONFLICTS), "promises": cut(due, _PROMISES)}
    return FiguresAnswer(
        key=key,
        name=one.name,
        name_en=one.en,
        better=one.better,
        total=len(found),
        points=[row | {"quote": reading.quote(str(row["quote"]))} for row in told],
        conflicts=[as_conflict(conflict) for conflict in differ[:_CONFLICTS]],
        promises=[as_promise(promise, today) for promise in due[:_PROMISES]],
        revisions=revised[:_REVISIONS],
        indicators=[],
        left_out=[f"{what}: {left}" for what, left in cuts.items() if left],
        data=age_of(reading),
    )


def _revisions(reading: Reading, shown: list[LedgerPoint]) -> list[dict[str, Any]]:
    return [
        {"article_id": article_id, "at": edit.at, "before": edit.before, "after": edit.after}
        for (article_id, _), edits in load_revisions(reading.db, shown).items()
        for edit in edits
    ]


def _list(reading: Reading) -> FiguresAnswer:
    keys, known = by_key(load_points(reading.db)), reading.indicators.known
    listed = [
        ListedIndicator(key, one.name, one.en, len(keys[key])) for key, one in known.items() if key in keys
    ]
    if not listed:
        raise BadQuestion("No article in this archive gives a figure of a known indicator; try `search`.")
    return FiguresAnswer(
        key="",
        name="",
        name_en="",
        better="",
        total=sum(one.points for one in listed),
        points=[],
        conflicts=[],
        promises=[],
        revisions=[],
        indicators=listed[:_INDICATORS],
        left_out=[],
        data=age_of(reading),
    )
