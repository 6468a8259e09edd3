"""Under which names an archive answers: a foreign name that leads to this machine must not reach it.

A page elsewhere may let its own name lead to 127.0.0.1 (DNS rebinding) and would read, and send, with all that
this machine may. Addresses are no such names.
"""

import ipaddress
import re
import socket
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from archive.config import ConfigError, load_yaml
from archive.home import Home
from archive.web.access import is_loopback

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]@/\\]+)(:[0-9]{1,5})?")


def host_name(header: str) -> str | None:
    """The name of a Host header in small letters, without port and brackets; None for what is none."""
    match = _HOST.fullmatch(header)
    return match[1].strip("[]").rstrip(".").lower() if match else None


def is_known(header: str, home: Home, served_at: str) -> bool:
    """Whether the archive answers under that Host; a request without one is from no browser."""
    name = host_name(header) if header else "localhost"
    if name is None:
        return False
    return is_loopback(name) or _is_address(name) or name in _names(served_at) or name == _told(home)


def is_this_machine(header: str) -> bool:
    """Whether the Host is one that only this machine itself can use."""
    name = host_name(header) if header else "localhost"
    return name is not None and is_loopback(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _names(served_at: str) -> set[str]:
    """The host that was named to be served at, and what the machine calls itself."""
    own = socket.gethostname().lower()
    return {served_at.lower(), own, f"{own}.local"} - {"", ".local"}


def _told(home: Home) -> str | None:
    """The host of ``archive_url``, under which digests link here; read anew whenever its file changed."""
    path = home.config("alerts.yml")
    try:
        return _archive_host(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=8)
def _archive_host(path: Path, _changed: int) -> str | None:
    try:
        defaults = load_yaml(path).get("defaults")
        return urlsplit(str(defaults["archive_url"])).hostname if isinstance(defaults, dict) else None
    except (ConfigError, KeyError, ValueError):
        return None
