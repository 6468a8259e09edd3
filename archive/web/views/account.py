"""``/dang-nhap``, ``/dang-xuat``, and ``/tai-khoan``: one's own password, sessions, pictures in articles."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from datasette.utils.asgi import Forbidden, Request, Response
from sqlite_utils import Database

from archive.db import reading
from archive.desk import accounts, sessions
from archive.desk.accounts import NOBODY, AccountError, User
from archive.desk.db import open_desk
from archive.desk.passwords import LONGEST, SHORTEST
from archive.reasons import reason
from archive.web import pictures
from archive.web.auth import READER_COOKIE, SESSION_COOKIE, STAYS, namespace, reader_cookie
from archive.web.forms import fields, from_here
from archive.web.password_check import TooManyGuesses
from archive.web.request import PageRequest
from archive.web.views.finding.saved import lately_opened

if TYPE_CHECKING:
    from datasette.app import Datasette

T = TypeVar("T")
_LONGEST_FORM = 10_000  # bytes of a login
_DONE = {"mat-khau": "account.done.password", "phien": "account.done.session", "anh": "account.done.pictures"}


async def login(datasette: "Datasette", request: Request) -> Response:
    """The form that asks for name and password, and its answer."""
    req = PageRequest.unchecked(datasette, request)
    target, known = _target(req), req.user.name or (req.user.role and not req.caller.accounts)
    if req.public or (known and request.method != "POST") or (known and not req.logged_in):
        return Response.redirect(req.path(target))
    if request.method != "POST":
        # A Strict cookie stays away when another site led here: come again from our own page.
        came = request.headers.get("sec-fetch-site") == "cross-site"
        again = came and not {SESSION_COOKIE, READER_COOKIE} & request.cookies.keys()
        return await _login_page(req, target, again=req.path(target) if again else "")
    if not from_here(request.headers):
        raise Forbidden(reason("not_own_form"))
    return await _log_in(req, target)


async def _log_in(req: PageRequest, target: str) -> Response:
    form = await fields(req)
    name, password = form.get("name", "").strip(), form.get("password", "")
    if int(req.request.headers.get("content-length", "0")) > _LONGEST_FORM:
        return await _login_page(req, target, status=400, wrong="login.wrong")
    try:
        user = await req.site.passwords.whose(name, password, req.address)
    except TooManyGuesses:
        return await _login_page(req, target, status=429, wrong="login.wait", name=name)
    if user is NOBODY:
        return await _login_page(req, target, status=403, wrong="login.wrong", name=name)
    try:
        return await _welcomed(req, target, user)
    except AccountError:  # removed in between
        return await _login_page(req, target, status=403, wrong="login.wrong", name=name)


async def _welcomed(req: PageRequest, target: str, user: User) -> Response:
    response = Response.redirect(req.path(target), status=303)
    if user.name:
        address, now = req.address, req.now
        token = await _change(req, lambda desk: sessions.open_session(desk, user, address=address, now=now))
        _set_cookie(req, response, SESSION_COOKIE, token)
    else:
        until = int((req.now + STAYS).timestamp())
        signed = req.datasette.sign({"until": until, "id": secrets.token_hex(16)}, namespace(req.datasette))
        _set_cookie(req, response, READER_COOKIE, signed)
    return response


async def _login_page(
    req: PageRequest, target: str, *, status: int = 200, wrong: str = "", again: str = "", name: str = ""
) -> Response:
    shared = bool(req.site.access.password)
    return await req.render(
        "login.html", status=status, target=target, wrong=wrong, again=again, typed=name[:200], shared=shared
    )


async def logout(datasette: "Datasette", request: Request) -> Response:
    """End the session and take the cookies back."""
    req = PageRequest.unchecked(datasette, request)
    response = Response.redirect(req.path("/dang-nhap"), status=303)
    if request.method == "POST":
        if not from_here(request.headers):
            raise Forbidden(reason("not_own_form"))
        if req.caller.session:
            await _change(req, lambda desk: _end(req, desk, req.caller.session))
        if (shared := reader_cookie(datasette, request)) and req.site.home:
            await _change(req, lambda desk: sessions.end_cookie(desk, *shared, req.now))
        for cookie in (SESSION_COOKIE, READER_COOKIE):
            _set_cookie(req, response, cookie, "")
    return response


async def account(req: PageRequest) -> Response:
    """One's own page; a POST changes the password, ends sessions or switches pictures."""
    if req.request.method != "POST":
        return await _page(req)
    form = await fields(req)
    if form.get("viec") == "anh":
        response = Response.redirect(req.path("/tai-khoan", {"xong": "anh"}), status=303)
        pictures.switch(req, response, form.get("anh") == "1")
        return response
    try:
        done = await _act(req, form)
    except AccountError as error:
        return await _page(req, problem=error)
    return Response.redirect(req.path("/tai-khoan", {"xong": done}), status=303)


