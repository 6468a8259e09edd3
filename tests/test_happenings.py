"""What makes two stories one happening, and what makes them two however alike they are."""

import json
import lzma
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.db import sort_at
from archive.stories.happenings import SAME, Pair
from archive.stories.rarity import Rarity
from archive.stories.tellings import Telling, syllables, word_number

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
SHARED = os.environ.get("DIEMTIN_SHARED")


def pair(one: tuple[str, str], other: tuple[str, str], hours: float = 2) -> Pair:
    """Two stories of two outlets so many hours apart."""
    first = Telling(1, "bao-a", sort_at(NOON), *one)
    second = Telling(2, "bao-b", sort_at(NOON + timedelta(hours=hours)), *other)
    return Pair(first, second, Rarity(0, {}))


def vetoes(one: tuple[str, str], other: tuple[str, str], hours: float = 2) -> list[str]:
    both = pair(one, other, hours)
    assert both.score() == 0.0 or not both.vetoes
    return [veto.split()[0] for veto in both.vetoes]


MEETING = "Thông cáo ngày làm việc thứ {} Hội nghị ngành cơ khí tỉnh Thái Nguyên"
FOUND = "Tìm thấy thêm {} bộ hài cốt ở đồi Bến Đẫm"


@pytest.mark.parametrize(
    ("one", "other", "hours", "veto"),
    [
        (MEETING.format("tư"), MEETING.format("năm"), 2, "event_series"),
        (FOUND.format(19), FOUND.format(6), 20, "event_count"),
        ("Tâm bão số 4 vào bờ", "Tâm bão số 5 vào bờ", 2, "event_series"),
        ("Bản tin tối: cháy xưởng gỗ Sông Bằng", "Cháy xưởng gỗ Sông Bằng", 1, "event_digest"),
        ("Cháy xưởng gỗ Sông Bằng", "Cháy xưởng gỗ Sông Bằng", 60, "event_late"),
    ],
)
def test_alike_and_yet_two(one: str, other: str, hours: float, veto: str) -> None:
    assert vetoes((one, ""), (other, ""), hours) == [veto]


@pytest.mark.parametrize(
    ("title", "one", "other"),
    [
        ("Thông cáo kỳ họp số {} HĐND tỉnh Thái Nguyên", "4", "5"),
        ("Kỳ họp thứ {} HĐND tỉnh Thái Nguyên", "ba", "tư"),
        ("Phiên họp thứ {} của Ủy ban Thường vụ", "3", "4"),
        ("Thái Nguyên quán triệt Nghị quyết {} của Bộ Chính trị", "57", "58"),
        ("Kết luận {} của Ban Bí thư về ngành cơ khí", "120", "121"),
        ("Thị trường thép tuần {}", "46", "47"),
        ("Điểm chuẩn đợt {} của Đại học Bến Đẫm", "1", "2"),
        ("Khai mạc đại hội Đảng bộ xã {}", "Bến Đẫm", "Sông Bằng"),
        ("Giá vàng hôm nay {}: tăng mạnh", "20/11", "21/11"),
        ("Nhận định, dự đoán tỷ số trận {}, bảng B cúp Đông Nam Á", "Lào - Thái Lan", "Myanmar - Malaysia"),
        ("Thời tiết ngày {}: Bắc Bộ rét đậm", "20/11", "21-11"),
        ("Chỉ đạo, điều hành của tỉnh Thái Nguyên ngày {}/11/2026", "20", "21"),
    ],
)
def test_titles_that_differ_only_in_the_number_of_a_series_are_two(title: str, one: str, other: str) -> None:
    assert vetoes((title.format(one), ""), (title.format(other), ""), 5)
    assert not vetoes((title.format(one), ""), (title.format(one), ""), 5)


@pytest.mark.parametrize("title", ["Giá vàng hôm nay tăng mạnh", "Thời tiết hôm nay: Bắc Bộ rét đậm"])
def test_a_daily_report_of_the_next_day_is_another(title: str) -> None:
    assert vetoes((title, ""), (title, ""), 24) == ["event_daily"]
    assert not vetoes((title, ""), (title, ""), 6)


def test_rounded_sums_of_one_project_are_no_series() -> None:
    title = "Hơn {} tỷ đồng mở rộng nhà ga T1 sân bay Bến Đẫm"
    assert not vetoes((title.format("11.000"), ""), (title.format("11.282"), ""), 9)


