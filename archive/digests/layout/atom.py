"""Atom feeds (RFC 4287): of the editions of a digest here, of a search in :mod:`archive.web.views.feeds`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from uuid import NAMESPACE_URL, uuid5

import msgspec

from archive.digests.content import WORDS, Content
from archive.digests.layout.html import to_html
from archive.digests.layout.lines import subject

_ATOM = "http://www.w3.org/2005/Atom"
_FORBIDDEN = bytes({*range(32)} - set(b"\t\n\r"))  # in XML, as are:
_NO_LETTERS = ("\ufffe".encode(), "\uffff".encode())


@dataclass(slots=True)
class FeedElement:
    """An element that holds others, written as they come; a tree of lxml takes four times as long."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    inside: list["str | FeedElement"] = field(default_factory=list)

    def written(self) -> str:
        """The element as XML."""
        inner = "".join(one if isinstance(one, str) else one.written() for one in self.inside)
        return _tagged(self.name, inner, self.attributes)


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
    add_author(feed, WORDS("name"))
    for entry in entries:
        one = add_entry(feed)
        add(one, "id", _urn(name, entry.edition, entry.made_at))
        add(one, "title", entry.title)
        add(one, "updated", entry.made_at)
        add(one, "link", href=f"{archive_url}/ban-tin/{entry.digest_id or ''}".rstrip("/"))
        add(one, "content", entry.html, type="html")
    return end(feed)


def begin(id_: str, title: str, updated: str) -> FeedElement:
    """A feed without entries; ``updated`` '' for none yet."""
    feed = FeedElement("feed", {"xmlns": _ATOM, "xml:lang": WORDS.lang})
    add(feed, "id", id_)
    add(feed, "title", title)
    add(feed, "updated", updated or "1970-01-01T00:00:00Z")
    return feed


def add(parent: FeedElement, name: str, text: str = "", **attributes: str) -> None:
    """Put a text at the end of an element."""
    parent.inside.append(_tagged(name, escape(text, quote=False), attributes))


def add_entry(feed: FeedElement) -> FeedElement:
    """A new entry at the end of a feed."""
    entry = FeedElement("entry")
    feed.inside.append(entry)
    return entry


def add_author(parent: FeedElement, name: str) -> None:
    """Say who wrote a feed or an entry."""
    author = FeedElement("author")
    add(author, "name", name)
    parent.inside.append(author)


def _tagged(name: str, inner: str, attributes: Mapping[str, str]) -> str:
    head = name
    for key, value in attributes.items():
        head += f' {key}="{escape(value)}"'
    return f"<{head}>{inner}</{name}>" if inner else f"<{head}/>"


def end(feed: FeedElement) -> bytes:
    """The feed as it is sent, without the characters that no XML may hold."""
    body = f"<?xml version='1.0' encoding='utf-8'?>\n{feed.written()}".encode("utf-8", "ignore")
    body = body.translate(None, _FORBIDDEN)
    for letter in _NO_LETTERS:
        body = body.replace(letter, b"")
    return body


def _urn(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, "/".join(("diemtin", *parts))).urn
