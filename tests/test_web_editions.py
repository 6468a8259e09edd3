"""The page «Bản tin»: an edition whole and as files, who got it, what comes next at what hour to whom."""

import io
import os
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import docx
import httpx
import pytest
from datasette.app import Datasette

from archive.clock import stamp
from archive.db import reading
from archive.desk import accounts, sessions
from archive.desk.accounts import ROLES, User
from archive.desk.db import open_desk
from archive.desk.due import make_due
from archive.digests.config import load_alerts
from archive.digests.outbox import deliver
from archive.digests.paper import pdf
from archive.home import Home
from archive.schema import open_archive
from archive.web.access import Access
from archive.web.app import build
from archive.web.auth import SESSION_COOKIE
from tests import desk_sample, web_sample
from tests.receivers import Mailbox, mail_server
from tests.web_sample import words

pytestmark = pytest.mark.timeless

AT = desk_sample.NOW + timedelta(minutes=21)  # Tuesday 24/11/2026, 07:01 in Hà Nội
ALERTS = """\
defaults:
  archive_url: http://127.0.0.1:8001
  office: {name: Sở Khoa học, code: SKH, place: Sông Bằng, approved: Trần Văn Minh}
sang:
  title: Điểm tin buổi sáng
  topics: [khu-cong-nghiep, fdi, kinh-te-so]
  schedule: daily 07:00
  options: {file_name: "Diem-tin-{date}"}
  channels:
    - {type: file, path: digests, formats: [html]}
"""
MORE = """\
chieu:
  title: Điểm tin buổi chiều
  topics: [fdi]
  schedule: daily 06:30
  review: required
  channels:
    - {type: atom, path: a.atom}
    - {type: webhook, url: "https://hook.example/token-9"}
ngay:
  title: Tin nhanh
  topics: [fdi]
  schedule: instant
"""


@dataclass
class Office:
    """A home whose first digest was just sent, served to every kind of reader."""

    site: Datasette
    home: Home
    sessions: dict[str, str]

    async def get(self, path: str, role: str = "admin") -> httpx.Response:
        return await self.site.client.get(path, cookies={SESSION_COOKIE: self.sessions[role]})


def made(home: Home, port: int) -> Home:
    """An edition sent to a folder and to two readers, one of whom the server refuses."""
    desk_sample.morning(home, port=port, alerts=ALERTS)
    archive = open_archive(home.archive_db)
    alerts = load_alerts(home.config("alerts.yml"), strict=True)
    make_due(archive, alerts, AT)
    deliver(archive, alerts, AT, base=home.path)
    archive.execute(
        "insert into matches (alert, article_id, matched_at)"
        " select 'chieu/fdi', article_id, matched_at from matches where alert = 'sang/fdi'"
    )
    archive.close()
    path = home.config("alerts.yml")
    path.write_text(path.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    os.utime(path, (0, AT.timestamp() - 60))
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    box = Mailbox(answer_rcpt=lambda to: "550 no such pho@so.example" if "pho" in to else "250 OK")
    with mail_server(box):
        home = made(Home.at(tmp_path_factory.mktemp("editions")), box.port)
    with closing(open_desk(home.desk_db)) as desk:
        for role in reversed(ROLES):
            accounts.add(desk, role, role, "chè xanh Đồi 2026", by="", now=AT)
    return home


@pytest.fixture
async def office(home: Home) -> AsyncIterator[Office]:
    with closing(open_desk(home.desk_db)) as desk:
        cookies = {role: sessions.open_session(desk, User(role, role), address="", now=AT) for role in ROLES}
    async with web_sample.running(build(home, now=lambda: AT)) as site:
        yield Office(site, home, cookies)


@pytest.fixture
async def public(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: AT, access=Access(public=True))) as site:
        yield site


async def test_an_edition_stands_whole_in_its_page(office: Office) -> None:
    page = await office.get("/ban-tin/1", "reader")
    assert "<iframe" not in page.text
    with reading(office.home.archive_db) as db:
        titles = [row[0] for row in db.execute("select title from articles where id % 10 = 0 and id <> 30")]
    shown = words(page)
    assert [title for title in titles if title not in shown] == []
    assert 'id="tin-1"' in page.text
    assert "Sở Khoa học" in shown.replace("SỞ KHOA HỌC", "Sở Khoa học")
    assert "Số: 01/ĐT-SKH" in shown
    assert "Trần Văn Minh" in shown


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
        ("text", "text/plain; charset=utf-8", "ĐIỂM TIN BUỔI SÁNG".encode()),
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
    ],
)
async def test_an_edition_is_downloaded_under_the_name_of_its_files(
    office: Office, form: str, kind: str, begins: bytes
) -> None:
    assert f'href="/ban-tin/1/tep/{form}"' in (await office.get("/ban-tin/1", "reader")).text
    file = await office.get(f"/ban-tin/1/tep/{form}", "reader")
    ending = {"text": "txt"}.get(form, form)
    assert f'filename="Diem-tin-2026-11-24.{ending}"' in file.headers["content-disposition"]
    assert file.headers["content-type"] == kind
    assert file.content.lstrip().startswith(begins)
    assert (office.home.path / "digests" / "Diem-tin-2026-11-24.html").exists(), "as the channel calls it"


