"""Whose turn it is: today's story first, whatever else waits; endless patterns are capped and told."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from archive.health.last_run import endless
from archive.health.runs import Run
from archive.model import Outcome
from archive.pages import open_pages
from archive.run_stats import Lists, Notes
from crawler.listings import Link
from crawler.listings.feed import MOST as MOST_ITEMS
from crawler.listings.feed import read_feed
from crawler.listings.patterns import MOST_OF_A_PATTERN, Gathered, gather, goes_in_circles, pattern_of
from crawler.listings.readers import MOST_SITEMAPS, READERS
from crawler.listings.section import read_section
from crawler.listings.sitemap import read_sitemap
from crawler.sources import Sources
from crawler.state import frontier
from crawler.state.frontier import VisitEnd
from crawler.state.turns import HEAD, ROOM, turns

pytestmark = pytest.mark.timeless
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "http://127.0.0.1/muc"
TODAY = "https://bao.vn/kinh-te/nha-may-moi-o-song-cong-99.html"


@pytest.fixture
def db() -> Database:
    return open_pages(":memory:")


def name(db: Database, links: list[Link], at: datetime = NOW, found_in: str = "muc") -> frontier.NamedLinks:
    named = frontier.sort_out(db, "bao", found_in, links, at)
    frontier.note_named(db, "bao", found_in, named, at)
    return named


def junk(count: int, shape: str = "https://bao.vn/lich/{}") -> list[Link]:
    return [Link(shape.format(n)) for n in range(count)]


def order(db: Database, room: int = ROOM, at: datetime = NOW) -> list[str]:
    return [address.url for address in frontier.due(db, "bao", at, room)]


def test_the_story_of_today_goes_before_all_that_waits(db: Database) -> None:
    for n in range(30):
        name(db, junk(900, f"https://bao.vn/{chr(97 + n % 26)}{chr(97 + n // 26)}/{{}}"), found_in=f"muc{n}")
    name(db, [Link(f"https://bao.vn/cu-{n}", published_at=NOW - 300 * DAY) for n in range(900)], found_in="map")
    name(db, [Link(TODAY, published_at=NOW - HOUR)], found_in="rss")
    assert order(db)[0] == TODAY
    assert order(db, room=0) == [TODAY]
    assert len(order(db)) == ROOM


def test_undated_ones_keep_the_order_of_their_list_and_the_newest_list_goes_first(db: Database) -> None:
    name(db, junk(5, "https://bao.vn/hom-qua-{}"), NOW - DAY, "a")
    name(db, junk(5, "https://bao.vn/a-z-{}")[::-1], NOW, "b")
    assert order(db)[:5] == [f"https://bao.vn/a-z-{n}" for n in (4, 3, 2, 1, 0)]
    assert order(db)[5].startswith("https://bao.vn/hom-qua-0")


def test_visits_again_and_old_ones_get_their_share_beside_a_crowd(db: Database) -> None:
    name(db, [Link(f"https://bao.vn/xem-lai-{n}") for n in range(40)], NOW - DAY, "a")
    sources = Sources({}, (), revisit=(HOUR,), gone_after=DAY)
    for n in range(40):
        url = f"https://bao.vn/xem-lai-{n}"
        frontier.end(db, 1, VisitEnd(url, Outcome.STORED, relevant=True), sources, NOW - 2 * HOUR)
    name(db, [Link(f"https://bao.vn/cu-{n}", published_at=NOW - 90 * DAY) for n in range(40)], NOW, "map")
    name(db, junk(900), NOW, "muc")
    kinds = Counter(url.split("/")[3].split("-")[0] for url in order(db, room=100))
    assert kinds == {"lich": 60, "xem": 30, "cu": 10}


def test_a_date_far_ahead_says_nothing(db: Database) -> None:
    name(db, [Link("https://bao.vn/nam-9999", published_at=datetime(9999, 1, 1, tzinfo=UTC))])
    name(db, [Link(TODAY, published_at=NOW)], found_in="rss")
    assert order(db) == [TODAY, "https://bao.vn/nam-9999"]


def test_no_more_of_one_pattern_wait_than_may_and_it_is_told(db: Database) -> None:
    named = [name(db, junk(MOST_OF_A_PATTERN + 500)) for _ in range(2)]
    assert [len(one.new) for one in named] == [MOST_OF_A_PATTERN, HEAD]
    assert named[0].left_out == {"bao.vn/lich/0": 500}
    assert len(name(db, [Link("https://bao.vn/tin/moi")], found_in="muc").new) == 1
    dated = [Link(f"https://bao.vn/lich/{n}9", published_at=NOW) for n in range(5_000, 5_100)]
    assert len(name(db, dated, found_in="rss").new) == 100, "what is dated is never left out"


def test_a_million_waiting_are_asked_of_indexes_alone(db: Database) -> None:
    name(db, junk(3))
    for sql in _statements(db):
        plan = " ".join(row[3] for row in db.execute(f"explain query plan {sql}"))
        assert "SEARCH addresses USING" in plan, plan
        assert "TEMP B-TREE" not in plan.replace("LIST SUBQUERY", ""), plan


def _statements(db: Database) -> list[str]:
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    turns(db, "bao", NOW)
    db.conn.set_trace_callback(None)
    return [sql for sql in asked if sql.lstrip().startswith("select url from addresses")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.vn/lich/2031/01/02", "http://a.vn/lich/1999/12/31"),
        ("http://a.vn/tin?page=3&sid=a", "http://a.vn/tin?sid=b&page=9000"),
        ("http://a.vn/tt/nha-may-moi-khoi-cong-12.htm", "http://a.vn/tt/le-hoi-cho-xuan-345.htm"),
        ("http://a.vn/(S(abc123def456a7b8c9))/x", "http://a.vn/(S(ff0123def456aaa8c9))/x"),
    ],
)
def test_pages_of_one_kind_have_one_pattern(one: str, other: str) -> None:
    assert pattern_of(one) == pattern_of(other)


def test_paths_that_grow_are_no_pages() -> None:
    assert goes_in_circles("http://a.vn/tin/tin/tin/bai-1.htm")
    assert goes_in_circles("http://a.vn/a/b/a/b/a/b/bai-1.htm")
    assert not goes_in_circles("http://a.vn/2011/11/11/11/bai-1.htm")
    assert not gather([Link("http://a.vn/tin/tin/tin/bai-1.htm")]).links


def test_a_section_of_very_many_links_keeps_the_others_however_far_down() -> None:
    crowd = "".join(f"<li><a href='/lich/{n}'>{n}</a>" for n in range(30_000))
    listing = read_section(f"<html><ul>{crowd}<li><a href='{TODAY}'>Hôm nay</a></ul>".encode(), URL)
    assert listing.links[-1] == Link(TODAY, title="Hôm nay")
    assert list(listing.left_out.values()) == [30_000 - MOST_OF_A_PATTERN]


def test_of_a_sitemap_with_too_many_the_newest_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.listings.patterns.MOST", 100)
    days = [NOW - DAY * n for n in range(200, 0, -1)]
    entries = "".join(f"<url><loc>http://a.vn/tin-{at:%j}</loc><lastmod>{at:%F}</lastmod></url>" for at in days)
    listing = read_sitemap(f"<urlset>{entries}</urlset>".encode(), URL)
    assert [link.url for link in listing.links] == [f"http://a.vn/tin-{at:%j}" for at in days[100:]]
    assert sum(listing.left_out.values()) == 100


def test_both_ends_of_an_endless_feed_are_read() -> None:
    items = "".join(
        f"<item><title>{n}</title><link>http://a.vn/{n}</link></item>" for n in range(MOST_ITEMS + 9)
    )
    listing = read_feed(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), URL)
    assert [link.url for link in (listing.links[0], listing.links[-1])] == [
        "http://a.vn/0", f"http://a.vn/{MOST_ITEMS + 8}",
    ]  # fmt: skip
    assert (len(listing.links), listing.left_out) == (MOST_ITEMS, {"": 9})


def test_health_tells_a_list_without_end() -> None:
    run = Run(NOW, None, "done", "", {}, Lists(fetched=1, left_out={"http://a.vn/lich": 328_000}), Notes())
    alarm = endless([run])
    assert alarm is not None
    assert "328000" in alarm.reason


def test_no_more_than_some_patterns_are_told() -> None:
    gathered = Gathered()
    for n in range(60):
        word = f"{chr(97 + n // 26)}{chr(97 + n % 26)}"
        gathered.add(Link(f"http://a.vn/{word}/{word}/{word}"))
    assert len(gathered.left_out) <= 21
    assert sum(gathered.left_out.values()) == 60


def test_so_many_old_stories_wait_and_more_are_for_a_crawl_of_the_past(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.state.turns.MOST_OLD", 50)
    old = [Link(f"https://bao.vn/cu-{n}.html", published_at=NOW - 300 * DAY) for n in range(80)]
    named = name(db, [*old, Link(TODAY, published_at=NOW)], found_in="map")
    assert (len(named.new), named.new[-1].url, named.left_out) == (51, TODAY, {"bao.vn/cu-0.html": 30})
    assert not frontier.sort_out(db, "bao", "map", old, NOW, past=True).left_out


def test_of_a_large_index_the_sitemaps_changed_last_are_read() -> None:
    places = "".join(
        f"<sitemap><loc>http://a.vn/{n}.xml</loc><lastmod>{NOW - HOUR * (n % 500):%FT%TZ}</lastmod></sitemap>"
        for n in range(500)
    )
    listing = read_sitemap(f"<sitemapindex>{places}</sitemapindex>".encode(), URL)
    further = READERS["sitemap"].further(listing, 1, NOW, None)
    assert [link.url for link in further] == [f"http://a.vn/{n}.xml" for n in range(MOST_SITEMAPS)]
