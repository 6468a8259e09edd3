"""Who may read: nobody without the password where there is one, the public only excerpts."""

import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from archive.clock import stamp
from archive.config import ConfigError
from archive.digests.content import (
    Appearance,
    Content,
    Counts,
    EditionChange,
    EditionStory,
    Section,
    StoryFigure,
)
from archive.home import Home
from archive.pages import RawPage, keep, open_pages
from archive.schema import prepare
from archive.search.highlight import Marked
from archive.web import LOGIN, PAGES
from archive.web.access import Access
from archive.web.app import build
from archive.web.password_check import MOST_WRONG, WAIT
from tests import web_sample

PASSWORD = "chè xanh Đồi 2026"
SECRET = "zebulun"  # stands in the fifth sentence, in quotes, in versions, editions and the raw page
SENTENCES = "Câu một mở đầu. Câu hai nối tiếp. Câu ba dài hơn. Câu bốn cũng vậy. "
TOLD = f"{SENTENCES}Câu năm nói {SECRET} và 8.503 tỷ đồng."
OURS = [
    "/", "/tim", "/tim?q=cau+nam", "/tim?q=cau+nam&xep=dung", "/tim?nguon=trungdu", "/tim.atom?q=cau+nam",
    "/tim.csv?q=cau+nam", "/bai/1", "/bai/1?q=cau+nam", "/bai/2", "/bai/5", "/nguon", "/ban-tin",
    "/ban-tin/7", "/ban-tin/7/noi-dung", "/ban-tin/sang.atom", "/ban-tin/7/tep/docx", "/ban-tin/7/tep/html",
    "/ban-tin/7/tep/text", "/ban-tin/7/tep/pdf", "/chu-de", "/chu-de/cong-nghiep",
    "/van-ban", "/van-ban?so=52-KH/%C4%90C", "/dang-nhap", "/dang-xuat", "/bai/1/ban-luu",
    "/bai/1/ban-luu/1", "/bai/1/ban-luu/1/trang", "/bai/1/bang-chung", "/bai/999", "/nope", "/da-loai",
    "/tai-khoan", "/-/metrics",
    "/da-loai?dia-chi=https://trungdu.example/1", "/ban", "/ban?sua=1", "/ban/xem-truoc?ca=1",
    "/ban/xem-truoc?dang=thu", "/ban/tin", "/ban/hoan-tac", "/ban/da-xem", "/ban/gui-thu", "/ban/duyet",
    "/ban/dinh-chinh", "/ban/dua-lai",
    "/phan-hoi", "/phan-hoi?loc=qua-han", "/phan-hoi.csv", "/phan-hoi.xlsx", "/phan-hoi.docx",
    "/phan-hoi/moi?bai=1", "/phan-hoi/1", "/yeu-cau-go",
    "/so-lieu", "/so-lieu?tim=nam", "/so-lieu/iip", "/so-lieu/iip?noi=*&loai=actual", "/so-lieu/iip.csv",
    "/bao-cao", "/bao-cao?thang=2026-11&muc=all", "/bao-cao/bai?thang=2026-11&muc=all",
    "/bao-cao/bai?thang=2026-11&muc=all&theo=outlet&gia=trungdu&dem=edits",
    "/bao-cao/tep?thang=2026-11&dang=xlsx",
    "/sua-go", "/sua-go?so=1&nguon=trungdu", "/sua-go.atom", "/sua-go.csv",
    "/tim?q=%C4%91%C3%A3:s%E1%BB%ADa", "/tim?dau=chosen", "/tim?q=d%E1%BA%A5u:ch%E1%BB%8Dn",
    "/su-kien", "/bai/1?da=ruled", "/truong-hop", "/truong-hop?loai=le-ra", "/chu-de/fdi/thu",
    "/tim.json?q=cau+nam", "/tim.json", "/tim/theo-ky.json?q=cau+nam", "/bai/1.json", "/bai/2.json",
    "/bai/1/su-kien.json", "/so-lieu.json", "/so-lieu/iip.json", "/van-ban.json",
    "/van-ban.json?so=52-KH/%C4%90C", "/nguon.json", "/chu-de.json", "/-/openapi.json",
    "/cai-dat", "/cai-dat/chung", "/cai-dat/ban-tin",
    "/cai-dat/ban-tin/hang-ngay", "/cai-dat/ban-tin/hang-ngay/noi-nhan/1", "/cai-dat/quy-tac?q=nam",
    "/cai-dat/chu-de", "/cai-dat/chu-de/fdi", "/cai-dat/nguon", "/cai-dat/nguon/trang-thai",
    "/cai-dat/nguon/viec/0123456789abcdef", "/cai-dat/nhat-ky",
    "/cai-dat/nguoi-dung", "/cai-dat/nguoi-dung/sua?ten=an",
    "/tro-giup", "/tim/da-luu", "/tim/so-sanh", "/tim/so-sanh?a=cau+nam&b=cong+nghiep&xem=ab",
    "/tim/so-sanh?a=cau+nam&b=cong&xem=a", "/tim?tu=2026-11-01&den=2026-11-30",
    "/tim/goi-y", "/tim/goi-y?q=cong",
]  # fmt: skip
DATASETTES = [
    "/archive", "/archive.json", "/archive/articles", "/archive/articles.json", "/archive/articles.csv",
    "/archive/articles/1", "/archive/articles/1.json", "/archive/versions", "/archive/versions.json",
    "/archive/digests/7.json", "/archive.json?sql=select+body+from+articles",
    "/archive?sql=select+body+from+versions", "/archive.csv?sql=select+body+from+articles", "/archive.db",
    "/archive/articles_fts.json?_search=noi", "/archive/articles_fts_content.json",
    "/archive/articles_fts_source.json", "/archive/figures.json", "/archive/article_documents.json",
    "/archive/articles.json?_search=cau+nam", "/.json", "/_memory", "/_internal", "/-/metadata",
    "/-/versions.json", "/-/plugins.json", "/-/settings.json", "/-/threads.json", "/-/databases.json",
    "/-/actor.json", "/-/allow-debug", "/-/patterns", "/-/permissions", "/-/messages", "/-/logout",
    "/-/auth-token", "/-/static/app.css", "/-/static/table.js", "//archive/articles.json",
    "/archive%2Farticles.json", "/archive/", "/%2Farchive.json",
    "/-/static-plugins/diemtin/../../archive.json", "/x/../archive.json",
]  # fmt: skip


