"""Names that lead to loopback, private or link-local addresses are not found, unless configured so."""

import ipaddress
from collections.abc import Iterable
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.sources import Source

SETTING = "PRIVATE_HOSTS"
REFUSED: dict[str, str] = {}  # names and the private addresses they led to: Twisted drops why it got none


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver that refuses private answers, so that no page leads the crawler into an office."""

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float, private: Iterable[str]) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.private = frozenset(private)

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        settings = crawler.settings
        size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, size, settings.getfloat("DNS_TIMEOUT"), settings.getlist(SETTING))

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        return super().getHostByName(name, timeout).addCallback(self._public, name)

    def _public(self, address: str, name: str) -> str:
        if name.lower() not in self.private and not is_public(address):
            REFUSED[name] = address
            raise DNSLookupError(f"{name} leads to the private address {address}")
        return address


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    return ipaddress.ip_address(address).is_global


def private_hosts(sources: Iterable[Source]) -> list[str]:
    """The hosts that sources name by number or as localhost: there the user wants us to go."""
    hosts = {urlsplit(f"//{host}").hostname or "" for source in sources for host in source.hosts}
    return sorted(host for host in hosts if host == "localhost" or _is_number(host))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
