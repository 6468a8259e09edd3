"""What is done at the desk: deciding on one story, writing on it, moving it, taking the last change back."""

import logging
from typing import Any, NamedTuple

from datasette.utils.asgi import Response

from archive.cases import REASONS, CaseBook
from archive.cases.articles import note_choices
from archive.config import ConfigError
from archive.db import writing
from archive.desk.choices import Closed, Key, change, change_note, load_choices, undo
from archive.desk.edition import place_beside
from archive.desk.fields import BadValue, TooLong
from archive.desk.personal.looks import looked, mark_read, mark_unread
from archive.desk.rows import Conflict
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.desk.answer import DeskAnswer, answered
from archive.web.views.desk.board import TONES, Board, BoardStory
from archive.web.views.desk.edit_form import LABELS, NOTED, WRITTEN, EditForm, clash
from archive.web.views.desk.opened import OpenedDesk, at_desk
from archive.web.views.desk.page import draw

Given = dict[str, list[str]]
MARKS: dict[str, dict[str, Any]] = {
    "chon": {"mark": "chosen"},
    "bo": {"mark": None, "star": False, "why": ""},
    "de-lai": {"mark": "left", "star": False},
    "khong-lien-quan": {"mark": "irrelevant", "star": False, "why": ""},
    "noi-bat": {"mark": "chosen", "star": True},
    "thoi-noi-bat": {"star": False},
    "tach": {"head_id": None, "apart": False},
    **{f"vi-sao-{why}": {"mark": "irrelevant", "why": why} for why in REASONS},
}
TONED: dict[str, dict[str, Any]] = {
    "thoi-tone": {"tone": None},
    **{f"tone-{tone}": {"tone": tone} for tone in TONES},
}
READ = ("da-doc", "chua-doc")
MOVES = {"len": -1, "xuong": 1}


class Task(NamedTuple):
    """What a button or form asks for: ``story.rev.note_rev.what``."""

    story: int
    rev: int
    note_rev: int
    what: str

    @classmethod
    def of(cls, text: str) -> "Task | None":
        """The task that the value of a button names; None where it names none."""
        story, rev, note_rev, what = [*text.split("."), "", "", "", ""][:4]
        numbers = (story, rev, note_rev)
        if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in numbers):
            return None
        known = what in MARKS or what in TONED or what in READ or what in MOVES or what == "sua"
        return cls(int(story), int(rev), int(note_rev), what) if known else None


async def act(req: PageRequest) -> Response:
    """``/ban/tin``: one story's action; readers may only note what they have read."""
    given = await values(req)
    task = Task.of(_one(given, "viec"))
    if task is None or task.what not in READ:
        req.need("editor")
    answer = await at_desk(req, lambda desk: _act(desk, task, given), name=_one(given, "ban"))
    return await answered(req, answer)


async def take_back(req: PageRequest) -> Response:
    """``/ban/hoan-tac``: this person's last change of the window."""
    given = await values(req)
    answer = await at_desk(req, lambda desk: _take_back(desk, given), name=_one(given, "ban"))
    return await answered(req, answer)


async def seen(req: PageRequest) -> Response:
    """``/ban/da-xem``: everything up to the drawing of the page was looked at."""
    given = await values(req)

    def note(desk: OpenedDesk) -> DeskAnswer:
        looked(desk.desk, req.user.name, desk.digest.name, desk.until(_one(given, "den")))
        return DeskAnswer(desk.digest.name, told="desk.looked.told")

    return await answered(req, await at_desk(req, note, name=_one(given, "ban")))


def _act(desk: OpenedDesk, task: Task | None, given: Given) -> DeskAnswer:
    if task is None:
        sentence = desk.req.words("desk.not_understood")
        return DeskAnswer(desk.digest.name, draw(desk), status=400, sentence=sentence)
    if _one(given, "cua-so") != desk.window:
        return _moved_on(desk, given)
    board = draw(desk, _one(given, "luc"), _one(given, "loc"))
    story = board.by_article.get(task.story)
    if story is None:
        return DeskAnswer(desk.digest.name, board, status=404, sentence=desk.req.words("desk.no_story"))
    return _try(desk, board, story, task, given)


def _try(desk: OpenedDesk, board: Board, story: BoardStory, task: Task, given: Given) -> DeskAnswer:
    """Do it; what stands in the way is told with all that was typed."""
    form = EditForm.of(story, {name: _one(given, name) for name in LABELS}) if task.what == "sua" else None
    problems = {}
    try:
        _do(desk, board, story, task, given)
    except BadValue as error:
        problems = {_name(error.field): _sentence(desk.req, error)}
    except Conflict as error:
        return _clashed(desk, board, story, error, form, given)
    except Closed:
        return _moved_on(desk, given)
    if problems and form:
        form.problems, form.rev, form.note_rev = problems, task.rev, task.note_rev
        board.editing = form
        return DeskAnswer(desk.digest.name, board, status=400, id=story.id, problems=problems)
    board = draw(desk, _one(given, "luc"), _one(given, "loc"))
    return DeskAnswer(desk.digest.name, board, saved="desk.saved", id=story.id, others=_others(story, board))


def _do(desk: OpenedDesk, board: Board, story: BoardStory, task: Task, given: Given) -> None:
    """Write what the task asks for. Raises Conflict, and BadValue for what a field cannot hold."""
    user, now = desk.req.user.name, desk.req.now
    if task.what == "da-doc":
        mark_read(desk.desk, user, story.ids, now)
    elif task.what == "chua-doc":
        mark_unread(desk.desk, user, story.ids)
    elif task.what in MOVES:
        place = place_beside(board.chosen, story.ids[0], MOVES[task.what])
        if place is not None:
            change(desk.desk, _key(desk, task.story), task.rev, {"position": place}, by=user, now=now)
    elif task.what in TONED:
        change_note(
            desk.desk,
            task.story,
            task.note_rev,
            TONED[task.what],
            by=user,
            now=now,
            digest=desk.digest.name,
            window=desk.window,
        )
    elif task.what in MARKS:
        change(desk.desk, _key(desk, task.story), task.rev, MARKS[task.what], by=user, now=now)
        _note_cases(desk)
    else:
        _write(desk, story, task, given)


