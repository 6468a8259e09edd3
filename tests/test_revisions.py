"""Every meaningful edit is told with what changed; the page's furniture never is."""

import random
from itertools import product

import pytest

from archive.boilerplate import shape
from archive.revisions.changes import Change, Texts, as_json, compare, from_json, headline, side_by_side

TITLE = "Cụm công nghiệp Sông Bằng đón nhà máy cảm biến"
LEAD = "Nhà máy cảm biến đầu tiên của cụm công nghiệp Sông Bằng chạy thử sáng 14/11 với 340 lao động."
BODY = """\
Ông Trần Quốc Hưng, trưởng ban quản lý, cho biết giá trị sản xuất của cụm tăng 7,8% so với năm 2025.
Tổng vốn giai đoạn đầu là 1.280 tỷ đồng, trong đó phần thiết bị chiếm 61,5%, phần còn lại là nhà xưởng.
Dự án thực hiện theo Quyết định số 1234/QĐ-UBND và Nghị quyết 52-NQ/TW ngày 27/9/2019 của Bộ Chính trị.
Theo Kết luận 14, mỗi cụm phải có khu xử lý nước thải trước ngày 30 tháng 6 năm 2027.
Công ty Minh Long góp 2,5 triệu USD để xây kho tự động rộng 2,4 ha bên cạnh xưởng chính.
Ba đoàn kiểm tra đã đến làm việc, cuộc gần nhất lúc 8 giờ 30 phút sáng thứ Hai tuần trước.
Phần lớn công nhân là người trong vùng, được học nghề ba tháng trước khi vào xưởng.
Các hộ kinh doanh quanh cụm bắt đầu mở quán ăn, nhà trọ và xe đưa đón theo ca làm việc."""

FACTS = [
    ("figure", "7,8%", "6,8%"),
    ("figure", "61,5%", "65,1%"),
    ("figure", "1.280 tỷ đồng", "1.820 tỷ đồng"),
    ("figure", "1.280 tỷ đồng", "1.280 triệu đồng"),
    ("figure", "2,5 triệu USD", "25 triệu USD"),
    ("figure", "2,4 ha", "2,6 ha"),
    ("figure", "Ba đoàn kiểm", "Bốn đoàn kiểm"),
    ("date", "năm 2025", "năm 2024"),
    ("date", "27/9/2019", "27/8/2019"),
    ("date", "ngày 30 tháng 6 năm 2027", "ngày 30 tháng 9 năm 2027"),
    ("date", "8 giờ 30 phút", "9 giờ 30 phút"),
    ("name", "Trần Quốc Hưng", "Trần Quốc Hùng"),
    ("name", "Minh Long", "Minh Phát"),
    ("document", "1234/QĐ-UBND", "1243/QĐ-UBND"),
    ("document", "52-NQ/TW", "57-NQ/TW"),
    ("document", "Kết luận 14", "Kết luận 41"),
]
WORDING = [
    ("bắt đầu", "đang lo ngại việc"),
    ("phải có", "nên có"),
    ("học nghề", "tập huấn"),
    ("Phần lớn công nhân", "Một số ít công nhân"),
]
FURNITURE = [
    "Xem thêm",
    "Xem thêm: Thêm ba dự án vào cụm công nghiệp Sông Bằng",
    "Tin liên quan\nThêm ba dự án vào cụm công nghiệp Sông Bằng\nGiá thép tăng 7,8% trong tuần",
    "TIN LIÊN QUAN\n• Thêm 3 dự án vào cụm công nghiệp Sông Bằng",
    ">>> Thêm 3 dự án vào cụm công nghiệp Sông Bằng",
    "1.234 lượt xem",
    "Lượt xem: 98",
    "12 bình luận",
    "Bình luận (3)",
    "Chia sẻ Facebook Chia sẻ Zalo",
    "Chia sẻ",
    "Facebook | Zalo | Email",
    "Cập nhật lúc 10:27, 21/11/2026",
    "Cập nhật: 21/11/2026 10:27 (GMT+7)",
    "Thứ Bảy, 21/11/2026, 10:27 (GMT+7)",
    "Theo dõi Báo Sông Bằng trên Google News",
    "Từ khóa: cụm công nghiệp, cảm biến, 2026",
    "Gửi bình luận của bạn",
    "In bài viết",
    "Copy link",
    "Đọc thêm",
    "Lượt xem: 1.237 | Bình luận: 4 | Chia sẻ: 45",
    "Lượt xem 1237 Bình luận 4 Chia sẻ 45",
    "1,2K lượt xem · 14 bình luận · 3 chia sẻ",
    "Đã xem: 123",
    "Số lượt đọc: 45",
    "1.234 người đang xem",
    "Có 12 lượt bình luận",
    "Thích 12, Chia sẻ 5",
    "5 phút trước",
    "Đăng 2 giờ trước · 2 phút đọc",
    "Cập nhật lần cuối: 3 ngày trước",
    "Vừa xong",
    "Hôm qua | 4 phút đọc",
    "Thời gian đọc: 3 phút",
    "Đánh giá 4,5/5 (12 lượt)",
    "(*) Không sao chép dưới mọi hình thức khi chưa có sự đồng ý bằng văn bản.",
]


