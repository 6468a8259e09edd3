"""Addresses that stand inside other addresses: of redirectors, of alerts, of Google News."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

_WRAPS = frozenset({"url", "u", "uri", "link", "q", "to", "target", "dest", "destination", "goto", "go", "out"})
_CODED = re.compile(r"/articles/(CB[\w-]{20,})")  # of Google News: a packed record with the address in it
_ADDRESS = re.compile(rb"https?://[\x21-\x7e]+")
_SCHEMES = ("http://", "https://")


def wrapped(url: str) -> Iterator[str]:
    """The addresses that an address wraps; not those it only mentions, as ``?returnUrl=`` and ``?ref=`` do."""
    if "?" in url:
        for name, value in parse_qsl(urlsplit(url).query):
            if name.lower() in _WRAPS and value.lower().startswith(_SCHEMES):
                yield value
    coded = _CODED.search(url)
    if coded:
        yield from (found.decode() for found in _ADDRESS.findall(_unpacked(coded[1])))


def _unpacked(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
