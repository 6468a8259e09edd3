"""``/ban-tin`` Bản tin: digest editions as they were sent."""

import re
import sqlite3
from typing import TYPE_CHECKING

import msgspec
from datasette.utils.asgi import NotFound, Request, Response

from archive.digests.atom import Entry, to_atom
from archive.digests.content import Content
from archive.digests.html import subject, to_html
from archive.web import security_headers
from archive.web.excerpts import public_edition
from archive.web.queries import digests as queries
from archive.web.request import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette

_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


async def digests(datasette: "Datasette", request: Request) -> Response:
    """All editions, newest first."""
    visit = await Visit.of(datasette, request)
    editions, feeds = await visit.ask(lambda conn: (queries.editions(conn), queries.names(conn)))
    return await visit.page("digests.html", editions=editions, feeds=feeds)


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
    made = await visit.ask(lambda conn: queries.made(conn, digest_id))
    html = _shown(visit, made) if made else None
    if html is None:
        raise NotFound(f"No digest edition {digest_id}")
    html = _HEAD.sub(lambda head: f'{head[0]}<base target="_blank">', html, count=1)
    headers = {"content-security-policy": security_headers.EDITION, "x-frame-options": "SAMEORIGIN"}
    return Response.html(html, headers=headers)


async def feed(datasette: "Datasette", request: Request) -> Response:
    """The editions of one digest as an Atom feed."""
    visit = await Visit.of(datasette, request)
    name = request.url_vars["name"]
    found = await visit.ask(lambda conn: queries.newest(conn, name))
    if not found:
        raise NotFound(f"No digest {name[:80]}")
    entries = [
        Entry(made.id, made.edition, _subject(made), html, made.created_at)
        for made in found
        if (html := _shown(visit, made)) is not None
    ]
    body = to_atom(found[0].title or name, name, visit.absolute(visit.path("/")).rstrip("/"), entries)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def _shown(visit: Visit, made: queries.Made) -> str | None:
    """The edition's HTML as this reader may see it; None for one the public may not see."""
    if not visit.public:
        return made.html
    content = _content(made)
    return to_html(public_edition(content)) if content else None


def _subject(made: queries.Made) -> str:
    content = _content(made)
    return subject(content) if content else f"{made.title} – {made.edition}"


def _content(made: queries.Made) -> Content | None:
    """What the edition says; None for one that another version of this program wrote."""
    try:
        return Content.from_json(made.content)
    except msgspec.MsgspecError:
        return None
