"""``reprocess --try``: what other rules would change among the texts of the last days; nothing is written."""

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.cases import Case, CaseBook
from archive.cases.trial import ArticleChange, CaseChange, RuleProposal, TrialReport, Tried
from archive.clock import HANOI, moment, stamp
from archive.db import sort_at
from archive.home import Home
from archive.model import Article
from archive.pages import RawPage
from crawler.asked.cases import DAYS, TextReader, now_of, opened_for_reading, texts_of
from crawler.sources import home_sources
from pipelines.classify.topics import Topics
from pipelines.classify.trial import Decision, RuleSet, Trial, TrialText, apply, proposals_between
from pipelines.item import ContextFiles
from pipelines.prefilter import raw_names

_BATCH = 200
_ARTICLES = """select a.id, a.url, a.source, coalesce(s.name, a.source), a.title, a.lead, a.body,
    a.published_at, a.last_seen_at, a.level, a.relevant from articles a left join sources s on s.key = a.source
    where a.unread = '' and a.sort >= ? order by a.sort desc"""
_KEPT = "select url from articles where unread = '' and url in (select value from json_each(?))"
_REFUSED = """select url, exists (select 1 from pages p where p.url in (a.url, a.article_url))
    from addresses a where refused_at > ? order by refused_at desc, url"""
_COUNTS = "select count(*), coalesce(sum(unread <> ''), 0) from articles where sort >= ?"
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Row:
    """A text with what a reader wants to know of it.

    ``stored``: level and relevance as the archive has them, nothing of what was refused. ``kept_whole``: all
    that its outlet prints is kept.
    """

    text: TrialText
    outlet: str
    at: str
    article_id: int | None = None
    stored: tuple[str | None, bool] = (None, False)
    kept_whole: bool = True


@dataclass(slots=True)
class _Run:
    """A trial on its way; ``changes`` and ``case_changes`` are by the number of the rule set."""

    reader: TextReader
    trial: Trial
    until: float
    progress: Progress
    changes: list[list[ArticleChange]] = field(init=False)
    case_changes: list[list[CaseChange]] = field(init=False)
    total: int = 0
    articles: int = 0
    refused: int = 0
    cases: int = 0
    cases_in_all: int = 0
    stale: int = 0
    late: bool = False

    def __post_init__(self) -> None:
        self.changes = [[] for _ in self.trial.rules]
        self.case_changes = [[] for _ in self.trial.rules]

    def is_late(self) -> bool:
        """Whether the time is used up; then something is left out."""
        self.late = self.late or time.monotonic() > self.until
        return self.late

    def look_at(self, rows: Sequence[_Row]) -> bool:
        """Judge some articles; False, and nothing done, when the time is used up."""
        if self.is_late():
            return False
        self._judge(rows)
        self.articles += len(rows)
        self.progress(self.articles + self.refused, self.total)
        return True

    def look_at_refused(self, url: str) -> bool:
        """The same with the raw page of an address that was refused."""
        if self.is_late():
            return False
        raw = self.reader.kept_page(url)
        row = _refused_row(self, raw) if raw else None
        self._judge([row] if row else [])
        self.refused += 1
        self.progress(self.articles + self.refused, self.total)
        return True

    def look_at_cases(self, cases: Sequence[Case]) -> None:
        """Judge the cases whose text is known."""
        newest = sorted(cases, key=lambda case: case.at, reverse=True)
        known = texts_of(self.reader, itertools.takewhile(lambda _: not self.is_late(), newest))
        self.cases, self.cases_in_all = len(known), len(cases)
        of = {id(text): case for case, text in known}
        for judged in self.trial.reached([text for _, text in known]):
            case = of[id(judged.text)]
            before = now_of(case, judged.before).right
            for number, after in judged.after.items():
                right = now_of(case, after).right
                if right is not None and right != before:
                    self.case_changes[number].append(CaseChange(case, right, judged.words[number]))

    def _judge(self, rows: Sequence[_Row]) -> None:
        by_text = {id(row.text): row for row in rows}
        for judged in self.trial.reached([row.text for row in rows]):
            row = by_text[id(judged.text)]
            before = _as_stored(row, judged.before)
            self.stale += row.stored != (before.level, before.relevant)
            for number, after in judged.after.items():
                self.changes[number] += _changes(row, before, _as_stored(row, after), judged.words[number])


