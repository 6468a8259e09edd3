"""``/tim/da-luu``: the searches that a reader saved, with how much is new of each."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.clock import moment
from archive.desk.db import open_desk
from archive.desk.personal.searches import (
    LONGEST_NAME,
    NotSaved,
    SavedSearch,
    forget_search,
    look_at_search,
    rename_search,
    save_search,
    saved_searches,
)
from archive.query import Query
from archive.reasons import reason
from archive.search.cursor import Cursor
from archive.search.filters import Marked
from archive.web.forms import fields
from archive.web.request import PageRequest
from archive.web.search_params import SearchParams
from archive.web.views.finding.marks import marked_at_desk
from archive.web.views.finding.told import FilterNames, load_filter_names

T = TypeVar("T")
PATIENCE = 0.3  # seconds in which the new hits of all searches are counted
MOST_NEW = 50
_FEW = 10  # searches on pages that are about something else
_LATE = timedelta(days=2)  # so long after its publication an article may be found
_LOOKED_THROUGH = 200  # newest hits of a search


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A saved search in a list; ``new``: hits since it was looked at, None where there was no time to count.

    ``rule``: its text as a rule of a digest, '' where it cannot be one.
    """

    id: int
    name: str
    asked: str
    path: str
    told: str
    new: int | None
    rule: str


def own_searches(req: PageRequest) -> list[SavedSearch]:
    """The reader's saved searches; none in public and without a home."""
    desk = req.site.desk.get() if req.sees_desk else None
    return saved_searches(desk, req.user.name) if desk else []


def saved_as(req: PageRequest, params: SearchParams) -> str:
    """The name under which the reader saved this search, '' where it is not."""
    asked = params.to_query()
    return next((one.name for one in own_searches(req) if one.asked == asked), "")


async def lately_opened(req: PageRequest) -> dict[str, Any]:
    """What a template needs to show the searches opened last; ``saved_all`` is how many there are."""
    own = own_searches(req)
    last = sorted(own, key=lambda one: one.seen_at, reverse=True)[:_FEW]
    return {"saved": await load_saved_lines(req, last), "saved_all": len(own)}


async def load_saved_lines(req: PageRequest, own: list[SavedSearch]) -> list[SavedLine]:
    """Searches as lines of a list."""
    asked = [SearchParams.stored(one.asked, desk=req.sees_desk) for one in own]
    queries = [params.query(req.site.places, req.site.lexicon) for params in asked]
    marks = [marked_at_desk(req, query) for query in queries]

    def look(db: Database) -> list[SavedLine]:
        names, until = load_filter_names(db, req.words, req.formats), monotonic() + PATIENCE
        newest = _newest(db)
        lines = []
        for one, params, query, marked_at in zip(own, asked, queries, marks, strict=True):
            new = 0 if newest <= one.seen_id else count_new(db, one, query, marked_at, until - monotonic())
            lines.append(_line(req, names, one, params, new))
        return lines

    return await req.query(look) if own else []


def _line(
    req: PageRequest, names: FilterNames, one: SavedSearch, params: SearchParams, new: int | None
) -> SavedLine:
    told = " · ".join(filter(None, [params.words, names.heading(params)]))
    path = req.path("/tim", params.to_dict())
    return SavedLine(one.id, one.name, one.asked, path, told, new, params.rule_text())


def count_new(
    db: Database, one: SavedSearch, query: Query, marked_at: Marked | None, patience: float
) -> int | None:
    """Hits that were stored since a search was looked at, ``MOST_NEW + 1`` at most; None without patience."""
    if patience <= 0:
        return None
    since = moment(one.seen_at) - _LATE
    with closing(Cursor(db, query, since, patience=patience, marked=marked_at)) as cursor:
        rows, _ = cursor.soon(_LOOKED_THROUGH, patience)
    sql = """select count(*) from (select 1 from articles
        where sort in (select value from json_each(?)) and id > ? limit ?)"""
    return int(db.execute(sql, (json.dumps(rows), one.seen_id, MOST_NEW + 1)).fetchone()[0])


def _newest(db: Database) -> int:
    return int(db.execute("select coalesce(max(id), 0) from articles").fetchone()[0])


async def saved(req: PageRequest) -> Response:
    """The list; a POST saves a search, opens, renames or forgets one."""
    if req.request.method != "POST":
        return await _page(req)
    form = await fields(req)
    try:
        return await _act(req, form)
    except NotSaved as error:
        return await _page(req, error.reason, form)


async def _act(req: PageRequest, form: dict[str, str]) -> Response:
    """Do what the button says, and lead on. Raises NotSaved."""
    user, number = req.user.name, form.get("so", "")
    search = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    match form.get("viec", ""):
        case "luu":
            return await _save(req, form)
        case "mo":
            return await _open(req, search)
        case "ten":
            await _change(req, lambda desk: rename_search(desk, user, search, form.get("ten", "")))
        case "bo":
            await _change(req, lambda desk: forget_search(desk, user, search))
            gone = {"ten": form.get("ten", ""), "tim": form.get("tim", ""), "xong": "bo"}
            return Response.redirect(req.path("/tim/da-luu", gone), status=303)
    return Response.redirect(req.path("/tim/da-luu"), status=303)


async def _save(req: PageRequest, form: dict[str, str]) -> Response:
    params = SearchParams.stored(form.get("tim", ""), desk=req.sees_desk)
    if params.empty:
        raise NotSaved(reason("search_nothing"))
    newest = await req.query(_newest)
    name, asked = form.get("ten", ""), params.to_query()
    await _change(req, lambda desk: save_search(desk, req.user.name, name, asked, newest, req.now))
    return Response.redirect(req.path("/tim", params.to_dict()) + "#luu", status=303)


async def _open(req: PageRequest, search: int) -> Response:
    newest = await req.query(_newest)
    found = await _change(req, lambda desk: look_at_search(desk, req.user.name, search, newest, req.now))
    if found is None:
        raise NotFound("no such search")
    params = SearchParams.stored(found.asked, desk=req.sees_desk)
    return Response.redirect(req.path("/tim", params.to_dict()), status=303)


async def _change(req: PageRequest, work: Callable[[Database], T]) -> T:
    """Do something to desk.db beside the pages that others read; NotFound where there is no home."""
    home = req.site.home
    if home is None:
        raise NotFound("no saved searches without a home")

    def run() -> T:
        with closing(open_desk(home.desk_db)) as desk:
            return work(desk)

    return await asyncio.to_thread(run)


async def _page(req: PageRequest, why: str = "", form: dict[str, str] | None = None) -> Response:
    """The list; with ``why`` not, and what was typed to be sent again."""
    dropped = req.arg("xong") == "bo" and not why
    given = form or ({"viec": "luu", "ten": req.arg("ten"), "tim": req.arg("tim")} if dropped else {})
    shown: dict[str, Any] = {
        "lines": await load_saved_lines(req, own_searches(req)),
        "longest": LONGEST_NAME,
        "most": MOST_NEW,
    }
    return await req.render(
        "finding/saved.html", status=400 if why else 200, why=why, dropped=dropped, given=given, **shown
    )
