"""Find out how a new source is read: its feeds, sitemaps, article addresses, family, and one article."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from archive.config import ConfigError
from archive.i18n import current
from archive.model import Article
from crawler.listings import Link, Listing
from crawler.listings.feed import read_feed
from crawler.listings.sitemap import read_sitemap
from crawler.onboarding.discover import Named, named, unwanted
from crawler.onboarding.url_pattern import ENOUGH, MOST, Pattern, derive, measure
from crawler.resolver import private_hosts
from crawler.sources import Kind, Source, Sources, is_address, item_of
from crawler.spiders.visit import Reply, Visitor, run, visit_site
from crawler.urls import canonical, own_host, source_of
from pipelines.extract import container, document
from pipelines.item import Context, Family, Item, Page, Reject, Rules
from pipelines.stages import run_safely

DELAY = 2.0  # seconds between requests to a site not known yet
FEEDS = 6  # looked into
WRITTEN = 4  # feeds written
INDEX = 30  # sitemaps; a larger index would be read at every visit
SECTIONS = 4  # looked into where no feed is named
FEWEST = 5  # articles a form of address can be derived from
ARTICLES = 3  # tried until one can be read


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

    @property
    def lists(self) -> dict[str, list[ListFound]]:
        """Its feeds and sitemaps by kind."""
        return {"feed": self.feeds, "sitemap": self.sitemaps}


def key_of(url: str) -> str:
    """A key from a host: ``www.bao-moi.com.vn`` gives ``bao-moi``, ``so.tinh.gov.vn`` gives ``so_tinh``.

    It begins with a letter, ``24h.com.vn`` gives ``s24h``: YAML reads some words of digits as numbers.
    """
    host = (urlsplit(url).hostname or "").lower().removeprefix("www.")
    bare = (
        host if re.fullmatch(r"[\d.:]+", host) else re.sub(r"(?:\.(?:com|net|org|gov|edu))?\.[a-z]+$", "", host)
    )
    key = re.sub(r"[^a-z0-9-]+", "_", bare).strip("_")
    return f"s{key}" if key[:1].isdigit() else key


def refuse_known(key: str, url: str, sources: Sources) -> None:
    """Raise ConfigError, in one plain line, for a key or host that a source has already."""
    words = current()
    if known := source_of(url, sources.by_key.values()):
        raise ConfigError(words("add.known_host", host=urlsplit(url).netloc, name=known.key))
    if key in sources.by_key:
        raise ConfigError(words("add.known_key", name=key))
    if not re.fullmatch(r"[a-z0-9_-]+", key):
        raise ConfigError(words("add.bad_key", name=key))


def guess_kind(home: str) -> Kind:
    """A portal by its host, else a national paper: the user knows better and can say so."""
    host = urlsplit(home).hostname or ""
    return "portal" if re.search(r"(?:^|\.)(?:gov|dcs)\.vn$", host) else "national"


def propose(wish: Wish, sources: Sources, context: Context, delay: float = DELAY) -> Proposal:
    """Visit a site and propose its source.

    Raises ConfigError for a wish that cannot be, Unfit when the site does not give enough.
    """
    _check(wish)
    refuse_known(wish.key or key_of(wish.url), wish.url, sources)
    stub = _stub(wish, wish.url)

    async def search() -> Proposal:
        async with visit_site(sources.contact, delay, lambda netloc: _near(netloc, stub)) as visitor:
            proposal = await _Search(wish, visitor, context, sources).run()
            proposal.requests = visitor.requests
        return proposal

    return run(search(), private_hosts([stub]))


def _check(wish: Wish) -> None:
    if not is_address(wish.url):
        raise ConfigError(current()("add.no_address", url=wish.url))
    try:
        re.compile(wish.article)
    except re.error as error:
        raise ConfigError(current()("add.bad_pattern", pattern=wish.article, error=error)) from error


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

    async def run(self) -> Proposal:
        given = await self._fetch(self.wish.url)
        self.stub = _stub(self.wish, given.url)
        refuse_known(self.stub.key, given.url, self.sources)
        self.page = await self._names(given)
        at_home = urlsplit(given.url).path in {"", "/"}
        feeds, sitemaps = await self._feeds(), await self._sitemaps()
        here = canonical(given.url, self.stub) or given.url
        self.given[here] = given
        pattern = self._pattern(feeds, sitemaps, here)
        proposal = Proposal(
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
            proposal.sections = [given.url]
        elif not proposal.feeds and not proposal.sitemaps:
            proposal.sections = await self._sections(pattern)
        await self._read(proposal, self._in_order(proposal, here))
        proposal.name = self.wish.name or self.page.site or self.page.title or proposal.key
        return proposal

    async def _sections(self, pattern: Pattern) -> list[str]:
        """Where no feed is named: the home page, and pages of the menu that list articles."""
        self._note("add.note.sections")
        menu = [url for url in dict.fromkeys(self.page.menu) if urlsplit(url).path.strip("/")]
        menu = [url for url in menu if canonical(url, self.stub) and not re.search(pattern.regex, url)]
        sections = [f"{self.stub.home}/"]
        for url in sorted(menu, key=unwanted)[:SECTIONS]:
            reply = await self.visitor.get(url)
            if reply.problem:
                continue
            headlines = _names_of(reply).headlines
            self.page.headlines += headlines
            sections += [url] if any(re.search(pattern.regex, link) for link in headlines) else []
        return sections

    def _note(self, key: str, **values: object) -> None:
        self.notes.append(current()(key, **values))

    async def _fetch(self, url: str) -> Reply:
        reply = await self.visitor.get(url)
        if reply.problem:
            raise Unfit(f"{url}: {current().reason(reply.problem)}")
        return reply

    async def _names(self, given: Reply) -> Named:
        """What the given page and the home page name together."""
        page = _names_of(given)
        if urlsplit(given.url).path in {"", "/"}:
            return page
        reply = await self.visitor.get(f"{self.stub.home}/")
        if reply.problem:
            self._note("add.note.home", why=current().reason(reply.problem))
            return page
        home = _names_of(reply)
        joined = {
            name: list(dict.fromkeys(getattr(page, name) + getattr(home, name)))
            for name in ("feeds", "sitemaps", "directories", "menu", "headlines")
        }
        return Named(**joined, site=page.site or home.site, title=home.title)

    async def _feeds(self) -> list[ListFound]:
        """The feeds that answer with items, of those that pages name; a page that lists feeds is read too."""
        waiting = [*self.page.feeds[:FEEDS], *self.page.directories[:1]]
        found: list[ListFound] = []
        tried: set[str] = set()
        while waiting and len(tried) < FEEDS + 1:
            url = waiting.pop(0)
            reply = await self.visitor.get(url) if url not in tried and self._is_near(url) else None
            tried.add(url)
            if reply is None or reply.problem:
                continue
            listing = read_feed(reply.body, reply.url, reply.content_type)
            if listing.problem:
                waiting += _names_of(reply).feeds
            elif listing.links:
                found.append(self._listed(url, listing, listing.links))
            else:
                self._note("add.note.empty_feed", url=url)
        return found

    def _is_near(self, url: str) -> bool:
        return _near(urlsplit(url).netloc, self.stub)

    async def _sitemaps(self) -> list[ListFound]:
        """The sitemaps of robots.txt and of the pages, an index with the newest one it names."""
        urls = dict.fromkeys([*(await self.visitor.robots(self.stub.home)).sitemaps, *self.page.sitemaps])
        found = []
        for url in [url for url in urls if self._is_near(url)][:2]:
            listing = await self._sitemap(url)
            if listing and listing.further:
                newest = max(
                    listing.further, key=lambda link: link.changed_at.timestamp() if link.changed_at else 0
                )
                inner = await self._sitemap(newest.url)
                found.append(self._listed(url, listing, inner.links if inner else ()))
                if len(listing.further) > INDEX:
                    self._note("add.note.index", url=url, n=len(listing.further))
            elif listing and listing.links:
                found.append(self._listed(url, listing, listing.links))
        return found

    async def _sitemap(self, url: str) -> Listing | None:
        reply = await self.visitor.get(url)
        listing = None if reply.problem else read_sitemap(reply.body, reply.url, reply.content_type)
        return None if listing is None or listing.problem else listing

    def _listed(self, url: str, listing: Listing, links: Iterable[Link]) -> ListFound:
        newest = max((link.newest_at for link in links if link.newest_at), default=None)
        addresses = tuple(self._canonical(link.url for link in links))
        return ListFound(url, listing.title, addresses, newest, len(listing.further))

    def _canonical(self, urls: Iterable[str]) -> list[str]:
        """The site's own addresses of these, each once."""
        return list(dict.fromkeys(address for url in urls if (address := canonical(url, self.stub))))

    def _pattern(self, feeds: list[ListFound], sitemaps: list[ListFound], here: str) -> Pattern:
        """The form of article addresses, from the surest list that names enough of them."""
        menu = self._canonical(self.page.menu)
        lists = [_links(feeds), _links(sitemaps), self._canonical(self.page.headlines)]
        known = next((urls for urls in lists if len(urls) >= FEWEST), max(lists, key=len))
        if self.wish.article:
            return measure(self.wish.article, known, menu)
        pattern = derive(known, menu, ENOUGH if known is lists[0] else MOST)
        if pattern is None or not pattern.matched or (known is lists[0] and not pattern.takes()):
            matched, links = (pattern.matched, pattern.articles) if pattern else (0, len(known))
            raise Unfit(f"{here}: {current()('add.no_form', n=matched, links=links)}")
        return pattern

    def _in_order(self, proposal: Proposal, here: str) -> list[str]:
        """Articles to read, the given one first."""
        lists = [*_links(proposal.feeds), *_links(proposal.sitemaps), *self._canonical(self.page.headlines)]
        return [url for url in dict.fromkeys([here, *lists]) if re.search(proposal.pattern.regex, url)]

    async def _read(self, proposal: Proposal, urls: list[str]) -> None:
        """Read the first article that can be read; raises Unfit when none can."""
        words = current()
        why = words("add.no_article_named")
        allowed = [url for url in urls if await self.visitor.may_visit(url)]
        for url in allowed[:ARTICLES]:
            reply = self.given.get(url) or await self.visitor.get(url)
            if reply.problem:
                why = f"{url}: {words.reason(reply.problem)}"
                continue
            item = self._read_article(proposal, url, reply)
            if item.outcome in {"stored", "irrelevant"}:
                self.page.site = self.page.site or _names_of(reply).site
                return
            outcome = words.named("outcome", item.outcome or "")
            why = f"{url}: {outcome}: {words.reason(item.reason)}"
        raise Unfit(words("add.no_article", why=why))

    def _read_article(self, proposal: Proposal, url: str, reply: Reply) -> Item:
        """The article as the archive would read it."""
        page = Page(url, reply.body, self.context.now(), reply.content_type)
        family = _family_of(page, self.context)
        proposal.family, proposal.page = family.name if family else None, reply.body
        rules = family.rules if family else Rules()
        article = Article(url, proposal.key)
        item = item_of(page, article=article, rules=rules, keep="all", outlet_name=proposal.name)
        proposal.item = run_safely(item, self.context)
        return proposal.item


def _names_of(reply: Reply) -> Named:
    return named(reply.body, reply.url, reply.content_type)


def _links(lists: list[ListFound]) -> list[str]:
    return list(dict.fromkeys(url for found in lists for url in found.links))


def _useful(lists: list[ListFound], pattern: Pattern) -> list[ListFound]:
    """The first lists that name articles."""
    return [one for one in lists if any(re.search(pattern.regex, url) for url in one.links)][:WRITTEN]


def _family_of(page: Page, context: Context) -> Family | None:
    """The CMS family whose marks a page bears."""
    try:
        raw = document.text_of(page)
        return container.family_of(document.parse(raw), raw, context.families)
    except Reject:
        return None
