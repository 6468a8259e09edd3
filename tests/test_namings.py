"""Which lists named what is written down: lists that roll over, and what a week's lists named and was kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.clock import stamp
from archive.health.coverage import Coverage, newest
from archive.pages import open_pages
from archive.schema import open_archive
from crawler.listings import Link, ListKind
from crawler.sources import Source, load_sources
from crawler.state import frontier, namings
from crawler.state.messages import ListingRead

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME = "https://baomau.vn"
FEED, MAP, SECTION = f"{HOME}/rss", f"{HOME}/sitemap.xml", f"{HOME}/kinh-te"
YAML = (
    "sources: {baomau: {name: Báo Mẫu, home: 'https://baomau.vn', kind: national, feeds: ['https://baomau.vn/rss'],"
    " sitemaps: ['https://baomau.vn/sitemap.xml'], sections: ['https://baomau.vn/kinh-te'], article: tin}}"
)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "sources.yml").write_text(YAML, encoding="utf-8")
    return load_sources(tmp_path / "sources.yml").by_key["baomau"]


@pytest.fixture
def pages() -> Database:
    return open_pages(":memory:")


@pytest.fixture
def archive() -> Database:
    return open_archive(":memory:")


def links(*numbers: int, at: datetime | None = None) -> tuple[Link, ...]:
    return tuple(Link(f"{HOME}/tin-{number}", published_at=at) for number in numbers)


KINDS: dict[str, ListKind] = {FEED: "feed", MAP: "sitemap", SECTION: "section"}


def read(
    pages: Database,
    source: Source,
    url: str,
    articles: tuple[Link, ...],
    at: datetime,
    more: tuple[Link, ...] = (),
) -> None:
    """A list is read, as ``LocalState`` does it."""
    listing = ListingRead(1, url, KINDS[url], status=200, items=len(articles), articles=articles, further=more)
    frontier.add(pages, source.key, url, articles, at)
    namings.note(pages, source, listing, at)
    frontier.note_list(pages, source.key, listing, at)


def week(pages: Database, archive: Database, source: Source, now: datetime) -> Coverage:
    namings.sum_up(pages, archive, source.key, now)
    coverage = newest(archive, source.key)
    assert coverage
    return coverage


def store(archive: Database, *numbers: int, at: datetime) -> None:
    rows = (
        {"sort": number, "url": f"{HOME}/tin-{number}", "source": "baomau", "title": "Tin", "sha256": ""}
        | {"first_seen_at": stamp(at), "last_seen_at": stamp(at)}
        for number in numbers
    )
    archive.table("articles").insert_all(rows)


def test_the_lists_that_named_an_address_are_kept_each_with_its_time(pages: Database, source: Source) -> None:
    read(pages, source, FEED, links(1, 2), NOON)
    read(pages, source, MAP, links(2, 3), NOON + HOUR)
    read(pages, source, FEED, links(2, 3), NOON + 2 * HOUR)
    rows = pages.execute("select list, url, first_at from named order by url, first_at").fetchall()
    assert [(list_, url[-1], at) for list_, url, at in rows] == [
        (FEED, "1", stamp(NOON)),
        (FEED, "2", stamp(NOON)),
        (MAP, "2", stamp(NOON + HOUR)),
        (MAP, "3", stamp(NOON + HOUR)),
        (FEED, "3", stamp(NOON + 2 * HOUR)),
    ]


def test_old_namings_are_forgotten_but_for_those_still_on_the_list(pages: Database, source: Source) -> None:
    later = NOON + namings.KEPT + HOUR
    read(pages, source, FEED, links(1, 2), NOON)
    read(pages, source, FEED, links(2, 3), later)
    assert [url[-1] for (url,) in pages.execute("select url from named order by url")] == ["2", "3"]
    read(pages, source, MAP, links(4, at=NOON), later)  # dated before what is kept
    assert not pages.execute("select * from named where list = ?", [MAP]).fetchall()


def test_a_feed_without_any_item_of_the_reading_before_has_rolled_over(
    pages: Database, archive: Database, source: Source
) -> None:
    read(pages, source, FEED, links(*range(10)), NOON)
    read(pages, source, FEED, links(*range(9, 19)), NOON + HOUR)
    assert not week(pages, archive, source, NOON + HOUR).rolled
    read(pages, source, FEED, links(*range(19, 29)), NOON + 2 * HOUR)
    (rolled,) = week(pages, archive, source, NOON + 2 * HOUR).rolled
    assert (rolled.url, rolled.items, rolled.seconds, rolled.last) == (FEED, 10, 3600, True)
    read(pages, source, FEED, links(*range(25, 35)), NOON + 3 * HOUR)
    (rolled,) = week(pages, archive, source, NOON + 3 * HOUR).rolled
    assert not rolled.last
    assert not week(pages, archive, source, NOON + 8 * DAY).rolled


@pytest.mark.parametrize("first", [0, 90])
def test_items_that_another_list_named_first_make_no_overlap(
    pages: Database, archive: Database, source: Source, first: int
) -> None:
    read(pages, source, MAP, links(*range(first, first + 20)), NOON)
    read(pages, source, FEED, links(*range(10)), NOON)
    read(pages, source, MAP, links(*range(30)), NOON + HOUR)
    read(pages, source, FEED, links(*range(10, 20)), NOON + HOUR)
    assert week(pages, archive, source, NOON + HOUR).rolled


def test_a_short_feed_and_one_left_alone_for_long_say_nothing(
    pages: Database, archive: Database, source: Source
) -> None:
    read(pages, source, FEED, links(1, 2, 3), NOON)
    read(pages, source, FEED, links(4, 5, 6), NOON + HOUR)
    assert not week(pages, archive, source, NOON + HOUR).rolled
    read(pages, source, FEED, links(*range(20, 30)), NOON + 2 * DAY)  # the machine was off
    assert not week(pages, archive, source, NOON + 2 * DAY).rolled


def test_a_section_rolls_over_only_where_no_page_follows(
    pages: Database, archive: Database, source: Source
) -> None:
    read(pages, source, SECTION, links(*range(10)), NOON)
    following = (Link(f"{SECTION}?page=2"),)
    read(pages, source, SECTION, links(*range(10, 20)), NOON + HOUR, following)
    assert not week(pages, archive, source, NOON + HOUR).rolled
    read(pages, source, SECTION, links(*range(20, 30)), NOON + 2 * HOUR)
    assert week(pages, archive, source, NOON + 2 * HOUR).rolled


def test_a_sitemap_does_not_roll_over(pages: Database, archive: Database, source: Source) -> None:
    read(pages, source, MAP, links(*range(10)), NOON)
    read(pages, source, MAP, links(*range(10, 20)), NOON + HOUR)
    assert not week(pages, archive, source, NOON + HOUR).rolled


def test_what_feeds_and_others_named_is_counted_apart_and_together(
    pages: Database, archive: Database, source: Source
) -> None:
    read(pages, source, FEED, links(1), NOON)
    read(pages, source, MAP, links(1, 2), NOON)  # the first readings hold what was there before
    read(pages, source, FEED, links(1, 11, 12, 13), NOON + DAY)
    read(pages, source, MAP, links(12, 13, 14), NOON + DAY)
    read(pages, source, SECTION, links(15), NOON + DAY)  # undated, in the first reading of its list
    read(pages, source, SECTION, links(15, 16), NOON + 2 * DAY)
    store(archive, 2, 12, 14, at=NOON + DAY)
    assert week(pages, archive, source, NOON + 3 * DAY) == Coverage(
        since_at=stamp(NOON),
        until_at=stamp(NOON + 3 * DAY - namings.SETTLED),
        feeds=3,
        others=4,
        both=2,
        named=5,
        kept=2,
    )


def test_dated_stories_of_a_new_list_count_where_the_others_were_read_then(
    pages: Database, archive: Database, source: Source
) -> None:
    read(pages, source, FEED, links(1), NOON)
    read(pages, source, MAP, links(1), NOON)
    new = (*links(2, at=NOON - DAY), *links(3, at=NOON + HOUR), *links(4))
    read(pages, source, SECTION, new, NOON + DAY)
    coverage = week(pages, archive, source, NOON + 2 * DAY)
    assert (coverage.feeds, coverage.others, coverage.named) == (0, 1, 1)


def test_the_newest_stories_wait_until_a_slower_list_may_have_named_them(
    pages: Database, archive: Database, source: Source
) -> None:
    for url in (FEED, MAP):
        read(pages, source, url, links(1), NOON)
    read(pages, source, FEED, links(1, 2), NOON + HOUR)
    assert week(pages, archive, source, NOON + 2 * HOUR).named == 0
    assert week(pages, archive, source, NOON + DAY).named == 1


def test_only_a_week_is_looked_at(pages: Database, archive: Database, source: Source) -> None:
    for day in range(10):
        for url in (FEED, MAP):
            read(pages, source, url, links(day, day + 1), NOON + day * DAY)
    assert week(pages, archive, source, NOON + 9 * DAY + 12 * HOUR).both == 7


def test_a_kind_of_list_that_a_source_has_not_is_told_as_none(
    pages: Database, archive: Database, source: Source
) -> None:
    read(pages, source, FEED, links(1), NOON)
    read(pages, source, FEED, links(1, 2), NOON + HOUR)
    coverage = week(pages, archive, source, NOON + DAY)
    assert (coverage.feeds, coverage.others, coverage.named) == (1, None, 1)


def test_a_source_whose_lists_were_never_read_has_no_coverage(
    pages: Database, archive: Database, source: Source
) -> None:
    namings.sum_up(pages, archive, source.key, NOON)
    assert newest(archive, source.key) is None


def test_old_lists_without_a_beginning_begin_at_their_next_reading(
    pages: Database, archive: Database, source: Source
) -> None:
    frontier.add(pages, source.key, FEED, links(1, 2, 3, 4, 5), NOON - DAY)
    listing = ListingRead(1, FEED, "feed", status=200, articles=links(1, 2, 3, 4, 5))
    frontier.note_list(pages, source.key, listing, NOON - DAY)  # as an older release left it
    read(pages, source, FEED, links(6, 7, 8, 9, 10), NOON)
    coverage = week(pages, archive, source, NOON + DAY)
    assert coverage.since_at == stamp(NOON)
    assert not coverage.rolled


def test_the_usual_time_between_two_readings_is_the_sources(
    pages: Database, archive: Database, source: Source
) -> None:
    slow = replace(source, every=DAY)
    read(pages, slow, FEED, links(*range(10)), NOON)
    read(pages, slow, FEED, links(*range(10, 20)), NOON + DAY)
    assert week(pages, archive, slow, NOON + DAY).rolled
