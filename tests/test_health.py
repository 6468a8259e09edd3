"""What a user reads of each source: one level, one Vietnamese sentence, the worst first."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlite_utils import Database

from archive.clock import stamp
from archive.health import SourceHealth, report
from archive.schema import SORT_SLOTS, open_archive

NOW = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://baomau.vn/rss"


@pytest.fixture
def db() -> Database:
    made = open_archive(":memory:")
    source(made, "baomau")
    return made


def source(db: Database, key: str, state: str = "live") -> None:
    db.table("sources").insert({"key": key, "name": f"Báo {key}", "state": state})


def run(
    db: Database, state: str = "done", reason: str = "", key: str = "baomau", **told: dict[str, Any]
) -> None:
    db.table("runs").insert(
        {
            "source": key,
            "started_at": stamp(NOW - HOUR),
            "finished_at": None if state == "running" else stamp(NOW - HOUR),
            "state": state,
            "reason": reason,
            **{name: json.dumps(told.get(name, {})) for name in ("outcomes", "lists", "notes")},
        }
    )


def articles(db: Database, *ages: timedelta, key: str = "baomau") -> None:
    for age in ages:
        number = db.execute("select count(*) from articles").fetchone()[0]
        at = NOW - age
        db.table("articles").insert(
            {
                "sort": int(at.timestamp()) // 60 * SORT_SLOTS + number,
                "url": f"https://baomau.vn/{number}",
                "source": key,
                "title": "Tin",
                "first_seen_at": stamp(at),
                "last_seen_at": stamp(at),
                "sha256": "",
            }
        )


def only(db: Database) -> SourceHealth:
    (found,) = report(db.conn, NOW)
    return found


def said(db: Database) -> tuple[str, str]:
    found = only(db)
    return found.level, found.sentence


def test_a_source_that_never_ran(db: Database) -> None:
    assert said(db) == ("grey", "Chưa chạy lần nào.")
    run(db, "running")
    assert said(db) == ("grey", "Chưa chạy lần nào.")


def test_a_source_that_does_well(db: Database) -> None:
    run(db, outcomes={"stored": 4, "unchanged": 2}, lists={"fetched": 1, "empty": [], "problems": {}})
    articles(db, *(HOUR * n for n in range(8)))
    found = only(db)
    assert (found.level, found.sentence) == ("green", "Bình thường.")
    assert (found.last_state, found.last_run_at) == ("done", "2026-11-02T04:00:00Z")
    assert found.outcomes == {"stored": 4, "unchanged": 2}


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


def test_many_pages_refused_are_red_and_many_failures_amber(db: Database) -> None:
    run(db, outcomes={"blocked": 3, "stored": 7})
    assert said(db) == ("red", "Trang chặn 3 trong 10 lần đọc.")
    run(db, outcomes={"failed": 3, "stored": 7})
    assert said(db) == ("amber", "3 trong 10 trang đọc không được.")
    run(db, outcomes={"failed": 1, "blocked": 1, "stored": 8})
    assert said(db)[0] == "green"


def test_a_changed_template_is_noticed_within_one_run(db: Database) -> None:
    run(db, notes={"read": 10, "rule_missed": {"body": 6, "lead": 5}})
    assert said(db) == ("amber", "Mẫu trang có thể đã đổi: quy tắc «body» không khớp ở 6 trong 10 trang.")
    run(db, notes={"read": 10, "rule_missed": {"body": 4}})
    assert said(db)[0] == "green"
    run(db, notes={"read": 0, "rule_missed": {}})
    assert said(db)[0] == "green"


def test_silence_is_measured_against_the_sources_own_rhythm(db: Database) -> None:
    run(db)
    articles(db, *(7 * HOUR + HOUR * n for n in range(10)))
    assert said(db) == ("amber", "Không có bài mới 7 giờ, thường mỗi 1 giờ có một bài.")


def test_a_long_silence_is_red(db: Database) -> None:
    run(db)
    articles(db, *(3 * DAY + HOUR * n for n in range(10)))
    assert said(db) == ("red", "Không có bài mới 3 ngày, thường mỗi 1 giờ có một bài.")


def test_a_source_silent_for_longer_than_a_month_does_not_turn_green(db: Database) -> None:
    run(db)
    articles(db, *(40 * DAY + HOUR * n for n in range(10)))
    assert said(db) == ("red", "Không có bài mới 40 ngày, thường mỗi 1 giờ có một bài.")


def test_a_source_that_writes_rarely_is_given_time(db: Database) -> None:
    run(db)
    articles(db, *(8 * DAY + 4 * DAY * n for n in range(10)))
    assert said(db) == ("green", "Bình thường.")


def test_a_few_articles_are_no_rhythm(db: Database) -> None:
    run(db)
    articles(db, 20 * DAY, 20 * DAY + HOUR)
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
    assert [(health.key, health.level) for health in report(db.conn, NOW)] == [
        ("c_do", "red"),
        ("d_vang", "amber"),
        ("b_chua", "grey"),
        ("a_tot", "green"),
    ]
