"""Pages of documents and taken-down articles: conflicting dates are flagged, last copies carry a hash."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.schema import prepare
from archive.web.app import build
from tests import web_sample


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Datasette]:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    connection = sqlite3.connect(home.archive_db)
    prepare(connection)
    for article, day in ((1, "2024-12-22"), (2, "2024-12-24"), (3, "2024-12-22")):
        connection.execute(
            """insert into documents (number, kind, issuer, issued_on)
               values ('57-NQ/TW', 'Nghị quyết', 'Bộ Chính trị', ?) on conflict do nothing""",
            [day],
        )
        connection.execute("insert into article_documents values (?, '57-NQ/TW', ?, 'câu dẫn')", [article, day])
    connection.commit()
    connection.close()
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as datasette:
        yield datasette


@pytest.mark.parametrize("path", ["/van-ban", "/van-ban?so=57-NQ/TW"])
async def test_different_dates_for_one_number_are_flagged(site: Datasette, path: str) -> None:
    text = (await site.client.get(path)).text
    assert "Các bài ghi ngày khác nhau" in text
    assert "22/12/2024 ≠ 24/12/2024" in text


async def test_a_taken_down_article_shows_its_last_copy_with_its_hash(site: Datasette) -> None:
    text = (await site.client.get("/bai/5")).text
    connection = sqlite3.connect(f"file:{site.get_database('archive').path}?mode=ro", uri=True)
    sha = connection.execute("select sha256 from articles where id = 5").fetchone()[0]
    connection.close()
    assert sha in text
    assert "Lò số hai dừng để bảo dưỡng." in text
