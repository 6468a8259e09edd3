"""The page as it was fetched: found by date, vouched for by its hash, and able to do nothing."""

import hashlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.evidence.still import as_html
from archive.home import Home
from archive.pages import RawPage, keep, open_pages
from archive.web.app import build
from tests import web_sample
from tests.web_sample import RAW_PAGE


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Datasette]:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as datasette:
        yield datasette


async def test_an_article_leads_to_each_copy_kept_of_its_page(site: Datasette) -> None:
    article = (await site.client.get("/bai/1")).text
    assert article.count("Bản lưu ngày 21/11/2026") == 2
    newest = await site.client.get("/bai/1/ban-luu")
    older = await site.client.get("/bai/1/ban-luu/1")
    assert "Thứ Bảy, 21/11/2026 · 09:00" in newest.text
    assert hashlib.sha256(RAW_PAGE).hexdigest() in older.text
    assert hashlib.sha256(RAW_PAGE).hexdigest() not in newest.text
    assert 'src="/bai/1/ban-luu/1/trang"' in older.text
    assert " sandbox " in older.text


async def test_a_copy_may_do_nothing(site: Datasette) -> None:
    page = await site.client.get("/bai/1/ban-luu/1/trang")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "allow" not in policy
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert page.headers["x-dns-prefetch-control"] == "off"
    assert b"<link" not in page.content


@pytest.mark.parametrize(
    "path",
    ["/bai/2/ban-luu", "/bai/2/ban-luu/1", "/bai/2/ban-luu/1/trang", "/bai/1/ban-luu/99", "/bai/999/ban-luu"],
)
async def test_a_copy_belongs_to_its_article(site: Datasette, path: str) -> None:
    assert (await site.client.get(path)).status_code == 404


async def test_without_raw_pages_the_article_stands_alone(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    sqlite3.connect(home.pages_db).close()
    for _ in range(2):
        async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as datasette:
            page = await datasette.client.get("/bai/1")
        assert page.status_code == 200
        assert "Bản lưu" not in page.text
        home.pages_db.write_bytes(b"")


async def test_pages_of_one_address_are_told_apart_by_date(site: Datasette, tmp_path: Path) -> None:
    pages = open_pages(tmp_path / "pages.db")
    at = web_sample.NOW + timedelta(days=1)
    keep(pages, RawPage("https://trungdu.example/1", "trungdu", at, "", b"<p>mai</p>"))
    pages.close()
    assert "Bản lưu ngày 22/11/2026" in (await site.client.get("/bai/1")).text
    assert (await site.client.get("/bai/1/ban-luu/3/trang")).text == "<p>mai</p>"


@pytest.mark.parametrize(
    ("body", "claimed", "sent", "shown"),
    [
        ("<p>Đồi Chè</p>".encode(), "text/html; charset=iso-8859-1", "text/html; charset=utf-8", "Đồi Chè"),
        ("<p>Đồi Chè</p>".encode("utf-16"), "text/html", "text/html; charset=utf-8", "Đồi Chè"),
        ("<p>é</p>".encode("cp1252"), 'text/html; charset="windows-1252"', "text/html; charset=cp1252", "é"),
        ("<p>é</p>".encode("cp1252"), "text/html; charset=x\r\nset-cookie:a", "text/html", ""),
        (b"\xff", "application/pdf", "text/html", ""),
        (b"<LINK rel=preconnect href=//e.example><p>x", "", "text/html; charset=utf-8", "<basefont rel"),
    ],
)
def test_a_copy_is_sent_as_html_in_its_own_charset(body: bytes, claimed: str, sent: str, shown: str) -> None:
    given, content_type = as_html(body, claimed)
    assert content_type == sent
    assert shown in given.decode(content_type.partition("charset=")[2] or "latin-1")
