"""From the desk to the mailbox without JavaScript: preview, test, approval, correction, what was left out."""

import html
import io
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette
from docx import Document

from archive.db import reading
from archive.home import Home
from archive.web.app import build
from tests import desk_sample, web_sample
from tests.receivers import Mailbox, mail_server
from tests.test_desk_page import LEAD, choices, do, press, words

LATER = desk_sample.NOW.replace(minute=55)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server(Mailbox()) as one:
        yield one


@pytest.fixture
def home(tmp_path: Path, mailbox: Mailbox) -> Home:
    return desk_sample.morning(Home.at(tmp_path), port=mailbox.port)


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: desk_sample.NOW)) as datasette:
        yield datasette


async def send(
    site: Datasette, page: httpx.Response, action: str, headers: dict[str, str] | None = None, **typed: str
) -> httpx.Response:
    """A form of the page, as a browser sends it."""
    form = page.text[page.text.index(f'action="{action}"') :]
    form = form[: form.index("</form>")]
    fields = {n: html.unescape(v) for n, v in re.findall(r'name="([\w-]+)"[^>]* value="([^"]*)"', form)}
    fields |= {name.replace("_", "-"): value for name, value in typed.items()}
    cookies = {"ds_csrftoken": page.cookies.get("ds_csrftoken") or fields["csrftoken"]}
    return await site.client.post(action, data=fields, cookies=cookies, headers=headers)


def editions(home: Home) -> list[Any]:
    with reading(home.archive_db) as db:
        return db.execute("select id, edition, state, content from digests order by id").fetchall()


def wait_for(home: Home, mailbox: Mailbox, mails: int) -> None:
    for _ in range(200):
        if len(mailbox.messages) >= mails and all(row[2] == "sent" for row in editions(home)):
            return
        time.sleep(0.05)
    raise AssertionError((len(mailbox.messages), editions(home)))


async def test_the_preview_is_what_goes_out_in_every_form(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "chon")
    page = await site.client.get("/ban/xem-truoc")
    text = words(page)
    assert "Tiêu đề thư Điểm tin buổi sáng – 24/11/2026: 1 tin" in text
    assert "1 thư mục · 2 người nhận thư" in text
    assert "giam-doc@so.example" not in page.text
    assert "Chỉ tin đã chọn 1 Mọi tin trừ tin đã bỏ 40" in text
    mail = await site.client.get("/ban/xem-truoc?dang=thu")
    assert mail.headers["content-security-policy"].endswith("allow-popups-to-escape-sandbox")
    plain = await site.client.get("/ban/xem-truoc?dang=chu")
    assert plain.headers["content-type"].startswith("text/plain")
    word = await site.client.get("/ban/xem-truoc?dang=word")
    assert "sang-2026-11-24.docx" in word.headers["content-disposition"]
    paragraphs = "\n".join(one.text for one in Document(io.BytesIO(word.content)).paragraphs)
    title = "Nhà máy Sao Mai tuyển" if "Sao Mai" in plain.text else "Trạm biến áp"
    for shown in (html.unescape(mail.text), plain.text, paragraphs):
        assert title in shown
    assert editions(home) == []


async def test_approval_sends_once_and_asked_again_is_the_same_edition(
    site: Datasette, home: Home, mailbox: Mailbox
) -> None:
    await do(site, LEAD, "chon")
    page = await site.client.get("/ban/xem-truoc")
    answer = await send(site, page, "/ban/duyet")
    assert answer.status_code == 303
    wait_for(home, mailbox, 2)
    again = await send(site, page, "/ban/duyet")
    assert again.headers["location"] == answer.headers["location"] == "/ban-tin/1"
    assert len(editions(home)) == 1
    assert sorted(str(one["To"]) for one in mailbox.messages) == ["giam-doc@so.example", "pho@so.example"]
    desk = words(await site.client.get("/ban"))
    assert "Chưa có tin nào từ số trước đến giờ." in desk
    assert "Để lại trong 24 giờ qua 39" in desk


async def test_what_was_changed_after_the_preview_is_shown_before_it_goes(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "chon")
    page = await site.client.get("/ban/xem-truoc")
    await do(site, 150, "chon")
    answer = await send(site, page, "/ban/duyet")
    assert answer.status_code == 409
    assert "vừa được sửa sau khi anh/chị mở trang xem trước" in words(answer)
    assert "24/11/2026: 2 tin" in words(answer)
    assert editions(home) == []
    assert (await send(site, answer, "/ban/duyet")).status_code == 303


async def test_an_empty_edition_does_not_go_by_mistake(site: Datasette, home: Home) -> None:
    answer = await send(site, await site.client.get("/ban/xem-truoc"), "/ban/duyet")
    assert answer.status_code == 409
    assert "Chưa chọn tin nào nên chưa gửi." in words(answer)
    assert editions(home) == []