def try_rules(
    home: Home,
    chosen: Callable[[Topics], Sequence[RuleProposal]] = lambda today: (),
    other: Topics | None = None,
    *,
    now: datetime,
    days: int = DAYS,
    seconds: float = float("inf"),
    progress: Progress = lambda done, total: None,
) -> TrialReport:
    """Judge the texts of the last days by today's rules and by others, newest first, until the time is used up.

    ``chosen`` gives the proposals, which are taken one by one and together; ``other`` is a topics.yml whose
    differences from today's are proposals too. ``progress`` gets how many texts of how many were looked at.
    Raises ConfigError.
    """
    began = time.monotonic()
    sources = home_sources(home)
    context = ContextFiles.of(home, sources.families).load(lambda: now)
    today = context.topics
    proposals = [*(proposals_between(today, other) if other else ()), *chosen(today)]
    sets = [[proposal] for proposal in proposals] + ([proposals] if len(proposals) > 1 else [])
    trial = Trial(context.places, today, [RuleSet.of(today, apply(today, some, other)) for some in sets])
    with ExitStack() as stack:
        archive, pages = opened_for_reading(stack, home)
        run = _Run(TextReader(sources, context, archive, pages), trial, began + seconds, progress)
        run.look_at_cases([case for case in CaseBook.of(home).read() if case.open])
        found = _look_through(run, now - timedelta(days=days))
    tried = [Tried(some, run.changes[at], run.case_changes[at]) for at, some in enumerate(sets)]
    return TrialReport(
        days=days,
        since=stamp(now - timedelta(days=days)),
        until=stamp(now),
        articles=run.articles,
        refused=run.refused,
        cases=run.cases,
        cases_in_all=run.cases_in_all,
        stale=run.stale,
        late=run.late,
        seconds=round(time.monotonic() - began, 1),
        each=tried[: len(proposals)],
        together=tried[-1] if tried else Tried([], [], []),
        **found,
    )


def _refused(archive: Database, pages: Database | None, since: datetime) -> tuple[list[str], int]:
    """The addresses that name the province and were refused in that time, their text not in the archive.

    Those whose raw page is kept, the newest first, and how many others there are.
    """
    rows = list(pages.execute(_REFUSED, [stamp(since)])) if pages is not None else []
    given = [json.dumps([url for url, _ in rows])]
    kept = {url for (url,) in archive.execute(_KEPT, given)}
    there = [url for url, has_page in rows if has_page and url not in kept]
    return there, sum(not has_page and url not in kept for url, has_page in rows)


def _look_through(run: _Run, since: datetime) -> dict[str, int]:
    """Look at the articles and at what was refused; how many there are of each."""
    count, headlines = run.reader.archive.execute(_COUNTS, [sort_at(since)]).fetchone()
    refused, unseen = _refused(run.reader.archive, run.reader.pages, since)
    run.total = count - headlines + len(refused)
    for batch in _batches(run.reader.archive, sort_at(since)):
        if not run.look_at(batch):
            break
    for url in refused:
        if not run.look_at_refused(url):
            break
    return {
        "articles_in_all": count - headlines,
        "headlines": headlines,
        "refused_in_all": len(refused),
        "unseen": unseen,
    }


def _batches(archive: Database, since: int) -> Iterator[list[_Row]]:
    cursor = archive.execute(_ARTICLES, [since])
    while rows := cursor.fetchmany(_BATCH):
        yield [_row(*row) for row in rows]


def _row(
    id_: int, url: str, source: str, outlet: str, title: str, lead: str, body: str,
    published: str | None, seen: str, level: str | None, relevant: int,
) -> _Row:  # fmt: skip
    article = Article(url, source, title, lead, body, published_at=moment(published) if published else None)
    at = published or seen
    text = TrialText(article, moment(at).astimezone(HANOI).date())
    return _Row(text, outlet, at, id_, (level, bool(relevant)))


def _refused_row(run: _Run, raw: RawPage) -> _Row | None:
    """The text of a page that was refused; None where no proposal can reach it, or it is no article at all."""
    source = run.reader.sources.by_key.get(raw.source)
    if not any(rules.everywhere or rules.queries for rules in run.trial.rules):
        words = tuple(sorted({word for rules in run.trial.rules for word in rules.words.values()}))
        if not words or not raw_names(raw.body, words, raw.content_type):
            return None
    item = run.reader.page(raw)
    if item.outcome:
        return None
    article = item.article
    at = article.published_at or raw.fetched_at
    text = TrialText(article, at.astimezone(HANOI).date())
    whole = source is not None and source.keep == "all"
    return _Row(text, source.name if source else raw.source, stamp(at), kept_whole=whole)


def _as_stored(row: _Row, decision: Decision) -> Decision:
    """What the archive would have of it: nothing of a text that names nothing of the province."""
    if row.article_id is None and decision.level is None and not row.kept_whole:
        return Decision(False, None, decision.score, (), decision.why)
    return decision


def _changes(row: _Row, before: Decision, after: Decision, words: list[str]) -> Iterator[ArticleChange]:
    """What becomes of one article: about the province or no longer, and each topic it gains or loses."""
    article = row.text.article
    moves = [(after.relevant, "")] if after.relevant != before.relevant else []
    moves += [(True, topic) for topic in after.topics if topic not in before.topics]
    moves += [(False, topic) for topic in before.topics if topic not in after.topics]
    for gained, topic in moves:
        yield ArticleChange(
            gained, topic, article.title, article.url, row.outlet, row.at, row.article_id, after.score,
            before.score, words, list(after.why if gained else before.why),
        )  # fmt: skip
