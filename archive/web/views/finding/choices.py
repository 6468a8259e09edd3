"""The search page without a question: everything there is to choose from, and the reader's saved searches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from archive.query.tree import FilterField
from archive.search.browse import MONTH_COUNTED, Choices, load_choices
from archive.search.facets import Count
from archive.web.request import PageRequest
from archive.web.search_params import SearchParams
from archive.web.views.finding.marks import mark_counts
from archive.web.views.finding.saved import lately_opened
from archive.web.views.finding.told import FilterNames, load_filter_names, month_end

_ORDER: tuple[FilterField, ...] = ("source", "topic", "place", "org", "state", "level", "mark")
_SHOWN = 12  # names of a field that are not folded


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """A value to choose: ``path`` leads to all its articles, ``counted`` to the ``hits`` of the newest time."""

    name: str
    path: str
    hits: int
    counted: str


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """The values of one filter, the rest of them folded."""

    field: FilterField
    shown: list[ChoiceLine]
    rest: list[ChoiceLine]


@dataclass(frozen=True, slots=True)
class MonthChoice:
    """A month to choose, as ``11/2026``; ``hits`` as readers see it."""

    name: str
    path: str
    hits: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page offers; counts are of the time from ``since`` on, which ``path`` leads to."""

    since: date
    articles: int
    path: str
    groups: list[ChoiceGroup]
    months: list[MonthChoice]


async def offered(req: PageRequest) -> dict[str, Any]:
    """What a template needs for the empty search page; ``offered`` is None in an empty archive."""

    def look(db: Database) -> tuple[FilterNames, Choices | None]:
        names = load_filter_names(db, req.words, req.formats)
        return names, load_choices(db, names.names, req.formats.today)

    names, choices = await req.query(look)
    found = _offered(req, names, choices) if choices else None
    return {"offered": found, **await lately_opened(req)}


def _offered(req: PageRequest, names: FilterNames, choices: Choices) -> Offered:
    window = SearchParams(since=choices.since, desk=req.sees_desk)
    counts = choices.counts | {"mark": mark_counts(req, choices.ids)}
    groups = [_group(req, names, window, field, counts[field]) for field in _ORDER]
    return Offered(
        choices.since,
        len(choices.ids),
        req.path("/tim", window.to_dict()),
        [group for group in groups if group.shown],
        [_month(req, *month) for month in choices.months],
    )


def _group(
    req: PageRequest, names: FilterNames, window: SearchParams, field: FilterField, counts: list[Count]
) -> ChoiceGroup:
    choice = _chooser(req, names, window, field)
    choices = [choice(count) for count in counts if count.hits or field in ("source", "topic")]
    shown = [one for one in choices if one.hits][:_SHOWN] or choices[:_SHOWN]
    return ChoiceGroup(field, shown, [one for one in choices if one not in shown])


def _chooser(
    req: PageRequest, names: FilterNames, window: SearchParams, field: FilterField
) -> Callable[[Count], ChoiceLine]:
    def choice(count: Count) -> ChoiceLine:
        narrowed = window.filtered(field, count.key)
        return ChoiceLine(
            names.name_of(field, count.key, count.name),
            req.path("/tim", narrowed.within(None, None).to_dict()),
            count.hits,
            req.path("/tim", narrowed.to_dict()),
        )

    return choice


def _month(req: PageRequest, first: date, hits: int) -> MonthChoice:
    path = req.path("/tim", SearchParams(since=first, until=month_end(first)).to_dict())
    shown = req.formats.number(min(hits, MONTH_COUNTED))
    capped = req.words("count.more_than", what=shown) if hits > MONTH_COUNTED else shown
    return MonthChoice(f"{first:%m/%Y}", path, capped)
