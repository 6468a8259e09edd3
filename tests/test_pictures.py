"""Pictures as readers meet them: a link to the outlet, and where it was switched on a button that loads one."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import httpx
import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.web_sample import NOW

pytestmark = pytest.mark.timeless

PICTURE = "https://anh.trungdu.example/2026/nha-may.jpg?w=800&h=1"
ON = {"diemtin_pictures": "1"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("pictures"))
    web_sample.fill(home.archive_db)
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as datasette:
        yield datasette


def give(home: Home, address: str | None) -> None:
    with closing(sqlite3.connect(home.archive_db)) as archive, archive:
        archive.execute("update articles set image = ? where id = 1", [address])


async def page(site: Datasette, path: str, **given: object) -> httpx.Response:
    answer: httpx.Response = await site.client.get(path, **given)
    assert answer.status_code == 200
    return answer


def policy(answer: httpx.Response) -> str:
    return str(answer.headers["content-security-policy"])


async def test_off_there_is_a_link_and_nothing_is_loaded(site: Datasette, home: Home) -> None:
    give(home, PICTURE)
    for path in ("/bai/1", "/bai/1?anh=1"):
        answer = await page(site, path)
        assert f'href="{PICTURE.replace("&", "&amp;")}" rel="noopener noreferrer' in answer.text
        assert "Xem ảnh ở báo" in answer.text
        assert "Hiện ảnh" not in answer.text
        assert "<img" not in answer.text
        assert "img-src 'self';" in policy(answer)


async def test_switched_on_the_button_shows_that_picture_alone(site: Datasette, home: Home) -> None:
    give(home, PICTURE)
    offered = await page(site, "/bai/1?q=nam", cookies=ON)
    assert "Hiện ảnh" in offered.text
    assert "<img" not in offered.text
    assert "img-src 'self';" in policy(offered)
    shown = await page(site, "/bai/1?q=nam&anh=1", cookies=ON)
    assert shown.text.count("<img") == 1
    assert "img-src 'self' https://anh.trungdu.example;" in policy(shown)
    assert "img-src 'self';" in policy(await page(site, "/bai/2?anh=1", cookies=ON))


async def test_another_site_cannot_have_it_loaded(site: Datasette, home: Home) -> None:
    give(home, PICTURE)
    for said in ("cross-site", "same-site", "none"):
        led = await page(site, "/bai/1?anh=1", cookies=ON, headers={"sec-fetch-site": said})
        assert "<img" not in led.text
        assert "img-src 'self';" in policy(led)


@pytest.mark.parametrize("address", [
    None, "", "javascript:alert(1)", "data:image/png;base64,AAAA", "//anh.example/a.jpg", "/a.jpg", "https://",
    "http://", "ftp://anh.example/a.jpg", "https://anh.example;script-src *", "https://a b.example/x", "http://[::1/a",
    "http://127.0.0.1/a.jpg", "http://192.168.1.1/tat", "http://[::1]/a.jpg", "http://0x7f.1/a", "http://2130706433/",
    "http://localhost/a.jpg", "http://may.local/a.jpg", "https://x@anh.example/a.jpg", "https://anh.example:22/a.jpg",
    "https://anh.example:port/a.jpg", "https://*.example/a.jpg", "https://'self'/a.jpg", "https://anh.example'/a.jpg",
])  # fmt: skip
async def test_what_is_no_picture_of_an_outlet_shows_nothing(
    site: Datasette, home: Home, address: str | None
) -> None:
    give(home, address)
    answer = await page(site, "/bai/1?anh=1", cookies=ON)
    assert "Xem ảnh ở báo" not in answer.text
    assert "<img" not in answer.text
    assert "img-src 'self';" in policy(answer)


async def test_names_in_vietnamese_are_asked_for_as_browsers_do(site: Datasette, home: Home) -> None:
    give(home, "https://ảnh.example/a.jpg")
    assert "img-src 'self' https://xn--nh-k5s.example;" in policy(await page(site, "/bai/1?anh=1", cookies=ON))


async def test_the_public_has_no_picture_nor_a_link_to_it(home: Home) -> None:
    give(home, PICTURE)
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as public:
        answer = await page(public, "/bai/1?anh=1&lang=en", cookies=ON)
    assert "picture at the outlet" not in answer.text
    assert PICTURE not in answer.text
    assert "<img" not in answer.text
    assert "img-src 'self';" in policy(answer)


async def test_the_account_page_switches_it_for_this_browser(site: Datasette, home: Home) -> None:
    give(home, PICTURE)
    token = site.sign("x", "csrftoken")
    cookies = {"ds_csrftoken": token}
    assert "Bật nút «Hiện ảnh»" in (await page(site, "/tai-khoan")).text
    form = {"csrftoken": token, "viec": "anh", "anh": "1"}
    here = {"origin": "http://localhost"}
    on = await site.client.post("/tai-khoan", data=form, cookies=cookies, headers=here)
    assert (on.status_code, on.cookies["diemtin_pictures"]) == (303, "1")
    assert "HttpOnly" in on.headers["set-cookie"]
    done = await page(site, on.headers["location"], cookies=ON)
    assert "Đang bật" in done.text
    off = await site.client.post("/tai-khoan", data={**form, "anh": ""}, cookies=cookies, headers=here)
    assert "Max-Age=0" in off.headers["set-cookie"]
    stranger = {"origin": "https://evil.example"}
    assert (
        await site.client.post("/tai-khoan", data=form, cookies=cookies, headers=stranger)
    ).status_code == 403
