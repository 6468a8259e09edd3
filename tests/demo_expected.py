"""What a correct crawl makes of the sample press."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from archive.model import Outcome
from crawler.demo import DemoPress
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


def every_article(press: DemoPress) -> list[Listed]:
    """Every article printed so far, those taken down too, as a first crawl should see it."""
    return [listed(site, entry) for site in press.sites for entry in site.entries.values()]


def expected_outcomes(press: DemoPress) -> dict[str, dict[Outcome, int]]:
    """How many articles of each source a first crawl ends with in each outcome (twins not counted)."""
    counts: dict[str, Counter[Outcome]] = {site.key: Counter() for site in press.sites}
    for row in every_article(press):
        counts[row.source][row.outcome] += 1
    return {key: dict(count) for key, count in counts.items()}


def special_urls(press: DemoPress) -> dict[str, str]:
    """The addresses of everything odd by name: each ``special``, ``feed-<encoding>``, ``dates-<form>``."""
    named = {row.special: row.url for row in every_article(press) if row.special}
    for site in press.sites:
        for feed in site.outlet.feeds:
            named.setdefault(f"feed-{feed.encoding}", site.url(feed.path))
            named.setdefault(f"dates-{feed.dates}", site.url(feed.path))
    return named
