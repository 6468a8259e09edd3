"""``/cai-dat/nguoi-dung``: accounts and their roles; a new one, another role or password, sessions ended."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TypeVar, cast

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.desk import accounts, sessions
from archive.desk.accounts import ROLES, AccountError, Role
from archive.desk.db import open_desk
from archive.desk.passwords import LONGEST, SHORTEST
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.settings.form import Field, Form
from archive.web.views.settings.store import home_of

T = TypeVar("T")
_ROLES = tuple((role, f"role.{role}") for role in reversed(ROLES))
NAME = Field("name", most=accounts.LONGEST_NAME, needed=True, label="user_name")
ROLE = Field("role", "choice", _ROLES)
EMAIL = Field("email", most=accounts.LONGEST_EMAIL)
PASSWORD = Field("password", "secret", most=LONGEST, needed=True, label="user_password")
NEW = (NAME, ROLE, EMAIL, PASSWORD)
KNOWN = (ROLE, EMAIL)


async def users(req: PageRequest) -> Response:
    """Everyone with an account, and the form for a new one."""
    form = Form(NEW, {"name": "", "role": "editor", "email": "", "password": ""})
    if req.request.method == "POST":
        form = Form.sent(NEW, await values(req))
        if form.fine and await _add(req, form):
            return Response.redirect(req.path("/cai-dat/nguoi-dung", {"da": "luu"}), 303)
    people = await _desk(req, lambda desk: accounts.accounts(desk, req.now))
    if not people and req.request.method != "POST":
        form.typed["role"] = "admin"  # the first one
    return await req.render(
        "settings/users.html",
        status=200 if form.fine else 400,
        form=form,
        people=people,
        least=SHORTEST,
        saved=req.arg("da") == "luu",
    )


async def _add(req: PageRequest, form: Form) -> bool:
    role, password = cast("Role", form.typed["role"]), str(form.typed["password"])
    name, email, by = form.text("name"), form.text("email"), req.user.name
    return await _tried(
        req, form, lambda desk: accounts.add(desk, name, role, password, email=email, by=by, now=req.now)
    )


async def user(req: PageRequest) -> Response:
    """One account: its role and address, another password, its sessions, its end."""
    given = await values(req) if req.request.method == "POST" else {}
    name = (given.get("ten") or [req.arg("ten")])[0]
    known = await _desk(req, lambda desk: accounts.load_user(desk, name))
    if known is None:
        raise NotFound(f"no account {name}")
    form = Form(KNOWN, {"role": known.role, "email": known.email})
    secret = Form((PASSWORD,), {"password": ""})
    if given:
        todo = (given.get("viec") or [""])[0]
        form = Form.sent(KNOWN, given) if todo == "doi" else form
        secret = Form.sent((PASSWORD,), given) if todo == "mat-khau" else secret
        shown = secret if todo == "mat-khau" else form
        if shown.fine and await _tried(req, shown, _work(req, known.name, todo, form, given)):
            return Response.redirect(req.path("/cai-dat/nguoi-dung", {"da": "luu"}), 303)
    return await req.render(
        "settings/user.html",
        status=200 if form.fine and secret.fine else 400,
        form=form,
        secret=secret,
        name=known.name,
        least=SHORTEST,
    )


def _work(
    req: PageRequest, name: str, todo: str, form: Form, given: Mapping[str, Sequence[str]]
) -> Callable[[Database], object]:
    """What the button that was pressed does."""
    by, now = req.user.name, req.now
    if todo == "mat-khau":
        password = str(PASSWORD.read(given))
        return lambda desk: accounts.set_password(desk, name, password, by=by, now=now)
    if todo == "phien":
        return lambda desk: sessions.end_sessions(desk, name, by=by, now=now)
    if todo == "bo":
        return lambda desk: accounts.remove(desk, name, by=by, now=now)
    role, email = cast("Role", form.typed["role"]), form.text("email")
    return lambda desk: accounts.change(desk, name, role=role, email=email, by=by, now=now)


async def _tried(req: PageRequest, form: Form, work: Callable[[Database], object]) -> bool:
    """Whether it could be done; else the form says at which field it could not."""
    try:
        await _desk(req, work)
    except AccountError as error:
        if error.field in form.typed:
            form.problems[error.field] = error.reason
        else:
            form.top = error.reason
        return False
    return True


async def _desk(req: PageRequest, work: Callable[[Database], T]) -> T:
    home = home_of(req)

    def run() -> T:
        with closing(open_desk(home.desk_db)) as desk:
            return work(desk)

    return await asyncio.to_thread(run)
