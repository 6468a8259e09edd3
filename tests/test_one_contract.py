"""One edition as page, mail, text, Word, Atom, JSON, message: the same stories, order, marks and age in all."""

import asyncio
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import docx
import lxml.html
import msgspec
import pytest
from lxml import etree

from archive.clock import stamp
from archive.desk.approvals import approve
from archive.desk.choices import Key, change
from archive.desk.db import open_desk
from archive.digests import editions
from archive.digests.layout.html import brief
from archive.digests.outbox import deliver
from archive.home import Home
from archive.model import Figure
from archive.web.app import build
from tests import web_sample
from tests.happenings import ANEW as FIRE_ANEW
from tests.happenings import one_event, tell_fire
from tests.newsroom import FACTORY, Newsroom, hanoi
from tests.receivers import Mailbox, WebSink, mail_server, web_server

ATOM = "{http://www.w3.org/2005/Atom}"
RULES = """\
sang:
  title: Điểm tin Sông Bằng
  queries:
    Công nghiệp: '"nhà máy" OR "khu công nghiệp"'
    Chính quyền số: '"chuyển đổi số"'
  schedule: daily 07:00
  options: {mentions: lines}
  channels:
    - {type: file, path: so, formats: [html, text, docx, json]}
    - {type: atom, path: so/sang.atom}
    - type: smtp
      host: 127.0.0.1
      port: MAIL
      tls: none
      sender: tin@so.example
      to: [giam-doc@so.example]
      attach: [docx]
    - {type: webhook, url: 'WEB'}
"""
NOW = hanoi("2026-11-24")
TEACHERS = (
    "Thầy cô làng Đìa ôn bảng tính",
    "Ba mươi giáo viên học mỗi tối.",
    "Lớp mở ở trường cũ.\nBài đầu là chuyển đổi số trong sổ điểm.\nCô Mận kể mình gõ chậm mà vui.",
)
RETOLD = (
    "Mẻ đầu của nhà máy cảm biến",
    "Sông Bằng có lô hàng mẫu.",
    "Bạn đọc thấy xe tải rời xưởng từ sớm.\nAnh lái xe kể mỗi thùng có trăm chiếc.\nCửa kho mở đến trưa.",
)
SYLLABLES = [  # of names that no other text has
    "bùi",
    "chế",
    "dịp",
    "đoái",
    "ghẹ",
    "gừng",
    "hến",
    "hẹ",
    "kèn",
    "khoai",
    "lạp",
    "lúm",
    "mẹt",
    "miến",
    "mòng",
    "muỗm",
    "nếp",
    "ngan",
    "nghệ",
    "nhãn",
    "nhót",
    "nơm",
    "ổi",
    "phên",
    "phích",
    "quạ",
    "quéo",
    "rặm",
    "rươi",
    "sậy",
    "sấu",
    "sẻ",
    "táo",
    "thìa",
    "trám",
    "trẩu",
    "trĩ",
    "ươi",
    "vẹt",
    "vịt",
    "vừng",
    "xoan",
    "xối",
    "yến",
]
NAMES = ("gỗ", "đá", "cát", "gạch", "sợi", "vải", "giấy", "thép", "kẽm", "pin", "đèn", "loa", "bơm")


def news(title: str, seed: int, figure: str = "7,8%") -> tuple[str, str, str]:
    """A text like no other one."""
    said = [f"Ông {NAMES[(seed + at) % 13]} kể về {NAMES[at]} số {seed * 31 + at}." for at in range(13)]
    who = " ".join(Random(seed).sample(SYLLABLES, 9))
    return title, f"Sản lượng tăng {figure}, theo {who}.", " ".join(said)


def known(text: tuple[str, str, str]) -> list[Figure]:
    """Figures of known indicators: one in the lead, one in the body's first sentence."""
    title, lead, body = text
    sentence = body.partition(" Ông")[0]
    number = re.search(r"\d+", sentence)
    assert number is not None
    at, below = len(title) + 1 + lead.index("7,8%"), len(title) + len(lead) + 2 + number.start()
    return [
        Figure("Chỉ số sản xuất công nghiệp", 7.8, "%", lead, key="iip", starts=at, ends=at + 4),
        Figure(
            "Giá trị xuất khẩu", float(number[0]), "USD", sentence, key="exports", starts=below, ends=below + 2
        ),
        Figure("Chuyện khác", 1.0, "tấn", "không phải chỉ tiêu"),
    ]


