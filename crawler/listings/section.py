"""Section pages: every link of a listing page, in the order of the page."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree, html

from archive.reasons import reason
from crawler.listings import Link, Listing, absolute, text_of

_NUMBER = re.compile(
    r"(?:[?&](?:page|trang|paged|pg|p|pageindex|page_?no)=|/(?:page|trang)[/-]?|[-_](?:trang|page|p)[-_]?|/p)(\d{1,6})(?!\d)",
    re.IGNORECASE,
)
_NEXT_WORDS = frozenset({"trang sau", "trang tiếp", "tiếp", "tiếp theo", "sau", "next", "›", "»", ">", ">>"})


def read_section(body: bytes, url: str, content_type: str = "") -> Listing:
    """The links of a page, each once, with the text that names it; ``further`` is the next page of the list."""
    try:
        root = html.document_fromstring(text_of(body, content_type))
    except (etree.ParserError, ValueError) as error:
        return Listing(problem=reason("no_html", error=error))
    base = _base(root, url)
    links: dict[str, Link] = {}
    for anchor in root.iter("a"):
        address = (anchor.get("href") or "").strip()
        if not address or address.startswith(("#", "javascript:", "mailto:", "tel:")):
            continue
        whole = absolute(base, address)
        if whole and (whole not in links or not links[whole].title):
            links[whole] = Link(whole, title=_words(anchor))
    title = " ".join((root.findtext(".//title") or "").split())
    return Listing(tuple(links.values()), title=title, further=_next_page(root, base, url))


def _next_page(root: etree._Element, base: str, url: str) -> tuple[Link, ...]:
    """The page after this one, by its rel, its class, its words or its number; on this host only."""
    for address in (*_called_next(root), *_numbered(root, url)):
        whole = absolute(base, address)
        if whole and whole != url and urlsplit(whole).netloc == urlsplit(url).netloc and not _grows(whole):
            return (Link(whole),)
    return ()


def without_page(url: str) -> str:
    """The address that the pages of a list have in common."""
    return _NUMBER.sub("", url).rstrip("/")


def _called_next(root: etree._Element) -> Iterator[str]:
    for node in root.iter("a", "link"):
        words = _words(node).casefold()
        says_next = (
            "next" in (node.get("rel") or "").lower().split()
            or (node.tag == "a" and "next" in re.split(r"[\s_-]+", (node.get("class") or "").lower()))
            or (node.tag == "a" and words in _NEXT_WORDS)
        )
        if says_next:
            yield (node.get("href") or "").strip()


def _numbered(root: etree._Element, url: str) -> Iterator[str]:
    """The links whose words and address are the number after this page's."""
    here = _NUMBER.findall(url)
    after = str(int(here[-1]) + 1 if here else 2)
    for anchor in root.iter("a"):
        address = (anchor.get("href") or "").strip()
        if (
            address.find(after) > 0
            and _words(anchor) == after
            and _NUMBER.findall(address) == [*here[:-1], after]
        ):
            yield address


def _grows(url: str) -> bool:
    """Whether an address names its page twice: some sites add the next number and leave the last."""
    return len(_NUMBER.findall(url)) > 1


def _base(root: etree._Element, url: str) -> str:
    named = root.find(".//base[@href]")
    return url if named is None else absolute(url, named.get("href", "").strip()) or url


def _words(node: etree._Element) -> str:
    return " ".join("".join(str(part) for part in node.itertext()).split())
