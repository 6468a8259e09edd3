"""Addresses that crawled pages gave us: only web addresses become links."""

import re
from urllib.parse import urlsplit

_PLAIN = re.compile(r"[^\s\x00-\x1f\x7f]+")


def safe_url(url: str | None) -> str | None:
    """The address if it is a plain http(s) one with a host, else None (``javascript:``, ``data:``, broken)."""
    if not url or not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
