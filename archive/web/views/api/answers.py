"""The answers of :mod:`archive.assistants` as JSON beside our pages (``/tim.json``), and their OpenAPI file."""

import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.config import load_yaml
from archive.desk.accounts import Role
from archive.web.request import PageRequest

if TYPE_CHECKING:
    from archive.assistants.asking import BadQuestion, Reading

Answering = Callable[[PageRequest], Awaitable[Response]]

OPENAPI = Path(__file__).with_name("openapi.yml")
_NAME = re.compile(r"`(\w+)`")
_JSON = "application/json; charset=utf-8"
# parameter of the address -> what the tool takes
_FILTERS = {
    "q": "query", "tu": "since", "den": "until", "nguon": "source", "chude": "topic", "noi": "place",
    "tochuc": "organisation", "muc": "level", "da": "state",
    "tieng": "apart", "chu": "any_marks", "ten": "as_typed",
}  # fmt: skip
_SEARCH = {**_FILTERS, "xep": "order", "gom": "grouped", "so": "limit", "trang": "page"}
_FIGURES = {"noi": "place", "loai": "kind", "tu": "since", "so": "limit"}
_YES = (("gom", "su-kien"), ("tieng", "roi"), ("chu", "moi"), ("ten", "go"))
_VALUES = {("xep", "dung"): "relevance", **dict.fromkeys(_YES, "true")}  # as our pages write them


async def answered(req: PageRequest, tool: str, arguments: Mapping[str, Any]) -> msgspec.Struct:
    """The answer of a tool to whoever asks. Raises BadQuestion; TooSlow where it took too long."""
    from archive.assistants.asking import TooSlow
    from archive.assistants.tools import call

    try:
        return await req.query(lambda db: call(_reading(req, db), tool, arguments))
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise TooSlow from error
        raise


def _reading(req: PageRequest, db: Database) -> "Reading":
    from archive.assistants.asking import Reading

    url = req.absolute(req.path("/")).rstrip("/")
    return Reading(db, req.site.places, req.site.indicators, req.now, req.public, url)


def _answer(tool: str, takes: Mapping[str, str], **fixed: object) -> Answering:
    """A view that answers with what a tool says; parts of the address's pattern are parameters too."""

    async def view(req: PageRequest) -> Response:
        from archive.assistants.asking import BadQuestion

        in_path = {name: unquote(value) for name, value in req.url_vars.items()}
        given = {name: in_path.get(name, req.arg(name)) for name in takes}
        arguments = {takes[name]: _VALUES.get((name, value), value) for name, value in given.items()}
        try:
            return _as_json(await answered(req, tool, {**arguments, **fixed}))
        except BadQuestion as error:
            return _as_json({"error": _in_address(error, takes)}, error.status)

    return view


def _in_address(error: "BadQuestion", takes: Mapping[str, str]) -> str:
    """What is wrong, with the parameters as the address has them: `so` for `limit`."""
    from archive.assistants.asking import BadArguments

    words = error.what if isinstance(error, BadArguments) else str(error)
    called = {tool: address for address, tool in takes.items()}
    return _NAME.sub(lambda match: f"`{called.get(match[1], match[1])}`", words)


def _as_json(answer: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status=status, content_type=_JSON)


async def openapi(_: PageRequest) -> Response:
    """What all of these take and give, as OpenAPI 3.1."""
    return _as_json(load_openapi())


@cache
def load_openapi() -> dict[str, Any]:
    """The file, with the schemas of the answers' own types."""
    from archive.assistants.tools import TOOLS

    described = load_yaml(OPENAPI)
    answers = [tool.answer for tool in TOOLS.values()]
    _, schemas = msgspec.json.schema_components(answers, ref_template="#/components/schemas/{name}")
    described["components"]["schemas"].update(schemas)
    return described


ANSWERS: list[tuple[str, Answering, Role]] = [
    (r"^/tim\.json$", _answer("search", _SEARCH), ""),
    (r"^/tim/theo-ky\.json$", _answer("coverage", {**_FILTERS, "ky": "step"}), ""),
    (r"^/bai/(?P<id>[^/]+)\.json$", _answer("article", {"id": "id", "chu": "text_from"}), ""),
    (r"^/bai/(?P<id>[^/]+)/su-kien\.json$", _answer("event", {"id": "id"}), ""),
    (r"^/so-lieu\.json$", _answer("figures", {}), "reader"),
    (r"^/so-lieu/(?P<key>[^/]+)\.json$", _answer("figures", {"key": "indicator", **_FIGURES}), "reader"),
    (r"^/van-ban\.json$", _answer("documents", {"so": "number", "trang": "page"}), ""),
    (r"^/nguon\.json$", _answer("health", {"nguon": "source"}, whole=True, limit=500), ""),
    (r"^/chu-de\.json$", _answer("names", {}), ""),
    (r"^/-/openapi\.json$", openapi, ""),
]
