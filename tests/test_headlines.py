"""A story is a row from the moment a list names it; reading fills it in, and what cannot be read stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive.articles import is_kept, missed, store
from archive.articles.headlines import announce, is_unread, note_unread, readdress, withdraw
from archive.digests.alerts import evaluate
from archive.digests.config import load_alerts
from archive.home import DEFAULTS
from archive.model import Article, Mention, Outcome
from archive.places.gazetteer import load_places
from archive.places.slugs import names_province
from archive.schema import MIGRATIONS, open_archive
from archive.search.results import search
from crawler.listings import Link
from crawler.sources import Source
from crawler.state.headlines import headlines, page_headline
from pipelines.classify.topics import load_topics
from pipelines.item import Context

NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://baomau.vn/tin-1.htm"
TITLE = "Thái Nguyên mở thêm ba dây chuyền linh kiện"
BODY = "Sáng nay, ba dây chuyền linh kiện chạy thử ở khu công nghiệp Yên Bình.\nMỗi ca có hai trăm công nhân."
PLACES = load_places(DEFAULTS / "places.yml")
CONTEXT = Context(PLACES, load_topics(DEFAULTS / "topics.yml"), now=lambda: NOON)


@pytest.fixture
def db() -> Database:
    return open_archive(":memory:")


def headline(**changed: Any) -> Article:
    made = Article(
        URL, "baomau", TITLE, "Ba dây chuyền chạy từ sáng nay.", published_at=NOON, published_from="feed"
    )
    return replace(made, **{"relevant": True, "level": "about", **changed})


def page(**changed: Any) -> Article:
    return replace(headline(), **{"body": BODY, "authors": ["Lê Mẫu"], "published_from": "jsonld", **changed})


def row(db: Database, url: str = URL) -> dict[str, Any]:
    return next(iter(db.query("select * from articles where url = ?", [url])))


def count(db: Database, table: str) -> int:
    return int(db.execute(f"select count(*) from {table}").fetchone()[0])


def test_a_headline_is_a_row_without_a_version_and_is_found_at_once(db: Database) -> None:
    assert announce(db, [headline()], NOON) == 1
    kept = row(db)
    assert (kept["title"], kept["lead"], kept["body"], kept["unread"]) == (
        TITLE,
        headline().lead,
        "",
        "waiting",
    )
    assert (kept["published_at"], kept["published_from"]) == ("2026-11-02T05:00:00Z", "feed")
    assert (kept["level"], kept["relevant"], kept["state"]) == ("about", 1, "live")
    assert count(db, "versions") == 0
    assert [hit.url for hit in search(db, "day chuyen linh kien").hits] == [URL]
    assert db.execute("select why from pending").fetchall() == [("new",)]
    assert (is_kept(db, URL), is_unread(db, URL)) == (False, True)


def test_it_is_announced_once_and_takes_over_what_a_list_says_later(db: Database) -> None:
    announce(db, [headline()], NOON)
    assert announce(db, [headline(title="Thái Nguyên mở thêm bốn dây chuyền linh kiện")], NOON + HOUR) == 0
    assert "bốn" in row(db)["title"]
    assert (count(db, "articles"), row(db)["edits"], count(db, "versions")) == (1, 0, 0)


def test_reading_it_fills_the_row_as_the_first_version_and_no_edit(db: Database) -> None:
    announce(db, [headline()], NOON)
    number = row(db)["id"]
    stored = store(db, page(title="Thái Nguyên: ba dây chuyền linh kiện mới"), [], NOON + HOUR, read_by="r")
    assert (stored.outcome, stored.article_id) == (Outcome.STORED, number)
    kept = row(db)
    assert (kept["unread"], kept["body"], kept["edits"], kept["read_by"]) == ("", BODY, 0, "r")
    assert (kept["first_seen_at"], kept["authors"]) == ("2026-11-02T05:00:00Z", '["Lê Mẫu"]')
    assert kept["story_id"] is not None
    assert db.execute("select kind from versions").fetchall() == [("first",)]


def test_the_list_s_time_stays_where_the_page_has_none(db: Database) -> None:
    announce(db, [headline()], NOON)
    store(db, page(published_at=None, published_from=None), [], NOON + HOUR)
    assert (row(db)["published_at"], row(db)["published_from"]) == ("2026-11-02T05:00:00Z", "feed")


def test_a_headline_of_an_article_that_was_read_changes_nothing(db: Database) -> None:
    store(db, page(), [], NOON)
    assert announce(db, [headline(title="Một tít khác của Thái Nguyên")], NOON + HOUR) == 0
    assert (row(db)["title"], row(db)["unread"]) == (TITLE, "")


def test_why_it_is_not_read_stands_in_the_row(db: Database) -> None:
    announce(db, [headline()], NOON)
    note_unread(db, URL, 'http {"status": 403}')
    assert row(db)["unread"] == 'http {"status": 403}'
    store(db, page(), [], NOON)
    note_unread(db, URL, "robots")
    assert row(db)["unread"] == ""


def test_a_page_that_is_not_there_is_no_take_down_of_what_was_never_read(db: Database) -> None:
    announce(db, [headline()], NOON)
    assert not missed(db, URL, "http", NOON + HOUR, DAY)
    assert not missed(db, URL, "http", NOON + 2 * DAY, DAY)
    assert (row(db)["state"], row(db)["suspected_at"], count(db, "states")) == ("live", None, 0)
    withdraw(db, URL, "http", NOON + 3 * DAY)
    assert (row(db)["state"], row(db)["title"]) == ("gone", TITLE)
    store(db, page(), [], NOON + 4 * DAY)
    assert [state for (state,) in db.execute("select state from states order by rowid")] == ["gone", "live"]


def test_the_row_goes_to_the_address_that_the_page_names(db: Database) -> None:
    announce(db, [headline()], NOON)
    other = "https://baomau.vn/kinh-te/tin-1.htm"
    assert readdress(db, URL, page(url=other))
    store(db, page(url=other), [], NOON)
    assert count(db, "articles") == 1
    assert row(db, other)["unread"] == ""


def test_two_addresses_of_one_story_leave_one_row(db: Database) -> None:
    other = "https://baomau.vn/kinh-te/tin-1.htm"
    store(db, page(url=other), [], NOON)
    announce(db, [headline()], NOON)
    assert readdress(db, URL, page(url=other))
    assert [url for (url,) in db.execute("select url from articles")] == [other]
    assert count(db, "pending") == 1


def test_a_page_of_another_story_does_not_take_the_headline_along(db: Database) -> None:
    announce(db, [headline()], NOON)
    assert not readdress(db, URL, page(url="https://baomau.vn/", title="Trang chủ của tờ báo"))
    assert row(db)["unread"] == "other_article"


def test_the_same_text_under_a_second_address_is_one_article(db: Database) -> None:
    store(db, page(), [], NOON)
    twin = "https://baomau.vn/tin-1-b.htm"
    announce(db, [headline(url=twin)], NOON)
    assert store(db, page(url=twin), [], NOON + HOUR).url == URL
    assert count(db, "articles") == 1


def test_an_alert_matches_the_headline_and_does_not_match_again_when_it_is_read(
    db: Database, tmp_path: Path
) -> None:
    rules = tmp_path / "alerts.yml"
    rules.write_text("ngay:\n  title: Ngày\n  queries: {day: dây chuyền}\n", encoding="utf-8")
    alerts = load_alerts(rules)
    announce(db, [headline()], NOON)
    assert evaluate(db, alerts, NOON) == 1
    store(db, page(), [], NOON + HOUR)
    assert evaluate(db, alerts, NOON + HOUR) == 0
    assert db.execute("select matched_at from matches").fetchall() == [("2026-11-02T05:00:00Z",)]


def test_an_old_archive_gets_levels(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    place = [Mention("place", "Thái Nguyên", 1)]
    store(db, page(), [], NOON)
    store(db, page(url=f"{URL}?2", relevant=False, level=None, mentions=place, body=BODY * 2), [], NOON)
    store(db, page(url=f"{URL}?3", relevant=False, level=None, body=BODY * 3), [], NOON)
    db.execute("drop index articles_level")
    db.execute("drop index articles_unread")
    db.execute("alter table articles drop column level")
    db.execute("alter table articles drop column unread")
    db.execute("delete from _sqlite_migrations where name = 'm007_levels_and_headlines'")
    MIGRATIONS.apply(db)
    levels = [level for (level,) in db.execute("select level from articles order by id")]
    assert levels == ["about", "mention", None]


def source(keep: Any = "relevant", key: str = "baotrunguong") -> Source:
    import re

    return Source(key, "Báo Mẫu", "https://baomau.vn/", "national", re.compile("htm"), keep=keep)


def announced(*links: Link, keep: Any = "relevant") -> list[Article]:
    return list(headlines(links, source(keep), CONTEXT, NOON))


@pytest.mark.parametrize(
    ("title", "summary", "kept"),
    [
        (TITLE, "", True),
        ("Một nhà máy mở thêm ba dây chuyền", "Dây chuyền đặt ở khu công nghiệp Yên Bình, Thái Nguyên.", True),
        ("Một nhà máy mở thêm ba dây chuyền", "Dây chuyền đặt ở Bắc Ninh.", False),
        ("Cháy nhà trên đường Thái Nguyên ở Hà Nội", "", False),
        ("Ca sĩ Nguyễn Thái Nguyên ra đĩa mới", "", False),
        ("Động đất ở Thái Nguyên (Trung Quốc)", "", False),
    ],
)
def test_a_headline_is_kept_where_it_names_the_province(title: str, summary: str, kept: bool) -> None:
    assert bool(announced(Link("https://baomau.vn/a-1.htm", title, NOON, summary))) is kept


def test_an_outlet_of_the_province_s_own_is_kept_whole() -> None:
    assert len(announced(Link(URL, "Giá rau ở chợ đầu mối tăng nhẹ"), keep="all")) == 1


@pytest.mark.parametrize(
    ("changed", "keep", "kept"),
    [
        ({}, "relevant", True),
        ({"title": "Chùm ảnh: chợ hoa ngày giáp Tết"}, "relevant", False),
        ({"title": "Chùm ảnh: chợ hoa ngày giáp Tết"}, "all", True),
        ({"published_from": None, "published_at": None}, "all", False),
        ({"published_from": "feed"}, "all", False),
        ({"title": "Video"}, "all", False),
    ],
)
def test_a_page_with_hardly_more_than_its_headline_is_kept_as_one(
    changed: dict[str, Any], keep: Any, kept: bool
) -> None:
    short = replace(page(body="Ảnh: Lê Mẫu", lead=""), **changed)
    made = page_headline(short, URL, source(keep), CONTEXT, NOON)
    assert (made is not None) is kept
    assert made is None or (made.url, made.lead, made.body) == (URL, "Ảnh: Lê Mẫu", "")


@pytest.mark.parametrize("title", ["", "Xem thêm", "Ảnh", "Tin liên quan"])
def test_a_link_without_a_headline_makes_no_row(title: str) -> None:
    assert announced(Link("https://baomau.vn/thai-nguyen/a-1.htm", title), keep="all") == []


def test_the_address_may_name_it() -> None:
    (kept,) = announced(
        Link("https://baomau.vn/thai-nguyen/sap-mai-xuong.htm", "Sập mái xưởng, ba người bị thương")
    )
    assert (kept.level, kept.relevant) == ("mention", False)


def test_what_a_list_says_is_kept_as_it_is_meant() -> None:
    (kept,) = announced(Link(URL, TITLE, NOON, "(Báo Mẫu) - Ba dây chuyền chạy từ sáng nay."))
    assert kept.lead == "Ba dây chuyền chạy từ sáng nay."
    (long,) = announced(Link(URL, TITLE, NOON, "Câu này là cả bài. " * 200))
    assert len(long.lead) <= 700


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/kinh-te/thai-nguyen-mo-nha-may-1.htm", True),
        ("/thainguyen/mo-nha-may-1.htm", True),
        ("/chay-nha-tren-duong-thai-nguyen-1.htm", False),
        ("/ca-si-nguyen-thai-nguyen-1.htm", False),
        ("/dong-dat-o-thai-nguyen-trung-quoc-1.htm", False),
        ("/cao-toc-thai-nguyen-1.htm", False),
        ("/thanh-pho-thai-nguyen-1.htm", True),
        ("/nguyen-thai-hoc-1.htm", False),
    ],
)
def test_the_province_s_name_in_an_address(path: str, named: bool) -> None:
    assert names_province(f"https://baothainguyen.vn{path}", PLACES) is named