def tell_secrets(home: Home) -> None:
    """Put the marker word wherever text can stand."""
    connection = sqlite3.connect(home.archive_db)
    prepare(connection)
    connection.execute("update articles set body = ?, lead = ?, why = ? where id = 1",
                       [TOLD, TOLD, json.dumps([SECRET])])  # fmt: skip
    connection.execute("update articles set body = ?, lead = '' where id in (2, 5)", [TOLD])
    connection.execute("update sources set agreed = 'văn bản số 1' where key = 'trungdu'")
    change = [
        {"kind": "figure", "field": "body", "before": f"{SECRET} 7,8%", "after": f"{SECRET} 6,8%"},
        {"kind": "wording", "field": "body", "before": SECRET, "after": f"{SECRET} hai"},
    ]
    connection.execute("update versions set body = ?, lead = ? where article_id = 1", [TOLD, TOLD])
    connection.execute(
        "update versions set changes = ?, body = ? where article_id = 1 and kind = 'edit'",
        [json.dumps(change), TOLD.replace("nói", "nhắc")],
    )
    connection.execute("update figures set quote = ?", [TOLD])
    connection.execute("update article_documents set quote = ?", [TOLD])
    at = stamp(web_sample.NOW)
    shown = Appearance(1, "Báo Trung Du", "Tin", "https://trungdu.example/1", "http://x.example/bai/1")
    story = EditionStory(Marked("Dây chuyền thứ ba"), Marked(TOLD, [(80, 91)]), [shown], comment=SECRET,
                         known_figures=[StoryFigure("iip", "IIP", "6,8%", SECRET, 1)])  # fmt: skip
    edit = EditionChange(
        "e1", "edit", 1, "Báo", "Tin", "https://t.example/1", "http://x.example/bai/1", at, SECRET
    )
    parts = [Section("a", "Công nghiệp", [story])]
    content = Content("sang", "Điểm tin sáng", "2026-11-21", 7, at, at, at, Counts(1, 1, 1), parts,
                      again=[story], older=[story], changes=[edit], mentions=[story],
                      approved_by=SECRET)  # fmt: skip
    connection.execute(
        "update digests set content = ?, html = ?, text = ?", [content.to_json(), f"<p>{TOLD}</p>", TOLD]
    )
    connection.commit()
    connection.close()
    pages = open_pages(home.pages_db)
    keep(pages, RawPage("https://trungdu.example/1", "trungdu", web_sample.NOW, "text/html", TOLD.encode()))
    pages.close()


@asynccontextmanager
async def served(home: Home, access: Access, now: timedelta = timedelta()) -> AsyncIterator[Datasette]:
    datasette = build(home, now=lambda: web_sample.NOW + now, access=access)
    async with web_sample.running(datasette):
        yield datasette


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("access"))
    web_sample.fill(home.archive_db)
    tell_secrets(home)
    return home


@pytest.fixture
async def locked(home: Home) -> AsyncIterator[Datasette]:
    async with served(home, Access(PASSWORD)) as datasette:
        yield datasette


