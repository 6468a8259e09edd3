"""Brings the pages of a WARC in, each as it was seen at its time, with the stages and outcomes of a crawl."""

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

from archive.articles import is_kept, missed, still_there
from archive.clock import moment
from archive.config import ConfigError
from archive.databases.faults import fault_of
from archive.i18n import current
from archive.model import Article, Outcome
from archive.pages import RawPage, has_page, load
from archive.pages import keep as keep_page
from archive.reasons import reason
from crawler.bulk import Begun, BulkReading, reading_by, some_ahead
from crawler.importing.answers import WarcAnswer, answer_of, as_response, digests
from crawler.importing.records import WarcRecord, records
from crawler.importing.texts import Imported, Warn, evaluated
from crawler.responses import PageResponse, content_type, read_response
from crawler.sources import Source, item_of
from crawler.state.outcomes import End, consequence
from crawler.urls import source_of
from crawler.workspace import Workspace
from pipelines.item import Item, Keep, Page
from pipelines.pool import failure
from pipelines.store import store

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

IMPORTED = "import"  # the source of pages of no outlet in sources.yml
_ANY_PAGE = re.compile(r"^https?://[^/]+/[^?#]")
_MOVED = range(300, 400)
_NOT_MODIFIED = 304


def _is_again(answer: WarcAnswer) -> bool:
    """Whether it stands for a page that was seen before."""
    return answer.before is not None or answer.status == _NOT_MODIFIED


def import_warc(
    workspace: Workspace,
    file: Path,
    *,
    keep: Keep = "all",
    progress: bool = False,
    warn: Warn = lambda line: None,
    reading: BulkReading | None = None,
) -> Imported:
    """Bring in every page of the file; what it says of an article later than the file's own time stands.

    Each page is a transaction of its own: a file can simply be brought in again. A page that is not whole is
    ``failed``. ``reading``: who reads, this process and its readers where nobody is named. Raises ConfigError
    for a file that cannot be read.
    """
    done = Imported()
    reading = reading or reading_by(partial(_read_here, workspace))
    bringer = _Bringer(workspace, keep, reading)
    try:
        with file.open("rb") as raw, click.progressbar(length=file.stat().st_size, hidden=not progress) as bar:
            answers = (_next(record, raw, bar) for record in records(raw))
            taken = (bringer.take(answer) if answer else None for answer in answers)
            for one in some_ahead(taken, reading.ahead, lambda one: len(one.answer.body) if one else 0):
                outcome = bringer.bring(one) if one else None
                if one is None or outcome is None:
                    done.others += 1
                    continue
                done.outcomes[outcome] += 1
                evaluated(workspace, done)
                if bringer.fault:
                    done.faults += 1
                    warn(f"{file}: {one.answer.url}: {current().reason(bringer.fault)}")
    except OSError as error:
        raise ConfigError(current()("config.unreadable", path=file, why=error)) from error
    evaluated(workspace, done, last=True)
    return done


def _next(record: WarcRecord, raw: IO[bytes], bar: "ProgressBar[Any]") -> WarcAnswer | None:
    bar.update(raw.tell() - bar.pos)
    return answer_of(record)


def _read_here(workspace: Workspace, item: Item) -> Item:
    try:
        return workspace.reader_pool.wait_for(item)
    except Exception as error:  # noqa: BLE001 - the end of this page; the next ones go on
        return replace(item, outcome=Outcome.FAILED, reason=failure(error))


@dataclass(slots=True)
class _TakenAnswer:
    """An answer that was taken from the file; what is told here of it does not depend on the archive.

    ``response`` is what a crawl would make of it, ``page`` what is to be read; ``read`` waits for that.
    """

    answer: WarcAnswer
    fault: str
    at: datetime
    source: Source | None = None
    response: PageResponse | None = None
    page: Page | None = None
    read: Begun | None = None


