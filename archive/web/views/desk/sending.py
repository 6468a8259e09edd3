"""What makes an edition go: a test to oneself, approval, a correction; and a story brought back."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.config import ConfigError
from archive.desk import approvals
from archive.desk.fields import BadValue, TooLong
from archive.desk.personal.looks import looked
from archive.desk.sending import send_soon, send_test
from archive.digests.channels import Undelivered
from archive.digests.editions import Covered
from archive.schema import open_archive
from archive.web.forms import fields
from archive.web.request import PageRequest
from archive.web.views import digests
from archive.web.views.desk.answer import DeskAnswer, answered
from archive.web.views.desk.opened import OpenedDesk, at_desk
from archive.web.views.desk.preview import EditionPreview, load_preview, shown

Given = dict[str, str]


async def approve(req: PageRequest) -> Response:
    """``/ban/duyet``: exactly what the preview showed goes out; asked again, it is the same edition."""
    given = await fields(req)
    found = await at_desk(req, lambda desk: _approve(desk, given), name=given.get("ban", ""))
    if isinstance(found, int):
        return Response.redirect(req.path(f"/ban-tin/{found}"), status=303)
    problem, again = found
    return await shown(req, again, status=409, problem=req.words(problem))


def _approve(desk: OpenedDesk, given: Given) -> int | tuple[str, EditionPreview]:
    """The edition's id, or what stood in the way and the preview as it is now."""
    until, everything = given.get("luc", ""), bool(given.get("ca"))
    again = load_preview(desk, until, everything)
    if given.get("cua-so", "") == desk.window and given.get("dau") != again.mark:
        return "desk.approve.changed", again
    now, user = desk.req.now, desk.req.user
    try:
        with _writable(desk) as archive:
            made = approvals.approve(
                archive, desk.desk, desk.digest, until=desk.until(until), everything=everything,
                by=user.name, now=now, window=given.get("cua-so", ""), seen=again.content,
            )  # fmt: skip
    except approvals.NothingChosen:
        return "desk.approve.none", again
    except approvals.Changed:
        return "desk.approve.changed", load_preview(desk, until, everything)
    except Covered:
        return "desk.approve.covered", load_preview(desk, "", everything)
    looked(desk.desk, user.name, desk.digest.name, desk.until(until))
    send_soon(desk.home, desk.alerts, made, now)
    return made


async def test(req: PageRequest) -> Response:
    """``/ban/gui-thu``: the preview by mail to one address, marked as a test."""
    given = await fields(req)
    found, told = await at_desk(req, lambda desk: _test(desk, given), name=given.get("ban", ""))
    return await shown(
        req, found, status=400 if "told" not in told else 200, typed=given.get("den", ""), **told
    )


def _test(desk: OpenedDesk, given: Given) -> tuple[EditionPreview, dict[str, str]]:
    req, to = desk.req, given.get("den", "").strip()
    found = load_preview(desk, given.get("luc", ""), bool(given.get("ca")))
    try:
        send_test(desk.home, desk.alerts, desk.digest, found.content, to, req.now, by=req.user.name)
    except BadValue:
        return found, {"wrong_address": req.words("desk.no_address", text=to[:100])}
    except Undelivered as error:
        return found, {"problem": req.words("desk.test.failed", why=req.words.reason(error.reason))}
    except ConfigError as error:
        return found, {"problem": req.words("desk.test.failed", why=str(error))}
    return found, {"told": req.words("desk.test.sent", to=to)}


async def correct(req: PageRequest) -> Response:
    """``/ban/dinh-chinh``: a correction of an edition, made and sent as one of its own."""
    given = await fields(req)
    number = given.get("so", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound("no such edition")
    row = await req.require(lambda db: digests.load_edition(db, int(number)))
    found = await at_desk(req, lambda desk: _correct(desk, row.id, given), name=row.name)
    if isinstance(found, int):
        return Response.redirect(req.path(f"/ban-tin/{found}"), status=303)
    return await digests.shown(req, row.id, status=400, problem=found, typed=given.get("noi-dung", ""))


def _correct(desk: OpenedDesk, digest_id: int, given: Given) -> int | str:
    """The correction's id, or what is wrong with its text."""
    req, text = desk.req, given.get("noi-dung", "")
    try:
        with _writable(desk) as archive:
            made = approvals.correct(
                archive, desk.desk, desk.digest, digest_id, text, by=req.user.name, now=req.now
            )
    except TooLong as error:
        most = req.words.number(error.most)
        return req.words("desk.too_long", n=req.words.number(len(str(error.typed))), most=most)
    except BadValue:
        return req.words("desk.correct.none")
    send_soon(desk.home, desk.alerts, made, req.now)
    return made


async def bring_back(req: PageRequest) -> Response:
    """``/ban/dua-lai``: a story that an edition left out comes into the open window."""
    given = await fields(req)
    ids = [
        int(one) for one in given.get("bai", "").split(",") if one.isascii() and one.isdigit() and len(one) < 19
    ]

    def work(desk: OpenedDesk) -> DeskAnswer:
        with _writable(desk) as archive:
            approvals.bring_back(archive, desk.desk, desk.digest, ids, desk.req.user.name, desk.req.now)
        desk.forget()
        return DeskAnswer(desk.digest.name, told="desk.brought")

    return await answered(req, await at_desk(req, work, name=given.get("ban", "")))


@contextmanager
def _writable(desk: OpenedDesk) -> Iterator[Database]:
    """archive.db to write an edition into; pages only read it."""
    with closing(open_archive(desk.home.archive_db)) as archive:
        yield archive
