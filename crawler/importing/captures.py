"""Brings the pages of a WARC in, each as it was seen at its time, with the stages and outcomes of a crawl."""

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from archive.articles import is_kept, missed, still_there
from archive.clock import moment
from archive.config import ConfigError
from archive.i18n import current
from archive.model import Article, Outcome
from archive.pages import RawPage, has_page, load
from archive.pages import keep as keep_page
from archive.reasons import reason
from crawler.importing.answers import WarcAnswer, answer_of, as_response, digests
from crawler.importing.records import records
from crawler.importing.texts import Imported, Warn, evaluated
from crawler.responses import content_type, read_response
from crawler.sources import Source, item_of
from crawler.state.outcomes import End, consequence
from crawler.urls import source_of
from crawler.workspace import Workspace
from pipelines.item import Keep, Page
from pipelines.pool import failure
from pipelines.store import store

IMPORTED = "import"  # the source of pages of no outlet in sources.yml
_ANY_PAGE = re.compile(r"^https?://[^/]+/[^?#]")
_MOVED = range(300, 400)
_NOT_MODIFIED = 304


def import_warc(
    workspace: Workspace,
    file: Path,
    *,
    keep: Keep = "all",
    progress: bool = False,
    warn: Warn = lambda line: None,
) -> Imported:
    """Bring in every page of the file; what it says of an article later than the file's own time stands.

    Each page is a transaction of its own: a file can simply be brought in again. A page that is not whole is
    ``failed``. Raises ConfigError for a file that cannot be read.
    """
    done = Imported()
    bringer = _Bringer(workspace, keep)
    try:
        with file.open("rb") as raw, click.progressbar(length=file.stat().st_size, hidden=not progress) as bar:
            for record in records(raw):
                answer = answer_of(record)
                bar.update(raw.tell() - bar.pos)
                outcome = bringer.bring(answer) if answer else None
                if answer is None or outcome is None:
                    done.others += 1
                    continue
                done.outcomes[outcome] += 1
                evaluated(workspace, done)
                if bringer.fault:
                    done.faults += 1
                    warn(f"{file}: {answer.url}: {current().reason(bringer.fault)}")
    except OSError as error:
        raise ConfigError(current()("config.unreadable", path=file, why=error)) from error
    evaluated(workspace, done, last=True)
    return done


@dataclass(slots=True)
class _Bringer:
    """Brings in one answer after the other; ``fault``: why the last one could not be read."""

    workspace: Workspace
    keep: Keep
    fault: str = ""
    strangers: dict[str, Source] = field(default_factory=dict)

    def bring(self, answer: WarcAnswer) -> Outcome | None:
        """What came of an answer; None where it is no page and of no article."""
        try:
            return self._bring(answer)
        except ValueError as error:  # an address that is none
            self.fault = failure(error)
            return Outcome.FAILED

    def _bring(self, answer: WarcAnswer) -> Outcome | None:
        self.fault = answer.problem
        if answer.at is None:
            self.fault = reason("warc_no_date")
        if self.fault or answer.at is None:
            return Outcome.FAILED
        at = min(answer.at, self.workspace.now())  # nothing was seen in the future
        if answer.before is not None or answer.status == _NOT_MODIFIED:
            return self._again(answer, at)
        if answer.status in _MOVED:
            return None
        return self._page(answer, at)

    def _source(self, answer: WarcAnswer) -> Source:
        known = self.workspace.sources
        if source := source_of(answer.url, known.by_key.values()) or known.by_key.get(answer.source):
            return source
        parts = urlsplit(answer.url)
        key, home = answer.source or IMPORTED, f"{parts.scheme}://{parts.netloc}/"
        stranger = Source(key, key, home, "national", _ANY_PAGE, keep="all", hosts=frozenset({parts.netloc}))
        return self.strangers.setdefault(f"{key} {home}", stranger)

    def _page(self, answer: WarcAnswer, at: datetime) -> Outcome | None:
        source, response = self._source(answer), as_response(answer)
        read = read_response(response, source)
        url = unquote(answer.article) if answer.article.startswith("urn:") else answer.article or read.url
        if read.outcome is not None:
            why = read.reason
            return self._ended(url, read.outcome, why, at) if is_kept(self.workspace.archive, url) else None
        page = Page(url, answer.body, at, content_type(response))
        if self._seen_until(url) >= at:
            self._keep_raw(page, source.key)
            return Outcome.UNCHANGED
        return self._read(page, source)

    def _read(self, page: Page, source: Source) -> Outcome:
        """Through the stages, as it would have been read then."""
        workspace, at = self.workspace, page.fetched_at
        article = Article(page.url, source.key)
        item = item_of(page, source, article=article, keep=self.keep)
        context = replace(workspace.context, now=lambda: at)
        try:
            item = workspace.reader_pool.wait_for(item)
            if item.outcome is None:
                store(item, context)
        except Exception as error:  # noqa: BLE001 - the end of this page; the next ones go on
            self.fault = failure(error)
            return Outcome.FAILED
        outcome = item.outcome or Outcome.FAILED
        if outcome in (Outcome.STORED, Outcome.REVISED) or not has_page(workspace.pages, item.article.url):
            self._keep_raw(replace(page, url=item.article.url), source.key, only_of=item.article.url)
        return self._ended(item.article.url, outcome, item.reason, at)

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
