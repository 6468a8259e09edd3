"""Sitemaps, sitemap indexes, news sitemaps, plain or gzipped."""

import gzip
import io
import zlib
from datetime import datetime

from lxml import etree

from archive.reasons import reason
from crawler.listings import Link, Listing, absolute, text_of
from pipelines.extract import dateparse

LARGEST = 60_000_000  # bytes unpacked; the sitemap protocol allows 50 MB


def read_sitemap(body: bytes, url: str, content_type: str = "") -> Listing:
    """The addresses of a sitemap, or the further sitemaps of an index."""
    try:
        plain = unpack(body)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        return Listing(problem=reason("no_gzip", error=error))
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root: etree._Element | None = etree.fromstring(text_of(plain, content_type).encode(), parser)
    except etree.XMLSyntaxError as error:
        return Listing(problem=reason("no_xml", error=error.msg))
    if root is None:
        return Listing(problem=reason("no_xml", error=""))
    name = etree.QName(root).localname
    if name == "sitemapindex":
        return Listing(further=tuple(_links(root, url)))
    if name == "urlset":
        return Listing(tuple(_links(root, url)))
    return Listing(problem=reason("no_sitemap", root=name))


def unpack(body: bytes) -> bytes:
    """The bytes, gunzipped where they are gzip; ValueError beyond the size limit."""
    if body[:2] != b"\x1f\x8b":
        return body
    plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(LARGEST + 1)
    if len(plain) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes unpacked")
    return plain


def _links(root: etree._Element, base: str) -> list[Link]:
    links = []
    for node in root.iterchildren("{*}url", "{*}sitemap"):
        address = absolute(base, node.findtext("{*}loc") or "")
        if address:
            links.append(
                Link(
                    address,
                    title=(node.findtext("{*}news/{*}title") or "").strip(),
                    published_at=_when(node),
                )
            )
    return links


def _when(node: etree._Element) -> datetime | None:
    """The publication date of a news sitemap, else the last change."""
    return dateparse.feed(node.findtext("{*}news/{*}publication_date") or node.findtext("{*}lastmod") or "")
