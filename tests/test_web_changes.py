"""``/sua-go`` as readers see it: filters, pages, feed and table; and states and marks on the search page."""

import csv
import html
import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote_plus

import httpx
import pytest
from datasette.app import Datasette
from lxml import etree

from archive.clock import stamp
from archive.desk.choices import Key, change
from archive.desk.db import open_desk
from archive.home import Home
from archive.schema import prepare
from archive.web.access import Access
from archive.web.app import build
from archive.web.views import changes
from tests import web_sample
from tests.web_sample import NOW

pytestmark = pytest.mark.timeless

ATOM = "{http://www.w3.org/2005/Atom}"


def edit(conn: sqlite3.Connection, article: int, days: int, *told: tuple[str, str, str]) -> None:
    """An edit seen so many days ago: kind, before and after of each change."""
    rows = [dict(zip(("kind", "before", "after"), one, strict=True)) | {"field": "body"} for one in told]
    at = stamp(NOW - timedelta(days=days))
    conn.execute(
        """insert into versions (article_id, seen_at, kind, title, lead, body, sha256, changes)
           select id, ?, 'edit', title, lead, body, '', ? from articles where id = ?""",
        [at, json.dumps(rows), article],
    )
    conn.execute("update articles set edits = edits + 1, changed_at = ? where id = ?", [at, article])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """What the sample holds (an edit of article 1, a take-down of 5), and more of the last weeks."""
    home = Home.at(tmp_path_factory.mktemp("changes"))
    web_sample.fill(home.archive_db)
    with closing(sqlite3.connect(home.archive_db, isolation_level=None)) as conn:
        prepare(conn)
        edit(conn, 2, 3, *[("figure", "340 lao động", "430 lao động")] * 2, ("wording", "có thể", "không thể"))
        edit(conn, 4, 10, ("wording", "thứ Ba", "thứ Tư"))
        edit(conn, 6, 12, ("name", web_sample.HOSTILE, "=cmd()"))
        for number in range(7, 47):
            edit(conn, number, 15 + number, ("figure", f"{number} tấn", f"{number + 1} tấn"))
        for state, days in (("suspected", 9), ("gone", 8), ("live", 6)):
            at = stamp(NOW - timedelta(days=days))
            conn.execute("insert into states (article_id, at, state) values (7, ?, ?)", [at, state])
    with closing(open_desk(home.desk_db)) as desk:
        for article, given in ((1, {"mark": "chosen"}), (2, {"star": True}), (4, {"mark": "left"})):
            change(desk, Key("sang", "", article), 0, given, by="Lan", now=NOW)
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as datasette:
        yield datasette


