"""Why an address is not in the archive: the steps an article takes, and the first that failed.

They are answered from what is kept; only :func:`explain_and_try` visits a page, one that was never read.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any

from sqlite_utils import Database

from archive.articles import digest_of
from archive.clock import Clock, stamp, utc_now
from archive.db import reading, sort_at
from archive.home import Home
from archive.model import Outcome
from archive.pages import newest_page
from archive.reasons import reason
from archive.refused import REFUSING, Explanation, Step
from archive.stories.near_duplicates import StoryText, partners
from crawler.asked import Asked, ask
from crawler.asked.keep import read, visit
from crawler.listings.patterns import pattern_of
from crawler.sources import RESTING, Sources, has_lists, home_sources, item_of
from crawler.state import backoff, frontier
from crawler.urls import is_article
from crawler.workspace import Workspace
from pipelines.fingerprint import shingles
from pipelines.item import Context, ContextFiles, Item, Page
from pipelines.pool import Readers, failure
from pipelines.time_limit import LIMIT

VISITS = 5  # that are told, the newest
STAGED = frozenset({Outcome.TOO_SHORT, Outcome.NOT_ARTICLE, Outcome.IRRELEVANT})  # refused by the stages


@dataclass(frozen=True, slots=True)
class Files:
    """What the steps are looked up in; both databases may be open for reading only.

    ``read`` sends a page through the reading stages within their limit, as ``ReaderPool.wait_for`` does.
    """

    sources: Sources
    context: Context
    archive: Database
    pages: Database
    now: datetime
    read: Callable[[Item], Item]


@dataclass(slots=True)
class Explainer:
    """Explains addresses for the pages of the archive; the config is read at the first question.

    A kept page is read in a worker, one at a time: where pages are served no thread can be stopped.
    """

    home: Home
    now: Clock = utc_now
    limit: float = LIMIT
    _loaded: tuple[Sources, Context] | None = field(default=None, init=False)
    _turn: Lock = field(default_factory=Lock, init=False)

    def __call__(self, text: str) -> Explanation:
        """Raises BadAddress for what is none."""
        if self._loaded is None:
            sources = home_sources(self.home)
            self._loaded = sources, ContextFiles.of(self.home, sources.families).load(self.now)
        sources, context = self._loaded
        asked = ask(text, sources)
        with reading(self.home.archive_db) as archive, reading(self.home.pages_db) as pages:
            return explain(Files(sources, context, archive, pages, self.now(), self._read), asked)

    def _read(self, item: Item) -> Item:
        """The item read; raises TimeoutError where it, or those before it, take too long."""
        assert self._loaded is not None  # noqa: S101 - set by every question
        if not self._turn.acquire(timeout=self.limit):
            raise TimeoutError
        try:
            with closing(Readers(ContextFiles.of(self.home, self._loaded[0].families), count=1)) as worker:
                return worker.wait_for(item, self.limit)
        finally:
            self._turn.release()


def explain_and_try(workspace: Workspace, text: str, *, fetch: bool = True) -> Explanation:
    """The explanation of an address; a page that was never read is visited, to say what would be done."""
    asked, now = ask(text, workspace.sources), workspace.now()
    read_page = workspace.reader_pool.wait_for
    files = Files(workspace.sources, workspace.context, workspace.archive, workspace.pages, now, read_page)
    explanation = explain(files, asked)
    if not (fetch and explanation.untried) or backoff.resting(files.pages, asked.source.key, now):
        return explanation
    return replace(explanation, steps=[*explanation.steps, _trial(workspace, asked)])


def _trial(workspace: Workspace, asked: Asked) -> Step:
    keep = "relevant" if asked.foreign else asked.source.keep
    hint = frontier.hint_of(workspace.pages, asked.url)
    end = read(workspace, asked, visit([asked], workspace.sources)[0], keep=keep, hint=hint)
    if end.outcome is None:
        return Step("trial", ok=True, reason=reason("would_be_kept"), outcome=Outcome.STORED)
    why = reason("would_be_refused", outcome=end.outcome, why=end.reason)
    return Step("trial", ok=False, reason=why, outcome=end.outcome)


def explain(files: Files, asked: Asked) -> Explanation:
    """The steps in order; the archive has the last word where it holds the article."""
    row = next(files.pages.query("select * from addresses where url = ?", [asked.url]), None)
    item = _read_anew(files, asked, row)
    steps = [*_before_visits(files, asked, row), *_visits(files, asked), *_stages(row, item)]
    kept = _kept(files, asked, row) or _same_text(files, asked, item)
    steps.append(kept[0] if kept else Step("archive", ok=False, reason=reason("not_in_archive")))
    failed = next(step for step in [*steps, steps[-1]] if step.ok is False or step is steps[-1])
    return Explanation(
        asked.url,
        asked.source.key,
        steps[-1] if steps[-1].ok else failed,
        [*steps, *_same_story(files, asked, item, kept is not None)],
        kept[1] if kept else None,
        untried=(kept is None or not kept[0].ok) and (row is None or row["outcome"] is None),
    )


Row = dict[str, Any] | None


def _before_visits(files: Files, asked: Asked, row: Row) -> Iterator[Step]:
    """Whose address it is, whether it looks like an article's, which list named it, whether its turn came."""
    source, visited = asked.source, row is not None and row["outcome"] is not None
    state = _state_of(asked)
    yield Step(
        "source",
        (None if visited else False) if state else True,
        state or reason("of_source", name=source.name),
    )
    if not asked.foreign:
        fits = is_article(asked.url, source)
        why = reason("article_address" if fits else "no_article_address", pattern=source.article.pattern)
        yield Step("address", True if fits else None if row else False, why)
    yield _named(files, asked, row)
    if row and not visited:
        yield _turn(files, asked, row)