@pytest.fixture
async def public(home: Home) -> AsyncIterator[Datasette]:
    async with served(home, Access(public=True)) as datasette:
        yield datasette


async def get(site: Datasette, path: str, **given: object) -> httpx.Response:
    answer: httpx.Response = await site.client.get(path, **given)
    return answer


async def enter(site: Datasette, password: str = PASSWORD, path: str = "/dang-nhap") -> httpx.Response:
    answer: httpx.Response = await site.client.post(path, data={"password": password})
    return answer


def test_elsewhere_than_here_a_password_or_public_is_demanded(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    for host in ("0.0.0.0", "::", "192.0.2.7", "tin.example"):  # noqa: S104 - that is the case
        with pytest.raises(ConfigError, match=rf"--host {re.escape(host)}.*DIEMTIN_PASSWORD.*--public"):
            Access.of(host, False, home, {})
        assert Access.of(host, True, home, {}).public
        assert Access.of(host, False, home, {"DIEMTIN_PASSWORD": PASSWORD}).password == PASSWORD
    for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"):
        assert Access.of(host, False, home, {}) == Access()


def test_the_password_may_stand_in_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    home, file = Home.at(tmp_path), tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match=f"chmod 600 {file}"):
        Access.of("0.0.0.0", False, home, {})  # noqa: S104
    file.chmod(0o600)
    access = Access.of("0.0.0.0", False, home, {})  # noqa: S104
    assert access.password == PASSWORD
    assert PASSWORD not in repr(access)
    with pytest.raises(ConfigError, match="8 characters"):
        Access.of("127.0.0.1", False, home, {"DIEMTIN_PASSWORD": "ngắn"})


@pytest.mark.parametrize("path", [*OURS, *DATASETTES])
async def test_without_the_password_nothing_is_told(locked: Datasette, path: str) -> None:
    if path == "/dang-nhap":
        return
    for given in ({}, {"cookies": {"diemtin_reader": "x.y"}}, {"auth": ("ai", "sai mật khẩu")},
                  {"cookies": {"ds_actor": locked.sign({"a": {"id": "reader"}}, "other")}}):  # fmt: skip
        answer = await get(locked, path, **given)
        assert answer.status_code in (302, 401), given
        assert "Sao Mai" not in answer.text
        if answer.status_code == 302:
            assert answer.headers["location"].startswith("/dang-nhap?ve=")


async def test_the_login_page_is_shown_whole_and_leads_back(locked: Datasette) -> None:
    page = await get(locked, "/dang-nhap?ve=/bai/1?q=x")
    assert page.status_code == 200
    assert "Mật khẩu của kho tin" in page.text
    assert "Tìm kiếm" not in page.text
    assert (await get(locked, "/-/static-plugins/diemtin/style.css")).status_code == 200
    welcome = await enter(locked, path="/dang-nhap?ve=/bai/1?q=x")
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/bai/1?q=x")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\nb", "", "x"]
)
async def test_logging_in_leads_nowhere_else(locked: Datasette, target: str) -> None:
    answer = await locked.client.post("/dang-nhap", params={"ve": target}, data={"password": PASSWORD})
    assert answer.headers["location"] == "/"


async def test_the_cookie_opens_everything_until_it_is_taken_back(locked: Datasette) -> None:
    welcome = await enter(locked)
    cookie = welcome.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert PASSWORD not in cookie
    cookies = {"diemtin_reader": welcome.cookies["diemtin_reader"]}
    for path in ("/", "/tim?q=cau+nam", "/tim.atom?q=cau+nam", "/archive/articles.json", "/-/static/app.css"):
        assert (await get(locked, path, cookies=cookies)).status_code == 200, path
    page = await get(locked, "/bai/1", cookies=cookies)
    assert SECRET in page.text
    token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
    assert token
    out = await locked.client.post(
        "/dang-xuat",
        data={"csrftoken": token[1]},
        cookies={**cookies, "ds_csrftoken": page.cookies["ds_csrftoken"]},
    )
    assert "Max-Age=0" in out.headers["set-cookie"]


async def test_a_cookie_outlives_a_restart_but_neither_its_time_nor_the_password(home: Home) -> None:
    async with served(home, Access(PASSWORD)) as site:
        cookies = {"diemtin_reader": (await enter(site)).cookies["diemtin_reader"]}
    for access, later, status in [
        (Access(PASSWORD), timedelta(days=29), 200),
        (Access(PASSWORD), timedelta(days=31), 302),
        (Access("mật khẩu khác"), timedelta(), 302),
    ]:
        async with served(home, access, later) as site:
            assert (await get(site, "/", cookies=cookies)).status_code == status
    assert (home.path / "secret").stat().st_mode & 0o077 == 0


