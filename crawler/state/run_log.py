"""The log of one run: every visit with its outcome, every list with what it held, and what health compares."""

import hashlib
import json
import os
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from msgspec import UNSET

from archive.articles.losses import note_loss
from archive.clock import stamp
from archive.databases import partners
from archive.databases.check import clear_fault
from archive.databases.faults import is_urgent
from archive.db import writing
from archive.i18n import current
from archive.model import Outcome
from archive.reasons import reason
from archive.run_stats import Lists, Notes, encode
from crawler.listings.section import without_page
from crawler.sources import Source
from crawler.state import backoff, frontier, namings, proofs
from crawler.state.backoff import Rest
from crawler.state.frontier import VisitEnd
from crawler.state.messages import ListingRead
from crawler.workspace import Workspace
from pipelines.item import Item

CHANNEL_REPORTED = timedelta(days=14)  # a channel reported as another for so long is taken for the right one
LENGTHS = 25  # text lengths kept of a run, evenly out of all
BODIES = 5  # texts of which it is kept how many pages had them

_FIRST = frozenset({Outcome.STORED, Outcome.IRRELEVANT, Outcome.NOT_ARTICLE, Outcome.TOO_SHORT})
_AGAIN = frozenset({Outcome.UNCHANGED, Outcome.REVISED})


