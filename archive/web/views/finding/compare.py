"""``/tim/so-sanh``: two or three searches held against each other, every number leading to what it counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.search.compare import HITS, ComparedHits, compare
from archive.search.facets import step_end
from archive.web.charts import Chart, side_by_side
from archive.web.request import PageRequest
from archive.web.search_params import SHARED, SearchParams
from archive.web.views.finding.marks import marked_at_desk
from archive.web.views.finding.told import FilterNames, load_filter_names
from archive.web.views.lists import ArticleLine, lines, placeholders
from archive.web.views.search import PATIENCE

LETTERS = "abc"  # in the address; A, B, C on the page
LONGEST = 1000  # characters of a search
PAGE = 20

Number = tuple[int, str]  # a count and where it leads


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One of the searches: as it was typed, how it was understood, what was wrong in it."""

    letter: str
    params: SearchParams
    understood: str
    problem: str

    @property
    def name(self) -> str:
        return self.letter.upper()


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A step of time or an outlet with the number of each search."""

    name: str
    numbers: list[Number]


@dataclass(frozen=True, slots=True)
class Share:
    """Hits that just these searches found: of ``letters``, as ``ab``."""

    letters: str
    number: Number


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the page shows; ``charts`` one for each search, drawn in one place."""

    found: ComparedHits
    totals: list[Number]
    times: list[ComparedRow]
    charts: list[Chart]
    outlets: list[ComparedRow]
    shares: list[Share]


@dataclass(frozen=True, slots=True)
class AskedComparison:
    """What the address asks: the searches, the period and reading of all, and whose articles are listed."""

    sides: list[ComparedSide]
    shared: SearchParams
    listed: str

    def to_dict(self) -> dict[str, object]:
        """The address's parameters."""
        typed = {side.letter: side.params.words for side in self.sides}
        return {**self.shared.to_dict(), **typed, "xem": self.listed}

    @property
    def bits(self) -> int:
        """The searches whose common articles are listed, as bits."""
        return sum(1 << at for at, side in enumerate(self.sides) if side.letter in self.listed)


async def comparison(req: PageRequest) -> Response:
    """The page; without two searches it asks for them."""
    asked = _read(req)
    if len(asked.sides) < 2:
        return await _render(req, asked, None, [], False)
    queries = [side.params.query(req.site.places, req.site.lexicon) for side in asked.sides]
    given = [(query, marked_at_desk(req, query)) for query in queries]
    page = req.page_number()

    def look(db: Database) -> tuple[ComparedHits, FilterNames, list[ArticleLine], bool]:
        found = compare(db, given, PATIENCE)
        rows = found.shares.get(asked.bits, [])[(page - 1) * PAGE : page * PAGE + 1]
        some = lines(db, f"where a.sort in ({placeholders(rows[:PAGE])}) order by a.sort desc", rows[:PAGE])
        return found, load_filter_names(db, req.words, req.formats), some, len(rows) > PAGE

    found, names, listed, more = await req.query(look)
    return await _render(req, asked, _compared(req, asked, names, found), listed, more)


def _read(req: PageRequest) -> AskedComparison:
    shared = SearchParams.read(lambda name: req.arg(name) if name in SHARED else "", 1, desk=req.sees_desk)
    typed = [(letter, " ".join(req.arg(letter)[:LONGEST].split())) for letter in LETTERS]
    sides = [_side(req, letter, replace(shared, words=words)) for letter, words in typed if words]
    there = "".join(side.letter for side in sides)
    return AskedComparison(sides, shared, "".join(one for one in there if one in req.arg("xem")[:9]))


def _side(req: PageRequest, letter: str, params: SearchParams) -> ComparedSide:
    query = replace(params, since=None, until=None).query(req.site.places, req.site.lexicon)
    english = req.words.lang == "en"
    problem = query.problem_en if english else query.problem
    understood = query.understood_en if english else query.understood
    return ComparedSide(letter, params, "" if understood == problem else understood, problem)


def _compared(req: PageRequest, asked: AskedComparison, names: FilterNames, found: ComparedHits) -> Comparison:
    since = max(filter(None, (found.since, asked.shared.since)), default=None)
    sides = [side.params.within(since, asked.shared.until) for side in asked.sides]

    def numbers(counts: list[int], narrowed: Callable[[SearchParams], SearchParams]) -> list[Number]:
        paths = [req.path("/tim", narrowed(params).to_dict()) for params in sides]
        return [(count, path if count else "") for count, path in zip(counts, paths, strict=True)]

    times = [
        ComparedRow(
            _step_name(req, found, first),
            numbers(counts, lambda params, first=first: _within(params, first, found)),  # type: ignore[misc]
        )
        for first, counts in found.bars
    ]
    outlets = [
        ComparedRow(
            names.name_of("source", key),
            numbers(counts, lambda params, key=key: params.filtered("source", key)),  # type: ignore[misc]
        )
        for key, counts in found.outlets
    ]
    totals = numbers([len(rows) for rows in found.rows], lambda params: params)
    return Comparison(found, totals, times, _charts(req, asked, times), outlets, _shares(req, asked, found))


def _within(params: SearchParams, first: date, found: ComparedHits) -> SearchParams:
    """The search in one step of time, no further than its own period."""
    since = max(filter(None, (first, params.since)))
    until = min(filter(None, (step_end(first, found.step), params.until)))
    return params.within(since, until)


def _step_name(req: PageRequest, found: ComparedHits, first: date) -> str:
    day = req.formats.day(first.isoformat())
    return req.words(f"compare.step.{found.step}", day=day, month=f"{first:%m/%Y}")


def _charts(req: PageRequest, asked: AskedComparison, times: list[ComparedRow]) -> list[Chart]:
    def bar(row: ComparedRow, at: int) -> tuple[int, str, str]:
        count, path = row.numbers[at]
        told = req.formats.count("articles", count)
        return count, f"{asked.sides[at].name} · {row.name}: {told}", path

    return side_by_side([[bar(row, at) for row in times] for at in range(len(asked.sides))])


def _shares(req: PageRequest, asked: AskedComparison, found: ComparedHits) -> list[Share]:
    shares = []
    for bits, rows in sorted(found.shares.items(), key=lambda one: (one[0].bit_count(), one[0])):
        letters = "".join(side.letter for at, side in enumerate(asked.sides) if bits >> at & 1)
        path = req.path("/tim/so-sanh", replace(asked, listed=letters).to_dict()) + "#bai"
        shares.append(Share(letters, (len(rows), path if rows else "")))
    return shares


async def _render(
    req: PageRequest, asked: AskedComparison, compared: Comparison | None, listed: list[ArticleLine], more: bool
) -> Response:
    typed = {side.letter: side.params.words for side in asked.sides}
    same = len({side.params.words for side in asked.sides}) < len(asked.sides)
    page = req.page_number()
    shown: dict[str, Any] = {"listed": listed, "more": more, "same": same, "hits": HITS, "page": page}
    return await req.render(
        "finding/compare.html",
        asked=asked,
        compared=compared,
        typed=typed,
        reading={name: value for name, value in asked.shared.to_dict().items() if name in SHARED[2:] and value},
        letters=LETTERS,
        paged=lambda number: req.path("/tim/so-sanh", {**asked.to_dict(), "trang": number}) + "#bai",
        **shown,
    )
