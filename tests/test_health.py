"""What a user reads of each source: one level, one Vietnamese sentence, the worst first."""

import json
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.clock import utc_now
from archive.health import report
from archive.health.machine import home_report, settings
from archive.health.runs import unreached
from archive.home import Home
from archive.i18n import Words
from archive.schema import open_archive
from tests.commands import diemtin
from tests.press_book import DAY, GREEN, HOUR, NOW, URL, articles, only, read, run, said, source


@pytest.fixture
def db() -> Database:
    made = open_archive(":memory:")
    source(made, "baomau")
    return made


def test_a_source_that_never_ran(db: Database) -> None:
    assert said(db) == ("grey", "Chưa chạy lần nào.")
    run(db, "running")
    assert said(db) == ("grey", "Chưa chạy lần nào.")


def test_a_source_that_does_well(db: Database) -> None:
    run(db, outcomes={"stored": 4, "unchanged": 2}, lists={"fetched": 1, "empty": [], "problems": {}})
    articles(db, *(HOUR * n for n in range(8)))
    found = only(db)
    assert (found.level, Words("vi").reason(found.reason)) == ("green", "Bình thường.")
    assert (found.last_state, found.last_run_at) == ("done", "2026-11-04T04:00:00Z")
    assert found.outcomes == {"stored": 4, "unchanged": 2}


def test_where_no_outlet_answers_it_is_the_network() -> None:
    db = open_archive(":memory:")
    for key in ("a", "b", "c", "d"):
        source(db, key, "blocked" if key == "d" else "live")
        run(db, key=key, at=NOW - 3 * HOUR, lists={"fetched": 1})
    assert unreached(db) == {}
    run(db, "unreachable", key="a", at=NOW - 2 * HOUR)
    assert unreached(db) == {}, "one outlet may be away"
    run(db, "unreachable", key="b", at=NOW - HOUR)
    assert set(unreached(db)) == {"a", "b"}, "c was not asked again yet"
    run(db, "unreachable", key="c", at=NOW)
    assert set(unreached(db)) == {"a", "b", "c"}
    run(db, key="b", at=NOW + HOUR, lists={"fetched": 1})
    assert unreached(db) == {}


def test_a_dead_line_is_told_in_a_sentence_and_its_outlets_folded(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    db = open_archive(home.archive_db)
    keys = [f"bao-{number:02}" for number in range(12)]
    now = utc_now()
    for key in keys:
        source(db, key)
        run(db, "unreachable", "timeout", key=key, at=now - HOUR)
    db.close()
    (crawls,) = [one for one in home_report(home, now) if one.key == "crawls"]
    assert crawls.alarm.level == "red"
    assert Words("vi").reason(crawls.alarm.reason).startswith("Không nguồn nào trả lời từ ")
    said = diemtin("--lang", "en", "health", home=home.path, check=False)
    assert said.returncode == 1
    assert sum("bao-" in line for line in said.stdout.splitlines()) == 1
    assert "12 sources unreachable: bao-00, " in said.stdout
    assert "and 4 more sources" in said.stdout
    rows = json.loads(diemtin("health", "--json", home=home.path, check=False).stdout)
    assert {row["key"] for row in rows} == {"crawls", *keys}


def test_a_blocked_source_is_left_alone() -> None:
    db = open_archive(":memory:")
    source(db, "chan", "blocked")
    assert said(db) == ("grey", "Trang chặn máy thu thập; không thu thập.")


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("unreachable", "Không kết nối được (quá thời gian chờ)."),
        ("killed", "Lần chạy cuối bị ngắt (quá thời gian chờ)."),
        ("failed", "Lần chạy cuối hỏng (quá thời gian chờ)."),
    ],
)
def test_a_run_that_went_wrong_is_amber_once_and_red_again(db: Database, state: str, sentence: str) -> None:
    run(db)
    run(db, state, "quá thời gian chờ")
    assert said(db) == ("amber", sentence)
    run(db, state, "quá thời gian chờ")
    assert said(db) == ("red", sentence)
    run(db)
    assert said(db) == ("green", "Bình thường.")


def test_a_first_run_that_went_wrong_is_red(db: Database) -> None:
    run(db, "unreachable", "không tìm thấy tên miền")
    assert said(db) == ("red", "Không kết nối được (không tìm thấy tên miền).")


def test_a_list_that_holds_nothing(db: Database) -> None:
    run(db, lists={"fetched": 1, "empty": [URL]})
    assert said(db) == ("amber", f"Trang trả lời nhưng danh sách không có bài nào: {URL}.")


def test_one_dead_list_of_several_is_noticed(db: Database) -> None:
    run(db, lists={"fetched": 2, "problems": {URL: "trả lời 404"}})
    assert said(db) == ("amber", f"Không đọc được danh sách {URL}: trả lời 404.")
    run(db, lists={"fetched": 2, "problems": {URL: "trả lời 404", f"{URL}2": "không phải RSS hay Atom"}})
    assert said(db) == ("amber", f"Không đọc được danh sách {URL} (và 1 danh sách khác): trả lời 404.")


