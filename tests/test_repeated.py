"""Lines that change on several pages of a source at once are its furniture; what changes on one is an edit."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive.articles import store
from archive.articles.repeated import REMEMBERED, WITHIN
from archive.clock import stamp
from archive.model import Article, Outcome
from archive.pages import open_pages
from archive.schema import open_archive

NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORIES = {
    1: "Xưởng mộc Quan Triều nhận đơn hàng 12 tỷ đồng.\nQuản đốc Lê Thử nói thợ đủ việc đến Tết.",
    2: "Trường nghề Phổ Yên tuyển 350 học viên.\nHiệu trưởng mong các em theo nghề lâu dài.",
    3: "Sông Công mở thêm 74 ha đất cho cụm công nghiệp.\nCác hộ dân đã nhận đủ tiền bồi thường.",
    4: "Hợp tác xã chè Tân Cương bán hàng trên mạng.\nDoanh thu quý này gấp đôi năm ngoái.",
    5: "Bến xe mới của thành phố mở cửa đầu tháng.\nMỗi ngày có 120 chuyến xuất bến đi các tỉnh.",
}


@pytest.fixture
def db() -> Database:
    return open_archive(":memory:")


def look(db: Database, number: int, at: datetime, *lines: str, source: str = "baomau", **other: Any) -> Outcome:
    """A visit of a story with lines of the page under its text."""
    given = {"title": f"Tin số {number}: {STORIES[number].split('.')[0]}", **other}
    body = "\n".join([given.pop("body", STORIES[number]), *lines])
    made = Article(
        f"https://{source}.vn/{number}", source, body=body, relevant=True, published_at=NOON, **given
    )
    return store(db, made, [], at).outcome


def edited(db: Database) -> list[int]:
    sql = "select article_id from versions where kind = 'edit' order by id"
    return [article_id for (article_id,) in db.execute(sql)]


TICKERS = {
    "a counter no list knows": "Số bạn đọc ghé trang: {}",
    "a rate": "Tỷ giá hôm nay: 25.{}0 đồng/USD",
    "the weather": "Nhiệt độ ngoài trời {} độ C",
    "an advertisement": "Mua căn hộ đợt {}, nhận quà liền tay",
}


@pytest.mark.parametrize("what", TICKERS)
def test_what_changes_on_several_articles_at_once_is_furniture(db: Database, what: str) -> None:
    for visit in range(4):
        for number in (1, 2, 3):
            line = TICKERS[what].format(20 + visit * 3 + number)
            look(db, number, NOON + visit * HOUR + number * timedelta(minutes=1), line)
    assert edited(db) == []
    rows = list(db.execute("select edits, changed_at from articles"))
    assert rows == [(0, None)] * 3
    assert not list(db.execute("select 1 from pending where why = 'edit'"))


def test_a_correction_beside_furniture_stays_an_edit_and_tells_only_itself(db: Database) -> None:
    for number in (1, 2, 3):
        look(db, number, NOON, "Nhiệt độ ngoài trời 20 độ C")
    wrong = STORIES[1].replace("12 tỷ", "21 tỷ")
    look(db, 1, NOON + HOUR, "Nhiệt độ ngoài trời 22 độ C", body=wrong)
    look(db, 2, NOON + HOUR, "Nhiệt độ ngoài trời 22 độ C")
    look(db, 3, NOON + HOUR, "Nhiệt độ ngoài trời 22 độ C")
    assert edited(db) == [1]
    (changes,) = db.execute("select changes from versions where kind = 'edit'").fetchone()
    assert [(one["before"], one["after"]) for one in json.loads(changes)] == [("12 tỷ đồng", "21 tỷ đồng")]
    look(db, 1, NOON + 2 * HOUR, "Nhiệt độ ngoài trời 23 độ C", body=wrong.replace("Lê Thử", "Lê Thự"))
    assert edited(db) == [1, 1]


def test_a_line_that_changes_on_one_article_is_an_edit(db: Database) -> None:
    for number in (1, 2, 3):
        look(db, number, NOON, "Số người bị thương: 3")
    look(db, 1, NOON + HOUR, "Số người bị thương: 5")
    look(db, 2, NOON + HOUR, "Số người bị thương: 3")
    look(db, 3, NOON + HOUR, "Số người bị thương: 3")
    assert edited(db) == [1]


def test_lines_of_other_sources_and_of_other_days_do_not_count(db: Database) -> None:
    for number, source in ((1, "baomau"), (2, "bao-khac"), (3, "bao-ba")):
        look(db, number, NOON, "Nhiệt độ ngoài trời 20 độ C", source=source)
        look(db, number, NOON + HOUR, "Nhiệt độ ngoài trời 22 độ C", source=source)
    assert len(edited(db)) == 3
    for number in (4, 5):
        look(db, number, NOON, "Có mặt: 20 đại biểu")
    look(db, 1, NOON + HOUR, "Có mặt: 20 đại biểu")
    before = len(edited(db))
    look(db, 4, NOON + HOUR, "Có mặt: 21 đại biểu")
    look(db, 5, NOON + 2 * WITHIN, "Có mặt: 21 đại biểu")
    look(db, 1, NOON + 4 * WITHIN, "Có mặt: 21 đại biểu")
    assert len(edited(db)) == before + 3


def test_a_sentence_that_is_corrected_in_three_articles_is_three_edits(db: Database) -> None:
    told = "Tổng vốn của khu công nghiệp là {} tỷ đồng, theo ban quản lý."
    for number in (1, 2, 3):
        look(db, number, NOON, told.format(1280))
    for number in (1, 2, 3):
        look(db, number, NOON + HOUR, told.format(1820))
    assert edited(db) == [1, 2, 3]


def test_a_sentence_that_changes_everywhere_is_furniture(db: Database) -> None:
    told = "Gói đọc báo tháng này chỉ còn {} đồng, mời bạn đăng ký ngay."
    for visit in range(3):
        for number in STORIES:
            look(db, number, NOON + visit * HOUR, told.format(1000 * (30 - visit)))
    assert edited(db) == []


def test_links_that_rotate_are_known_by_the_stories_they_name(db: Database) -> None:
    titles = ["Khai mạc hội chợ thương mại vùng trung du", "Lũ quét cuốn trôi hai cây cầu tạm"]
    for number, title in zip((4, 5), titles, strict=True):
        look(db, number, NOON, title=title)
    look(db, 1, NOON + HOUR, titles[0])
    look(db, 1, NOON + 2 * HOUR, titles[1])
    look(db, 1, NOON + 3 * HOUR)
    assert edited(db) == []


def test_links_are_known_by_the_headlines_that_lists_gave(tmp_path: Path) -> None:
    db, pages = open_archive(tmp_path / "archive.db"), open_pages(tmp_path / "pages.db")
    hint = json.dumps({"title": "Giá thép tuần này nhích nhẹ"})
    row = {"url": "https://baomau.vn/9", "source": "baomau", "found_at": stamp(NOON), "hint": hint}
    pages.table("addresses").insert(row)
    look(db, 1, NOON)
    look(db, 1, NOON + HOUR, "Giá thép tuần này nhích nhẹ")
    assert edited(db) == []
    look(db, 1, NOON + HOUR, "Giá than tuần này nhích nhẹ")
    assert edited(db) == [1]


def test_links_that_rotate_over_pages_are_learned(db: Database) -> None:
    pool = [
        "Giá thép tuần này nhích nhẹ",
        "Hội làng mở sớm ba ngày",
        "Cầu phao thông xe trở lại",
        "Mưa lớn ở phía bắc",
    ]
    for visit in range(4):
        for number in (1, 2, 3):
            look(db, number, NOON + visit * HOUR, pool[visit], pool[(visit + 1) % 4])
    assert edited(db) == []


def test_a_line_that_stands_on_others_word_for_word_is_none_of_the_story(db: Database) -> None:
    look(db, 1, NOON)
    for number in (2, 3):
        look(db, number, NOON + HOUR, "Đồng hành cùng chương trình xe buýt xanh")
    look(db, 1, NOON + 2 * HOUR, "Đồng hành cùng chương trình xe buýt xanh")
    assert edited(db) == []


def test_furniture_is_remembered_when_only_one_article_is_still_visited(db: Database) -> None:
    for visit in range(2):
        for number in (1, 2, 3):
            look(db, number, NOON + visit * HOUR, f"Nhiệt độ ngoài trời {20 + visit} độ C")
    for days in (5, 20, 45):
        look(db, 1, NOON + days * DAY, f"Nhiệt độ ngoài trời {20 + days} độ C")
    assert edited(db) == []
    look(db, 1, NOON + 45 * DAY + 2 * REMEMBERED, "Nhiệt độ ngoài trời 9 độ C")
    assert edited(db) == [1]


def test_the_memory_of_a_source_is_bounded(db: Database) -> None:
    for visit in range(40):
        lines = [f"Dòng {visit} {chr(97 + at)}{chr(97 + visit % 26)} không trùng" for at in range(20)]
        look(db, 1, NOON + visit * timedelta(minutes=1), *lines)
    assert db.execute("select count(*) from line_changes").fetchone()[0] <= 560


def test_titles_are_never_furniture(db: Database) -> None:
    for visit in range(3):
        for number in (1, 2, 3):
            look(
                db,
                number,
                NOON + visit * HOUR,
                title=f"Bản tin thời tiết trong ngày {visit + 1} của báo {number}",
            )
    assert len(edited(db)) == 6
