"""The book of one run: every visit with its outcome, every list with what it held, and what health watches."""

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from archive.articles import is_kept
from archive.clock import stamp
from archive.db import writing
from archive.model import Outcome
from crawler.listings import Listing
from crawler.sources import Source
from crawler.state import backoff, frontier
from crawler.state.backoff import Rest
from crawler.state.frontier import Visit
from crawler.state.run_stats import RunStats
from crawler.workspace import Workspace
from pipelines.item import Item

CHANNEL_TOLD = timedelta(days=14)  # a channel that was told as another for so long is taken for the right one

_FIRST = frozenset({Outcome.STORED, Outcome.IRRELEVANT})
_NO_ARTICLE = frozenset({Outcome.NOT_ARTICLE, Outcome.TOO_SHORT})
_AGAIN = frozenset({Outcome.UNCHANGED, Outcome.REVISED})


@dataclass(slots=True)
class RunLog:
    """Counts of a run that is under way; written to ``runs`` as it goes, so that a kill leaves them."""

    workspace: Workspace
    source: Source
    run_id: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lists: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    stats: RunStats = field(default_factory=RunStats)

    def open(self) -> None:
        """Start the run; runs of this source that a killed process left open are closed as ``killed``."""
        db, at = self.workspace.archive, stamp(self.workspace.now())
        self.lists = {"fetched": 0, "unchanged": 0, "links": 0, "new": 0, "empty": [], "problems": {}}
        self.notes = {"read": 0, "pid": os.getpid()}
        with writing(db):
            db.execute(
                "update runs set state = 'killed', finished_at = ? where source = ? and state = 'running'",
                [at, self.source.key],
            )
            row = db.execute(
                "insert into runs (source, started_at, state) values (?, ?, 'running') returning id",
                [self.source.key, at],
            ).fetchone()
        self.run_id = int(row[0])

    def list_read(self, url: str, listing: Listing, new: int, *, empty: bool = False) -> None:
        """A list answered: how many links it named, how many of them are new, or that it names no article."""
        self.lists["fetched"] += 1
        self.lists["links"] += len(listing.links)
        self.lists["new"] += new
        if empty:
            self.lists["empty"].append(url)

    def fills_in_the_past(self) -> None:
        """What this run lists and reads is old: health does not compare it with today's."""
        self.lists["past"] = True

    def other_channel(self, url: str, before: str, now: str) -> bool:
        """A list answers with another channel; False once it was told for so long that it is the usual one."""
        mark = {url: [before, now]}
        told = self.workspace.archive.execute(
            "select 1 from runs where source = ? and started_at < ? and instr(lists, ?) limit 1",
            [self.source.key, stamp(self.workspace.now() - CHANNEL_TOLD), _json(mark)[1:-1]],
        ).fetchone()
        if told is None:
            self.lists.setdefault("channel", {}).update(mark)
        return told is None

    def list_unchanged(self) -> None:
        """A list answered 304."""
        self.lists["fetched"] += 1
        self.lists["unchanged"] += 1

    def list_failed(self, url: str, reason: str) -> None:
        """A list did not answer, or not with a list."""
        self.lists["problems"][url] = reason

    def rest(self, rest: Rest) -> None:
        """The source asked to be left alone for a while."""
        self.notes["resting"] = rest.reason

    def read(self, item: Item) -> None:
        """What health watches of a page that was read; one only glanced at tells nothing of its template."""
        if item.prefiltered:
            return
        self.notes["read"] += 1
        outcome = item.outcome
        if outcome in _FIRST or (outcome in _NO_ARTICLE and not self._kept(item)):
            self.stats.first_look(item)
        elif outcome in _AGAIN:
            self.stats.looked_again(item)

    def _kept(self, item: Item) -> bool:
        return is_kept(self.workspace.archive, item.article.url)

    def ended(self, visit: Visit) -> None:
        """One address came to its end."""
        frontier.end(self.workspace.pages, self.run_id, visit, self.workspace.sources, self.workspace.now())
        self.outcomes[visit.outcome] += 1
        self.workspace.archive.execute(
            "update runs set outcomes = ? where id = ?", [json.dumps(self.outcomes), self.run_id]
        )

    def close(self, reason: str = "") -> None:
        """End the run; unreachable when no list answered and no page did."""
        state, why = self._state(reason)
        self.notes |= self.stats.noted()
        if state == "done" and "resting" not in self.notes:
            backoff.over(self.workspace.pages, self.source.key)
        self.workspace.archive.execute(
            """update runs set finished_at = ?, state = ?, reason = ?, outcomes = ?, lists = ?, notes = ?
               where id = ?""",
            [
                stamp(self.workspace.now()),
                state,
                why,
                *map(_json, (self.outcomes, self.lists, self.notes)),
                self.run_id,
            ],
        )

    def _state(self, reason: str) -> tuple[str, str]:
        if reason == "closespider_timeout":
            return "done", "hết thời gian một lượt, phần còn lại đọc ở lượt sau"
        if "resting" in self.notes:
            return "done", self.notes["resting"]
        if reason not in {"", "finished"}:
            return ("killed" if reason == "shutdown" else "failed"), reason
        answered = self.lists["fetched"] or any(
            count for outcome, count in self.outcomes.items() if outcome not in {Outcome.FAILED, Outcome.ROBOTS}
        )
        if not answered and self.lists["problems"]:
            return "unreachable", next(iter(self.lists["problems"].values()))
        return "done", ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def summary(outcomes: dict[str, int]) -> str:
    """The outcomes in one line, in the order of the walk; ``0 pages`` where there were none."""
    told = [f"{outcomes[o]} {o}" for o in Outcome if outcomes.get(o)]
    pages = sum(outcomes.values())
    return f"{pages} pages" + (f": {', '.join(told)}" if told else "")


def newest_run(workspace: Workspace, source: str) -> dict[str, Any] | None:
    """The newest run of a source as its row."""
    sql = "select * from runs where source = ? order by id desc limit 1"
    return next(iter(workspace.archive.query(sql, [source])), None)
