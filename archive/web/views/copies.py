"""``/bai/<id>/ban-luu`` Bản lưu: the page of an outlet as it was fetched, shown where it can do nothing."""

import asyncio
import codecs
import re
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import NotFound, Request, Response

from archive.web import security_headers
from archive.web.queries import article as articles
from archive.web.queries import copies as queries
from archive.web.request import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_AHEAD = re.compile(rb"<(link|i?frame|object|embed)(?=[\s/>])", re.IGNORECASE)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


async def kept(datasette: "Datasette", request: Request) -> Response:
    """When and with which hash a copy was fetched, the other copies, and the copy in a frame."""
    visit = await Visit.of(datasette, request)
    row, outlet = await _article(visit)
    found = await copies_of(visit, row["url"])
    wanted = int(request.url_vars.get("copy") or (found[0].id if found else 0))
    chosen = next((one for one in found if one.id == wanted), None)
    if chosen is None:
        raise NotFound(f"No copy {wanted} of article {row['id']}")
    return await visit.page("copy.html", row=row, outlet=outlet, copies=found, chosen=chosen)


async def page(datasette: "Datasette", request: Request) -> Response:
    """The copy itself: no scripts, no forms, nothing fetched, in an origin of its own."""
    visit = await Visit.of(datasette, request)
    row, _ = await _article(visit)
    home, wanted = visit.site.home, int(request.url_vars["copy"])
    raw = await asyncio.to_thread(queries.copy, home.pages_db, row["url"], wanted) if home else None
    if raw is None:
        raise NotFound(f"No copy {wanted} of article {row['id']}")
    body, content_type = as_html(raw.body, raw.content_type)
    headers = {"content-security-policy": security_headers.COPY, "x-frame-options": "SAMEORIGIN"}
    return Response(body, headers=headers, content_type=content_type)


async def copies_of(visit: Visit, url: str) -> list[queries.Copy]:
    """The copies that this reader may see, newest first."""
    home = visit.site.home
    return await asyncio.to_thread(queries.copies, home.pages_db, url) if home and not visit.public else []


def as_html(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The bytes and the content type to send: always HTML, in the charset they prove or were sent with.

    Tags are put out of use for which Chromium connects to the host before it asks the content policy
    (``<link rel=preconnect>``, ``<iframe src>``: seen in the browser test).
    """
    if body.startswith(_WIDE):
        body = body.decode("utf-16", "replace").encode()
    charset = _charset(body, content_type)
    return _AHEAD.sub(b"<basefont", body), f"text/html{f'; charset={charset}' if charset else ''}"


def _charset(body: bytes, content_type: str) -> str:
    """UTF-8 where the bytes are valid, else what the header said; '' leaves it to the page's own tag."""
    try:
        body.decode()
    except UnicodeDecodeError:
        claimed = _CHARSET.search(content_type)
    else:
        return "utf-8"
    try:
        return codecs.lookup(claimed[1]).name if claimed else ""
    except LookupError:
        return ""


async def _article(visit: Visit) -> tuple[dict[str, Any], str]:
    article_id = int(visit.request.url_vars["id"])
    found = await visit.ask(lambda conn: articles.heading(conn, article_id))
    if found is None:
        raise NotFound(f"No article {article_id}")
    return found
