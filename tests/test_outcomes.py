"""The one table of what follows from each end of a page."""

from datetime import timedelta

import pytest

from archive.model import Outcome
from crawler.state.outcomes import TABLE, End, Policy, consequence, needs_raw_page, next_visit

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POLICY = Policy((HOUR, 6 * HOUR, DAY, 3 * DAY), DAY)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_line_that_always_holds(outcome: Outcome) -> None:
    assert consequence(End(outcome)).outcome is outcome
    *_, last = (line for line in TABLE if line.outcome is outcome)
    assert last.when.__name__ == "always"


@pytest.mark.parametrize(
    ("end", "archive", "raw_page", "wait"),
    [
        (End(Outcome.STORED, relevant=True), "nothing", "always", HOUR),
        (End(Outcome.STORED), "nothing", "always", None),
        (End(Outcome.REVISED, relevant=True, age=2 * HOUR), "nothing", "always", 4 * HOUR),
        (End(Outcome.UNCHANGED, relevant=True, age=7 * HOUR), "nothing", "first", 17 * HOUR),
        (End(Outcome.UNCHANGED, relevant=True, read=False), "seen", "first", HOUR),
        (End(Outcome.UNCHANGED, read=False), "nothing", "first", None),
        (End(Outcome.UNCHANGED, relevant=True, age=4 * DAY), "nothing", "first", None),
        (End(Outcome.IRRELEVANT), "nothing", "named", None),
        (End(Outcome.NOT_ARTICLE), "nothing", "always", None),
        (End(Outcome.TOO_SHORT), "nothing", "always", None),
        (End(Outcome.GONE, relevant=True), "missed", "named", HOUR),
        (End(Outcome.GONE, relevant=True, tries=3), "missed", "named", DAY),
        (End(Outcome.GONE, relevant=True, tries=4, age=2 * DAY), "missed", "named", DAY),
        (End(Outcome.STORED, open=True, published_ago=HOUR), "nothing", "always", 30 * MINUTE),
        (End(Outcome.IRRELEVANT, open=True, published_ago=HOUR, tries=2), "nothing", "named", 90 * MINUTE),
        (End(Outcome.IRRELEVANT, open=True), "nothing", "named", None),
        (End(Outcome.IRRELEVANT, headline=True, published_ago=HOUR), "nothing", "named", 10 * MINUTE),
        (End(Outcome.IRRELEVANT, headline=True), "nothing", "named", HOUR),
        (End(Outcome.NOT_ARTICLE, published_ago=HOUR), "nothing", "always", 30 * MINUTE),
        (End(Outcome.TOO_SHORT, published_ago=HOUR, tries=5), "nothing", "always", None),
        (End(Outcome.TOO_SHORT, headline=True, published_ago=HOUR, tries=9), "nothing", "always", DAY),
        (End(Outcome.TOO_SHORT, headline=True, tries=3), "nothing", "always", None),
        (End(Outcome.TOO_SHORT, published_ago=HOUR, named_ago=2 * DAY), "nothing", "always", None),
        (End(Outcome.GONE, headline=True, published_ago=HOUR, age=8 * DAY), "nothing", "named", None),
        (End(Outcome.GONE, published_ago=HOUR, tries=3), "nothing", "named", 3 * HOUR),
        (End(Outcome.ROBOTS, headline=True), "nothing", "named", DAY),
        (End(Outcome.BLOCKED, headline=True, published_ago=HOUR), "nothing", "named", 10 * MINUTE),
        (End(Outcome.GONE), "nothing", "named", 10 * MINUTE),
        (End(Outcome.GONE, tries=3), "nothing", "named", None),
        (End(Outcome.GONE, ever_stored=True), "nothing", "named", None),
        (End(Outcome.ROBOTS), "nothing", "named", None),
        (End(Outcome.BLOCKED, tries=5), "nothing", "named", DAY),
        (End(Outcome.FAILED), "nothing", "always", 10 * MINUTE),
        (End(Outcome.FAILED, tries=5), "nothing", "always", 160 * MINUTE),
        (End(Outcome.FAILED, tries=6, age=2 * DAY), "nothing", "always", DAY),
    ],
)
def test_what_follows_from_an_end(end: End, archive: str, raw_page: str, wait: timedelta | None) -> None:
    assert (consequence(end).archive, consequence(end).raw_page) == (archive, raw_page)
    assert next_visit(end, POLICY) == wait


@pytest.mark.parametrize("outcome", [Outcome.NOT_ARTICLE, Outcome.TOO_SHORT])
def test_an_article_that_turned_into_a_notice_counts_as_gone(outcome: Outcome) -> None:
    line = consequence(End(outcome, kept=True))
    gone = consequence(End(Outcome.GONE, relevant=True))
    assert line.counts_as is Outcome.GONE
    assert (line.archive, line.raw_page, line.visits) == (gone.archive, gone.raw_page, gone.visits)


def test_a_short_time_to_be_gone_takes_the_longer_waits_away() -> None:
    quick = Policy((), 2 * HOUR)
    waits = [next_visit(End(Outcome.GONE, relevant=True, tries=tries), quick) for tries in (1, 2, 3)]
    assert waits == [HOUR, 2 * HOUR, None]


def test_a_crawl_hands_on_only_the_raw_pages_that_may_be_kept() -> None:
    assert needs_raw_page(None, names_place=False)
    assert needs_raw_page(Outcome.FAILED, names_place=False)
    assert needs_raw_page(Outcome.IRRELEVANT, names_place=True)
    assert not needs_raw_page(Outcome.IRRELEVANT, names_place=False)
