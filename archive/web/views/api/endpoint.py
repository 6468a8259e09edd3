"""``/-/mcp``: the tools of :mod:`archive.assistants` over HTTP, where datasette-mcp is installed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec
from datasette.utils.asgi import Forbidden, Request, Response

from archive.web.forms import from_here
from archive.web.headers import App, Message, Send
from archive.web.request import PageRequest
from archive.web.views.api.answers import answered

if TYPE_CHECKING:
    from datasette.app import Datasette
    from mcp.server.mcpserver import MCPServer

PATH = "/-/mcp"
INSTALL = "Tools for assistants are not installed here: pip install 'diemtin[assistants]'"
_OFFERED: "WeakKeyDictionary[Datasette, MCPServer]" = WeakKeyDictionary()


def offer_over_http(datasette: "Datasette", server: "MCPServer") -> None:
    """Put our tools in the place of all that the server has: no SQL, whoever asks."""
    from archive.assistants.asking import BadQuestion
    from archive.assistants.server import offer

    async def answer(tool: str, arguments: Mapping[str, Any], scope: Message) -> msgspec.Struct:
        try:
            req = await PageRequest.of(datasette, Request(scope, None))
        except Forbidden as error:
            raise BadQuestion("You may not read this archive: log in with an account that may.") from error
        return await answered(req, tool, arguments)

    offer(server._lowlevel_server, answer)  # what MCPServer itself gives no way to replace
    _OFFERED[datasette] = server


def guarded(datasette: "Datasette", app: App) -> App:
    """The application, with ``/-/mcp`` for programs alone: no other site's page may ask, nothing is kept open.

    Sessions are not kept: each request says all that it needs, so that nobody can fill the memory.
    """

    async def answer(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != datasette.urls.path(PATH):
            await app(scope, receive, send)
        elif refused := _refused(datasette, Request(scope, receive)):
            await refused.asgi_send(send)
        else:
            _OFFERED[datasette].session_manager.stateless = True
            await app(scope, receive, send)

    return answer


def _refused(datasette: "Datasette", request: Request) -> Response | None:
    if datasette not in _OFFERED:
        return Response.text(INSTALL, status=404)
    if not from_here(request.headers):
        return Response.text("Another site's page may not ask here.", status=403)
    if request.method != "POST":
        words = "This address is for assistants (Model Context Protocol), which send POST."
        return Response.text(words, status=405, headers={"allow": "POST"})
    return None
