"""Editions as readers see them: HTML, text, Word, Atom; hostile titles harm none of them."""

import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import docx
import msgspec
import pytest
from docx.oxml.ns import qn
from lxml import etree

from archive.digests.content import (
    STARRED,
    Content,
    EditionChange,
    Health,
    Section,
)
from archive.digests.layout.atom import FeedEntry, to_atom
from archive.digests.layout.docx import to_docx
from archive.digests.layout.html import brief, to_html, to_text
from archive.digests.layout.lines import subject
from archive.digests.message import Message
from archive.formats import Formats
from archive.i18n import Words
from archive.reasons import reason
from archive.search.highlight import Marked
from tests.rendered import FULL, Reader, appearance, content, paper, shown_as, story

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = '<script>alert("x")</script> & {{ 7*7 }} \x00\x0b\u202eđảo'


@pytest.mark.parametrize("form", ["html", "text", "docx"])
def test_all_forms_tell_the_same_in_the_same_order(form: str) -> None:
    flat = " ".join(shown_as(form, FULL).split())
    wanted = [
        "Số 217", "Thứ Hai, ngày 23 tháng 11 năm 2026", "từ 07:00 20/11 đến 07:00 23/11",
        "Thứ Bảy 21/11, Chủ Nhật 22/11", "1.234 bài, 2 tin, 9 báo", "1/3 nguồn đang hỏng",
        "Nội dung: Đã sửa, đã gỡ 1 · I. Công nghiệp 2 · Cập nhật tin đã điểm 1 · Tin cũ mới tìm thấy 1",
        "Bài đã sửa / đã gỡ", "Đã sửa: 7,8% → 6,8% (tin 1)", "I. Công nghiệp",
        "1. Nhà máy cảm biến chạy thử [đã sửa: 7,8% → 6,8% (Báo Sông Bằng)]", "08:00 20/11",
        "01:00 01/01 (theo Báo Sông Bằng)",
        "Dây chuyền thứ nhất chạy sáng nay.", "Nghị quyết 52-NQ/TW (27/09/2019)",
        "2. Chợ phiên mở lại", "không rõ giờ – đã gỡ",
        "Cập nhật tin đã điểm", "Tin cũ được đăng lại", "Tin năm 2019",
        "Tình trạng nguồn tin",
        "2/3 nguồn bình thường", "Không kết nối được.",
        "Muốn thôi nhận",
    ]  # fmt: skip
    at = 0
    for piece in wanted:
        found = flat.lower().find(piece.lower(), at)
        if piece == "1/3 nguồn đang hỏng":
            assert "1/3 nguồn đang hỏng" in flat
            continue
        assert found >= at, f"{piece!r} is missing or out of order in {form}"
        at = found


def test_stored_reasons_are_sentences_in_every_form() -> None:
    gone = reason("article_gone", suspected="2026-11-19T18:00:00Z", gone="2026-11-21T01:00:00Z")
    url = "https://a.example/"
    coded = content(
        warning=reason("edition_stale", since="2026-11-20T01:00:00Z"),
        changes=[EditionChange("gone:1", "gone", 1, "Báo", "Tin", url, url, "2026-11-22T08:00:00Z", gone)],
        stop=reason("edition_stop"),
    )
    message = Message(to_html(coded), to_text(coded), coded, "<a@b>")
    for shown in (Reader(message.html).shown, message.text, paper(coded), message.json.decode()):
        flat = " ".join(shown.split())
        assert "chưa thu thập được từ Thứ Sáu, 20/11/2026 · 08:00." in flat
        assert "Đã gỡ (phát hiện 20/11, xác nhận 21/11)" in flat
        assert "Muốn đổi hoặc thôi nhận bản tin này, xin trả lời người gửi." in flat
    assert message.brief.splitlines()[1].endswith("20/11/2026 · 08:00.")


