"""Find out how a new source is read: its feeds, sitemaps, article addresses, family, and one article."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from archive.config import ConfigError
from archive.i18n import current
from archive.model import Article
from crawler.fetching import Reply, Visitor
from crawler.listings import Link, Listing
from crawler.listings.feed import read_feed
from crawler.listings.sitemap import read_sitemap
from crawler.onboarding.discover import Named, named, unwanted
from crawler.onboarding.proposal import ListFound, Proposal, Unfit, Wish, guess_kind, key_of, refuse_known
from crawler.onboarding.url_pattern import ENOUGH, MOST, Pattern, derive, measure
from crawler.resolver import private_hosts
from crawler.sources import Source, Sources, item_of
from crawler.urls import canonical, own_host
from pipelines.extract import container, document
from pipelines.item import Context, Item, Page, Reject, Rules
from pipelines.stages import run_stages

DELAY = 2.0  # seconds between requests to a site not known yet
FEEDS = 6  # looked into
WRITTEN = 4  # feeds written
INDEX = 30  # sitemaps; a larger index would be read at every visit
SECTIONS = 4  # looked into where no feed is named
FEWEST = 5  # articles a form of address can be derived from
ARTICLES = 3  # tried until one can be read


def propose(wish: Wish, sources: Sources, context: Context, delay: float = DELAY) -> Proposal:
    """Visit a site and propose its source.

    Raises ConfigError for a wish that cannot be, Unfit when the site does not give enough.
    """
    _check(wish)
    refuse_known(wish.key or key_of(wish.url), wish.url, sources)
    stub = _stub(wish, wish.url)
    with Visitor(
        sources.contact, delay, own=lambda netloc: _near(netloc, stub), private=private_hosts([stub])
    ) as visitor:
        search = _Search(wish, visitor, context, sources)
        proposal = search.run()
        proposal.requests = visitor.requests
    return proposal


def _check(wish: Wish) -> None:
    parts = urlsplit(wish.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{wish.url}: is no http(s) address; write it like https://bao.vn")
    try:
        re.compile(wish.article)
    except re.error as error:
        raise ConfigError(f"--article {wish.article}: bad regular expression ({error})") from error


def _stub(wish: Wish, url: str) -> Source:
    """A source that only has its host yet."""
    parts = urlsplit(url)
    home, key = f"{parts.scheme}://{parts.netloc}", wish.key or key_of(url)
    hosts = frozenset({parts.netloc.lower()})
    return Source(key, wish.name or key, home, "national", re.compile(r"(?!)"), hosts=hosts)


def _near(netloc: str, source: Source) -> bool:
    """The site's own host, or one below it, where some keep their feeds."""
    bare = urlsplit(source.home).netloc.lower().removeprefix("www.")
    return own_host(netloc, source) is not None or netloc.lower().endswith(f".{bare}")


