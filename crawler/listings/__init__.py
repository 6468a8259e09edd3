"""Lists that name articles: feeds, sitemaps and section pages, each read by a plain function."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urljoin

from pipelines.extract.charset import decode

ListKind = Literal["feed", "sitemap", "section"]

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class Link:
    """An address a list names, with the title, time and summary the list gives."""

    url: str
    title: str = ""
    published_at: datetime | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list held. ``further`` are lists it names (sitemap index); ``problem`` says why it is no list."""

    links: tuple[Link, ...] = ()
    title: str = ""
    further: tuple[Link, ...] = ()
    problem: str = ""


def text_of(body: bytes, content_type: str = "") -> str:
    """A list as text, without the XML declaration, whose encoding is often a lie."""
    return _DECLARATION.sub("", decode(body, content_type).lstrip("\ufeff")).lstrip()


def absolute(base: str, address: str) -> str:
    """The whole address of a link; empty where it is none."""
    try:
        return urljoin(base, address.strip()) if address.strip() else ""
    except ValueError:
        return ""
