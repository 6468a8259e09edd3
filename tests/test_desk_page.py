"""The desk without JavaScript: every action a form, nothing by GET, nothing typed is lost, no change unseen."""

import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from archive.cases import CaseBook
from archive.desk import accounts, sessions
from archive.desk.accounts import User
from archive.desk.choices import Choice, load_choices, load_notes
from archive.desk.db import open_desk
from archive.home import Home
from archive.web.access import Access
from archive.web.auth import SESSION_COOKIE
from tests import desk_sample, web_sample
from tests.desk_sample import NOW
from tests.web_sample import serving_explained, words

pytestmark = pytest.mark.timeless

LEAD, OTHER = 50, 150  # the leads of two stories, each carried by several outlets


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return desk_sample.opened(tmp_path)


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with serving_explained(home, now=NOW) as datasette:
        yield datasette


def hidden(text: str) -> dict[str, str]:
    """The fields that the page's form sends with every button."""
    form = text[text.index('<form id="viec"') :]
    form = form[: form.index("</form>")]
    return {name: html.unescape(value) for name, value in re.findall(r'name="([\w-]+)" value="([^"]*)"', form)}


def button(text: str, article_id: int, what: str) -> str:
    """The value of a story's button, as it stands on the page."""
    found = re.search(rf'value="({article_id}\.\d+\.\d+\.{what})"', text)
    assert found, f"no button {what} for {article_id}"
    return found[1]


async def press(
    site: Datasette, path: str, page: httpx.Response, *, json: bool = False, **more: Any
) -> httpx.Response:
    """What a browser sends for a button of the page."""
    data = {**hidden(page.text), **{name.replace("_", "-"): value for name, value in more.items()}}
    headers = {"accept": "application/json"} if json else {}
    cookies = {"ds_csrftoken": page.cookies.get("ds_csrftoken") or data["csrftoken"]}
    return await site.client.post(path, data=data, cookies=cookies, headers=headers)


async def do(site: Datasette, article_id: int, what: str, **more: Any) -> httpx.Response:
    """A fresh page, and one button of a story."""
    page = await site.client.get("/ban")
    now = re.search(rf'value="({article_id}\.\d+\.\d+)\.', page.text)
    assert now, article_id
    return await press(site, "/ban/tin", page, viec=f"{now[1]}.{what}", **more)


def choices(home: Home) -> dict[int, Choice]:
    with closing(open_desk(home.desk_db)) as desk:
        return load_choices(desk, "sang", "")


def notes(home: Home) -> dict[int, Any]:
    with closing(open_desk(home.desk_db)) as desk:
        return load_notes(desk, [LEAD, OTHER])


async def test_each_story_is_told_once_with_all_that_is_known(site: Datasette) -> None:
    page = await site.client.get("/ban")
    text = words(page)
    assert "40 tin" in text
    assert page.text.count('class="tin"') == 40
    assert "đã sửa: 7,8% → 6,8%" in text
    assert "đã gỡ" in text
    assert "chưa chắc: dữ liệu của trang ghi" in text
    assert "3 báo đăng" in text
    assert "trọng tâm" in text
    assert "<script>alert" not in page.text
    assert "Chưa chọn tin nào." in text


async def test_looking_changes_nothing(site: Datasette, home: Home) -> None:
    for path in (
        "/ban",
        "/ban?sua=50",
        "/ban?loc=open",
        "/ban?loc=xin&luc=bao+gio&sua=999999&luu=xx",
        "/ban?lang=en",
    ):
        assert (await site.client.get(path)).status_code == 200, path
    with closing(open_desk(home.desk_db)) as desk:
        for table in ("choices", "notes", "reads", "looks", "log"):
            assert not desk.execute(f"select count(*) from {table}").fetchone()[0], table
    for path in ("/ban/tin", "/ban/hoan-tac", "/ban/da-xem"):
        assert (await site.client.get(path)).status_code in (404, 405), path


