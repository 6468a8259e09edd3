"""How an action at the desk is answered: by JSON for the page's script, by a page for everyone else."""

from dataclasses import dataclass, field
from typing import Any

from datasette.utils.asgi import Response

from archive.clock import HANOI
from archive.web import headers
from archive.web.request import PageRequest
from archive.web.views.desk.board import Board, Lost


@dataclass(slots=True)
class DeskAnswer:
    """What came of it; ``saved`` and ``told`` are keys of words, ``id`` is the story it was about."""

    digest: str
    board: Board | None = None
    status: int = 200
    saved: str = ""
    told: str = ""
    sentence: str = ""
    id: int = 0
    focus: bool = False
    others: list[int] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    lost: list[tuple[str, str]] | None = None


async def answered(req: PageRequest, answer: DeskAnswer) -> Response:
    """The answer in the form that was asked for; without script a page is drawn anew where the story stands."""
    if "application/json" in req.request.headers.get("accept", ""):
        return await _json(req, answer)
    if answer.status == 200 or answer.board is None:
        params = {"ban": answer.digest, "luu": answer.saved or answer.told}
        if answer.board:
            params |= {"luc": answer.board.until, "loc": answer.board.shown}
        anchor = f"#tin-{answer.id}" if answer.id else ""
        return Response.redirect(req.path("/ban", params) + anchor, status=303)
    board = answer.board
    board.told = "" if answer.lost is not None else answer.sentence
    board.lost = Lost(answer.sentence, answer.lost) if answer.lost is not None else None
    return await req.render("desk.html", status=answer.status, board=board)


async def _json(req: PageRequest, answer: DeskAnswer) -> Response:
    board = answer.board
    told: dict[str, Any] = {"saved": saved(req, answer.saved), "id": answer.id, "problems": answer.problems}
    told["sentence"] = answer.sentence if answer.lost is None else req.words("desk.moved_on.here")
    if answer.focus:
        told["focus"] = answer.id
    if board and answer.lost is None:
        told |= {"sum": board.sum(req.formats), "edition": await _part(req, "edition", board=board)}
        shown = [board.by_id[one] for one in dict.fromkeys((answer.id, *answer.others)) if one in board.by_id]
        told["stories"] = {one.id: await _part(req, "state", board=board, story=one) for one in shown}
        if board.editing and board.editing.conflict:
            told["conflict"] = await _part(req, "conflict", board=board, form=board.editing)
            told["viec"] = f"{board.editing.id}.{board.editing.rev}.{board.editing.note_rev}.sua"
    own = {"content-security-policy": headers.OUR_PAGES}
    return Response.json(told, status=answer.status, headers=own)


async def _part(req: PageRequest, name: str, **context: Any) -> str:
    return str(await req.fragment("desk_part.html", part=name, **context))


def saved(req: PageRequest, key: str) -> str:
    """``đã lưu 07:12``."""
    return req.words(key, at=f"{req.now.astimezone(HANOI):%H:%M}") if key else ""
