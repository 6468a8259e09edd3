"""The three kinds of lists: how each is read, and which of the further lists it names are worth reading."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.listings import Link, Listing, ListKind
from crawler.listings.backfill import Backfill
from crawler.listings.feed import read_feed
from crawler.listings.section import read_section
from crawler.listings.sitemap import read_sitemap
from crawler.sources import Source
from crawler.urls import first_article

RECENT = timedelta(days=45)  # of a large index only the sitemaps changed since then are read
MOST_SITEMAPS = 100  # of a large index that are read in one run, those changed last before others
SMALL_INDEX = 30  # sitemaps; an index up to this size is read whole


@dataclass(frozen=True, slots=True)
class ListReader:
    """A kind of list; from ``deepest`` on, counted from the first, no further ones are read."""

    read: Callable[[bytes, str, str], Listing]
    worth: Callable[[Listing, datetime, Backfill | None], list[Link]] = lambda listing, now, backfill: []
    deepest: int = 1
    deepest_back: int = 1

    def further(self, listing: Listing, depth: int, now: datetime, backfill: Backfill | None) -> list[Link]:
        """The lists that this one names and that are worth reading."""
        return (
            self.worth(listing, now, backfill)
            if depth < (self.deepest_back if backfill else self.deepest)
            else []
        )


def _next_page(listing: Listing, now: datetime, backfill: Backfill | None) -> list[Link]:
    return list(listing.further)


def _recent_sitemaps(listing: Listing, now: datetime, backfill: Backfill | None) -> list[Link]:
    """All sitemaps of a small index, of a large one those changed lately; filling in, those of the backfill."""
    if backfill:
        return [link for link in listing.further if backfill.may_hold(link.changed_at, link.url)]
    if len(listing.further) <= SMALL_INDEX:
        return list(listing.further)
    undated = [link for link in listing.further if link.changed_at is None]
    recent = [link for link in listing.further if link.changed_at and link.changed_at >= now - RECENT]
    recent.sort(key=lambda link: link.changed_at or now, reverse=True)
    return [*recent, *undated][:MOST_SITEMAPS]


READERS: dict[ListKind, ListReader] = {
    "feed": ListReader(read_feed),
    "sitemap": ListReader(read_sitemap, _recent_sitemaps, deepest=4, deepest_back=4),  # indexes of indexes
    "section": ListReader(
        read_section, _next_page, deepest=20, deepest_back=300
    ),  # an endless calendar ends here
}


def own_articles(listing: Listing, source: Source, backfill: Backfill | None) -> list[Link]:
    """The links that lead to articles of this source, under their canonical addresses, each once."""
    links: dict[str, Link] = {}
    for link in listing.links:
        if backfill and not backfill.holds(link):
            continue
        address = first_article(link.addresses, source)
        if address and address not in links:
            links[address] = replace(link, url=address, others=())
    return list(links.values())