@dataclass
class Forms:
    """What each receiver got of the edition."""

    page: str
    mail: str
    mail_text: str
    file: str
    text: str
    word: bytes
    attached: bytes
    atom: bytes
    feed: bytes
    json: dict[str, Any]
    hook: dict[str, Any]
    brief: str


def told(room: Newsroom, home: Path) -> int:
    """Two mornings: what the first one told is reprinted, edited and taken down before the second; its id."""
    digest, desk = room.alerts.digests["sang"], open_desk(home / "desk.db")
    monday = NOW - timedelta(days=1)
    room.publish(FACTORY, monday - timedelta(hours=3), url="https://a.example/1")
    room.publish(news("Nhà máy giấy tăng ca", 1), monday - timedelta(hours=4), url="https://a.example/2")
    room.publish(
        news("Khu công nghiệp Bến Đá mở cổng", 2), monday - timedelta(hours=5), url="https://a.example/3"
    )
    approve(room.db, desk, digest, until=monday, everything=True, by="lan", now=monday)
    before = NOW - timedelta(hours=6)
    room.publish(FACTORY, before, source="may-tre", credit="Báo Sông Bằng")
    retold = room.publish(RETOLD, before, source="dien-dan-so")
    one_event(room, 1, retold)
    tell_fire(room, before)
    edited = {"seen": before, "url": "https://a.example/2"}
    room.publish(news("Nhà máy giấy tăng ca", 1, "6,8%"), monday - timedelta(hours=4), **edited)
    room.take_down("https://a.example/3", before, before + timedelta(hours=2))
    star = room.publish(pin := news("Nhà máy pin khởi công", 3), before, figures=known(pin))
    room.publish(news("Nhà máy gốm đổi lò", 4, "1.200 tỷ đồng"), before, url="https://a.example/5")
    edited = {"seen": NOW - timedelta(hours=1), "url": "https://a.example/5"}
    room.publish(news("Nhà máy gốm đổi lò", 4, "1.300 tỷ đồng"), before, **edited)
    room.publish(news("Nhà máy sợi dời đi", 5), before - timedelta(hours=1), url="https://a.example/6")
    room.take_down("https://a.example/6", before, before + timedelta(hours=2))
    class_ = room.publish(news("Lớp chuyển đổi số ở chợ", 6), before)
    joined = room.publish(TEACHERS, before, source="dien-dan-so")
    room.publish(news("Nhà máy ở tỉnh bạn", 8), before, level="mention")
    window = editions.last_covered_to(room.db, digest)
    assert window is not None
    for id_, decided in (
        (star, {"star": True}),
        (class_, {"comment": "Đề nghị báo cáo.\nTrước thứ Sáu."}),
        (joined, {"head_id": class_}),
    ):
        change(desk, Key("sang", stamp(window), id_), 0, decided, by="lan", now=NOW)
    room.crawled("song-bang", NOW - timedelta(minutes=8))
    made = approve(room.db, desk, digest, until=NOW, everything=True, by="lan", now=NOW)
    desk.close()
    return made


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    home = Home.at(tmp_path_factory.mktemp("contract"))
    with mail_server(Mailbox()) as box, web_server(WebSink()) as sink:
        room = Newsroom(home.path, RULES.replace("MAIL", str(box.port)).replace("WEB", sink.url))
        made = told(room, home.path)
        deliver(room.db, room.alerts, NOW, base=home.path, only=made)
    states = {row[0] for row in room.db.execute("select state from deliveries where digest_id = ?", [made])}
    assert states == {"sent"}
    [message] = box.messages
    folder = home.path / "so"
    page, feed = asyncio.run(_served(home, made))
    [word] = list(message.iter_attachments())
    [saved] = folder.glob("sang-2026-11-24*.docx")
    return Forms(
        page=page,
        mail=message.get_body(("html",)).get_content(),
        mail_text=message.get_body(("plain",)).get_content(),
        file=next(folder.glob("sang-2026-11-24*.html")).read_text(),
        text=next(folder.glob("sang-2026-11-24*.txt")).read_text(),
        word=saved.read_bytes(),
        attached=word.get_content(),
        atom=(folder / "sang.atom").read_bytes(),
        feed=feed,
        json=msgspec.json.decode(next(folder.glob("sang-2026-11-24*.json")).read_bytes()),
        hook=msgspec.json.decode(sink.posts[0][1]),
        brief=brief(editions.read(room.db, made)),
    )


