"""What turns a source amber when its pages change under us, and what does not."""

import pytest
from sqlite_utils import Database

from archive.schema import open_archive
from tests.press_book import GREEN, read, run, said, source


@pytest.fixture
def db() -> Database:
    made = open_archive(":memory:")
    source(made, "baomau", published=0.95, title=0.99)
    return made


def told(rules: str, amiss: int, pages: int) -> tuple[str, str]:
    sentence = f"Mẫu trang có thể đã đổi: quy tắc {rules} không khớp ở {amiss} trong {pages} trang."
    return "amber", sentence


@pytest.mark.parametrize("rule", ["body", "title", "lead", "published"])
@pytest.mark.parametrize("pages", [1, 2, 9])
def test_a_changed_template_is_told_within_one_run(db: Database, rule: str, pages: int) -> None:
    read(db, 12)
    read(db, pages, rule_missed={rule: pages})
    assert said(db) == told(f"«{rule}»", pages, pages)


def test_all_rules_that_miss_are_named(db: Database) -> None:
    read(db, 12)
    read(db, 4, rule_missed={"lead": 3, "body": 4})
    assert said(db) == told("«body», «lead»", 4, 4)


def test_a_changed_template_is_told_until_it_is_mended(db: Database) -> None:
    read(db, 12)
    for _ in range(30):
        read(db, 1, rule_missed={"lead": 1})
    assert said(db)[0] == "amber"
    read(db, 1)
    assert said(db) == GREEN


def test_runs_without_new_pages_leave_it_as_it_was(db: Database) -> None:
    read(db, 12)
    run(db, notes={"fresh": 0, "again": {"read": 1, "rule_missed": {"body": 1}}})
    assert said(db) == GREEN
    read(db, 1, rule_missed={"body": 1})
    run(db, notes={"fresh": 0})
    assert said(db) == told("«body»", 1, 1)


def test_many_pages_looked_at_again_tell_it_too(db: Database) -> None:
    read(db, 12)
    run(db, notes={"fresh": 0, "again": {"read": 5, "rule_missed": {"body": 5}}})
    assert said(db) == told("«body»", 5, 5)
    run(db, notes={"fresh": 0, "again": {"read": 5, "rule_missed": {}}})
    assert said(db) == GREEN


