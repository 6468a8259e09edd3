"""Keep one article by its address, as ``diemtin add`` and the page Đã loại do: one polite visit, no judging."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.articles.headlines import announce
from archive.digests.alerts import evaluate
from archive.home import Held
from archive.model import Outcome
from archive.reasons import reason
from archive.refused import MANUAL, MANUAL_NAME, REFUSING, want, wanted
from crawler.asked import Asked, ask
from crawler.listings import Link
from crawler.resolver import own_network_as_named, private_hosts
from crawler.sources import Sources, item_of
from crawler.state import backoff, frontier
from crawler.state.headlines import headlines
from crawler.state.local import LocalState
from crawler.state.messages import PageEnded
from crawler.urls import own_host
from crawler.workspace import Workspace
from pipelines.item import Hint, Item, Page
from pipelines.pool import failure

if TYPE_CHECKING:
    from scrapy.http import Response


@dataclass(frozen=True, slots=True)
class Kept:
    """What asking for an address came to; ``outcome`` is None for one that was kept before, or waits.

    ``unread``: only what a list said of it is kept.
    """

    url: str
    outcome: Outcome | None = None
    reason: str = ""
    article_id: int | None = None
    title: str = ""
    unread: bool = False

    @property
    def lost(self) -> bool:
        """Whether it was tried and nothing is kept."""
        return self.outcome in REFUSING and self.article_id is None


def keep_address(workspace: Workspace, text: str) -> Kept:
    """Read an address now and keep it, whatever it says; one that is kept already is not asked for.

    While its source is being crawled it waits for its turn there, so that no host is asked twice at once.
    """
    asked = ask(text, workspace.sources)
    known = in_archive(workspace, asked.url)
    if known is not None and not known.unread:
        return known
    rest = backoff.resting(workspace.pages, asked.source.key, workspace.now())
    if rest is not None:
        return Kept(asked.url, Outcome.FAILED, rest.reason)
    want(workspace.pages, asked.url, asked.source.key, workspace.now())
    try:
        return _keep(workspace, [asked])[0]
    except Held:
        return Kept(asked.url, reason=reason("being_crawled", source=asked.source.name))


def keep_queued(workspace: Workspace) -> list[Kept]:
    """Read and keep all that was asked for elsewhere, source by source; what cannot be asked now stays."""
    by_source: dict[str, list[Asked]] = {}
    for url, _ in wanted(workspace.home.pages_db, workspace.now()):
        asked = ask(url, workspace.sources)
        by_source.setdefault(asked.source.key, []).append(replace(asked, url=url))
    kept = []
    for key, some in by_source.items():
        try:
            if not backoff.resting(workspace.pages, key, workspace.now()):
                kept += _keep(workspace, some)
        except Held:
            continue
    return kept


def _keep(workspace: Workspace, some: Sequence[Asked]) -> list[Kept]:
    """Visit pages of one source and do what follows from each; raises Held while it is being crawled."""
    with workspace.home.lock(f"source-{some[0].source.key}"):
        if some[0].foreign:
            _note_manual(workspace)
        visited = zip(some, visit(some, workspace.sources), strict=True)
        kept = [_end(workspace, asked, answer) for asked, answer in visited]
    evaluate(workspace.archive, workspace.alerts, workspace.now())
    return kept


def _note_manual(workspace: Workspace) -> None:
    """The row that names the source; to health it is no source."""
    row = {"key": MANUAL, "name": MANUAL_NAME, "kind": "national", "state": "removed"}
    workspace.archive.table("sources").insert(row, pk="key", ignore=True)


def visit(some: Sequence[Asked], sources: Sources) -> "list[Response | Exception]":
    """The responses to requests for pages of one source, one after the other, or what kept them away."""
    from crawler.spiders.visit import run, visit_site

    source = some[0].source
    known = [host for one in sources.by_key.values() for host in one.hosts]
    anywhere = own_network_as_named([*known, *(urlsplit(asked.url).netloc for asked in some)])
    owns = anywhere if some[0].foreign else lambda netloc: own_host(netloc, source)

    async def get_all() -> "list[Response | Exception]":
        answers: list[Response | Exception] = []
        async with visit_site(sources.contact, source.delay, owns) as visitor:
            for asked in some:
                try:
                    answers.append(await visitor.response(asked.url))
                except Exception as error:  # noqa: BLE001 - whatever kept the page away
                    answers.append(error)
        return answers

    return run(get_all(), private_hosts(sources.by_key.values()))


def read(workspace: Workspace, asked: Asked, answer: "Response | Exception", **demand: Any) -> PageEnded:
    """How a single visit ended, its page read where one came; ``demand`` is the item's: keep, wanted, hint."""
    from crawler.middlewares import RobotsForbid, explain
    from crawler.responses import content_type, fetch_of, header, read_response

    if isinstance(answer, Exception):
        outcome = Outcome.ROBOTS if isinstance(answer, RobotsForbid) else Outcome.FAILED
        return PageEnded(0, asked.url, outcome, explain(answer))
    if asked.foreign:  # wherever it led is the page that was asked for
        asked = replace(asked, source=ask(answer.url, workspace.sources).source)
        answer.meta.pop("redirect_urls", None)
    response = read_response(answer, asked.source)
    end = PageEnded(
        0,
        asked.url,
        response.outcome,
        response.reason,
        status=answer.status,
        size=len(answer.body),
        etag=header(answer, "ETag"),
        last_modified=header(answer, "Last-Modified"),
        fetches=(fetch_of(answer, asked.url, workspace.now()),),
    )
    if response.outcome is not None:
        return end
    page = Page(response.url, answer.body, workspace.now(), content_type(answer))
    try:
        item = workspace.reader_pool.wait_for(_item(page, asked, demand))
    except Exception as error:  # noqa: BLE001 - the end of this page
        return replace(end, outcome=Outcome.FAILED, reason=failure(error))
    return replace(end, outcome=item.outcome, reason=item.reason, item=item)


