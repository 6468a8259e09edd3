"""Forms sent to our pages: whether one of our own sent it, its fields, and a page for what could not be taken.

Datasette's own check of its token is skipped for our pages: it answers with a bare line, so that what was typed
would be lost, and it lets requests without any cookie pass.
"""

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from datasette.utils.asgi import Forbidden, Request, Response
from itsdangerous import BadSignature

from archive.desk.accounts import Role
from archive.reasons import reason
from archive.web.request import PageRequest

if TYPE_CHECKING:
    from datasette.app import Datasette

TOKEN, COOKIE = "csrftoken", "ds_csrftoken"
_FORM = "diemtin.form"
_SECRETS = ("mat-khau", "password", "secret")  # in the names of fields that are never shown again


async def fields(req: PageRequest) -> dict[str, str]:
    """The fields by name, the first of each as it was typed, lines divided by ``\\n``."""
    return {name: given[0] for name, given in (await values(req)).items()}


async def values(req: PageRequest) -> dict[str, list[str]]:
    """The same with all values of each, for boxes that are ticked."""
    scope = req.request.scope
    if _FORM not in scope:
        body = (await req.request.post_body()).decode("utf-8", "replace")
        given = parse_qs(body, keep_blank_values=True)
        scope[_FORM] = {name: [one.replace("\r\n", "\n") for one in some] for name, some in given.items()}
    form: dict[str, list[str]] = scope[_FORM]
    return form


async def refusal(req: PageRequest, role: Role) -> str | None:
    """Why a form sent by a page of ours is not taken, as a stored reason: logged out, too old, not the role."""
    if not req.user.role:
        return reason("session_over")
    if not await own_form(req):
        return reason("form_old")
    return None if req.may(role) else reason("needs_role", role=role)


async def own_form(req: PageRequest) -> bool:
    """Whether a page of this archive sent it: the token in the form (or header) is the one in the cookie."""
    cookie = req.request.cookies.get(COOKIE, "")
    given = req.request.headers.get("x-csrftoken") or (await fields(req)).get(TOKEN, "")
    same = hmac.compare_digest(given.encode("utf-8", "replace"), cookie.encode("utf-8", "replace"))
    return same and _is_signed(req.datasette, cookie) and from_here(req.request.headers)


def _is_signed(datasette: "Datasette", cookie: str) -> bool:
    try:
        datasette.unsign(cookie, TOKEN)
    except BadSignature:
        return False
    return True


def from_here(headers: Mapping[str, str]) -> bool:
    """Whether no other site sent it, as far as it says; programs say nothing.

    Of the two that browsers send, ``Sec-Fetch-Site`` is right behind a proxy that changes the Host as well.
    """
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] == "same-origin"
    return "origin" not in headers or _host(headers["origin"]) == headers.get("host", "")


def by_our_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a page of ours sent it."""
    return from_here(headers) and ("origin" in headers or "sec-fetch-site" in headers)


def _host(origin: str) -> str | None:
    """The host that an origin names, as the header Host has it; None for ``null``, which others may send."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:  # `http://[`
        return None


def wants_json(request: Request) -> bool:
    """Whether a script of a page asks, which takes no page for an answer."""
    headers = request.headers
    return "application/json" in headers.get("accept", "") or headers.get("sec-fetch-dest") == "empty"


async def unsent(req: PageRequest, why: str) -> Response:
    """The page for a form of ours that was not taken: nothing that was typed is lost, it can be sent again.

    Raises Forbidden for what does not come from a page of ours.
    """
    if not by_our_page(req.request.headers):
        raise Forbidden(why)
    if wants_json(req.request):
        return Response.json({"error": req.words.reason(why), "login": req.path("/dang-nhap")}, status=403)
    typed = [
        (name, one)
        for name, given in (await values(req)).items()
        for one in given
        if name != TOKEN and not any(word in name for word in _SECRETS)
    ]
    return await req.render("unsent.html", status=403, why=why, typed=typed, login=not req.user.role)
