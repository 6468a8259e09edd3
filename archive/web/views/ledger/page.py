"""``/so-lieu`` Số liệu: every indicator with its last reported value, conflicts, and promises come due."""

from dataclasses import dataclass
from datetime import date, timedelta

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.figures.conflicts import FigureConflict, conflicts
from archive.figures.indicators import Indicator, Indicators
from archive.figures.ledger import MOST, LedgerPoint, by_key, find_points, is_own, last_reported, load_points
from archive.figures.promises import Promise, promises
from archive.text import fold
from archive.web.request import PageRequest
from archive.web.views.ledger.shown import ShownFigures

_CONFLICTS, _PROMISES, _NAMED = 8, 12, 40
_NEAR = timedelta(days=400)  # a promise is told here that was due, or is due, within about a year


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator with what is known of it; ``count`` stories, ``differ`` conflicts."""

    key: str
    indicator: Indicator
    last: LedgerPoint | None
    target: Promise | None
    count: int
    differ: int


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """What the page shows: of the province's own figures, all but ``named``."""

    rows: list[IndicatorRow]
    silent: list[tuple[str, Indicator]]
    conflicts: list[FigureConflict]
    promises: list[Promise]
    named: list[LedgerPoint]
    full: bool


async def ledger(req: PageRequest) -> Response:
    """The page; ``tim`` narrows it to indicators of a name, and finds figures that have none."""
    words, today = req.arg("tim")[:200], req.formats.today
    page = await req.query(lambda db: load_page(db, req, words, today))
    return await req.render(
        "ledger/page.html",
        page=page,
        words=words,
        today=today,
        shown=ShownFigures(req, {}),
        known=req.site.indicators.known,
    )


def load_page(db: Database, req: PageRequest, words: str, today: date) -> LedgerPage:
    """The page for a search ('' for all)."""
    indicators, home = req.site.indicators, req.site.places.home
    every = load_points(db)
    own = [point for point in every if is_own(point, home)]
    keys = [key for key, one in indicators.known.items() if _named(key, one, words)]
    differ = [one for one in conflicts(own, indicators) if one.key in keys]
    promised = [one for one in promises(own, indicators) if one.target.key in keys]
    rows = list(_rows(indicators, keys, by_key(every), by_key(own), differ, promised, today))
    return LedgerPage(
        rows=rows,
        silent=[(key, indicators.known[key]) for key in keys if key not in {row.key for row in rows}],
        conflicts=differ[:_CONFLICTS],
        promises=[one for one in promised if abs(one.due - today) <= _NEAR][:_PROMISES],
        named=find_points(db, words, _NAMED) if words else [],
        full=sum(len(point.sayings) for point in every) >= MOST,
    )


def _named(key: str, indicator: Indicator, words: str) -> bool:
    asked = fold(words)
    return any(asked in fold(name) for name in (key, indicator.name, indicator.en, *indicator.also))


def _rows(
    indicators: Indicators,
    keys: list[str],
    every: dict[str, list[LedgerPoint]],
    own: dict[str, list[LedgerPoint]],
    differ: list[FigureConflict],
    promised: list[Promise],
    today: date,
) -> "list[IndicatorRow]":
    coming = {one.target.key: one for one in reversed(promised) if not one.past(today)}
    return [
        IndicatorRow(
            key,
            indicators.known[key],
            last_reported(own.get(key, ())),
            coming.get(key),
            len(every[key]),
            sum(one.key == key for one in differ),
        )
        for key in keys
        if key in every
    ]