async def test_a_preview_kept_open_over_an_edition_is_told(site: Datasette, home: Home, tmp_path: Path) -> None:
    await do(site, LEAD, "chon")
    old = await site.client.get("/ban/xem-truoc?luc=2026-11-23T23:00:00Z")
    await send(site, await site.client.get("/ban/xem-truoc"), "/ban/duyet")
    answer = await send(site, old, "/ban/duyet")
    assert answer.status_code == 409
    assert "Số này đã được duyệt hoặc gửi rồi; không gửi lần nữa." in words(answer)
    assert len(editions(home)) == 1


async def test_a_test_goes_to_one_and_nothing_is_sent_by_it(
    site: Datasette, home: Home, mailbox: Mailbox
) -> None:
    await do(site, LEAD, "chon")
    page = await site.client.get("/ban/xem-truoc")
    answer = await send(site, page, "/ban/gui-thu", den="lan@so.example")
    assert "Đã gửi thử tới lan@so.example." in words(answer)
    [mail] = mailbox.messages
    assert str(mail["To"]) == "lan@so.example"
    assert str(mail["Subject"]).startswith("[Thử] ")
    assert editions(home) == []


@pytest.mark.parametrize("address", ["", "lan", "lan@", "a@b.vn, c@d.vn", "a@b.vn\nBcc: c@d.vn", "<x>@y", "@"])
async def test_a_bad_address_is_said_at_the_field(
    site: Datasette, home: Home, mailbox: Mailbox, address: str
) -> None:
    page = await site.client.get("/ban/xem-truoc")
    answer = await send(site, page, "/ban/gui-thu", den=address)
    assert answer.status_code == 400
    assert "không phải là địa chỉ e-mail" in words(answer)
    assert mailbox.messages == []


async def test_a_mail_server_that_refuses_is_said(site: Datasette, mailbox: Mailbox) -> None:
    mailbox.answer_rcpt = lambda _: "550 không có ai"
    answer = await send(site, await site.client.get("/ban/xem-truoc"), "/ban/gui-thu", den="lan@so.example")
    assert answer.status_code == 400
    assert "Chưa gửi thử được:" in words(answer)
    assert 'value="lan@so.example"' in answer.text


async def test_a_correction_is_an_edition_of_its_own(site: Datasette, home: Home, mailbox: Mailbox) -> None:
    await do(site, LEAD, "chon")
    await send(site, await site.client.get("/ban/xem-truoc"), "/ban/duyet")
    wait_for(home, mailbox, 2)
    for text, sentence in (("  ", "Chưa viết nội dung đính chính."), ("x" * 60_000, "Dài quá: 60.000 ký tự")):
        answer = await send(site, await site.client.get("/ban-tin/1"), "/ban/dinh-chinh", noi_dung=text)
        assert answer.status_code == 400
        assert sentence in words(answer)
        assert text in answer.text
    page = await site.client.get("/ban-tin/1")
    answer = await send(site, page, "/ban/dinh-chinh", noi_dung="Số 12 xin đọc là 11 <b>")
    assert answer.headers["location"] == "/ban-tin/2"
    wait_for(home, mailbox, 4)
    assert "Số 12 xin đọc là 11 &lt;b&gt;" in (await site.client.get("/ban-tin/2/noi-dung")).text
    assert len(editions(home)) == 2


async def test_what_was_left_out_comes_back_only_when_asked(
    site: Datasette, home: Home, mailbox: Mailbox
) -> None:
    await do(site, LEAD, "chon")
    await send(site, await site.client.get("/ban/xem-truoc"), "/ban/duyet")
    wait_for(home, mailbox, 2)
    async with web_sample.running(build(home, now=lambda: LATER)) as later:
        page = await later.client.get("/ban")
        assert page.text.count('class="tin"') == 0
        [(ids, title), *_] = re.findall(r'name="bai" value="([\d,]+)" aria-label="Đưa lại: ([^"]+)"', page.text)
        answer = await press(later, "/ban/dua-lai", page, bai=ids)
        page = await later.client.get(answer.headers["location"])
        assert "Đã đưa lại vào số này." in words(page)
        assert page.text.count('class="tin"') == 1
        assert html.unescape(title) in words(page)
        assert "Để lại trong 24 giờ qua 38" in words(page)
        assert (await press(later, "/ban/dua-lai", page, bai="x,,-1")).status_code == 303
    assert not choices(home) or len(editions(home)) == 1


@pytest.mark.parametrize("path", ["/ban/duyet", "/ban/gui-thu", "/ban/dinh-chinh", "/ban/dua-lai"])
async def test_nothing_goes_by_a_look_or_a_foreign_form(site: Datasette, home: Home, path: str) -> None:
    assert (await site.client.get(path)).status_code == 405
    page = await site.client.get("/ban/xem-truoc?ca=1")
    foreign = {"origin": "https://la.example"}
    if path in ("/ban/duyet", "/ban/gui-thu"):
        assert (await send(site, page, path, headers=foreign, den="a@b.vn")).status_code == 403
    assert (await site.client.post(path, data={"so": "1", "bai": "50"})).status_code == 403
    assert editions(home) == []
