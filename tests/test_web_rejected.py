"""The page Đã loại: what was refused and why, one action, and why an address is not here; never in public."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.pages import open_pages
from archive.refused import wanted
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.web_sample import NOW, serving_explained, words

PASSWORD = "chè xanh Đồi 2026"
SHORT = "https://trungdu.example/ngan"


def made(folder: Path) -> Home:
    home = Home.at(folder)
    web_sample.fill(home.archive_db)
    web_sample.fill_refused(home.pages_db)
    web_sample.write_sources(home)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return made(tmp_path)


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with serving_explained(home) as datasette:
        yield datasette


async def test_each_is_told_with_outlet_time_and_reason(site: Datasette) -> None:
    page = await site.client.get("/da-loai")
    text = words(page)
    assert "4 địa chỉ" in text
    assert "Thái Nguyên vào hạ ↗ Báo Trung Du · 1 giờ trước · danh sách nêu tên tỉnh" in text
    assert "quá ngắn chỉ có 21 ký tự, cần ít nhất 80" in text
    assert "(danh sách không nêu tít) ↗ Thời báo Sông Chè · 2 giờ trước · trang nêu tên tỉnh" in text
    assert "Chuyện cũ" not in text
    assert 'href="javascript:' not in page.text
    assert "<script>alert" not in page.text


async def test_days_outlets_and_the_other_language(site: Datasette) -> None:
    month = words(await site.client.get("/da-loai?ngay=30"))
    assert "Chuyện cũ" in month
    assert "đã gỡ máy chủ báo không còn trang (404)" in month
    only = words(await site.client.get("/da-loai?nguon=trungdu"))
    assert ("1 địa chỉ" in only, "Sông Chè 3" in only, "robots" in only) == (True, True, False)
    english = words(await site.client.get("/da-loai?lang=en&ngay=bao+nhieu"))
    assert "too short 21 characters of text, at least 80 are wanted" in english
    assert "Không địa chỉ nào" in words(await site.client.get("/da-loai?nguon=im"))


async def test_a_headline_in_the_archive_is_linked_and_a_text_is_no_longer_there(
    site: Datasette, home: Home
) -> None:
    pages = open_pages(home.pages_db)
    urls = ["https://trungdu.example/1", "https://trungdu.example/7"]
    for url in urls:
        pages.execute(
            """insert into addresses (url, source, found_at, outcome, reason, ended_at, refused_at, names_in)
               select ?, source, found_at, outcome, reason, ended_at, refused_at, names_in
               from addresses where url = ?""",
            [url, SHORT],
        )
    pages.close()
    from archive.schema import open_archive

    archive = open_archive(home.archive_db)
    archive.execute("update articles set unread = 'timeout' where id = 7")
    archive.close()
    page = await site.client.get("/da-loai")
    assert 'href="/bai/7"' in page.text
    assert "chỉ có tít và sapo" in page.text
    assert f'value="{urls[0]}"' not in page.text


async def test_why_is_told_from_the_databases(site: Datasette) -> None:
    text = words(await site.client.get("/da-loai", params={"dia-chi": f"{SHORT}?utm_source=zalo"}))
    assert "Xét bài: chỉ có 21 ký tự, cần ít nhất 80." in text
    assert "danh sách : https://trungdu.example/rss nêu từ" in text
    kept = words(await site.client.get("/da-loai", params={"dia-chi": "trungdu.example/1"}))
    assert "Trong kho: có trong kho: «Nhà máy Sao Mai" in kept
    assert "Vẫn giữ bài" not in kept.partition("Bị loại trong")[0]
    unknown = words(await site.client.get("/da-loai", params={"dia-chi": "https://la.example/tin/1.html"}))
    assert "không thuộc nguồn nào" in unknown
    assert "diemtin why https://la.example/tin/1.html" in unknown


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("xin chào", "không phải địa chỉ http(s)."),
        ("ftp://bao.example/1", "không phải địa chỉ http(s)."),
        ("http://192.168.1.1/x", "192.168.1.1 dẫn tới địa chỉ nội bộ 192.168.1.1."),
        ("https://bao.example/" + "x" * 3000, "địa chỉ dài quá 2000 ký tự."),
        ('"><script>alert(1)</script>', "không phải địa chỉ http(s)."),
    ],
)
async def test_a_bad_address_is_one_plain_line(site: Datasette, address: str, line: str) -> None:
    page = await site.client.get("/da-loai", params={"dia-chi": address})
    assert page.status_code == 200
    assert line in words(page)
    assert "<script>alert" not in page.text


async def ask(
    site: Datasette, address: str, cookies: dict[str, str] | None = None, **headers: str
) -> httpx.Response:
    """The form as a browser sends it."""
    form = await site.client.get("/da-loai", cookies=cookies)
    token = re.search(r'name="csrftoken" value="([^"]+)"', form.text)
    assert token
    jar = {**(cookies or {}), "ds_csrftoken": form.cookies["ds_csrftoken"]}
    return await site.client.post(
        "/da-loai", data={"csrftoken": token[1], "dia-chi": address}, cookies=jar, headers=headers
    )


async def test_keep_it_after_all_queues_the_address(site: Datasette, home: Home) -> None:
    answer = await ask(site, SHORT)
    assert (answer.status_code, answer.headers["location"]) == (
        303, "/da-loai?dia-chi=https%3A%2F%2Ftrungdu.example%2Fngan",
    )  # fmt: skip
    assert wanted(home.pages_db, NOW) == [(SHORT, "trungdu")]
    page = words(await site.client.get(answer.headers["location"]))
    assert page.count("Sẽ được đọc trong vài phút.") == 2
    await ask(site, "https://la.example/tin/1.html?fbclid=1", origin="http://localhost")
    assert wanted(home.pages_db, NOW)[0] == ("https://la.example/tin/1.html", "manual")


async def test_nothing_is_queued_but_by_our_own_form(site: Datasette, home: Home) -> None:
    bare = await site.client.post("/da-loai", data={"dia-chi": SHORT})
    wrong = await site.client.post(
        "/da-loai", data={"dia-chi": SHORT, "csrftoken": "x"}, cookies={"ds_csrftoken": "x"}
    )
    cross = await ask(site, SHORT, **{"sec-fetch-site": "cross-site"})
    elsewhere = await ask(site, SHORT, origin="https://evil.example")
    got = await site.client.get("/da-loai", params={"dia-chi": SHORT, "csrftoken": "x"})
    assert [one.status_code for one in (bare, wrong, cross, elsewhere, got)] == [403, 403, 403, 403, 200]
    assert (await ask(site, "xin chào")).status_code == 400
    assert (await ask(site, "https://trungdu.example/1")).status_code == 303  # it is there
    assert wanted(home.pages_db, NOW) == []


async def test_the_public_sees_and_asks_nothing(home: Home) -> None:
    async with serving_explained(home, Access(public=True)) as site:
        assert (await site.client.get("/da-loai")).status_code == 404
        post = await site.client.post("/da-loai", data={"dia-chi": SHORT})
        assert post.status_code == 404
        assert "/da-loai" not in (await site.client.get("/nguon")).text
        search = await site.client.get("/tim", params={"q": f"{SHORT}x"})
        assert "/da-loai" not in search.text
    assert wanted(home.pages_db, NOW) == []


async def test_behind_a_password_only_a_reader_may(home: Home) -> None:
    async with serving_explained(home, Access(PASSWORD)) as site:
        assert (await site.client.get("/da-loai")).status_code == 302
        assert (await site.client.post("/da-loai", data={"dia-chi": SHORT})).status_code == 401
        login = httpx.BasicAuth("ai", PASSWORD)
        assert "Thái Nguyên vào hạ" in (await site.client.get("/da-loai", auth=login)).text
        assert (await site.client.post("/da-loai", data={"dia-chi": SHORT}, auth=login)).status_code == 403
    assert wanted(home.pages_db, NOW) == []


async def test_the_page_is_found_from_sources_and_from_a_search_for_an_address(site: Datasette) -> None:
    assert 'href="/da-loai"' in (await site.client.get("/nguon")).text
    search = await site.client.get("/tim", params={"q": "https://trungdu.example/khong-co-bai-nay"})
    assert 'href="/da-loai?dia-chi=https%3A%2F%2Ftrungdu.example%2Fkhong-co-bai-nay"' in search.text
    assert "/da-loai?" not in (await site.client.get("/tim", params={"q": "khongcogi"})).text


async def test_without_pages_or_a_crawler_the_page_is_empty(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with serving_explained(home) as site:
        page = await site.client.get("/da-loai?dia-chi=trungdu.example/x")
        assert (page.status_code, "Không địa chỉ nào" in page.text) == (200, True)
    home.pages_db.write_bytes(b"")  # being made
    async with serving_explained(home) as site:
        assert (await site.client.get("/da-loai?dia-chi=trungdu.example/x")).status_code == 200
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        assert (await site.client.get("/da-loai")).status_code == 200
