"""``/phan-hoi/moi`` and ``/phan-hoi/<id>``: one row of the register, entered, written on and confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.clock import HANOI, is_day_off, moment
from archive.desk.accounts import load_user
from archive.desk.choices import load_notes
from archive.desk.fields import OUTCOMES, BadValue, TooLong
from archive.desk.register import (
    DayAhead,
    DayTooEarly,
    NoEntry,
    RegisterChange,
    RegisterEntry,
    change_entry,
    enter,
    history,
    load,
    of_articles,
    undo,
)
from archive.desk.register.proofs import Proof, proofs_for
from archive.desk.rows import Conflict, differing
from archive.revisions.changes import from_json, headline
from archive.web.forms import fields
from archive.web.request import PageRequest
from archive.web.views.lists import ArticleLine, lines
from archive.web.views.register.opened import OpenedRegister, RegisterLine, at_register, proof_path

Given = Mapping[str, str]
FIELDS = {  # names in the form
    "noi-dung": "asked", "ai-yeu-cau": "asked_by", "ngay": "asked_on", "ca-tin": "whole_story",
    "giao": "assignee", "han": "due", "ghi-chu": "note", "ngay-phan-hoi": "answered_on",
    "van-ban": "answer", "lien-ket": "answer_url", "ket-qua": "outcome", "ngay-ket-qua": "outcome_on",
}  # fmt: skip
TICKS = ("ca-tin",)
CLOSING = {"ket-thuc": "closed", "rut": "withdrawn", "mo-lai": None}
TOLD = ("saved", "entered", "undone", "undo_none")


@dataclass(frozen=True, slots=True)
class ShownProof:
    """An edit or take-down to be confirmed: what changed, where it is seen, and the value of its buttons."""

    proof: Proof
    outlet: str
    sentence: str
    path: str

    @property
    def value(self) -> str:
        return f"{self.proof.article_id}.{self.proof.version or 0}"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change: its word, and the values before and after."""

    word: str
    before: str
    after: str


@dataclass(slots=True)
class EntryForm:
    """The page of a row, or of a new one (``line`` None); ``fields`` by their names in the form."""

    article: ArticleLine | None
    story: list[ArticleLine]
    fields: dict[str, str]
    rev: int = 0
    line: RegisterLine | None = None
    article_id: int = 0
    proofs: list[ShownProof] = field(default_factory=list)
    history: list[tuple[RegisterChange, list[FieldChange]]] = field(default_factory=list)
    others: list[RegisterLine] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    clash: tuple[str, str, list[FieldChange]] | None = None
    told: str = ""
    due_off: bool = False
    unreachable: bool = False

    outcomes = OUTCOMES


async def new(req: PageRequest) -> Response:
    """The form for an article that ``bai`` names; sent, it enters the row."""
    given = await fields(req) if req.request.method == "POST" else None
    article_id = _number(given.get("bai", "") if given is not None else req.arg("bai"))
    found = await at_register(req, lambda register: _new(register, article_id, given))
    if isinstance(found, RegisterEntry):
        return Response.redirect(req.path(f"/phan-hoi/{found.id}", {"luu": "entered"}), status=303)
    return await _shown(req, found, 400 if given is not None else 200)


def _new(register: OpenedRegister, article_id: int, given: Given | None) -> RegisterEntry | EntryForm:
    form = _blank(register, article_id)
    if given is None or form.article is None:
        return form
    form.fields = _typed(given)
    one, req = form.article, register.req
    blank = RegisterEntry(0, article_id=one.id, source=one.source, title=one.title)
    try:
        return enter(register.desk, blank, _values(form.fields), by=req.user.name, now=req.now)
    except BadValue as error:
        form.problems = _problem(req, error)
        return form


def _blank(register: OpenedRegister, article_id: int) -> EntryForm:
    """An empty form, with what colleagues noted on the article. Raises NotFound where there is none."""
    article, story = _article(register, article_id)
    if article is None:
        raise NotFound(f"no article {article_id}")
    note = load_notes(register.desk, [article_id]).get(article_id)
    given = {
        "ngay": register.today.isoformat(),
        "giao": note.assignee if note else "",
        "han": (note.due if note else "") or "",
        "ca-tin": "1" if len(story) > 1 else "",
    }
    others = register.lines(of_articles(register.desk, [one.id for one in story or [article]]))
    people = _people(register)
    return EntryForm(article, story, given, article_id=article_id, others=others, people=people)


