"""What a reader sees when a page cannot be shown: what is wrong and what to do, in their language."""

import sqlite3
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from datasette.utils.asgi import NotFound, Request, Response

from archive.web.request import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette


def answer(datasette: "Datasette", request: Request, exception: Exception) -> Awaitable[Response] | None:
    """Our page for an exception, or None to leave it to Datasette (JSON, its own SQL errors)."""
    if request.path.split("?")[0].endswith(".json"):
        return None
    if isinstance(exception, NotFound):
        return page(datasette, request, 404)
    if isinstance(exception, sqlite3.OperationalError) and "interrupted" in str(exception):
        return page(datasette, request, 503)
    if hasattr(exception, "status"):
        return None
    return page(datasette, request, 500)


async def page(datasette: "Datasette", request: Request, status: int) -> Response:
    """The page for an HTTP status that :mod:`archive.i18n` has words for."""
    return await Visit.unchecked(datasette, request).page("error.html", status=status, code=str(status))
