"""``/bai/<id>/ban-luu`` Bản lưu: the page of an outlet as it was fetched, shown where it can do nothing.

The raw pages are read from pages.db beside the archive; it is never attached or served.
"""

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.db import reading
from archive.evidence.still import as_html
from archive.pages import RawPage, load
from archive.web import headers
from archive.web.request import PageRequest


@dataclass(frozen=True, slots=True)
class Copy:
    """One page as it was fetched; ``size`` in bytes, ``sha256`` of exactly those bytes."""

    id: int
    fetched_at: str
    sha256: str
    size: int


def load_copies(pages_db: Path, url: str) -> list[Copy]:
    """The copies kept of an address, newest first."""
    if not pages_db.exists():
        return []
    sql = "select id, fetched_at, sha256, size from pages where url = ? order by fetched_at desc, id desc"
    try:
        with reading(pages_db) as db:
            return [Copy(*row) for row in db.execute(sql, [url])]
    except sqlite3.OperationalError:  # being made or brought back: no reason to withhold the article
        return []


def load_copy(pages_db: Path, url: str, copy_id: int) -> RawPage | None:
    """One copy of an address, unpacked; None if there is none of that number."""
    if copy_id not in {kept.id for kept in load_copies(pages_db, url)}:
        return None
    with reading(pages_db) as db:
        return load(db, copy_id)


def load_heading(db: Database, article_id: int) -> tuple[dict[str, Any], str] | None:
    """Id, address and title of an article with the name of its outlet, or None."""
    sql = """select a.id, a.url, a.title, coalesce(s.name, a.source)
        from articles a left join sources s on s.key = a.source where a.id = ?"""
    row = db.execute(sql, [article_id]).fetchone()
    return ({"id": row[0], "url": row[1], "title": row[2]}, str(row[3])) if row else None


async def kept(req: PageRequest) -> Response:
    """When and with which hash a copy was fetched, the other copies, and the copy in a frame."""
    row, outlet = await _article(req)
    copies = await copies_of(req, row["url"])
    wanted = int(req.url_vars.get("copy") or (copies[0].id if copies else 0))
    chosen = next((one for one in copies if one.id == wanted), None)
    if chosen is None:
        raise NotFound(f"No copy {wanted} of article {row['id']}")
    return await req.render("copy.html", row=row, outlet=outlet, copies=copies, chosen=chosen)


async def page(req: PageRequest) -> Response:
    """The copy itself: no scripts, no forms, nothing fetched, in an origin of its own."""
    row, _ = await _article(req)
    home, wanted = req.site.home, int(req.url_vars["copy"])
    raw = await asyncio.to_thread(load_copy, home.pages_db, row["url"], wanted) if home else None
    if raw is None:
        raise NotFound(f"No copy {wanted} of article {row['id']}")
    body, content_type = as_html(raw.body, raw.content_type)
    own = {"content-security-policy": headers.COPY, "x-frame-options": "SAMEORIGIN"}
    return Response(body, headers=own, content_type=content_type)


async def copies_of(req: PageRequest, url: str) -> list[Copy]:
    """The copies that this reader may see, newest first."""
    home = req.site.home
    return await asyncio.to_thread(load_copies, home.pages_db, url) if home and not req.public else []


async def _article(req: PageRequest) -> tuple[dict[str, Any], str]:
    article_id = int(req.url_vars["id"])
    return await req.require(lambda db: load_heading(db, article_id))