EDITED = content(
    [
        story(
            "Tin đã sửa",
            comment="Đề nghị Sở trả lời trước 30/11.\nGọi <b>chị</b> Lan.",
            original_title="Tít gốc",
        )
    ],
    again=[story("Tin nhắc lại", comment="Theo dõi tiếp.")],
    approved_by="lan",
)
CORRECTION = content(
    [], notice="Số tiền đúng là 7,8 tỷ.\nXin lỗi bạn đọc.", corrects="2026-11-22", sources=0, number=218
)


@pytest.mark.parametrize("form", ["html", "text", "docx"])
def test_what_the_editor_wrote_stands_in_every_form(form: str) -> None:
    shown = " ".join(shown_as(form, EDITED).split())
    wanted = [
        "Tin đã sửa", "Tít của báo: Tít gốc", "Nhận xét: Đề nghị Sở trả lời trước 30/11.",
        "Gọi <b>chị</b> Lan.", "Tin nhắc lại", "Nhận xét: Theo dõi tiếp.", "Người duyệt: lan.",
    ]  # fmt: skip
    assert [piece for piece in wanted if piece not in shown] == []
    assert sorted(wanted, key=shown.index) == wanted


@pytest.mark.parametrize("form", ["html", "text", "docx"])
def test_a_correction_says_what_it_corrects_and_nothing_of_sources(form: str) -> None:
    shown = " ".join(shown_as(form, CORRECTION).split())
    assert "Đính chính bản tin 22/11/2026" in shown
    assert "Đính chính: Số tiền đúng là 7,8 tỷ." in shown
    assert "Xin lỗi bạn đọc." in shown
    assert "Số 218" in shown
    for absent in ("Không có tin mới", "nguồn tin", "Tin ghi nhận"):
        assert absent.lower() not in shown.lower()
    assert not CORRECTION.empty
    assert subject(CORRECTION) == "Đính chính: Điểm tin Sông Bằng – 23/11/2026"
    assert "7,8 tỷ" in brief(CORRECTION)


def test_programs_get_what_the_editor_wrote_as_fields() -> None:
    told = json.loads(Message("", "", EDITED, "<a@b>").json)
    assert told["parts"][0]["stories"][0]["comment"].startswith("Đề nghị")
    assert told["approved_by"] == "lan"
    assert json.loads(Message("", "", CORRECTION, "<a@b>").json)["corrects"] == "2026-11-22"
    feed = etree.fromstring(to_atom("a", "a", "http://b.example", [FeedEntry.of(EDITED)]))
    assert "Đề nghị Sở trả lời" in (feed.findtext(f"{ATOM}entry/{ATOM}content") or "")


def test_a_comment_stands_with_a_story_that_gets_only_a_line() -> None:
    told = content([story("Tin một"), story("Tin hai", comment="Quan trọng.")], max_items=1)
    for form in ("html", "text", "docx"):
        assert "Nhận xét: Quan trọng." in " ".join(shown_as(form, told).split())


def test_starred_stories_head_the_edition_without_a_number_of_their_own() -> None:
    told = content(
        parts=[Section(STARRED, "", [story("Nổi bật")]), Section("a", "Công nghiệp", [story("Thường")])]
    )
    for form in ("html", "text", "docx"):
        shown = " ".join(shown_as(form, told).split()).lower()
        order = ["tin nổi bật", "1. nổi bật", "i. công nghiệp", "2. thường"]
        assert sorted(order, key=shown.rindex) == order
        assert "nội dung: tin nổi bật 1 · i. công nghiệp 1" in shown
        assert "i. tin nổi bật" not in shown


def test_hostile_titles_are_shown_as_text() -> None:
    bad = content([story(HOSTILE, summary=Marked(HOSTILE), appearances=[
        appearance(HOSTILE, url="javascript:alert(1)", credit=HOSTILE),
        appearance(url='https://x.example/"><img src=x>'),
    ], comment=HOSTILE, original_title=HOSTILE)], notice=HOSTILE, corrects=HOSTILE, approved_by=HOSTILE,
        warning=HOSTILE, health=[Health(HOSTILE, "red", HOSTILE)], title=HOSTILE)  # fmt: skip
    read = Reader(to_html(bad))
    assert "script" not in read.tags
    assert "img" not in read.tags
    assert read.shown.count('<script>alert("x")</script> & {{ 7*7 }}') >= 5
    assert not [link for link in read.links if not link.startswith(("https://", "http://", "#"))]
    assert "{{ 7*7 }}" in to_text(bad)
    assert "<script>" in paper(bad)
    etree.fromstring(to_atom(HOSTILE, "a", "http://127.0.0.1:8001", [FeedEntry.of(bad)]))
    assert "\n" not in subject(bad)


