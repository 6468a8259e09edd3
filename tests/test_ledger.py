"""The book of a run: outcomes that add up, lists that failed, and a kill that leaves what was done."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlite_utils import Database

from archive.model import Article, Outcome
from archive.pages import open_pages
from archive.schema import open_archive
from crawler import frontier
from crawler.frontier import Visit
from crawler.ledger import Ledger, newest_run, run_times, summary
from crawler.lists import Link, Listing
from crawler.shift import Shift
from crawler.sources import Source, Sources
from pipelines.draft import Draft

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SOURCE = Source("baomau", "Báo Mẫu", "https://baomau.vn/", "national", re.compile("x"))
LINK = Link("https://baomau.vn/1")


@dataclass
class Opened:
    """The part of a shift that a ledger writes to."""

    archive: Database
    pages: Database
    sources: Sources

    def now(self) -> datetime:
        return NOON


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    archive, pages = open_archive(":memory:"), open_pages(":memory:")
    yield cast("Shift", Opened(archive, pages, Sources({}, ())))
    archive.close()
    pages.close()


@pytest.fixture
def ledger(shift: Shift) -> Ledger:
    made = Ledger(shift, SOURCE)
    made.open()
    return made


def newest(shift: Shift) -> dict[str, Any]:
    row = newest_run(shift, "baomau")
    assert row is not None
    return row | {name: json.loads(row[name]) for name in ("outcomes", "lists", "notes")}


def visit(ledger: Ledger, number: int, outcome: Outcome) -> None:
    url = f"https://baomau.vn/{number}"
    frontier.add(ledger.shift.pages, "baomau", "list", [Link(url)], NOON)
    ledger.ended(Visit(url, outcome))


def test_outcomes_add_up_to_the_visits(ledger: Ledger, shift: Shift) -> None:
    for number, outcome in enumerate([*Outcome, Outcome.STORED]):
        visit(ledger, number, outcome)
    ledger.close("finished")
    row = newest(shift)
    assert row["state"] == "done"
    assert row["outcomes"] == {str(outcome): 1 + (outcome is Outcome.STORED) for outcome in Outcome}
    visits = shift.pages.execute("select count(*) from visits where run_id = ?", [row["id"]]).fetchone()[0]
    assert sum(row["outcomes"].values()) == visits


def test_a_kill_leaves_what_was_done_and_the_next_run_closes_it(ledger: Ledger, shift: Shift) -> None:
    visit(ledger, 1, Outcome.STORED)
    assert newest(shift)["state"] == "running"
    Ledger(shift, SOURCE).open()
    rows = list(shift.archive.query("select state, outcomes, finished_at from runs order by id"))
    assert [row["state"] for row in rows] == ["killed", "running"]
    assert json.loads(rows[0]["outcomes"]) == {"stored": 1}
    assert rows[0]["finished_at"]


def test_lists_are_booked(ledger: Ledger, shift: Shift) -> None:
    ledger.list_read("https://baomau.vn/a.rss", Listing((LINK, LINK)), 1)
    ledger.list_read("https://baomau.vn/b.rss", Listing(), 0)
    ledger.list_read("https://baomau.vn/index.xml", Listing(further=(LINK,)), 0)
    ledger.list_unchanged()
    ledger.list_failed("https://baomau.vn/c.rss", "trả lời 500")
    ledger.close("finished")
    lists = newest(shift)["lists"]
    assert (lists["fetched"], lists["links"], lists["new"], lists["unchanged"]) == (4, 2, 1, 1)
    assert lists["empty"] == ["https://baomau.vn/b.rss"]
    assert lists["problems"] == {"https://baomau.vn/c.rss": "trả lời 500"}
    assert newest(shift)["state"] == "done"


def test_a_source_of_which_nothing_answered_is_unreachable(ledger: Ledger, shift: Shift) -> None:
    ledger.list_failed("https://baomau.vn/a.rss", "quá thời gian chờ")
    visit(ledger, 1, Outcome.FAILED)
    ledger.close("finished")
    assert (newest(shift)["state"], newest(shift)["reason"]) == ("unreachable", "quá thời gian chờ")


def test_a_source_whose_pages_answer_is_not_unreachable(ledger: Ledger, shift: Shift) -> None:
    ledger.list_failed("https://baomau.vn/a.rss", "trả lời 404")
    visit(ledger, 1, Outcome.UNCHANGED)
    ledger.close("finished")
    assert newest(shift)["state"] == "done"


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("", "done"),
        ("finished", "done"),
        ("closespider_timeout", "done"),
        ("shutdown", "killed"),
        ("x", "failed"),
    ],
)
def test_how_a_run_ended_is_told(ledger: Ledger, shift: Shift, reason: str, state: str) -> None:
    ledger.close(reason)
    assert newest(shift)["state"] == state


def test_what_health_watches_is_counted(ledger: Ledger, shift: Shift) -> None:
    for missed, published in ((["body", "body"], None), (["body", "lead"], NOON), ([], NOON)):
        draft = Draft(Article("https://baomau.vn/1", "baomau", published_at=published), rule_missed=missed)
        ledger.read(draft)
    ledger.close()
    notes = newest(shift)["notes"]
    assert (notes["read"], notes["undated"], notes["rule_missed"]) == (3, 1, {"body": 2, "lead": 1})


def test_a_source_is_due_again_after_its_newest_run_that_came_to_an_end(ledger: Ledger, shift: Shift) -> None:
    assert run_times(shift) == {}
    ledger.close("finished")
    assert run_times(shift) == {"baomau": NOON}


def test_a_run_in_one_line() -> None:
    assert summary({}) == "0 pages"
    assert summary({"failed": 1, "stored": 2}) == "3 pages: 2 stored, 1 failed"