async def entry(req: PageRequest) -> Response:
    """A row with its history; sent, what the button says is done."""
    id_, given = int(req.url_vars["id"]), await fields(req) if req.request.method == "POST" else None
    try:
        form, done = await at_register(req, lambda register: _entry(register, id_, given))
    except NoEntry as error:
        raise NotFound(f"no row {id_} in the register") from error
    if done:
        return Response.redirect(req.path(f"/phan-hoi/{id_}", {"luu": done}), status=303)
    told = req.arg("luu")
    form.told = req.words(f"register.told.{told}") if given is None and told in TOLD else ""
    return await _shown(req, form, 409 if form.clash else 400 if form.problems else 200)


def _entry(register: OpenedRegister, id_: int, given: Given | None) -> tuple[EntryForm, str]:
    """The form as it is shown, and what was done, if anything was."""
    if given is None:
        return _form(register, id_), ""
    if given.get("viec") == "hoan-tac":
        done = undo(register.desk, id_, by=register.req.user.name, now=register.req.now)
        return _form(register, id_), "undone" if done else "undo_none"
    base = _seen(register, id_, _number(given.get("rev", "")))
    typed = _typed(given)
    changes = {
        name: value for name, value in _values(typed).items() if typed[_name(name)] != _form_value(base, name)
    }
    try:
        changes |= _task(register, base, given.get("viec", ""))
        change_entry(register.desk, id_, base.rev, changes, by=register.req.user.name, now=register.req.now)
    except BadValue as error:
        form = _form(register, id_)
        form.fields, form.rev, form.problems = typed, base.rev, _problem(register.req, error)
        return form, ""
    except Conflict as error:
        return _clashed(register, id_, base, typed, error), ""
    return _form(register, id_), "saved"


def _seen(register: OpenedRegister, id_: int, rev: int) -> RegisterEntry:
    """The row as the form showed it: at its revision, or as it is now."""
    present = load(register.desk, id_)
    if rev in (0, present.rev):
        return present
    return next((one.after for one in history(register.desk, present) if one.after.rev == rev), present)


def _task(register: OpenedRegister, base: RegisterEntry, task: str) -> dict[str, Any]:
    """What a button changes besides what was typed; nothing for «Lưu»."""
    if task in CLOSING:
        return {"closed": CLOSING[task]}
    kind, _, which = task.partition(".")
    proof = next((one for one in _proofs(register, base) if one.value == which), None)
    if proof is None or kind not in ("xac-nhan", "dinh-chinh", "khong-phai"):
        return {}
    looked = {"seen_until": proof.proof.at}
    if kind == "khong-phai":
        return looked
    return looked | {
        "outcome": "corrected" if kind == "dinh-chinh" else proof.proof.outcome,
        "outcome_on": moment(proof.proof.at).astimezone(HANOI).date().isoformat(),
        "proof_article": proof.proof.article_id,
        "proof_version": proof.proof.version,
        "proof_at": proof.proof.at,
    }


def _clashed(
    register: OpenedRegister, id_: int, base: RegisterEntry, typed: dict[str, str], error: Conflict
) -> EntryForm:
    """Who was faster; what was typed stands in the form, the rest as it is now."""
    form, req = _form(register, id_), register.req
    present = load(register.desk, id_)
    ours = {name: text for name, text in typed.items() if text != _form_value(base, FIELDS[name])}
    rows = [
        FieldChange(
            _word(req, FIELDS[name]),
            _shown_value(req, FIELDS[name], getattr(present, FIELDS[name])),
            _shown_value(req, FIELDS[name], ours[name]) if name in ours else "",
        )
        for name, column in FIELDS.items()
        if _form_value(present, column) != _form_value(base, column) or name in ours
    ]
    form.fields |= ours
    form.clash = (error.by or req.words("desk.this_machine"), req.formats.short(moment(error.at)), rows)
    return form


def _form(register: OpenedRegister, id_: int) -> EntryForm:
    one = load(register.desk, id_)
    article, story = _article(register, one.article_id)
    line = register.lines([one])[0]
    shown = {name: _form_value(one, column) for name, column in FIELDS.items()}
    return EntryForm(
        article,
        story,
        shown,
        one.rev,
        line,
        one.article_id,
        proofs=_proofs(register, one),
        history=[(change, _differences(register.req, change)) for change in history(register.desk, one)],
        people=_people(register),
        unreachable=one.open and bool(one.assignee and one.due) and not _has_address(register, one.assignee),
        due_off=bool(one.open and one.due and is_day_off(register.req.formats.today.fromisoformat(one.due))),
    )


