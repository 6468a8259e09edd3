"""One address per story: canonical forms of links, and which links may be followed."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.sources import Source

_TRACKERS = re.compile(
    r"(?i)^(zarsrc|gidzl|vn_[a-z]+|_gl|amp|redirect|inheritredirect|outputtype|sid|phpsessid|jsessionid|s_cid|from|ref|src)$"
)
_SESSION = re.compile(r"(?i);(jsessionid|phpsessid|sid)=[^/?#]*")
_AMP_PATH = re.compile(r"(?i)^/amp(?=/)|/amp/?$|(?<=\w)\.amp(?=\.html?$|$)")
_UNSEEN = re.compile(r"[\t\r\n]")  # browsers leave them out of an address
_TWINS = ("www.", "m.", "amp.", "mobile.")
LONGEST = 2_000  # characters; longer addresses are traps, not stories


def canonical(url: str, source: Source) -> str | None:
    """The one address of a page of this source, or None where the link leads elsewhere.

    Tracking and session parameters, fragments, AMP and mobile twins go; the home page's scheme and host stay.
    """
    from courlan import clean_url  # 0.1 s of imports that texts without an address do without

    url = _UNSEEN.sub("", url.strip()).replace(" ", "%20")
    if len(url) > LONGEST or not url.lower().startswith(("http://", "https://")):
        return None
    cleaned = clean_url(_SESSION.sub("", url))
    if not cleaned:
        return None
    parts = urlsplit(cleaned)
    host = own_host(parts.netloc, source)
    if host is None:
        return None
    home = urlsplit(source.home)
    scheme = home.scheme if host == home.netloc.lower() else parts.scheme
    query = urlencode(
        [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKERS.match(k)]
    )
    return urlunsplit((scheme, host, _without_amp(parts.path) or "/", query, ""))


def _without_amp(path: str) -> str:
    while (shorter := _AMP_PATH.sub("", path)) != path:
        path = shorter
    return path


def own_host(netloc: str, source: Source) -> str | None:
    """The outlet's host that a link's host stands for (``m.x.vn`` for ``x.vn``), None for a foreign one."""
    netloc = netloc.lower().removesuffix(":80").removesuffix(":443")
    bare = _bare(netloc)
    home = urlsplit(source.home).netloc.lower()
    if bare == _bare(home):
        return home
    if netloc in source.hosts:
        return netloc
    return next((host for host in sorted(source.hosts) if _bare(host) == bare), None)


def source_of(url: str, sources: Iterable[Source]) -> Source | None:
    """The source whose host an address is on."""
    netloc = urlsplit(url).netloc
    return next((source for source in sources if netloc and own_host(netloc, source)), None)


def _bare(netloc: str) -> str:
    for twin in _TWINS:
        if netloc.startswith(twin):
            return netloc[len(twin) :]
    return netloc


def is_article(url: str, source: Source) -> bool:
    """Whether a canonical address looks like an article of the source."""
    return bool(source.article.search(url))


def article_address(url: str, source: Source) -> str | None:
    """The canonical address of a link that leads to an article of this source, else None."""
    address = canonical(url, source)
    return address if address and is_article(address, source) else None