def test_what_never_was_there_is_not_missed(db: Database) -> None:
    read(db, 12, rule_missed={"author": 8, "lead": 7})
    for pages in (12, 1, 2, 1, 3, 1):
        read(db, pages, rule_missed={"author": pages - pages // 3, "lead": (pages + 1) // 2})
        assert said(db) == GREEN


def test_a_template_that_changes_for_most_pages_is_told(db: Database) -> None:
    read(db, 100, rule_missed={"lead": 12})
    read(db, 100, rule_missed={"lead": 60})
    assert said(db) == told("«lead»", 60, 100)


def test_an_odd_page_before_does_not_hide_a_changed_template(db: Database) -> None:
    read(db, 22, rule_missed={"body": 1, "title": 1})
    read(db, 1, rule_missed={"body": 1, "title": 1})
    assert said(db) == told("«body», «title»", 1, 1)


@pytest.mark.parametrize("rule", ["author", "section"])
def test_a_page_without_an_author_is_no_changed_template(db: Database, rule: str) -> None:
    read(db, 60)
    read(db, 1, rule_missed={rule: 1})
    read(db, 1, rule_missed={rule: 1})
    assert said(db) == GREEN
    read(db, 1, rule_missed={rule: 1})
    assert said(db) == told(f"«{rule}»", 3, 3)


def test_a_picture_page_now_and_then_is_no_changed_template(db: Database) -> None:
    for number in range(40):
        read(db, 1, rule_missed={"body": 1} if number % 10 == 3 else {})
    read(db, 1, rule_missed={"body": 1})
    assert said(db) == GREEN
    read(db, 1, rule_missed={"body": 1})
    assert said(db) == told("«body»", 2, 2)


@pytest.mark.parametrize("rule", ["body", "title"])
def test_a_rule_that_never_found_what_is_needed_is_told_at_once(db: Database, rule: str) -> None:
    read(db, 10, rule_missed={rule: 6})
    assert said(db) == told(f"«{rule}»", 6, 10)


def test_one_page_in_each_of_the_first_runs_tells_too(db: Database) -> None:
    read(db, 1, rule_missed={"body": 1})
    assert said(db) == GREEN
    read(db, 1, rule_missed={"body": 1})
    assert said(db) == told("«body»", 2, 2)


def test_a_first_run_has_nothing_to_be_compared_with(db: Database) -> None:
    read(db, 10, rule_missed={"lead": 10, "author": 10, "published": 10}, lengths=[30] * 10)
    assert said(db) == GREEN


def test_old_pages_of_a_run_that_filled_in_the_past_are_not_compared(db: Database) -> None:
    read(db, 12)
    run(db, lists={"fetched": 1, "past": True}, notes={"fresh": 9, "texts": 9, "rule_missed": {"body": 9}})
    assert said(db) == GREEN


def test_pages_that_are_no_articles_any_more(db: Database) -> None:
    read(db, 12)
    read(db, 5, articles=1, lengths=[2000])
    assert said(db) == ("amber", "4 trong 5 trang mới không đọc ra bài báo; mẫu trang có thể đã đổi.")


def test_dates_that_all_are_missing(db: Database) -> None:
    read(db, 3, undated=3)
    assert said(db) == ("amber", "Không đọc được ngày đăng của 3 trong 3 bài mới.")
    read(db, 3, undated=1)
    assert said(db) == GREEN


def test_dates_that_all_are_doubted(db: Database) -> None:
    read(db, 3, doubted=3)
    sentence = "Chưa chắc ngày đăng hoặc tít của 3 trong 3 bài mới: các nguồn ghi khác nhau."
    assert said(db) == ("amber", sentence)
    read(db, 3, doubted=1)
    assert said(db) == GREEN


def test_what_is_doubted_makes_up_no_declared_share(db: Database) -> None:
    read(db, 30, doubted=2)
    assert said(db) == GREEN
    read(db, 30, doubted=8)
    assert said(db)[0] == "amber"


def test_dates_that_are_missing_in_run_after_run_of_one_page(db: Database) -> None:
    read(db, 1, undated=1)
    read(db, 1, undated=1)
    assert said(db) == GREEN
    read(db, 1, undated=1)
    assert said(db) == ("amber", "Không đọc được ngày đăng của 3 trong 3 bài mới.")


def test_fewer_dates_and_titles_than_declared(db: Database) -> None:
    read(db, 30, undated=2)
    assert said(db) == GREEN
    read(db, 30, undated=8)
    assert said(db) == ("amber", "Không đọc được ngày đăng của 8 trong 30 bài, nhiều hơn khai báo.")
    read(db, 40, untitled=4)
    assert said(db) == ("amber", "Không đọc được tiêu đề của 4 trong 40 bài, nhiều hơn khai báo.")


def test_texts_half_as_long_as_before(db: Database) -> None:
    read(db, 12, lengths=[1500, 1800, 2000, 2000, 2100, 2400] * 2)
    read(db, 4, lengths=[300, 400, 500, 900])
    sentence = "4 trong 4 bài mới ngắn hơn một nửa thường lệ (thường khoảng 2.000 ký tự)."
    assert said(db) == ("amber", sentence)
    read(db, 4, lengths=[1100, 1400, 2000, 2300])
    assert said(db) == GREEN


def test_a_short_item_among_long_ones_is_ordinary(db: Database) -> None:
    read(db, 12, lengths=[400, 700, 1800, 2000, 2000, 2400] * 2)
    read(db, 1, lengths=[350])
    read(db, 2, lengths=[300, 2500])
    assert said(db) == GREEN


def test_short_texts_are_told_for_as_long_as_they_are_short(db: Database) -> None:
    read(db, 12)
    for _ in range(20):
        read(db, 3, lengths=[200, 300, 400])
        assert said(db)[0] == "amber"


def test_many_pages_with_one_text(db: Database) -> None:
    read(db, 10, same_body=2, bodies={"aa": 2, "bb": 1})
    assert said(db) == GREEN
    read(db, 10, same_body=4, bodies={"aa": 4, "bb": 1})
    assert said(db) == ("amber", "4 trong 10 bài mới có cùng một nội dung.")


def test_one_text_in_run_after_run_of_one_page(db: Database) -> None:
    read(db, 10, bodies={"zz": 1, "yy": 1})
    read(db, 1, bodies={"aa": 1})
    read(db, 1, bodies={"aa": 1})
    assert said(db) == GREEN
    for _ in range(4):
        read(db, 1, bodies={"aa": 1})
    assert said(db) == ("amber", "6 trong 6 bài mới có cùng một nội dung.")
    read(db, 1, bodies={"bb": 1})
    assert said(db) == GREEN
