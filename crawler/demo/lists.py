"""Feeds, sitemaps and robots.txt of an outlet, in the encodings and date forms real ones come in."""

import gzip
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from crawler.demo.addresses import feed_date
from crawler.demo.site import Entry, Site
from crawler.demo.stock import Feed

_URLSET = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
_TWO_DAYS = 2 * 24 * 3600


def robots(site: Site) -> bytes:
    """``robots.txt``."""
    lines = ["User-agent: *", *(line.format(home=site.home) for line in site.outlet.robots)]
    return ("\n".join(lines) + "\n").encode()


def feed_entries(site: Site, feed: Feed) -> list[Entry]:
    """The articles a feed names: only the newest."""
    return site.newest(feed.sections)[: feed.newest]


def feed(site: Site, feed: Feed) -> bytes:
    """An RSS feed in its own encoding, whatever it declares; twins stand in it as items of their own."""
    items = [item for entry in feed_entries(site, feed) for item in _items(site, feed, entry)]
    text = (
        f'<?xml version="1.0" encoding="{feed.declared}"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(site.outlet.name)} - {escape(feed.title)}</title><link>{site.home}</link>"
        f"<description>Tin mẫu của {escape(site.outlet.name)}</description>\n"
        f"{''.join(items)}</channel></rss>\n"
    )
    return cp1258(text) if feed.encoding == "windows-1258" else text.encode(feed.encoding)


def _items(site: Site, feed: Feed, entry: Entry) -> Iterable[str]:
    article = entry.article
    summary = (
        f'<a href="{site.url(entry.path)}"><img src="{site.url(picture(entry))}"/></a>{escape(article.lead)}'
    )
    for path in [entry.path, *site.twins(entry)]:
        link = site.url(path) + (f"?{feed.query}" if feed.query else "")
        yield (
            f"<item><title>{escape(article.title)}</title><link>{escape(link)}</link>"
            f'<guid isPermaLink="false">{article.key}</guid>'
            f"<description><![CDATA[{summary}]]></description>"
            f"<pubDate>{feed_date(entry.published, feed.dates)}</pubDate></item>\n"
        )


def picture(entry: Entry) -> str:
    """The path of an article's picture."""
    return f"/anh/{entry.article.key}.svg"


def cp1258(text: str) -> bytes:
    """Vietnamese in windows-1258: tone marks are characters of their own, after the letter they sit on."""
    return b"".join(_cp1258_letter(char) for char in unicodedata.normalize("NFC", text))


def _cp1258_letter(char: str) -> bytes:
    try:
        return char.encode("cp1258")
    except UnicodeEncodeError:
        tones = [mark for mark in unicodedata.normalize("NFD", char) if mark in _TONES]
        rest = "".join(mark for mark in unicodedata.normalize("NFD", char) if mark not in _TONES)
        return (unicodedata.normalize("NFC", rest) + "".join(tones)).encode("cp1258", "xmlcharrefreplace")


_TONES = "\u0300\u0301\u0303\u0309\u0323"


def sitemaps(site: Site) -> dict[str, bytes]:
    """Each sitemap of the outlet by path: a plain one, an index of gzipped months, or news of two days."""
    entries = site.newest()
    if site.outlet.sitemap == "plain":
        return {"/sitemap.xml": _urlset(site, entries)}
    if site.outlet.sitemap == "monthly":
        return _monthly(site, entries)
    if site.outlet.sitemap == "news":
        return {"/sitemaps/google-news.xml": _news(site, entries)}
    return {}


def sitemap_path(site: Site) -> str:
    """The sitemap a source names; empty where there is none."""
    return {"plain": "/sitemap.xml", "monthly": "/sitemap.xml", "news": "/sitemaps/google-news.xml"}.get(
        site.outlet.sitemap, ""
    )


def _monthly(site: Site, entries: list[Entry]) -> dict[str, bytes]:
    months: dict[str, list[Entry]] = {}
    for entry in entries:
        months.setdefault(f"/sitemaps/news-{entry.published.year}-{entry.published.month}.xml.gz", []).append(
            entry
        )
    index = "".join(
        f"<sitemap><loc>{site.url(path)}</loc><lastmod>{_latest(named).isoformat()}</lastmod></sitemap>\n"
        for path, named in months.items()
    )
    files = {path: gzip.compress(_urlset(site, named), mtime=0) for path, named in months.items()}
    return {"/sitemap.xml": _xml(f"<sitemapindex {_URLSET}>\n{index}</sitemapindex>"), **files}


def _latest(entries: list[Entry]) -> datetime:
    return max(entry.published for entry in entries)


def _urlset(site: Site, entries: list[Entry]) -> bytes:
    urls = "".join(
        f"<url><loc>{site.url(entry.path)}</loc><lastmod>{entry.published.isoformat()}</lastmod></url>\n"
        for entry in entries
    )
    return _xml(f"<urlset {_URLSET}>\n{urls}</urlset>")


def _news(site: Site, entries: list[Entry]) -> bytes:
    newest = entries[0].published if entries else None
    recent = [e for e in entries if newest and (newest - e.published).total_seconds() < _TWO_DAYS]
    urls = "".join(
        f"<url><loc>{site.url(path)}</loc><news:news><news:publication>"
        f"<news:name>{escape(site.outlet.name)}</news:name><news:language>vi</news:language></news:publication>"
        f"<news:publication_date>{entry.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(entry.article.title)}</news:title></news:news></url>\n"
        for entry in recent
        for path in [entry.path, *site.twins(entry)]
    )
    return _xml(f"<urlset {_URLSET} {_NEWS}>\n{urls}</urlset>")


def _xml(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
