"""Which addresses are due when, and that none is lost or visited twice."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive.model import Outcome
from archive.pages import open_pages
from crawler.listings import Link
from crawler.sources import Sources
from crawler.state import frontier
from crawler.state.frontier import VisitEnd, add, due, end
from crawler.state.messages import ListingRead
from crawler.state.outcomes import RETRIES
from tests.commands import Copy

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGES = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY)
SOURCES = Sources({}, (), revisit=AGES, gone_after=DAY)
URL = "https://baomau.vn/tin-1.htm"


@pytest.fixture
def db() -> Database:
    return open_pages(":memory:")


def found(db: Database, *links: Link | str, at: datetime = NOON, source: str = "baomau") -> int:
    return add(db, source, "list", [Link(link) if isinstance(link, str) else link for link in links], at)


def urls(db: Database, at: datetime, source: str = "baomau") -> list[str]:
    return [address.url for address in due(db, source, at)]


def next_look(db: Database, at: datetime) -> timedelta | None:
    """How long after ``at`` the address is due again; None for never."""
    (text,) = db.execute("select next_at from addresses where url = ?", [URL]).fetchone()
    if text is None:
        return None
    again = datetime.fromisoformat(text)
    assert URL not in urls(db, again - timedelta(seconds=1))
    assert URL in urls(db, again)
    return again - at


def ends(
    db: Database, outcome: Outcome, at: datetime, *, relevant: bool = False, **more: Any
) -> timedelta | None:
    end(db, 1, VisitEnd(URL, outcome, relevant=relevant, **more), SOURCES, at)
    return next_look(db, at)


def test_a_new_address_is_due_at_once_and_noted_once(db: Database) -> None:
    assert found(db, URL, "https://baomau.vn/tin-2.htm") == 2
    assert found(db, URL, "https://baomau.vn/tin-3.htm", at=NOON + HOUR) == 1
    assert len(urls(db, NOON + HOUR)) == 3
    assert urls(db, NOON, "other") == []
    assert urls(db, NOON - HOUR) == []


def test_what_the_list_said_of_an_address_is_kept(db: Database) -> None:
    found(db, Link(URL, "Gang thép", NOON - HOUR, "Tóm tắt"))
    (address,) = due(db, "baomau", NOON)
    assert (address.hint.title, address.hint.published_at, address.hint.summary) == (
        "Gang thép",
        NOON - HOUR,
        "Tóm tắt",
    )


def test_never_visited_ones_go_first_then_the_newest(db: Database) -> None:
    found(db, Link(URL, published_at=NOON))
    end(db, 1, VisitEnd(URL, Outcome.STORED, relevant=True), SOURCES, NOON)
    found(db, Link("https://baomau.vn/old", published_at=NOON - 2 * DAY))
    found(db, Link("https://baomau.vn/new", published_at=NOON - HOUR))
    assert urls(db, NOON + HOUR) == ["https://baomau.vn/new", "https://baomau.vn/old", URL]


def test_an_address_that_was_read_is_not_due_again_when_a_list_names_it_again(db: Database) -> None:
    found(db, URL)
    assert ends(db, Outcome.IRRELEVANT, NOON) is None
    assert found(db, URL, at=NOON + DAY) == 0
    assert urls(db, NOON + 60 * DAY) == []


def test_a_kept_article_is_looked_at_again_at_the_configured_ages(db: Database) -> None:
    found(db, URL)
    read = at = NOON + 40 * DAY  # after a long backlog
    ages, outcome = [], Outcome.STORED
    while (wait := ends(db, outcome, at, relevant=True)) is not None:
        at, outcome = at + wait, Outcome.UNCHANGED
        ages.append(at - read)
    assert tuple(ages) == AGES


def test_a_revisit_that_came_late_does_not_make_up_for_those_missed(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.STORED, NOON, relevant=True)
    assert ends(db, Outcome.UNCHANGED, NOON + 2 * DAY, relevant=True) == DAY


def test_an_article_that_is_not_relevant_is_not_visited_again(db: Database) -> None:
    found(db, URL)
    assert ends(db, Outcome.STORED, NOON) is None


@pytest.mark.parametrize("outcome", [Outcome.IRRELEVANT, Outcome.ROBOTS])
def test_an_end_is_an_end(db: Database, outcome: Outcome) -> None:
    found(db, URL)
    assert ends(db, outcome, NOON) is None


def waits(db: Database, outcome: Outcome, *, named: bool = False, **more: Any) -> list[timedelta]:
    """How long until each next visit while it ends so; with ``named`` a list goes on naming it."""
    at, looks = NOON, list[timedelta]()
    while (wait := ends(db, outcome, at, **more)) is not None:
        looks.append(wait)
        at += wait
        if named:
            found(db, URL, at=at)
        assert len(looks) < 40
    return looks


@pytest.mark.parametrize("outcome", [Outcome.NOT_ARTICLE, Outcome.TOO_SHORT])
def test_what_was_thin_is_looked_at_again_for_two_days(db: Database, outcome: Outcome) -> None:
    found(db, URL)
    assert waits(db, outcome) == [HOUR / 2, 2 * HOUR, 8 * HOUR, DAY]


def test_what_was_published_long_ago_is_looked_at_once(db: Database) -> None:
    found(db, Link(URL, published_at=NOON - 3 * DAY))
    assert waits(db, Outcome.TOO_SHORT) == []


def test_a_page_that_is_not_there_yet_is_looked_for_again(db: Database) -> None:
    found(db, URL)
    assert waits(db, Outcome.GONE) == [HOUR / 6, HOUR, 3 * HOUR, 12 * HOUR]


@pytest.mark.parametrize(
    "outcome", [Outcome.IRRELEVANT, Outcome.NOT_ARTICLE, Outcome.TOO_SHORT, Outcome.GONE, Outcome.BLOCKED]
)
def test_a_story_that_a_list_names_the_province_with_is_looked_at_densely(
    db: Database, outcome: Outcome
) -> None:
    found(db, URL)
    looks = waits(db, outcome, headline=True)
    assert sum(wait <= HOUR for wait in looks) == 4
    assert DAY < sum(looks, timedelta()) <= 2 * DAY


def test_it_is_looked_at_daily_while_a_list_names_it_and_for_a_week_at_most(db: Database) -> None:
    found(db, URL)
    looks = waits(db, Outcome.TOO_SHORT, named=True, headline=True)
    assert looks[-1] == DAY
    assert 6 * DAY < sum(looks, timedelta()) <= 7 * DAY


def test_a_list_that_answers_304_still_names_what_it_named(db: Database) -> None:
    read = ListingRead(1, "list", status=200)
    frontier.note_list(db, "baomau", read, NOON)
    found(db, URL)
    frontier.list_unchanged(db, "list", NOON + 40 * HOUR)
    late = NOON + 41 * HOUR
    assert ends(db, Outcome.TOO_SHORT, late) == HOUR / 2
    frontier.note_list(db, "baomau", read, NOON + 42 * HOUR)  # read anew, and it was not named
    for _ in range(2):
        ends(db, Outcome.TOO_SHORT, NOON + 47 * HOUR)
    assert ends(db, Outcome.TOO_SHORT, NOON + 47 * HOUR) is None


def test_an_open_story_is_looked_at_a_few_times(db: Database) -> None:
    found(db, URL)
    assert len(waits(db, Outcome.IRRELEVANT, open=True)) == 4


def test_304_of_a_page_that_was_not_stored_leaves_its_outcome(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.IRRELEVANT, NOON, open=True, reason="below", etag='"1"')
    (address,) = due(db, "baomau", NOON + HOUR)
    assert address.etag == '"1"'
    assert ends(db, Outcome.UNCHANGED, NOON + HOUR, status=304) == 1.5 * HOUR
    row = db.execute("select outcome, reason, tries, looks from addresses").fetchone()
    assert row == ("irrelevant", "below", 2, 2)
    assert db.execute("select outcome from visits order by id").fetchall() == [("irrelevant",), ("unchanged",)]


def test_what_a_list_says_anew_makes_the_address_due_soon(db: Database) -> None:
    found(db, Link(URL, "Nổ lớn ở một xưởng"))
    assert ends(db, Outcome.IRRELEVANT, NOON) is None
    found(db, Link(URL, "Nổ lớn ở một xưởng"), at=NOON + HOUR)
    assert urls(db, NOON + HOUR) == []
    found(db, Link(URL, "Nổ lớn ở xưởng cơ khí Thái Nguyên"), at=NOON + HOUR)
    (address,) = due(db, "baomau", NOON + HOUR)
    assert address.hint.title == "Nổ lớn ở xưởng cơ khí Thái Nguyên"


def test_two_lists_that_name_one_address_differently_do_not_make_it_due(db: Database) -> None:
    found(db, Link(URL, "Tít dài của bài", summary="Sapo"))
    ends(db, Outcome.IRRELEVANT, NOON)
    for hour in range(1, 6):
        add(db, "baomau", "sitemap", [Link(URL, published_at=NOON)], NOON + hour * HOUR)
        add(db, "baomau", "list", [Link(URL, "Tít dài của bài", summary="Sapo")], NOON + hour * HOUR)
    assert urls(db, NOON + 6 * HOUR) == []


def test_a_list_that_says_something_new_of_everything_says_nothing(db: Database) -> None:
    many = [f"https://baomau.vn/tin-{n}.htm" for n in range(20)]
    found(db, *[Link(url, "Một tít", NOON) for url in many])
    for url in many:
        end(db, 1, VisitEnd(url, Outcome.IRRELEVANT), SOURCES, NOON)
    found(db, *[Link(url, "Một tít", NOON + HOUR) for url in many], at=NOON + HOUR)
    assert urls(db, NOON + HOUR) == []


def test_a_headline_with_a_counter_in_it_asks_for_few_looks(db: Database) -> None:
    found(db, Link(URL, "Tít (1 bình luận)"))
    ends(db, Outcome.IRRELEVANT, NOON)
    looks = 0
    for hour in range(1, 30):
        at = NOON + hour * HOUR
        found(db, Link(URL, f"Tít ({hour + 1} bình luận)"), at=at)
        if urls(db, at):
            looks += 1
            ends(db, Outcome.IRRELEVANT, at)
    assert looks <= 5


def test_a_page_that_came_late_is_kept_like_any_other(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.GONE, NOON)
    assert ends(db, Outcome.STORED, NOON + timedelta(minutes=10), relevant=True) == HOUR


def test_an_article_that_is_of_no_interest_is_not_looked_for_when_it_is_gone(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.STORED, NOON)
    assert ends(db, Outcome.GONE, NOON + HOUR) is None


def test_failures_are_retried_with_doubling_waits(db: Database) -> None:
    found(db, URL)
    at, waits = NOON, []
    for _ in range(RETRIES):
        wait = ends(db, Outcome.FAILED, at)
        assert wait is not None
        waits.append(wait)
        at += wait
    assert waits == [timedelta(minutes=10) * 2**n for n in range(RETRIES)]


def test_an_outage_of_a_day_loses_no_address(db: Database) -> None:
    found(db, URL)
    at = NOON
    while at < NOON + DAY:
        wait = ends(db, Outcome.FAILED, at)
        assert wait is not None
        at += wait
    assert at - NOON < 4 * DAY
    assert ends(db, Outcome.STORED, at, relevant=True) is not None


def test_an_address_that_never_answers_is_given_up_in_the_end(db: Database) -> None:
    found(db, URL)
    at, visits = NOON, 1
    while (wait := ends(db, Outcome.FAILED, at)) is not None:
        at, visits = at + wait, visits + 1
    assert visits < 15


def test_waits_start_anew_after_a_good_visit(db: Database) -> None:
    found(db, URL)
    at = NOON
    for _ in range(3):
        at += ends(db, Outcome.FAILED, at) or DAY
    ends(db, Outcome.STORED, at, relevant=True)
    assert ends(db, Outcome.FAILED, at + HOUR) == timedelta(minutes=10)


def test_a_site_that_blocks_is_asked_again_tomorrow(db: Database) -> None:
    found(db, URL)
    assert ends(db, Outcome.BLOCKED, NOON) == DAY


def test_a_missing_article_is_confirmed_by_looks_until_gone_after_has_passed(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.STORED, NOON, relevant=True)
    start = at = NOON + HOUR
    looks = []
    for _ in range(3):
        wait = ends(db, Outcome.GONE, at, relevant=True)
        assert wait is not None
        looks.append(wait)
        at += wait
    assert looks == [HOUR, 6 * HOUR, DAY]
    assert at - start >= SOURCES.gone_after


def test_failures_before_it_went_missing_take_no_confirmation_look_away(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.STORED, NOON, relevant=True)
    at = NOON + HOUR
    for _ in range(4):
        at += ends(db, Outcome.FAILED, at) or DAY
    start = at
    while at - start < SOURCES.gone_after:
        wait = ends(db, Outcome.GONE, at, relevant=True)
        assert wait is not None
        at += wait


def test_an_article_taken_down_is_looked_for_again_so_that_it_can_come_back(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.STORED, NOON, relevant=True)
    at = NOON + HOUR
    for _ in range(3):
        at += ends(db, Outcome.GONE, at, relevant=True) or DAY
    wait = ends(db, Outcome.GONE, at, relevant=True)
    assert wait is not None
    assert at + wait == NOON + 3 * DAY


def test_a_page_that_could_not_be_read_is_never_asked_for_conditionally(db: Database) -> None:
    """Else the next answer is «304, unchanged», and the page that broke is lost."""
    found(db, URL)
    wait = ends(db, Outcome.FAILED, NOON, etag='"1"', last_modified="yesterday")
    assert wait is not None
    (address,) = due(db, "baomau", NOON + wait)
    assert (address.etag, address.last_modified) == (None, None)


def test_a_page_that_was_kept_is_asked_for_conditionally(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.STORED, NOON, relevant=True, etag='"1"', last_modified="yesterday")
    ends(db, Outcome.UNCHANGED, NOON + HOUR, relevant=True)
    (address,) = due(db, "baomau", NOON + DAY)
    assert (address.etag, address.last_modified) == ('"1"', "yesterday")


def test_every_visit_is_written_down(db: Database) -> None:
    found(db, URL)
    ends(db, Outcome.FAILED, NOON)
    ends(db, Outcome.STORED, NOON + HOUR)
    rows = db.execute("select url, outcome from visits order by id").fetchall()
    assert rows == [(URL, "failed"), (URL, "stored")]


def test_a_visit_to_an_address_nobody_added_is_written_down_too(db: Database) -> None:
    end(db, 1, VisitEnd(URL, Outcome.STORED), SOURCES, NOON)
    assert db.execute("select count(*) from visits").fetchone() == (1,)


ENDLESS = """
import sys
from datetime import UTC, datetime
from archive.model import Outcome
from archive.pages import open_pages
from crawler.state.frontier import VisitEnd, add, due, end
from crawler.listings import Link
from crawler.sources import Sources
db, now = open_pages(sys.argv[1]), datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
for run in range(1, 1_000_000):
    add(db, "baomau", "list", [Link(f"https://baomau.vn/{run}-{n}") for n in range(5)], now)
    for address in due(db, "baomau", now)[:3]:
        end(db, run, VisitEnd(address.url, Outcome.STORED), Sources({}, ()), now)
    print(run, flush=True)
