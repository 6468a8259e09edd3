"""Atom feeds (RFC 4287): of the editions of a digest here, of a search in :mod:`archive.web.views.feeds`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

import msgspec
from lxml import etree
from lxml.etree import _Element

from archive.digests.content import WORDS, Content
from archive.digests.layout.html import to_html
from archive.digests.layout.lines import subject

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One edition in a feed; ``made_at`` as it stands in the tables."""

    digest_id: int
    edition: str
    title: str
    html: str
    made_at: str

    @classmethod
    def of(cls, content: Content) -> "FeedEntry":
        """An edition that is not kept: it has no page of its own."""
        return cls(0, content.edition, subject(content), to_html(content), content.made_at)

    @classmethod
    def stored(cls, id_: int, edition: str, title: str, html: str, made_at: str, content: str) -> "FeedEntry":
        """One from the tables under its subject; under its key where this version cannot read ``content``."""
        try:
            title = subject(Content.from_json(content))
        except msgspec.MsgspecError:
            title = f"{title} – {edition}"
        return cls(id_, edition, title, html, made_at)


def to_atom(title: str, name: str, archive_url: str, entries: Sequence[FeedEntry]) -> bytes:
    """The feed, newest edition first; ids stay the same wherever the archive is served."""
    feed = begin(_urn(name), title, entries[0].made_at if entries else "")
    add(feed, "link", href=f"{archive_url}/ban-tin")
    add(add(feed, "author"), "name", WORDS("name"))
    for entry in entries:
        one = add(feed, "entry")
        add(one, "id", _urn(name, entry.edition, entry.made_at))
        add(one, "title", entry.title)
        add(one, "updated", entry.made_at)
        add(one, "link", href=f"{archive_url}/ban-tin/{entry.digest_id or ''}".rstrip("/"))
        add(one, "content", entry.html, type="html")
    return end(feed)


def begin(id_: str, title: str, updated: str) -> _Element:
    """A feed without entries; ``updated`` '' for none yet."""
    feed = etree.Element(f"{{{_ATOM}}}feed", {_LANGUAGE: WORDS.lang}, nsmap={None: _ATOM})
    add(feed, "id", id_)
    add(feed, "title", title)
    add(feed, "updated", updated or "1970-01-01T00:00:00Z")
    return feed


def add(parent: _Element, name: str, text: str = "", **attributes: str) -> _Element:
    """A new element at the end of another, without the characters that no XML may hold."""
    clean = {key: _FORBIDDEN.sub("", value) for key, value in attributes.items()}
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    element.text = _FORBIDDEN.sub("", text) or None
    return element


def end(feed: _Element) -> bytes:
    """The feed as it is sent."""
    return etree.tostring(feed, encoding="utf-8", xml_declaration=True)


def _urn(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, "/".join(("diemtin", *parts))).urn
