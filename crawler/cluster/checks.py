"""What a worker sent, checked as any input: it may only tell of pages that its job is about.

Raises :class:`crawler.cluster.wire.Foreign` for the rest; what the keeper knows better is put in its place.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from archive.model import Article, Fetch, Outcome
from crawler.cluster.wire import Foreign
from crawler.listings import Link
from crawler.settings import DOWNLOAD_MAXSIZE
from crawler.sources import Source, is_address
from crawler.state.frontier import NOT_MODIFIED
from crawler.state.messages import ListingRead, PageEnded
from crawler.urls import is_article, source_of
from pipelines.item import Item, Page

MOST_LINKS = 500_000  # of one listing
MOST_FETCHES = 60  # of one page
MOST_SHINGLES = 20_000
LONGEST_ADDRESS = 8_000  # characters
# of an item, at home
KNOWN = ("page", "rules", "keep", "hint", "outlet_name", "reprocessed", "copied", "wanted", "older")
KEPT = (Outcome.STORED, Outcome.REVISED, Outcome.UNCHANGED)  # what only the archive can say
AHEAD = timedelta(minutes=5)  # clocks of two machines differ by less


def checked_listing(listing: ListingRead, source: Source) -> ListingRead:
    """A listing with those of its links that are articles and lists of the source as it is now."""
    if len(listing.articles) > MOST_LINKS or len(listing.further) > MOST_LINKS:
        raise Foreign(f"a listing of {len(listing.articles)} links")
    _check_own(listing.url, source)
    articles = tuple(
        link for link in listing.articles if _is_own(link.url, source) and is_article(link.url, source)
    )
    further = tuple(link for link in listing.further if _is_own(link.url, source))
    for link in (*articles, *further):
        _check_times(link)
    return replace(listing, articles=articles, further=further)


def checked_page(page: PageEnded, source: Source, now: datetime) -> PageEnded:
    """The end of a page, as one of this source and of no later time than now."""
    _check_own(page.url, source)
    if page.outcome in KEPT and page.status != NOT_MODIFIED:
        raise Foreign(f"«{page.outcome}» is the keeper's word")
    if len(page.fetches) > MOST_FETCHES:
        raise Foreign(f"{len(page.fetches)} fetches of one page")
    fetches = tuple(_fetch(one, now) for one in page.fetches)
    return replace(page, item=_item(page.item, source, now) if page.item else None, fetches=fetches)


def _item(item: Item, source: Source, now: datetime) -> Item:
    """The item with the source's own rules; nobody but the keeper says what is kept under which number."""
    if item.article.source != source.key:
        raise Foreign(f"an article of {item.article.source[:100]}")
    if len(item.shingles) > MOST_SHINGLES:
        raise Foreign(f"{len(item.shingles)} shingles")
    _check_own(item.article.url, source)
    page = _page(item.page, source, now) if item.page else None
    return replace(
        item, page=page, article=_article(item.article), rules=source.rules, keep=source.keep,
        outlet_name=source.name, reprocessed=False, copied=False, older=False, article_id=None,
    )  # fmt: skip


def checked_reading(read: Item, asked: Item) -> Item:
    """What a worker read of an item; what we know of it better stays, and nothing is stored yet."""
    if read.outcome in KEPT:
        raise Foreign(f"an outcome of the archive, {read.outcome}")
    if len(read.shingles) > MOST_SHINGLES:
        raise Foreign(f"{len(read.shingles)} shingles")
    article = replace(_article(read.article), url=asked.article.url, source=asked.article.source)
    known = {name: getattr(asked, name) for name in KNOWN}
    return replace(read, article=article, article_id=None, **known)


def _article(article: Article) -> Article:
    if article.published_at is not None:
        _check_aware(article.published_at)
    return replace(article, states=())


def _page(page: Page, source: Source, now: datetime) -> Page:
    if len(page.body) > DOWNLOAD_MAXSIZE:
        raise Foreign(f"a page of {len(page.body)} bytes")
    _check_own(page.url, source)
    return replace(page, fetched_at=_no_later(page.fetched_at, now))


def _fetch(fetch: Fetch, now: datetime) -> Fetch:
    return replace(fetch, at=_no_later(fetch.at, now))


def _no_later(at: datetime, now: datetime) -> datetime:
    _check_aware(at)
    if at > now + AHEAD:
        raise Foreign(f"a time to come, {at.isoformat()}")
    return min(at, now)


def _check_aware(at: datetime) -> None:
    if at.utcoffset() is None:
        raise Foreign("a time without a zone")
    if not 1 < at.year < 9999:  # it could not be kept in UTC
        raise Foreign(f"the year {at.year}")


def _check_times(link: Link) -> None:
    for at in (link.published_at, link.changed_at):
        if at is not None:
            _check_aware(at)


def _is_own(url: str, source: Source) -> bool:
    try:
        return len(url) <= LONGEST_ADDRESS and is_address(url) and source_of(url, [source]) is not None
    except ValueError:
        return False


def _check_own(url: str, source: Source) -> None:
    if not _is_own(url, source):
        raise Foreign(f"not on a host of {source.key}: {url[:100]}")
