"""``/yeu-cau-go``: requests to take articles out of the public's sight, entered and decided."""

import asyncio
from collections.abc import Mapping
from contextlib import closing

from datasette.utils.asgi import NotFound, Response

from archive.clock import HANOI
from archive.desk.db import open_desk
from archive.desk.fields import BadValue
from archive.desk.removals import DECISIONS, Removal, decide, enter_removal, load_removals, withhold
from archive.home import Home
from archive.schema import open_archive
from archive.web.forms import fields
from archive.web.request import PageRequest

_FIELDS = {"ai": "asked_by", "can-cu": "ground", "ngay": "asked_on", "ly-do": "ground", "viec": "decision"}


async def removals(req: PageRequest) -> Response:
    """The register with its forms; sent, a request is entered or decided."""
    home = _home(req)
    if req.request.method != "POST":
        return await _page(req, home)
    given = await fields(req)
    try:
        await asyncio.to_thread(_done, req, home, given)
    except BadValue as error:
        name = next(name for name, field in _FIELDS.items() if field == error.field)
        return await _page(req, home, given, req.words(f"removals.bad.{name.replace('-', '_')}"), 400)
    except LookupError:
        return await _page(req, home, given, req.words("removals.bad.bai"), 400)
    return Response.redirect(req.path("/yeu-cau-go"), status=303)


def _home(req: PageRequest) -> Home:
    if req.site.home is None or not req.site.home.archive_db.exists():
        raise NotFound("no register without a home")
    return req.site.home


def _done(req: PageRequest, home: Home, given: Mapping[str, str]) -> None:
    """Raises LookupError for an article that is not there, BadValue for a field that cannot be taken."""
    with closing(open_desk(home.desk_db)) as desk, closing(open_archive(home.archive_db)) as archive:
        if number := given.get("so", ""):
            decided = decide(
                desk, _id(number), given.get("viec", ""), given.get("ly-do", ""), by=req.user.name, now=req.now
            )
            if not decided:
                raise LookupError(number)
            withhold(desk, archive, req.now)
            return
        asked = {_FIELDS[name]: given.get(name, "") for name in ("ai", "can-cu", "ngay")}
        typed = given.get("bai", "").strip()
        sql = "select id, url, title from articles where id = ? or url = ?"
        article = archive.execute(sql, [_id(typed.rsplit("/bai/", 1)[-1]), typed]).fetchone()
        if article is None:
            raise LookupError(typed)
        enter_removal(desk, article, asked, by=req.user.name, now=req.now)


def _id(text: str) -> int:
    """The number typed; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


async def _page(
    req: PageRequest,
    home: Home,
    typed: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    def load() -> list[Removal]:
        if not home.desk_db.exists():
            return []
        with closing(open_desk(home.desk_db)) as desk:
            return load_removals(desk)

    return await req.render(
        "removals.html",
        status=status,
        removals=await asyncio.to_thread(load),
        typed=typed or {},
        article=req.arg("bai"),
        problem=problem,
        today=req.now.astimezone(HANOI).date().isoformat(),
        decisions=DECISIONS,
    )