def _note_cases(desk: OpenedDesk) -> None:
    """Keep what is «không liên quan» as cases; the desk goes on where their file cannot be written."""
    book = CaseBook.of(desk.home)
    try:
        note_choices(book, desk.archive, desk.desk, by=desk.req.user.name, now=desk.req.now)
    except ConfigError as error:
        logging.getLogger(__name__).error("%s", error)


def _write(desk: OpenedDesk, story: BoardStory, task: Task, given: Given) -> None:
    """Keep the fields of the form that say something else than what stands; all of them or none."""
    typed = {name: _one(given, name).strip() for name in LABELS if name in given}
    user, now = desk.req.user.name, desk.req.now
    written, noted = _written(story, typed, given.get("gop")), _noted(story, typed)
    with writing(desk.desk):
        if written:
            change(desk.desk, _key(desk, task.story), task.rev, written, by=user, now=now)
        if noted:
            change_note(
                desk.desk,
                task.story,
                task.note_rev,
                noted,
                by=user,
                now=now,
                digest=desk.digest.name,
                window=desk.window,
            )
        for text in given.get("tach", []):
            if text.isdigit() and int(text) in story.ids[1:]:
                apart = _key(desk, int(text))
                change(desk.desk, apart, _rev(desk, apart), {"head_id": int(text)}, by=user, now=now)


def _rev(desk: OpenedDesk, key: Key) -> int:
    choice = load_choices(desk.desk, key.digest, key.window).get(key.article_id)
    return choice.rev if choice else 0


def _sentence(req: PageRequest, error: BadValue) -> str:
    """What is wrong with a value, at its field."""
    number = req.words.number
    if isinstance(error, TooLong):
        return req.words("desk.too_long", n=number(len(str(error.typed))), most=number(error.most))
    return req.words("desk.no_day", text=str(error.typed)[:40])


def _written(story: BoardStory, typed: dict[str, str], joined: list[str] | None) -> dict[str, Any]:
    """The choice's fields that change; a title or summary as it was in the paper is none of its own.

    What the form did not send stays as it is.
    """
    new: dict[str, Any] = {WRITTEN[name]: typed[name] or None for name in WRITTEN if name in typed}
    if " ".join((new.get("title") or "").split()) == story.original_title:
        new["title"] = None
    if new.get("summary") == story.original_summary:
        new["summary"] = None
    if joined and joined[0] != str(story.joined or ""):
        new["head_id"] = int(joined[0]) if joined[0].isdigit() and len(joined[0]) < 19 else None
    old = {name: (getattr(story.choice, name) if story.choice else None) or None for name in new}
    return {name: value for name, value in new.items() if value != old[name]}


def _noted(story: BoardStory, typed: dict[str, str]) -> dict[str, Any]:
    new = {NOTED[name]: typed[name] for name in NOTED if name in typed}
    old = {"note": story.note, "assignee": story.assignee, "due": story.due}
    return {name: value for name, value in new.items() if value != old[name]}


def _take_back(desk: OpenedDesk, given: Given) -> DeskAnswer:
    if _one(given, "cua-so") != desk.window:
        return _moved_on(desk, given)
    entry = undo(desk.desk, desk.digest.name, desk.window, by=desk.req.user.name, now=desk.req.now)
    board = draw(desk, _one(given, "luc"), _one(given, "loc"))
    if entry is None:
        return DeskAnswer(desk.digest.name, board, saved="desk.undo.none")
    _note_cases(desk)
    story = board.by_article.get(entry.article_id or 0)
    ids = [story.id] if story else []
    return DeskAnswer(desk.digest.name, board, saved="desk.undo.done", id=ids[0] if ids else 0, focus=True)


def _moved_on(desk: OpenedDesk, given: Given) -> DeskAnswer:
    """The window was closed by an edition meanwhile: nothing is saved, and what was typed is shown again."""
    words = desk.req.words
    typed = [(words(LABELS[name]), _one(given, name)) for name in LABELS if _one(given, name).strip()]
    sentence = words("desk.moved_on")
    return DeskAnswer(desk.digest.name, draw(desk), status=409, sentence=sentence, lost=typed)


def _clashed(
    desk: OpenedDesk, board: Board, story: BoardStory, error: Conflict, form: EditForm | None, given: Given
) -> DeskAnswer:
    """Who was faster, and both versions where something was written."""
    found = clash(desk.req, story, error, form)
    if form is None:
        sentence = desk.req.words("desk.clash.one", who=found.who, when=found.when)
        return DeskAnswer(desk.digest.name, board, status=409, id=story.id, sentence=sentence)
    form.conflict = found
    board.editing = form
    return DeskAnswer(desk.digest.name, board, status=409, id=story.id)


def _others(story: BoardStory, board: Board) -> list[int]:
    """The stories beside it that look different now: what it was joined to."""
    now = board.by_article.get(story.ids[0])
    return [one for one in (story.joined, now.joined if now else 0) if one]


def _key(desk: OpenedDesk, article_id: int) -> Key:
    return Key(desk.digest.name, desk.window, article_id)


def _name(column: str) -> str:
    """The form's name of a column."""
    return next(name for name, of in (WRITTEN | NOTED).items() if of == column)


def _one(given: Given, name: str) -> str:
    return (given.get(name) or [""])[0]