def _state_of(asked: Asked) -> str:
    """Why a source is not crawled; empty for one that is."""
    if asked.foreign:
        return reason("of_no_source")
    if asked.source.state in RESTING:
        return reason(f"source_{asked.source.state}", name=asked.source.name)
    return "" if has_lists(asked.source) else reason("source_without_lists", name=asked.source.name)


def _named(files: Files, asked: Asked, row: Row) -> Step:
    if row and row["found_in"]:
        at = row.get("named_at") or row["found_at"]
        return Step(
            "list", ok=True, reason=reason("named_by", list=row["found_in"], seen=row["found_at"], until=at)
        )
    if row:
        return Step("list", ok=True, reason=reason("asked_by_hand", seen=row["found_at"]))
    if asked.foreign:
        return Step("list", ok=False, reason=reason("no_list"))
    if crowd := _left_out(files, asked):
        return Step("list", ok=False, reason=reason("left_out", list=crowd[0], n=crowd[1]))
    sql = "select count(*), max(fetched_at) from lists where source = ? and fetched_at is not null"
    lists, last = files.pages.execute(sql, [asked.source.key]).fetchone()
    return Step(
        "list", ok=False, reason=reason("not_named", n=lists, seen=last) if lists else reason("lists_unread")
    )


def _left_out(files: Files, asked: Asked) -> tuple[str, int] | None:
    """The list that named too many addresses like this one, and how many of them were not taken."""
    sql = "select url, left_out from lists where source = ? and left_out != '{}' order by fetched_at desc"
    for url, text in files.pages.execute(sql, [asked.source.key]):
        count = json.loads(text).get(pattern_of(asked.url))
        if count:
            return url, count
    return None


def _turn(files: Files, asked: Asked, row: dict[str, Any]) -> Step:
    """Why an address that a list named was not visited yet."""
    rest = backoff.resting(files.pages, asked.source.key, files.now)
    if rest:
        return Step("turn", ok=False, reason=rest.reason)
    at = row["next_at"]
    if at is None:
        return Step("turn", ok=False, reason=reason("never_due"))
    code = "not_due" if at > stamp(files.now) else "due_now"
    return Step("turn", ok=False, reason=reason(code, until=at))


