"""The address that a page names as its own, believed only where address or title bear it out.

Templates name the front page, another outlet or always the same article, and some leave the link commented out
or unfilled. To believe a wrong one loses a story; not to believe a right one keeps a story twice.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from archive.text import fold
from crawler.listings import absolute
from crawler.sources import Source
from crawler.urls import article_address

HEAD = 200_000  # bytes within which a page names its canonical address
LIKE = 0.6  # share of common words from which two addresses are of one headline
TOLD = 0.8  # share of an address's words that a title must hold to tell it

_CANONICAL = re.compile(
    rb"""<link\b[^<>]{0,2000}?\brel\s{0,9}=\s{0,9}(?:"[^"<>]{0,99}\bcanonical\b|'[^'<>]{0,99}\bcanonical\b|canonical\b)[^<>]{0,2000}>""",
    re.IGNORECASE,
)
_HREF = re.compile(
    rb"""\bhref\s*=\s*(?:"([^">]{1,2000})"|'([^'>]{1,2000})'|([^\s"'>]{1,2000}))""", re.IGNORECASE
)
_NO_MARKUP = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|template|noscript|textarea)\b.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_BODY = re.compile(rb"<body\b|</head\s*>", re.IGNORECASE)
_TITLE = re.compile(
    rb"""<title[^<>]*>(.{1,500}?)</title|\bog:title\b[^>]{0,40}\bcontent\s*=\s*["'](.{1,500}?)["']\s*/?>""",
    re.IGNORECASE | re.DOTALL,
)
_OF_A_VIEW = re.compile(r"(?:^|&)(?:page|pages|paged|pg|trang|print|view|start|lang)=[^&]*", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"[^\W\d_]+")
_NAMES_A_PAGE = re.compile(r"\d|(?<![^/-])(?:[^/-]+-){2}")
_SUFFIX = re.compile(r"\.[a-z]{2,5}$")


def canonical_link(body: bytes, url: str, own: str, source: Source) -> str | None:
    """The article's address that the page under ``own`` names; None where none can be believed."""
    last = body.rfind(b"<body", 0, HEAD)  # looked for fast; one in a script only makes the look longer
    links = list(_CANONICAL.finditer(body, 0, HEAD if last < 0 else last))
    named = _addresses(links, url, source)
    if not named or own in named:
        return own if named else None  # wherever it stands, it is right
    named = _addresses(_CANONICAL.finditer(_head(body[: links[-1].end()])), url, source)
    return next((one for one in named if _is_same(one, own) or _is_told(body[:HEAD], one, own)), None)


def _head(body: bytes) -> bytes:
    """What stands before the page's body, without comments and scripts."""
    head = _NO_MARKUP.sub(b"", body)
    outside = _BODY.search(head)
    return head[: outside.start()] if outside else head


def _addresses(links: Iterable[re.Match[bytes]], url: str, source: Source) -> list[str]:
    """The articles of the source that the links name."""
    hrefs = filter(None, (_HREF.search(link[0]) for link in links))
    texts = (_text(href[1] or href[2] or href[3]) for href in hrefs)
    addresses = (article_address(absolute(url, text), source) for text in texts)
    return [address for address in addresses if address]


def _text(value: bytes) -> str:
    return html.unescape(value.decode("utf-8", "replace"))


def _is_same(one: str, other: str) -> bool:
    """Whether two addresses are of one article: by its number, or by the words of its headline."""
    if _tail(one) == _tail(other):
        return True
    mine, theirs, a, b = _numbers(one), _numbers(other), _words(one), _words(other)
    if mine and theirs and (mine[-1] != theirs[-1] or len(mine[-1]) > 3 or len(a) < 3):
        return mine[-1] == theirs[-1]
    return bool(mine) == bool(theirs) and len(a & b) >= max(3, LIKE * len(a | b))


def _is_told(head: bytes, named: str, own: str) -> bool:
    """Whether the page's title tells the address it names, and not its own."""
    titles = (_text(found[1] or found[2]) for found in _TITLE.finditer(head))
    title = {word for text in titles for word in _WORD.findall(fold(text))}
    return _tells(title, named) and not _tells(title, own)


def _tells(title: set[str], url: str) -> bool:
    words = _words(url)
    return len(words) >= 3 and len(words & title) >= TOLD * len(words)


def _tail(url: str) -> str:
    """What names the page: the last parts of the path from a number or some words on, else the query too."""
    parts = [_SUFFIX.sub("", part) for part in unquote(urlsplit(url).path).lower().split("/") if part]
    first = len(parts) - 1
    while first > 0 and not _NAMES_A_PAGE.search(parts[first]):
        first -= 1
    tail = "/".join(parts[max(first, 0) :])
    return tail if _NAMES_A_PAGE.search(tail) else f"{tail}?{_OF_A_VIEW.sub('', urlsplit(url).query)}"


def _numbers(url: str) -> list[str]:
    """The numbers of the path's last part and of the query; years are none."""
    query = _OF_A_VIEW.sub("", urlsplit(url).query)
    return [one for one in _NUMBER.findall(f"{_last(url)} {query}") if not _YEAR.fullmatch(one)]


def _words(url: str) -> set[str]:
    return set(_WORD.findall(fold(_last(url))))


def _last(url: str) -> str:
    """The last part of the path, without what stands for its type."""
    return _SUFFIX.sub("", unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2].lower())
