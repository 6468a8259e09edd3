"""Cases read and judged by today's rules: where their texts are, and what the stages make of them."""

import dataclasses
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from archive.articles import digest_of
from archive.cases import UNJUDGED, Case, CaseBook, Verdict, new_id
from archive.cases.articles import case_of
from archive.cases.trial import CaseNow, MissedWord, case_now
from archive.clock import HANOI, Clock, moment, stamp
from archive.db import reading
from archive.home import Home
from archive.model import Article
from archive.pages import RawPage, newest_page
from archive.query import parse
from archive.schema import open_archive, prepare
from archive.search.cursor import Cursor
from crawler.asked import ask
from crawler.sources import Sources, home_sources, item_of, sources_folder
from crawler.state.frontier import hint_of
from pipelines.classify.missed import missed_phrases
from pipelines.classify.trial import Decision, Trial, TrialText
from pipelines.item import Context, ContextFiles, Item, Page
from pipelines.stages import STAGES, run_safely

BEFORE_CLASSIFY = STAGES[:3]
DAYS = 90  # that a trial looks back
_READ, _COUNTED, _SHOWN, _CAP = 200, 60, 20, 1000  # cases, phrases, and articles that have one
_PATIENCE = 0.2  # seconds to count where a phrase stands
_BY_HASH = """select v.title, v.lead, v.body from versions v join articles a on a.id = v.article_id
    where a.url = ? and (v.sha256 = ? or ? = '') order by v.sha256 = a.sha256 desc, v.id desc limit 1"""
_AT_ADDRESS = "select id, unread from articles where url = ?"


@dataclass(frozen=True, slots=True)
class CaseText:
    """The text of a case, None where there is none; ``page`` is its raw page as it was read."""

    text: TrialText | None
    page: Item | None = None


@dataclass(frozen=True, slots=True)
class TextReader:
    """What texts are read from; both databases may be open for reading only.

    ``judged``: what these rules made of cases whose text is a version, or stands in the case.
    """

    sources: Sources
    context: Context
    archive: Database
    pages: Database | None
    judged: dict[Case, CaseNow] = field(default_factory=dict)

    def page(self, raw: RawPage) -> Item:
        """A raw page read by the rules of today up to the stage classify.

        It has an outcome where it ended before that stage.
        """
        source = self.sources.by_key.get(raw.source)
        page = Page(raw.url, raw.body, raw.fetched_at, raw.content_type)
        item = item_of(page, source, article=Article(raw.url, raw.source), reprocessed=True)
        return run_safely(item, self.context, BEFORE_CLASSIFY)

    def kept_page(self, url: str) -> RawPage | None:
        """The newest raw page of an address, or of the one its page named as its own."""
        if self.pages is None:
            return None
        row = self.pages.execute("select article_url from addresses where url = ?", [url]).fetchone()
        return newest_page(self.pages, url) or (newest_page(self.pages, row[0]) if row and row[0] else None)

    def text_of(self, case: Case) -> CaseText:
        """The text a case speaks of, as it was then where that version is kept."""
        article = Article(case.url, case.source, case.title, case.lead, case.body)
        at = moment(case.published_at or case.at)
        article.published_at = at if case.published_at else None
        row = [] if case.body else self._version(case)
        if row:
            article.title, article.lead, article.body = row
        if article.body:
            return CaseText(TrialText(article, at.astimezone(HANOI).date()))
        raw = self.kept_page(case.url)
        if raw is None:
            return CaseText(None)
        item = self.page(raw)
        if item.outcome or not item.article.body:
            return CaseText(None, item)
        day = (item.article.published_at or raw.fetched_at).astimezone(HANOI).date()
        return CaseText(TrialText(item.article, day), item)

    def _version(self, case: Case) -> list[str]:
        """Title, lead and body of the version a case is on, else of the newest; nothing where there is none."""
        for sha in dict.fromkeys((case.sha256, "")):
            row = self.archive.execute(_BY_HASH, [case.url, sha, sha]).fetchone()
            if row:
                return list(map(str, row))
        return []


@contextmanager
def case_reader(home: Home, now: Clock) -> Iterator[TextReader]:
    """A home opened for reading, with the rules as its files have them now. Raises ConfigError."""
    names = ("sources.yml", "places.yml", "topics.yml")
    files = [*map(home.config, names), *sorted(sources_folder(home).glob("*.yml"))]
    states = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    sources, context, judged = _loaded(home, states)
    with ExitStack() as stack:
        archive, pages = opened_for_reading(stack, home)
        yield TextReader(sources, dataclasses.replace(context, now=now), archive, pages, judged)


@lru_cache(maxsize=2)
def _loaded(home: Home, states: tuple[object, ...]) -> tuple[Sources, Context, dict[Case, CaseNow]]:
    """Sources, context and what they made of cases; ``states`` tells whether their files are still the same."""
    sources = home_sources(home)
    return sources, ContextFiles.of(home, sources.families).load(), {}


