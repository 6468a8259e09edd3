"""An archive that an older release made opens, is upgraded, and is read and written like any other."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.articles import missed, store
from archive.clock import moment
from archive.digests.content import sentence
from archive.digests.editions import read
from archive.health import report
from archive.i18n import Words
from archive.model import Article
from archive.pages import load, newest_page_ids, open_pages
from archive.schema import MIGRATIONS, open_archive, prepare
from archive.search.results import search
from archive.stories.grouping import rebuild
from pipelines.fingerprint import shingles

DATA = Path(__file__).parent / "data"
NOW = moment("2026-11-23T03:00:00Z")
FIRST = "https://song-bang.example/1.html"


def old(name: str, folder: Path) -> Path:
    """A database file from the schema and rows of the old release."""
    path = folder / f"{name}.db"
    with closing(sqlite3.connect(path)) as db:
        prepare(db)
        db.executescript((DATA / f"old_{name}.sql").read_text(encoding="utf-8"))
    return path


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_archive(old("archive", tmp_path))


def test_it_has_the_newest_schema_and_keeps_its_rows(db: Database, tmp_path: Path) -> None:
    new = open_archive(tmp_path / "new.db")
    assert {table.name: table.columns_dict for table in db.tables} == {
        table.name: table.columns_dict for table in new.tables
    }
    assert not MIGRATIONS.pending(db)
    assert [db.table(name).count for name in ("articles", "versions", "states", "runs", "digests")] == [
        3,
        4,
        4,
        3,
        1,
    ]


def test_it_is_searched(db: Database) -> None:
    assert [hit.url for hit in search(db, '"nha may" "1.820 tỷ"').hits] == [FIRST]
    assert search(db, '"1.280 tỷ"').total == 1, "the reprint was not edited"
    assert search(db, 'chủ-đề:cong-nghiep nơi:"Sông Bằng"').total == 3


def test_its_sentences_are_shown_as_they_are(db: Database) -> None:
    words = Words("vi")
    states = [(state, words.reason(why)) for state, why in db.execute("select state, reason from states")]
    assert states == [
        ("suspected", "máy chủ báo không còn trang (404)"),
        ("gone", "máy chủ báo không còn trang (404)"),
        ("suspected", "chuyển về trang chủ"),
        ("live", "trang đọc được trở lại"),
    ]
    (why,) = json.loads(db.execute("select why from articles where url = ?", [FIRST]).fetchone()[0])
    assert words.reason(why) == "«Sông Bằng» ở tiêu đề (3 điểm)"
    assert {one.key: (one.level, words.reason(one.reason)) for one in report(db, NOW)} == {
        "chan": ("grey", "Trang chặn máy thu thập; không thu thập."),
        "may-tre": ("amber", "Không đọc được danh sách https://may-tre.example/rss: trả lời 404."),
        "song-bang": ("amber", "Không kết nối được (quá thời gian chờ)."),
    }


def test_its_editions_are_read(db: Database) -> None:
    content = read(db, 1).in_words()
    assert [(change.kind, change.sentence) for change in content.changes] == [
        ("edit", "Đã sửa: 1.280 tỷ đồng → 1.820 tỷ đồng"),
        ("gone", "Đã gỡ (phát hiện 21/11, xác nhận 22/11)"),
    ]
    (error,) = db.execute("select last_error from deliveries").fetchone()
    assert sentence(error) == "không ghi được tệp hang-ngay.html (Permission denied)"


def test_it_is_written(db: Database) -> None:
    row = next(iter(db.query("select * from articles where url = ?", [FIRST])))
    body = row["body"].replace("340 lao động", "350 lao động") + "\nCâu thêm vào hôm nay."
    edited = Article(
        FIRST, "song-bang", row["title"], row["lead"], body, published_at=moment(row["published_at"])
    )
    assert store(db, edited, shingles(edited.text), NOW).outcome == "revised"
    assert missed(db, FIRST, 'http {"status": 404}', NOW + timedelta(hours=1), timedelta(hours=12))
    assert rebuild(db, NOW) == 3
    stories = db.execute("select count(distinct story_id) from articles where id in (1, 2)").fetchone()
    assert stories == (1,)
    db.execute("insert into articles_fts (articles_fts) values ('integrity-check')")


def test_its_pages_are_read_anew(tmp_path: Path) -> None:
    pages = open_pages(old("pages", tmp_path))
    (newest,) = newest_page_ids(pages)
    assert "350 lao động" in load(pages, newest).body.decode()
    assert pages.execute("select waiting from lists where waiting is not null").fetchall() == [("sitemap",)]