class _Search:
    """One visit to a site, step by step."""

    def __init__(self, wish: Wish, visitor: Visitor, context: Context, sources: Sources) -> None:
        self.wish, self.visitor, self.context, self.sources = wish, visitor, context, sources
        self.stub = _stub(wish, wish.url)
        self.page = Named()
        self.notes: list[str] = []
        self.given: dict[str, Reply] = {}

    def run(self) -> Proposal:
        given = self._fetch(self.wish.url)
        self.stub = _stub(self.wish, given.url)
        refuse_known(self.stub.key, given.url, self.sources)
        self.page = self._names(given)
        at_home = urlsplit(given.url).path in {"", "/"}
        feeds, sitemaps = self._feeds(), self._sitemaps()
        here = canonical(given.url, self.stub) or given.url
        self.given[here] = given
        pattern = self._pattern(feeds, sitemaps, here)
        found = Proposal(
            key=self.stub.key,
            name=self.wish.name or self.page.site,
            home=self.stub.home,
            kind=self.wish.kind or guess_kind(self.stub.home),
            pattern=pattern,
            feeds=_useful(feeds, pattern),
            sitemaps=[one for one in _useful(sitemaps, pattern) if one.further <= INDEX],
            notes=self.notes,
        )
        if not at_home and not re.search(pattern.regex, here):
            found.sections = [given.url]
        elif not found.feeds and not found.sitemaps:
            found.sections = self._sections(pattern)
        self._read(found, self._in_order(found, here))
        found.name = self.wish.name or self.page.site or self.page.title or found.key
        return found

    def _sections(self, pattern: Pattern) -> list[str]:
        """Where no feed is named: the home page, and pages of the menu that list articles."""
        self.notes.append("no feed or sitemap is named: listing pages are read instead")
        menu = [
            url for url in self.page.menu if canonical(url, self.stub) and not re.search(pattern.regex, url)
        ]
        pages_ = [url for url in dict.fromkeys(menu) if urlsplit(url).path.strip("/")]
        found = [f"{self.stub.home}/"]
        for url in sorted(pages_, key=unwanted)[:SECTIONS]:
            reply = self.visitor.get(url)
            if reply.problem:
                continue
            page = named(reply.body, reply.url, reply.content_type)
            self.page.headlines += page.headlines
            found += [url] if any(re.search(pattern.regex, link) for link in page.headlines) else []
        return found

    def _fetch(self, url: str) -> Reply:
        reply = self.visitor.get(url)
        if reply.problem:
            raise Unfit(f"{url}: {reply.problem}")
        return reply

    def _names(self, given: Reply) -> Named:
        """What the given page and the home page name together."""
        page = named(given.body, given.url, given.content_type)
        if urlsplit(given.url).path in {"", "/"}:
            return page
        reply = self.visitor.get(f"{self.stub.home}/")
        if reply.problem:
            self.notes.append(f"the home page {reply.problem}")
            return page
        home = named(reply.body, reply.url, reply.content_type)
        joined = {
            name: list(dict.fromkeys(getattr(page, name) + getattr(home, name)))
            for name in ("feeds", "sitemaps", "directories", "menu", "headlines")
        }
        return Named(**joined, site=page.site or home.site, title=home.title)

    def _feeds(self) -> list[ListFound]:
        """The feeds that answer with items, of those that pages name; a page that lists feeds is read too."""
        waiting = [*self.page.feeds[:FEEDS], *self.page.directories[:1]]
        found: list[ListFound] = []
        tried: set[str] = set()
        while waiting and len(tried) < FEEDS + 1:
            url = waiting.pop(0)
            reply = self.visitor.get(url) if url not in tried and self._is_near(url) else None
            tried.add(url)
            if reply is None or reply.problem:
                continue
            listing = read_feed(reply.body, reply.url, reply.content_type)
            if listing.problem:
                waiting += named(reply.body, reply.url, reply.content_type).feeds
            elif listing.links:
                found.append(self._listed(url, listing, listing.links))
            else:
                self.notes.append(f"feed {url} answers with 0 items")
        return found

    def _is_near(self, url: str) -> bool:
        return _near(urlsplit(url).netloc, self.stub)

    def _sitemaps(self) -> list[ListFound]:
        """The sitemaps of robots.txt and of the pages, an index with the newest one it names."""
        urls = dict.fromkeys([*self.visitor.robots(self.stub.home).sitemaps, *self.page.sitemaps])
        found = []
        for url in [url for url in urls if self._is_near(url)][:2]:
            listing = self._sitemap(url)
            if listing and listing.further:
                newest = max(
                    listing.further, key=lambda link: link.published_at.timestamp() if link.published_at else 0
                )
                inner = self._sitemap(newest.url)
                found.append(self._listed(url, listing, inner.links if inner else ()))
                if len(listing.further) > INDEX:
                    self.notes.append(f"sitemap {url} is an index of {len(listing.further)}: not written")
            elif listing and listing.links:
                found.append(self._listed(url, listing, listing.links))
        return found

    def _sitemap(self, url: str) -> Listing | None:
        reply = self.visitor.get(url)
        listing = None if reply.problem else read_sitemap(reply.body, reply.url, reply.content_type)
        return None if listing is None or listing.problem else listing

    def _listed(self, url: str, listing: Listing, links: Iterable[Link]) -> ListFound:
        addresses = tuple(dict.fromkeys(one for link in links if (one := canonical(link.url, self.stub))))
        newest = max((link.published_at for link in links if link.published_at), default=None)
        return ListFound(url, listing.title, addresses, newest, len(listing.further))

    def _pattern(self, feeds: list[ListFound], sitemaps: list[ListFound], here: str) -> Pattern:
        """The form of article addresses, from the surest list that names enough of them."""
        menu = [one for url in self.page.menu if (one := canonical(url, self.stub))]
        headlines = [one for url in self.page.headlines if (one := canonical(url, self.stub))]
        lists = [_all(feeds), _all(sitemaps), tuple(dict.fromkeys(headlines))]
        known = next((urls for urls in lists if len(urls) >= FEWEST), max(lists, key=len))
        if self.wish.article:
            return measure(self.wish.article, known, menu)
        pattern = derive(known, menu, ENOUGH if known is lists[0] else MOST)
        if pattern is None or not pattern.matched or (known is lists[0] and not pattern.takes()):
            found = f"{pattern.matched} of {pattern.articles}" if pattern else f"none of {len(known)}"
            raise Unfit(
                f"{here}: no form of article addresses stands out ({found} links); give it with --article"
            )
        return pattern

    def _in_order(self, found: Proposal, here: str) -> list[str]:
        """Articles to read, the given one first."""
        names = [here, *_all(found.feeds), *_all(found.sitemaps)]
        names += [one for url in self.page.headlines if (one := canonical(url, self.stub))]
        return [url for url in dict.fromkeys(names) if re.search(found.pattern.regex, url)]

    def _read(self, found: Proposal, urls: list[str]) -> None:
        """Read the first article that can be read; raises Unfit when none can."""
        why = "no article is named"
        for url in [url for url in urls if self.visitor.robots(url).allows(url)][:ARTICLES]:
            reply = self.given.get(url) or self.visitor.get(url)
            if reply.problem:
                why = f"{url}: {reply.problem}"
                continue
            found.family, found.page = family_of(reply, self.context), reply.body
            found.item = read(reply, url, found, self.context)
            if found.item.outcome in {"stored", "irrelevant"}:
                self.page.site = self.page.site or named(reply.body, url, reply.content_type).site
                return
            why = f"{url}: {found.item.outcome}: {current().reason(found.item.reason)}"
        raise Unfit(f"no article can be read; {why}")


def _all(lists: list[ListFound]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url for found in lists for url in found.links))


def _useful(lists: list[ListFound], pattern: Pattern) -> list[ListFound]:
    """The first lists that name articles."""
    return [one for one in lists if any(re.search(pattern.regex, url) for url in one.links)][:WRITTEN]


def family_of(reply: Reply, context: Context) -> str | None:
    """The name of the CMS family whose marks a page bears."""
    try:
        raw = document.text_of(Page(reply.url, reply.body, context.now(), reply.content_type))
        tree = document.parse(raw)
    except Reject:
        return None
    family = container.family_of(tree, raw, context.families)
    return family.name if family else None


def read(reply: Reply, url: str, found: Proposal, context: Context) -> Item:
    """The article as the archive would read it."""
    rules = next((family.rules for family in context.families if family.name == found.family), Rules())
    page = Page(url, reply.body, context.now(), reply.content_type)
    article = Article(url, found.key)
    item = item_of(page, article=article, rules=rules, keep="all", outlet_name=found.name)
    return run_stages(item, context)
