"""Pages, feeds and lists broken at random, for ``bench fuzz``: what is broken, and how.

Most are small: our own pages, those of the sample press, and short cuts of real ones, that have their heads and
the first paragraphs. A small page breaks in all the ways that a large one does, for a tenth of the time.
"""

import gzip
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.demo import DemoPress
from crawler.demo.pages import article_page, listing_page

TESTS = Path(__file__).parents[2]
SHARED = os.environ.get("DIEMTIN_SHARED")
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
URL = "https://baotintuc.vn/kinh-te/nha-may-moi-20261120101500123.htm"
LARGEST = 300_000  # bytes of a page that is changed; larger ones take longer and hold the same
SMALL = 15_000  # bytes
LARGE = 0.15  # of the pages that are changed are whole real ones
HEAD, AROUND = 5_000, 8_000  # bytes of a short cut: of its head, and from its headline on
HURTING = (
    "<", "</", "<!--", "-->", "<![CDATA[", "]]>", "<script>", "</script>", "<style>", "<title>",
    "<a href=x>", "<a href=x><div>", "<div>", "<b>", "<table><tr><td>", "<p>", "<h1>", "<meta content=",
    "<svg>", "<textarea>", "<br>", "<img src=data:,", "</p>", "&", "&#", "&#xD800;", "&#0;", "&#1;",
    "&amp;amp;", "&nbsp;", "\\ud800", "\\u0000", "\0", "\ufffe", "\u202e", "\u0301", "\u200b", "[", "]",
    "{", '{"@graph":', "[[", "(", ")", '"', "'", "“", "%", "%25", "9", "1.000.", "27/9/2019 ", "52-NQ/TW ",
    "3,5% ", "tỷ đồng ", "Thái Nguyên ", "Theo ", "A" * 50 + " ", "\n", "\r", " ", "\t", "-", "--", "…",
    ".", ",", ";", ":", "@x.vn ", "http://[", "//",
)  # fmt: skip
TIMES = (1, 1, 3, 3, 30, 100, 100, 3000)  # how often a text that hurts is said
CHARSETS = (b"utf-8", b"utf-16", b"utf-16le", b"windows-1258", b"zlib", b"x", b"iso-8859-1", b"utf-7")
_BESIDE = re.compile(
    rb"<(script|style|svg|noscript|nav|footer|form|iframe)\b(?![^<>]*ld\+json)[^<>]*>.*?</\1>|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(slots=True)
class Seeds:
    """The pages there are to change, small and large."""

    small: list[bytes]
    large: list[bytes]

    def choose(self, chance: random.Random) -> tuple[int, bytes]:
        """A page, mostly a small one, with its number among its like."""
        bodies = self.large if self.large and chance.random() < LARGE else self.small
        number = chance.randrange(len(bodies))
        return number, bodies[number]


def seeds() -> Seeds:
    """The golden pages, those of ``tests/quality``, the sample press and, where they are, the real ones."""
    folders = [TESTS / "golden", TESTS / "quality" / "pages", *([Path(SHARED) / "pages"] if SHARED else [])]
    files = [file for folder in folders for file in sorted(folder.rglob("*.html*"))]
    read = [file.read_bytes() for file in files]
    bodies = [gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body for body in read]
    bodies = [*(body for body in bodies if len(body) <= LARGEST), *_sample_pages()]
    small = [body for body in bodies if len(body) <= SMALL]
    large = [body for body in bodies if len(body) > SMALL]
    return Seeds([*small, *map(short_cut, large)], large)


def _sample_pages() -> list[bytes]:
    """All articles and first lists of the sample press."""
    with DemoPress(NOW) as press:
        articles = [article_page(site, entry) for site in press.sites for entry in site.entries.values()]
        lists = [listing_page(site, "", 1) or b"" for site in press.sites]
    ports = {site.home.encode(): site.key.encode() for site in press.sites}
    return [_without(body, ports) for body in articles + lists]


def _without(body: bytes, ports: dict[bytes, bytes]) -> bytes:
    """The page at an address that is the same whenever it is made."""
    for home, key in ports.items():
        body = body.replace(home, b"https://%s.example/" % key)
    return body


def short_cut(body: bytes) -> bytes:
    """A real page without scripts, styles and menus, as far as a small one goes."""
    lean = _BESIDE.sub(b"", body)
    if len(lean) <= SMALL:
        return lean
    head = lean.partition(b"</head>")[0]
    if len(head) > HEAD:
        head = head[:HEAD].rpartition(b"<")[0]
    at = max(lean.find(b"<h1") - 500, len(head))
    return head + b"</head><body>" + lean[at : at + AROUND] + b"</body></html>"


def changed(body: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A page changed one to six times."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        chance.choice(CHANGES)(data, others, chance)
    return bytes(data)


def _turn(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    for _ in range(chance.choice((1, 10, 300))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)


def _cut(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    at, until = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    del data[at : until if chance.random() < 0.7 else len(data)]


def _double(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = data[at : at + chance.randrange(2000)] * chance.choice((1, 2, 30))


def _splice(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    other = chance.choice(others)
    at, of = chance.randrange(len(data) + 1), chance.randrange(len(other) + 1)
    data[at : at + chance.randrange(5000)] = other[of : of + chance.randrange(20_000)]


def _claim(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    data[:0] = b"<meta charset='%s'>" % chance.choice(CHARSETS)


def _hurt(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    """Put in a text made to hurt, where a tag or an attribute ends or anywhere."""
    text = (chance.choice(HURTING) * chance.choice(TIMES)).encode(errors="replace")
    at = chance.randrange(len(data) + 1)
    found = data.find(chance.choice((b">", b'"', b"<", b":")), at) if chance.random() < 0.7 else at
    at = max(found, 0)
    data[at:at] = text


CHANGES = (_turn, _cut, _double, _splice, _claim, _hurt, _hurt)


def feeds(bodies: list[bytes], chance: random.Random) -> Iterator[bytes]:
    """Feeds, sitemaps and sections made of pieces of pages."""
    while True:
        pieces = [chance.choice(bodies)[:400].decode(errors="replace").replace("<", "&lt;") for _ in range(4)]
        named = [(f"{URL}?{at}", one) for at, one in enumerate(pieces)]
        items = "".join(f"<item><title>{one}</title><link>{url}</link></item>" for url, one in named)
        urls = "".join(f"<url><loc>{url}</loc><lastmod>{one[:30]}</lastmod></url>" for url, one in named)
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
        section = f"<html><a href=/a.htm>{pieces[0]}</a></html>"
        yield chance.choice((feed, f"<urlset>{urls}</urlset>", section)).encode()
