"""Sổ phản hồi without JavaScript: entered, assigned, answered, confirmed, found and taken away."""

import csv
import html
import io
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette
from docx import Document
from openpyxl import load_workbook

from archive.clock import stamp
from archive.db import writing
from archive.desk.db import open_desk
from archive.desk.register import RegisterEntry, answered_in, enter, list_of, load
from archive.home import Home
from tests import desk_sample
from tests.desk_sample import NOW  # Tuesday 24/11/2026, 06:40 in Hà Nội
from tests.web_sample import HOSTILE, serving_explained, words

pytestmark = pytest.mark.timeless

EDITED, GONE, STORY = 10, 20, 50  # article 10 is edited half an hour before NOW, 20 taken down then
BEFORE = NOW - timedelta(hours=5)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return desk_sample.morning(Home.at(tmp_path), 12)


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with serving_explained(home, now=NOW) as datasette:
        yield datasette


def entered(home: Home, article_id: int = EDITED, at: Any = BEFORE, **given: Any) -> int:
    with closing(open_desk(home.desk_db)) as desk, closing(sqlite3.connect(home.archive_db)) as archive:
        source, title = archive.execute(
            "select source, title from articles where id = ?", [article_id]
        ).fetchone()
        blank = RegisterEntry(0, article_id=article_id, source=source, title=title)
        return enter(desk, blank, {"asked": "Làm rõ số liệu 7,8%", **given}, by="Lan", now=at).id


def kept(home: Home, id_: int) -> RegisterEntry:
    with closing(open_desk(home.desk_db)) as desk:
        return load(desk, id_)