def edited(old: str, new: str) -> Texts:
    assert old in BODY
    return Texts(TITLE, LEAD, BODY.replace(old, new))


BEFORE = Texts(TITLE, LEAD, BODY)


@pytest.mark.parametrize(("kind", "old", "new"), FACTS)
def test_a_changed_fact_is_the_headline(kind: str, old: str, new: str) -> None:
    changes = compare(BEFORE, edited(old, new))
    assert [(one.kind, one.field, one.before, one.after) for one in changes] == [(kind, "body", old, new)]
    assert headline(changes) == f"{old} → {new}"


@pytest.mark.parametrize(("old", "new"), WORDING)
def test_changed_wording_is_told(old: str, new: str) -> None:
    changes = compare(BEFORE, edited(old, new))
    assert [one.kind for one in changes] == ["wording"]
    assert changes[0].after
    assert changes[0].after in new


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_no_change_wherever_it_stands(line: str) -> None:
    lines = BODY.split("\n")
    for at in (0, 4, len(lines)):
        body = "\n".join([*lines[:at], line, *lines[at:]])
        assert compare(BEFORE, Texts(TITLE, LEAD, body)) == []
        assert compare(Texts(TITLE, LEAD, body), BEFORE) == []


@pytest.mark.parametrize(("line", "fact"), list(product(FURNITURE[:4], FACTS[:3])))
def test_a_fact_is_seen_through_new_furniture(line: str, fact: tuple[str, str, str]) -> None:
    kind, old, new = fact
    changes = compare(BEFORE, Texts(TITLE, LEAD, f"{BODY.replace(old, new)}\n{line}"))
    assert [(one.kind, one.before, one.after) for one in changes] == [(kind, old, new)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("“Chạy thử” – bước đầu…", '"Chạy thử" - bước đầu...'),
        ("Hoà bình, thuỷ lợi, khoẻ mạnh.", "Hòa bình, thủy lợi, khỏe mạnh."),
        ("Tăng 7,8 %, đạt 1.280 tỉ đồng.", "Tăng 7,8%, đạt 1.280 tỷ  đồng./."),
        ("Ngày 05/03/2026, cụm khởi công.", "Ngày 5/3/2026, cụm\u00a0khởi công"),
        ("Kế hoạch, khoảng, thuở.", "Kế họach, khỏang, thủơ."),
        ("Đo\u031b\u0300i sống mới.", "Đời sống mới."),
        ("Câu một. Câu hai.\nCâu ba.", "Câu một.\nCâu hai. Câu ba."),
        ("Một câu ở đầu bài.\nMột câu ở cuối bài.", "Một câu ở cuối bài.\nMột câu ở đầu bài."),
        ("Mua\u200b 300 m² đất.", "Mua 300 m2 đất."),
        ("Sông Bằng sáng nay.", "(Sông Bằng) sáng nay."),
    ],
)
def test_ways_of_writing(before: str, after: str) -> None:
    changes = compare(Texts("", "", before), Texts("", "", after))
    assert changes == [] or before.startswith("Sông"), "only brackets are an edit here"


def test_an_outlet_mark_before_the_lead_is_none_of_it() -> None:
    for mark in ("(Dân trí) - ", "TTO - ", "(Chinhphu.vn) – "):
        assert compare(BEFORE, Texts(TITLE, mark + LEAD, BODY)) == []


def test_a_lead_that_moved_into_the_body_did_not_change() -> None:
    assert compare(BEFORE, Texts(TITLE, "", f"{LEAD}\n{BODY}")) == []


def test_a_sentence_said_twice_is_not_taken_for_moved() -> None:
    changes = compare(
        Texts("", LEAD, f"{LEAD}\n{BODY}"), Texts("", LEAD, f"{LEAD.replace('340', '430')}\n{BODY}")
    )
    assert headline(changes) == "340 lao động → 430 lao động"


