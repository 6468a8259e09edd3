"""Section pages: every link of a listing page, in the order of the page."""

from urllib.parse import urljoin

from lxml import etree, html

from crawler.lists import Link, Listing
from pipelines.charset import decode


def read_section(body: bytes, url: str, content_type: str = "") -> Listing:
    """The links of a page, each once, with the text that names it."""
    try:
        root = html.document_fromstring(decode(body, content_type))
    except (etree.ParserError, ValueError) as error:
        return Listing(problem=f"is no page ({error})")
    base = root.findtext(".//base") or url
    found: dict[str, Link] = {}
    for anchor in root.iter("a"):
        address = (anchor.get("href") or "").strip()
        if not address or address.startswith(("#", "javascript:", "mailto:", "tel:")):
            continue
        absolute = _join(base, address)
        title = " ".join("".join(anchor.itertext()).split())
        if absolute and (absolute not in found or not found[absolute].title):
            found[absolute] = Link(absolute, title=title)
    return Listing(tuple(found.values()), title=" ".join((root.findtext(".//title") or "").split()))


def _join(base: str, address: str) -> str | None:
    try:
        return urljoin(base, address)
    except ValueError:
        return None
