"""What a copy of a cookie opens, who counts as one where passwords are guessed, which proxies are believed."""

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from archive.config import ConfigError
from archive.desk import accounts
from archive.desk.db import open_desk
from archive.home import Home
from archive.web.access import Access
from archive.web.password_check import MOST_WRONG
from archive.web.proxies import is_proxy, load_web
from crawler.service.server import build_server
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
from tests.web_sample import NOW

pytestmark = [pytest.mark.timeless, pytest.mark.usefixtures("cheap_passwords")]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path)


async def shared_login(client: httpx.AsyncClient) -> str:
    answer = await client.post("/dang-nhap", data={"password": SHARED}, headers=HERE)
    assert answer.status_code == 303
    return str(client.cookies["diemtin_reader"])


async def test_a_copy_of_the_shared_cookie_opens_nothing_after_logging_out(home: Home) -> None:
    async with serving(home, Access(SHARED)) as site, browser(site) as client, browser(site) as other:
        copied, others = await shared_login(client), await shared_login(other)
        assert copied != others
        page = await client.get("/bai/1")
        token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
        assert token
        await client.post("/dang-xuat", data={"csrftoken": token[1]}, headers=HERE)
        client.cookies.set("diemtin_reader", copied)
        assert (await client.get("/")).status_code == 302
        assert (await client.get("/tim.json?q=x")).status_code == 401
        assert (await other.get("/")).status_code == 200  # another browser stays
    async with serving(home, Access(SHARED)) as site, browser(site) as client:  # after a restart too
        client.cookies.set("diemtin_reader", copied)
        assert (await client.get("/")).status_code == 302


async def test_a_session_ends_with_its_time_its_password_and_its_account(home: Home) -> None:
    clock = Clock()
    with_accounts(home)
    async with serving(home, clock=clock) as site:
        async with logged_in(site) as client:
            clock.now = NOW + timedelta(days=31)
            assert (await client.get("/")).status_code == 302
        clock.now = NOW
        async with logged_in(site) as client:
            with closing(open_desk(home.desk_db)) as desk:
                accounts.remove(desk, "Lan", by="", now=NOW)
            assert (await client.get("/")).status_code == 302


async def test_a_session_given_beforehand_is_not_taken_over(home: Home) -> None:
    async with serving(with_accounts(home)) as site, browser(site) as client:
        client.cookies.set("diemtin_session", "chosen-by-another")
        answer = await client.post("/dang-nhap", data={"name": "Lan", "password": OWN}, headers=HERE)
        assert "chosen-by-another" not in answer.headers["set-cookie"]


async def test_behind_a_silent_proxy_one_guesser_keeps_nobody_else_waiting(home: Home) -> None:
    async with serving(with_accounts(home)) as site:
        for at in range(3 * MOST_WRONG):
            assert (await enter(site, f"Ai {at % 7 if at < 21 else at}", "sai")).status_code in (403, 429)
        for _ in range(MOST_WRONG):
            await enter(site, "Quản Trị", "sai")
        assert (await enter(site, "Quản Trị", OWN)).status_code == 429
        assert (await enter(site, "Lan", OWN)).status_code == 303
        async with logged_in(site) as client:
            assert (await send(client, "/tai-khoan", viec="anh", anh="0")).status_code == 303


@contextmanager
def on_a_port(home: Home) -> Iterator[int]:
    """The archive as ``diemtin serve`` serves it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = build_server(home, lambda: NOW, Access())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(20)


def post(port: int, name: str, password: str, **headers: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{port}"}
        sent = given | {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request("POST", "/dang-nhap", urlencode({"name": name, "password": password}), sent)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("set-cookie") or ""


def test_readers_behind_a_proxy_that_names_them_are_counted_one_by_one(home: Home) -> None:
    with on_a_port(with_accounts(home)) as port:
        for at in range(MOST_WRONG):
            assert post(port, f"Ai {at}", "sai", X_Forwarded_For="203.0.113.7")[0] == 403
        assert post(port, "Lan", OWN, X_Forwarded_For="203.0.113.7")[0] == 429
        # what the reader claims himself stands before what the proxy saw, and is not believed
        assert post(port, "Lan", OWN, X_Forwarded_For="198.51.100.1, 203.0.113.7")[0] == 429
        status, cookie = post(port, "Lan", OWN, X_Forwarded_For="203.0.113.8", X_Forwarded_Proto="https")
        assert status == 303
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "Secure" not in post(port, "Lan", OWN)[1]  # no HTTPS, or nobody could log in
    with closing(open_desk(home.desk_db)) as desk:
        addresses = {row[0] for row in desk.execute("select address from sessions")}
    assert addresses == {"203.0.113.8", "127.0.0.1"}


def test_proxies_are_addresses_or_networks(home: Home) -> None:
    assert is_proxy("127.0.0.1", home)
    assert is_proxy("::1", home)
    assert not is_proxy("192.0.2.1", home)
    assert not is_proxy("?", home)
    own = home.path / "config" / "web.yml"
    own.parent.mkdir()
    own.write_text("web: {proxies: [10.0.0.0/8]}\n")
    assert is_proxy("10.1.2.3", home)
    assert not is_proxy("127.0.0.1", home)
    own.write_text("web: {proxies: [caddy]}\n")
    with pytest.raises(ConfigError, match=r"web\.yml: web\.proxies: .*caddy"):
        load_web(own)
