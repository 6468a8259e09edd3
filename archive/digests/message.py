"""An edition ready to be handed to a channel, in every format."""

import re
from dataclasses import dataclass
from datetime import datetime

from archive.clock import moment
from archive.digests.atom import Entry, to_atom
from archive.digests.channels import EXTENSIONS, Format
from archive.digests.content import Content
from archive.digests.docx import to_docx
from archive.digests.html import brief, subject


@dataclass(frozen=True, slots=True)
class Parcel:
    """One edition as it was made; ``recent`` are the digest's newest editions, for feeds."""

    html: str
    text: str
    content: Content
    message_id: str
    recent: tuple[Entry, ...] = ()

    @property
    def subject(self) -> str:
        return " ".join(subject(self.content).split())

    @property
    def brief(self) -> str:
        return brief(self.content)

    @property
    def made_at(self) -> datetime:
        return moment(self.content.made_at)

    @property
    def json(self) -> bytes:
        """The content for programs."""
        return self.content.to_json().encode()

    def file(self, format_: Format) -> bytes:
        """The edition as a file of that format."""
        match format_:
            case "html":
                return self.html.encode()
            case "text":
                return self.text.encode()
            case "json":
                return self.json
            case "docx":
                return to_docx(self.content)

    def file_name(self, format_: Format) -> str:
        """``hang-ngay-2026-11-23.html``; an hour is written without its colon."""
        return f"{self.content.name}-{re.sub('[^0-9A-Za-z-]', '', self.content.edition)}{EXTENSIONS[format_]}"

    def feed(self, most: int) -> bytes:
        """The digest's Atom feed with its newest editions."""
        return to_atom(self.content.title, self.content.name, self.content.archive_url, self.recent[:most])
