"""Under which names an archive answers: a foreign name that leads to this machine must not reach it.

A page elsewhere may let its own name lead to 127.0.0.1 (DNS rebinding) and would read, and send, with all that
this machine may. Addresses are no such names.
"""

import ipaddress
import re
import socket
from collections.abc import Mapping
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


def is_known(header: str, home: Home | None, served_at: str) -> bool:
    """Whether the archive answers under that Host; a request without one is from no browser.

    Served to this machine alone (``served_at`` is '') it has the names of this machine, and that of
    ``archive_url``; elsewhere its addresses and what the machine calls itself besides. The port is the
    sender's: a tunnel may have another.
    """
    name = host_name(header) if header else "localhost"
    if name is None:
        return False
    if is_loopback(name) or (home and name == _told(home)):
        return True
    return bool(served_at or not home) and (_is_address(name) or name in _names(served_at))


def is_led_here(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site asks for a part of a page, in secret; following a link is no such thing.

    Browsers say so (Fetch Metadata, W3C); programs say nothing.
    """
    if headers.get("sec-fetch-site", "") not in ("cross-site", "same-site"):
        return False
    framed = headers.get("sec-fetch-dest", "document") not in ("document", "empty")
    return framed or headers.get("sec-fetch-mode", "navigate") != "navigate"


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