def test_the_mail_loads_nothing_and_needs_no_style_sheet() -> None:
    html = to_html(FULL)
    read = Reader(html)
    assert read.loaded == []
    assert not {"img", "script", "style", "link", "iframe", "form"} & set(read.tags)
    assert "viewport" in html
    assert len(html) < 100_000, "mail programs cut longer ones"


def test_words_that_matched_are_marked_in_the_original_text() -> None:
    assert '<span style="background:#fdf0b0">Nhà máy</span> cảm biến' in to_html(FULL)


@pytest.mark.parametrize("wanted", [True, False])
def test_in_word_they_are_marked_only_where_the_digest_wants_it(wanted: bool) -> None:
    document = docx.Document(io.BytesIO(to_docx(content(marks=wanted))))
    runs = [run for one in document.paragraphs for run in one.runs if run._r.findall(f".//{qn('w:shd')}")]
    assert [run.text for run in runs] == (["Nhà máy"] if wanted else [])


def test_the_contents_of_the_word_edition_lead_to_its_headings() -> None:
    body = docx.Document(io.BytesIO(to_docx(FULL))).element.body
    anchors = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink")) if link.get(qn("w:anchor"))]
    assert anchors == [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))][: len(anchors)]
    assert len(anchors) == 4


def test_how_old_the_data_is_stands_in_the_head() -> None:
    told = content(read_at="2026-11-22T23:52:10Z")
    for form in ("html", "text", "docx"):
        assert "Dữ liệu đến 06:52, 23/11" in shown_as(form, told)
        assert "Dữ liệu đến" not in shown_as(form, content()), "an older release's edition does not know"


def test_nothing_new_is_said_plainly() -> None:
    quiet = content([])
    assert quiet.empty
    assert "Không có tin mới." in to_text(quiet)
    assert "không có tin mới" in subject(quiet)
    assert "Không có tin mới." in paper(quiet)


def test_beyond_max_items_stories_get_a_line_each() -> None:
    many = content([story(f"Tin số {n}", summary=Marked(f"Tóm tắt {n}.")) for n in range(1, 6)], max_items=3)
    for shown in (to_text(many), Reader(to_html(many)).shown, paper(many)):
        assert "5. Tin số 5" in shown
        assert "Tóm tắt 3." in shown
        assert "Tóm tắt 4." not in shown


def test_text_lines_are_short_and_addresses_whole() -> None:
    url = "https://song-bang.example/" + "dai-" * 40 + "1.html"
    text = to_text(content([story("Rất dài " * 30, appearances=[appearance(url=url)])]))
    assert url in text
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 76


def test_an_edition_reads_back_from_its_json() -> None:
    assert Content.from_json(FULL.to_json()) == FULL
    with pytest.raises(msgspec.ValidationError):
        Content.from_json('{"name": "a"}')


def test_an_edition_of_an_older_release_is_shown_without_its_figures() -> None:
    kept = json.loads(FULL.to_json())
    kept["parts"][0]["stories"][0]["figures"] = [{"indicator": "Vốn", "text": "2.502 tỷ đồng"}]
    for newer in ("left_ids", "labels", "left_before", "notice", "corrects", "approved_by", "read_at", "marks"):
        del kept[newer]
    for newer in ("star", "comment", "original_title", "original_summary"):
        del kept["parts"][0]["stories"][0][newer]
    old = Content.from_json(json.dumps(kept))
    for shown in (to_text(old), Reader(to_html(old)).shown, paper(old)):
        assert "52-NQ/TW" in shown
        assert "2.502" not in shown


