"""``/ban/xem-truoc``: the edition before it goes, as mail, page, text and Word; sent to oneself, approved."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import Response
from msgspec.structs import replace

from archive.clock import stamp
from archive.desk.choices import load_choices
from archive.desk.edition import with_choices
from archive.digests.channels import SmtpChannel, ways
from archive.digests.config import Digest
from archive.digests.content import Content
from archive.digests.layout.html import to_html, to_text
from archive.digests.layout.lines import subject
from archive.digests.message import Message
from archive.web import headers
from archive.web.request import PageRequest
from archive.web.views.desk.opened import OpenedDesk, at_desk
from archive.web.views.digests import as_file

FORMS = ("thu", "chu")  # shown on the page; `word` is a file
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EditionPreview:
    """The edition as it would go out now; ``mark`` changes whenever anything in it does."""

    digest: Digest
    window: str
    until: str
    everything: bool
    content: Content
    chosen: int
    all: int

    @property
    def mark(self) -> str:
        """Of what goes out, not of when it is made."""
        plain = replace(self.content, made_at="", read_at="", edition="", number=0)
        return hashlib.sha256(plain.to_json().encode()).hexdigest()[:16]

    @property
    def mails(self) -> bool:
        return any(isinstance(channel, SmtpChannel) for channel in self.digest.channels.values())

    @property
    def ways(self) -> list[tuple[str, int]]:
        """The kinds of channels it goes by, each with how many deliveries."""
        return ways(self.digest.channels)


def load_preview(desk: OpenedDesk, until: str, everything: bool) -> EditionPreview:
    """The open window up to a time, as it was decided; collected anew."""
    ended = desk.until(until)
    content = desk.collected(ended)
    choices = load_choices(desk.desk, desk.digest.name, desk.window)
    both = {way: with_choices(content, choices, everything=way) for way in (False, True)}
    counts = {way: one.counts.stories for way, one in both.items()}
    return EditionPreview(
        desk.digest, desk.window, stamp(ended), everything, both[everything], counts[False], counts[True]
    )


async def preview(req: PageRequest) -> Response:
    """The page, or with ``dang`` the edition itself in one form."""
    found = await at_desk(
        req, lambda desk: load_preview(desk, req.arg("luc"), bool(req.arg("ca"))), name=req.arg("ban")
    )
    form = req.arg("dang")
    if form in ("thu", "trang"):
        return _alone(to_html(found.content))
    if form == "chu":
        return Response.text(to_text(found.content))
    if form == "word":
        return _file(found)
    return await shown(req, found)


async def shown(req: PageRequest, found: EditionPreview, *, status: int = 200, **more: Any) -> Response:
    """The page of a preview; ``problem`` is what stood in the way of the last form, ``typed`` what it held."""
    params = {"ban": found.digest.name, "luc": found.until, "ca": "1" if found.everything else ""}
    form = req.arg("xem")

    def path(**more: str) -> str:
        return req.path("/ban/xem-truoc", params | more)

    context = {"problem": "", "told": "", "typed": req.user.email, **more}
    return await req.render(
        "desk_preview.html",
        status=status,
        preview=found,
        subject=subject(found.content),
        text=to_text(found.content) if form == "chu" else "",
        xem=form if form in FORMS else FORMS[0],
        shown=path,
        back=req.path("/ban", {"ban": found.digest.name, "luc": found.until}),
        **context,
    )


def _alone(html: str) -> Response:
    """The edition in a frame of its own: no scripts, no requests; its links open in a new tab."""
    html = _HEAD.sub(lambda head: f'{head[0]}<base target="_blank">', html, count=1)
    own = {"content-security-policy": headers.EDITION, "x-frame-options": "SAMEORIGIN"}
    return Response.html(html, headers=own)


def _file(found: EditionPreview) -> Response:
    return as_file(Message("", "", found.content, "").file("docx"), "docx", found.content.file_stem)
