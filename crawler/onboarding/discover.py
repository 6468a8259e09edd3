"""What a site's own pages and robots.txt name: feeds, sitemaps, menu, headlines, its name."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree, html

from archive.text import fold
from crawler.listings import Link, absolute, text_of
from crawler.listings.section import read_section

MENU_WORDS = 4  # a link of so few words is navigation, a longer one a headline
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
_FEED_PATH = re.compile(r"(?i)\.(?:rss|rdf|atom|xml)$|(?:^|/)(?:rss|feeds?|atom)(?:/|\.[a-z]+$|$)")
_SITEMAP = re.compile(r"(?i)sitemap")
_WANTED = "kinhte chuyendoiso congnghe khoahoc diaphuong thoisu dautu congnghiep doanhnghiep moi"


@dataclass(slots=True)
class Named:
    """What one page names. ``directories`` are pages that may list the feeds; ``site`` is its og:site_name."""

    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    menu: list[str] = field(default_factory=list)
    headlines: list[str] = field(default_factory=list)
    site: str = ""
    title: str = ""


def named(body: bytes, url: str, content_type: str = "") -> Named:
    """Read a page for its feeds and links; nothing is guessed, every address stands in the page."""
    listing = read_section(body, url, content_type)
    if listing.problem:
        return Named()
    root = html.document_fromstring(text_of(body, content_type))
    found = Named(feeds=_declared(root, url), site=_site(root), title=_titled(listing.title))
    for link in listing.links:
        _sort(link, found)
    found.feeds = list(dict.fromkeys(sorted(found.feeds, key=unwanted)))
    return found


def _declared(root: etree._Element, url: str) -> list[str]:
    """Feeds by ``link rel=alternate``."""
    links = [node for node in root.iter("link") if "alternate" in (node.get("rel") or "").lower().split()]
    feeds = [node for node in links if (node.get("type") or "").lower().strip() in _FEED_TYPES]
    return [address for node in feeds if (address := absolute(url, node.get("href") or ""))]


def _sort(link: Link, found: Named) -> None:
    """Put a link where it belongs."""
    path = urlsplit(link.url).path
    if _FEED_PATH.search(path):
        (found.sitemaps if _SITEMAP.search(path) else found.feeds).append(link.url)
        return
    if fold(link.title).casefold().strip() in {"rss", "rss feed", "rss feeds"}:
        found.directories.append(link.url)
    words = len(re.findall(r"\w+", link.title))
    if 0 < words <= MENU_WORDS:
        found.menu.append(link.url)
    elif words:
        found.headlines.append(link.url)


def unwanted(url: str) -> int:
    """The rank of a list by the desk its address names: economy and technology first, unknown desks last."""
    letters = re.sub(r"[^a-z]", "", urlsplit(url).path.lower())
    ranks = (rank for rank, context in enumerate(_WANTED.split()) if context in letters)
    return next(ranks, _WANTED.count(" ") + 1)


def _site(root: etree._Element) -> str:
    said = " ".join(str(root.xpath("string(//meta[@property='og:site_name']/@content)")).split())
    return "" if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", said) else said  # a host is no name


def _titled(title: str) -> str:
    """The outlet's name in a home page's title: the part that does not say what page it is."""
    parts = [part for part in re.split(r"\s+[|–—:-]\s+", title) if part]
    named_parts = [part for part in parts if fold(part).casefold() not in {"trang chu", "home", "tin moi"}]
    return (named_parts or [""])[-1][:80]