async def _act(req: PageRequest, form: dict[str, str]) -> str:
    """Do what the button says; what was done. Raises AccountError."""
    if not req.user.name:
        raise AccountError("", reason("account_none_here"))
    if form.get("viec") == "mat-khau":
        await _change_password(req, form)
        return "mat-khau"
    if session := form.get("phien", ""):
        await _change(req, lambda desk: _end(req, desk, session))
    else:
        name, own = req.user.name, req.caller.session
        await _change(req, lambda desk: sessions.end_sessions(desk, name, by=name, now=req.now, staying=own))
    return "phien"


def _end(req: PageRequest, desk: Database, session: str) -> None:
    """End a session if it is one's own."""
    if session in {one.id for one in sessions.sessions(desk, req.user.name, req.now)}:
        sessions.end_session(desk, session, by=req.user.name, now=req.now)


async def _change_password(req: PageRequest, form: dict[str, str]) -> None:
    old, new = form.get("mat-khau-cu", ""), form.get("mat-khau-moi", "")
    if new != form.get("mat-khau-lai", ""):
        raise AccountError("again", reason("account_password_differs"))
    try:
        user = await req.site.passwords.whose(req.user.name, old[: LONGEST + 1], req.address)
    except TooManyGuesses:
        raise AccountError("old", reason("account_password_wait")) from None
    if user is NOBODY:
        raise AccountError("old", reason("account_password_wrong"))
    await _change(req, lambda desk: _set_password(req, desk, user, new))


def _set_password(req: PageRequest, desk: Database, user: User, new: str) -> None:
    own = req.caller.session
    accounts.set_password(desk, user.name, new, by=user.name, now=req.now, staying=own)


async def _page(req: PageRequest, problem: AccountError | None = None) -> Response:
    home, done = req.site.home, "" if problem else _DONE.get(req.arg("xong"), "")
    open_ones: list[sessions.Session] = []
    if home and req.user.name:
        with reading(home.desk_db) as desk:
            open_ones = sessions.sessions(desk, req.user.name, req.now)
    shown: dict[str, Any] = {"sessions": open_ones, "done": done, "pictures": pictures.switched_on(req)}
    shown |= await lately_opened(req)
    errors = {problem.field: req.words.reason(problem.reason)} if problem else {}
    return await req.render(
        "account.html", status=400 if problem else 200, errors=errors, least=SHORTEST, most=LONGEST, **shown
    )


async def _change(req: PageRequest, work: Callable[[Database], T]) -> T:
    """Do something to desk.db beside the pages that others read."""
    home = req.site.home
    if home is None:
        raise AccountError("", reason("account_none_here"))

    def run() -> T:
        with closing(open_desk(home.desk_db)) as desk:
            return work(desk)

    return await asyncio.to_thread(run)


def _set_cookie(req: PageRequest, response: Response, name: str, value: str) -> None:
    """A cookie that scripts and other sites never get; '' takes it back."""
    response.set_cookie(
        name,
        value,
        max_age=int(STAYS.total_seconds()) if value else 0,
        httponly=True,
        samesite="strict",
        secure=req.request.scheme == "https",
    )


def _target(req: PageRequest) -> str:
    """Where to go afterwards: a path of this site, whatever the address says."""
    target = str(req.request.args.get("ve") or "/")
    ours = target.startswith("/") and target[1:2] != "/" and target.isprintable() and "\\" not in target
    return target if ours and not target.startswith("/dang-nhap") else "/"
