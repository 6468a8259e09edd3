"""The archive's web face: a Datasette plugin with pages of its own, in Vietnamese first.

Datasette loads plugins while its own ``datasette.app`` is being imported: the modules here name it for
type checking only (``archive.web.app`` excepted, which is imported later).
"""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from archive import schema
from archive.i18n import Words
from archive.query import match_expression
from archive.web import auth, headers
from archive.web.request import PageRequest, error_page, error_response, served
from archive.web.views import article, copies, digests, feeds, rejected, search, sources, subjects, today

if TYPE_CHECKING:
    from datasette.app import Datasette

View = Callable[[PageRequest], Awaitable[Response]]
Route = tuple[str, Callable[..., Awaitable[Response]]]

_OPEN: list[tuple[str, View]] = [
    (r"^/$", today.today),
    (r"^/tim$", search.search),
    (r"^/tim\.atom$", feeds.atom),
    (r"^/tim\.csv$", feeds.table),
    (r"^/bai/(?P<id>[0-9]{1,18})$", article.article),
    (r"^/nguon$", sources.sources),
    (r"^/ban-tin$", digests.digests),
    (r"^/ban-tin/(?P<name>[\w-]+)\.atom$", digests.feed),
    (r"^/ban-tin/(?P<id>[0-9]{1,18})$", digests.digest),
    (r"^/ban-tin/(?P<id>[0-9]{1,18})/noi-dung$", digests.content),
    (r"^/chu-de$", subjects.topics),
    (r"^/chu-de/(?P<key>[\w-]+)$", subjects.topic),
    (r"^/van-ban$", subjects.documents),
]
_LOGIN: list[Route] = [(r"^/dang-nhap$", auth.login), (r"^/dang-xuat$", auth.logout)]
_FULL: list[tuple[str, View]] = [  # not under --public
    (r"^/da-loai$", rejected.rejected),
    (r"^/bai/(?P<id>[0-9]{1,18})/ban-luu(/(?P<copy>[0-9]{1,18}))?$", copies.kept),
    (r"^/bai/(?P<id>[0-9]{1,18})/ban-luu/(?P<copy>[0-9]{1,18})/trang$", copies.page),
]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[Route]:
    """Our pages; everything else is Datasette's own."""
    return [*_LOGIN, *((pattern, _checked(view)) for pattern, view in [*_OPEN, *_FULL])]


def _checked(view: View) -> Callable[..., Awaitable[Response]]:
    """The view as Datasette calls it, after the permission to look was checked."""

    async def handle(datasette: "Datasette", request: Request) -> Response:
        return await view(await PageRequest.of(datasette, request))

    return handle


@hookimpl  # type: ignore[untyped-decorator]
def permission_allowed(datasette: "Datasette", actor: dict[str, object] | None, action: str) -> bool | None:
    """Nothing without the password where there is one; under ``--public`` nothing of Datasette's own pages."""
    return auth.permission(datasette, actor, action)


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Let Datasette's own search box speak our query language: it compiles ``?_search=`` by ``escape_fts``."""
    schema.prepare(conn)
    conn.create_function("escape_fts", 1, lambda text: match_expression(str(text or "")))


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: "Datasette") -> Callable[[headers.App], headers.App]:
    """SearchParams for the password, and put the security headers on every answer."""
    open_paths = [re.compile(pattern) for pattern, _ in [*_OPEN, *_LOGIN]]
    return lambda app: headers.with_headers(
        auth.require_password(datasette, app, open_paths), public=lambda: served(datasette).access.public
    )


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(
    datasette: "Datasette", request: Request, exception: Exception
) -> Awaitable[Response] | None:
    """Our error pages."""
    return error_response(datasette, request, exception)


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(datasette: "Datasette", request: Request) -> Awaitable[Response]:
    """Our page for a reader without permission."""
    return error_page(datasette, request, 403)


@hookimpl  # type: ignore[untyped-decorator]
def menu_links(datasette: "Datasette") -> list[dict[str, Any]]:
    """Our pages in the menu of Datasette's own."""
    pages = (("/", "today"), ("/tim", "search"), ("/nguon", "sources"), ("/ban-tin", "digests"))
    return [{"href": datasette.urls.path(path), "label": Words()(f"nav.{word}")} for path, word in pages]
