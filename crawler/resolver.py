"""Names that lead to loopback, private or link-local addresses are not found, unless configured so."""

from collections.abc import Callable, Iterable
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from archive.network.addresses import is_local_name, is_public, may_dial, names_own_network, number_of
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
        if not may_dial(name, address, self.private):
            REFUSED[name] = address
            raise DNSLookupError(f"{name} leads to the private address {address}")
        return address


def private_hosts(sources: Iterable[Source]) -> list[str]:
    """The hosts that sources name by number or as localhost: there the user wants us to go."""
    hosts = {urlsplit(f"//{host}").hostname or "" for source in sources for host in source.hosts}
    return sorted(filter(names_own_network, hosts))


def own_network_as_named(named: Iterable[str]) -> Callable[[str], bool]:
    """Whether a host, with its port, may be visited: any but numbers of one's own network, and those named.

    So no redirect leads from a page to another door of a machine where some source is.
    """
    known = {host.lower() for host in named}

    def may_visit(netloc: str) -> bool:
        host = urlsplit(f"//{netloc}").hostname or ""
        return bool(host) and (netloc.lower() in known or is_open(host))

    return may_visit


def is_open(host: str) -> bool:
    """Whether a host is a number of the open internet, or a name, which may be one."""
    number = number_of(host)
    return is_public(number) if number else not is_local_name(host)