def test_the_messenger_text_is_brief() -> None:
    text = brief(content([story(f"Tin số {n}") for n in range(1, 31)]))
    assert "Tin số 8" in text
    assert "… và 22 tin nữa" in text
    assert len(text) < 1000


def test_the_feed_is_valid_atom_with_stable_ids() -> None:
    entries = [FeedEntry(7, "2026-11-23", "Điểm tin", to_html(FULL), "2026-11-23T00:00:04Z")]
    feeds = [
        etree.fromstring(to_atom("Điểm tin", "a", base, entries))
        for base in ("http://a.example", "http://b.example")
    ]
    ids = [[node.text for node in feed.iter(f"{ATOM}id")] for feed in feeds]
    assert ids[0] == ids[1]
    assert all(re.fullmatch("urn:uuid:[0-9a-f-]{36}", one or "") for one in ids[0])
    link = feeds[0].find(f"{ATOM}entry/{ATOM}link")
    assert link is not None
    assert link.get("href") == "http://a.example/ban-tin/7"
    assert feeds[0].findtext(f"{ATOM}entry/{ATOM}content") == to_html(FULL)


def test_the_word_edition_links_and_has_an_outline() -> None:
    document = docx.Document(io.BytesIO(to_docx(FULL)))
    targets = {link.target_ref for link in document.part.rels.values() if link.is_external}
    assert {"https://song-bang.example/1.html", "http://127.0.0.1:8001/bai/1"} <= targets
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings[:2] == ["BÀI ĐÃ SỬA / ĐÃ GỠ", "I. CÔNG NGHIỆP"]
    assert document.core_properties.author == "Điểm Tin"


@pytest.mark.parametrize(
    ("value", "unit", "rank_of", "shown"),
    [
        (8.503e12, "đồng", None, "8.503 tỷ đồng"), (11e9, "USD", None, "11 tỷ USD"), (58.4, "%", None, "58,4%"),
        (3, "hạng", 61, "hạng 3/61"), (1234.5, "ha", None, "1.234,5 ha"),
        (2.5e6, "đồng", None, "2,5 triệu đồng"),
    ],
)  # fmt: skip
def test_figures_as_vietnamese_write_them(value: float, unit: str, rank_of: int | None, shown: str) -> None:
    assert Formats(Words("vi")).amount(value, unit, rank_of) == shown


def test_days_off_are_told_in_runs() -> None:
    tet = [date(2027, 2, 4) + timedelta(days=n) for n in range(7)]
    assert Formats(Words("vi")).days([*tet, date(2027, 2, 13), date(2027, 2, 14)]) == (
        "Thứ Năm 04/02 – Thứ Tư 10/02, Thứ Bảy 13/02, Chủ Nhật 14/02"
    )
    assert Formats(Words("vi")).days([]) == ""
    assert Formats(Words("vi")).full(datetime(2026, 11, 20, 3, 27, tzinfo=UTC)) == "Thứ Sáu, 20/11/2026 · 10:27"


def test_a_late_edition_says_so() -> None:
    late = content(made_at="2026-11-23T03:10:00Z")
    assert "Lập muộn, lúc Thứ Hai, 23/11/2026 · 10:10" in to_text(late)


def test_lines_of_a_story_begin_below_its_title_whatever_its_number() -> None:
    text = to_text(content([story("Tin rất dài " * 9) for _ in range(10)]))
    titles = [line for line in text.splitlines() if line.startswith(("9. ", "10. "))]
    after = [text.splitlines()[text.splitlines().index(line) + 1] for line in titles]
    assert [len(line) - len(line.lstrip()) for line in after] == [3, 4]


def test_a_line_of_contents_ends_neither_after_a_number_nor_before_a_count() -> None:
    for long in range(40, 70):
        parts = [Section("a", "A" * long, [story()]), Section("b", "Kinh tế số", [story()])]
        lines = to_text(content(parts=parts)).split("Nội dung:")[1].split("\n\n")[0].splitlines()
        assert not [line for line in lines if line.endswith("II.") or line.strip()[:1].isdigit()]
