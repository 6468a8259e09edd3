"""The log of a run: outcomes that add up, lists that failed, and a kill that leaves what was done."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlite_utils import Database

from archive.home import Home
from archive.model import Article, Outcome
from archive.pages import open_pages
from archive.places.gazetteer import load_places
from archive.schema import open_archive
from crawler.listings import Link
from crawler.sources import Source, Sources
from crawler.state import frontier
from crawler.state.frontier import VisitEnd
from crawler.state.local import LocalState
from crawler.state.messages import PageEnded
from crawler.state.run_log import RunLog, newest_run, summary
from crawler.workspace import Workspace
from pipelines.classify.topics import load_topics
from pipelines.item import Context, Item

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CONFIG = Path(__file__).parent.parent / "config"
SOURCE = Source("baomau", "Báo Mẫu", "https://baomau.vn/", "national", re.compile("x"))


def shipped_context() -> Context:
    return Context(load_places(CONFIG / "places.yml"), load_topics(CONFIG / "topics.yml"))


@dataclass
class Opened:
    """The part of a workspace that a run log writes to."""

    archive: Database
    pages: Database
    sources: Sources
    home: Home
    context: Context = field(
        default_factory=lambda: Context(load_places(CONFIG / "places.yml"), load_topics(CONFIG / "topics.yml"))
    )

    def now(self) -> datetime:
        return NOON


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    archive, pages = open_archive(":memory:"), open_pages(":memory:")
    yield cast("Workspace", Opened(archive, pages, Sources({}, ()), Home.at(tmp_path)))
    archive.close()
    pages.close()


@pytest.fixture
def run_log(workspace: Workspace) -> RunLog:
    made = RunLog(workspace, SOURCE)
    made.open()
    return made


def newest(workspace: Workspace) -> dict[str, Any]:
    row = newest_run(workspace, "baomau")
    assert row is not None
    return row | {name: json.loads(row[name]) for name in ("outcomes", "lists", "notes")}


def visit(run_log: RunLog, number: int, outcome: Outcome) -> None:
    url = f"https://baomau.vn/{number}"
    frontier.add(run_log.workspace.pages, "baomau", "list", [Link(url)], NOON)
    run_log.ended(VisitEnd(url, outcome))


def test_outcomes_add_up_to_the_visits(run_log: RunLog, workspace: Workspace) -> None:
    for number, outcome in enumerate([*Outcome, Outcome.STORED]):
        visit(run_log, number, outcome)
    run_log.close("finished")
    row = newest(workspace)
    assert row["state"] == "done"
    assert row["outcomes"] == {str(outcome): 1 + (outcome is Outcome.STORED) for outcome in Outcome}
    visits = workspace.pages.execute("select count(*) from visits where run_id = ?", [row["id"]]).fetchone()[0]
    assert sum(row["outcomes"].values()) == visits


def test_a_kill_leaves_what_was_done_and_the_next_run_closes_it(run_log: RunLog, workspace: Workspace) -> None:
    visit(run_log, 1, Outcome.STORED)
    assert newest(workspace)["state"] == "running"
    RunLog(workspace, SOURCE).open()
    rows = list(workspace.archive.query("select state, outcomes, finished_at from runs order by id"))
    assert [row["state"] for row in rows] == ["killed", "running"]
    assert json.loads(rows[0]["outcomes"]) == {"stored": 1}
    assert rows[0]["finished_at"]


def test_lists_are_booked(run_log: RunLog, workspace: Workspace) -> None:
    run_log.list_read("https://baomau.vn/a.rss", 2, 1)
    run_log.list_read("https://baomau.vn/b.rss", 0, 0, empty=True)
    run_log.list_read("https://baomau.vn/index.xml", 0, 0)
    run_log.list_unchanged()
    run_log.list_failed("https://baomau.vn/c.rss", "trả lời 500")
    run_log.close("finished")
    lists = newest(workspace)["lists"]
    assert (lists["fetched"], lists["links"], lists["new"], lists["unchanged"]) == (4, 2, 1, 1)
    assert lists["empty"] == ["https://baomau.vn/b.rss"]
    assert lists["problems"] == {"https://baomau.vn/c.rss": "trả lời 500"}
    assert newest(workspace)["state"] == "done"


def test_a_source_of_which_nothing_answered_is_unreachable(run_log: RunLog, workspace: Workspace) -> None:
    run_log.list_failed("https://baomau.vn/a.rss", "quá thời gian chờ")
    visit(run_log, 1, Outcome.FAILED)
    run_log.close("finished")
    assert (newest(workspace)["state"], newest(workspace)["reason"]) == ("unreachable", "quá thời gian chờ")


def test_a_source_whose_pages_answer_is_not_unreachable(run_log: RunLog, workspace: Workspace) -> None:
    run_log.list_failed("https://baomau.vn/a.rss", "trả lời 404")
    visit(run_log, 1, Outcome.UNCHANGED)
    run_log.close("finished")
    assert newest(workspace)["state"] == "done"


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
def test_how_a_run_ended_is_told(run_log: RunLog, workspace: Workspace, reason: str, state: str) -> None:
    run_log.close(reason)
    assert newest(workspace)["state"] == state


def look(number: int, body: str = "", **more: Any) -> Item:
    article = Article(f"https://baomau.vn/{number}", "baomau", title="Tin", body=body, published_at=NOON)
    return Item(article, **more)


def test_pages_read_for_the_first_time_are_counted_apart_from_those_looked_at_again(
    run_log: RunLog, workspace: Workspace
) -> None:
    run_log.read(look(1, "a" * 900, rule_missed=["body", "body"]), Outcome.STORED)
    run_log.read(look(2, "b" * 700, rule_missed=["body", "lead"]), Outcome.IRRELEVANT)
    run_log.read(look(3), Outcome.TOO_SHORT)
    run_log.read(look(4, rule_missed=["lead"]), Outcome.UNCHANGED)
    run_log.read(look(5, rule_missed=["body"]), Outcome.BLOCKED)
    run_log.read(look(6, rule_missed=["body"]), Outcome.NOT_ARTICLE)
    run_log.close()
    notes = newest(workspace)["notes"]
    assert (notes["read"], notes["fresh"], notes["texts"], notes["articles"]) == (6, 4, 3, 2)
    assert notes["rule_missed"] == {"body": 2, "lead": 1}
    assert notes["lengths"] == [0, 700, 900]
    assert notes["again"] == {"read": 1, "rule_missed": {"lead": 1}}


def test_an_article_that_turned_into_a_notice_is_no_page_read_for_the_first_time(
    run_log: RunLog, workspace: Workspace
) -> None:
    at = "2026-11-01T00:00:00Z"
    workspace.archive.table("articles").insert(
        {"sort": 1, "url": "https://baomau.vn/1", "source": "baomau", "title": "Tin", "sha256": ""}
        | {"first_seen_at": at, "last_seen_at": at}
    )
    state = LocalState(workspace, {run_log.run_id: run_log})
    short = look(1, rule_missed=["body"])
    state.page_ended(PageEnded(run_log.run_id, short.article.url, Outcome.TOO_SHORT, "too_short", short))
    assert newest(workspace)["outcomes"] == {"gone": 1}
    run_log.close()
    assert newest(workspace)["notes"]["fresh"] == 0


def test_pages_without_a_date_and_with_one_text_are_counted(run_log: RunLog, workspace: Workspace) -> None:
    for number in range(4):
        item = look(number, "Xin hãy bật JavaScript." if number else "Bài riêng.")
        item.article.published_at = None if number < 2 else NOON
        item.article.doubt = ["date_differs"] if number == 3 else []
        run_log.read(item, Outcome.STORED)
    run_log.close()
    notes = newest(workspace)["notes"]
    assert (notes["undated"], notes["untitled"], notes["doubted"], notes["same_body"]) == (2, 0, 1, 3)
    assert sorted(notes["bodies"].values()) == [1, 3]


def test_another_channel_is_told_for_two_weeks_and_then_taken_for_the_right_one(
    run_log: RunLog, workspace: Workspace
) -> None:
    assert run_log.other_channel("https://baomau.vn/a.rss", "Kinh tế", "Trang chủ")
    run_log.close()
    assert newest(workspace)["lists"]["channel"] == {"https://baomau.vn/a.rss": ["Kinh tế", "Trang chủ"]}
    workspace.archive.execute("update runs set started_at = '2026-10-01T00:00:00Z'")
    again = RunLog(workspace, SOURCE)
    again.open()
    assert not again.other_channel("https://baomau.vn/a.rss", "Kinh tế", "Trang chủ")
    assert again.other_channel("https://baomau.vn/a.rss", "Kinh tế", "Thể thao")


def test_a_run_in_one_line() -> None:
    assert summary({}) == "0 pages"
    assert summary({"failed": 1, "stored": 2}) == "3 pages: 2 stored, 1 failed"
