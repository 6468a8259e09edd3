"""``/so-lieu/KEY`` and its CSV: one indicator's reported values and targets over time, and who differs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import get_args

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.figures.conflicts import FigureConflict, conflicts
from archive.figures.indicators import Indicators
from archive.figures.ledger import NOBODY, LedgerPoint, holders, is_own, load_points, narrowed, of_holder
from archive.figures.promises import Promise, promises
from archive.figures.revised import FigureRevision, load_revisions
from archive.figures.table import COLUMNS, rows
from archive.model import FigureKind
from archive.web.request import PageRequest
from archive.web.search_params import day_in
from archive.web.views.feeds import as_csv
from archive.web.views.ledger.shown import KINDS, ShownFigures

ROWS = 100  # of the table, a page
ALL = "*"  # every place


@dataclass(frozen=True, slots=True)
class LedgerParams:
    """What a reader asks of an indicator; ``place`` '' is the province's own, ``ALL`` everybody's."""

    place: str = ""
    kind: str = ""
    since: date | None = None
    page: int = 1

    @classmethod
    def read(cls, arg: Callable[[str], str], page: int) -> "LedgerParams":
        """What an address asks; a kind or day that is none is left out."""
        kind = arg("loai")
        return cls(arg("noi")[:200], kind if kind in get_args(FigureKind) else "", day_in(arg("tu")), page)

    def to_dict(self) -> dict[str, object]:
        """The address's parameters; what is usual is left out."""
        page = self.page if self.page > 1 else ""
        return {"noi": self.place, "loai": self.kind, "tu": self.since, "trang": page}

    def at(self, page: int = 1, **changed: str) -> dict[str, object]:
        """The parameters of another page, place or kind."""
        return replace(self, page=page, **changed).to_dict()  # type: ignore[arg-type]

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out of what the indicator's page shows first."""
        return bool(self.place or self.kind or self.since)


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """``points`` are those asked for, the newest first; conflicts and promises those of the place asked for."""

    points: list[LedgerPoint]
    places: dict[str, int]
    own: int
    conflicts: list[FigureConflict]
    promises: list[Promise]
    revisions: dict[tuple[int, int | None], list[FigureRevision]]


async def indicator(req: PageRequest) -> Response:
    """The page of an indicator; 404 where none has the key."""
    key, params = _asked(req)
    page = await req.query(lambda db: load_page(db, key, params, req.site.indicators, req.site.places.home))
    shown = ShownFigures(req, page.revisions)
    start = (params.page - 1) * ROWS
    return await req.render(
        "ledger/indicator.html",
        key=key,
        one=req.site.indicators.known[key],
        params=params,
        page=page,
        rows=page.points[start : start + ROWS],
        more=len(page.points) > start + ROWS,
        shown=shown,
        charts=shown.charts(page.points),
        kinds=KINDS,
        all=ALL,
        nobody=NOBODY,
        home=req.site.places.home,
        today=req.formats.today,
        address=lambda number: req.path(f"/so-lieu/{key}", params.at(number)),
    )


async def table(req: PageRequest) -> Response:
    """The points asked for as CSV that spreadsheets open, the newest first."""
    key, params = _asked(req)
    page = await req.query(lambda db: load_page(db, key, params, req.site.indicators, req.site.places.home))
    shown = ShownFigures(req, page.revisions)
    told = rows(page.points, lambda one: req.absolute(shown.link(one)))
    cells = ([_cell(row[name]) for name in COLUMNS] for row in told)
    return as_csv(f"so-lieu-{key}.csv", COLUMNS, cells)


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _asked(req: PageRequest) -> tuple[str, LedgerParams]:
    key = req.url_vars["key"]
    if key not in req.site.indicators.known:
        raise NotFound(f"No indicator {key}")
    return key, LedgerParams.read(req.arg, req.page_number())


def load_page(db: Database, key: str, params: LedgerParams, indicators: Indicators, home: str) -> IndicatorPage:
    """What is shown of an indicator; where the province has no figure of its own, everybody's."""
    every = load_points(db, key)
    own = [point for point in every if is_own(point, home)]
    others = holders([point for point in every if not is_own(point, home)])
    whose = _of(params.place, every, own)
    asked = narrowed(whose, params.kind, params.since)[::-1]
    return IndicatorPage(
        points=asked,
        places=others,
        own=len(own),
        conflicts=conflicts(whose, indicators),
        promises=promises(whose, indicators)[::-1],
        revisions=load_revisions(db, asked),
    )


def _of(place: str, every: list[LedgerPoint], own: list[LedgerPoint]) -> list[LedgerPoint]:
    if place and place != ALL:
        return of_holder(every, place)
    return own if own and not place else every
