"""The archive's web face: a Datasette plugin with pages of its own, in Vietnamese first.

Datasette loads plugins while its own ``datasette.app`` is being imported: the modules here name it for
type checking only (``archive.web.app`` excepted, which is imported later).
"""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from archive import schema
from archive.db import as_database
from archive.desk.accounts import Role
from archive.i18n import Words
from archive.public.part import show_public_part
from archive.query import match_expression
from archive.reasons import parse
from archive.web import auth, forms, headers
from archive.web.request import PageRequest, archive_of, error_page, error_response, served
from archive.web.views import (
    account,
    article,
    changes,
    copies,
    digests,
    evidence,
    feeds,
    rejected,
    search,
    sources,
    subjects,
    today,
)
from archive.web.views.api import endpoint
from archive.web.views.api.answers import ANSWERS
from archive.web.views.api.metrics import metrics
from archive.web.views.desk import actions as desk_actions
from archive.web.views.desk import page as desk_page
from archive.web.views.desk import preview as desk_preview
from archive.web.views.desk import sending as desk_sending
from archive.web.views.events.rule import rule
from archive.web.views.finding.compare import comparison
from archive.web.views.finding.help import help_page
from archive.web.views.finding.saved import saved
from archive.web.views.finding.suggested import suggested
from archive.web.views.learning.cases import cases
from archive.web.views.ledger import indicator as ledger_indicator
from archive.web.views.ledger.page import ledger
from archive.web.views.register import entry as register_entry
from archive.web.views.register import page as register_page
from archive.web.views.register.removals import removals
from archive.web.views.report import items as report_items
from archive.web.views.report import page as report_page
from archive.web.views.settings import SETTINGS
from archive.web.views.tables.cells import cell
from archive.web.views.tables.files import harmless_files
from archive.web.views.tables.pages import page_context

if TYPE_CHECKING:
    from datasette.app import Datasette
    from markupsafe import Markup
    from mcp.server.mcpserver import MCPServer

View = Callable[[PageRequest], Awaitable[Response]]
Route = tuple[str, Callable[..., Awaitable[Response]]]


class PageRoute(NamedTuple):
    """An address of ours, the role that looking needs, and the one that sending its form needs.

    ``looks`` '' lets anyone look, also in public; with None there is nothing to see. Without ``sends`` nothing
    can be sent there.
    """

    pattern: str
    view: View
    looks: Role | None = "reader"
    sends: Role | None = None

    @property
    def allows(self) -> str:
        """The methods that can be asked for, as the header Allow names them."""
        looking = ["GET", "HEAD"] if self.looks is not None else []
        return ", ".join([*looking, "POST"] if self.sends is not None else looking)


