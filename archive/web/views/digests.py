"""``/ban-tin`` Bản tin: what comes next, digest editions whole and as files, and how their deliveries went."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.clock import moment
from archive.digests.channels import EXTENSIONS, MEDIA, Format
from archive.digests.content import WORDS, Content, Counts
from archive.digests.layout import lay_out
from archive.digests.layout.atom import FeedEntry, to_atom
from archive.digests.layout.html import to_html, to_text
from archive.digests.layout.lines import after_outlet, facts_line, made_line
from archive.digests.message import Message
from archive.digests.paper.office import head_lines
from archive.digests.paper.pdf import NoPdf, converter
from archive.formats import Formats
from archive.web import headers
from archive.web.excerpts import load_shown, public_edition
from archive.web.request import PageRequest
from archive.web.views.deliveries import changed_since, known_alerts, load_coming, load_deliveries


@dataclass(frozen=True, slots=True)
class EditionRow:
    """One edition of a digest; times as stored; ``reached`` of its ``deliveries`` arrived."""

    id: int
    name: str
    edition: str
    title: str
    state: str
    created_at: str
    sent_at: str | None
    covers_from: str | None
    covers_to: str | None
    reached: int
    deliveries: int


_COLUMNS = """id, name, edition, title, state, created_at, sent_at, covers_from, covers_to,
    (select count(*) from deliveries where digest_id = d.id and state = 'sent'),
    (select count(*) from deliveries where digest_id = d.id)"""


def load_editions(db: Database, limit: int = 200) -> list[EditionRow]:
    """The editions made, newest first."""
    sql = f"select {_COLUMNS} from digests d order by created_at desc, id desc limit ?"
    return [EditionRow(*row) for row in db.execute(sql, [limit])]


def load_edition(db: Database, digest_id: int) -> EditionRow | None:
    """One edition, or None."""
    row = db.execute(f"select {_COLUMNS} from digests d where id = ?", [digest_id]).fetchone()
    return EditionRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """An edition as it was sent, and what it says as JSON (:class:`archive.digests.content.Content`)."""

    id: int
    name: str
    edition: str
    title: str
    created_at: str
    html: str
    text: str
    content: str


_MADE = "id, name, edition, title, created_at, html, coalesce(text, ''), coalesce(content, '')"


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


_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


async def digests(req: PageRequest) -> Response:
    """What comes next, and all editions, newest first."""
    editions, feeds = await req.query(lambda db: (load_editions(db), load_names(db)))
    return await req.render("digests.html", editions=editions, feeds=feeds, coming=await load_coming(req))


async def digest(req: PageRequest) -> Response:
    """One edition whole, its files, and how its deliveries went."""
    return await shown(req, int(req.url_vars["id"]))


async def shown(
    req: PageRequest, digest_id: int, *, status: int = 200, problem: str = "", typed: str = "", no_pdf: str = ""
) -> Response:
    """The page of an edition; ``problem`` is what is wrong with the correction ``typed``."""
    edition = await req.require(lambda db: load_edition(db, digest_id))
    content = await _content_for(req, await req.require(lambda db: load_stored(db, digest_id)))
    digest = (await known_alerts(req)).digests.get(edition.name)
    channels, editor = digest.channels if digest else {}, req.may("editor")
    deliveries = await req.query(lambda db: load_deliveries(db, digest_id, channels, addresses=editor))
    return await req.render(
        "digest.html",
        status=status,
        edition=edition,
        deliveries=deliveries,
        changed=changed_since(req, edition.created_at) if editor else "",
        coming=[one for one in await load_coming(req) if one.name == edition.name],
        pdf=converter() is not None,
        problem=problem,
        typed=typed,
        no_pdf=no_pdf,
        **_drawn(content),
    )


def _drawn(content: Content | None) -> dict[str, Any]:
    """What draws an edition within the page, where this version can read what it says."""
    if content is None:
        return {"layout": None}
    office = content.office
    return {
        "layout": lay_out(content),
        "office": head_lines(office, content.number, moment(content.covers_to)) if office.name else None,
        "paper": WORDS,
        "after_outlet": after_outlet,
        "facts": facts_line,
        "made": made_line(content),
        "on_paper": lambda at: Formats(WORDS).full(moment(at)),
    }


async def file(req: PageRequest) -> Response:
    """``/ban-tin/SỐ/tep/DẠNG``: the edition as a file, called as in folders and mails."""
    form = next(one for one in EXTENSIONS if one == req.url_vars["form"])
    digest_id = int(req.url_vars["id"])
    stored = await req.require(lambda db: load_stored(db, digest_id))
    content = await _content_for(req, stored)
    if (req.public and form == "pdf") or (content is None and (req.public or form not in ("html", "text"))):
        raise NotFound(f"No {form} of digest edition {digest_id}")  # a PDF takes a second of the machine
    try:
        return await _sent(_message(req, stored, content), form)
    except NoPdf as error:
        return await shown(req, digest_id, status=503, no_pdf=error.reason)


async def _sent(message: Message, form: Format) -> Response:
    return as_file(await asyncio.to_thread(message.file, form), form, message.content.file_stem)


def _message(req: PageRequest, stored: StoredEdition, content: Content | None) -> Message:
    """The edition as it was sent; for the public made anew of what it may see."""
    if content is None or not req.public:
        return Message(stored.html, stored.text, content or _nothing(stored), "")
    return Message(to_html(content), to_text(content), content, "")


def _nothing(stored: StoredEdition) -> Content:
    """What is known of an edition whose content another version of this program wrote."""
    at = stored.created_at
    return Content(stored.name, stored.title, stored.edition, 0, at, at, at, Counts(), [])


def as_file(data: bytes, form: Format, stem: str) -> Response:
    """A file to be saved under its name."""
    name = stem + EXTENSIONS[form]
    plain = "".join(one if one.isascii() else "_" for one in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return Response(data, headers={"content-disposition": disposition}, content_type=MEDIA[form])


async def content(req: PageRequest) -> Response:
    """The edition's own HTML, sandboxed: no scripts, no requests; its links open in a new tab."""
    digest_id = int(req.url_vars["id"])
    made = await req.query(lambda db: load_stored(db, digest_id))
    html = await _shown(req, made) if made else None
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
        FeedEntry.stored(made.id, made.edition, made.title, html, made.created_at, made.content)
        for made in stored
        if (html := await _shown(req, made)) is not None
    ]
    body = to_atom(stored[0].title or name, name, req.absolute(req.path("/")).rstrip("/"), entries)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def _content_for(req: PageRequest, made: StoredEdition) -> Content | None:
    """What the edition says, as this reader may see it; None where this version cannot read it."""
    content = _content(made)
    if content is None or not req.public:
        return content
    return public_edition(content, await req.query(lambda db: load_shown(db, content)))


async def _shown(req: PageRequest, made: StoredEdition) -> str | None:
    """The edition's HTML as this reader may see it; None for one the public may not see."""
    if not req.public:
        return made.html
    content = await _content_for(req, made)
    return to_html(content) if content else None


def _content(made: StoredEdition) -> Content | None:
    """What the edition says; None for one that another version of this program wrote."""
    try:
        return Content.from_json(made.content)
    except msgspec.MsgspecError:
        return None