def _item(page: Page, asked: Asked, demand: dict[str, Any]) -> Item:
    item = item_of(page, asked.source, **demand)
    return replace(item, outlet_name="") if asked.foreign else item


def _announce(workspace: Workspace, asked: Asked, hint: Hint) -> None:
    """Keep what a list said of the page, whatever it is about: it stays where the page cannot be read."""
    link = Link(asked.url, hint.title, hint.published_at, hint.summary)
    articles = headlines([link], replace(asked.source, keep="all"), workspace.context, workspace.now())
    announce(workspace.archive, articles, workspace.now())


def _end(workspace: Workspace, asked: Asked, answer: "Response | Exception") -> Kept:
    """Do what follows from a visit, as a crawl does; what lists gave of the page is at hand."""
    hint = frontier.hint_of(workspace.pages, asked.url)
    _announce(workspace, asked, hint)
    state = LocalState(workspace)
    state.visit_alone(asked.source)
    state.page_ended(read(workspace, asked, answer, keep="all", wanted=True, hint=hint))
    outcome, why, url = workspace.pages.execute(
        "select outcome, reason, coalesce(article_url, url) from addresses where url = ?", [asked.url]
    ).fetchone()
    kept = in_archive(workspace, url)
    if outcome in REFUSING:
        return replace(kept or Kept(asked.url), outcome=Outcome(outcome), reason=why)
    return replace(kept, outcome=Outcome(outcome), reason="") if kept else Kept(asked.url, Outcome.FAILED, why)


def in_archive(workspace: Workspace, url: str) -> Kept | None:
    """The article of an address, also where it is kept under another one; ``unread``: its headline alone."""
    row = workspace.pages.execute("select article_url from addresses where url = ?", [url]).fetchone()
    sql = (
        "select id, title, url, first_seen_at, unread from articles where url in (?, ?) order by unread limit 1"
    )
    known = workspace.archive.execute(sql, [url, row[0] if row else None]).fetchone()
    if known is None:
        return None
    article_id, title, own, since, unread = known
    return Kept(own, None, reason("kept_before", seen=since), article_id, title, bool(unread))
