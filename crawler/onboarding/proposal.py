"""A source that is about to be added: what the user wished, what was found, what speaks against it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args
from urllib.parse import urlsplit

from archive.config import ConfigError
from crawler.onboarding.url_pattern import Pattern
from crawler.sources import Kind, Sources
from crawler.urls import own_host
from pipelines.item import Item


class Unfit(Exception):
    """No source can be made of the address; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user said of the new source; what is empty is found out."""

    url: str
    key: str = ""
    name: str = ""
    kind: Kind | None = None
    article: str = ""


@dataclass(frozen=True, slots=True)
class ListFound:
    """A feed or sitemap that answered; ``further`` counts an index's sitemaps."""

    url: str
    title: str
    links: tuple[str, ...]
    newest: datetime | None = None
    further: int = 0


@dataclass(slots=True)
class Proposal:
    """A new source with what it stands on."""

    key: str
    name: str
    home: str
    kind: Kind
    pattern: Pattern
    feeds: list[ListFound] = field(default_factory=list)
    sitemaps: list[ListFound] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    family: str | None = None
    item: Item | None = None
    page: bytes = b""
    notes: list[str] = field(default_factory=list)
    requests: int = 0


def key_of(url: str) -> str:
    """A key from a host: ``www.bao-moi.com.vn`` gives ``bao-moi``, ``so.tinh.gov.vn`` gives ``so_tinh``."""
    host = (urlsplit(url).hostname or "").lower().removeprefix("www.")
    bare = (
        host if re.fullmatch(r"[\d.:]+", host) else re.sub(r"(?:\.(?:com|net|org|gov|edu))?\.[a-z]+$", "", host)
    )
    return re.sub(r"[^a-z0-9-]+", "_", bare).strip("_")


def refuse_known(key: str, url: str, sources: Sources) -> None:
    """Raise ConfigError, in one plain line, for a key or host that a source has already."""
    netloc = urlsplit(url).netloc
    for source in sources.by_key.values():
        if own_host(netloc, source):
            raise ConfigError(f"{netloc} is there already, as source `{source.key}`")
    if key in sources.by_key:
        raise ConfigError(f"there is a source `{key}` already; name another with --key")
    if not re.fullmatch(r"[a-z0-9_-]+", key):
        raise ConfigError(f"--key {key}: a key has only a-z, 0-9, _ and -")


def guess_kind(home: str) -> Kind:
    """A portal by its host, else a national paper: the user knows better and can say so."""
    host = urlsplit(home).hostname or ""
    kind = "portal" if re.search(r"(?:^|\.)(?:gov|dcs)\.vn$", host) else "national"
    return next(one for one in get_args(Kind) if one == kind)
