"""The pages of cases and of trials: what is pressed is kept, and words are seen before they are saved."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from archive.cases import Case, CaseBook
from archive.clock import stamp
from archive.desk import accounts, passwords, sessions
from archive.desk.accounts import ROLES, User
from archive.desk.db import open_desk
from archive.home import Home
from archive.pages import RawPage, keep, open_pages
from archive.web.app import build
from archive.web.auth import SESSION_COOKIE
from crawler.asked.explain import Explainer
from crawler.onboarding.served import ServedCrawler
from tests import web_sample
from tests.web_sample import NOW, words

pytestmark = pytest.mark.timeless

REFUSED = "https://songche.example/vo-kich"
TEXT = "Vở kịch của đoàn Sông Chè lưu diễn ở Thái Nguyên. " * 6
SHORT = "https://trungdu.example/ngan"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    web_sample.fill_refused(home.pages_db)
    web_sample.write_sources(home)
    page = f"<html><body><article><h1>Đoàn kịch đến Thái Nguyên</h1><p>{TEXT}</p></article></body></html>"
    with closing(open_pages(home.pages_db)) as pages:
        keep(
            pages,
            RawPage(REFUSED, "songche", NOW - timedelta(days=1), "text/html; charset=utf-8", page.encode()),
        )
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    crawler, explain = ServedCrawler(home, lambda: NOW), Explainer(home, lambda: NOW)
    async with web_sample.running(build(home, now=lambda: NOW, explain=explain, crawling=crawler)) as datasette:
        yield datasette


async def send(site: Datasette, path: str, seen: str, **data: Any) -> httpx.Response:
    """A form of the page ``seen``, as a browser sends it."""
    page = await site.client.get(seen)
    token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
    assert token
    fields = {name.replace("_", "-"): value for name, value in data.items()} | {"csrftoken": token[1]}
    return await site.client.post(path, data=fields, cookies={"ds_csrftoken": token[1]})


def said(home: Home) -> list[tuple[str, str, str, bool]]:
    return [(one.url, one.verdict, one.why, one.open) for one in CaseBook.of(home).read()]


async def test_an_article_is_called_irrelevant_and_taken_back(site: Datasette, home: Home) -> None:
    answer = await send(site, "/truong-hop", "/bai/1", loai="khong-lien-quan", bai="1", vi_sao="why_advert")
    assert (answer.status_code, answer.headers["location"]) == (303, "/bai/1#truong-hop")
    case = CaseBook.of(home).read()[0]
    assert (case.verdict, case.why, case.text_in, case.url) == (
        "irrelevant", "why_advert", "archive", "https://trungdu.example/1",
    )  # fmt: skip
    page = await site.client.get("/bai/1")
    assert "không liên quan · quảng cáo" in words(page)
    await send(site, "/truong-hop", "/bai/1", viec="rut", ma=case.id, bai="1")
    assert [one[3] for one in said(home)] == [False]
    assert "Nói bài này xếp sai" in words(await site.client.get("/bai/1"))


async def test_a_refused_article_should_have_been_here(site: Datasette, home: Home) -> None:
    assert "lẽ ra phải có" in words(await site.client.get("/da-loai"))
    answer = await send(site, "/truong-hop", "/da-loai", loai="le-ra", dia_chi=SHORT)
    assert said(home) == [(SHORT, "missing", "", True)]
    page = words(await site.client.get(answer.headers["location"]))
    assert "Thái Nguyên vào hạ" in page
    assert "chưa rõ vì không có nội dung" in page
    assert "đã ghi «lẽ ra phải có»" in words(await site.client.get("/da-loai"))


async def test_todays_rules_judge_each_case(site: Datasette, home: Home) -> None:
    await send(site, "/truong-hop", "/truong-hop", loai="le-ra", dia_chi=REFUSED)
    await send(site, "/truong-hop", "/truong-hop", loai="khong-lien-quan", dia_chi=f"{REFUSED}?utm_source=zalo")
    assert [(one[1], one[3]) for one in said(home)] == [("missing", False), ("irrelevant", True)]
    factory = "Nhà máy linh kiện điện tử ở Phổ Yên, Thái Nguyên khởi công, tuyển 500 công nhân."
    await send(site, "/truong-hop", "/truong-hop", loai="khong-lien-quan", tieu_de="", noi_dung=factory)
    page = words(await site.client.get("/truong-hop"))
    assert "đúng 1" in page
    assert "sai 1" in page
    wrong = words(await site.client.get("/truong-hop?nay=sai"))
    assert factory in wrong
    assert "xếp là về tỉnh" in wrong
    assert "Đoàn kịch" not in wrong
    assert "1 trường hợp" in words(await site.client.get("/truong-hop?rut=1"))
    await send(site, "/truong-hop", "/truong-hop", loai="le-ra", dia_chi="https://bao-la.example/bai-nay")
    assert "manual" not in words(await site.client.get("/truong-hop"))


WRONG = {
    "nothing": ({"loai": "le-ra"}, "Cần một địa chỉ hoặc một nội dung"),
    "no address": ({"loai": "le-ra", "dia_chi": "javascript:alert(1)"}, "địa chỉ"),
    "this machine": ({"loai": "le-ra", "dia_chi": "http://127.0.0.1/a"}, "127.0.0.1"),
    "no verdict": ({"dia_chi": SHORT}, "Chọn"),
    "a reason of nowhere": ({"loai": "le-ra", "dia_chi": SHORT, "vi_sao": "<script>"}, "Chọn"),
    "a topic of nowhere": ({"loai": "le-ra", "dia_chi": SHORT, "chu_de": "fdl"}, "Chọn"),
    "too long": ({"loai": "le-ra", "noi_dung": "a" * 100_001}, "Dài quá"),
}


async def test_what_makes_no_case_is_said_and_nothing_typed_is_lost(site: Datasette, home: Home) -> None:
    for name, (given, hint) in WRONG.items():
        answer = await send(site, "/truong-hop", "/truong-hop", **given)
        assert answer.status_code == 400, name
        assert hint in words(answer), name
        assert html.escape(given.get("dia_chi", "")) in answer.text, name
    assert not CaseBook.of(home).path.exists()


async def test_hostile_words_stay_words(site: Datasette, home: Home) -> None:
    hostile = web_sample.HOSTILE
    CaseBook.of(home).record(
        Case(id="1", at=stamp(NOW), verdict="missing", url="javascript:alert(1)", title=hostile, by=hostile)
    )
    page = (await site.client.get("/truong-hop")).text
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page


async def test_lines_that_cannot_be_read_are_told(site: Datasette, home: Home) -> None:
    CaseBook.of(home).path.write_bytes(b"{\n")
    assert "1 dòng của cases.jsonl không đọc được (dòng 1)" in words(await site.client.get("/truong-hop"))


async def test_a_reader_sees_no_cases_and_an_editor_tries_no_words(
    site: Datasette, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COSTS", (16, 8, 1))
    cookies = {}
    with closing(open_desk(home.desk_db)) as desk:
        for role in reversed(ROLES):
            accounts.add(desk, f"Người {role}", role, "chè xanh Đồi 2026", by="", now=NOW)
            token = sessions.open_session(desk, User(f"Người {role}", role), address="", now=NOW)
            cookies[role] = {SESSION_COOKIE: token}
    assert (await site.client.get("/truong-hop", cookies=cookies["reader"])).status_code == 403
    assert "Trường hợp" not in words(await site.client.get("/bai/1", cookies=cookies["reader"]))
    assert (await site.client.get("/truong-hop", cookies=cookies["editor"])).status_code == 200
    assert (await site.client.get("/chu-de/fdi/thu", cookies=cookies["editor"])).status_code == 403
    assert "thử từ" not in words(await site.client.get("/chu-de", cookies=cookies["editor"]))


def fields_of(text: str, action: str) -> dict[str, str]:
    """The fields of the form that goes to an address, as a browser would send them."""
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'action="{action}"' in one)
    given = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    given |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL))
    return {name: html.unescape(value) for name, value in given.items()}


async def test_words_are_seen_before_they_are_saved(site: Datasette, home: Home) -> None:
    CaseBook.of(home).record(
        *(
            Case(id=str(n), at=stamp(NOW), verdict="missing", title="Thái Nguyên", body=TEXT, sha256=f"{n}")
            for n in range(2)
        )
    )
    page = await site.client.get("/chu-de/cong-nghiep/thu")
    assert "đoàn sông chè lưu diễn 2" in words(page)
    form = fields_of(page.text, "/chu-de/cong-nghiep/thu")
    form["words3"] += "\nlưu diễn\nvở kịch"
    token = {"ds_csrftoken": form["csrftoken"]}
    before = {path.name for path in home.path.rglob("*") if not path.name.endswith(("-shm", "-wal"))}
    tried = await site.client.post("/chu-de/cong-nghiep/thu", data=form, cookies=token)
    text = words(tried)
    assert tried.status_code == 200, text
    assert "2 thay đổi cùng lúc: được" in text
    assert "thêm từ «lưu diễn», 3 điểm" in text
    assert text.count("sửa đúng trường hợp Thái Nguyên") >= 2
    assert not (home.path / "config" / "topics.yml").exists()
    now = {path.name for path in home.path.rglob("*") if not path.name.endswith(("-shm", "-wal"))}
    assert now == before

    kept = fields_of(tried.text, "/cai-dat/chu-de/cong-nghiep")
    saved = await site.client.post("/cai-dat/chu-de/cong-nghiep", data=kept, cookies=token)
    assert saved.status_code == 303
    assert "lưu diễn" in (home.path / "config" / "topics.yml").read_text(encoding="utf-8")
    assert "đúng 2" in words(await site.client.get("/truong-hop"))


async def test_a_trial_of_nonsense_says_what_is_wrong(site: Datasette) -> None:
    page = await site.client.get("/chu-de/fdi/thu")
    form = fields_of(page.text, "/chu-de/fdi/thu") | {"weight": "nặng", "words1": "FDI\nvốn ngoại"}
    answer = await site.client.post("/chu-de/fdi/thu", data=form, cookies={"ds_csrftoken": form["csrftoken"]})
    assert answer.status_code == 400
    assert "nặng" in answer.text
    assert "Lưu những thay đổi này" not in words(answer)
    assert (await site.client.get("/chu-de/khong-co/thu")).status_code == 404


async def test_the_form_of_words_offers_to_try_first(site: Datasette) -> None:
    page = (await site.client.get("/cai-dat/chu-de/fdi")).text
    assert 'formaction="/chu-de/fdi/thu"' in page
    assert "/chu-de/cong-nghiep/thu" in (await site.client.get("/chu-de")).text