def _proofs(register: OpenedRegister, one: RegisterEntry) -> list[ShownProof]:
    found = proofs_for(register.archive, [one]).get(one.id, [])
    outlets = _outlets(register, [proof.article_id for proof in found])
    return [
        ShownProof(
            proof,
            outlets.get(proof.article_id, ""),
            _changed(register, proof),
            proof_path(proof.article_id, proof.version),
        )
        for proof in found
    ]


def _changed(register: OpenedRegister, proof: Proof) -> str:
    """``7,8% → 6,8%``, or that it was taken down."""
    if not proof.version:
        return ""
    row = register.archive.execute("select changes from versions where id = ?", [proof.version]).fetchone()
    return headline(from_json(row[0]), words=register.req.words) if row else ""


def _outlets(register: OpenedRegister, ids: list[int]) -> dict[int, str]:
    return {
        one.id: one.outlet for one in lines(register.archive, f"where a.id in ({', '.join(map(str, ids))})")
    }


def _article(register: OpenedRegister, article_id: int) -> tuple[ArticleLine | None, list[ArticleLine]]:
    """The article as the archive has it, and all of its story."""
    found = lines(register.archive, "where a.id = ?", [article_id])
    if not found or not found[0].story_id:
        return (found[0] if found else None), []
    story = lines(register.archive, "where a.story_id = ? order by a.sort limit 100", [found[0].story_id])
    return found[0], story


def _has_address(register: OpenedRegister, name: str) -> bool:
    user = load_user(register.desk, name)
    return bool(user and user.email)


def _people(register: OpenedRegister) -> list[str]:
    sql = "select name from users union select assignee from register where assignee <> '' order by 1"
    return [row[0] for row in register.desk.execute(sql)]


def _typed(given: Given) -> dict[str, str]:
    ticks = TICKS if "noi-dung" in given else ()  # a browser does not send a box that is not ticked
    return {name: given.get(name, "").strip() for name in FIELDS if name in given or name in ticks}


def _values(typed: Given) -> dict[str, Any]:
    return {FIELDS[name]: text for name, text in typed.items()}


def _name(column: str) -> str:
    return next(name for name, of in FIELDS.items() if of == column)


def _form_value(one: RegisterEntry, column: str) -> str:
    """A field as the form has it."""
    value = getattr(one, column)
    return ("1" if value else "") if isinstance(value, bool) else value or ""


def _shown_value(req: PageRequest, column: str, value: Any) -> str:
    """A field's value as people read it."""
    if column in ("outcome", "closed") and value:
        return req.words.named(f"register.{column}", value)
    if column == "whole_story":
        return req.words("register.yes" if value else "register.no")
    if column in ("asked_on", "due", "answered_on", "outcome_on") and value:
        return req.formats.day(value)
    return value or ""


def _differences(req: PageRequest, change: RegisterChange) -> list[FieldChange]:
    if change.before is None:
        return []
    told = [one for one in differing(change.before, change.after) if one in (*FIELDS.values(), "closed")]
    return [
        FieldChange(
            _word(req, one),
            *(_shown_value(req, one, getattr(row, one)) for row in (change.before, change.after)),
        )
        for one in told
    ]


def _word(req: PageRequest, column: str) -> str:
    return req.words(f"register.field.{column}")


def _problem(req: PageRequest, error: BadValue) -> dict[str, str]:
    """What is wrong with a field, by its name in the form."""
    number, name = req.words.number, _name(error.field)
    if isinstance(error, TooLong):
        return {name: req.words("desk.too_long", n=number(len(str(error.typed))), most=number(error.most))}
    if isinstance(error, DayAhead | DayTooEarly):
        key = "register.ahead" if isinstance(error, DayAhead) else "register.too_early"
        return {name: req.words(key, day=req.formats.day(str(error.typed)))}
    if not str(error.typed or "").strip():
        return {name: req.words("register.needed")}
    key = {"answer_url": "register.no_address", "outcome": "register.no_outcome"}.get(
        error.field, "desk.no_day"
    )
    return {name: req.words(key, text=str(error.typed)[:40])}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


async def _shown(req: PageRequest, form: EntryForm, status: int) -> Response:
    return await req.render("register_entry.html", status=status, form=form, may_edit=req.may("editor"))
