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
from archive.query import match_expression
from archive.web import auth, errors, security_headers
from archive.web.site import site_of
from archive.web.views import article, copies, digests, feeds, search, sources, subjects, today

if TYPE_CHECKING:
    from datasette.app import Datasette

Route = tuple[str, Callable[..., Awaitable[Response]]]

_OURS: list[Route] = [
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
    (r"^/dang-nhap$", auth.login),
    (r"^/dang-xuat$", auth.logout),
]
_FULL: list[Route] = [  # not for the public
    (r"^/bai/(?P<id>[0-9]{1,18})/ban-luu(/(?P<copy>[0-9]{1,18}))?$", copies.kept),
    (r"^/bai/(?P<id>[0-9]{1,18})/ban-luu/(?P<copy>[0-9]{1,18})/trang$", copies.page),
]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[Route]:
    """Our pages; everything else is Datasette's own."""
    return [*_OURS, *_FULL]


@hookimpl  # type: ignore[untyped-decorator]
def permission_allowed(datasette: "Datasette", actor: dict[str, object] | None, action: str) -> bool | None:
    """Nothing without the password where there is one; Datasette's own pages are not for the public."""
    return auth.may(datasette, actor, action)


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Let Datasette's own search box speak our query language: it compiles ``?_search=`` by ``escape_fts``."""
    schema.prepare(conn)
    conn.create_function("escape_fts", 1, lambda text: match_expression(str(text or "")))


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: "Datasette") -> Callable[[security_headers.App], security_headers.App]:
    """Ask for the password, and put the security headers on every answer."""
    shown = [re.compile(pattern) for pattern, _ in _OURS]
    return lambda app: security_headers.guarded(
        auth.door(datasette, app, shown), public=lambda: site_of(datasette).access.public
    )


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(
    datasette: "Datasette", request: Request, exception: Exception
) -> Awaitable[Response] | None:
    """Our error pages."""
    return errors.answer(datasette, request, exception)


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(datasette: "Datasette", request: Request) -> Awaitable[Response]:
    """Our page for a reader without permission."""
    return errors.page(datasette, request, 403)


@hookimpl  # type: ignore[untyped-decorator]
def menu_links(datasette: "Datasette") -> list[dict[str, Any]]:
    """Our pages in the menu of Datasette's own."""
    pages = (("/", "Hôm nay"), ("/tim", "Tìm kiếm"), ("/nguon", "Nguồn tin"), ("/ban-tin", "Bản tin"))
    return [{"href": datasette.urls.path(path), "label": label} for path, label in pages]
