"""Lists that name articles: feeds, sitemaps and section pages, each read by a plain function."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urljoin

from pipelines.extract.charset import decode

ListKind = Literal["feed", "sitemap", "section"]

_WHOLE = re.compile(r"https?://[^/?#\s\\\[\]]+/[^?#\s\\]*")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class Link:
    """An address a list names, with the title, time and summary the list gives.

    ``changed_at`` is its last change, which says nothing of when it was published; ``others`` are further
    addresses that its entry names, in case the first leads nowhere.
    """

    url: str
    title: str = ""
    published_at: datetime | None = None
    summary: str = ""
    changed_at: datetime | None = None
    others: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of its entry, the likeliest first."""
        return (self.url, *self.others)

    @property
    def newest_at(self) -> datetime | None:
        """The latest time that is known of it: when it was published, else when it last changed."""
        return self.published_at or self.changed_at


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list held. ``further`` are lists it names (sitemap index); ``problem`` says why it is no list.

    ``left_out`` counts by pattern the links that were too many to take (``listings.patterns``).
    """

    links: tuple[Link, ...] = ()
    title: str = ""
    further: tuple[Link, ...] = ()
    problem: str = ""
    left_out: dict[str, int] = field(default_factory=dict)


def text_of(body: bytes, content_type: str = "") -> str:
    """A list as text, without the XML declaration, whose encoding is often a lie."""
    return _DECLARATION.sub("", decode(body, content_type).lstrip("\ufeff")).lstrip()


def absolute(base: str, address: str) -> str:
    """The whole address of a link; empty where it is none."""
    address = address.strip()
    if _WHOLE.fullmatch(address) and "/." not in address:
        return address  # joining is what costs most of reading a list
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return ""