@dataclass(slots=True)
class RunLog:
    """Counts of a run that is under way; its outcomes are written as it goes, so that a kill leaves them."""

    workspace: Workspace
    source: Source
    past: bool = False
    run_id: int = 0
    asked: set[str] = field(default_factory=set)  # pages handed out in this run
    suspects: dict[str, int] = field(default_factory=dict)  # what ended processes before this run
    named: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by lists with pages
    backlog: deque[Callable[[], None]] = field(default_factory=deque)  # what long lists left to be noted
    outcomes: Counter[str] = field(default_factory=Counter)
    lists: Lists = field(default_factory=Lists)
    notes: Notes = field(default_factory=lambda: Notes(pid=os.getpid()))
    lengths: list[int] = field(default_factory=list)
    bodies: Counter[str] = field(default_factory=Counter)

    def open(self) -> None:
        """Start the run; runs of this source that a killed process left open are closed as ``killed``."""
        db, at = self.workspace.archive, stamp(self.workspace.now())
        self.lists.past = True if self.past else UNSET
        with writing(db):
            self._close_killed(at)
            row = db.execute(
                "insert into runs (source, started_at, state) values (?, ?, 'running') returning id",
                [self.source.key, at],
            ).fetchone()
        self.run_id = int(row[0])

    @classmethod
    def resumed(cls, workspace: Workspace, source: Source, run_id: int, *, past: bool = False) -> Self:
        """A run that another process began, as its visits show it; what its lists held is not known."""
        log = cls(workspace, source, past, run_id)
        log.lists.past = True if past else UNSET
        sql = "select url, outcome from visits where run_id = ?"
        visits = workspace.pages.execute(sql, [run_id]).fetchall()
        log.asked = {url for url, _ in visits}
        log.outcomes.update(outcome for _, outcome in visits)
        return log

    def _close_killed(self, at: str) -> None:
        """What came of their pages is counted from the visits: the last one may not have been added."""
        db, pages = self.workspace.archive, self.workspace.pages
        killed = db.execute(
            "select id, outcomes from runs where source = ? and state = 'running'", [self.source.key]
        ).fetchall()
        for run_id, text in killed:
            visits = "select outcome, count(*) from visits where run_id = ? group by outcome"
            outcomes, counted = json.loads(text), dict(pages.execute(visits, [run_id]))
            more = sum(counted.values()) > sum(outcomes.values())
            db.execute(
                "update runs set state = 'killed', finished_at = ?, outcomes = ? where id = ?",
                [at, json.dumps(counted if more else outcomes), run_id],
            )

    def list_read(self, url: str, items: int, new: int, *, empty: bool = False) -> None:
        """A list answered: how many links it named, how many of them are new, or that it names no article."""
        self.lists.fetched += 1
        self.lists.links += items
        self.lists.new += new
        if empty:
            self.lists.empty.append(url)

    def list_crowded(self, url: str, left_out: int) -> None:
        """A list named more than is taken, or more than may wait."""
        if left_out:
            self.lists.left_out = {**(self.lists.left_out or {}), url: left_out}

    def other_channel(self, url: str, before: str, now: str) -> bool:
        """A list answers with another channel; False once it was reported so long that it is the usual one."""
        mark = json.dumps({url: [before, now]}, ensure_ascii=False)[1:-1]
        reported = self.workspace.archive.execute(
            "select 1 from runs where source = ? and started_at < ? and instr(lists, ?) limit 1",
            [self.source.key, stamp(self.workspace.now() - CHANNEL_REPORTED), mark],
        ).fetchone()
        if reported is None:
            self.lists.channel = {**(self.lists.channel or {}), url: (before, now)}
        return reported is None

    def goes_on(self, listing: ListingRead) -> bool:
        """Whether a page of a list names what no page before it did; one that does not ends the list."""
        before = self.named[without_page(listing.url)]
        urls = {link.url for link in listing.articles}
        is_new = not urls <= before
        before |= urls
        return is_new

    def list_unchanged(self) -> None:
        """A list answered 304."""
        self.lists.fetched += 1
        self.lists.unchanged += 1

    def list_failed(self, url: str, problem: str) -> None:
        """A list did not answer, or not with a list."""
        self.lists.problems[url] = problem

    def rest(self, rest: Rest) -> None:
        """The source asked to be left alone for a while."""
        self.notes.resting = rest.reason

    def read(self, item: Item, outcome: Outcome, *, again: bool = False) -> None:
        """Count a page that was read; one that was only prefiltered says nothing of its template.

        ``again``: it was read before; one that is still no article was counted then.
        """
        if item.prefiltered or (again and outcome in _FIRST - {Outcome.STORED}):
            return
        self.notes.read += 1
        if outcome in _FIRST:
            self._first_look(item, outcome)
        elif outcome in _AGAIN:
            self.notes.again.read += 1
            _add(self.notes.again.rule_missed, item.rule_missed)

    def _first_look(self, item: Item, outcome: Outcome) -> None:
        notes, article = self.notes, item.article
        notes.fresh += 1
        notes.untitled += not article.title
        if outcome is Outcome.NOT_ARTICLE:
            return
        notes.texts += 1
        _add(notes.rule_missed, item.rule_missed)
        notes.articles += outcome is not Outcome.TOO_SHORT
        notes.undated += outcome is not Outcome.TOO_SHORT and article.published_at is None
        notes.doubted += outcome is not Outcome.TOO_SHORT and bool(article.doubt)
        self.lengths.append(len(article.body))
        if article.body:
            self.bodies[hashlib.sha256(article.body.encode()).hexdigest()[:12]] += 1

    def ended(self, visit: VisitEnd) -> None:
        """One address came to its end."""
        archive, pages = self.workspace.archive, self.workspace.pages
        with writing(pages):
            frontier.end(pages, self.run_id, visit, self.workspace.sources, self.workspace.now())
            partners.note(pages, archive)
        self.outcomes[visit.outcome] += 1
        with writing(archive):
            archive.execute(
                "update runs set outcomes = ? where id = ?", [json.dumps(self.outcomes), self.run_id]
            )
            partners.note(archive, pages)

    def close(self, closed: str = "", fault: str = "") -> None:
        """End the run; unreachable when no list answered and no page did, failed after a fault of ours."""
        state, why = ("failed", fault) if fault else self._state(closed)
        if state == "done" and not self.notes.resting:
            backoff.over(self.workspace.pages, self.source.key)
        self._sum_up()
        if not is_urgent(why):
            self._compare()
        self.workspace.archive.execute(
            """update runs set finished_at = ?, state = ?, reason = ?, outcomes = ?, lists = ?, notes = ?
               where id = ?""",
            [
                stamp(self.workspace.now()), state, why,
                json.dumps(self.outcomes), encode(self.lists), encode(self.notes), self.run_id,
            ],
        )  # fmt: skip

    def _compare(self) -> None:
        """What is missing still, and what the lists of a week named; a home that can be written to is well."""
        archive, pages = self.workspace.archive, self.workspace.pages
        note_loss(archive, self.source.key, proofs.lost(pages).get(self.source.key, 0))
        namings.sum_up(pages, archive, self.source.key, self.workspace.now())
        clear_fault(self.workspace.home.path)

    def _sum_up(self) -> None:
        lengths = sorted(self.lengths)
        step = max(1, -(-len(lengths) // LENGTHS))
        self.notes.lengths = lengths[step // 2 :: step]
        self.notes.same_body = sum(count for count in self.bodies.values() if count > 1)
        self.notes.bodies = dict(self.bodies.most_common(BODIES))

    def _state(self, closed: str) -> tuple[str, str]:
        if closed == "closespider_timeout":
            return "done", reason("out_of_time")
        if self.notes.resting:
            return "done", self.notes.resting
        if closed == "silent":
            return "unreachable", reason("silent")
        if closed not in {"", "finished"}:
            return ("killed", reason("stopped")) if closed == "shutdown" else ("failed", closed)
        answered = self.lists.fetched or any(
            count for outcome, count in self.outcomes.items() if outcome not in {Outcome.FAILED, Outcome.ROBOTS}
        )
        if not answered and self.lists.problems:
            return "unreachable", next(iter(self.lists.problems.values()))
        return "done", ""


def _add(counts: dict[str, int], names: Iterable[str]) -> None:
    for name in set(names):
        counts[name] = counts.get(name, 0) + 1


def summary(outcomes: dict[str, int]) -> str:
    """The outcomes in one line, in the order of the stages; ``0 pages`` where there were none.

    In English they are named as in the tables and the README.
    """
    words = current()
    counts = [
        f"{outcomes[o]} {words.named('outcome', o) if words.lang == 'vi' else o}"
        for o in Outcome
        if outcomes.get(o)
    ]
    return words("count.pages", n=sum(outcomes.values())) + (f": {', '.join(counts)}" if counts else "")


def newest_run(workspace: Workspace, source: str) -> dict[str, Any] | None:
    """The newest run of a source as its row."""
    sql = "select * from runs where source = ? order by id desc limit 1"
    return next(iter(workspace.archive.query(sql, [source])), None)
