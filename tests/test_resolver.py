"""No name leads the crawler to loopback, private or link-local addresses."""

import pytest
from twisted.internet.error import DNSLookupError

from archive.network.addresses import is_public
from crawler.resolver import PublicResolver


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1"],
)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_the_open_internet_is() -> None:
    assert is_public("8.8.8.8")


def test_a_name_with_a_private_answer_is_not_found_unless_configured() -> None:
    resolver = object.__new__(PublicResolver)
    resolver.private = frozenset({"127.0.0.1"})
    with pytest.raises(DNSLookupError, match=r"intranet\.vn"):
        resolver._public("10.0.0.5", "intranet.vn")
    assert resolver._public("127.0.0.1", "127.0.0.1") == "127.0.0.1"
    assert resolver._public("8.8.8.8", "bao.vn") == "8.8.8.8"