@pytest.mark.skipif(pdf.converter() is None, reason="LibreOffice is not installed (libreoffice-writer-nogui)")
async def test_an_edition_is_downloaded_as_pdf(office: Office) -> None:
    file = await office.get("/ban-tin/1/tep/pdf", "reader")
    assert file.content.startswith(b"%PDF-")
    assert 'filename="Diem-tin-2026-11-24.pdf"' in file.headers["content-disposition"]


async def test_without_libreoffice_the_page_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_PROGRAMS", ("no-such-program",))
    page = await office.get("/ban-tin/1")
    assert "tep/pdf" not in page.text
    assert "apt install libreoffice-writer-nogui" in words(page)
    answer = await office.get("/ban-tin/1/tep/pdf")
    assert answer.status_code == 503
    assert "không có bản PDF" in words(answer)
    assert "/ban-tin/1/tep/docx" in answer.text


async def test_editors_see_who_got_it_and_readers_how_it_went(office: Office) -> None:
    page = words(await office.get("/ban-tin/1", "editor"))
    assert "Thư điện tử smtp-1.1 giam-doc@so.example đã gửi · Thứ Ba, 24/11/2026 · 07:01" in page
    assert "smtp-1.2 pho@so.example chưa gửi được" in page
    assert "Thư mục file-1 digests đã gửi" in page
    assert "đã tới 2/3 nơi" in page
    reader = await office.get("/ban-tin/1", "reader")
    assert "Thư điện tử smtp-1.1 đã gửi" in words(reader)
    for path in ("/ban-tin", "/ban-tin/1"):
        assert "@so.example" not in (await office.get(path, "reader")).text


async def test_what_is_on_its_way_is_not_said_to_have_failed(office: Office) -> None:
    archive = open_archive(office.home.archive_db)
    kept = archive.execute("select state, sent_at, next_at from deliveries where channel = 'file-1'").fetchone()
    change = "update deliveries set state = ?, sent_at = ?, next_at = ? where channel = 'file-1'"
    try:
        with archive.conn:
            archive.execute(change, ["retry", None, stamp(AT + timedelta(minutes=2))])
        page = words(await office.get("/ban-tin/1", "editor"))
    finally:
        with archive.conn:
            archive.execute(change, list(kept))
        archive.close()
    assert "Thư mục file-1 digests đang gửi" in page
    assert "thử lại" not in page.split("file-1")[1].split("smtp")[0]


async def test_a_list_changed_after_the_edition_is_named_as_such(office: Office) -> None:
    assert "sau bản tin này" not in words(await office.get("/ban-tin/1", "editor"))
    path = office.home.config("alerts.yml")
    os.utime(path, (0, AT.timestamp() + 3600))
    try:
        page = words(await office.get("/ban-tin/1", "editor"))
    finally:
        os.utime(path, (0, AT.timestamp() - 60))
    assert "alerts.yml đã sửa lúc Thứ Ba, 24/11/2026 · 08:01 , sau bản tin này" in page


async def test_what_comes_next_is_told_with_its_hour_and_to_how_many(office: Office) -> None:
    page = await office.get("/ban-tin", "reader")
    shown = words(page)
    assert "Bản tiếp theo: 07:00 thứ Tư 25/11, vào 1 thư mục, qua thư tới 2 người." in shown
    assert "Số 24/11/2026 đang chờ duyệt" in shown
    assert 'href="/ban?ban=chieu"' in page.text
    assert "Bản tiếp theo: 06:30 thứ Tư 25/11, 1 nguồn Atom, tới 1 webhook; phải duyệt rồi mới gửi." in shown
    assert "Bản tiếp theo: ngay khi có tin khớp, chỉ lưu trong kho" in shown
    assert "đã tới 2/3 nơi" in shown
    editor = await office.get("/ban-tin", "editor")
    assert "giam-doc@so.example" in editor.text
    assert "token-9" not in editor.text
    english = words(await office.get("/ban-tin?lang=en", "reader"))
    assert "Next edition: 07:00 on Wednesday 25/11, into 1 folder, by mail to 2." in english


async def test_the_public_gets_files_of_two_sentences_and_nothing_of_deliveries(public: Datasette) -> None:
    for path in ("/ban-tin", "/ban-tin/1"):
        page = await public.client.get(path)
        assert page.status_code == 200
        for secret in ("@so.example", "smtp", "Bản tiếp theo", "chờ duyệt", "Minh", "tep/pdf", "đã tới"):
            assert secret not in page.text, (path, secret)
    assert (await public.client.get("/ban-tin/1/tep/pdf")).status_code == 404
    word = await public.client.get("/ban-tin/1/tep/docx")
    text = "\n".join(one.text for one in docx.Document(io.BytesIO(word.content)).paragraphs)
    assert "Khu công nghiệp Đồi Chè" in text
    assert "Trần Văn Minh" not in text


async def test_nothing_is_made_or_sent_by_looking(office: Office) -> None:
    with reading(office.home.archive_db) as db:
        before = db.execute("select count(*), max(created_at) from digests").fetchone()
    for path in ("/ban-tin", "/ban-tin/1", "/ban-tin/1/tep/docx"):
        await office.get(path)
    with reading(office.home.archive_db) as db:
        assert db.execute("select count(*), max(created_at) from digests").fetchone() == before
    assert before[0] == 1
    assert before[1] == stamp(AT)