def opened_for_reading(stack: ExitStack, home: Home) -> tuple[Database, Database | None]:
    """Both databases, closed by the stack; an archive that is not there yet is an empty one."""
    if home.archive_db.exists():
        archive = stack.enter_context(reading(home.archive_db))
        prepare(archive.conn)
    else:
        archive = stack.enter_context(closing(open_archive(":memory:")))
    return archive, stack.enter_context(reading(home.pages_db)) if home.pages_db.exists() else None


def judged_cases(reader: TextReader, cases: Iterable[Case], seconds: float = float("inf")) -> Iterator[CaseNow]:
    """Cases with what today's rules make of their texts, until the time is used up."""
    trial = Trial(reader.context.places, reader.context.topics, [])
    until = time.monotonic() + seconds
    for case in cases:
        if case in reader.judged:
            yield reader.judged[case]
            continue
        if time.monotonic() > until:
            continue
        found = reader.text_of(case)
        if found.text:
            decision, _ = next(trial.decisions([found.text]))
            now = now_of(case, decision)
            if case.sha256 and case.text_in != "pages":
                reader.judged[case] = now
            yield now
        elif found.page and found.page.outcome:
            right = None if case.why == UNJUDGED else case.verdict == "irrelevant"
            yield CaseNow(case.id, right, why=[found.page.reason], outcome=found.page.outcome)
        else:
            yield CaseNow(case.id, None, known=False)


def now_of(case: Case, decision: Decision) -> CaseNow:
    """A case under rules that decide so."""
    return case_now(case, decision.level, decision.score, list(decision.topics), list(decision.why))


def case_of_address(
    reader: TextReader, address: str, verdict: Verdict, now: datetime, said: dict[str, str]
) -> Case:
    """A case of an address, with what is known of its text; ``said`` are further fields of :class:`Case`.

    Raises BadAddress for what is none.
    """
    asked = ask(address, reader.sources)
    row = reader.archive.execute(_AT_ADDRESS, [asked.url]).fetchone()
    if row and not row[1]:
        about = {name: said.get(name, "") for name in ("by", "topic", "why")}
        stored = case_of(reader.archive, row[0], verdict, now=now, **about)
        if stored:
            return stored
    known = {"url": asked.url, "source": asked.source.key} | said
    if not known.get("body"):
        known |= _kept_text(reader, asked.url)
    if not known.get("title") and reader.pages is not None:
        known["title"] = hint_of(reader.pages, asked.url).title
    return case_of_text(verdict, now, known)


def _kept_text(reader: TextReader, url: str) -> dict[str, str]:
    """The fields of a case whose raw page is kept, with its text where it can be read."""
    raw = reader.kept_page(url)
    if raw is None:
        return {}
    item = reader.page(raw)
    read = item.article
    published = stamp(read.published_at) if read.published_at else ""
    known = {"title": read.title, "lead": read.lead, "published_at": published, "text_in": "pages"}
    return known | ({} if item.outcome else {"sha256": digest_of(read)})


def case_of_text(verdict: Verdict, now: datetime, said: dict[str, str]) -> Case:
    """A case of what is said; where the text stands in it, with its hash."""
    fields: dict[str, Any] = dict(said)
    if said.get("body"):
        text = Article("", "", said.get("title", ""), said.get("lead", ""), said["body"])
        fields |= {"sha256": digest_of(text), "text_in": "case"}
    return Case(id=new_id(now), at=stamp(now), verdict=verdict, **fields)


def texts_of(reader: TextReader, cases: Iterable[Case]) -> list[tuple[Case, TrialText]]:
    """The cases whose text is known, with it."""
    return [(case, text) for case in cases if (text := reader.text_of(case).text)]


def missed_words(reader: TextReader, book: CaseBook, topic: str, now: datetime) -> list[MissedWord]:
    """Phrases of articles that a topic (or every topic) missed, with their counts, rare ones first."""
    cases = [one for one in book.read() if one.open and one.verdict == "missing" and one.topic in ("", topic)]
    newest = sorted(cases, key=lambda case: case.at, reverse=True)[:_READ]
    texts = [text for _, text in texts_of(reader, newest)]
    phrases = missed_phrases(texts, reader.context.places, reader.context.topics, _COUNTED)
    counted = [MissedWord(word, missed, *_elsewhere(reader, word, now)) for word, missed in phrases]
    return sorted(counted, key=lambda one: (-one.missed, one.elsewhere, one.word))[:_SHOWN]


def _elsewhere(reader: TextReader, word: str, now: datetime) -> tuple[int, bool]:
    """How many articles of the last days have a phrase, and whether there are more."""
    cursor = Cursor(reader.archive, parse(f'"{word}"'), now - timedelta(days=DAYS), patience=_PATIENCE)
    found = len(cursor.newest(_CAP + 1))
    cursor.close()
    return min(found, _CAP), found > _CAP or cursor.reached is not None
