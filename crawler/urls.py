"""One address per story: canonical forms of links, and which links may be followed."""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from crawler.sources import Source

# parameters that never say which page it is
_TRACKERS = re.compile(
    r"^(?:(?:dc|fbc|gc|twc|yc|ysc)lid|(?:click|gbra|msclk|igsh|partner|wbra)id|(?:utm|mc|ga|gs|itm|mkt|ml|mtm|oly|pk|"
    r"vero|ads?|vn)_\w+|zarsrc|gidzl|_gl|_ga|amp|inheritredirect|outputtype|phpsessid|jsessionid|s_cid|igsh|xtor)$",
    re.IGNORECASE,
)
# parameters that mostly say where a reader came from, and on some sites are the only name of the page
_DOUBTFUL = re.compile(
    r"^(?:from|ref|src|sid|redirect)$|^(?:dc|fbc|gc|twc|yc|ysc)lid|^(?:click|gbra|msclk|igsh|partner|wbra)id|"
    r"^(?:ads?|mc|ga|gs|itm|mkt|ml|mtm|oly|pk|utm|vero)_|"
    r"(?:\b|_)(?:aff|affi|affiliate|campaign|cl?id|eid|ga|gl|kwd|keyword|medium|ref|referr?er|session|source|uid|xtor)",
    re.IGNORECASE,
)
_SESSION = re.compile(r"(?i);(jsessionid|phpsessid|sid)=[^/?#]*")
_AMP_PATH = re.compile(r"(?i)^/amp(?=/)|/amp/?$|(?<=\w)\.amp(?=\.html?$|$)")
_SLASHES = re.compile(r"/+")
_UPWARD = re.compile(r"^(?:/\.\.(?![^/]))+")
_ESCAPED = re.compile(r"&(?:amp;)+")
_NUMBER = re.compile(r"\d+")
_NAMES_A_PAGE = re.compile(
    r"\d|(?<![^/-])(?:[^/-]+-){3}|\w\.html?$"
)  # a number, a headline's words, its own file
_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TEMPLATE = re.compile(
    rf"\{{\{{|%7B%7B|\$(?:\{{|%7B)|(?:\{{|%7B)(?!{_GUID})\w+(?:\}}|%7D)|<[?%]|\{{[^{{}}]*$", re.IGNORECASE
)
_UNSEEN = re.compile(r"[\t\r\n]")  # browsers leave them out of an address
_TWINS = ("www.", "m.", "amp.", "mobile.")
LONGEST = 2_000  # characters; longer addresses are traps, not stories


def canonical(url: str, source: Source) -> str | None:
    """The one address of a page of this source, or None where the link leads elsewhere.

    Tracking and session parameters, fragments, AMP and mobile twins go; the home page's scheme and host stay.
    """
    parts = _parts(url)
    if parts is None or (host := own_host(parts.netloc, source)) is None:
        return None
    home = urlsplit(source.home)
    scheme = home.scheme if host == home.netloc.lower() else parts.scheme.lower()
    path = _without_amp(quote(_SLASHES.sub("/", parts.path), safe="/%!=:,-")) or "/"
    return urlunsplit((scheme, host, path, _query(parts.query, path), ""))


def _parts(url: str) -> SplitResult | None:
    """The parts of an http(s) address; None for others, for traps and for templates that nobody filled in."""
    url = _UNSEEN.sub("", url.strip()).replace(" ", "%20")
    url = _ESCAPED.sub("&", url)
    if len(url) > LONGEST or not url.lower().startswith(("http://", "https://")):
        return None
    url = _SESSION.sub("", url.partition("#")[0])
    if _TEMPLATE.search(url):
        return None
    try:
        parts = urlsplit(re.split(r'[<>"]', url, maxsplit=1)[0])
        return parts if parts.hostname else None
    except ValueError:
        return None


def _query(query: str, path: str) -> str:
    """The parameters that may name the page, in their order by name.

    A doubtful one stays where it is a number and nothing else names the page: ``/tin.aspx?sid=4711``.
    """
    pairs = sorted(parse_qsl(query, keep_blank_values=True), key=lambda pair: pair[0])
    pairs = [(name, value) for name, value in pairs if not _TRACKERS.match(name)]
    sure = [(name, value) for name, value in pairs if value and not _DOUBTFUL.search(name)]
    if len(sure) < len(pairs) and not any(map(_NAMES_A_PAGE.search, [path, *(value for _, value in sure)])):
        sure = [
            (name, value) for name, value in pairs if (name, value) in sure or _NUMBER.fullmatch(value or name)
        ]
    return "&".join(urlencode([(name, value)]) if value else quote_plus(name) for name, value in sure)


def _without_amp(path: str) -> str:
    while (shorter := _UPWARD.sub("", _AMP_PATH.sub("", path))) != path:
        path = shorter
    return path


def own_host(netloc: str, source: Source) -> str | None:
    """The outlet's host that a link's host stands for (``m.x.vn`` for ``x.vn``), None for a foreign one."""
    netloc = _ascii(netloc)
    bare = _bare(netloc)
    home = urlsplit(source.home).netloc.lower()
    if bare == _bare(_ascii(home)):
        return home
    names, bare_names = _names(source.hosts)
    return names.get(netloc) or bare_names.get(bare)


@lru_cache(maxsize=256)
def _names(hosts: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The hosts of a source by their names, and by these without ``www.`` and its like."""
    names = {_ascii(host): host for host in sorted(hosts)}
    return names, {_bare(name): host for name, host in reversed(names.items())}


@lru_cache(maxsize=4096)
def _ascii(netloc: str) -> str:
    """A host in the one form of its many: without the usual ports, Vietnamese letters as ``xn--``."""
    netloc = netloc.lower().removesuffix(":80").removesuffix(":443")
    if netloc.isascii():
        return netloc
    host, _, port = netloc.partition(":")
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        return netloc
    return f"{host}:{port}" if port else host


def host_name(netloc: str) -> str:
    """The one name of a host among its twins: ``x.vn`` for ``www.x.vn`` and ``m.x.vn``."""
    return _bare(_ascii(netloc))


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
    """Whether a canonical address looks like an article of the source; its front page never does."""
    return bool(source.article.search(url)) and url.rstrip("/") != source.home.rstrip("/")


def article_address(url: str, source: Source) -> str | None:
    """The canonical address of a link that leads to an article of this source, else None.

    Where `article` ends in ``/?$`` the outlet writes the last slash now and then: it is added.
    """
    address = canonical(url, source)
    if not address or not is_article(address, source):
        return None
    return f"{address}/" if source.article.pattern.endswith("/?$") and address[-1] != "/" else address


def first_article(urls: Iterable[str], source: Source) -> str | None:
    """The first canonical address among several of one entry that is an article's of this source."""
    return next((address for url in urls if (address := article_address(url, source))), None)
