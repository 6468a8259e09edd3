"""The estimate of what no list names, and which sources were read since a time."""

import random
from datetime import timedelta

import pytest

from archive.health import coverage, report
from archive.health.coverage import Coverage, ReadSince, Rolled, estimate, newest, read_since, save
from archive.schema import open_archive
from tests.press_book import HOUR, NOW, run, source


def test_chapmans_estimate_of_two_catches() -> None:
    missed = estimate(200, 180, 150)
    assert missed
    total = 201 * 181 / 151 - 1  # 239.9 stories, of which the lists name 230
    assert missed.share == pytest.approx(1 - 230 / total)
    assert 0.01 < missed.least < missed.share < missed.most < 0.09


@pytest.mark.parametrize(("first", "second", "both"), [(300, 300, 10), (6, 6, 6), (0, 0, 0), (40, 0, 0)])
def test_lists_that_share_too_little_give_no_estimate(first: int, second: int, both: int) -> None:
    assert estimate(first, second, both) is None


@pytest.mark.parametrize(("named", "most"), [(40, 0.1), (200, 0.02), (299, 0.003)])
def test_where_one_list_names_all_the_more_are_shared_the_surer_nothing_is_missed(
    named: int, most: float
) -> None:
    missed = estimate(named, 300, named)
    assert missed
    assert missed.share == missed.least == 0
    assert most / 4 < missed.most < most


@pytest.mark.parametrize(("first", "second"), [(0.7, 0.6), (0.9, 0.9), (0.5, 0.999), (0.97, 0.97), (0.3, 0.95)])
@pytest.mark.parametrize("stories", [60, 200, 1000])
def test_the_interval_holds_the_truth_about_19_times_of_20(first: float, second: float, stories: int) -> None:
    dice = random.Random(12)
    right = given = 0
    for _ in range(200):
        caught = [(dice.random() < first, dice.random() < second) for _ in range(stories)]
        shared = sum(a and b for a, b in caught)
        missed = estimate(sum(a for a, _ in caught), sum(b for _, b in caught), shared)
        if missed:  # a week of little in common gives none
            given += 1
            right += missed.least <= sum(not a and not b for a, b in caught) / stories <= missed.most
    assert given > 150
    assert right / given >= 0.92  # less than 184 of 200 comes once in a few hundred


def test_why_there_is_no_estimate() -> None:
    def unknown(**counts: int | None) -> str:
        return Coverage("", "", **counts).unknown  # type: ignore[arg-type]

    assert unknown(feeds=90, others=None) == "coverage_one_kind"
    assert unknown(feeds=5, others=4, both=3) == "coverage_too_little"
    assert unknown(feeds=7, others=7, both=7, named=7) == ""
    assert unknown(feeds=300, others=200, both=4, named=496) == "coverage_apart"
    assert unknown(feeds=300, others=200, both=150) == ""


def test_the_newest_coverage_of_a_source_is_kept() -> None:
    db = open_archive(":memory:")
    one = Coverage("a", "b", 3, None, 0, 3, 1, [Rolled("https://baomau.vn/rss", 20, 1800, True)])
    save(db, "baomau", Coverage("a", "b"))
    save(db, "baomau", one)
    assert newest(db, "baomau") == one
    assert newest(db, "khac") is None


@pytest.mark.parametrize(("last", "level"), [(True, "red"), (False, "amber")])
def test_a_feed_that_rolls_over_is_red_at_its_newest_reading_and_amber_for_a_week(
    last: bool, level: str
) -> None:
    db = open_archive(":memory:")
    source(db, "baomau")
    run(db, lists={"fetched": 1, "new": 20})
    save(db, "baomau", Coverage("a", "b", rolled=[Rolled("https://baomau.vn/rss", 20, 1800, last)]))
    (health,) = report(db, NOW)
    assert health.level == level
    assert '"https://baomau.vn/rss"' in health.reason
    assert health.coverage


def test_sources_read_since_a_time_and_the_silent_by_name() -> None:
    db = open_archive(":memory:")
    for key in ("a", "b", "c", "d", "e", "f"):
        source(db, key, "blocked" if key == "f" else "removed" if key == "e" else "live")
    for key in ("a", "b", "c", "e", "f"):
        run(db, key=key, at=NOW - 10 * HOUR, lists={"fetched": 2})
    run(db, key="a", at=NOW - HOUR, lists={"fetched": 1, "unchanged": 1})
    run(db, "unreachable", key="b", at=NOW - HOUR, lists={"fetched": 0, "problems": {"x": "timeout"}})
    run(db, key="c", at=NOW - HOUR, lists={"fetched": 3, "past": True})
    began = NOW - 10 * HOUR
    assert read_since(db, NOW - 8 * HOUR, NOW) == ReadSince(1, 3, ["Báo b", "Báo c"], [], began)
    assert read_since(db, NOW - 11 * HOUR, NOW) == ReadSince(3, 3, [], [], began)
    assert read_since(open_archive(":memory:"), NOW, NOW) == ReadSince(0, 0, [], [], None)


def test_a_source_that_was_never_read_or_is_not_due_yet_is_not_silent() -> None:
    db = open_archive(":memory:")
    for key in ("a", "b", "c"):
        source(db, key)
    db.execute("update sources set every = 3600")
    run(db, key="a", at=NOW - HOUR, lists={"fetched": 1})
    run(db, key="b", at=NOW - 5 * HOUR, lists={"fetched": 1})
    for ago in (9, 5, 1):
        run(db, "unreachable", key="c", at=NOW - ago * HOUR, lists={"fetched": 0, "problems": {"x": "timeout"}})
    found = read_since(db, NOW - HOUR / 2, NOW)
    assert (found.read, found.of) == (0, 3)
    assert found.silent == ["Báo b"], "a is visited again within four hours"
    assert found.never == ["Báo c"]
    assert read_since(db, NOW - 24 * HOUR, NOW).silent == []


def test_a_source_is_silent_from_the_end_of_its_last_good_run() -> None:
    db = open_archive(":memory:")
    source(db, "a")
    run(db, key="a", at=NOW - HOUR, lists={"fetched": 1})
    assert read_since(db, NOW - HOUR, NOW).read == 1
    assert read_since(db, NOW - HOUR + timedelta(seconds=1), NOW).read == 0
    assert coverage.newest(db, "a") is None