@pytest.fixture
async def public(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as datasette:
        yield datasette


async def get(site: Datasette, path: str) -> httpx.Response:
    answer: httpx.Response = await site.client.get(path)
    assert answer.status_code == 200, path
    return answer


def listed(page: httpx.Response) -> list[int]:
    """The articles of the list, from the top down."""
    return [int(number) for number in re.findall(r'<h2><a href="/bai/(\d+)', page.text)]


def link(page: httpx.Response, name: str) -> str:
    found = re.search(rf'<a [^>]*?href="([^"]*)"[^>]*>{name}', page.text)
    assert found, name
    return html.unescape(found[1])


async def test_the_newest_stand_first_with_what_changed(site: Datasette) -> None:
    page = await get(site, "/sua-go")
    assert listed(page)[:7] == [1, 5, 2, 7, 7, 4, 6]
    text = web_sample.words(page)
    assert "47 thay đổi" in text
    assert "Báo Trung Du · ghi nhận 2 giờ trước đã sửa 7,8% → 6,8%" in text
    assert "đã sửa 340 lao động → 430 lao động có thể → không thể" in text
    assert "Đã gỡ (phát hiện 20/11/2026, xác nhận 20/11/2026)" in text
    assert "Đã đăng lại" in text
    assert "<script>alert" not in page.text
    version = re.search(r'href="(/bai/2#ban-\d+)">So hai bản', page.text)
    assert version
    assert f'id="{version[1].partition("#")[2]}"' in (await get(site, "/bai/2")).text


async def test_one_is_led_there_from_the_menu_and_from_today(site: Datasette) -> None:
    for path in ("/", "/sua-go"):
        assert ">Sửa và gỡ</a>" in (await get(site, path)).text
    assert 'href="/sua-go" aria-current="page"' in (await get(site, "/sua-go")).text


async def test_pages_lead_through_all_of_them(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PAGE", 10)
    page, walked = await get(site, "/sua-go"), list[int]()
    while True:
        walked += listed(page)
        if "Cũ hơn" not in page.text:
            break
        page = await get(site, link(page, "Cũ hơn"))
        assert "47 thay đổi" in page.text
    assert len(walked) == 47
    assert walked[-1] == 46
    assert listed(await get(site, link(page, "← Mới nhất"))) == walked[:10]


@pytest.mark.parametrize(
    ("asked", "articles", "count"),
    [
        ("loai=go", [5, 7], "2 thay đổi"),
        ("loai=lai", [7], "1 thay đổi"),
        ("nguon=songche", [2], "1 thay đổi"),
        ("nguon=sotin&so=1", [], "0 thay đổi"),
        ("chude=chuyen-doi-so", [1, 4], "2 thay đổi"),
        ("chude=chuyen-doi-so&loai=sua&so=1", [1], "1 thay đổi"),
        ("tu=2026-11-11&den=2026-11-13", [7, 4], "2 thay đổi"),
        ("loai=go&so=1", [5, 7], "2 thay đổi"),
        ("truoc=x&tu=hôm+qua&loai=gi", [1, 5, 2], "47 thay đổi"),
    ],
)
async def test_filters(site: Datasette, asked: str, articles: list[int], count: str) -> None:
    page = await get(site, f"/sua-go?{asked}")
    assert listed(page)[:3] == articles[:3]
    assert f"<strong>{count}</strong>" in page.text


async def test_each_filter_is_a_link_that_takes_itself_away(site: Datasette) -> None:
    page = await get(site, "/sua-go?nguon=songche")
    assert listed(await get(site, link(page, "Đổi số liệu"))) == [2]
    assert listed(await get(site, link(page, "7 ngày qua"))) == [2]
    assert listed(await get(site, link(page, "Thời báo Sông Chè <span")))[:3] == [1, 5, 2]
    assert listed(await get(site, "/sua-go?tu=2026-11-14"))[:4] == [1, 5, 2, 7]


async def test_where_nothing_is_found_the_page_says_what_to_do(site: Datasette, tmp_path: Path) -> None:
    page = await get(site, "/sua-go?nguon=im")
    assert "Không có thay đổi nào như vậy." in page.text
    assert listed(await get(site, link(page, "Bỏ mọi điều kiện")))
    empty = Home.at(tmp_path)
    web_sample.open_archive(empty.archive_db).close()
    async with web_sample.running(build(empty, now=lambda: NOW)) as none:
        assert "Chưa thấy bài nào bị sửa hay gỡ." in (await get(none, "/sua-go")).text


async def test_more_than_is_counted_is_told_as_more(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "COUNTED", 10)
    text = web_sample.words(await get(site, "/sua-go?loai=sua"))
    assert "hơn 10 thay đổi" in text
    assert "Đã sửa hơn 10 Đã gỡ 2" in text
    assert "hơn 13 thay đổi" in web_sample.words(await get(site, "/sua-go"))


async def test_the_feed(site: Datasette) -> None:
    answer = await get(site, "/sua-go.atom?nguon=songche")
    feed = etree.fromstring(answer.content)
    entries = feed.findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title") == "Đã sửa: Nhà máy Sao Mai chạy dây chuyền bảng mạch thứ ba"
    assert entries[0].findtext(f"{ATOM}summary") == "Đã sửa: 340 lao động → 430 lao động; có thể → không thể"
    every = etree.fromstring((await get(site, "/sua-go.atom")).content).findall(f"{ATOM}entry")
    assert len({one.findtext(f"{ATOM}id") for one in every}) == 47
    assert 'href="/sua-go.atom?nguon=songche"' in (await get(site, "/sua-go?nguon=songche")).text


async def test_the_table(site: Datasette) -> None:
    answer = await get(site, "/sua-go.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 47
    assert rows[0]["seen_at"] == "2026-11-21 09:00"
    told = (rows[0]["kind"], rows[0]["change"], rows[0]["figures"])
    assert told == ("edit", "Đã sửa: 7,8% → 6,8%", "7,8% → 6,8%")
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


async def test_search_shows_and_counts_what_happened(site: Datasette) -> None:
    page = await get(site, "/tim?q=%C4%91%C3%A3:g%E1%BB%A1")
    assert listed(page) == [5]
    assert "chỉ bài đã gỡ" in page.text
    page = await get(site, "/tim?nguon=sotin")
    assert listed(await get(site, link(page, "đã sửa"))) == [4]
    chosen = await get(site, "/tim?nguon=sotin&da=edited")
    assert "Sửa và gỡ: đã sửa" in chosen.text
    assert "q=đã:sửa nguồn:sotin" in unquote_plus(chosen.text)


async def test_who_sees_the_desk_searches_its_marks(site: Datasette) -> None:
    page = await get(site, "/tim?q=d%E1%BA%A5u:ch%E1%BB%8Dn")
    assert sorted(listed(page)) == [1, 2]
    assert "chỉ bài đã chọn ở bàn điểm tin" in page.text
    assert listed(await get(site, link(page, "nổi bật"))) == [2]
    assert listed(await get(site, "/tim?dau=left")) == [4]
    table = (await get(site, "/tim.csv?dau=left")).text
    assert "/bai/4" in table
    assert "/bai/1" not in table


async def test_in_public_there_are_no_marks(public: Datasette) -> None:
    page = await get(public, "/tim?q=d%E1%BA%A5u:ch%E1%BB%8Dn")
    assert not listed(page)
    assert "được tìm như chữ thường" in page.text
    shown, everything = await get(public, "/tim?dau=left&nguon=sotin"), await get(public, "/tim?nguon=sotin")
    assert listed(shown) == listed(everything)
    assert "Dấu ở bàn" not in everything.text
