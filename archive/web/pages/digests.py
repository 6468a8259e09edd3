"""``/ban-tin`` Bản tin: digest editions as they were sent."""

import re
import sqlite3
from typing import TYPE_CHECKING

from datasette.utils.asgi import NotFound, Request, Response

from archive.web import guard
from archive.web.queries import digests as queries
from archive.web.visit import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette

_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


async def digests(datasette: "Datasette", request: Request) -> Response:
    """All editions, newest first."""
    visit = await Visit.of(datasette, request)
    return await visit.page("digests.html", editions=await visit.ask(queries.editions))


async def digest(datasette: "Datasette", request: Request) -> Response:
    """One edition in a frame of its own, with the state of its deliveries."""
    visit = await Visit.of(datasette, request)
    digest_id = int(request.url_vars["id"])

    def gather(conn: sqlite3.Connection) -> tuple[queries.Edition | None, list[queries.Delivery]]:
        return queries.edition(conn, digest_id), queries.deliveries(conn, digest_id)

    edition, deliveries = await visit.ask(gather)
    if edition is None:
        raise NotFound(f"No digest edition {digest_id}")
    return await visit.page("digest.html", edition=edition, deliveries=deliveries)


async def content(datasette: "Datasette", request: Request) -> Response:
    """The edition's own HTML, sandboxed: no scripts, no requests; its links open in a new tab."""
    visit = await Visit.of(datasette, request)
    digest_id = int(request.url_vars["id"])
    html = await visit.ask(lambda conn: queries.content(conn, digest_id))
    if html is None:
        raise NotFound(f"No digest edition {digest_id}")
    html = _HEAD.sub(lambda head: f'{head[0]}<base target="_blank">', html, count=1)
    headers = {"content-security-policy": guard.EDITION, "x-frame-options": "SAMEORIGIN"}
    return Response.html(html, headers=headers)
