"""Every address of ours, asked for by every role with every method, beside what is expected of it."""

import re
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from archive.db import reading
from archive.desk import accounts, passwords, sessions
from archive.desk.accounts import ROLES, Role, User
from archive.desk.db import open_desk
from archive.home import Home
from archive.web import PAGES, register_routes
from archive.web.access import Access
from archive.web.app import build
from archive.web.auth import SESSION_COOKIE
from tests import web_sample
from tests.web_sample import NOW

pytestmark = pytest.mark.timeless

PASSWORD = "chè xanh Đồi 2026"
ANYONE: Role = ""
# Address, the role that sees it (None: nothing to see), the role that may send its form (None: no form).
EXPECTED: list[tuple[str, Role | None, Role | None]] = [
    ("/", ANYONE, None),
    ("/tim", ANYONE, None),
    ("/tim.atom", ANYONE, None),
    ("/tim.csv", ANYONE, None),
    ("/tim/so-sanh", ANYONE, None),
    ("/tim/goi-y", ANYONE, None),
    ("/tim/da-luu", "reader", "reader"),
    ("/tro-giup", ANYONE, None),
    ("/bai/1", ANYONE, None),
    ("/so-lieu", "reader", None),
    ("/so-lieu/iip", "reader", None),
    ("/so-lieu/iip.csv", "reader", None),
    ("/bao-cao", "reader", None),
    ("/bao-cao/bai", "reader", None),
    ("/bao-cao/tep", "reader", None),
    ("/tim.json", ANYONE, None),
    ("/tim/theo-ky.json", ANYONE, None),
    ("/bai/1.json", ANYONE, None),
    ("/bai/1/su-kien.json", ANYONE, None),
    ("/so-lieu.json", "reader", None),
    ("/so-lieu/iip.json", "reader", None),
    ("/van-ban.json", ANYONE, None),
    ("/nguon.json", ANYONE, None),
    ("/chu-de.json", ANYONE, None),
    ("/-/openapi.json", ANYONE, None),
    ("/su-kien", None, "editor"),
    ("/sua-go", "reader", None),
    ("/sua-go.atom", "reader", None),
    ("/sua-go.csv", "reader", None),
    ("/nguon", ANYONE, None),
    ("/ban-tin", ANYONE, None),
    ("/ban-tin/sang.atom", ANYONE, None),
    ("/ban-tin/7", ANYONE, None),
    ("/ban-tin/7/noi-dung", ANYONE, None),
    ("/ban-tin/7/tep/html", ANYONE, None),
    ("/chu-de", ANYONE, None),
    ("/chu-de/cong-nghiep", ANYONE, None),
    ("/van-ban", ANYONE, None),
    ("/tai-khoan", "reader", "reader"),
    ("/-/metrics", "reader", None),
    ("/da-loai", "reader", "editor"),
    ("/bai/1/ban-luu", "reader", None),
    ("/bai/1/ban-luu/1/trang", "reader", None),
    ("/bai/1/bang-chung", "reader", "reader"),
    ("/ban", "reader", None),
    ("/ban/xem-truoc", "reader", None),
    ("/ban/tin", None, "reader"),  # what is read alone, the rest is an editor's
    ("/ban/da-xem", None, "reader"),
    ("/ban/hoan-tac", None, "editor"),
    ("/ban/gui-thu", None, "editor"),
    ("/ban/duyet", None, "editor"),
    ("/ban/dinh-chinh", None, "editor"),
    ("/ban/dua-lai", None, "editor"),
    ("/phan-hoi", "reader", None),
    ("/phan-hoi.csv", "reader", None),
    ("/phan-hoi/moi", "editor", "editor"),
    ("/phan-hoi/1", "reader", "editor"),
    ("/yeu-cau-go", "editor", "editor"),
    ("/truong-hop", "editor", "editor"),
    ("/chu-de/fdi/thu", "admin", "admin"),
    ("/cai-dat", "admin", None),
    ("/cai-dat/chung", "admin", "admin"),
    ("/cai-dat/ban-tin", "admin", "admin"),
    ("/cai-dat/ban-tin/hang-ngay", "admin", "admin"),
    ("/cai-dat/ban-tin/hang-ngay/noi-nhan/1", "admin", "admin"),
    ("/cai-dat/quy-tac", "admin", "admin"),
    ("/cai-dat/chu-de", "admin", None),
    ("/cai-dat/chu-de/fdi", "admin", "admin"),
    ("/cai-dat/nguon", "admin", "admin"),
    ("/cai-dat/nguon/trang-thai", None, "admin"),
    ("/cai-dat/nguon/viec/0123456789abcdef", "admin", "admin"),
    ("/cai-dat/nguoi-dung", "admin", "admin"),
    ("/cai-dat/nguoi-dung/sua", "admin", "admin"),
    ("/cai-dat/nhat-ky", "admin", None),
]
LOGIN = ("/dang-nhap", "/dang-xuat")  # for everybody; tested in test_web_login.py
CALLERS = ("nobody", "shared", *ROLES)
LOOKING = ("GET", "HEAD")
UNUSED = ("PUT", "DELETE", "PATCH", "OPTIONS")
TABLES = ("users", "choices", "notes", "approvals", "reminders", "log", "register", "searches", "removals")
NAMES = {"reader": "Đọc", "editor": "Biên Tập", "admin": "Quản Trị"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("roles"))
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COSTS", (16, 8, 1))
        with closing(open_desk(home.desk_db)) as desk:
            for role in reversed(ROLES):
                accounts.add(desk, NAMES[role], role, PASSWORD, by="", now=NOW)
    return home


