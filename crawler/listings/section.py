"""Section pages: every link of a listing page, in the order of the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from archive.reasons import reason
from crawler.listings import Link, Listing, absolute, text_of
from crawler.listings.patterns import Gathered
from pipelines.extract.charset import parseable

PIECE = 65_536  # characters that are parsed at once
LONGEST_WORDS = 1_000  # characters of a link's words, or of a title, that are read
MOST_NEXT = 20  # links that may be the next page
_MOST_PIECES = 50  # of a title

_NUMBER = re.compile(
    r"(?:[?&](?:page|trang|paged|pg|p|pageindex|page_?no)=|/(?:page|trang)[/-]?|[-_](?:trang|page|p)[-_]?|/p)(\d{1,6})(?!\d)",
    re.IGNORECASE,
)
_NEXT_WORDS = frozenset({"trang sau", "trang tiếp", "tiếp", "tiếp theo", "sau", "next", "›", "»", ">", ">>"})


def read_section(body: bytes, url: str, content_type: str = "") -> Listing:
    """The links of a page, each once, with the text that names it; ``further`` is the next page of the list."""
    reader = _SectionReader(url)
    target: Any = reader
    parser = etree.HTMLParser(target=target)
    text = parseable(text_of(body, content_type))
    try:
        for at in range(0, len(text), PIECE):
            parser.feed(text[at : at + PIECE])
        parser.close()
    except (etree.LxmlError, ValueError) as error:
        return Listing(problem=reason("no_html", error=error))
    if not reader.tags:
        return Listing(problem=reason("no_html", error=""))
    listed = reader.listed
    links, title = tuple(listed.links.values()), " ".join("".join(reader.title).split())
    return Listing(links, title=title, further=reader.further(), left_out=dict(listed.left_out))


@dataclass(slots=True)
class _Anchor:
    """A link while it is read: its tag, and its words as far as they are needed."""

    tag: str
    attributes: Mapping[str, str]
    words: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def address(self) -> str:
        return (self.attributes.get("href") or "").strip()

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


class _SectionReader:
    """Takes the links off a page while it is parsed; no tree is built, however many there are."""

    def __init__(self, url: str) -> None:
        self.url = self.base = url
        self.after = _number_after(url)
        self.listed = Gathered()
        self.title: list[str] = []
        self.tags = 0
        self._open: _Anchor | None = None
        self._title_open = self._based = False
        self._called: list[str] = []  # addresses that call themselves the next page
        self._numbered: list[str] = []  # and those that the number after this page's leads to

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens."""
        self.tags += 1
        if tag in {"a", "link"}:
            self._close_anchor()
            self._open = _Anchor(tag, dict(attributes))
            if tag == "link":
                self._close_anchor()
        elif tag == "title":
            self._title_open = not self.title
        elif tag == "base" and attributes.get("href") and not self._based:
            self._based = True
            self.base = absolute(self.url, attributes["href"].strip()) or self.url

    def end(self, tag: str) -> None:
        """A tag closes."""
        if tag == "a":
            self._close_anchor()
        elif tag == "title":
            self._title_open = False

    def data(self, text: str) -> None:
        """Text between tags."""
        if self._title_open and len(self.title) < _MOST_PIECES:
            self.title.append(text[:LONGEST_WORDS])
        elif self._open is not None and self._open.size < LONGEST_WORDS:
            self._open.words.append(text[:LONGEST_WORDS])
            self._open.size += len(text)

    def close(self) -> None:
        """The page ends."""
        self._close_anchor()

    def _close_anchor(self) -> None:
        anchor, self._open = self._open, None
        if anchor is None or not anchor.address:
            return
        if _says_next(anchor):
            self._called.append(anchor.address)
        elif anchor.tag == "a" and self._is_numbered(anchor):
            self._numbered.append(anchor.address)
        del self._called[MOST_NEXT:], self._numbered[MOST_NEXT:]
        if anchor.tag == "a" and not anchor.address.startswith(("#", "javascript:", "mailto:", "tel:")):
            whole = absolute(self.base, anchor.address)
            if whole:
                self.listed.add(Link(whole, title=anchor.text))

    def _is_numbered(self, anchor: _Anchor) -> bool:
        """Whether its words and its address are the number after this page's."""
        before, after = self.after
        found = anchor.address.find(after) > 0 and anchor.text == after
        return found and _NUMBER.findall(anchor.address) == [*before, after]

    def further(self) -> tuple[Link, ...]:
        """The page after this one, by its rel, its class, its words or its number; on this host only."""
        for address in (*self._called, *self._numbered):
            whole = absolute(self.base, address)
            here = urlsplit(self.url).netloc
            if whole and whole != self.url and urlsplit(whole).netloc == here and not _grows(whole):
                return (Link(whole),)
        return ()


def _says_next(anchor: _Anchor) -> bool:
    if "next" in (anchor.attributes.get("rel") or "").lower().split():
        return True
    classes = re.split(r"[\s_-]+", (anchor.attributes.get("class") or "").lower())
    return anchor.tag == "a" and ("next" in classes or anchor.text.casefold() in _NEXT_WORDS)


def _number_after(url: str) -> tuple[list[str], str]:
    """The numbers that name this page in its address but for the last, and the one after that."""
    here = _NUMBER.findall(url)
    return here[:-1], str(int(here[-1]) + 1 if here else 2)


def without_page(url: str) -> str:
    """The address that the pages of a list have in common."""
    return _NUMBER.sub("", url).rstrip("/")


def _grows(url: str) -> bool:
    """Whether an address names its page twice: some sites add the next number and leave the last."""
    return len(_NUMBER.findall(url)) > 1
