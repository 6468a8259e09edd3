"""An edition as a message: in every format that a channel may want, and saved as files."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archive.clock import moment
from archive.digests.channels import EXTENSIONS, MEDIA, AtomChannel, FileChannel, Format, Undelivered, scrub
from archive.digests.content import Content
from archive.digests.layout.atom import FeedEntry, to_atom
from archive.digests.layout.html import brief, to_json
from archive.digests.layout.lines import subject
from archive.digests.paper.pdf import NoPdf, to_pdf


class EditionFile(NamedTuple):
    """One form of an edition as a file."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One edition as it was made; ``recent`` are the digest's newest editions, for feeds.

    ``heading`` stands in the subject line instead of the edition's own, where it is no edition.
    """

    html: str
    text: str
    content: Content
    message_id: str
    recent: tuple[FeedEntry, ...] = ()
    heading: str = ""

    @property
    def subject(self) -> str:
        return " ".join((self.heading or subject(self.content)).split())

    @property
    def brief(self) -> str:
        return brief(self.content)

    @property
    def made_at(self) -> datetime:
        return moment(self.content.made_at)

    @property
    def json(self) -> bytes:
        """The content for programs."""
        return to_json(self.content)

    def file(self, format_: Format) -> bytes:
        """The edition as a file of that format; raises NoPdf where there can be no PDF."""
        match format_:
            case "html":
                return self.html.encode()
            case "text":
                return self.text.encode()
            case "json":
                return self.json
            case "docx":
                from archive.digests.layout.docx import to_docx

                return to_docx(self.content)
            case "pdf":
                return to_pdf(self.file("docx"))

    def files(self, formats: Sequence[Format]) -> tuple[list[EditionFile], str]:
        """The edition as files; the Word file in place of a PDF that cannot be made, with the stored reason."""
        files, why = {}, ""
        for format_ in formats:
            try:
                data = self.file(format_)
            except NoPdf as error:
                format_, data, why = "docx", self.file("docx"), error.reason
            files[format_] = EditionFile(self.file_name(format_), MEDIA[format_], data)
        return list(files.values()), why

    def file_name(self, format_: Format) -> str:
        """``Diem-tin-2026-11-23.html``, as alerts.yml has it."""
        return f"{self.content.file_stem}{EXTENSIONS[format_]}"

    def feed(self, most: int) -> bytes:
        """The digest's Atom feed with its newest editions."""
        return to_atom(self.content.title, self.content.name, self.content.archive_url, self.recent[:most])


def save(channel: FileChannel, message: Message, base: Path) -> str:
    """Write the edition in every format of the channel; a relative folder is one of ``base``.

    Returns why Word stands for a PDF, '' if it does not. Raises Undelivered when nothing can be written.
    """
    folder = base / Path(channel.path).expanduser()
    files, why = message.files(channel.formats)
    for one in files:
        _write(folder / one.name, one.data)
    return why


def save_feed(channel: AtomChannel, message: Message, base: Path) -> None:
    """Write the digest's feed anew; raises Undelivered when that cannot be done."""
    _write(base / Path(channel.path).expanduser(), message.feed(channel.entries))


def _write(path: Path, data: bytes) -> None:
    """Write beside and rename: what a kill leaves half written is overwritten by the next try."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise Undelivered("file_unwritable", file=path.name, why=scrub(error.strerror or "")) from None
