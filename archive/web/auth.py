"""Who asks: by the cookie of a session or the shared password, by HTTP Basic, or whoever is at this machine."""

import asyncio
import base64
import re
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from datasette.utils.asgi import Request, Response
from itsdangerous import BadSignature

from archive.desk import accounts, sessions
from archive.desk.accounts import NOBODY, READER, THIS_MACHINE, User
from archive.desk.db import open_desk
from archive.reasons import reason
from archive.web import hosts
from archive.web.access import Access, Caller, had_accounts, is_loopback
from archive.web.forms import by_our_page
from archive.web.headers import App, Message, Send
from archive.web.password_check import WAIT, TooManyGuesses
from archive.web.request import CALLER, ServedArchive, error_page, served

if TYPE_CHECKING:
    from datasette.app import Datasette

SESSION_COOKIE, READER_COOKIE = "diemtin_session", "diemtin_reader"
STAYS = timedelta(days=30)  # the cookie of the shared password
WRITE_SQL = ("editor", "admin")  # their own; ready questions are for everyone who may look
_OPEN = ("/dang-nhap", "/favicon.ico")
_MCP, _LOOKING = "/-/mcp", {"allow": "GET, HEAD"}  # of Datasette's own forms none is used
_STATIC = "/-/static-plugins/diemtin/"
_NOWHERE = {"path": "/-/khong-co", "raw_path": b"/-/khong-co", "method": "GET"}  # no route has it
_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
_FOR_PROGRAMS = (".atom", ".csv", ".json")
Patterns = Sequence[re.Pattern[str]]


