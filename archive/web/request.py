"""One reader's request to a served archive: in which language, at what time, and how the page is answered."""

import errno
import hashlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, parse_qsl, urlencode
from weakref import WeakKeyDictionary

from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Forbidden, NotFound, Request, Response
from sqlite_utils import Database

from archive.clock import Clock, time_limit, utc_now
from archive.databases.faults import fault_of
from archive.db import as_database
from archive.desk.accounts import Role, User
from archive.figures.indicators import Indicators, load_indicators
from archive.formats import Formats
from archive.home import DEFAULTS, Home
from archive.i18n import LANGUAGES, Language, Words
from archive.places.gazetteer import Gazetteer, load_places
from archive.query.lexicon import Lexicon, starting
from archive.reasons import reason
from archive.refused import Explanation
from archive.search.lexicon import lexicon_of
from archive.text import safe_url
from archive.web import headers
from archive.web.access import Access, Caller, DeskReader
from archive.web.crawling import Crawling
from archive.web.excerpts import excerpt
from archive.web.password_check import PasswordCheck

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database as ServedDatabase
    from jinja2 import Environment

T = TypeVar("T")
log = logging.getLogger(__name__)
_COOKIE = "diemtin_lang"
_LAST_PAGE = 1000
_YEAR = 365 * 24 * 3600
_STATIC = Path(__file__).parent / "static"
_NO_CALLER = Caller()
_SPENT = "diemtin.spent"  # in the scope of a request: seconds that its queries took
_PAGES = 2  # times the limit of one query that those of a page may take together
CALLER = "diemtin.caller"  # in the scope of each request that archive.web.auth let in


@dataclass(frozen=True, slots=True)
class ServedArchive:
    """``home`` is None under plain ``datasette archive.db``: then the installed config serves.

    ``explain`` says why an address is not in the archive, where there is a crawler that knows; ``crawling`` is
    what settings ask of that crawler.
    """

    now: Clock = utc_now
    home: Home | None = None
    access: Access = field(default_factory=Access)
    passwords: PasswordCheck = field(default_factory=lambda: PasswordCheck(None, "", utc_now))
    desk: DeskReader = field(default_factory=lambda: DeskReader(None))
    explain: Callable[[str], Explanation] | None = None
    crawling: Crawling | None = None

    @property
    def places(self) -> Gazetteer:
        """The names of places, old and new, that widen queries."""
        return _places(self.home.config("places.yml") if self.home else DEFAULTS / "places.yml")

    @property
    def lexicon(self) -> Lexicon:
        """What the archive knows of the words of the language, learned anew each night."""
        return lexicon_of(self.home.archive_db, self.places) if self.home else starting()

    def sources_fault(self) -> str:
        """Why the config of sources cannot be used; '' where it can, or where nothing crawls."""
        return self.crawling.sources_fault() if self.crawling else ""

    @property
    def indicators(self) -> Indicators:
        """The indicators that figures may be values of."""
        return _indicators(self.home.config("indicators.yml") if self.home else DEFAULTS / "indicators.yml")


@cache
def _places(path: Path) -> Gazetteer:
    return load_places(path)


@cache
def _indicators(path: Path) -> Indicators:
    return load_indicators(path)


_SERVED: "WeakKeyDictionary[Datasette, ServedArchive]" = WeakKeyDictionary()


def remember(datasette: "Datasette", site: ServedArchive) -> None:
    """Remember what a Datasette was built for."""
    _SERVED[datasette] = site


def served(datasette: "Datasette") -> ServedArchive:
    """What a Datasette was built for; the defaults for one started by hand."""
    return _SERVED.get(datasette, ServedArchive())


