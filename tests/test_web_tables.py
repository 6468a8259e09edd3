"""Datasette's own pages: our frame and language, rows that lead to our pages, ready questions."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette
from sqlite_utils import Database

from archive.config import load_yaml
from archive.home import DEFAULTS, Home
from archive.schema import open_archive
from archive.web.app import build
from tests import web_sample
from tests.web_sample import NOW, words

TABLES = load_yaml(DEFAULTS / "metadata.yml")["databases"]["archive"]
GIVEN = {"nguon": "", "tu_ngay": "2026-01-01", "den_ngay": "", "chu": "san xuat"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("tables"))
    web_sample.fill(home.archive_db)
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as running:
        yield running


async def get(site: Datasette, path: str) -> httpx.Response:
    answer: httpx.Response = await site.client.get(path)
    return answer


@pytest.mark.parametrize(
    "path",
    ["/archive", "/archive/articles", "/archive/articles/1", "/archive/bai_moi", "/archive?sql=select+1"],
)
async def test_tables_stand_in_our_frame_and_language(site: Datasette, path: str) -> None:
    page = await get(site, path)
    assert page.status_code == 200
    assert "Bảng dữ liệu" in words(page)
    assert 'class="top"' in page.text
    assert "<script>" not in page.text
    assert "Data tables" in words(await get(site, f"{path}{'&' if '?' in path else '?'}lang=en"))


async def test_rows_lead_to_the_article_and_times_are_hanois(site: Datasette) -> None:
    page = await get(site, "/archive/articles")
    assert 'href="/bai/1"' in page.text
    assert "21/11/2026 · 09:00" in words(page)
    assert 'href="/tim?nguon=trungdu"' in page.text
    raw = (await get(site, "/archive/articles.json?_shape=array&id=1")).json()[0]
    assert raw["id"] == 1
    assert raw["published_at"].endswith("Z")


async def test_long_texts_are_cut_in_lists_and_whole_on_their_own_page(site: Datasette) -> None:
    tail = "cấp điện cho cụm xưởng phía bắc"
    assert tail not in words(await get(site, "/archive/articles?id=1"))
    row = words(await get(site, "/archive/articles/1"))
    assert tail in row
    assert "Đọc bài này" in row


async def test_hostile_text_stays_text(site: Datasette) -> None:
    for path in ("/archive/articles", "/archive?sql=select+title,+body+from+articles"):
        page = await get(site, path)
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


async def test_rows_are_counted_filtered_and_sorted(site: Datasette) -> None:
    page = await get(site, "/archive/articles")
    assert "_facet=source" in page.text
    counted = await get(site, "/archive/articles?_facet=source")
    assert 'href="http://localhost/archive/articles?_facet=source&amp;source=trungdu"' in counted.text
    one = words(await get(site, "/archive/articles?id__exact=1"))
    assert "1 dòng" in one
    assert "Không có dòng nào" in words(await get(site, "/archive/articles?id=999"))


@pytest.mark.parametrize("name", TABLES["queries"])
async def test_ready_questions_answer(site: Datasette, name: str) -> None:
    page = await site.client.get(f"/archive/{name}", params=GIVEN)
    assert page.status_code == 200, name
    assert TABLES["queries"][name]["title"] in words(page)
    assert "chưa chạy được" not in words(page)


async def test_there_are_twenty_ready_questions_in_both_languages(site: Datasette) -> None:
    assert len(TABLES["queries"]) >= 20
    listed, english = words(await get(site, "/archive")), words(await get(site, "/archive?lang=en"))
    for query in TABLES["queries"].values():
        assert query["title"] in listed
        assert query["title_en"] in english


def test_every_column_told_is_there(tmp_path: Path) -> None:
    db: Database = open_archive(tmp_path / "archive.db")
    told_of = {table: told for table, told in TABLES["tables"].items() if "columns" in told}
    for table, told in told_of.items():
        assert set(told["columns"]) <= {column.name for column in db.table(table).columns}, table
    db.close()


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/archive?sql=selec", 400, "Câu hỏi này chưa đúng"),
        ("/archive?sql=select+nope", 400, "chưa chạy được"),
        ("/archive/articles?_sort=nope", 400, "Câu hỏi này chưa đúng"),
        ("/archive/nope", 404, "Không có trang này"),
    ],
)
async def test_a_wrong_question_is_answered_in_our_words(
    site: Datasette, path: str, status: int, told: str
) -> None:
    page = await get(site, path)
    assert page.status_code == status
    assert told in words(page)
    assert 'class="top"' in page.text
