"""Lists that name articles: feeds, sitemaps and section pages, each read by a plain function."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Link:
    """An address a list names, with what the list says of it."""

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
