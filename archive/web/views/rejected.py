"""``/da-loai`` Đã loại: what names the province and was refused, to be kept after all; why one is not here."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.home import Home
from archive.pages import open_pages
from archive.refused import BadAddress, Explanation, has_addresses, is_waiting, looked_at, not_kept, want
from archive.web.forms import fields
from archive.web.request import PageRequest
from archive.web.views.learning.cases import cases_here

DAYS = (1, 7, 30)
MOST = 200  # that one page shows


async def rejected(req: PageRequest) -> Response:
    """The list, with what is known of the address asked for; a POST asks for one to be kept."""
    if req.request.method == "POST":
        return await _keep(req)
    return await _page(req, req.arg("dia-chi"))


async def _page(req: PageRequest, address: str, status: int = 200) -> Response:
    home, days, chosen = req.site.home, _days(req), req.arg("nguon")
    since = req.now - timedelta(days=days)
    looked = await asyncio.to_thread(looked_at, home.pages_db, since, req.now) if home else []
    rows = await req.query(lambda db: not_kept(db, looked))
    names = await req.query(lambda db: dict(db.execute("select key, name from sources").fetchall()))
    shown = [one for one in rows if chosen in ("", one.source)]
    return await req.render(
        "rejected.html",
        status=status,
        rows=shown[:MOST],
        total=len(shown),
        outlets=[(key, names.get(key, key), count) for key, count in _outlets(rows)],
        names=names,
        chosen=chosen,
        days=days,
        choices=DAYS,
        asked=address,
        said=await cases_here(req, address, *(one.url for one in shown[:MOST])),
        **await _explained(req, address),
    )


def _days(req: PageRequest) -> int:
    text = req.arg("ngay")
    return int(text) if text in map(str, DAYS) else 7


def _outlets(rows: list[Any]) -> list[tuple[str, int]]:
    return Counter(one.source for one in rows).most_common()


async def _explained(req: PageRequest, address: str) -> dict[str, Any]:
    """What the databases say of an address, or what is wrong with it; nothing is fetched."""
    shown: dict[str, Any] = {"explanation": None, "problem": "", "waiting": False}
    explain, home = _crawled(req) or (None, None)
    if explain and home and address:
        try:
            shown["explanation"] = explanation = await asyncio.to_thread(explain, address)
            shown["waiting"] = await asyncio.to_thread(is_waiting, home.pages_db, explanation.url)
        except BadAddress as error:
            shown["problem"] = req.words.reason(error.reason)
    return shown | {"askable": explain is not None, "keepable": req.may("editor")}


async def _keep(req: PageRequest) -> Response:
    """Queue an address for the next crawl."""
    explain, home = _crawled(req) or (None, None)
    if not explain or not home:
        raise NotFound("nothing crawls for this archive")
    address = (await fields(req)).get("dia-chi", "").strip()
    try:
        explanation = await asyncio.to_thread(explain, address)
    except BadAddress:
        return await _page(req, address, status=400)
    if not explanation.kept:
        await asyncio.to_thread(_queue, home, explanation, req)
    return Response.redirect(req.path("/da-loai", {"dia-chi": explanation.url}), status=303)


def _crawled(req: PageRequest) -> tuple[Callable[[str], Explanation], Home] | None:
    """Who explains addresses, and the home, where something was crawled into it."""
    explain, home = req.site.explain, req.site.home
    return (explain, home) if explain and home and has_addresses(home.pages_db) else None


def _queue(home: Home, explanation: Explanation, req: PageRequest) -> None:
    with closing(open_pages(home.pages_db)) as pages:
        want(pages, explanation.url, explanation.source, req.now)