@pytest.fixture(scope="module")
def cookies(home: Home) -> dict[str, dict[str, str]]:
    """What each role's browser sends; a session each."""
    with closing(open_desk(home.desk_db)) as desk:
        return {
            role: {SESSION_COOKIE: sessions.open_session(desk, User(NAMES[role], role), address="", now=NOW)}
            for role in ROLES
        } | {"nobody": {}}


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(PASSWORD))) as datasette:
        yield datasette


class Browser:
    """One caller's browser: its cookies, and the token that forms carry."""

    def __init__(self, site: Datasette, cookies: dict[str, str]) -> None:
        self.site, self.cookies = site, cookies
        token = site.sign("x", "csrftoken")
        self.own = {"cookies": {**cookies, "ds_csrftoken": token}, "headers": {"origin": "http://localhost"}}
        self.token = token

    async def ask(self, method: str, path: str) -> httpx.Response:
        answer: httpx.Response = await self.site.client.request(method, path, cookies=self.cookies)
        return answer

    async def send(
        self, path: str, token: str | None = None, origin: str = "http://localhost", **fields: str
    ) -> httpx.Response:
        token = self.token if token is None else token
        data = {"csrftoken": token, "viec": "", "dia-chi": "xin chào", **fields}
        given = {**self.own, "headers": {"origin": origin}}
        answer: httpx.Response = await self.site.client.post(path, data=data, **given)
        return answer


async def browser(site: Datasette, cookies: dict[str, dict[str, str]], caller: str) -> Browser:
    if caller == "shared":
        welcome = await site.client.post("/dang-nhap", data={"name": "", "password": PASSWORD})
        return Browser(site, {"diemtin_reader": welcome.cookies["diemtin_reader"]})
    return Browser(site, cookies[caller])


def role_of(caller: str) -> Role:
    return {"nobody": "", "shared": "reader"}.get(caller, caller)  # type: ignore[return-value]


def may(caller: str, role: Role) -> bool:
    """Whether the caller is expected to be let in; with accounts even what is public needs a role."""
    return bool(role_of(caller)) and User("", role_of(caller)).may(role)


def test_every_route_stands_in_the_table_with_its_roles() -> None:
    patterns = [pattern for pattern, _ in register_routes()]
    rows = {path: [one for one in patterns if re.match(one, path)] for path, _, _ in EXPECTED}
    assert all(len(found) == 1 for found in rows.values()), rows
    walked = {found[0] for found in rows.values()}
    missing = [one for one in patterns if one not in walked and not any(re.match(one, path) for path in LOGIN)]
    assert not missing, f"who may look at {missing}, and who may send? Write it into EXPECTED"
    expected = {rows[path][0]: (looks, sends) for path, looks, sends in EXPECTED}
    assert {page.pattern: (page.looks, page.sends) for page in PAGES} == expected


@pytest.mark.parametrize("caller", CALLERS)
async def test_who_may_look(site: Datasette, cookies: dict[str, dict[str, str]], caller: str) -> None:
    asking = await browser(site, cookies, caller)
    for path, looks, _ in EXPECTED:
        for method in LOOKING:
            answer = await asking.ask(method, path)
            where = (method, path, answer.status_code)
            if caller == "nobody":
                assert answer.status_code == 302 if method == "GET" and "." not in path else 401, where
            elif looks is None:
                assert answer.status_code == 405, where
            elif may(caller, looks):
                assert answer.status_code in (200, 302, 303, 404), where
                assert "/dang-nhap" not in answer.headers.get("location", ""), where
            else:
                assert answer.status_code == 403, where
        for method in UNUSED:
            answer = await asking.ask(method, path)
            assert answer.status_code == (401 if caller == "nobody" else 405), (method, path)