@dataclass(slots=True)
class _Bringer:
    """Brings in one answer after the other; ``fault``: why the last one could not be read."""

    workspace: Workspace
    keep: Keep
    reading: BulkReading
    fault: str = ""
    strangers: dict[str, Source] = field(default_factory=dict)

    def take(self, answer: WarcAnswer) -> _TakenAnswer:
        """An answer before its turn: its page begins to be read where it seems to be wanted."""
        now = self.workspace.now()
        fault = answer.problem if answer.at else reason("warc_no_date")
        taken = _TakenAnswer(answer, fault, min(answer.at or now, now))  # nothing was seen in the future
        if not fault and not _is_again(answer) and answer.status not in _MOVED:
            try:
                self._take_page(taken)
            except ValueError as error:  # an address that is none
                taken.fault = failure(error)
        return taken

    def _take_page(self, taken: _TakenAnswer) -> None:
        answer, at = taken.answer, taken.at
        taken.source, response = self._source(answer), as_response(answer)
        read = read_response(response, taken.source)
        url = unquote(answer.article) if answer.article.startswith("urn:") else answer.article or read.url
        taken.response = replace(read, url=url)
        if read.outcome is not None:
            return
        taken.page = Page(url, answer.body, at, content_type(response))
        if self.reading.ahead and self._seen_until(url) < at:
            taken.read = self._begin(taken.page, taken.source)

    def bring(self, taken: _TakenAnswer) -> Outcome | None:
        """What came of an answer; None where it is no page and of no article."""
        self.fault = taken.fault
        if self.fault:
            return Outcome.FAILED
        try:
            if taken.response is not None:
                return self._page(taken, taken.response)
            return self._again(taken.answer, taken.at) if _is_again(taken.answer) else None
        except ValueError as error:
            self.fault = failure(error)
            return Outcome.FAILED

    def _source(self, answer: WarcAnswer) -> Source:
        known = self.workspace.sources
        if source := source_of(answer.url, known.by_key.values()) or known.by_key.get(answer.source):
            return source
        parts = urlsplit(answer.url)
        key, home = answer.source or IMPORTED, f"{parts.scheme}://{parts.netloc}/"
        stranger = Source(key, key, home, "national", _ANY_PAGE, keep="all", hosts=frozenset({parts.netloc}))
        return self.strangers.setdefault(f"{key} {home}", stranger)

    def _page(self, taken: _TakenAnswer, response: PageResponse) -> Outcome | None:
        url, page, source = response.url, taken.page, taken.source
        if response.outcome is not None:
            is_here = is_kept(self.workspace.archive, url)
            return self._ended(url, response.outcome, response.reason, taken.at) if is_here else None
        assert page is not None  # noqa: S101 - taken with the response, as the source is
        assert source is not None  # noqa: S101
        if self._seen_until(url) >= taken.at:
            self._keep_raw(page, source.key)
            return Outcome.UNCHANGED
        return self._read(page, source, taken.read)

    def _begin(self, page: Page, source: Source) -> Begun:
        article = Article(page.url, source.key)
        return self.reading.begin(item_of(page, source, article=article, keep=self.keep))

    def _read(self, page: Page, source: Source, read: Begun | None = None) -> Outcome:
        """Through the stages, as it would have been read then."""
        at = page.fetched_at
        item = (read or self._begin(page, source))()
        if item.outcome is None:
            self._store(item, at)
        outcome, url = item.outcome or Outcome.FAILED, item.article.url
        if outcome is Outcome.FAILED:
            self.fault = item.reason
        if outcome in (Outcome.STORED, Outcome.REVISED) or not has_page(self.workspace.pages, url):
            self._keep_raw(replace(page, url=url), source.key, only_of=url)
        return self._ended(url, outcome, item.reason, at)

    def _store(self, item: Item, at: datetime) -> None:
        try:
            store(item, replace(self.workspace.context, now=lambda: at))
        except Exception as error:
            if fault_of(error):  # of the databases, not of the page
                raise
            item.outcome, item.reason = Outcome.FAILED, failure(error)

    def _ended(self, url: str, outcome: Outcome, why: str, at: datetime) -> Outcome:
        """What follows for the article that stood at this address, by the table of outcomes."""
        archive = self.workspace.archive
        end = consequence(End(outcome, kept=is_kept(archive, url), relevant=True))
        if end.counts_as is not None:
            why, outcome = reason("no_article_any_more", why=why), end.counts_as
            end = consequence(End(outcome, relevant=True))
        if end.archive == "missed" and self._seen_until(url) < at:
            missed(archive, url, why, at, self.workspace.sources.gone_after)
        return outcome

    def _again(self, answer: WarcAnswer, at: datetime) -> Outcome | None:
        """An answer that stands for a page seen before: that page, at this time."""
        named, seen_at, digest = answer.before or (answer.url, "", "")
        url = unquote(answer.article) if answer.article else self._address(named)
        if not is_kept(self.workspace.archive, url):
            return None
        if self._seen_until(url) >= at:
            return Outcome.UNCHANGED
        if raw := self._kept_page(url, seen_at, digest):
            page = Page(url, raw.body, at, raw.content_type)
            return self._read(page, self._source(replace(answer, source=raw.source)))
        still_there(self.workspace.archive, url, at)
        return Outcome.UNCHANGED

    def _address(self, url: str) -> str:
        """The address under which the article of a page is kept."""
        answer = WarcAnswer(url, None)
        return read_response(as_response(answer), self._source(answer)).url

    def _kept_page(self, url: str, seen_at: str, digest: str) -> RawPage | None:
        """The raw page of an address that a revisit means."""
        rows = self.workspace.pages.execute("select id from pages where url = ? order by id desc", [url])
        for (page_id,) in rows.fetchall():
            raw = load(self.workspace.pages, page_id)
            if digest.lower() in digests(raw.body):
                return raw
            with suppress(ValueError):
                if not digest and seen_at and moment(seen_at) == raw.fetched_at:
                    return raw
        return None

    def _seen_until(self, url: str) -> datetime:
        """When the article of an address was seen last; before all times where there is none."""
        sql = "select last_seen_at from articles where url = ? and unread = ''"
        row = self.workspace.archive.execute(sql, [url]).fetchone()
        return moment(row[0]) if row else moment("0001-01-02T00:00:00Z")

    def _keep_raw(self, page: Page, source: str, *, only_of: str = "") -> None:
        if only_of and not is_kept(self.workspace.archive, only_of):
            return
        raw = RawPage(page.url, source, page.fetched_at, page.content_type, page.body)
        keep_page(self.workspace.pages, raw)