async def test_choosing_leads_back_to_the_story_and_shows_it_at_the_right(site: Datasette, home: Home) -> None:
    answer = await do(site, LEAD, "chon")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"#tin-{LEAD}")
    page = await site.client.get(answer.headers["location"])
    assert choices(home)[LEAD].mark == "chosen"
    assert f'data-for="{LEAD}"' in page.text
    assert "1 tin · 1 phút đọc" in words(page)
    assert "đã lưu 06:40" in words(page)
    assert 'aria-pressed="true"' in page.text


@pytest.mark.parametrize(
    ("what", "field", "value"),
    [
        ("de-lai", "mark", "left"),
        ("khong-lien-quan", "mark", "irrelevant"),
        ("vi-sao-why_advert", "why", "why_advert"),
        ("noi-bat", "star", True),
        ("noi-bat", "mark", "chosen"),
    ],
)
async def test_each_decision_is_kept(site: Datasette, home: Home, what: str, field: str, value: Any) -> None:
    assert (await do(site, LEAD, what)).status_code == 303
    assert getattr(choices(home)[LEAD], field) == value


async def test_what_is_not_relevant_becomes_a_case_and_taken_back_is_withdrawn(
    site: Datasette, home: Home
) -> None:
    book = CaseBook.of(home)
    await do(site, LEAD, "chon")
    assert not book.path.exists()
    await do(site, LEAD, "khong-lien-quan")
    await do(site, LEAD, "vi-sao-why_advert")
    case = book.read()[0]
    assert (case.verdict, case.why, case.open, bool(case.title)) == ("irrelevant", "why_advert", True, True)
    page = await site.client.get("/ban")
    for _ in range(2):
        await press(site, "/ban/hoan-tac", page)
    assert [one.open for one in book.read()] == [False]


async def test_a_case_file_that_cannot_be_written_does_not_stop_the_desk(site: Datasette, home: Home) -> None:
    CaseBook.of(home).path.mkdir()
    answer = await do(site, LEAD, "khong-lien-quan")
    assert answer.status_code == 303
    assert choices(home)[LEAD].mark == "irrelevant"


async def test_irrelevant_asks_why_and_the_answer_is_one_tap(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "khong-lien-quan")
    page = await site.client.get("/ban")
    assert "Vì sao?" in words(page)
    await press(site, "/ban/tin", page, viec=button(page.text, LEAD, "vi-sao-why_place_name"))
    page = await site.client.get("/ban")
    assert "không liên quan : trùng tên địa danh" in words(page).replace(
        "không liên quan trùng", "không liên quan : trùng"
    )
    await do(site, LEAD, "bo")
    assert (choices(home)[LEAD].mark, choices(home)[LEAD].why) == (None, "")


@pytest.mark.parametrize("tone", ["good", "neutral", "bad"])
async def test_tone_is_set_by_a_person(site: Datasette, home: Home, tone: str) -> None:
    await do(site, LEAD, f"tone-{tone}")
    assert notes(home)[LEAD].tone == tone
    await do(site, LEAD, "thoi-tone")
    assert notes(home)[LEAD].tone is None


async def test_read_is_each_readers_own(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "da-doc")
    page = await site.client.get("/ban")
    assert "data-read" in page.text
    await do(site, LEAD, "chua-doc")
    assert "data-read" not in (await site.client.get("/ban")).text


async def write(
    site: Datasette, article_id: int = LEAD, page: httpx.Response | None = None, **typed: str
) -> httpx.Response:
    """The form under a story, with what is typed into it."""
    page = page or await site.client.get("/ban", params={"sua": article_id})
    form = page.text[page.text.index('<form class="editor"') :]
    form = form[: form.index("</form>")]
    inputs = re.findall(r'<input(?! type="checkbox")[^>]* name="([\w-]+)" value="([^"]*)"', form)
    texts = re.findall(r'<textarea name="([\w-]+)"[^>]*>\n([^<]*)', form)
    chosen = re.findall(r'<select name="([\w-]+)">.*?<option value="([^"]*)" selected', form)
    fields = {name: html.unescape(value) for name, value in [*inputs, *texts, *chosen]}
    fields |= {name.replace("_", "-"): value for name, value in typed.items()}
    cookies = {"ds_csrftoken": page.cookies.get("ds_csrftoken") or fields["csrftoken"]}
    return await site.client.post("/ban/tin", data=fields, cookies=cookies)