@pytest.mark.parametrize(
    "said",
    [
        "Chia sẻ tại hội nghị, bà Lê Thu nói cụm cần thêm 120 lao động.",
        "Theo dõi trên Facebook của xã, có 120 lao động gửi câu hỏi.",
        "Cập nhật đến ngày 20/11, cụm có 120 lao động.",
        "Bình luận về 120 lao động mới, ông nói đó là tín hiệu tốt.",
        "Xem thêm 120 lao động là gánh nặng thì không đúng, bà nói.",
        "Tin mới từ cụm: 120 lao động được ký hợp đồng.",
        "120 lao động đã xem xong vở diễn.",
        "Hôm qua, 120 lao động vào xem.",
        "Số người xem: 120 lao động ở Sông Bằng.",
    ],
)
def test_sentences_that_only_look_like_furniture_count(said: str) -> None:
    changes = compare(Texts("", "", f"{BODY}\n{said}"), Texts("", "", f"{BODY}\n{said.replace('120', '210')}"))
    assert headline(changes) == "120 lao động → 210 lao động"


NO_EDITS = {
    "paragraphs in another order": ("Mở.\nMột câu đầu dài hơn.\nHai.", "Hai.\nMở.\nMột câu đầu dài hơn."),
    "a list in another order": ("Nhất: An\nNhì: Bình\nBa: Chi", "Nhì: Bình\nNhất: An\nBa: Chi"),
    "blanks between thousands": ("Vốn là 1.950 tỷ đồng.", "Vốn là 1\u00a0950 tỷ đồng."),
    "a range": ("Sai số 3-5 %.", "Sai số 3 – 5%."),
    "bullets": ("• Một dòng đầu\n• Một dòng sau", "- Một dòng đầu\n– Một dòng sau"),
    "no bullets": ("• Một dòng đầu", "Một dòng đầu"),
    "a caption": ("Câu chuyện.", "Câu chuyện.\nCông nhân bên máy mới. Ảnh: T.N."),
    "a caption in brackets": ("Câu chuyện.", "Toàn cảnh xưởng (Ảnh: TTXVN)\nCâu chuyện."),
    "a picture with a mark": ("Câu chuyện.", "Ảnh minh hoạ\nCâu chuyện."),
    "a picture with a new mark": ("Câu chuyện.", "Ảnh minh họa\nCâu chuyện."),
    "another picture": (
        "Câu chuyện.\nCổng khu công nghiệp. Ảnh: T.N.",
        "Câu chuyện.\nLễ ký kết sáng nay. Ảnh: Minh Hà.",
    ),
}


@pytest.mark.parametrize("what", NO_EDITS)
def test_what_no_reader_calls_a_correction_is_none(what: str) -> None:
    before, after = NO_EDITS[what]
    assert compare(Texts("", "", before), Texts("", "", after)) == []
    assert compare(Texts("", "", after), Texts("", "", before)) == []


def test_a_caption_that_was_corrected_is_an_edit() -> None:
    before, after = (f"Câu chuyện.\nCầu mới dài {n} m. Ảnh: T.N." for n in (250, 520))
    assert headline(compare(Texts("", "", before), Texts("", "", after))) == "250 m → 520 m"


def test_lines_of_a_shape_that_is_furniture_are_left_out() -> None:
    before, after = (f"{BODY}\nNhiệt độ ngoài trời {n} độ" for n in (23, 25))
    assert compare(Texts("", "", before), Texts("", "", after))
    known = {shape("Nhiệt độ ngoài trời 7 độ")}
    assert compare(Texts("", "", before), Texts("", "", after), known) == []
    wrong = after.replace("7,8%", "6,8%")
    assert headline(compare(Texts("", "", before), Texts("", "", wrong), known)) == "7,8% → 6,8%"
    assert compare(Texts("Nhiệt độ ngoài trời 3 độ", "", ""), Texts("Nhiệt độ ngoài trời 4 độ", "", ""), known)


def test_facts_come_before_wording_and_title_before_body() -> None:
    after = Texts(
        TITLE.replace("đón", "chào"),
        LEAD.replace("340", "430"),
        BODY.replace("7,8%", "6,8%").replace("14,", "15,"),
    )
    changes = compare(BEFORE, after)
    assert [(one.kind, one.field) for one in changes] == [
        ("figure", "lead"),
        ("figure", "body"),
        ("document", "body"),
        ("wording", "title"),
    ]
    assert headline(changes) == "340 lao động → 430 lao động; 7,8% → 6,8% và 2 chỗ khác"


