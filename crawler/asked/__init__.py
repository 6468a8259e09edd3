"""Addresses that someone asks about: ``add`` keeps one, ``why`` explains one."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.network.addresses import number_of
from archive.reasons import reason
from archive.refused import MANUAL, MANUAL_NAME, BadAddress
from crawler.resolver import is_open, private_hosts
from crawler.sources import Source, Sources, is_address
from crawler.urls import LONGEST, canonical, source_of

_BARE = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,}(:\d+)?(/\S*)?", re.IGNORECASE)
_ANY_PAGE = re.compile(r"^https?://[^/]+/[^?#]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page someone asks for, under its canonical address; ``source`` is ``manual`` where no outlet has it."""

    url: str
    source: Source

    @property
    def foreign(self) -> bool:
        return self.source.key == MANUAL


def ask(text: str, sources: Sources) -> Asked:
    """The page that a text names; raises BadAddress for nonsense, other schemes and private hosts."""
    address = "".join(text.split())
    url = f"https://{address}" if _BARE.fullmatch(address) else address
    if len(url) > LONGEST:
        raise BadAddress(text, reason("address_too_long", most=LONGEST))
    if not is_address(url) or "@" in urlsplit(url).netloc or len(text.split()) != 1:
        raise BadAddress(text, reason("no_address"))
    source = source_of(url, sources.by_key.values()) or _no_outlet(url, sources.delay)
    _refuse_private(text, url, sources)
    return Asked(canonical(url, source) or url, source)


def _no_outlet(url: str, delay: float) -> Source:
    """A stand-in for the outlet that no block of sources.yml describes."""
    parts = urlsplit(url)
    home = f"{parts.scheme}://{parts.netloc}/"
    hosts = frozenset({parts.netloc})
    return Source(MANUAL, MANUAL_NAME, home, "national", _ANY_PAGE, keep="all", hosts=hosts, delay=delay)


def _refuse_private(text: str, url: str, sources: Sources) -> None:
    """A host given by number, or as localhost; names that lead to such are found out when they are asked."""
    host = urlsplit(url).hostname or ""
    if host not in private_hosts(sources.by_key.values()) and not is_open(host):
        raise BadAddress(text, reason("private_address", host=host, address=number_of(host) or host))