async def test_what_is_written_is_kept_and_shown(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "chon")
    answer = await write(
        site,
        nhan_xet="Đề nghị Sở trả lời trước 30/11",
        ghi_chu="Hỏi anh Minh",
        giao="Lan",
        han="2026-11-20",
        tit="Tít mới",
    )
    assert answer.status_code == 303
    choice, note = choices(home)[LEAD], notes(home)[LEAD]
    assert (choice.comment, choice.title, choice.summary) == ("Đề nghị Sở trả lời trước 30/11", "Tít mới", "")
    assert (note.note, note.assignee, note.due) == ("Hỏi anh Minh", "Lan", "2026-11-20")
    text = words(await site.client.get("/ban"))
    assert "nhận xét Đề nghị Sở trả lời trước 30/11" in text
    assert "giao Lan hạn 20/11/2026" in text
    assert "đã sửa cho số này Tít mới" in text
    await write(site, tit="", nhan_xet="")
    assert (choices(home)[LEAD].title, choices(home)[LEAD].comment) == ("", "")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("nhan-xet", "ặ" * 100_000, "Dài quá: 100.000 ký tự, nhiều nhất 2.000."),
        ("ghi-chu", "ặ" * 5001, "Dài quá: 5.001 ký tự, nhiều nhất 5.000."),
        ("tit", "x" * 301, "nhiều nhất 300."),
        ("tom-tat", "x" * 3001, "nhiều nhất 3.000."),
        ("giao", "x" * 101, "nhiều nhất 100."),
        ("han", "mai", "«mai» không phải là ngày"),
    ],
)
async def test_what_cannot_be_is_said_at_the_field_and_nothing_typed_is_lost(
    site: Datasette, home: Home, field: str, value: str, sentence: str
) -> None:
    other = "ghi-chu" if field == "nhan-xet" else "nhan-xet"
    answer = await write(site, **{field: value, other: "câu khác đã gõ"})
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert value in answer.text
    assert "câu khác đã gõ" in answer.text
    assert not choices(home)
    assert not notes(home)


def edition(text: str) -> list[int]:
    """The stories of the edition at the right, in their order."""
    return [int(one) for one in re.findall(r'<li value="\d+" data-for="(\d+)"', text)]


async def test_chosen_stories_move_within_their_section(site: Datasette) -> None:
    first = [int(one) for one in re.findall(r'data-id="(\d+)"', (await site.client.get("/ban")).text)][:3]
    for one in first:
        await do(site, one, "chon")
    assert edition((await site.client.get("/ban")).text) == first
    await do(site, first[2], "len")
    assert edition((await site.client.get("/ban")).text) == [first[0], first[2], first[1]]
    await do(site, first[0], "xuong")
    page = await site.client.get("/ban")
    assert edition(page.text) == [first[2], first[0], first[1]]
    assert [int(one) for one in re.findall(r'data-id="(\d+)"', page.text)][:3] == first, "the list stays"
    await do(site, first[2], "len")
    await press(site, "/ban/hoan-tac", await site.client.get("/ban"))
    assert edition((await site.client.get("/ban")).text) == [first[0], first[2], first[1]]
    await do(site, first[1], "noi-bat")
    page = await site.client.get("/ban")
    assert edition(page.text)[0] == first[1]
    assert "Tin nổi bật" in words(page)


async def test_a_story_goes_to_another_section(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "chon")
    await write(site, muc="sang/fdi")
    assert choices(home)[LEAD].section == "sang/fdi"
    assert "mục Đầu tư nước ngoài" in words(await site.client.get("/ban"))
    await write(site, muc="")
    assert choices(home)[LEAD].section is None


