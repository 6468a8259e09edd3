"""What a crawler is told of the sample press, and what a correct crawl makes of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.model import Outcome
from crawler.demo import lists, pages
from crawler.demo.site import Entry, Site


@dataclass(frozen=True, slots=True)
class Listed:
    """An article some list names; ``url`` is its canonical address.

    ``outcome`` is that of a first crawl, ``later`` the one a second visit must end in where that is not
    ``unchanged``. ``twins`` are further addresses of the same article that lists name too.
    """

    source: str
    key: str
    url: str
    outcome: Outcome
    title: str
    published_at: datetime
    relevant: bool
    special: str = ""
    later: Outcome | None = None
    twins: tuple[str, ...] = ()


def listed(site: Site, entry: Entry) -> Listed:
    """An article as a first crawl should see it."""
    article = entry.article
    later = Outcome.GONE if article.taken_down else Outcome.REVISED if article.edit else None
    return Listed(
        source=site.key,
        key=article.key,
        url=site.url(entry.path),
        outcome=_outcome(site, entry),
        title=article.title,
        published_at=entry.published,
        relevant=article.relevant,
        special=article.special,
        later=later,
        twins=tuple(site.url(path) for path in site.twins(entry)),
    )


def _outcome(site: Site, entry: Entry) -> Outcome:
    article = entry.article
    if article.expect:
        return article.expect
    if article.forbidden:
        return Outcome.ROBOTS
    if article.layout != "article":
        return Outcome.NOT_ARTICLE
    return Outcome.STORED if article.relevant or site.outlet.keep == "all" else Outcome.IRRELEVANT


def source_block(site: Site, most: int) -> dict[str, Any]:
    """The block of one outlet under ``sources:``; ``most`` is the highest normal yield a day."""
    outlet, sitemap = site.outlet, lists.sitemap_path(site)
    return {
        "name": outlet.name,
        "home": site.home,
        "kind": outlet.kind,
        "feeds": [site.url(feed.path) for feed in outlet.feeds],
        "sitemaps": [site.url(sitemap)] if sitemap else [],
        "sections": [site.url(path) for path in _section_pages(site)],
        "article": outlet.article,
        **({"family": outlet.family} if outlet.family else outlet.rules),
        "keep": outlet.keep,
        "every": "20s",
        "delay": "0.05s",
        "expect": {"per_day": [0, most], "title": 0.99, "published": 0.95},
        "seen": "sample press",
    }


def _section_pages(site: Site) -> list[str]:
    """Every page of the listed sections: a crawl that does not follow «next» finds all articles too."""
    paths = []
    for section in site.outlet.listed_sections:
        count = len(site.newest((section,)))
        full = -(-count // site.outlet.page_size) if site.outlet.paging else 1
        paths += [pages.section_path(site, section, page) for page in range(1, max(full, 1) + 1)]
    return paths
