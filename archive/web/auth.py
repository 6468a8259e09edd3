"""An archive with a password: a login page for people, HTTP Basic for feed readers."""

import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from datasette.utils.asgi import Request, Response
from itsdangerous import BadSignature

from archive.desk.accounts import READER, THIS_MACHINE
from archive.web.access import WAIT, Access
from archive.web.headers import App, Message, Send
from archive.web.request import USER, PageRequest, served

if TYPE_CHECKING:
    from datasette.app import Datasette

ACTOR = {"id": "reader"}
_COOKIE = "diemtin_reader"
_STAYS = timedelta(days=30)
_OPEN = ("/dang-nhap", "/favicon.ico")
_STATIC = "/-/static-plugins/diemtin/"
_NOWHERE = {"path": "/-/khong-co", "raw_path": b"/-/khong-co"}  # no route has it
_FOR_PROGRAMS = (".atom", ".csv", ".json")


def require_password(datasette: "Datasette", app: App, open_paths: Sequence[re.Pattern[str]]) -> App:
    """The application for readers who gave the password; anyone else comes to the login page.

    Under ``--public`` only ``open_paths`` are found. This comes before all routes, as some of Datasette's own
    pages check no permission.
    """

    async def answer(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        site = served(datasette)
        access = site.access
        if scope["type"] != "http" or access == Access():
            await app({**scope, USER: THIS_MACHINE if site.home else READER}, receive, send)
            return
        request = Request(scope, receive)
        path = _path(datasette, request)
        if access.public:
            known = path.startswith(_STATIC) or any(one.match(path) for one in open_paths)
            await app(scope if known else {**scope, **_NOWHERE}, receive, send)
        elif is_reader(datasette, request):
            await app({**scope, "actor": ACTOR, USER: READER}, receive, send)
        elif path in _OPEN or path.startswith(_STATIC):
            await app(scope, receive, send)
        else:
            await _refused(datasette, request).asgi_send(send)

    return answer


def permission(datasette: "Datasette", actor: dict[str, object] | None, action: str) -> bool | None:
    """Datasette's permissions: with a password nothing without it, in public nothing but our own pages."""
    access = served(datasette).access
    if access.public:
        return None if action == "view-instance" else False
    return False if access.password and actor != ACTOR else None


def is_reader(datasette: "Datasette", request: Request) -> bool:
    """Whether the request carries our cookie or the password; a wrong password is remembered."""
    return _by_cookie(datasette, request) or _by_basic(datasette, request)


async def login(datasette: "Datasette", request: Request) -> Response:
    """The form that asks for the password, and its answer."""
    req, target = PageRequest.unchecked(datasette, request), _target(request)
    if not req.site.access.password or (request.method != "POST" and request.actor == ACTOR):
        return Response.redirect(req.path(target))
    if request.method != "POST":
        # A Strict cookie stays away when another site led here: come again from our own page.
        again = request.headers.get("sec-fetch-site") == "cross-site" and _COOKIE not in request.cookies
        return await req.render("login.html", target=target, wrong="", again=req.path(target) if again else "")
    if _too_many(datasette, request):
        return await req.render("login.html", status=429, target=target, wrong="login.wait", again="")
    form = parse_qs((await request.post_body()).decode("utf-8", "replace"))
    if not _password_is_right(datasette, request, form.get("password", [""])[0]):
        return await req.render("login.html", status=403, target=target, wrong="login.wrong", again="")
    return _welcomed(datasette, request, req.path(target))


async def logout(datasette: "Datasette", request: Request) -> Response:
    """Take the cookie back."""
    response = Response.redirect(str(datasette.urls.path("/dang-nhap")))
    if request.method == "POST":
        response.set_cookie(_COOKIE, "", max_age=0, httponly=True, samesite="strict")
    return response


def _welcomed(datasette: "Datasette", request: Request, path: str) -> Response:
    response = Response.redirect(path, status=303)
    until = (served(datasette).now() + _STAYS).timestamp()
    response.set_cookie(
        _COOKIE,
        datasette.sign({"until": int(until)}, _namespace(datasette)),
        max_age=int(_STAYS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.scheme == "https",
    )
    return response


def _by_cookie(datasette: "Datasette", request: Request) -> bool:
    try:
        signed = datasette.unsign(request.cookies.get(_COOKIE, ""), _namespace(datasette))
    except BadSignature:
        return False
    return bool(signed["until"] > served(datasette).now().timestamp())


def _namespace(datasette: "Datasette") -> str:
    """What the signature is bound to: another password makes old cookies worthless."""
    return f"reader {served(datasette).access.password}"


def _by_basic(datasette: "Datasette", request: Request) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic" or _too_many(datasette, request):
        return False
    try:
        named = base64.b64decode(given.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return _password_is_right(datasette, request, named.partition(":")[2])


def _password_is_right(datasette: "Datasette", request: Request, given: str) -> bool:
    site = served(datasette)
    right = hmac.compare_digest(
        given.encode("utf-8", "replace"), site.access.password.encode("utf-8", "replace")
    )
    if not right:
        site.guesses.wrong(_address(request), site.now())
    return right


def _too_many(datasette: "Datasette", request: Request) -> bool:
    site = served(datasette)
    return site.guesses.too_many(_address(request), site.now())


def _refused(datasette: "Datasette", request: Request) -> Response:
    """People are led to the login page, programs are asked to log in (RFC 7617)."""
    path = _path(datasette, request)
    if _too_many(datasette, request):
        wait = {"retry-after": str(int(WAIT.total_seconds()))}
        return Response.text("Too many wrong passwords; wait 15 minutes.", status=429, headers=wait)
    if request.method == "GET" and "authorization" not in request.headers and not path.endswith(_FOR_PROGRAMS):
        target = f"{path}?{request.query_string}" if request.query_string else path
        return Response.redirect(f"{datasette.urls.path('/dang-nhap')}?{urlencode({'ve': target})}")
    challenge = {"www-authenticate": 'Basic realm="Diem Tin", charset="UTF-8"'}
    return Response.text("Log in: any name, and the password of the archive.", status=401, headers=challenge)


def _target(request: Request) -> str:
    """Where to go afterwards: a path of this site, whatever the address says."""
    target = str(request.args.get("ve") or "/")
    ours = (
        target.startswith("/") and not target.startswith("//") and target.isprintable() and "\\" not in target
    )
    return target if ours and not target.startswith("/dang-nhap") else "/"


def _path(datasette: "Datasette", request: Request) -> str:
    """The path that Datasette will route by."""
    path, base = str(request.path), str(datasette.setting("base_url"))
    return "/" + path[len(base) :] if base != "/" and path.startswith(base) else path


def _address(request: Request) -> str:
    return str((request.scope.get("client") or ["?"])[0])
