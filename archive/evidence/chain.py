"""The chain of a manifest: each entry names the hash of the one before, so that none can be changed alone."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

BEGIN = "0" * 64
Entry = dict[str, Any]


def sha256(data: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical(entry: Entry) -> bytes:
    """The bytes that are hashed: JSON without blanks, keys in order, as ``jq -cjS`` writes it too."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, each numbered and with the hash of the one before, beside its own hash."""
    links: list[Entry] = []
    previous = BEGIN
    for n, given in enumerate(entries, 1):
        entry = {"n": n, "previous": previous, **given}
        previous = sha256(canonical(entry))
        links.append({"entry": entry, "sha256": previous})
    return links


def first_broken(links: Sequence[Entry]) -> int | None:
    """The number of the first link that does not fit, or None where the chain holds."""
    previous = BEGIN
    for n, one in enumerate(links, 1):
        entry = one["entry"]
        if entry["n"] != n or entry["previous"] != previous or sha256(canonical(entry)) != one["sha256"]:
            return n
        previous = one["sha256"]
    return None
