"""Topics and sources in forms: words, addresses, a rest, and a new outlet that is read before it is saved."""

import asyncio
import re

import httpx
import pytest
from datasette.app import Datasette

from archive.config_edit import open_config
from archive.digests.config import load_alerts
from archive.home import DEFAULTS, Home
from crawler.sources import home_sources
from tests.settings.forms import add_mail, filled, logged, send
from tests.tiny_site import TEXT, TinySite, article, feed, page
from tests.web_sample import words

pytestmark = pytest.mark.timeless


async def test_the_words_of_a_topic(site: Datasette, home: Home) -> None:
    path = "/cai-dat/chu-de/fdi"
    before = filled(await site.client.get(path), path)["words2"]
    assert "đứng hai lần" in words(await send(site, path, words2=f"{before}\nFDI"))
    answer = await send(site, path, words2=f"{before}\nnhà đầu tư Singapore")
    assert answer.status_code == 303, words(answer)
    block = open_config(home, "topics.yml").data["topics"]["fdi"]
    assert block["words"][2][-1] == "nhà đầu tư Singapore"
    text = (home.path / "config" / "topics.yml").read_text(encoding="utf-8")
    shipped = (DEFAULTS / "topics.yml").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line not in shipped.splitlines()]) <= 2
    assert "diemtin reprocess" in words(await site.client.get(answer.headers["location"]))


async def test_addresses_and_what_asks_for_them(site: Datasette, home: Home) -> None:
    assert "Chưa có địa chỉ liên hệ" in words(await site.client.get("/cai-dat"))
    assert "còn là máy này" not in words(await site.client.get("/cai-dat"))
    await add_mail(site)
    assert "còn là máy này" in words(await site.client.get("/cai-dat"))
    page = await site.client.get("/cai-dat/chung")
    forms = re.findall(r"<form\b.*?</form>", page.text.partition("<main")[2], re.DOTALL)
    cookies = {"ds_csrftoken": page.cookies["ds_csrftoken"]}

    async def save(number: int, **value: str) -> httpx.Response:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[number]))
        return await site.client.post("/cai-dat/chung", data=hidden | value, cookies=cookies)

    assert "«tin so» không phải địa chỉ; viết https://" in words(await save(0, archive_url="tin so"))
    assert (await save(0, archive_url="https://tin.so.gov.vn")).status_code == 303
    assert "«ai đó» không phải địa chỉ thư hay trang web." in words(await save(1, contact="ai đó"))
    assert (await save(1, contact="tin@so.gov.vn")).status_code == 303
    assert load_alerts(home.config("alerts.yml")).digest("hang-ngay").archive_url == "https://tin.so.gov.vn"
    assert home_sources(home).contact == "tin@so.gov.vn"
    page = await site.client.get("/cai-dat")
    assert "Đặt ngay" not in words(page)


async def test_a_source_rests_and_goes_on(site: Datasette, home: Home) -> None:
    for todo, crawled in (("dung", ["trungdu"]), ("tiep", ["trungdu", "songche"])):
        page = await site.client.get("/cai-dat/nguon")
        token = filled(page, "/cai-dat/nguon/trang-thai")["csrftoken"]
        answer = await site.client.post(
            "/cai-dat/nguon/trang-thai",
            data={"csrftoken": token, "nguon": "songche", "viec": todo},
            cookies={"ds_csrftoken": page.cookies["ds_csrftoken"]},
        )
        assert answer.status_code == 303
        assert [one.key for one in home_sources(home).named([])] == crawled
    assert logged(home)[1].startswith("set_source_paused")


PATHS = [f"/xuong-che-doi-mau-ban-hang-{number}.html" for number in range(187001, 187009)]

DECLARED = '<link rel="alternate" type="application/rss+xml" href="/rss/kinh-te.rss">'


async def test_a_source_is_read_before_it_is_saved(site: Datasette, home: Home) -> None:
    pages = dict.fromkeys(PATHS, article()) | {
        "/": page(dict.fromkeys(PATHS, "Xưởng chè Đồi Mẫu bán hàng bằng mã truy xuất"), DECLARED),
        "/rss/kinh-te.rss": feed(PATHS, title="Báo Thử - Kinh tế"),
        "/robots.txt": (200, "User-agent: *\nAllow: /\n", TEXT),
    }
    with TinySite(pages) as tiny:
        begun = await send(site, "/cai-dat/nguon", url=tiny.home, key="baothu")
        assert begun.status_code == 303, words(begun)
        visit = begun.headers["location"]
        found = await site.client.get(visit)
        while "Đang đọc" in words(found):
            await asyncio.sleep(0.05)
            found = await site.client.get(visit)
        assert "Xưởng chè Đồi Mẫu bán hàng bằng mã truy xuất" in words(found), words(found)
        assert "Xưởng có 37 hộ góp nguyên liệu" in words(found)
        assert not (home.path / "config" / "sources.d").exists()
        assert (await send(site, visit)).status_code == 303
        assert home_sources(home).by_key["baothu"].feeds == (f"{tiny.home}/rss/kinh-te.rss",)
        assert (home.path / "pages-golden" / "baothu" / "page.html.gz").exists()
        assert (await send(site, "/cai-dat/nguon", url=tiny.home)).status_code == 303
        checked = await check(site, "baothu")
    assert "bài, đọc được" in checked or "ổn" in checked.casefold() or "Cần xem" in checked, checked
    assert any(what.startswith("set_source_new") for what in logged(home))


async def check(site: Datasette, key: str) -> str:
    page = await site.client.get("/cai-dat/nguon")
    token = filled(page, "/cai-dat/nguon/trang-thai")["csrftoken"]
    answer = await site.client.post(
        "/cai-dat/nguon/trang-thai",
        data={"csrftoken": token, "nguon": key, "viec": "thu"},
        cookies={"ds_csrftoken": page.cookies["ds_csrftoken"]},
    )
    shown = await site.client.get(answer.headers["location"])
    while "Đang đọc" in words(shown):
        await asyncio.sleep(0.05)
        shown = await site.client.get(answer.headers["location"])
    return words(shown)


async def test_a_site_that_is_no_source_says_why_and_keeps_what_was_typed(site: Datasette, home: Home) -> None:
    assert "không phải địa chỉ trang web" in words(await send(site, "/cai-dat/nguon", url="báo nào đó"))
    with TinySite({"/": page({}), "/robots.txt": (200, "User-agent: *\nAllow: /\n", TEXT)}) as tiny:
        begun = await send(site, "/cai-dat/nguon", url=tiny.home, name="Báo Rỗng")
        found = await site.client.get(begun.headers["location"])
        while "Đang đọc" in words(found):
            await asyncio.sleep(0.05)
            found = await site.client.get(begun.headers["location"])
    assert "Chưa thành nguồn được:" in words(found)
    assert (filled(found, "/cai-dat/nguon")["url"], filled(found, "/cai-dat/nguon")["name"]) == (
        [tiny.home], ["Báo Rỗng"],
    )  # fmt: skip
    assert "Traceback" not in found.text