def archive_of(datasette: "Datasette") -> "ServedDatabase":
    """The archive among the databases served: the one called ``archive``, else the first."""
    return datasette.databases.get("archive") or datasette.get_database()


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request to one of our pages, after the permission to look was checked."""

    datasette: "Datasette"
    request: Request
    site: ServedArchive
    words: Words
    now: datetime

    @classmethod
    async def of(cls, datasette: "Datasette", request: Request) -> "PageRequest":
        """Raises datasette's Forbidden when this reader may not see the archive.

        Plugin routes ignore Datasette's ``allow`` blocks, so that each page has to ask.
        """
        database = None if served(datasette).access.public else archive_of(datasette).name
        await _ensure(datasette, request, database)
        return cls.unchecked(datasette, request)

    @classmethod
    def unchecked(cls, datasette: "Datasette", request: Request) -> "PageRequest":
        """For pages that show nothing of the archive, such as errors."""
        site = served(datasette)
        return cls(datasette, request, site, Words(_language(request)), site.now())

    @property
    def public(self) -> bool:
        """Whether only excerpts may be shown."""
        return self.site.access.public

    @property
    def caller(self) -> Caller:
        """Who asks, and by which session."""
        caller: Caller = self.request.scope.get(CALLER, _NO_CALLER)
        return caller

    @property
    def user(self) -> User:
        """Who asks; nobody in public and before logging in."""
        return self.caller.user

    @property
    def address(self) -> str:
        """Where the request came from."""
        return str((self.request.scope.get("client") or ["?"])[0])

    def may(self, role: Role) -> bool:
        """Whether whoever asks has at least the role."""
        return self.user.may(role)

    def need(self, role: Role) -> None:
        """Raise Forbidden, whose page says what to do, for whoever has not at least the role."""
        if not self.may(role):
            raise Forbidden(reason("needs_role", role=role))

    @property
    def sees_desk(self) -> bool:
        """Whether there is a desk, and whoever asks may look at it."""
        return bool(self.site.home) and not self.public and self.may("reader")

    @property
    def logged_in(self) -> bool:
        """Whether whoever asks gave a password, and can log out."""
        return bool(self.user.name or (self.site.access.password and self.user.role))

    @property
    def formats(self) -> Formats:
        """How this reader sees times and numbers."""
        return Formats(self.words, self.now)

    @property
    def url_vars(self) -> Mapping[str, str]:
        """The parts that the address's pattern names."""
        values: Mapping[str, str] = self.request.url_vars
        return values

    def arg(self, name: str) -> str:
        """A parameter of the address, trimmed; '' where there is none."""
        return _arguments(self.request.query_string).get(name, "")

    def page_number(self) -> int:
        """The page that ``trang`` names; 1 for anything that is no page."""
        text = self.arg("trang")
        return min(max(int(text), 1), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1

    async def query(self, question: Callable[[Database], T]) -> T:
        """What a query answers; raises sqlite3.OperationalError when it takes too long.

        A query may take ``sql_time_limit_ms``, all of a page together twice as long.
        """
        limit = self.datasette.setting("sql_time_limit_ms") / 1000
        spent = self.request.scope.setdefault(_SPENT, [0.0])

        def timed(connection: sqlite3.Connection) -> T:
            if spent[0] >= _PAGES * limit:
                raise sqlite3.OperationalError("interrupted")
            began = monotonic()
            # Datasette decodes each text by a function in Python, so that other programs' texts may be broken.
            decode, connection.text_factory = connection.text_factory, str
            try:
                with time_limit(limit), sqlite_timelimit(connection, limit * 1000):
                    return question(as_database(connection))
            finally:
                connection.text_factory = decode
                spent[0] += monotonic() - began

        answer: T = await archive_of(self.datasette).execute_fn(timed)
        return answer

    async def require(self, question: Callable[[Database], T | None]) -> T:
        """What a query answers; datasette's NotFound where it finds nothing."""
        answer = await self.query(question)
        if answer is None:
            raise NotFound(f"Nothing at {self.request.path}")
        return answer

    def path(self, path: str, params: Mapping[str, object] | None = None) -> str:
        """An address of this site with the parameters that are not empty."""
        query = "&".join(_encoded(name, str(value)) for name, value in (params or {}).items() if value)
        return str(self.datasette.urls.path(path)) + (f"?{query}" if query else "")

    def absolute(self, path: str) -> str:
        """The same with scheme and host, for feeds."""
        return str(self.datasette.absolute_url(self.request, path))

    def static(self, name: str) -> str:
        """The address of a static file, new whenever the file changes."""
        return f"{self.path('/-/static-plugins/diemtin/' + name)}?v={_version(name)}"

    def in_language(self, language: Language) -> str:
        """This page's address in the other language."""
        pairs = [(k, v) for k, v in parse_qsl(self.request.query_string, keep_blank_values=True) if k != "lang"]
        return f"{self.request.path}?{urlencode([*pairs, ('lang', language)])}"

    def tables(self) -> str:
        """Where Datasette's own pages of the archive begin."""
        return str(self.datasette.urls.database(archive_of(self.datasette).name))

    async def render(self, template: str, /, *, status: int = 200, **context: Any) -> Response:
        """The page as HTML, under the strict policy; a language chosen in the address is remembered."""
        html = await self.fragment(template, **context)
        response = Response.html(html, status=status, headers={"content-security-policy": headers.OUR_PAGES})
        if self.arg("lang") in LANGUAGES:
            response.set_cookie(_COOKIE, self.words.lang, max_age=_YEAR)
        return response

    async def fragment(self, template: str, /, **context: Any) -> str:
        """What a template makes, for pages that are drawn in parts."""
        page = _templates(self.datasette, self.request).get_template(f"diemtin/{template}")
        own = {**self.context(), "csrftoken": self.request.scope["csrftoken"]}
        return page.render({**own, **context})

    def context(self) -> dict[str, Any]:
        """What every template knows."""
        return {
            "req": self,
            "t": self.words,
            "fmt": self.formats,
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


@lru_cache(maxsize=256)
def _arguments(query: str) -> dict[str, str]:
    """The parameters of an address, trimmed; of several of one name the first."""
    return {name: values[0].strip() for name, values in parse_qs(query, keep_blank_values=True).items()}


@lru_cache(maxsize=1024)
def _encoded(name: str, value: str) -> str:
    return urlencode({name: value})


_TEMPLATES: "WeakKeyDictionary[Datasette, Environment]" = WeakKeyDictionary()


def _templates(datasette: "Datasette", request: Request) -> "Environment":
    """Datasette's templates, drawn at once: to await each call takes as long as the page itself."""
    if datasette not in _TEMPLATES:
        theirs = getattr(datasette, "jinja_env", None) or datasette.get_jinja_environment(request)  # 0.65, 1.0
        _TEMPLATES[datasette] = theirs.overlay(enable_async=False)
    return _TEMPLATES[datasette]


@cache
def _version(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:8]


def error_response(datasette: "Datasette", request: Request, exception: Exception) -> Awaitable[Response]:
    """Our page for an exception, our line of JSON for programs."""
    if isinstance(exception, NotFound) or getattr(exception, "errno", 0) == errno.ENAMETOOLONG:
        return error_page(datasette, request, 404)
    if fault_of(exception):
        return error_page(datasette, request, 507)
    if isinstance(exception, QueryInterrupted) or getattr(exception, "title", "") == "SQL Interrupted":
        return error_page(datasette, request, 503)
    if isinstance(exception, sqlite3.OperationalError) and "interrupted" in str(exception):
        return error_page(datasette, request, 503)
    if hasattr(exception, "status"):  # Datasette's own: of a question that was wrong
        told = getattr(exception, "message", "") or str(exception)
        status = exception.status if exception.status < 500 else 400
        return error_page(datasette, request, status, told=told)
    log.error("%s could not be answered", request.path[:200], exc_info=exception)
    return error_page(datasette, request, 500)


async def error_page(
    datasette: "Datasette", request: Request, status: int, why: str = "", *, told: str = ""
) -> Response:
    """The page for an HTTP status; ``why`` is a stored reason, ``told`` what was wrong in a question."""
    req = PageRequest.unchecked(datasette, request)
    if request.path.endswith(".json"):
        told = told or (req.words.reason(why) if why else req.words(f"error.{status}"))
        return Response.json({"ok": False, "error": told, "status": status}, status=status)
    code = str(status) if req.words.has(f"error.{status}") else "400"
    return await req.render("error.html", status=status, code=code, why=why, told=told)