async def test_two_stories_become_one_and_part_again(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "chon")
    await do(site, OTHER, "chon")
    await write(site, OTHER, gop=str(LEAD))
    page = await site.client.get("/ban")
    assert edition(page.text) == [LEAD]
    assert page.text.count('class="tin"') == 40
    assert "gộp vào" in words(page)
    assert (await write(site, LEAD, gop="")).status_code == 303
    await do(site, OTHER, "tach")
    assert sorted(edition((await site.client.get("/ban")).text)) == [LEAD, OTHER]


async def test_an_outlet_is_taken_out_of_a_story(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "chon")
    assert 'name="tach" value="51"' in (await site.client.get("/ban", params={"sua": LEAD})).text
    await write(site, LEAD, tach="51")
    page = await site.client.get("/ban")
    assert page.text.count('class="tin"') == 41
    assert 'id="tin-51"' in page.text
    assert edition(page.text) == [LEAD]


async def test_markup_in_what_is_written_stays_text(site: Datasette, home: Home) -> None:
    bad = web_sample.HOSTILE[:290]
    await write(site, nhan_xet=bad, ghi_chu=bad, giao=bad[:90], tit=bad, tom_tat=bad)
    page = await site.client.get("/ban", params={"sua": LEAD})
    assert "<script>alert" not in page.text
    assert "<svg onload" not in page.text
    assert choices(home)[LEAD].comment.startswith("<script>")


async def test_of_two_editors_the_second_is_told_and_keeps_what_was_typed(site: Datasette, home: Home) -> None:
    page = await site.client.get("/ban", params={"sua": LEAD})
    await write(site, nhan_xet="của người thứ nhất")
    answer = await write(site, page=page, nhan_xet="của người thứ hai")
    assert answer.status_code == 409
    text = words(answer)
    assert "vừa sửa tin này lúc 06:40" in text
    assert "của người thứ nhất" in text
    assert answer.text.count("của người thứ hai") == 2
    assert choices(home)[LEAD].comment == "của người thứ nhất"
    await write(site, page=answer, nhan_xet="của người thứ hai")
    assert choices(home)[LEAD].comment == "của người thứ hai"


async def test_a_button_pressed_on_an_old_page_is_told_too(site: Datasette, home: Home) -> None:
    old = await site.client.get("/ban")
    await do(site, LEAD, "de-lai")
    answer = await press(site, "/ban/tin", old, viec=button(old.text, LEAD, "chon"))
    assert answer.status_code == 409
    assert "Bấm lại nếu vẫn muốn đổi." in words(answer)
    assert choices(home)[LEAD].mark == "left"


async def test_undo_takes_back_the_last_change(site: Datasette, home: Home) -> None:
    await do(site, LEAD, "chon")
    await do(site, LEAD, "tone-bad")
    for _ in range(2):
        await press(site, "/ban/hoan-tac", await site.client.get("/ban"))
    assert choices(home)[LEAD].mark is None
    assert notes(home)[LEAD].tone is None
    answer = await press(site, "/ban/hoan-tac", await site.client.get("/ban"))
    assert "Không còn gì để hoàn tác." in words(await site.client.get(answer.headers["location"]))


async def test_the_script_gets_the_parts_that_changed(site: Datasette) -> None:
    page = await site.client.get("/ban")
    answer = await press(site, "/ban/tin", page, json=True, viec=button(page.text, LEAD, "chon"))
    told = json.loads(answer.text)
    assert (told["saved"], told["sum"]) == ("đã lưu 06:40", "1 tin · 1 phút đọc")
    assert list(told["stories"]) == [str(LEAD)]
    assert f'data-for="{LEAD}"' in told["edition"]
    again = await press(site, "/ban/tin", page, json=True, viec=button(page.text, LEAD, "de-lai"))
    assert again.status_code == 409
    assert "Bấm lại" in json.loads(again.text)["sentence"]


