"""Logging in by name and password, over HTTP as browsers and feed readers do it; foreign names of the host."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.desk import accounts, log, passwords, sessions
from archive.desk.db import open_desk
from archive.home import Home
from archive.i18n import Words
from archive.web.access import Access
from archive.web.password_check import MOST_WRONG, WAIT
from tests import web_sample
from tests.login_sample import (
    HERE,
    OWN,
    SHARED,
    Clock,
    browser,
    enter,
    logged_in,
    make_home,
    send,
    serving,
    with_accounts,
)
from tests.web_sample import NOW, words

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return with_accounts(make_home(tmp_path))


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with serving(home) as datasette:
        yield datasette


def entries(home: Home) -> list[tuple[str, str]]:
    with closing(open_desk(home.desk_db)) as desk:
        return [(one.by, Words("vi").reason(one.what)) for one in log.entries(desk)]


async def test_name_and_password_open_the_archive_logging_out_closes_it(site: Datasette, home: Home) -> None:
    welcome = await enter(site, "lan", OWN)
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
    cookie = welcome.headers["set-cookie"]
    assert cookie.startswith("diemtin_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    async with logged_in(site) as client:
        page = await client.get("/")
        assert ">Lan</a>" in page.text
        old = dict(client.cookies)
        assert (await send(client, "/dang-xuat")).headers["location"] == "/dang-nhap"
        assert (await client.get("/")).status_code == 302
        client.cookies.set("diemtin_session", old["diemtin_session"])  # a copy of it is worth nothing
        assert (await client.get("/")).status_code == 302
    assert ("Lan", "đăng nhập từ 127.0.0.1") in entries(home)


@pytest.mark.parametrize(
    ("name", "password"),
    [("Lan", "sai"), ("", OWN), ("Không Ai", OWN), ("Lan", ""), ("Lan\x00", OWN),
     ("'; drop table users; --", OWN),
     ("<script>alert(1)</script>", OWN), ("L" * 5000, OWN), ("\u202e", OWN), ("Lan", "\ud7ff" * 900)],
)  # fmt: skip
async def test_a_wrong_name_or_password_is_one_sentence_and_the_name_stays(
    site: Datasette, name: str, password: str
) -> None:
    answer = await enter(site, name, password)
    assert answer.status_code == 403
    assert "Tên hoặc mật khẩu không đúng" in words(answer)
    assert html.escape(name[:200].strip(), quote=False).partition("'")[0] in answer.text
    assert "<script>alert" not in answer.text
    assert "set-cookie" not in {key for key in answer.headers if "session" in answer.headers[key]}


@pytest.mark.parametrize(("length", "status"), [(100_000, 400), (3_000_000, 413)])
async def test_a_password_of_100000_characters_is_refused_at_once(
    site: Datasette, length: int, status: int
) -> None:
    answer = await enter(site, "Lan", "x" * length)
    assert answer.status_code == status
    assert ("Tên hoặc mật khẩu không đúng" in words(answer)) == (status == 400)


async def test_login_forms_of_other_sites_are_not_taken(site: Datasette) -> None:
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
                    {"origin": "http://localhost", "sec-fetch-site": "same-site"}):  # fmt: skip
        async with browser(site) as client:
            data = {"name": "Lan", "password": OWN}
            answer = await client.post("/dang-nhap", data=data, headers=headers)
            assert answer.status_code in (401, 403)
            assert "diemtin_session" not in client.cookies


async def test_the_shared_password_goes_on_as_a_readers(home: Home) -> None:
    async with serving(home, Access(SHARED)) as site:
        page = await site.client.get("/dang-nhap")
        assert "để trống tên" in words(page)
        assert (await enter(site, "Lan", SHARED)).status_code == 403
        async with browser(site) as client:
            await client.post("/dang-nhap", data={"name": "", "password": SHARED}, headers=HERE)
            assert (await client.get("/da-loai")).status_code == 200
            assert (await send(client, "/da-loai")).status_code == 403
            form = await client.get("/dang-nhap")  # an account may be used after all
            assert 'name="name"' in form.text
            data = {"name": "Lan", "password": OWN}
            assert (await client.post("/dang-nhap", data=data, headers=HERE)).status_code == 303
            assert "«Lan», quyền biên tập" in words(await client.get("/tai-khoan"))
        assert (await site.client.get("/tim.atom?q=x", auth=("ai", SHARED))).status_code == 200


async def test_feed_readers_come_with_name_and_password(site: Datasette, home: Home) -> None:
    ask = site.client.get
    for name in ("Lan", "lan", "LAN"):
        assert (await ask("/tim.atom?q=cau", auth=(name, OWN))).status_code == 200
    for name, password in (("Lan", "sai"), ("ai", OWN), ("", OWN), ("", "")):
        refused = await ask("/tim.atom?q=cau", auth=(name, password))
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
    with closing(open_desk(home.desk_db)) as desk:
        accounts.set_password(desk, "Lan", "một mật khẩu khác", by="", now=NOW)
    assert (await ask("/tim.atom?q=cau", auth=("Lan", OWN))).status_code == 401  # though found right before
    assert (await ask("/tim.atom?q=cau", auth=("Lan", "một mật khẩu khác"))).status_code == 200


async def test_a_feed_reader_is_hashed_once(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await site.client.get("/tim.atom", auth=("Lan", OWN))).status_code == 200
    monkeypatch.setattr(passwords, "_derive", None)  # would fail
    for _ in range(3):
        assert (await site.client.get("/tim.atom", auth=("Lan", OWN))).status_code == 200


async def test_the_shared_password_is_never_hashed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_derive", None)  # would fail
    async with serving(home, Access(SHARED)) as site:
        for name in ("", "ai", "trình đọc tin"):
            assert (await site.client.get("/tim.atom", auth=(name, SHARED))).status_code == 200


async def test_a_flood_of_logins_is_not_queued_without_end(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.web.password_check._MOST_WAITING", 3)
    guesses = [enter(site, f"Ai {at}", "sai", f"192.0.2.{at}") for at in range(20)]
    statuses = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert set(statuses) == {403, 429}
    assert (await enter(site, "Lan", OWN)).status_code == 303


async def test_behind_a_proxy_that_changes_the_host_browsers_say_it_is_our_page(site: Datasette) -> None:
    data, origin = {"name": "Lan", "password": OWN}, "https://tin.so.example"
    taken = {}
    for site_said in ("same-origin", "same-site", "none", "cross-site"):
        async with browser(site) as client:
            headers = {"origin": origin, "sec-fetch-site": site_said}
            taken[site_said] = (await client.post("/dang-nhap", data=data, headers=headers)).status_code == 303
    assert taken == {"same-origin": True, "same-site": False, "none": False, "cross-site": False}


async def test_wrong_passwords_slow_the_address_down(home: Home) -> None:
    clock = Clock()
    async with serving(home, clock=clock) as site:
        for at in range(MOST_WRONG):
            assert (await enter(site, f"Ai {at}", OWN, "192.0.2.7")).status_code == 403
        refused = await enter(site, "Lan", OWN, "192.0.2.7")
        assert refused.status_code == 429
        assert "Chờ 15 phút" in words(refused)
        assert (await enter(site, "Lan", OWN, "192.0.2.8")).status_code == 303
        clock.now = NOW - timedelta(days=400)  # set back: nobody waits for a year
        assert (await enter(site, "Lan", OWN, "192.0.2.7")).status_code == 303
        clock.now = NOW + WAIT
        assert (await enter(site, "Lan", OWN, "192.0.2.7")).status_code == 303


async def test_wrong_passwords_slow_the_name_down_but_not_its_owner(home: Home) -> None:
    async with serving(home) as site:
        assert (await enter(site, "Lan", OWN, "192.0.2.9")).status_code == 303
        for at in range(MOST_WRONG):
            assert (await enter(site, "LAN", "sai", f"198.51.100.{at}")).status_code == 403
        assert (await enter(site, "Lan", OWN, "198.51.100.77")).status_code == 429
        assert (await enter(site, "Quản Trị", OWN, "198.51.100.77")).status_code == 303
        assert (await enter(site, "Lan", OWN, "192.0.2.9")).status_code == 303  # logged in there already
    slowed = [one for one in entries(home) if "phải chờ" in one[1]]
    assert slowed == [("Lan", "gõ sai mật khẩu nhiều lần, lần cuối từ 198.51.100.9; phải chờ 15 phút")]


async def test_names_that_do_not_exist_are_slowed_too(site: Datasette) -> None:
    for at in range(MOST_WRONG):
        assert (await enter(site, "Không Ai", "sai", f"198.51.100.{at}")).status_code == 403
    assert (await enter(site, "không ai", "sai", "192.0.2.1")).status_code == 429


async def test_many_guesses_at_once_are_not_looked_at_at_once(site: Datasette) -> None:
    async with browser(site, "192.0.2.7") as client:
        results = list[int]()

        async def guess(at: int) -> None:
            data = {"name": f"Ai {at}", "password": "sai"}
            results.append((await client.post("/dang-nhap", data=data, headers=HERE)).status_code)

        await asyncio.gather(*(guess(at) for at in range(40)))
    assert results.count(403) == MOST_WRONG
    assert results.count(429) == 40 - MOST_WRONG


async def test_as_soon_as_there_is_an_account_everyone_logs_in(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with serving(home) as site:
        page = await site.client.get("/tai-khoan")
        assert "chưa có tài khoản nào" in words(page)
        with closing(open_desk(home.desk_db)) as desk:
            accounts.add(desk, "Lan", "admin", OWN, by="", now=NOW)
            assert (await site.client.get("/")).status_code == 302
            assert (await site.client.get("/archive.json")).status_code == 401
            accounts.remove(desk, "Lan", by="", now=NOW)
        assert (await site.client.get("/")).status_code == 200
    async with serving(home, Access(elsewhere="0.0.0.0")) as site:  # noqa: S104 - the last account is gone
        assert (await site.client.get("/")).status_code == 302
        assert "diemtin users add" in words(await site.client.get("/dang-nhap"))


async def test_a_desk_put_back_from_a_copy_is_the_one_that_counts(site: Datasette, home: Home) -> None:
    async with logged_in(site) as client:
        copy = home.path / "copy.db"
        with closing(open_desk(home.desk_db)) as desk:
            desk.execute("vacuum into ?", [str(copy)])
            accounts.remove(desk, "Lan", by="", now=NOW)
        assert (await client.get("/")).status_code == 302
        for suffix in ("", "-wal", "-shm"):
            Path(f"{home.desk_db}{suffix}").unlink(missing_ok=True)
        copy.rename(home.desk_db)
        assert (await client.get("/")).status_code == 200


async def test_own_password_is_changed_and_other_browsers_have_to_log_in_anew(site: Datasette) -> None:
    async with logged_in(site) as here, logged_in(site) as there:
        fields = {
            "viec": "mat-khau",
            "mat-khau-cu": OWN,
            "mat-khau-moi": "mới và dài",
            "mat-khau-lai": "mới và dài",
        }
        for name, value, sentence in [
            ("mat-khau-cu", "sai", "Mật khẩu đang dùng không đúng"),
            ("mat-khau-lai", "khác", "Hai lần gõ mật khẩu mới khác nhau"),
            ("mat-khau-cu", "x" * 100_000, "Mật khẩu đang dùng không đúng"),
        ]:
            answer = await send(here, "/tai-khoan", **{**fields, name: value})
            assert answer.status_code == 400
            assert sentence in words(answer)
        for short in ("", "ngắn"):
            answer = await send(here, "/tai-khoan", **{**fields, "mat-khau-moi": short, "mat-khau-lai": short})
            assert "ít nhất 8 ký tự" in words(answer)
        done = await send(here, "/tai-khoan", **fields)
        assert done.headers["location"] == "/tai-khoan?xong=mat-khau"
        assert "Đã đổi mật khẩu" in words(await here.get(done.headers["location"]))
        assert (await there.get("/")).status_code == 302
    assert (await enter(site, "Lan", OWN)).status_code == 403
    assert (await enter(site, "Lan", "mới và dài")).status_code == 303


async def test_sessions_are_listed_and_ended_and_only_ones_own(site: Datasette, home: Home) -> None:
    async with logged_in(site) as here, logged_in(site) as there, logged_in(site, "Quản Trị") as admin:
        page = await here.get("/tai-khoan")
        other = re.findall(r'name="phien" value="([0-9a-f]{64})"', page.text)
        assert len(other) == 1
        for of_another in (sessions.session_id(admin.cookies["diemtin_session"]), "x", ""):
            if of_another:
                await send(here, "/tai-khoan", phien=of_another)
        assert (await admin.get("/")).status_code == 200
        assert (await send(here, "/tai-khoan", phien=other[0])).status_code == 303
        assert (await there.get("/")).status_code == 302
    async with logged_in(site) as here, logged_in(site) as there:
        await send(here, "/tai-khoan")
        assert [(await one.get("/")).status_code for one in (here, there)] == [200, 302]


async def test_a_removed_person_is_out_and_what_was_typed_is_not_lost(site: Datasette, home: Home) -> None:
    async with logged_in(site) as client:
        page = await client.get("/tai-khoan")
        token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
        assert token
        with closing(open_desk(home.desk_db)) as desk:
            accounts.remove(desk, "Lan", by="Quản Trị", now=NOW)
        assert (await client.get("/")).status_code == 302
        typed = "Đề nghị Sở <b>Công Thương</b> trả lời\ntrước 30/11"
        data = {"csrftoken": token[1], "dia-chi": typed, "mat-khau-cu": "bí mật của Lan", "password": "bí mật"}
        kept = await client.post("/da-loai", data=data, headers=HERE)
        assert kept.status_code == 403
        assert "Phiên đăng nhập đã kết thúc" in words(kept)
        assert html.escape(typed) in kept.text
        assert "bí mật" not in kept.text
        script = {**HERE, "accept": "application/json", "sec-fetch-dest": "empty"}
        answer = await client.post("/da-loai", data=data, headers=script)
        assert (answer.status_code, answer.json()["login"]) == (403, "/dang-nhap")
        assert "www-authenticate" not in answer.headers
        assert (await client.get("/tim.atom", headers={"sec-fetch-dest": "empty"})).status_code == 403


async def test_a_form_held_open_is_shown_again_with_what_was_typed(home: Home) -> None:
    async with serving(home) as site, logged_in(site) as client:
        page = await client.get("/tai-khoan")
        token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
        assert token
        cookies = dict(client.cookies)
    async with serving(home) as site, browser(site) as client:  # restarted: forms and sessions live on
        client.cookies.update(cookies)
        data = {"csrftoken": token[1], "dia-chi": "https://trungdu.example/ngan" + "x" * 40}
        assert (await client.post("/da-loai", data=data, headers=HERE)).status_code in (303, 400, 404)
        del client.cookies["ds_csrftoken"]  # the browser was closed meanwhile
        again = await client.post("/da-loai", data=data, headers=HERE)
        assert again.status_code == 403
        assert data["dia-chi"] in again.text
        assert "mở quá lâu" in words(again)
        fresh = re.search(r'name="csrftoken" value="([^"]+)"', again.text)
        assert fresh
        data["csrftoken"] = fresh[1]
        assert (await client.post("/da-loai", data=data, headers=HERE)).status_code in (303, 400, 404)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"csrftoken=%C3%A9", b"csrftoken=\xc3\xa9", b"csrftoken", b"=&" * 5000],
)
async def test_odd_forms_are_no_fault(site: Datasette, body: bytes) -> None:
    async with logged_in(site) as client:
        await client.get("/tai-khoan")
        headers = {**HERE, "content-type": "application/x-www-form-urlencoded"}
        for path in ("/tai-khoan", "/da-loai"):
            assert (await client.post(path, content=body, headers=headers)).status_code == 403
        multipart = {**HERE, "content-type": "multipart/form-data; boundary=x"}
        assert (await client.post("/tai-khoan", content=body, headers=multipart)).status_code == 403


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_pages_speak_both_languages(site: Datasette, language: str) -> None:
    async with logged_in(site) as client:
        client.cookies.set("diemtin_lang", language)
        page = words(await client.get("/tai-khoan"))
        assert ("this browser" in page) == (language == "en")
        assert ("máy này" in page) == (language == "vi")
        assert ("Change the password" in page) == (language == "en")
        assert "account." not in page