async def test_a_wrong_password_is_told_plainly_and_many_have_to_wait(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(home, Access(PASSWORD)) as site:
        for _ in range(MOST_WRONG):
            answer = await enter(site, "không phải")
            assert answer.status_code == 403
            assert "Mật khẩu không đúng" in answer.text
        assert (await enter(site)).status_code == 429
        assert "Chờ 15 phút" in (await enter(site)).text
        assert (await get(site, "/tim.atom?q=x", auth=("ai", PASSWORD))).status_code == 429
    assert PASSWORD not in caplog.text
    async with served(home, Access(PASSWORD), WAIT) as site:
        assert (await enter(site)).status_code == 303


async def test_feed_readers_log_in_by_basic(locked: Datasette) -> None:
    refused = await get(locked, "/tim.atom?q=cau+nam")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert (await get(locked, "/tim.atom?q=cau+nam", auth=("", PASSWORD))).status_code == 200
    for broken in ("Basic", "Basic !!!", "Basic /////w==", "Bearer x"):
        assert (await get(locked, "/", headers={"authorization": broken})).status_code == 401


async def test_a_link_from_elsewhere_finds_its_way_with_a_strict_cookie(locked: Datasette) -> None:
    page = await get(locked, "/dang-nhap?ve=/bai/1", headers={"sec-fetch-site": "cross-site"})
    assert '<meta http-equiv="refresh" content="0; url=/bai/1">' in page.text
    page = await get(locked, "/dang-nhap?ve=/bai/1", headers={"sec-fetch-site": "same-origin"})
    assert "refresh" not in page.text


async def test_bad_forms_are_no_fault(locked: Datasette) -> None:
    for body in (b"", b"\xff\xfe", b"password=%ff", b"password", b"a=b&" * 1000):
        answer = await locked.client.post("/dang-nhap", content=body)
        assert answer.status_code == 403
    assert (await locked.client.post("/dang-nhap", content=b"x" * 20_000)).status_code == 400


def test_every_page_of_ours_is_walked() -> None:
    for pattern in [*(page.pattern for page in PAGES), *(pattern for pattern, _ in LOGIN)]:
        assert any(re.match(pattern, path.split("?")[0]) for path in OURS), pattern


@pytest.mark.parametrize("path", [*OURS, *DATASETTES])
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_no_public_answer_tells_more_than_two_sentences(
    public: Datasette, path: str, language: str
) -> None:
    answer = await get(public, path, cookies={"diemtin_lang": language}, follow_redirects=True)
    assert answer.status_code in (200, 404)
    assert SECRET not in answer.text
    assert "Câu ba" not in answer.text
    assert "noarchive" in answer.headers["x-robots-tag"]
    if answer.headers["content-type"].startswith("text/html") and not ("/noi-dung" in path or "/tep/" in path):
        assert '<meta name="robots" content="noarchive">' in answer.text
    if path in DATASETTES:
        assert answer.status_code == 404


async def test_the_public_reads_the_lead_of_who_agreed_and_where_the_rest_is(public: Datasette) -> None:
    page = await get(public, "/bai/1")
    assert "Câu một mở đầu. Câu hai nối tiếp." in page.text
    assert "Toàn văn ở báo đã đăng" in page.text
    assert page.text.count('href="https://trungdu.example/1"') == 2
    assert "7,8%" not in page.text
    assert "Câu một" not in (await get(public, "/bai/2")).text  # no lead, and texts are never shown
    found = await get(public, "/tim?q=cau+nam")
    assert "2 bài" in found.text  # the third was taken down
    edition = await get(public, "/ban-tin/7/noi-dung")
    assert "Dây chuyền thứ ba" in edition.text
    assert "Câu hai nối tiếp." in edition.text
    assert b"<summary" not in (await get(public, "/tim.atom?q=cau+nam")).content
    assert "mailto" not in (await get(public, "/ban-tin/7")).text


async def test_an_edition_the_program_cannot_read_is_not_public(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with served(home, Access(public=True)) as site:
        assert (await get(site, "/ban-tin/7/noi-dung")).status_code == 404
        assert "<entry" not in (await get(site, "/ban-tin/sang.atom")).text
    async with served(home, Access()) as site:
        feed = await get(site, "/ban-tin/sang.atom")
        assert feed.headers["content-type"].startswith("application/atom+xml")
        assert "/ban-tin/7" in feed.text
        assert (
            'type="application/atom+xml" title="Điểm tin sáng" href="/ban-tin/sang.atom"'
            in (await get(site, "/ban-tin")).text
        )
        assert (await get(site, "/ban-tin/khong-co.atom")).status_code == 404
