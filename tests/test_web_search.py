"""The search page over the sample: a place's names joined or as typed, little time, Datasette's own table."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.model import Article
from archive.web.app import build
from archive.web.views import search
from tests.search_sample import FIRST, archive_of, articles
from tests.web_sample import running


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Datasette]:
    home = Home.at(tmp_path)
    archive_of(home.archive_db, articles()).close()
    async with running(build(home, now=lambda: FIRST)) as datasette:
        yield datasette


async def found(site: Datasette, path: str) -> tuple[set[int], httpx.Response]:
    page = await site.client.get(path)
    assert page.status_code == 200, path
    return {int(number) for number in re.findall(r'<h2><a href="/bai/(\d+)', page.text)}, page


def link_named(page: httpx.Response, name: str) -> str:
    told = re.search(rf'<a href="([^"]*)">{name}</a>', page.text)
    assert told, name
    return html.unescape(told[1])


async def test_the_names_of_a_place_are_joined_until_the_reader_says_otherwise(site: Datasette) -> None:
    joined, page = await found(site, "/tim?q=%22s%C3%B4ng+c%C3%B4ng%22&xep=dung")
    assert joined == {3, 10}
    assert "kể cả tên cũ và mới" in page.text
    assert "«Bá Xuyên»" in page.text
    wide, page = await found(site, "/tim?q=c%E1%BA%A3i+%C4%91an")
    as_typed = link_named(page, "Chỉ tìm tên như đã gõ")
    assert "ten=go" in as_typed
    narrow, page = await found(site, as_typed)
    assert (wide, narrow) == ({3, 10}, set())
    assert "kể cả tên cũ" not in page.text
    assert "chỉ tìm tên như đã gõ" in page.text
    assert "ten=go" in re.findall(r'href="(/tim\.atom[^"]*)"', page.text)[0]
    again, page = await found(site, link_named(page, "Tìm cả tên cũ và mới"))
    assert again == wide
    assert "kể cả tên cũ và mới" in page.text


async def test_where_no_place_is_named_there_is_no_such_choice(site: Datasette) -> None:
    _, page = await found(site, "/tim?q=chuyen+doi+so&ten=go")
    assert "như đã gõ" not in page.text


async def test_words_stand_together_until_the_reader_says_otherwise(tmp_path: Path) -> None:
    told = [
        "Số công nhân đổi ca",
        "Chuyển đổi số ở xã",
        "Số người chuyển đi, đổi nghề",
        "Công an xã",
        "Công ăn việc làm",
    ]
    made = [
        Article(f"u{at}", "a", title, published_at=FIRST + timedelta(days=at)) for at, title in enumerate(told)
    ]
    archive_of(Home.at(tmp_path).archive_db, made).close()
    async with running(build(Home.at(tmp_path), now=lambda: FIRST)) as site:
        together, page = await found(site, "/tim?q=chuyen+doi+so")
        assert together == {2}
        assert "«chuyen doi so» (liền nhau, mọi dấu)" in page.text
        assert "Hết bài có các tiếng đứng liền nhau." in page.text
        apart, page = await found(site, link_named(page, "Tìm rời từng tiếng: 2 bài"))
        assert apart == {2, 3}
        assert "đang tìm rời từng tiếng" in page.text
        assert "tieng=roi" in re.findall(r'href="(/tim\.atom[^"]*)"', page.text)[0]
        again, page = await found(site, link_named(page, "Tìm liền thành từ"))
        assert again == together
        none, page = await found(site, "/tim?q=di+chuyen")
        assert none == set()
        assert "Không có bài nào có các tiếng này đứng liền nhau thành từ." in page.text
        assert (await found(site, link_named(page, "Tìm rời từng tiếng: 1 bài")))[0] == {3}
        exact, page = await found(site, "/tim?q=công+an")
        assert exact == {4}
        marks, page = await found(site, link_named(page, "Cho «an» mang mọi dấu"))
        assert marks == {4, 5}
        assert marks == (await found(site, "/tim?q=công+an&dau=moi"))[0]
        assert (await found(site, link_named(page, "Hiểu chữ không dấu như đã gõ")))[0] == {4}


async def test_a_search_out_of_time_shows_the_newest_and_says_so(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything, page = await found(site, "/tim?nguon=bao-c")
    assert everything == {3, 6, 9, 12}
    monkeypatch.setattr(search, "PATIENCE", 0.0)
    monkeypatch.setattr("archive.search.cursor.FEW", -1)
    newest, page = await found(site, "/tim?nguon=bao-c")
    assert newest == {12}
    assert "đây là kết quả trong các bài từ 02/03/2026 trở lại đây" in page.text


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("chuyen doi so", {1, 2}), ("chuyển đổi số", {1}), ('"dang uy"', {5}), ("hoà*", {5}), ("52-NQ/TW", {1}),
        ("gang -tng", set()), ("'\"(*", set()),
    ],
)  # fmt: skip
async def test_datasettes_own_table_searches_alike(site: Datasette, query: str, ids: set[int]) -> None:
    given = {"_search": query, "_shape": "array"}
    answer = await site.client.get("/archive/articles.json", params=given)
    assert {row["id"] for row in answer.json()} == ids
    page = await site.client.get("/archive/articles", params={"_search": query})
    assert page.status_code == 200
    assert {int(number) for number in re.findall(r'href="/archive/articles/(\d+)"', page.text)} == ids