def test_one_figure_in_title_lead_and_body_is_told_once() -> None:
    before = Texts("Sản xuất tăng 7,8%", "Quý III tăng 7,8%.", "Sản xuất tăng 7,8% so với cùng kỳ.")
    after = Texts(*(text.replace("7,8%", "6,8%") for text in before))
    changes = compare(before, after)
    assert [one.field for one in changes] == ["title", "lead", "body"]
    assert headline(changes) == "7,8% → 6,8%"


def test_the_direction_is_told_with_the_figure() -> None:
    changes = compare(BEFORE, edited("tăng 7,8%", "giảm 6,8%"))
    assert [(one.kind, one.before, one.after) for one in changes] == [("figure", "tăng 7,8%", "giảm 6,8%")]


def test_added_and_removed_sentences() -> None:
    new = "Buổi lễ kết thúc lúc trưa, chủ đầu tư tặng xe đạp cho học sinh của xã."
    added = compare(BEFORE, Texts(TITLE, LEAD, f"{BODY}\n{new}"))
    assert [(one.kind, one.before, one.after) for one in added] == [("wording", "", new)]
    assert headline(added).startswith("thêm «Buổi lễ kết thúc")
    assert headline(compare(Texts(TITLE, LEAD, f"{BODY}\n{new}"), BEFORE)).startswith("bỏ «Buổi lễ")


def test_two_figures_of_different_units_keep_apart() -> None:
    changes = compare(
        Texts("", "", "Cụm đạt 61,5% kế hoạch và 1.280 tỷ đồng."),
        Texts("", "", "Cụm đạt 1.820 tỷ đồng và 65,1% kế hoạch."),
    )
    assert {(one.before, one.after) for one in changes if one.kind == "figure"} >= {("61,5%", "65,1%")} or any(
        "61,5%" in one.before and "65,1%" in one.after for one in changes
    )


def test_nothing_to_something_and_back() -> None:
    empty = Texts("", "", "")
    assert compare(empty, empty) == []
    assert compare(BEFORE, BEFORE) == []
    assert headline([]) == ""
    assert {one.field for one in compare(empty, BEFORE)} == {"title", "lead", "body"}


def test_changes_survive_the_archive() -> None:
    changes = compare(BEFORE, edited("7,8%", "6,8%"))
    assert from_json(as_json(changes)) == changes == [Change("figure", "body", "7,8%", "6,8%")]


def test_side_by_side_marks_what_changed_and_keeps_the_text() -> None:
    after = Texts(TITLE, LEAD, BODY.replace("7,8%", "6,8%").replace("\nCông ty", "\nMột đoạn mới.\nCông ty"))
    rows = [row for row in side_by_side(BEFORE, after) if row.field == "body"]
    assert "".join(text for _, text in rows[0].before) == BODY.split("\n")[0]
    assert [text.strip() for mark, text in rows[0].before if mark == "removed"] == ["7,8%"]
    assert [text.strip() for mark, text in rows[0].after if mark == "added"] == ["6,8%"]
    alone = [row for row in rows if not row.before]
    assert [row.after for row in alone] == [[("added", "Một đoạn mới.")]]
    assert len(rows) == len(BODY.split("\n")) + 1


def test_side_by_side_of_any_two_texts_keeps_every_paragraph() -> None:
    rng = random.Random(3)
    lines = [*BODY.split("\n"), "•", "Ảnh: T.N."]
    for _ in range(60):
        before, after = (Texts("", "", "\n".join(rng.sample(lines, rng.randint(0, 9)))) for _ in range(2))
        rows = [row for row in side_by_side(before, after) if row.field == "body"]
        for texts, shown in ((before, [row.before for row in rows]), (after, [row.after for row in rows])):
            joined = ["".join(text for _, text in segments) for segments in shown if segments]
            assert joined == [line for line in texts.body.split("\n") if line]


def test_long_and_wholly_different_texts_end() -> None:
    """A quadratic comparison would run into the test's own time limit."""
    rng = random.Random(5)
    words = [a + b for a in ("b", "c", "đ", "kh", "ng", "tr") for b in ("a", "ơn", "iều", "ang")]
    one, other = ("\n".join(" ".join(rng.choices(words, k=9)) + "." for _ in range(1500)) for _ in range(2))
    assert len(compare(Texts("", "", one), Texts("", "", other))) == 1
    same = "Cùng một dòng chữ lặp lại.\n" * 1500
    assert compare(Texts("", "", same), Texts("", "", same + same))[0].before == ""