def _visits(files: Files, asked: Asked) -> Iterator[Step]:
    """What robots.txt and each visit came to, the newest last; an earlier one decides nothing."""
    sql = "select at, outcome, reason from visits where url = ? order by id desc limit ?"
    rows = list(files.pages.execute(sql, [asked.url, VISITS]))[::-1]
    for number, (at, outcome, why) in enumerate(rows, 1):
        failed = outcome in REFUSING - STAGED and number == len(rows)
        name = "robots" if outcome == Outcome.ROBOTS else "visit"
        came = {"seen": at, "outcome": outcome}
        told = reason("visited", **came, why=why) if why else reason("visited_well", **came)
        yield Step(name, False if failed else None, told, outcome)


def _read_anew(files: Files, asked: Asked, row: Row) -> Item | None:
    """The raw page that is kept of an address, read by the rules of today."""
    url = row["article_url"] if row and row["article_url"] else asked.url
    raw = newest_page(files.pages, url)
    if raw is None:
        return None
    hint = frontier.read_hint(row["hint"] if row else "{}")
    page = Page(raw.url, raw.body, raw.fetched_at, raw.content_type)
    item = item_of(page, asked.source, hint=hint, read_whole=True)
    try:
        return files.read(item)
    except Exception as error:  # noqa: BLE001 - what reading it came to
        return replace(item, outcome=Outcome.FAILED, reason=failure(error))


def _stages(row: Row, item: Item | None) -> Iterator[Step]:
    """What the stages decided, by the rules of today where the raw page is kept."""
    if item is not None and item.outcome is not None:
        yield Step("stages", ok=False, reason=item.reason, outcome=item.outcome)
    elif row and row["outcome"] in STAGED:
        why = reason("kept_by_rules_of_today", why=row["reason"]) if item else row["reason"]
        yield Step("stages", ok=False, reason=why, outcome=row["outcome"])
    elif item is not None:
        yield Step("stages", ok=True, reason=reason("passes_stages", score=f"{item.article.score:g}"))


def _kept(files: Files, asked: Asked, row: Row) -> tuple[Step, int] | None:
    """The article of an address, also where its page named another as its own."""
    sql = "select id, title, url, first_seen_at, unread from articles where url = ?"
    for url in filter(None, [asked.url, row and row["article_url"]]):
        known = files.archive.execute(sql, [url]).fetchone()
        if known:
            article_id, title, own, since, unread = known
            if unread:
                return Step(
                    "archive", ok=None, reason=reason("headline_kept", title=title, why=unread)
                ), article_id
            code = "kept" if own == asked.url else "kept_elsewhere"
            return Step("archive", ok=True, reason=reason(code, title=title, url=own, seen=since)), article_id
    return None


def _same_text(files: Files, asked: Asked, item: Item | None) -> tuple[Step, int] | None:
    """An article of this source with exactly this text."""
    if item is None or not item.article.body:
        return None
    sql = "select id, title, url, first_seen_at from articles where sha256 = ? and source = ?"
    known = files.archive.execute(sql, [digest_of(item.article), asked.source.key]).fetchone()
    if known is None:
        return None
    article_id, title, url, since = known
    why = reason("kept_elsewhere", title=title, url=url, seen=since)
    return Step("archive", ok=True, reason=why), article_id


def _same_story(files: Files, asked: Asked, item: Item | None, kept: bool) -> Iterator[Step]:
    """Articles of other outlets that carry the text."""
    if item is None or kept or not item.article.body:
        return
    article = item.article
    at = article.published_at or (item.page.fetched_at if item.page else files.now)
    credit = article.credit
    piece = StoryText(
        0, asked.url, asked.source.key, sort_at(at), article.lead, article.body,
        credit.outlet if credit else None, credit.url if credit else None,
    )  # fmt: skip
    for other in partners(files.archive, piece, shingles(article.text))[:1]:
        outlet, title, url = files.archive.execute(
            """select coalesce(s.name, a.source), a.title, a.url from articles a
               left join sources s on s.key = a.source where a.id = ?""",
            [other],
        ).fetchone()
        yield Step("story", ok=None, reason=reason("story_kept", outlet=outlet, title=title, url=url))