async def _served(home: Home, made: int) -> tuple[str, bytes]:
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        page = await site.client.get(f"/ban-tin/{made}/noi-dung")
        feed = await site.client.get("/ban-tin/sang.atom")
    assert page.status_code == feed.status_code == 200
    return page.text, feed.content


Outline = list[tuple[str, list[str]]]  # heading and what stands under it


def of_html(page: str) -> Outline:
    """Headings in capitals, stories as ``1. Title [mark]``, of changes and lines the titles."""
    told: Outline = []
    body = lxml.html.fromstring(page).find(".//h1").getparent()
    for one in body:
        if one.tag == "h2":
            told.append((_flat(one).upper(), []))
        elif one.tag == "div" and told:
            first = one[0] if one.get("id", "").startswith("tin-") else one.find("a")
            told[-1][1].append(_flat(first) if first is not None else "")
    return told[:-1]  # the sources stand last, and hold no story


def _flat(element: Any) -> str:
    return " ".join(element.text_content().split())


def of_text(text: str) -> Outline:
    told: Outline = []
    for line in text.split("\n\n--\n")[0].splitlines():
        if re.match(r"\d+\. |- ", line) and told:
            told[-1][1].append(line.removeprefix("- ").split(" – ")[0])
        elif line.isupper():
            told.append((line, []))
    return told[1:-1]  # the digest's name stands first


def of_word(word: bytes) -> Outline:
    told: Outline = []
    for one in docx.Document(io.BytesIO(word)).paragraphs:
        if one.style is not None and one.style.name == "Heading 1":
            told.append((one.text, []))
        elif re.match(r"\d+\. |– ", one.text) and told:
            title = one.text.splitlines()[0].removeprefix("– ")  # the outlets stand on a line below
            told[-1][1].append(re.sub(r" \((Báo|Tạp chí) .*", "", title))
    return told[:-1]


def of_json(content: dict[str, Any]) -> Outline:
    changes = {one["id"]: one["title"] for one in content["changes"]}
    told = []
    for part in content["layout"]["parts"][:-1]:
        lines = [changes[one["id"]] for one in part.get("changes", ())]
        for one in part.get("stories", ()):
            number = f"{one['number']}. " if "number" in one else ""
            lines.append(number + one["title"] + "".join(f" [{mark}]" for mark in one["marks"]))
        told.append((part["heading"].upper(), lines))
    return told


def entry(feed: bytes) -> str:
    """What the newest entry of a feed holds."""
    return etree.fromstring(feed).findtext(f"{ATOM}entry/{ATOM}content") or ""