def typed(page: httpx.Response) -> dict[str, str]:
    """The fields of the page's form as a browser would send them."""
    form = page.text[page.text.index('<form class="editor') :]
    form = form[: form.index("</form>")]
    fields = dict(re.findall(r'<input (?!type="checkbox")[^>]*?name="([\w-]+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea name="([\w-]+)"[^>]*>\n([^<]*)</textarea>', form))
    fields |= dict.fromkeys(re.findall(r'type="checkbox" name="([\w-]+)" value="1" checked', form), "1")
    for name, options in re.findall(r'<select name="([\w-]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="(\w*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in fields.items()}


async def send(site: Datasette, page: httpx.Response, task: str = "luu", **more: str) -> httpx.Response:
    data = {**typed(page), "viec": task, **{name.replace("_", "-"): text for name, text in more.items()}}
    path = page.url.raw_path.decode()
    return await site.client.post(path, data=data, cookies={"ds_csrftoken": data["csrftoken"]})


async def press(site: Datasette, id_: int, task: str = "luu", **more: str) -> httpx.Response:
    return await send(site, await site.client.get(f"/phan-hoi/{id_}"), task, **more)


async def test_from_an_article_into_the_register_and_back(site: Datasette, home: Home) -> None:
    article = await site.client.get(f"/bai/{STORY}")
    assert f'href="/phan-hoi/moi?bai={STORY}"' in article.text
    page = await site.client.get(f"/phan-hoi/moi?bai={STORY}")
    assert "Tính cả tin, mọi báo đăng (3 bài)" in words(page)
    assert re.search('<textarea name="noi-dung"[^>]* autofocus>', page.text), "one types at once after «f»"
    given = {"noi_dung": "Giải trình chậm tiến độ", "giao": "Trần Bình", "han": "2026-11-26"}
    sent = await send(site, page, **given, ai_yeu_cau="Chủ tịch UBND tỉnh")
    assert sent.headers["location"] == "/phan-hoi/1?luu=entered"
    twice = await send(site, page, **given, ai_yeu_cau="Chủ tịch UBND tỉnh")
    assert twice.headers["location"] == sent.headers["location"]
    entry = kept(home, 1)
    assert (entry.assignee, entry.due, entry.whole_story) == ("Trần Bình", "2026-11-26", True)
    listed = await site.client.get("/phan-hoi")
    assert "còn 2 ngày hạn 26/11/2026 · Trần Bình" in words(listed)
    for path in (f"/bai/{STORY}", f"/bai/{STORY + 1}", "/ban"):
        assert 'href="/phan-hoi/1"' in (await site.client.get(path)).text, path
    assert 'data-key="f"' in (await site.client.get("/ban")).text
    assert "Bài hoặc tin này đã có trong sổ" in words(await site.client.get(f"/phan-hoi/moi?bai={STORY}"))


async def test_what_colleagues_noted_is_in_the_form(site: Datasette, home: Home) -> None:
    with closing(open_desk(home.desk_db)) as desk:
        desk.execute("insert into notes values (?, null, '', 'Lan', '2026-11-30', 1, 'An', '')", [STORY])
    page = await site.client.get(f"/phan-hoi/moi?bai={STORY}")
    assert (typed(page)["giao"], typed(page)["han"]) == ("Lan", "2026-11-30")


async def test_overdue_is_said_in_words_and_counted(site: Datasette, home: Home) -> None:
    entered(home, due="2026-11-20")
    entered(home, 30, due="2026-11-24", assignee="Bình")
    entered(home, 40)
    page = await site.client.get("/phan-hoi")
    assert '<span class="level red">quá hạn 4 ngày</span>' in page.text
    assert "đến hạn hôm nay" in words(page)
    assert "Tất cả 3 Đang chờ 3 Quá hạn 1" in words(page)
    late = await site.client.get("/phan-hoi?loc=qua-han")
    assert late.text.count('<tr id="so-') == 1
    assert (await site.client.get("/phan-hoi?giao=b%C3%ACnh")).text.count('<tr id="so-') == 1
    assert (await site.client.get("/phan-hoi?tu=24/11/2026&loc=qua-han")).text.count('<tr id="so-') == 0


async def test_an_answer_with_its_document_closes_the_wait(site: Datasette, home: Home) -> None:
    id_ = entered(home, due="2026-11-23")
    sent = await press(
        site, id_, ngay_phan_hoi="2026-11-24", van_ban="123/SCT-VP", lien_ket="https://so.example/123"
    )
    assert sent.status_code == 303
    listed = words(await site.client.get("/phan-hoi?loc=da-tra-loi"))
    assert "đã phản hồi, trễ 1 ngày" in listed
    assert "24/11/2026: 123/SCT-VP ↗" in listed
    assert "ngày phản hồi: không có → 24/11/2026" in words(await site.client.get(f"/phan-hoi/{id_}"))


async def test_the_machine_suggests_and_a_person_confirms_with_the_versions_as_proof(
    site: Datasette, home: Home
) -> None:
    id_ = entered(home)
    assert "báo đã sửa – cần xác nhận" in words(await site.client.get("/phan-hoi?loc=goi-y"))
    page = await site.client.get(f"/phan-hoi/{id_}")
    assert "7,8% → 6,8%" in words(page)
    assert kept(home, id_).outcome is None
    button = re.search(r'value="(xac-nhan\.10\.(\d+))"', page.text)
    assert button
    await send(site, page, button[1])
    entry = kept(home, id_)
    assert (entry.outcome, entry.outcome_on, entry.proof_version) == ("edited", "2026-11-24", int(button[2]))
    proof = f"/bai/10#ban-{button[2]}"
    assert proof in (await site.client.get("/phan-hoi?loc=da-sua")).text
    assert f'id="ban-{button[2]}"' in (await site.client.get("/bai/10")).text
    assert "cần xác nhận 1" not in words(await site.client.get("/phan-hoi"))


async def test_of_a_request_written_down_later_what_was_seen_since_its_day_is_suggested(
    site: Datasette, home: Home
) -> None:
    late, same_day = entered(home, at=NOW, asked_on="2026-11-23"), entered(home, GONE, at=NOW)
    assert "Báo đã sửa hoặc gỡ sau yêu cầu này" in words(await site.client.get(f"/phan-hoi/{late}"))
    assert "Báo đã sửa hoặc gỡ sau yêu cầu này" not in words(await site.client.get(f"/phan-hoi/{same_day}"))


async def test_a_take_down_is_suggested_and_what_is_not_the_outcome_is_put_away(
    site: Datasette, home: Home
) -> None:
    gone, old = entered(home, GONE), entered(home, GONE, at=NOW, asked="Sau khi gỡ")
    assert "Đúng, báo đã gỡ theo yêu cầu" in words(await site.client.get(f"/phan-hoi/{gone}"))
    assert "Đúng, báo đã gỡ" not in words(await site.client.get(f"/phan-hoi/{old}"))
    await press(site, gone, f"khong-phai.{GONE}.0")
    assert kept(home, gone).outcome is None
    assert "Đúng, báo đã gỡ" not in words(await site.client.get(f"/phan-hoi/{gone}"))
    await press(site, gone, "hoan-tac")
    await press(site, gone, f"xac-nhan.{GONE}.0")
    assert (kept(home, gone).outcome, kept(home, gone).proof_article) == ("removed", GONE)


async def test_of_a_whole_story_an_edit_at_any_outlet_counts(site: Datasette, home: Home) -> None:
    with closing(sqlite3.connect(home.archive_db)) as archive:
        archive.execute(
            "insert into versions (article_id, seen_at, kind, title, lead, body, sha256, changes)"
            " values (?, ?, 'edit', '', '', '', '', '[]')",
            [STORY + 1, stamp(NOW - timedelta(minutes=5))],
        )
        archive.commit()
    alone, whole = entered(home, STORY), entered(home, STORY, asked="Cả tin", whole_story="1")
    assert "cần xác nhận 1" in words(await site.client.get("/phan-hoi"))
    shown = (await site.client.get("/phan-hoi?loc=goi-y")).text
    assert f"/phan-hoi/{whole}#goi-y" in shown
    assert f"/phan-hoi/{alone}#goi-y" not in shown


async def test_two_at_once_the_second_is_told_and_what_both_wrote_stands(site: Datasette, home: Home) -> None:
    id_ = entered(home, asked_by="Sở")
    first = await site.client.get(f"/phan-hoi/{id_}")
    second = await site.client.get(f"/phan-hoi/{id_}")
    await send(site, first, giao="Lan", ghi_chu="Đã gọi điện")
    clash = await send(site, second, giao="Bình", han="2026-11-30")
    assert clash.status_code == 409
    assert "Máy này vừa sửa dòng này lúc 06:40; chưa lưu gì của anh/chị." in words(clash)
    assert (kept(home, id_).assignee, kept(home, id_).due) == ("Lan", None)
    now = typed(clash)
    assert (now["giao"], now["han"], now["ghi-chu"]) == ("Bình", "2026-11-30", "Đã gọi điện")
    await send(site, clash)
    entry = kept(home, id_)
    assert (entry.assignee, entry.due, entry.note) == ("Bình", "2026-11-30", "Đã gọi điện")


async def test_closing_withdrawing_and_undoing(site: Datasette, home: Home) -> None:
    id_ = entered(home, due="2026-11-20")
    await press(site, id_, "rut")
    assert "Đang chờ 0 Quá hạn 0" in words(await site.client.get("/phan-hoi"))
    await press(site, id_, "hoan-tac")
    assert kept(home, id_).closed is None
    told = await site.client.get((await press(site, id_, "hoan-tac")).headers["location"])
    assert "Không hoàn tác được" in words(told)
    await press(site, id_, "ket-thuc")
    await press(site, id_, "mo-lai")
    assert [kept(home, id_).closed, kept(home, id_).rev] == [None, 5]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("noi_dung", " ", "Chưa điền chỗ này."),
        ("noi_dung", "x" * 2001, "Dài quá: 2.001 ký tự, nhiều nhất 2.000."),
        ("han", "mai", "«mai» không phải là ngày"),
        ("ngay_phan_hoi", "2026-11-25", "25/11/2026 chưa tới."),
        ("ngay_phan_hoi", "2026-11-20", "20/11/2026 trước ngày yêu cầu."),
        ("lien_ket", "javascript:alert(1)", "không phải là địa chỉ trang"),
        ("ket_qua", "tốt", "không phải là kết quả"),
        ("van_ban", "123/SCT", "Chưa điền chỗ này."),
        ("ngay_ket_qua", "2026-11-20", "Chưa điền chỗ này."),
    ],
)
async def test_what_cannot_be_kept_is_told_at_its_field_and_nothing_typed_is_lost(
    site: Datasette, home: Home, name: str, text: str, told: str
) -> None:
    id_ = entered(home)
    answer = await press(site, id_, **{"ghi_chu": "giữ lại", name: text})
    assert answer.status_code == 400
    assert told in words(answer)
    assert "aria-invalid" in answer.text
    assert (typed(answer)["ghi-chu"], kept(home, id_).rev) == ("giữ lại", 1)