def test_a_list_that_held_nothing_is_told_until_it_is_read_again(db: Database) -> None:
    run(db, lists={"fetched": 1, "empty": [URL, f"{URL}2"]})
    run(db, "killed")
    run(db, notes={"resting": "trang xin đọc thưa hơn"}, lists={"fetched": 0})
    assert said(db)[0] == "amber"
    run(db, lists={"fetched": 1, "past": True})
    assert said(db)[1] == f"Trang trả lời nhưng danh sách không có bài nào: {URL} (và 1 danh sách khác)."
    run(db, lists={"fetched": 1, "links": 3, "empty": []})
    assert said(db) == GREEN


def test_a_feed_that_answers_with_another_channel(db: Database) -> None:
    run(db, lists={"fetched": 1, "channel": {URL: ["Báo Mẫu - Kinh tế", "Báo Mẫu"]}})
    sentence = f"Danh sách {URL} trả về kênh «Báo Mẫu», trước đây là «Báo Mẫu - Kinh tế»."
    assert said(db) == ("amber", sentence)


def test_a_source_that_asked_for_rest(db: Database) -> None:
    run(db, notes={"resting": "trang xin đọc thưa hơn (trả lời 503), nghỉ đến 13:00 04/11"})
    assert said(db) == ("amber", "Trang xin đọc thưa hơn (trả lời 503), nghỉ đến 13:00 04/11.")
    run(db)
    assert said(db) == GREEN


def test_a_run_that_ended_by_its_time_limit_is_a_good_one(db: Database) -> None:
    run(db, reason="hết thời gian một lượt, phần còn lại đọc ở lượt sau")
    assert said(db) == GREEN


def test_one_page_that_fails_is_no_alarm(db: Database) -> None:
    run(db, outcomes={"failed": 1})
    assert said(db) == GREEN


def test_numbers_are_written_as_vietnamese_readers_do(db: Database) -> None:
    run(db, outcomes={"failed": 1300, "stored": 12})
    assert said(db)[1] == "1.300 trong 1.312 trang đọc không được."


def test_the_most_serious_alarm_is_told(db: Database) -> None:
    read(db, 4, undated=4)
    assert said(db)[0] == "amber"
    run(db, lists={"empty": [URL]}, outcomes={"blocked": 3})
    assert said(db) == ("red", "Trang chặn 3 trong 3 lần đọc.")


def test_many_pages_refused_are_red_and_many_failures_amber(db: Database) -> None:
    run(db, outcomes={"blocked": 3, "stored": 7})
    assert said(db) == ("red", "Trang chặn 3 trong 10 lần đọc.")
    run(db, outcomes={"failed": 3, "stored": 7})
    assert said(db) == ("amber", "3 trong 10 trang đọc không được.")
    run(db, outcomes={"failed": 1, "blocked": 1, "stored": 8})
    assert said(db)[0] == "green"


def test_articles_of_each_day_are_counted_by_the_day_in_ha_noi(db: Database) -> None:
    articles(db, HOUR, 11 * HOUR, 13 * DAY, 14 * DAY)  # 11:00 today, 01:00 today; 13 and 14 days ago
    assert only(db).per_day == [1, *[0] * 12, 2]
    articles(db, 13 * HOUR)  # 23:00 yesterday
    assert only(db).per_day == [1, *[0] * 11, 1, 2]


def test_the_worst_comes_first_and_removed_sources_are_not_told() -> None:
    db = open_archive(":memory:")
    for key in ("a_tot", "b_chua", "c_do", "d_vang"):
        source(db, key)
    source(db, "e_bo", "removed")
    run(db, key="a_tot")
    run(db, "failed", key="c_do")
    run(db, key="d_vang", lists={"empty": [URL]})
    assert [(health.key, health.level) for health in report(db, NOW)] == [
        ("c_do", "red"),
        ("d_vang", "amber"),
        ("b_chua", "grey"),
        ("a_tot", "green"),
    ]


def test_a_report_that_is_asked_for_again_follows_the_runs(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    source(db, "baomau")
    assert said(db)[0] == "grey"
    run(db)
    articles(db, HOUR)
    assert (said(db), only(db).per_day[-1]) == (GREEN, 1)
    run(db, "unreachable", "quá thời gian chờ")
    articles(db, HOUR)
    assert (said(db)[0], only(db).per_day[-1]) == ("amber", 2)
    db.execute("update sources set state = 'blocked'")
    assert said(db)[0] == "grey"


def test_a_config_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    home, folder = Home.at(tmp_path), tmp_path / "config"
    folder.mkdir()
    assert settings(home, NOW).level == "green"
    alerts = folder / "alerts.yml"
    alerts.write_text("sang:\n  title: Sáng\n  querys: {a: chè}\n", encoding="utf-8")
    found = next(one.alarm for one in home_report(home, NOW) if one.key == "config")
    sentence = Words("en").reason(found.reason)
    assert found.level == "red"
    assert all(part in sentence for part in (str(alerts), "line 3", "sang", "querys"))
    alerts.write_text("sang:\n  title: Sáng\n  queries: {a: chè}\n  topics: [khong-co]\n", encoding="utf-8")
    assert settings(home, NOW).level == "amber", "the digest goes on"
    alerts.unlink()
    (folder / "sources.d").mkdir()
    (folder / "sources.d" / "mau.yml").write_text("sources: [", encoding="utf-8")
    assert settings(home, NOW).level == "red"
    assert "mau.yml" in Words("en").reason(settings(home, NOW).reason)
