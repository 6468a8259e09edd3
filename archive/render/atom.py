"""Editions of a digest as an Atom feed (RFC 4287)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from archive.render.content import Content
from archive.render.edition import subject, to_html

_ATOM = "http://www.w3.org/2005/Atom"
_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


@dataclass(frozen=True, slots=True)
class Entry:
    """One edition in a feed; ``made_at`` as it stands in the tables."""

    digest_id: int
    edition: str
    title: str
    html: str
    made_at: str

    @classmethod
    def of(cls, content: Content) -> "Entry":
        """An edition that is not kept: it has no page of its own."""
        return cls(0, content.edition, subject(content), to_html(content), content.made_at)


def to_atom(title: str, name: str, archive_url: str, entries: Sequence[Entry]) -> bytes:
    """The feed, newest edition first; ids stay the same wherever the archive is served."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": "vi"})
    _add(feed, "id", _urn(name))
    _add(feed, "title", title)
    _add(feed, "updated", entries[0].made_at if entries else "1970-01-01T00:00:00Z")
    _add(feed, "link", href=f"{archive_url}/ban-tin")
    ET.SubElement(_add(feed, "author"), f"{{{_ATOM}}}name").text = "Điểm Tin"
    for entry in entries:
        one = _add(feed, "entry")
        _add(one, "id", _urn(name, entry.edition, entry.made_at))
        _add(one, "title", entry.title)
        _add(one, "updated", entry.made_at)
        _add(one, "link", href=f"{archive_url}/ban-tin/{entry.digest_id or ''}".rstrip("/"))
        _add(one, "content", entry.html, type="html")
    text: str = ET.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _urn(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, "/".join(("diemtin", *parts))).urn


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    if text:
        element.text = text.translate(_FORBIDDEN)
    return element
