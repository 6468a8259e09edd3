"""Probe sources live: robots.txt, their lists, and one article read through the stages."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from archive.clock import HANOI
from archive.reasons import reason
from archive.text import without_markup
from crawler.listings import Listing, ListKind, text_of
from crawler.listings.backfill import dated
from crawler.listings.readers import READERS
from crawler.resolver import private_hosts
from crawler.sources import Source, has_lists, item_of
from crawler.spiders.visit import Reply, RobotsTxt, Visitor, run, visit_site
from crawler.urls import first_article, own_host
from pipelines.extract import extract
from pipelines.item import Context, Page
from pipelines.judge import is_challenge, judge
from pipelines.stages import run_safely

ProbedKind = ListKind | Literal["home"]
REQUESTS = 6  # a source, redirects not counted
AT_ONCE = 4  # sources
ARTICLES = 2  # tried until one can be read
_READING = (extract, judge)  # whether it is an article, not what it is about


@dataclass(slots=True)
class ListProbe:
    """One list as it answered; ``matching`` are its links that look like articles of the source."""

    kind: ProbedKind
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
    doubt: list[str] = field(default_factory=list)
    rule_missed: list[str] = field(default_factory=list)

    @property
    def read(self) -> bool:
        """Whether it was fetched and is an article."""
        return not self.problem and not self.outcome


@dataclass(slots=True)
class Finding:
    """All that one source answered."""

    source: Source
    robots: RobotsTxt = field(default_factory=RobotsTxt)
    allowed: bool | None = None
    lists: list[ListProbe] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    article: ArticleProbe | None = None
    requests: int = 0

    @property
    def articles(self) -> list[str]:
        """The addresses of articles that its lists named, feeds first."""
        return list(dict.fromkeys(url for probed in self.lists for url in probed.matching))


def probe_all(
    sources: Iterable[Source],
    contact: str,
    context: Context,
    note: Callable[[Finding], object],
    *,
    thorough: bool = False,
) -> None:
    """Probe several sources side by side, each host one request at a time; ``note`` gets each as it ends."""
    chosen = list(sources)

    async def probe_side_by_side() -> None:
        room = asyncio.Semaphore(AT_ONCE)

        async def probe_one(source: Source) -> None:
            async with room:
                note(await _probe(source, contact, context, thorough=thorough))

        async with asyncio.TaskGroup() as probes:
            for source in chosen:
                probes.create_task(probe_one(source))

    run(probe_side_by_side(), private_hosts(chosen))


async def _probe(source: Source, contact: str, context: Context, *, thorough: bool) -> Finding:
    """Ask robots.txt, lists and one article of a source, about ``REQUESTS`` requests unless ``thorough``."""
    finding = Finding(source)
    async with visit_site(contact, source.delay, lambda netloc: own_host(netloc, source)) as visitor:
        finding.robots = await visitor.robots(source.home)
        if not finding.robots.problem:
            await _probe_lists(finding, visitor, context.now(), thorough)
            if source.state != "blocked":
                await _probe_article(finding, visitor, context)
        finding.requests = visitor.requests
    return finding


async def _probe_lists(finding: Finding, visitor: Visitor, now: datetime, thorough: bool) -> None:
    """The lists within the number of requests: one section, one sitemap, and feeds for what is left."""
    source = finding.source
    planned = _planned(source, now)
    chosen = planned if thorough else _chosen(planned, REQUESTS - 2)
    finding.untried = [url for kind, url in planned if (kind, url) not in chosen]
    for kind, url in chosen:
        probed = read_list(await visitor.get(url), kind, source, url)
        finding.lists.append(probed)
        if probed.further and not finding.articles:
            newest = probed.further[0]
            finding.lists.append(read_list(await visitor.get(newest), kind, source, newest))


def _planned(source: Source, now: datetime) -> list[tuple[ProbedKind, str]]:
    """Every list of a source; dated sitemaps are those of yesterday, which surely exist today."""
    if source.state == "blocked" or not has_lists(source):
        return [("home", source.home)]
    day = now.astimezone(HANOI).date() - timedelta(days=1)
    return [
        *(("feed", url) for url in source.feeds),
        *(("sitemap", dated(url, day)) for url in source.sitemaps),
        *(("section", url) for url in source.sections),
    ]


def _chosen(planned: list[tuple[ProbedKind, str]], room: int) -> list[tuple[ProbedKind, str]]:
    """The first of each kind, then the others in their order, as far as there is room."""
    first = {kind: (kind, url) for kind, url in reversed(planned)}
    wanted = list(dict.fromkeys([*first.values(), *planned]))[:room]
    return [one for one in planned if one in wanted]


def read_list(reply: Reply, kind: ProbedKind, source: Source, url: str) -> ListProbe:
    """What a list's answer holds for a source."""
    probed = ListProbe(kind, url, reply.status, reply.problem, reply.refused)
    if reply.problem:
        return probed
    listing = READERS["section" if kind == "home" else kind].read(reply.body, reply.url, reply.content_type)
    probed.problem = listing.problem
    probed.title, probed.items = listing.title, len(listing.links)
    addresses = (first_article(link.addresses, source) for link in listing.links)
    probed.matching = list(dict.fromkeys(address for address in addresses if address))
    probed.newest = max((link.newest_at for link in listing.links if link.newest_at), default=None)
    probed.further = newest_first(listing) if kind == "sitemap" else []
    if not probed.matching and _is_challenge(reply):
        probed.problem, probed.refused = reason("challenge"), True
    return probed


def newest_first(listing: Listing) -> list[str]:
    """The sitemaps an index names, the last changed first."""
    dates = {link.url: link.changed_at.timestamp() if link.changed_at else 0.0 for link in listing.further}
    return sorted(dates, key=lambda url: -dates[url])


def _is_challenge(reply: Reply) -> bool:
    """Whether a page only wants a script run or a riddle solved."""
    raw = text_of(reply.body, reply.content_type)
    title = raw.partition("<title>")[2].partition("</title>")[0][:200].strip()
    return is_challenge(raw, (title,), len(without_markup(raw)))


async def _probe_article(finding: Finding, visitor: Visitor, context: Context) -> None:
    """Read the first articles that robots.txt allows until one ends as an article."""
    if not finding.articles:
        return
    allowed = [url for url in finding.articles[:50] if await visitor.may_visit(url)]
    finding.allowed = bool(allowed)
    for url in allowed[:ARTICLES]:
        finding.article = _read_article(await visitor.get(url), url, finding.source, context)
        if finding.article.read or finding.article.refused:
            return


def _read_article(reply: Reply, url: str, source: Source, context: Context) -> ArticleProbe:
    """One article as a crawl would read it."""
    if reply.problem:
        return ArticleProbe(url, reply.status, reply.problem, reply.refused)
    item = item_of(Page(url, reply.body, context.now(), reply.content_type), source, keep="all")
    run_safely(item, context, _READING)
    article = item.article
    return ArticleProbe(
        url,
        reply.status,
        refused=item.outcome == "blocked",
        outcome=item.outcome or "",
        reason=item.reason,
        title=article.title,
        lead=bool(article.lead),
        length=len(article.body),
        published=article.published_at,
        published_from=article.published_from,
        doubt=article.doubt,
        rule_missed=item.rule_missed,
    )