PAGES = [
    PageRoute(r"^/$", today.today, ""),
    PageRoute(r"^/tim$", search.search, ""),
    PageRoute(r"^/tim\.atom$", feeds.atom, ""),
    PageRoute(r"^/tim\.csv$", feeds.table, ""),
    PageRoute(r"^/tim/so-sanh$", comparison, ""),
    PageRoute(r"^/tim/goi-y$", suggested, ""),
    PageRoute(r"^/tim/da-luu$", saved, sends="reader"),
    PageRoute(r"^/tro-giup$", help_page, ""),
    PageRoute(r"^/bai/(?P<id>[0-9]{1,18})$", article.article, ""),
    PageRoute(r"^/su-kien$", rule, None, "editor"),
    PageRoute(r"^/sua-go$", changes.changes),
    PageRoute(r"^/sua-go\.atom$", changes.atom),
    PageRoute(r"^/sua-go\.csv$", changes.table),
    PageRoute(r"^/nguon$", sources.sources, ""),
    PageRoute(r"^/ban-tin$", digests.digests, ""),
    PageRoute(r"^/ban-tin/(?P<name>[\w-]+)\.atom$", digests.feed, ""),
    PageRoute(r"^/ban-tin/(?P<id>[0-9]{1,18})$", digests.digest, ""),
    PageRoute(r"^/ban-tin/(?P<id>[0-9]{1,18})/noi-dung$", digests.content, ""),
    PageRoute(r"^/ban-tin/(?P<id>[0-9]{1,18})/tep/(?P<form>docx|pdf|text|html)$", digests.file, ""),
    PageRoute(r"^/chu-de$", subjects.topics, ""),
    PageRoute(r"^/chu-de/(?P<key>[\w-]+)$", subjects.topic, ""),
    PageRoute(r"^/van-ban$", subjects.documents, ""),
    PageRoute(r"^/so-lieu$", ledger),
    PageRoute(r"^/so-lieu/(?P<key>\w+)$", ledger_indicator.indicator),
    PageRoute(r"^/so-lieu/(?P<key>\w+)\.csv$", ledger_indicator.table),
    PageRoute(r"^/bao-cao$", report_page.report),
    PageRoute(r"^/bao-cao/bai$", report_items.items),
    PageRoute(r"^/bao-cao/tep$", report_page.file),
    PageRoute(r"^/tai-khoan$", account.account, sends="reader"),
    PageRoute(r"^/truong-hop$", cases, "editor", "editor"),
    PageRoute(r"^/da-loai$", rejected.rejected, sends="editor"),
    PageRoute(r"^/ban$", desk_page.desk),
    PageRoute(r"^/ban/tin$", desk_actions.act, None, "reader"),
    PageRoute(r"^/ban/hoan-tac$", desk_actions.take_back, None, "editor"),
    PageRoute(r"^/ban/da-xem$", desk_actions.seen, None, "reader"),
    PageRoute(r"^/ban/xem-truoc$", desk_preview.preview),
    PageRoute(r"^/ban/gui-thu$", desk_sending.test, None, "editor"),
    PageRoute(r"^/ban/duyet$", desk_sending.approve, None, "editor"),
    PageRoute(r"^/ban/dinh-chinh$", desk_sending.correct, None, "editor"),
    PageRoute(r"^/ban/dua-lai$", desk_sending.bring_back, None, "editor"),
    PageRoute(r"^/phan-hoi$", register_page.register),
    PageRoute(r"^/phan-hoi\.(?P<form>csv|xlsx|docx)$", register_page.table),
    PageRoute(r"^/phan-hoi/moi$", register_entry.new, "editor", "editor"),
    PageRoute(r"^/yeu-cau-go$", removals, "editor", "editor"),
    PageRoute(r"^/phan-hoi/(?P<id>[0-9]{1,18})$", register_entry.entry, sends="editor"),
    PageRoute(r"^/bai/(?P<id>[0-9]{1,18})/ban-luu(/(?P<copy>[0-9]{1,18}))?$", copies.kept),
    PageRoute(r"^/bai/(?P<id>[0-9]{1,18})/ban-luu/(?P<copy>[0-9]{1,18})/trang$", copies.page),
    PageRoute(r"^/bai/(?P<id>[0-9]{1,18})/bang-chung$", evidence.evidence, sends="reader"),
    PageRoute(r"^/-/metrics$", metrics),
    *(PageRoute(pattern, view, looks) for pattern, view, looks in ANSWERS),
    *(PageRoute(*route) for route in SETTINGS),
]
LOGIN: list[Route] = [(r"^/dang-nhap$", account.login), (r"^/dang-xuat$", account.logout)]
_OURS = [re.compile(pattern) for pattern in [*(page.pattern for page in PAGES), *(one for one, _ in LOGIN)]]
_IN_PUBLIC = [re.compile(page.pattern) for page in PAGES if page.looks == ""] + _OURS[len(PAGES) :]
_IN_PUBLIC.append(re.compile(f"^{endpoint.PATH}$"))


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[Route]:
    """Our pages; everything else is Datasette's own."""
    return [*LOGIN, *((page.pattern, _checked(page)) for page in PAGES)]


