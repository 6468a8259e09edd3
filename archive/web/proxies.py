"""web.yml: which servers in between are believed when they say for whom they ask."""

import ipaddress
from functools import lru_cache
from pathlib import Path

import msgspec

from archive.config import ConfigError, as_block, load_yaml, only_keys
from archive.home import Home
from archive.i18n import current

BLOCK = "web"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class WebConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``proxies``: addresses and networks of servers in between."""

    proxies: tuple[str, ...] = ("127.0.0.1", "::1")


def load_web(path: Path) -> WebConfig:
    """The config of the pages; raises ConfigError for what the user must mend."""
    data = load_yaml(path)
    only_keys(path, "", data, {BLOCK})
    config = as_block(path, BLOCK, data.get(BLOCK) or {}, WebConfig)
    for text in config.proxies:
        if _network(text) is None:
            raise ConfigError(f"{path}: {BLOCK}.proxies: {current()('config.no_network', text=text)}")
    return config


def is_proxy(address: str, home: Home | None) -> bool:
    """Whether an address is that of a server in between, which did not say for whom it asks."""
    known = _network(address)
    path = home.config("web.yml") if home else None
    if known is None or path is None:
        return False
    return any(known.version == one.version and known.subnet_of(one) for one in _proxies(path))  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _proxies(path: Path) -> list[Network]:
    return [network for text in load_web(path).proxies if (network := _network(text))]


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
