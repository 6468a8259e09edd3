"""What is unsure about an article is kept, shown, never hidden, and counted for its source."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.articles import store
from archive.db import sort_at
from archive.home import Home
from archive.i18n import Words
from archive.model import Article
from archive.reasons import reason
from archive.schema import open_archive
from archive.web.app import build
from tests import web_sample

DIFFERS = reason(
    "date_differs",
    by="byline",
    written="2026-11-12T08:20:00Z",
    other="feed",
    other_written="2026-11-02T17:00:00Z",
)
SENTENCE = "dòng ngày trên bài ghi 15:20 12/11/2026, danh sách tin (RSS) ghi 03/11/2026"


def doubted() -> Article:
    article = Article(
        "https://trungdu.example/nghi", "trungdu", "Xưởng chè mở thêm một dây chuyền", body="Câu." * 80
    )
    article.published_at, article.doubt, article.relevant = (
        datetime(2026, 11, 12, 8, 20, tzinfo=UTC),
        [DIFFERS],
        True,
    )
    return article


def test_a_doubt_is_a_sentence_in_either_language() -> None:
    assert Words("vi").reason(DIFFERS) == SENTENCE
    assert Words("en").reason(DIFFERS).startswith("the date line on the article has 15:20 12/11/2026")


def test_a_doubt_is_kept_with_the_article(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    kept = store(db, doubted(), [], web_sample.NOW)
    row = db.execute("select doubt from articles where id = ?", [kept.article_id]).fetchone()
    assert json.loads(row[0]) == [DIFFERS]


async def test_a_doubt_is_shown_on_the_page_and_marked_in_lists(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    db = open_archive(home.archive_db)
    kept = store(db, doubted(), [], web_sample.NOW)
    db.close()
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as site:
        page = html.unescape((await site.client.get(f"/bai/{kept.article_id}")).text)
        listed = html.unescape((await site.client.get("/tim?q=xưởng+chè")).text)
    assert f"chưa chắc: {SENTENCE}" in page
    mark = re.search(r'<a class="label plain"[^>]*title="([^"]*)">chưa chắc</a>', listed)
    assert mark is not None
    assert mark[1] == SENTENCE


def test_a_date_that_lies_ahead_is_kept_but_sorts_by_when_it_was_seen(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    article = doubted()
    article.published_at = web_sample.NOW + timedelta(hours=20)
    article.doubt = [reason("date_future", by="jsonld", written="2026-11-22T00:00:00Z")]
    kept = store(db, article, [], web_sample.NOW)
    row = db.execute("select sort, published_at from articles where id = ?", [kept.article_id]).fetchone()
    assert row == (sort_at(web_sample.NOW), "2026-11-22T00:00:00Z")
