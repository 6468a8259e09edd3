"""One reader's request: who asks, in which language, at what time, and how the page is answered."""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Request, Response

from archive.i18n import LANGUAGES, Language, Words
from archive.web import security_headers
from archive.web.excerpts import excerpt
from archive.web.formats import Formats
from archive.web.links import safe_url
from archive.web.site import Site, archive_of, site_of

if TYPE_CHECKING:
    from datasette.app import Datasette

T = TypeVar("T")
_COOKIE = "diemtin_lang"
_LAST_PAGE = 1000
_YEAR = 365 * 24 * 3600
_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to one of our pages, after the permission to look was checked."""

    datasette: "Datasette"
    request: Request
    site: Site
    words: Words
    now: datetime

    @classmethod
    async def of(cls, datasette: "Datasette", request: Request) -> "Visit":
        """Raises datasette's Forbidden when this reader may not see the archive.

        Plugin routes ignore Datasette's ``allow`` blocks, so that each page has to ask.
        """
        database = None if site_of(datasette).access.public else archive_of(datasette).name
        await _ensure(datasette, request, database)
        return cls.unchecked(datasette, request)

    @classmethod
    def unchecked(cls, datasette: "Datasette", request: Request) -> "Visit":
        """For pages that show nothing of the archive, such as errors."""
        site = site_of(datasette)
        return cls(datasette, request, site, Words(_language(request)), site.now())

    @property
    def public(self) -> bool:
        """Whether only excerpts may be shown."""
        return self.site.access.public

    @property
    def logged_in(self) -> bool:
        """Whether the reader gave the password, and can take it back."""
        return bool(self.site.access.password and self.request.actor)

    def arg(self, name: str) -> str:
        """A parameter of the address, trimmed; '' where there is none."""
        return str(self.request.args.get(name) or "").strip()

    def page_number(self) -> int:
        """The page that ``trang`` names; 1 for anything that is no page."""
        text = self.arg("trang")
        return min(max(int(text), 1), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What a query answers; raises sqlite3.OperationalError when it takes too long."""
        limit = self.datasette.setting("sql_time_limit_ms")

        def timed(conn: sqlite3.Connection) -> T:
            with sqlite_timelimit(conn, limit):
                return question(conn)

        answer: T = await archive_of(self.datasette).execute_fn(timed)
        return answer

    def path(self, path: str, params: Mapping[str, object] | None = None) -> str:
        """An address of this site with the parameters that are not empty."""
        query = urlencode([(name, str(value)) for name, value in (params or {}).items() if value])
        return str(self.datasette.urls.path(path)) + (f"?{query}" if query else "")

    def absolute(self, path: str) -> str:
        """The same with scheme and host, for feeds."""
        return str(self.datasette.absolute_url(self.request, path))

    def static(self, name: str) -> str:
        """The address of a static file, new whenever the file changes."""
        return f"{self.path('/-/static-plugins/diemtin/' + name)}?v={_mark(name)}"

    def in_language(self, language: Language) -> str:
        """This page's address in the other language."""
        pairs = [(k, v) for k, v in parse_qsl(self.request.query_string, keep_blank_values=True) if k != "lang"]
        return f"{self.request.path}?{urlencode([*pairs, ('lang', language)])}"

    def tables(self) -> str:
        """Where Datasette's own pages of the archive begin."""
        return str(self.datasette.urls.database(archive_of(self.datasette).name))

    async def page(self, template: str, /, *, status: int = 200, **context: Any) -> Response:
        """The page as HTML, under the strict policy; a language chosen in the address is remembered."""
        html = await self.datasette.render_template(
            f"diemtin/{template}", {**self._context(), **context}, request=self.request
        )
        response = Response.html(
            html, status=status, headers={"content-security-policy": security_headers.OUR_PAGES}
        )
        if self.request.args.get("lang") in LANGUAGES:
            response.set_cookie(_COOKIE, self.words.lang, max_age=_YEAR)
        return response

    def _context(self) -> dict[str, Any]:
        return {
            "visit": self,
            "t": self.words,
            "fmt": Formats(self.words, self.now),
            "lang": self.words.lang,
            "link": self.path,
            "safe_url": safe_url,
            "q": self.arg("q")[:1000],
            "here": self.request.path,
            "brief": lambda text: excerpt(text) if self.public else text,
        }


async def _ensure(datasette: "Datasette", request: Request, database: str | None) -> None:
    """That the reader may see the instance, and the database where one is named; in 0.65 and in 1.0."""
    if hasattr(datasette, "ensure_permissions"):
        wanted = [("view-database", database)] if database else []
        await datasette.ensure_permissions(request.actor, [*wanted, "view-instance"])
        return
    from datasette.resources import DatabaseResource

    await datasette.ensure_permission(action="view-instance", actor=request.actor)
    if database:
        resource = DatabaseResource(database=database)
        await datasette.ensure_permission(action="view-database", resource=resource, actor=request.actor)


def _language(request: Request) -> Language:
    for chosen in (request.args.get("lang"), request.cookies.get(_COOKIE)):
        if chosen == "en" or chosen == "vi":
            return "en" if chosen == "en" else "vi"
    return "vi"


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:8]
