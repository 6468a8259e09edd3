"""``/ban-tin`` Bản tin: digest editions as they were sent, and how their deliveries went; never to whom."""

import re
from dataclasses import dataclass

import msgspec
from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.digests.content import Content
from archive.digests.layout.atom import FeedEntry, to_atom
from archive.digests.layout.html import to_html
from archive.digests.layout.lines import subject
from archive.web import headers
from archive.web.excerpts import public_edition
from archive.web.request import PageRequest


@dataclass(frozen=True, slots=True)
class EditionRow:
    """One edition of a digest; times as stored."""

    id: int
    name: str
    edition: str
    title: str
    state: str
    created_at: str
    sent_at: str | None
    covers_from: str | None
    covers_to: str | None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How sending over one kind of channel went: ``mailto``, ``tgram``, ``file`` …, without its address."""

    channel: str
    state: str
    attempts: int
    sent_at: str | None
    next_at: str | None


_COLUMNS = "id, name, edition, title, state, created_at, sent_at, covers_from, covers_to"


def load_editions(db: Database, limit: int = 200) -> list[EditionRow]:
    """The editions made, newest first."""
    sql = f"select {_COLUMNS} from digests order by created_at desc, id desc limit ?"
    return [EditionRow(*row) for row in db.execute(sql, [limit])]


def load_edition(db: Database, digest_id: int) -> EditionRow | None:
    """One edition, or None."""
    row = db.execute(f"select {_COLUMNS} from digests where id = ?", [digest_id]).fetchone()
    return EditionRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """An edition as it was sent, and what it says as JSON (:class:`archive.digests.content.Content`)."""

    id: int
    edition: str
    title: str
    created_at: str
    html: str
    content: str


_MADE = "id, edition, title, created_at, html, content"


def load_stored(db: Database, digest_id: int) -> StoredEdition | None:
    """One edition with its content, or None."""
    row = db.execute(f"select {_MADE} from digests where id = ?", [digest_id]).fetchone()
    return StoredEdition(*row) if row else None


def load_newest(db: Database, name: str, limit: int = 30) -> list[StoredEdition]:
    """The newest editions of one digest that have something to tell, the newest first."""
    sql = f"""select {_MADE} from digests where name = ? and state <> 'empty'
        order by created_at desc, id desc limit ?"""
    return [StoredEdition(*row) for row in db.execute(sql, [name, limit])]


def load_names(db: Database) -> list[tuple[str, str]]:
    """Every digest that has an edition, with its newest title."""
    sql = "select name, title, max(created_at) from digests group by name order by name"
    return [(name, title or name) for name, title, _ in db.execute(sql)]


def load_deliveries(db: Database, digest_id: int) -> list[DeliveryRow]:
    """How each delivery of an edition stands."""
    sql = """select channel, state, attempts, sent_at, next_at from deliveries
        where digest_id = ? order by channel"""
    return [DeliveryRow(_kind(channel), *rest) for channel, *rest in db.execute(sql, [digest_id])]


def _kind(channel: str) -> str:
    """The kind of a channel: everything after a scheme could name a recipient."""
    return channel.partition(":")[0].partition("@")[0][:40]


_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


async def digests(req: PageRequest) -> Response:
    """All editions, newest first."""
    editions, feeds = await req.query(lambda db: (load_editions(db), load_names(db)))
    return await req.render("digests.html", editions=editions, feeds=feeds)


async def digest(req: PageRequest) -> Response:
    """One edition in a frame of its own, with the state of its deliveries."""
    return await shown(req, int(req.url_vars["id"]))


async def shown(
    req: PageRequest, digest_id: int, *, status: int = 200, problem: str = "", typed: str = ""
) -> Response:
    """The page of an edition; ``problem`` is what is wrong with the correction ``typed``."""

    def gather(db: Database) -> tuple[EditionRow | None, list[DeliveryRow]]:
        return load_edition(db, digest_id), load_deliveries(db, digest_id)

    edition, deliveries = await req.query(gather)
    if edition is None:
        raise NotFound(f"No digest edition {digest_id}")
    return await req.render(
        "digest.html", status=status, edition=edition, deliveries=deliveries, problem=problem, typed=typed
    )


async def content(req: PageRequest) -> Response:
    """The edition's own HTML, sandboxed: no scripts, no requests; its links open in a new tab."""
    digest_id = int(req.url_vars["id"])
    made = await req.query(lambda db: load_stored(db, digest_id))
    html = _shown(req, made) if made else None
    if html is None:
        raise NotFound(f"No digest edition {digest_id}")
    html = _HEAD.sub(lambda head: f'{head[0]}<base target="_blank">', html, count=1)
    own = {"content-security-policy": headers.EDITION, "x-frame-options": "SAMEORIGIN"}
    return Response.html(html, headers=own)


async def feed(req: PageRequest) -> Response:
    """The editions of one digest as an Atom feed."""
    name = req.url_vars["name"]
    stored = await req.query(lambda db: load_newest(db, name))
    if not stored:
        raise NotFound(f"No digest {name[:80]}")
    entries = [
        FeedEntry(made.id, made.edition, _subject(made), html, made.created_at)
        for made in stored
        if (html := _shown(req, made)) is not None
    ]
    body = to_atom(stored[0].title or name, name, req.absolute(req.path("/")).rstrip("/"), entries)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def _shown(req: PageRequest, made: StoredEdition) -> str | None:
    """The edition's HTML as this reader may see it; None for one the public may not see."""
    if not req.public:
        return made.html
    content = _content(made)
    return to_html(public_edition(content)) if content else None


def _subject(made: StoredEdition) -> str:
    content = _content(made)
    return subject(content) if content else f"{made.title} – {made.edition}"


def _content(made: StoredEdition) -> Content | None:
    """What the edition says; None for one that another version of this program wrote."""
    try:
        return Content.from_json(made.content)
    except msgspec.MsgspecError:
        return None