"""


def test_kill_9_loses_no_address(tmp_path: Path) -> None:
    path = tmp_path / "pages.db"
    with Copy(path, program=ENDLESS) as child:
        assert child.stdout is not None
        runs = [int(child.stdout.readline()) for _ in range(8)][-1]
        child.kill()
    db = open_pages(path)
    count, visited = db.execute("select count(*), sum(looks) from addresses").fetchone()
    assert count >= 5 * runs
    assert visited == db.execute("select count(*) from visits").fetchone()[0]
    assert len(due(db, "baomau", NOON)) == count - visited


def test_two_crawls_writing_at_once_do_not_lock_each_other_out(tmp_path: Path) -> None:
    path = tmp_path / "pages.db"
    open_pages(path).close()
    with Copy(path, program=ENDLESS.replace("baomau", "khac")) as child:
        assert child.stdout is not None
        child.stdout.readline()
        db = open_pages(path)
        try:
            for n in range(20):
                found(db, f"https://baomau.vn/{n}")
                end(db, 1, VisitEnd(f"https://baomau.vn/{n}", Outcome.STORED), SOURCES, NOON)
        except sqlite3.OperationalError as error:
            pytest.fail(f"a second process was locked out: {error}")
        finally:
            child.kill()
    assert frontier.due(db, "baomau", NOON) == []


def test_further_lists_that_an_older_release_left_waiting_are_still_read(tmp_path: Path) -> None:
    db = open_pages(tmp_path / "pages.db")
    frontier.await_lists(db, "baomau", [Link("https://baomau.vn/s1.xml")], "sitemap", 2)
    db.execute("update lists set waiting = 'parse_sitemap'")
    db.execute("delete from _sqlite_migrations where name = 'm002_kinds_of_lists'")
    db.close()
    db = open_pages(tmp_path / "pages.db")
    waiting = frontier.waiting_lists(db, "baomau", "sitemap")
    assert [(one.url, one.depth) for one in waiting] == [("https://baomau.vn/s1.xml", 2)]