async def test_odd_addresses_and_forms_are_no_server_error(site: Datasette, home: Home) -> None:
    id_ = entered(home)
    for path in (
        "/phan-hoi?loc=la&tu=32/13/2026&den=x&giao=%00&nguon='--&trang=-1",
        "/phan-hoi?trang=999&loc=cho&tu=0001-01-01&den=9999-12-31",
        "/phan-hoi.xlsx?loc=la&tu=hôm+nay",
        "/phan-hoi.docx?loc=dong",
        f"/phan-hoi/{id_}?luu=la",
    ):
        assert (await site.client.get(path)).status_code == 200, path
    for path in ("/phan-hoi/99", "/phan-hoi/moi?bai=99999", "/phan-hoi/moi?bai=x", f"/phan-hoi/{10**17}"):
        assert (await site.client.get(path)).status_code == 404, path
    for task, rev in (("xac-nhan.x.y", "1"), ("khong-phai", "0"), ("", "9" * 30), ("xac-nhan.10.99", "-1")):
        sent = await press(site, id_, task, rev=rev)
        assert sent.status_code in (302, 303), task
    assert kept(home, id_).rev == 1


async def test_the_downloads_hold_the_filtered_rows_and_run_nothing(site: Datasette, home: Home) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    for n in range(3):
        entered(home, 30, asked=f"{evil}{n}", due="2026-11-20", assignee="+Lan")
    entered(home, 40, asked="Khác")
    query = "?loc=qua-han&giao=%2BLan"
    table = (await site.client.get(f"/phan-hoi.csv{query}")).text
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert {row["Nội dung cần phản hồi"] for row in rows} == {f"'{evil}{n}" for n in range(3)}
    assert {(row["Hạn"], row["Tình trạng"], row["Giao cho"]) for row in rows} == {
        ("2026-11-20", "quá hạn 4 ngày", "'+Lan")
    }
    book = load_workbook(io.BytesIO((await site.client.get(f"/phan-hoi.xlsx{query}")).content))
    cells = {cell.value: cell for row in book.active.iter_rows() for cell in row}
    assert cells[f"{evil}0"].data_type == "s"
    assert book.active.max_row == 4
    paper = Document(io.BytesIO((await site.client.get(f"/phan-hoi.docx{query}")).content))
    assert len(paper.tables[0].rows) == 4
    assert "Quá hạn: 3." in "\n".join(one.text for one in paper.paragraphs)
    assert "quá hạn 4 ngày" in paper.tables[0].rows[1].cells[3].text


