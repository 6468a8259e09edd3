"""A simulated week: every edit, take-down and coming-back is recorded, and none that did not happen."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.model import Outcome
from crawler.workspace import open_workspace
from tests.bench import month, world
from tests.bench.month import START, Clock, Tally
from tests.bench.world import DAY, HOUR, Truth, World


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    return month.month(outlets=5, articles=4, days=7, seed=3, folder=tmp_path_factory.mktemp("home"))


def test_nothing_is_recorded_otherwise_than_it_was(tally: Tally) -> None:
    assert tally.wrong == []


def test_the_month_had_all_that_it_is_to_show(tally: Tally) -> None:
    for one in ("edits seen", "suspected expected", "gone expected", "live expected", "moved", "looks due"):
        assert tally.counts[one] > 0, one
    assert tally.counts["edits recorded"] == tally.counts["edits seen"]
    assert tally.counts["false"] == 0


def moved(url: str = "http://bao0.example/tin-4.html") -> Truth:
    """An article that gets a new address after two hours, and an edit after two days."""
    first = world.local_piece(0, 4, START)
    texts = [(START, first), (START + 2 * DAY, replace(first, lead="Ban quản lý nói khác hôm trước."))]
    return Truth(url, "bao0", START, False, texts, moved_at=START + 2 * HOUR)


def test_an_article_that_moved_stays_one_article_and_its_edits_are_versions(tmp_path: Path) -> None:
    truth, clock = moved(), Clock()
    outlets = World({truth.url: truth}, {})
    with open_workspace(month.home_for(outlets, tmp_path), clock) as workspace:
        month.live(outlets, workspace, clock, START + 4 * DAY)
        rows = list(workspace.archive.query("select url, state, edits from articles"))
        outcomes = [one for (one,) in workspace.pages.execute("select outcome from visits order by id")]
    assert rows == [{"url": truth.url, "state": "live", "edits": 1}]
    assert outcomes.count(Outcome.REVISED) == 1


@pytest.mark.parametrize("kind", world.OUTAGES)
def test_no_outage_of_a_day_takes_an_article_down(tmp_path: Path, kind: world.Outage) -> None:
    truth, clock = moved(), Clock()
    outlets = World({truth.url: truth}, {"bao0": (START + 3 * HOUR, START + 3 * HOUR + DAY, kind)})
    with open_workspace(month.home_for(outlets, tmp_path), clock) as workspace:
        month.live(outlets, workspace, clock, START + 3 * DAY + timedelta(hours=6))
        (kept,) = workspace.archive.query("select state, suspected_at from articles")
        states = {state for (state,) in workspace.archive.execute("select state from states")}
    assert kept == {"state": "live", "suspected_at": None}
    assert "gone" not in states