def _checked(page: PageRoute) -> Callable[..., Awaitable[Response]]:
    """The view as Datasette calls it, after it was checked who may look, and who may send its form."""

    async def handle(datasette: "Datasette", request: Request) -> Response:
        if request.method in ("GET", "HEAD") and page.looks is not None:
            req = await PageRequest.of(datasette, request)
            req.need(page.looks)
            return await page.view(req)
        if request.method != "POST" or page.sends is None:
            refused = await error_page(datasette, request, 405)
            refused.headers["allow"] = page.allows
            return refused
        req = PageRequest.unchecked(datasette, request)
        if why := await forms.refusal(req, page.sends):
            return await forms.unsent(req, why)
        return await page.view(await PageRequest.of(datasette, request))

    return handle


@hookimpl  # type: ignore[untyped-decorator]
def skip_csrf(datasette: "Datasette", scope: headers.Message) -> bool:
    """Forms of our pages are checked by :mod:`archive.web.forms`."""
    path = "/" + str(scope["path"]).removeprefix(datasette.setting("base_url")).lstrip("/")
    return any(one.match(path) for one in _OURS)


@hookimpl  # type: ignore[untyped-decorator]
def permission_allowed(datasette: "Datasette", actor: dict[str, object] | None, action: str) -> bool | None:
    """Nothing without the password where there is one; under ``--public`` nothing of Datasette's own pages."""
    return auth.permission(datasette, actor, action)


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: "Datasette") -> None:
    """Let Datasette's own search box speak our query language: it compiles ``?_search=`` by ``escape_fts``.

    Under ``--public`` the connection sees the public part alone.
    """
    schema.prepare(conn)
    if served(datasette).access.public and datasette.databases.get(database) is archive_of(datasette):
        show_public_part(as_database(conn))
    conn.create_function("escape_fts", 1, lambda text: match_expression(str(text or "")))


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: "Datasette") -> None:
    """Let tables and SQL be asked in processes that can be ended, and errors be told by us alone.

    Datasette calls every handler of an exception: its own prints each, with all local values where rich is
    installed, past the log and its limit.
    """
    from datasette.plugins import pm  # importing it loads all plugins, this one too

    from archive.web.asked_sql import hand_over  # it stands on datasette.app

    hand_over(datasette)
    if pm.has_plugin("datasette.handle_exception"):
        pm.unregister(name="datasette.handle_exception")


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: "Datasette") -> Callable[[headers.App], headers.App]:
    """Ask who it is, and put the security headers on every answer."""
    return lambda app: headers.with_headers(
        auth.require_login(datasette, harmless_files(endpoint.guarded(datasette, app)), _IN_PUBLIC, _OURS),
        public=lambda: served(datasette).access.public,
    )


@hookimpl(optionalhook=True, trylast=True)  # type: ignore[untyped-decorator]
def register_mcp_tools(datasette: "Datasette", mcp: "MCPServer") -> None:
    """Our tools for assistants in the place of all others (the hook is datasette-mcp's)."""
    endpoint.offer_over_http(datasette, mcp)


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(datasette: "Datasette", request: Request, exception: Exception) -> Awaitable[Response]:
    """Our error pages."""
    return error_response(datasette, request, exception)


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(datasette: "Datasette", request: Request, message: str) -> Awaitable[Response]:
    """Our page for a reader without permission; the message is a stored reason where we refused."""
    return error_page(datasette, request, 403, str(message) if parse(str(message))[0] else "")


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(
    datasette: "Datasette", request: Request | None, view_name: str | None
) -> dict[str, Any]:
    """What our frame needs around Datasette's own pages."""
    return page_context(datasette, request, view_name)


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(
    row: object, value: object, column: str, table: str | None, datasette: "Datasette"
) -> "Markup | None":
    """Cells of the tables as readers want them; files and JSON hold the values as they are kept."""
    return cell(row, value, column, table, datasette)


@hookimpl  # type: ignore[untyped-decorator]
def menu_links(datasette: "Datasette") -> list[dict[str, Any]]:
    """Our pages in the menu of Datasette's own."""
    pages = (("/", "today"), ("/tim", "search"), ("/nguon", "sources"), ("/ban-tin", "digests"))
    return [{"href": datasette.urls.path(path), "label": Words()(f"nav.{word}")} for path, word in pages]
