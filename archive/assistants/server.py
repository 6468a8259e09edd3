"""The tools by the Model Context Protocol: what is common to stdio and HTTP, and the server on stdio."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from time import monotonic
from typing import Any

import msgspec
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    METHOD_NOT_FOUND,
    CallToolRequestParams,
    CallToolResult,
    EmptyResult,
    ListToolsResult,
    PaginatedRequestParams,
    RequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from archive.assistants.asking import BadQuestion, Reading, TooSlow
from archive.assistants.tools import INSTRUCTIONS, TIME, TOOLS, AssistantTool, call, schema
from archive.clock import Clock
from archive.db import reading
from archive.digests.config import house_of
from archive.figures.indicators import load_indicators
from archive.home import Home
from archive.places.gazetteer import load_places
from archive.public.part import show_public_part
from archive.schema import prepare

Answer = Callable[[str, Mapping[str, Any], Any], Awaitable[msgspec.Struct]]
NAME = "diemtin"
_FAULT = "Something went wrong here; the archive's log says what. Ask another way, or leave this tool out."
_STEPS = 5000  # of SQLite's machine, after which it looks at the time
log = logging.getLogger(__name__)


def offer(server: "Server[Any]", answer: Answer) -> None:
    """Let a server list and call our tools and no others; ``answer`` gets name, arguments, HTTP scope."""

    async def listed(_: Any, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_listed(tool) for tool in TOOLS.values()])

    async def called(context: Any, asked: CallToolRequestParams) -> CallToolResult:
        scope = getattr(context.request, "scope", {})
        return await _called(answer(asked.name, asked.arguments or {}, scope))

    server.add_request_handler("tools/list", PaginatedRequestParams, listed)
    server.add_request_handler("tools/call", CallToolRequestParams, called)
    server.add_request_handler("subscriptions/listen", RequestParams, _unsubscribed)
    server.name, server.title, server.version = NAME, "Điểm Tin", version(NAME)
    server.instructions = INSTRUCTIONS


async def _unsubscribed(_: Any, __: RequestParams) -> EmptyResult:
    """Nothing here changes that could be told; a listener would hold a connection for ever."""
    raise MCPError(METHOD_NOT_FOUND, "subscriptions/listen is not offered here")


def _listed(tool: AssistantTool) -> Tool:
    return Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=schema(tool.asked),
        output_schema=schema(tool.answer),
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
    )


async def _called(answer: Awaitable[msgspec.Struct]) -> CallToolResult:
    """The answer as text and as data; what went wrong as a line that can be acted on."""
    try:
        text = msgspec.json.encode(await answer).decode()
    except BadQuestion as error:
        return _said(str(error), is_error=True)
    except Exception:
        log.exception("a tool failed")
        return _said(_FAULT, is_error=True)
    return _said(text, structured_content=msgspec.json.decode(text))


def _said(text: str, **given: Any) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], **given)


@dataclass(frozen=True, slots=True)
class HomeReader:
    """Answers from the archive of a home, opened anew for each question."""

    home: Home
    now: Clock
    public: bool = False

    def answer(self, tool: str, arguments: Mapping[str, Any]) -> msgspec.Struct:
        """The answer of a tool. Raises BadQuestion, TooSlow after three seconds."""
        places = load_places(self.home.config("places.yml"))
        indicators = load_indicators(self.home.config("indicators.yml"))
        url, _ = house_of(self.home.config("alerts.yml"))
        with reading(self.home.archive_db) as db:
            prepare(db.conn)
            if self.public:
                show_public_part(db)
            end = monotonic() + TIME
            db.conn.set_progress_handler(lambda: monotonic() > end, _STEPS)
            try:
                return call(Reading(db, places, indicators, self.now(), self.public, url), tool, arguments)
            except sqlite3.OperationalError as error:
                if "interrupted" in str(error):
                    raise TooSlow from error
                raise

    async def serve(self) -> None:
        """Answer on standard input and output until the input ends."""

        async def answer(tool: str, arguments: Mapping[str, Any], _: Any) -> msgspec.Struct:
            return await asyncio.to_thread(self.answer, tool, arguments)

        server: Server[Any] = Server(NAME)
        offer(server, answer)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


def serve_home(home: Home, now: Clock, *, public: bool = False) -> None:
    """Serve the tools of a home on standard input and output; Ctrl-C ends it."""
    with suppress(KeyboardInterrupt):
        asyncio.run(HomeReader(home, now, public).serve())