async def test_only_our_own_page_may_send(site: Datasette, home: Home) -> None:
    page = await site.client.get("/ban")
    data = {**hidden(page.text), "viec": button(page.text, LEAD, "chon")}
    assert (await site.client.post("/ban/tin", data=data)).status_code == 403
    cookies = {"ds_csrftoken": data["csrftoken"]}
    foreign = {"origin": "https://la.example"}
    assert (await site.client.post("/ban/tin", data=data, cookies=cookies, headers=foreign)).status_code == 403
    assert not choices(home)


@pytest.mark.parametrize(
    "viec",
    ["", "x", "50.0.0.xoa", "50.0.0", "99999999.0.0.chon", "50.99999999999999999999.0.chon", "50.0.0.tone-vui"],
)
async def test_nonsense_is_refused_with_a_sentence(site: Datasette, home: Home, viec: str) -> None:
    page = await site.client.get("/ban")
    answer = await press(site, "/ban/tin", page, viec=viec)
    assert answer.status_code in (400, 404, 409)
    assert not choices(home)


async def test_readers_look_and_note_what_they_read_but_decide_nothing(home: Home) -> None:
    async with serving_explained(home, Access("chè xanh Đồi 2026"), NOW) as site:
        login = {"authorization": httpx.BasicAuth("ai", "chè xanh Đồi 2026")._auth_header}
        page = await site.client.get("/ban", headers=login)
        assert page.status_code == 200
        assert "Để chọn và duyệt tin, cần tài khoản biên tập" in words(page)
        assert "data-edit=" not in page.text
        cookies = {"ds_csrftoken": hidden(page.text)["csrftoken"]}
        for what, status in (("chon", 403), ("da-doc", 303)):
            data = {**hidden(page.text), "viec": f"{LEAD}.0.0.{what}"}
            answer = await site.client.post("/ban/tin", data=data, cookies=cookies, headers=login)
            assert answer.status_code == status
    assert not choices(home)


async def test_the_second_of_two_accounts_is_told_the_name_of_the_first(home: Home) -> None:
    with closing(open_desk(home.desk_db)) as desk:
        for name in ("Lan", "Minh"):
            accounts.add(desk, name, "admin", "chè xanh Đồi 2026", by="", now=NOW)
        jars = {
            name: {SESSION_COOKIE: sessions.open_session(desk, User(name, "admin"), address="", now=NOW)}
            for name in ("Lan", "Minh")
        }
    async with serving_explained(home, now=NOW) as site:
        pages = {name: await site.client.get("/ban", cookies=jar) for name, jar in jars.items()}
        answers = [
            await site.client.post(
                "/ban/tin",
                data={**hidden(page.text), "viec": f"{LEAD}.0.0.{what}"},
                cookies={**jars[name], "ds_csrftoken": page.cookies["ds_csrftoken"]},
            )
            for (name, page), what in zip(pages.items(), ("chon", "de-lai"), strict=True)
        ]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "Lan vừa sửa tin này lúc 06:40" in words(answers[1])
    assert choices(home)[LEAD].changed_by == "Lan"
    assert '<option value="Minh">' in answers[1].text


async def test_the_public_and_a_plain_datasette_have_no_desk(home: Home) -> None:
    async with serving_explained(home, Access(public=True), NOW) as site:
        assert (await site.client.get("/ban")).status_code == 404
        assert 'href="/ban"' not in (await site.client.get("/")).text


async def test_new_since_the_last_look(site: Datasette) -> None:
    page = await site.client.get("/ban")
    assert "Mới từ lần xem trước" not in words(page)
    await press(site, "/ban/da-xem", page, den="2026-11-23T20:00:00Z")
    page = await site.client.get("/ban?loc=new")
    shown = page.text.count('class="tin"')
    assert 0 < shown < 40
    assert f"Mới từ lần xem trước {shown}" in words(page)


async def test_english(site: Datasette) -> None:
    text = words(await site.client.get("/ban?lang=en"))
    assert "Nothing chosen yet." in text
    assert "choose leave irrelevant highlight" in text