OUTLINES: dict[str, Callable[[Forms], Outline]] = {
    "page": lambda forms: of_html(forms.page),
    "mail": lambda forms: of_html(forms.mail),
    "mail text": lambda forms: of_text(forms.mail_text),
    "file": lambda forms: of_html(forms.file),
    "text": lambda forms: of_text(forms.text),
    "word": lambda forms: of_word(forms.word),
    "attached": lambda forms: of_word(forms.attached),
    "atom": lambda forms: of_html(entry(forms.atom)),
    "feed of the page": lambda forms: of_html(entry(forms.feed)),
    "json": lambda forms: of_json(forms.json),
    "webhook": lambda forms: of_json(forms.hook),
}
TOLD: Outline = [
    ("TIN NỔI BẬT", ["1. Nhà máy pin khởi công"]),
    (
        "BÀI ĐÃ SỬA / ĐÃ GỠ",
        ["Nhà máy giấy tăng ca", "Khu công nghiệp Bến Đá mở cổng", "Nhà máy sợi dời đi", "Nhà máy gốm đổi lò"],
    ),
    (
        "I. CÔNG NGHIỆP",
        [
            f"2. {FIRE_ANEW[0]}",
            "3. Nhà máy gốm đổi lò [đã sửa: 1.200 tỷ đồng → 1.300 tỷ đồng]",
            "4. Nhà máy sợi dời đi [đã gỡ]",
        ],
    ),
    ("II. CHÍNH QUYỀN SỐ", ["5. Lớp chuyển đổi số ở chợ"]),
    ("CẬP NHẬT TIN ĐÃ ĐIỂM", ["Nhà máy cảm biến Sông Bằng chạy thử"]),
    ("CŨNG NHẮC ĐẾN THÁI NGUYÊN", ["Nhà máy ở tỉnh bạn"]),
]
CONTENTS = (
    "Nội dung: Tin nổi bật 1 · Đã sửa, đã gỡ 4 · I. Công nghiệp 3 · II. Chính quyền số 1 · "
    "Cập nhật tin đã điểm 1 · Cũng nhắc đến Thái Nguyên 1"
)
SAID = [  # in this order, wherever the form has room for it
    "Dữ liệu đến 06:52, 24/11",
    CONTENTS,
    "Số liệu: Chỉ số sản xuất công nghiệp: 7,8%; Giá trị xuất khẩu: «Ông gạch kể về gỗ số 93.»",
    "Cập nhật – đã sửa: 7,8% → 6,8%",
    "Cập nhật – đã gỡ (phát hiện 24/11, xác nhận 24/11)",
    "(tin 4)",
    "Đã sửa: 1.200 tỷ đồng → 1.300 tỷ đồng (tin 3)",
    "Tạp chí Mây Tre 03:00 24/11",
    "Đưa tin: 3 báo, 2 tự viết, 1 đăng lại",
    "Khác nhau: thiệt hại 3 tỷ đồng (Báo Sông Bằng); 5 tỷ đồng (Tạp chí Mây Tre)",
    "Diễn đàn Số 01:00 24/11",
    "Nhận xét: Đề nghị báo cáo.",
    "Trước thứ Sáu.",
    "Tạp chí Mây Tre đăng 01:00 24/11 (theo Báo Sông Bằng); Diễn đàn Số đăng 01:00 24/11: «Mẻ đầu",
    "0/1 nguồn đọc được từ 07:00 23/11; chưa đọc được lần nào: Báo Sông Bằng.",
]


@pytest.mark.parametrize("form", OUTLINES)
def test_all_forms_have_the_same_stories_under_the_same_headings(forms: Forms, form: str) -> None:
    assert OUTLINES[form](forms) == TOLD


@pytest.mark.parametrize("form", ["page", "mail", "mail_text", "file", "text", "word", "atom", "feed"])
def test_all_forms_say_the_same_in_the_same_order(forms: Forms, form: str) -> None:
    shown = getattr(forms, form)
    if form == "word":
        shown = "\n".join(one.text for one in docx.Document(io.BytesIO(shown)).paragraphs)
    elif form in ("atom", "feed"):
        shown = lxml.html.fromstring(entry(shown)).text_content()
    elif "text" not in form:
        shown = lxml.html.fromstring(shown).text_content()
    flat = " ".join(shown.split())
    at = 0
    for piece in SAID:
        found = flat.find(piece, at)
        assert found >= 0, f"{piece!r} is missing or out of order in {form}: {flat}"
        at = found


def test_programs_and_messengers_get_the_age_and_the_order_too(forms: Forms) -> None:
    assert forms.json == forms.hook
    layout = forms.json["layout"]
    assert layout["age"] == SAID[0]
    assert SAID[0] in layout["head"]
    assert [part["count"] for part in layout["parts"][:-1]] == [len(lines) for _, lines in TOLD]
    lines = forms.brief.splitlines()
    assert lines[1] == SAID[0]
    assert lines[2] == CONTENTS.removeprefix("Nội dung: ")
    told = [line for _, some in TOLD for line in some if line[0].isdigit()]
    shown = [re.sub(r" \((Báo|Diễn|Tạp)[^)]*\)", "", line) for line in lines if re.match(r"\d+\. ", line)]
    assert shown == told


def test_what_was_told_before_is_not_told_again(forms: Forms) -> None:
    for form in (forms.page, forms.text):
        assert FACTORY[1] not in form, "the summary of a story that an earlier edition told"
