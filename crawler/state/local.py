"""The state of the sources on one machine: the spiders' verbs answered from archive.db and pages.db."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import UNSET

from archive.articles import digest_of, is_another, is_followed, is_kept, missed, read_by, still_there
from archive.articles.headlines import announce, is_unread, note_unread, readdress, withdraw
from archive.articles.losses import held, text_of
from archive.databases.check import note_fault
from archive.databases.faults import fault_of
from archive.db import writing
from archive.model import Outcome
from archive.pages import RawPage, has_page, keep, newest_page, note_fetches
from archive.reasons import reason
from archive.refused import REFUSING
from crawler.listings.backfill import Backfill, list_addresses
from crawler.sources import Source
from crawler.state import at_hand, backoff, frontier, noting, proofs
from crawler.state.frontier import NOT_MODIFIED, VisitEnd
from crawler.state.headlines import page_headline
from crawler.state.messages import (
    Address,
    Due,
    ListAddress,
    ListingRead,
    PageEnded,
    RunEnded,
    StateLost,
)
from crawler.state.outcomes import Archive, End, RawPageKept, consequence
from crawler.state.run_log import RunLog
from crawler.state.turns import ROOM
from crawler.workspace import Workspace
from pipelines.extract.version import reading_mark
from pipelines.item import Item
from pipelines.pool import UNREAD, failure
from pipelines.prefilter import raw_names, text_names
from pipelines.store import store

_SHOWN = frozenset({Outcome.STORED, Outcome.REVISED})  # its article stands as the page shows it since now
_READ = _SHOWN | {Outcome.UNCHANGED}


@dataclass(slots=True)
class LocalState:
    """Answers every spider of this process; ``runs`` are those under way."""

    workspace: Workspace
    runs: dict[int, RunLog] = field(default_factory=dict)
    lost: dict[str, str] = field(
        default_factory=dict
    )  # by source, why what it brought could not be written down

    @contextmanager
    def _writing_down(self, source: str) -> Iterator[None]:
        """Where a database cannot be used, the crawl of this source ends, and says why."""
        try:
            yield
        except Exception as error:
            why = fault_of(error)
            if not why:
                raise
            self.lost[source] = why
            note_fault(self.workspace.home.path, why)
            raise StateLost(why) from error

    def due(self, source: str, backfill: Backfill | None = None) -> Due:
        """Begin a run: the lists and the pages of a source to fetch now; nothing while it rests."""
        with self._writing_down(source):
            return self._due(source, backfill)

    def _due(self, source: str, backfill: Backfill | None) -> Due:
        pages, now = self.workspace.pages, self.workspace.now()
        log = RunLog(self.workspace, self.workspace.sources.by_key[source], past=backfill is not None)
        log.open()
        log.suspects = at_hand.suspects(pages, source)
        self.runs[log.run_id] = log
        frontier.believe_no_future(pages, source, now)
        rest = backoff.resting(pages, source, now)
        if rest:
            log.rest(rest)
            return Due(log.run_id)
        return Due(log.run_id, tuple(self._lists(log, backfill)), self._pages(log))

    def visit_alone(self, source: Source) -> None:
        """Begin a visit that belongs to no run; its number is 0."""
        self.runs[0] = RunLog(self.workspace, source)

    def _lists(self, log: RunLog, backfill: Backfill | None) -> Iterator[ListAddress]:
        for kind, urls in list_addresses(log.source, self.workspace.now(), backfill):
            asked = [frontier.list_address(self.workspace.pages, url, kind) for url in urls]
            asked += frontier.waiting_lists(self.workspace.pages, log.source.key, kind)
            yield from (one for one in asked if not self._is_given_up(log, one.url))

    def _is_given_up(self, log: RunLog, url: str) -> bool:
        """Whether a list ended the processes that read it: this time the others are read."""
        if log.suspects.get(url, 0) < at_hand.GIVEN_UP:
            return False
        at_hand.give_up(self.workspace.pages, url)
        log.list_failed(url, reason("reader_lost"))
        return True

    def _pages(self, log: RunLog) -> tuple[Address, ...]:
        """The pages that are due and were not handed out in this run, as far as there is room."""
        archive, now = self.workspace.archive, self.workspace.now()
        room = ROOM - len(log.asked) + sum(log.outcomes.values())
        pages = frontier.due(self.workspace.pages, log.source.key, now, room, log.asked)
        log.asked.update(address.url for address in pages)
        pages = self._suspects_last(log, pages)
        lost = proofs.lost_here(self.workspace.pages, log.source.key)
        read = proofs.with_validators(self.workspace.pages, [address.url for address in pages])
        return tuple(
            replace(
                self._asked_whole(one, read.get(one.url)),
                kept=one.url in lost or is_kept(archive, one.url),
                headline=is_unread(archive, one.url),
                alone=one.url in log.suspects,
            )
            for one in pages
        )

    def _suspects_last(self, log: RunLog, pages: list[Address]) -> list[Address]:
        """The pages, those behind all others that ended a process; what ended several has failed."""
        for one in pages:
            if log.suspects.get(one.url, 0) >= at_hand.GIVEN_UP:
                self.page_ended(PageEnded(log.run_id, one.url, Outcome.FAILED, reason("reader_lost")))
                at_hand.begin(self.workspace.pages, log.source.key, one.url, self.workspace.now())
        pages = [one for one in pages if log.suspects.get(one.url, 0) < at_hand.GIVEN_UP]
        return sorted(pages, key=lambda one: one.url in log.suspects)

    def _asked_whole(self, address: Address, read: tuple[str, str] | None) -> Address:
        """Without validators where the archive does not hold what was read with them (``read``)."""
        if read is None or held(self.workspace.archive, *read):
            return address
        return replace(address, etag=None, last_modified=None)

    def begun(self, run: int, url: str) -> None:
        """Leave word of what is being read, for the case that it ends this process."""
        source = self.runs[run].source.key
        with self._writing_down(source):
            at_hand.begin(self.workspace.pages, source, url, self.workspace.now())

    def listing_read(self, listing: ListingRead) -> Due:
        """Note what a list named; the further lists and the pages to fetch because of it."""
        with self._writing_down(self.runs[listing.run].source.key):
            return self._listing_read(listing)

    def _listing_read(self, listing: ListingRead) -> Due:
        log, pages = self.runs[listing.run], self.workspace.pages
        at_hand.end(pages, listing.url)
        if listing.problem or listing.status == NOT_MODIFIED:
            if 300 <= listing.status < 500 or listing.status == 200:
                frontier.leave_list(pages, listing.url)
            if listing.problem:
                log.list_failed(listing.url, listing.problem)
            else:
                frontier.list_unchanged(pages, listing.url, self.workspace.now())
                log.list_unchanged()
            return Due(log.run_id)
        further = noting.note(self.workspace, log, listing)
        lists = (frontier.list_address(pages, link.url, listing.kind, listing.depth + 1) for link in further)
        return Due(log.run_id, tuple(lists), self._pages(log))

    def more(self, run: int) -> Due:
        """The next pages of a run."""
        log = self.runs[run]
        with self._writing_down(log.source.key):
            while not (pages := self._pages(log)) and log.backlog:
                log.backlog.popleft()()
            return Due(run, pages=pages)

    def page_ended(self, page: PageEnded) -> None:
        """Store what was read to its end, and do what the table of outcomes says of every end."""
        with self._writing_down(self.runs[page.run].source.key):
            self._page_ended(page)
            if backlog := self.runs[page.run].backlog:
                backlog.popleft()()

    def _page_ended(self, page: PageEnded) -> None:
        log, item = self.runs[page.run], page.item
        outcome, why = page.outcome, page.reason
        if item is not None and proofs.broke_off(self.workspace.pages, item):
            item, outcome, why = None, Outcome.FAILED, reason("incomplete")
        if unchanged(page) and proofs.is_lacking(
            self.workspace.pages, self.workspace.archive, page.url
        ):  # no answer to a request for the whole page
            page = replace(page, outcome=Outcome.FAILED)
            outcome, why = Outcome.FAILED, reason("http", status=NOT_MODIFIED)
        if item is not None:
            self._settle_address(item, page.url)
            outcome, why = (outcome, why) if outcome else self._store(item, page.url)
            now_none = consequence(End(outcome, kept=self._kept(item.article.url))).counts_as
            outcome, why = (now_none, reason("no_article_any_more", why=why)) if now_none else (outcome, why)
        assert outcome is not None  # noqa: S101 - only a page that was read comes without
        if item is not None and outcome is Outcome.TOO_SHORT:
            self._announce_page(item, page.url)
        end = self._end(page, outcome)
        visit = VisitEnd(
            page.url, outcome, why, page.status, page.size, page.etag, page.last_modified,
            end.relevant, end.headline, end.open,
            article_url=item.article.url if item and item.article_id else "",
            names_in=self._names_in(page, outcome) if outcome in REFUSING else "",
            **self._proof(item, outcome),
        )  # fmt: skip
        raw = self._keep_raw(item, outcome, consequence(end).raw_page) if item is not None else ""
        self._note_fetches(page, outcome, raw)
        if item is not None:
            log.read(item, outcome, again=frontier.was_visited(self.workspace.pages, page.url))
        self._note_in_archive(consequence(end).archive, page.url, why)
        if end.headline and not unchanged(page):
            self._still_unread(visit)
        log.ended(visit)
        at_hand.end(self.workspace.pages, page.url)

    def _proof(self, item: Item | None, outcome: Outcome) -> dict[str, Any]:
        """Which article the archive holds now, and in which text: what the validators of this visit go with."""
        if item is None or outcome not in _READ:
            return {}
        return text_of(self.workspace.archive, item.article.url)

    def _announce_page(self, item: Item, url: str) -> None:
        """Keep the headline of a page that has hardly more, where no list gave one."""
        source = self.workspace.sources.by_key.get(item.article.source)
        if source is None or is_unread(self.workspace.archive, url):
            return
        now = self.workspace.now()
        if headline := page_headline(item.article, url, source, self.workspace.context, now):
            announce(self.workspace.archive, [headline], now)

    def _still_unread(self, visit: VisitEnd) -> None:
        """A story that a list named could not be read; where its page stayed away to the end, it is gone."""
        archive, now = self.workspace.archive, self.workspace.now()
        note_unread(archive, visit.url, visit.reason or str(visit.outcome))
        if visit.outcome is Outcome.GONE and frontier.is_last_visit(
            self.workspace.pages, visit, self.workspace.sources, now
        ):
            withdraw(archive, visit.url, visit.reason, now)

    def _end(self, page: PageEnded, outcome: Outcome) -> End:
        """What the consequences depend on; tries and age are the frontier's."""
        archive, url = self.workspace.archive, page.url
        headline = is_unread(archive, url)
        if unchanged(page):
            return End(outcome, relevant=is_followed(archive, url), read=False, headline=headline, open=True)
        if outcome is Outcome.GONE:
            return End(outcome, relevant=self._kept(url), headline=headline)
        article = page.item.article if page.item else None
        relevant = article is not None and article.relevant and article.url == url
        return End(outcome, relevant=relevant, headline=headline, open=page.open)

    def _names_in(self, page: PageEnded, outcome: Outcome) -> str:
        """Where an address that is refused names the province: ``list``, ``page``, or nowhere."""
        item, names = page.item, self.workspace.context.places.enough
        hint = item.hint if item else frontier.hint_of(self.workspace.pages, page.url)
        if text_names(f"{hint.title}\n{hint.summary}", names):
            return "list"
        if item is None or item.prefiltered:
            return ""
        if text_names(f"{item.article.title}\n{item.article.text}", names):
            return "page"
        if item.page is None or outcome is Outcome.IRRELEVANT:  # its menu may name it
            return ""
        return "page" if raw_names(item.page.body, names, item.page.content_type) else ""

    def _kept(self, url: str) -> bool:
        return is_kept(self.workspace.archive, url)

    def _settle_address(self, item: Item, asked: str) -> None:
        """An article that moved stays the one it was, with its edits."""
        if item.article.url != asked and not self._kept(item.article.url) and self._kept(asked):
            item.article.url = asked
            item.page = replace(item.page, url=asked) if item.page else None

    def _store(self, item: Item, asked: str) -> tuple[Outcome, str]:
        """Store a page that was read to its end; one that breaks the store is failed, and the crawl goes on."""
        archive = self.workspace.archive
        try:
            self._read_anew(item)
            item.article_id = proofs.known_id(self.workspace.pages, asked)
            with writing(archive):
                readdress(archive, asked, item.article)
                store(item, self.workspace.context)
                if item.reprocessed:
                    still_there(archive, item.article.url, self.workspace.now())
        except Exception as error:
            if fault_of(error):  # of the archive, not of the page: it stays due
                raise
            item.article_id = None
            return Outcome.FAILED, failure(error)
        return item.outcome or Outcome.FAILED, item.reason

    def _read_anew(self, item: Item) -> None:
        """Where other rules read the article than those of today, its page that is kept is read anew first.

        So only what the outlet changed is an edit. Where its page is lost too, or takes long to read, nobody
        knows what that was: what differs is no edit then.
        """
        archive, context, url = self.workspace.archive, self.workspace.context, item.article.url
        if not self._kept(url) or read_by(archive, url) == reading_mark(item.rules, context.families):
            return
        raw = newest_page(self.workspace.pages, url)
        if raw is None or not self._store_before(raw):
            item.reprocessed = read_by(archive, url) != "" and not is_another(archive, item.article)

    def _store_before(self, raw: RawPage) -> bool:
        """Store what a page that is kept says by the rules of today; False where reading it holds up all."""
        try:
            before = self.workspace.reader_pool.wait_shortly_for(self.workspace.stored_item(raw, keep="all"))
        except UNREAD:
            return False
        if before.outcome is None:
            store(before, self.workspace.context)
        return True

    def _keep_raw(self, item: Item, outcome: Outcome, when: RawPageKept) -> str:
        """Pages that name the province are kept even when irrelevant, so that new rules can find them.

        The SHA-256 of the page where it is new, or shows its article as it stands now; else ''.
        """
        page, db = item.page, self.workspace.pages
        named = any(mention.kind == "place" for mention in item.article.mentions)
        first = when == "first" and page is not None and not has_page(db, page.url)
        if page is None or item.older or not (first or when == "always" or (when == "named" and named)):
            return ""
        raw = RawPage(page.url, item.article.source, page.fetched_at, page.content_type, page.body)
        told = keep(db, raw) or outcome in _SHOWN
        return hashlib.sha256(page.body).hexdigest() if told else ""

    def _note_fetches(self, page: PageEnded, outcome: Outcome, raw: str) -> None:
        """Note how a page came that is kept, or what came where the page of an article was missing."""
        item, db = page.item, self.workspace.pages
        if raw and item is not None and item.page is not None:
            text = digest_of(item.article) if outcome in _READ else None
            note_fetches(db, item.page.url, page.fetches, raw, text)
        elif outcome is Outcome.GONE and self._kept(page.url):
            note_fetches(db, page.url, page.fetches[:1], None, None)

    def _note_in_archive(self, action: Archive, url: str, why: str) -> None:
        archive, now = self.workspace.archive, self.workspace.now()
        if action == "missed":
            missed(archive, url, why, now, self.workspace.sources.gone_after)
        elif action == "seen":
            still_there(archive, url, now)

    def run_ended(self, run: RunEnded) -> None:
        """Close the run; a source that asked to be left alone rests."""
        log = self.runs.pop(run.run)
        log.notes.clocks = run.clocks or UNSET
        with self._writing_down(log.source.key):
            if run.status:
                pages, now = self.workspace.pages, self.workspace.now()
                log.rest(backoff.begin(pages, log.source.key, run.status, run.retry_after, now))
            log.close(run.reason, run.fault)


def unchanged(page: PageEnded) -> bool:
    """Whether a page answered «304, unchanged»."""
    return page.status == NOT_MODIFIED and page.outcome is Outcome.UNCHANGED