@pytest.mark.parametrize("caller", CALLERS)
async def test_who_may_send(
    home: Home, site: Datasette, cookies: dict[str, dict[str, str]], caller: str
) -> None:
    asking = await browser(site, cookies, caller)
    before = dump(home)
    for path, _, sends in EXPECTED:
        wanted = 405 if sends is None else 403
        for refused in (await asking.send(path, token=""), await asking.send(path, token="x")):
            assert refused.status_code == wanted, path
        foreign = await asking.send(path, origin="http://evil.example")
        assert foreign.status_code == (401 if caller == "nobody" else wanted), path
        assert (await asking.send(path, origin="null")).status_code == foreign.status_code, path
        answer = await asking.send(path)
        if sends is None or not may(caller, sends):
            assert answer.status_code == wanted, path
        elif not (path == "/ban/tin" and role_of(caller) == "reader"):
            assert answer.status_code not in (401, 403, 405, 500), (path, answer.status_code)
    assert dump(home) == before  # those forms said nothing


@pytest.mark.parametrize("caller", ["shared", "reader"])
async def test_a_reader_decides_nothing(
    home: Home, site: Datasette, cookies: dict[str, dict[str, str]], caller: str
) -> None:
    asking, before = await browser(site, cookies, caller), dump(home)
    for what in (
        "chon",
        "bo",
        "de-lai",
        "noi-bat",
        "khong-lien-quan",
        "tone-good",
        "len",
        "xuong",
        "sua",
        "tach",
    ):
        given = {"ban": "hang-ngay", "cua-so": "", "nhan-xet": "Của người đọc", "tit": "Khác"}
        for article in (1, 4):
            answer = await asking.send("/ban/tin", **given, viec=f"{article}.0.0.{what}")
            assert answer.status_code == 403, what
            assert "quyền biên tập" in answer.text
    assert dump(home) == before


def dump(home: Home) -> str:
    """What desk.db holds of decisions, accounts and the log."""
    with reading(home.desk_db) as desk:
        return "\n".join(str(list(desk.execute(f"select * from {table}"))) for table in TABLES)


async def test_in_public_nothing_of_the_desk_is_there(home: Home, cookies: dict[str, dict[str, str]]) -> None:
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as site:
        asking = Browser(site, cookies["admin"])  # whatever cookie it has
        for path, looks, _ in EXPECTED:
            answer = await asking.ask("GET", path)
            unreadable = path.endswith(("/noi-dung", "/html"))  # the sample's edition cannot be read
            known = (200, 404) if unreadable else (200,)
            assert answer.status_code in (known if looks == ANYONE else (404,)), path
            assert '/ban"' not in answer.text
            assert "/tai-khoan" not in answer.text
            assert (await asking.send(path)).status_code == (405 if looks == ANYONE else 404), path
        assert (await asking.ask("GET", "/dang-nhap")).headers["location"] == "/"


async def test_without_accounts_and_password_this_machine_may_everything(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        asking = Browser(site, {})
        for path, looks, sends in EXPECTED:
            if looks is not None:
                assert (await asking.ask("GET", path)).status_code in (200, 404), path
            if sends is not None:
                assert (await asking.send(path)).status_code not in (401, 403, 405, 500), path
                assert (await asking.send(path, origin="http://evil.example")).status_code == 403, path


@pytest.mark.parametrize(
    "given",
    [
        {"headers": {"x-forwarded-for": "192.0.2.7"}, "client": "192.0.2.7"},
        {"headers": {"via": "1.1 cua"}, "client": "127.0.0.1"},
    ],
)
async def test_through_a_server_in_between_nobody_is_this_machine(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        transport, token = (
            httpx.ASGITransport(site.app(), client=(given["client"], 5)),
            site.sign("x", "csrftoken"),
        )
        origin = f"http://{given['headers'].get('host', 'localhost')}"
        headers = {**given["headers"], "origin": origin, "cookie": f"ds_csrftoken={token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        ) as client:
            for path, looks, sends in EXPECTED:
                if looks in ("", "reader"):
                    assert (await client.get(path)).status_code in (200, 404), path
                if sends == "editor":
                    sent = await client.post(path, data={"csrftoken": token})
                    assert sent.status_code == 403, path
                    assert "quyền biên tập" in sent.text
