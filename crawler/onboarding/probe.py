"""Probe sources live: robots.txt, their lists, and one article read through the stages."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from archive.clock import HANOI
from archive.i18n import current
from crawler.fetching import Reply, Visitor
from crawler.listings import Listing, text_of
from crawler.listings.backfill import dated
from crawler.listings.feed import read_feed
from crawler.listings.section import read_section
from crawler.listings.sitemap import read_sitemap
from crawler.resolver import private_hosts
from crawler.sources import Source, has_lists, item_of
from crawler.urls import article_address, own_host
from pipelines.extract import extract
from pipelines.item import Context, Page
from pipelines.judge import is_challenge, judge
from pipelines.stages import run_stages

ListKind = Literal["feed", "sitemap", "section", "home"]
REQUESTS = 6  # a source, redirects not counted
AT_ONCE = 4  # sources
ARTICLES = 2  # tried until one can be read
_READERS: dict[str, Callable[[bytes, str, str], Listing]] = {
    "feed": read_feed,
    "sitemap": read_sitemap,
    "section": read_section,
    "home": read_section,
}
_NOT_A = {
    "feed": "is no RSS or Atom feed",
    "sitemap": "is no sitemap",
    "section": "is no page",
    "home": "is no page",
}
_READING = (extract, judge)  # whether it is an article, not what it is about
_TAGS = re.compile(r"(?is)<(script|style)\b.*?</\1>|<[^>]+>")
_reading = threading.Lock()


class Stopped(Exception):
    """The user does not want to wait for the rest."""


@dataclass(slots=True)
class ListProbe:
    """One list as it answered; ``matching`` are its links that look like articles of the source."""

    kind: ListKind
    url: str
    status: int = 0
    problem: str = ""
    refused: bool = False
    title: str = ""
    items: int = 0
    matching: list[str] = field(default_factory=list)
    newest: datetime | None = None
    further: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ArticleProbe:
    """One article as the stages read it; ``length`` is that of its text in characters."""

    url: str
    status: int = 0
    problem: str = ""
    refused: bool = False
    outcome: str = ""
    reason: str = ""
    title: str = ""
    lead: bool = False
    length: int = 0
    published: datetime | None = None
    published_from: str | None = None
    rule_missed: list[str] = field(default_factory=list)

    @property
    def read(self) -> bool:
        """Whether it was fetched and is an article."""
        return not self.problem and not self.outcome


@dataclass(slots=True)
class Finding:
    """All that one source answered."""

    source: Source
    robots_status: int = 0
    robots_problem: str = ""
    crawl_delay: float | None = None
    allowed: bool | None = None
    lists: list[ListProbe] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    article: ArticleProbe | None = None
    requests: int = 0

    @property
    def articles(self) -> list[str]:
        """The addresses of articles that its lists named, feeds first."""
        return list(dict.fromkeys(url for found in self.lists for url in found.matching))


def probe_all(
    sources: Iterable[Source], contact: str, context: Context, *, thorough: bool = False
) -> Iterator[Finding]:
    """Probe several sources side by side, each host by one thread; yields them as they end."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="probe")
    stop = threading.Event()

    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise Stopped

    try:
        jobs = [
            pool.submit(probe, source, contact, context, thorough=thorough, sleep=pause) for source in sources
        ]
        for job in as_completed(jobs):
            yield job.result()
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def probe(
    source: Source,
    contact: str,
    context: Context,
    *,
    thorough: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Finding:
    """Ask robots.txt, lists and one article of a source, about ``REQUESTS`` requests unless ``thorough``."""
    finding = Finding(source)
    own = private_hosts([source])
    with Visitor(
        contact, source.delay, own=lambda netloc: own_host(netloc, source), private=own, sleep=sleep
    ) as visitor:
        robots = visitor.robots(source.home)
        finding.robots_status, finding.robots_problem = robots.status, robots.problem
        if not robots.problem:
            _probe_lists(finding, visitor, context.now(), thorough)
            if source.state != "blocked":
                _probe_article(finding, visitor, context)
        finding.crawl_delay = robots.crawl_delay
        finding.requests = visitor.requests
    return finding


def _probe_lists(finding: Finding, visitor: Visitor, now: datetime, thorough: bool) -> None:
    """The lists within the number of requests: one section, one sitemap, and feeds for what is left."""
    source = finding.source
    planned = _planned(source, now)
    room = len(planned) if thorough else REQUESTS - 2
    chosen = _chosen(planned, room)
    finding.untried = [url for kind, url in planned if (kind, url) not in chosen]
    for kind, url in chosen:
        found = read_list(visitor.get(url), kind, source, url)
        finding.lists.append(found)
        if found.further and not finding.articles:
            newest = found.further[0]
            finding.lists.append(read_list(visitor.get(newest), kind, source, newest))


def _planned(source: Source, now: datetime) -> list[tuple[ListKind, str]]:
    """Every list of a source; dated sitemaps are those of yesterday, which surely exist today."""
    if source.state == "blocked" or not has_lists(source):
        return [("home", source.home)]
    day = now.astimezone(HANOI).date() - timedelta(days=1)
    return [
        *(("feed", url) for url in source.feeds),
        *(("sitemap", dated(url, day)) for url in source.sitemaps),
        *(("section", url) for url in source.sections),
    ]


def _chosen(planned: list[tuple[ListKind, str]], room: int) -> list[tuple[ListKind, str]]:
    """The first of each kind, then the others in their order, as far as there is room."""
    first = {kind: (kind, url) for kind, url in reversed(planned)}
    wanted = list(dict.fromkeys([*first.values(), *planned]))[:room]
    return [one for one in planned if one in wanted]


def read_list(reply: Reply, kind: ListKind, source: Source, url: str) -> ListProbe:
    """What a list's answer holds for a source."""
    found = ListProbe(kind, url, reply.status, reply.problem, reply.refused)
    if reply.problem:
        return found
    listing = _READERS[kind](reply.body, reply.url, reply.content_type)
    if listing.problem:
        found.problem = _NOT_A[kind]
    found.title, found.items = listing.title, len(listing.links)
    found.matching = _matching(listing, source)
    found.newest = max((link.published_at for link in listing.links if link.published_at), default=None)
    found.further = newest_first(listing) if kind == "sitemap" else []
    if not found.matching and is_riddle(reply):
        found.problem, found.refused = "answers with a challenge for browsers", True
    return found


def _matching(listing: Listing, source: Source) -> list[str]:
    addresses = (article_address(link.url, source) for link in listing.links)
    return list(dict.fromkeys(address for address in addresses if address))


def newest_first(listing: Listing) -> list[str]:
    """The sitemaps an index names, the last changed first."""
    dates = {link.url: link.published_at.timestamp() if link.published_at else 0.0 for link in listing.further}
    return sorted(dates, key=lambda url: -dates[url])


def is_riddle(reply: Reply) -> bool:
    """Whether a page only wants a script run or a riddle solved."""
    raw = text_of(reply.body, reply.content_type)
    title = raw.partition("<title>")[2].partition("</title>")[0][:200].strip()
    return is_challenge(raw, title, len(" ".join(_TAGS.sub(" ", raw).split())))


def _probe_article(finding: Finding, visitor: Visitor, context: Context) -> None:
    """Read the first articles that robots.txt allows until one ends as an article."""
    found = finding.articles
    if not found:
        return
    allowed = [url for url in found[:50] if visitor.robots(url).allows(url)]
    finding.allowed = bool(allowed)
    for url in allowed[:ARTICLES]:
        finding.article = read_article(visitor.get(url), url, finding.source, context)
        if finding.article.read or finding.article.refused:
            return


def read_article(reply: Reply, url: str, source: Source, context: Context) -> ArticleProbe:
    """One article as a crawl would read it."""
    if reply.problem:
        return ArticleProbe(url, reply.status, reply.problem, reply.refused)
    item = item_of(Page(url, reply.body, context.now(), reply.content_type), source, keep="all")
    with _reading:  # one page at a time
        run_stages(item, context, _READING)
    article = item.article
    return ArticleProbe(
        url,
        reply.status,
        refused=item.outcome == "blocked",
        outcome=item.outcome or "",
        reason=current().reason(item.reason),
        title=article.title,
        lead=bool(article.lead),
        length=len(article.body),
        published=article.published_at,
        published_from=article.published_from,
        rule_missed=item.rule_missed,
    )
