"""Section pages: every link of a listing page, in the order of the page."""

import re
from urllib.parse import urlsplit

from lxml import etree, html

from archive.reasons import reason
from crawler.listings import Link, Listing, absolute, text_of

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
    """The page after this one, by its rel, its class or its words; on this host only."""
    for node in root.iter("a", "link"):
        words = _words(node).casefold()
        says_next = (
            "next" in (node.get("rel") or "").lower().split()
            or (node.tag == "a" and "next" in re.split(r"[\s_-]+", (node.get("class") or "").lower()))
            or (node.tag == "a" and words in _NEXT_WORDS)
        )
        address = absolute(base, (node.get("href") or "").strip()) if says_next else None
        if address and address != url and urlsplit(address).netloc == urlsplit(url).netloc:
            return (Link(address),)
    return ()


def _base(root: etree._Element, url: str) -> str:
    named = root.find(".//base[@href]")
    return url if named is None else absolute(url, named.get("href", "").strip()) or url


def _words(node: etree._Element) -> str:
    return " ".join("".join(str(part) for part in node.itertext()).split())