def require_login(datasette: "Datasette", app: App, in_public: Patterns, ours: Patterns) -> App:
    """The application for those who may look; anyone else comes to the login page, foreign hosts nowhere.

    Under ``--public`` only ``in_public`` are found. This comes before all routes, as some of Datasette's own
    pages check no permission.
    """

    async def answer(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        request, site = Request(scope, receive), served(datasette)
        path = _path(datasette, request) if scope["type"] == "http" else ""
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif not site.access.public and _is_foreign(site, request):
            await (await _foreign(datasette, request)).asgi_send(send)
        elif path.startswith(_STATIC):
            await app(scope, receive, send)
        elif request.method == "POST" and not (_matches(path, ours) or path == _MCP):
            await Response.text("Nothing can be sent here.", status=405, headers=_LOOKING).asgi_send(send)
        elif site.access.public:
            await app(scope if _matches(path, in_public) else {**scope, **_NOWHERE}, receive, send)
        elif hosts.is_led_here(request.headers):
            await Response.text("Another site's page may not ask here.", status=403).asgi_send(send)
        else:
            caller = await _caller(datasette, request)
            kept = request.method == "POST" and by_our_page(request.headers) and _matches(path, ours)
            if caller.user is NOBODY and path not in _OPEN and not kept:
                await _refused(datasette, request).asgi_send(send)
                return
            await app({**scope, **_actor(site, caller), CALLER: caller}, receive, send)

    return answer


def _actor(site: ServedArchive, caller: Caller) -> dict[str, object]:
    """Whoever asks, as Datasette's own pages know people; at this machine nobody needs a name."""
    if caller.user is THIS_MACHINE or not caller.user.role or not site.home:
        return {}
    return {"actor": {"id": caller.user.name or "reader", "role": caller.user.role}}


def permission(datasette: "Datasette", actor: dict[str, object] | None, action: str) -> bool | None:
    """Datasette's permissions: nothing for nobody; in public nothing but our own pages; SQL for editors."""
    access = served(datasette).access
    if access.public:
        return None if action == "view-instance" else False
    if action == "execute-sql" and actor and actor.get("role") not in WRITE_SQL:
        return False
    return False if not actor and access != Access() else None


async def _caller(datasette: "Datasette", request: Request) -> Caller:
    """Who asks, as far as it is known; NOBODY where logging in is needed."""
    site, token = served(datasette), request.cookies.get(SESSION_COOKIE, "")
    there, known = _session(site, token)
    if known:
        user, due = known
        if due:
            await asyncio.to_thread(_seen, site, token)
        return Caller(user, there, sessions.session_id(token))
    if not there and site.access == Access():
        return Caller(THIS_MACHINE if site.home and _from_this_machine(request) else READER)
    if site.access.password and has_reader_cookie(datasette, request):
        return Caller(READER, there)
    return Caller(await _by_basic(site, request), there)


def _session(site: ServedArchive, token: str) -> tuple[bool, tuple[User, bool] | None]:
    """Whether there are accounts, and whose session the cookie's token is."""
    desk = site.desk.get()
    there = had_accounts(site.home)
    if desk is None:
        return there, None
    try:
        return accounts.exist(desk) or there, sessions.session_user(desk, token, site.now())
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # it is being made
            return there, None
        raise


def _seen(site: ServedArchive, token: str) -> None:
    """Write down that a session is used, unless someone writes for long."""
    if site.home:
        with closing(open_desk(site.home.desk_db)) as desk, suppress(sqlite3.OperationalError):
            sessions.seen(desk, token, site.now())


def _from_this_machine(request: Request) -> bool:
    """Whether nobody elsewhere asks through a server in between that passes names and addresses on."""
    address = str((request.scope.get("client") or ["?"])[0])
    passed_on = any(name in request.headers for name in _OF_PROXIES)
    return is_loopback(address) and not passed_on and hosts.is_this_machine(request.headers.get("host", ""))


def _is_foreign(site: ServedArchive, request: Request) -> bool:
    host = request.headers.get("host", "")
    return not hosts.is_known(host, site.home, site.access.elsewhere)


async def _foreign(datasette: "Datasette", request: Request) -> Response:
    """The page for a name that is not the archive's (421, Misdirected Request)."""
    await datasette.invoke_startup()  # it may be the very first request
    host = request.headers.get("host", "")[:100]
    request.scope = {**request.scope, "csrftoken": lambda: ""}
    return await error_page(datasette, request, 421, reason("foreign_host", host=host))


def has_reader_cookie(datasette: "Datasette", request: Request) -> bool:
    """Whether the cookie says that the shared password was given, and its time is not over."""
    cookie = reader_cookie(datasette, request)
    if cookie is None or not cookie[1] > served(datasette).now():
        return False
    desk = served(datasette).desk.get()
    try:
        return desk is None or not sessions.cookie_ended(desk, cookie[0])
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # it is being made
            return True
        raise


def reader_cookie(datasette: "Datasette", request: Request) -> tuple[str, datetime] | None:
    """The id of the shared password's cookie and its end; None where none of ours was sent."""
    try:
        signed = datasette.unsign(request.cookies.get(READER_COOKIE, ""), namespace(datasette))
        return str(signed["id"]), datetime.fromtimestamp(signed["until"], UTC)
    except (BadSignature, KeyError):  # of an earlier version, which had no id
        return None


def namespace(datasette: "Datasette") -> str:
    """What the signature is bound to: another password makes old cookies worthless."""
    return f"reader {served(datasette).access.password}"


async def _by_basic(site: ServedArchive, request: Request) -> User:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return NOBODY
    try:
        name, _, password = base64.b64decode(given.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:  # no base64, no UTF-8, or letters that no header holds
        return NOBODY
    address = str((request.scope.get("client") or ["?"])[0])
    try:
        return await site.passwords.whose(name, password, address, any_name=True)
    except TooManyGuesses:
        return NOBODY


def _refused(datasette: "Datasette", request: Request) -> Response:
    """People are led to the login page, programs are asked to log in (RFC 7617), scripts of a page are told."""
    path, login = _path(datasette, request), datasette.urls.path("/dang-nhap")
    if served(datasette).passwords.too_many(str((request.scope.get("client") or ["?"])[0])):
        wait = {"retry-after": str(int(WAIT.total_seconds()))}
        return Response.text("Too many wrong passwords; wait 15 minutes.", status=429, headers=wait)
    if (
        request.headers.get("sec-fetch-dest") == "empty"
    ):  # to a challenge a browser would ask by a box of its own
        return Response.json({"error": "log in", "login": login}, status=403)
    if request.method == "GET" and "authorization" not in request.headers and not path.endswith(_FOR_PROGRAMS):
        target = f"{path}?{request.query_string}" if request.query_string else path
        return Response.redirect(f"{login}?{urlencode({'ve': target})}")
    challenge = {"www-authenticate": 'Basic realm="Diem Tin", charset="UTF-8"'}
    words = "Log in with your name and password, or any name and the password of the archive."
    return Response.text(words, status=401, headers=challenge)


def _matches(path: str, patterns: Patterns) -> bool:
    return any(one.match(path) for one in patterns)


def _path(datasette: "Datasette", request: Request) -> str:
    """The path that Datasette will route by."""
    path, base = str(request.path), str(datasette.setting("base_url"))
    return "/" + path[len(base) :] if base != "/" and path.startswith(base) else path
