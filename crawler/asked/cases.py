"""Cases read and judged by today's rules: where their texts are, and what the stages make of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlite_utils import Database

from archive.articles import digest_of
from archive.cases import Case, Verdict, new_id
from archive.cases.articles import case_of
from archive.cases.trial import CaseNow, case_now
from archive.clock import HANOI, moment, stamp
from archive.model import Article
from archive.pages import RawPage, newest_page
from crawler.asked import ask
from crawler.sources import Sources, item_of
from crawler.state.frontier import hint_of
from pipelines.classify.trial import Decision, Trial, TrialText
from pipelines.item import Context, Page
from pipelines.stages import STAGES, run_stages

BEFORE_CLASSIFY = STAGES[:3]
_BY_HASH = """select v.title, v.lead, v.body from versions v join articles a on a.id = v.article_id
    where a.url = ? and (v.sha256 = ? or ? = '') order by v.sha256 = a.sha256 desc, v.id desc limit 1"""
_AT_ADDRESS = "select id, unread from articles where url = ?"


@dataclass(frozen=True, slots=True)
class TextReader:
    """What texts are read from; both databases may be open for reading only."""

    sources: Sources
    context: Context
    archive: Database
    pages: Database | None

    def page(self, raw: RawPage) -> tuple[Article, str]:
        """A raw page read by the rules of today up to the stage classify.

        Beside it the outcome it ended with before that stage, '' for none.
        """
        source = self.sources.by_key.get(raw.source)
        page = Page(raw.url, raw.body, raw.fetched_at, raw.content_type)
        item = item_of(page, source, article=Article(raw.url, raw.source), reprocessed=True)
        try:
            run_stages(item, self.context, BEFORE_CLASSIFY)
        except Exception:  # noqa: BLE001 - a page that breaks a stage has no text
            return item.article, "failed"
        return item.article, item.outcome or ""

    def kept_page(self, url: str) -> RawPage | None:
        """The newest raw page of an address, or of the one its page named as its own."""
        if self.pages is None:
            return None
        row = self.pages.execute("select article_url from addresses where url = ?", [url]).fetchone()
        return newest_page(self.pages, url) or (newest_page(self.pages, row[0]) if row and row[0] else None)

    def text_of(self, case: Case) -> TrialText | None:
        """The text a case speaks of, as it was then where that version is kept; None where it is nowhere."""
        article = Article(case.url, case.source, case.title, case.lead, case.body)
        at = moment(case.published_at or case.at)
        article.published_at = at if case.published_at else None
        day = at.astimezone(HANOI).date()
        if case.body:
            return TrialText(article, day)
        row = self.archive.execute(_BY_HASH, [case.url, case.sha256, case.sha256]).fetchone() or (
            case.sha256 and self.archive.execute(_BY_HASH, [case.url, "", ""]).fetchone()
        )
        if row:
            article.title, article.lead, article.body = row
            return TrialText(article, day)
        raw = self.kept_page(case.url)
        if raw is None:
            return None
        read, _ = self.page(raw)
        day = (read.published_at or raw.fetched_at).astimezone(HANOI).date()
        return TrialText(read, day) if read.body else None


def judged_cases(reader: TextReader, cases: Iterable[Case]) -> Iterator[CaseNow]:
    """Each case with what today's rules make of its text."""
    trial = Trial(reader.context.places, reader.context.topics, [])
    for case in cases:
        text = reader.text_of(case)
        if text is None:
            yield CaseNow(case.id, None, known=False)
            continue
        decision, _ = next(trial.decisions([text]))
        yield now_of(case, decision)


def now_of(case: Case, decision: Decision) -> CaseNow:
    """A case under rules that decide so."""
    return case_now(case, decision.level, decision.score, list(decision.topics), list(decision.why))


def case_of_address(reader: TextReader, address: str, verdict: Verdict, *, now: datetime, **said: Any) -> Case:
    """A case of an address, with what is known of its text; ``said`` are further fields of :class:`Case`.

    Raises BadAddress for what is none.
    """
    asked = ask(address, reader.sources)
    case = Case(id=new_id(now), at=stamp(now), verdict=verdict, url=asked.url, source=asked.source.key, **said)
    row = reader.archive.execute(_AT_ADDRESS, [asked.url]).fetchone()
    if row and not row[1]:
        return (
            case_of(reader.archive, row[0], verdict, by=case.by, now=now, topic=case.topic, why=case.why)
            or case
        )
    raw = None if case.body else reader.kept_page(asked.url)
    if raw is not None:
        read, ended = reader.page(raw)
        if read.body and not ended:
            published = stamp(read.published_at) if read.published_at else ""
            return replace(
                case,
                title=read.title,
                lead=read.lead,
                published_at=published,
                sha256=digest_of(read),
                text_in="pages",
            )
    named = hint_of(reader.pages, asked.url).title if reader.pages is not None else ""
    return case_of_text(replace(case, title=case.title or named))


def case_of_text(case: Case) -> Case:
    """A case whose text stands in it, with the hash of that text."""
    article = Article(case.url, case.source, case.title, case.lead, case.body)
    return replace(case, sha256=digest_of(article), text_in="case") if case.body else case


def texts_of(reader: TextReader, cases: Sequence[Case]) -> list[tuple[Case, TrialText]]:
    """The cases whose text is known, with it."""
    return [(case, text) for case in cases if (text := reader.text_of(case))]
