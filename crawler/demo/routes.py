"""What each address of an outlet answers, and what reading an article sets off."""

import re
from urllib.parse import urlsplit

from crawler.demo import lists, pages
from crawler.demo.server import Answer
from crawler.demo.site import Entry, Site

XML = "application/xml; charset=utf-8"
# No charset, as most real feeds are sent: readers are left with what the XML declares.
RSS = "application/rss+xml"

_PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" width="800" height="450">
<rect width="800" height="450" fill="#dfe6e2"/>
<path d="M0 360 240 180l150 110 130-90 280 160v90H0z" fill="#9fb5a8"/>
<circle cx="640" cy="110" r="46" fill="#f1dfa8"/></svg>
"""


def answer(site: Site, target: str, *, reads: bool = True) -> Answer:
    """What a site answers to a request for ``target`` (path and query; the query changes nothing).

    Only a request that ``reads`` counts as a visit and sets off what an article has in store.
    """
    path = urlsplit(target).path
    entry = site.entries.get(re.sub(r"^/(?:amp|m)(?=/)", "", path))
    if entry and path in (entry.path, *site.twins(entry)):
        return _article(site, entry, reads)
    return _list(site, path) or Answer(404, pages.missing_page(site))


def _article(site: Site, entry: Entry, reads: bool) -> Answer:
    if entry.failures:
        entry.failures -= int(reads)
        return Answer(500, "<h1>500 - Máy chủ bận, xin thử lại sau</h1>".encode())
    if entry.gone or (entry.article.taken_down and entry.visits):
        entry.gone = True
        return Answer(404, pages.missing_page(site))
    if entry.article.edit and entry.visits and not entry.edited:
        entry.reword(*entry.article.edit, site.press.tick())
        entry.edited = True
    entry.visits += int(reads)
    return Answer(200, pages.article_page(site, entry), modified=entry.modified)


def _list(site: Site, path: str) -> Answer | None:
    if path == "/robots.txt":
        return Answer(200, lists.robots(site), "text/plain; charset=utf-8")
    for feed in site.outlet.feeds:
        if path == feed.path:
            times = [entry.modified for entry in lists.feed_entries(site, feed)]
            return Answer(200, lists.feed(site, feed), RSS, max(times, default=None))
    if path.startswith("/sitemap") and (body := lists.sitemaps(site).get(path)) is not None:
        return Answer(200, body, "application/gzip" if path.endswith(".gz") else XML)
    if path.startswith("/anh/"):
        return Answer(200, _PICTURE, "image/svg+xml")
    return _listing(site, path)


def _listing(site: Site, path: str) -> Answer | None:
    if path == "/":
        body: bytes | None = pages.listing_page(site, "", 1)
        return Answer(200, body or b"")
    for section in site.outlet.sections:
        first = pages.section_path(site, section)
        later = re.escape(pages.section_path(site, section, 2)).replace("2", r"(\d{1,4})")
        found = re.fullmatch(later, path) if site.outlet.paging else None
        if path == first or found:
            body = pages.listing_page(site, section, int(found[1]) if found else 1)
            return Answer(200, body) if body else None
    return None
