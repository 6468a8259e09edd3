"""A home with two accounts, served, and browsers that log in to it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

import httpx
from datasette.app import Datasette

from archive.desk import accounts
from archive.desk.db import open_desk
from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.web_sample import NOW

SHARED = "mật khẩu chung của kho"
OWN = "chè xanh Đồi 2026"
HERE = {"origin": "http://localhost"}


def make_home(folder: Path) -> Home:
    """The sample archive."""
    home = Home.at(folder)
    web_sample.fill(home.archive_db)
    return home


def with_accounts(home: Home) -> Home:
    """The same with an admin and an editor."""
    with closing(open_desk(home.desk_db)) as desk:
        accounts.add(desk, "Quản Trị", "admin", OWN, by="", now=NOW)
        accounts.add(desk, "Lan", "editor", OWN, email="lan@so.example", by="", now=NOW)
    return home


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def serving(
    home: Home, access: Access | None = None, clock: Clock | None = None
) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=clock or (lambda: NOW), access=access)) as datasette:
        yield datasette


async def enter(site: Datasette, name: str, password: str, address: str = "127.0.0.1") -> httpx.Response:
    """The login form as a browser sends it, from an address."""
    async with browser(site, address) as client:
        return await client.post("/dang-nhap", data={"name": name, "password": password}, headers=HERE)


@asynccontextmanager
async def browser(site: Datasette, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A browser with cookies of its own."""
    transport = httpx.ASGITransport(site.app(), client=(address, 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@asynccontextmanager
async def logged_in(
    site: Datasette, name: str = "Lan", password: str = OWN
) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(site) as client:
        answer = await client.post("/dang-nhap", data={"name": name, "password": password}, headers=HERE)
        assert answer.status_code == 303, answer.text
        yield client


async def send(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """A form of ours, with the token of its page."""
    page = await client.get("/tai-khoan")
    token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
    data = {"csrftoken": token[1] if token else "", **fields}
    return await client.post(path, data=data, headers=HERE)