def test_the_reasons_are_whole_words_as_written_and_nothing_is_certain() -> None:
    one = ("Cháy xưởng gỗ ở Sông Bằng", "Xưởng gỗ rộng 2.400 m² của Công ty Thành Đạt bốc cháy sáng nay.")
    other = ("Cháy lớn xưởng gỗ ở Sông Bằng", "Xưởng gỗ 2.400 m² của Công ty Thành Đạt bốc cháy.")
    said = pair(one, other).reasons()
    assert said[0] == 'event_words {"names": "2.400 m² của Công ty Thành Đạt bốc cháy, xưởng gỗ ở Sông Bằng"}'
    assert said[-1] == 'event_score {"percent": 99}'


def test_two_counts_of_one_afternoon_are_no_veto() -> None:
    assert not vetoes((FOUND.format(19), ""), (FOUND.format(20), ""), 3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("Hải Phòng phá đường dây lô đề 60 tỷ đồng", "Công an Hải Phòng khởi tố 5 bị can lô đề."),
            ("Cần Thơ phá đường dây lô đề 60 tỷ đồng", "Công an Cần Thơ khởi tố 9 bị can lô đề."),
        ),
        (
            ("Quy định mới về chợ", "Chính phủ ban hành Nghị định số 294/2026/NĐ-CP về phát triển chợ."),
            ("Quy định mới về siêu thị", "Chính phủ ban hành Nghị định số 295/2026/NĐ-CP về siêu thị."),
        ),
        (
            ("Đại hội Đảng bộ xã Bến Đẫm", "Sáng 20/11, Đảng bộ xã Bến Đẫm tổ chức đại hội."),
            ("Đại hội Đảng bộ xã Sông Bằng", "Sáng 20/11, Đảng bộ xã Sông Bằng tổ chức đại hội."),
        ),
        (
            ("Giá vàng hôm nay tăng mạnh", "Giá vàng ngày 20/11 tăng 1 triệu đồng."),
            ("Giá cà phê hôm nay tăng mạnh", "Giá cà phê ngày 20/11 tăng 900 đồng."),
        ),
    ],
)
def test_recurring_kinds_stay_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert pair(one, other).score() < SAME


def test_one_document_is_one_event_by_its_number() -> None:
    one = ("Phạt 100 triệu đồng nếu bao che", "Nghị định số 291/2026/NĐ-CP phạt người bao che nộp thuế.")
    other = ("Bao che nộp thuế bị phạt 100 triệu đồng", "Nghị định 291/2026 vừa được Chính phủ ban hành.")
    both = pair(one, other)
    assert both.score() >= SAME
    assert 'event_documents {"names": "291"}' in both.reasons()


def test_spellings_are_one() -> None:
    assert syllables("CSGT TPHCM, kỹ sư") == syllables("cảnh sát giao thông thành phố Hồ Chí Minh kĩ sư")
    assert word_number("sông bằng") == word_number("sông bằng") != word_number("sông")


def test_it_is_the_same_from_both_sides() -> None:
    one, other = ("Cháy xưởng gỗ", "Ở Sông Bằng, 2.400 m² cháy."), ("Cháy lớn ở Sông Bằng", "Xưởng gỗ cháy.")
    assert pair(one, other).score() == pytest.approx(pair(other, one).score())


@pytest.mark.skipif(not SHARED, reason="needs the shared corpus")
def test_hard_pairs_of_real_items() -> None:
    folder = Path(SHARED or "") / "corpus"
    with lzma.open(folder / "press-items.jsonl.xz", "rt", encoding="utf-8") as lines:
        items = {item["id"]: item for item in map(json.loads, lines)}
    scored = []
    for line in (folder / "event-pairs.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        two = [items[label[key]] for key in ("a", "b")]
        tellings = [
            Telling(
                at,
                item["outlet"],
                sort_at(datetime.fromisoformat(item["published"])),
                item["title"],
                item["lead"],
            )
            for at, item in enumerate(two)
        ]
        scored.append((Pair(tellings[0], tellings[1], Rarity(0, {})).score(), label["label"] == "same"))
    joined = [same for score, same in scored if score >= 0.8]
    assert len(joined) >= 45
    assert sum(joined) / len(joined) >= 0.9
