"""Answers of the sample press as they come over the wire."""

import gzip
import http.client
import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import feedparser
from lxml import etree, html

from crawler.demo import DemoPress

NOW = datetime(2026, 9, 5, 6, 30, tzinfo=UTC)


class Got:
    """An answer as it came over the wire."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def tree(self) -> html.HtmlElement:
        return html.fromstring(self.text)


def get(url: str, method: str = "GET", **headers: str) -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers={"User-Agent": "tests", **named})
        return Got(connection.getresponse())
    finally:
        connection.close()


def decoded(answer: Got) -> str:
    """A feed as text without its declaration, whatever that says."""
    body = answer.body
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = body.decode("utf-16")
    elif b'encoding="windows-1258"' in body[:80]:
        text = unicodedata.normalize("NFC", body.decode("cp1258"))
    else:
        text = body.decode("utf-8-sig")
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", text)


def named_by_lists(press: DemoPress, source: str) -> set[str]:
    """Every article address that feeds, sitemaps and section pages of a source name."""
    block = press.sources()[source]
    found: set[str] = set()
    for url in block["feeds"]:
        found |= {entry.link for entry in feedparser.parse(decoded(get(url))).entries}
    for url in block["sections"]:
        found |= {urljoin(url, href) for href in get(url).tree.xpath("//a/@href")}
    for url in block["sitemaps"]:
        found |= locs(url)
    return {url for url in found if re.search(block["article"], url.split("?")[0])}


def locs(url: str) -> set[str]:
    body = get(url).body
    tree = etree.fromstring(gzip.decompress(body) if url.endswith(".gz") else body)
    urls = set(tree.xpath("//*[local-name()='loc']/text()"))
    if tree.tag.endswith("sitemapindex"):
        return {deeper for one in urls for deeper in locs(one)}
    return urls