async def test_each_figure_of_a_period_is_the_length_of_the_list_it_leads_to(
    site: Datasette, home: Home
) -> None:
    entered(home, due="2026-11-20")
    await press(site, entered(home, 30, due="2026-11-30"), ngay_phan_hoi="2026-11-24", ket_qua="corrected")
    await press(site, entered(home, 40, asked_on="2026-11-20", due="2026-11-22"), ngay_phan_hoi="2026-11-23")
    start, end, today = date(2026, 11, 1), date(2026, 12, 1), date(2026, 11, 24)
    with closing(open_desk(home.desk_db)) as desk:
        figures = answered_in(desk, start, end, today)
    counted = {}
    for figure in ("requested", "answered", "on_time", "overdue", "corrected"):
        page = await site.client.get("/phan-hoi", params=list_of(figure, start, end))
        counted[figure] = page.text.count('<tr id="so-')
    assert counted == {"requested": 3, "answered": 2, "on_time": 1, "overdue": 2, "corrected": 1}
    assert counted == {name: getattr(figures, name) for name in counted}


async def test_hostile_text_stays_text_and_paging_leads_on(site: Datasette, home: Home) -> None:
    entered(home, 30, asked=HOSTILE, asked_by=HOSTILE[:150], assignee=HOSTILE[:90])
    with closing(open_desk(home.desk_db)) as desk, writing(desk):
        for n in range(55):
            enter(desk, RegisterEntry(0, article_id=40), {"asked": f"Yêu cầu {n}"}, by="Lan", now=BEFORE)
    first = await site.client.get("/phan-hoi?loc=cho")
    assert first.text.count('<tr id="so-') == 50
    assert 'href="/phan-hoi?loc=cho&amp;trang=2"' in first.text
    second = await site.client.get("/phan-hoi?loc=cho&trang=2")
    assert second.text.count('<tr id="so-') == 6
    for path in ("/phan-hoi?loc=cho&trang=2", "/phan-hoi/1"):
        page = (await site.client.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


async def test_the_empty_register_says_what_to_do(site: Datasette) -> None:
    assert "Mở một bài rồi bấm «cần phản hồi»" in words(await site.client.get("/phan-hoi"))
    assert "Bấm «bỏ lọc»" in words(await site.client.get("/phan-hoi?giao=Lan"))
