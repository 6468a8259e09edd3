"""Documents cited: one canonical number, kind, issuer, date and the sentence."""

from datetime import UTC, datetime

import pytest

from pipelines.classify.documents import find_documents

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def cited(text: str, now: datetime = NOW) -> list[tuple[str, str, str, str | None]]:
    return [(c.number, c.kind, c.issuer, c.dated) for c in find_documents(text, now)]


@pytest.mark.parametrize(
    ("text", "number", "kind", "issuer", "dated"),
    [
        (
            "Nghị quyết số 52-NQ/TW ngày 27/9/2019 của Bộ Chính trị",
            "52-NQ/TW",
            "Nghị quyết",
            "Bộ Chính trị",
            "2019-09-27",
        ),
        ("Nghị quyết số 52 - NQ/TW", "52-NQ/TW", "Nghị quyết", "Trung ương Đảng", None),
        ("01-NQ/TU", "01-NQ/TU", "Nghị quyết", "Tỉnh ủy", None),
        (
            "Quyết định 1234/QĐ-UBND ngày 3 tháng 6 năm 2025",
            "1234/QĐ-UBND",
            "Quyết định",
            "Ủy ban nhân dân",
            "2025-06-03",
        ),
        ("Quyết định số 1234/ QĐ-UBND", "1234/QĐ-UBND", "Quyết định", "Ủy ban nhân dân", None),
        ("Nghị định 13/2023/NĐ-CP", "13/2023/NĐ-CP", "Nghị định", "Chính phủ", None),
        ("Nghị định số 13/2023/NĐCP", "13/2023/NĐ-CP", "Nghị định", "Chính phủ", None),
        ("Kết luận 14", "14-KL/TW", "Kết luận", "Bộ Chính trị", None),
        ("Kết luận số 14 của Bộ Chính trị", "14-KL/TW", "Kết luận", "Bộ Chính trị", None),
        (
            "nghị quyết số 01 ngày 31/12/2020 của Ban chấp hành Đảng bộ tỉnh",
            "01-NQ/TU",
            "Nghị quyết",
            "Tỉnh ủy",
            "2020-12-31",
        ),
        ("Nghị quyết số 193/2025/QH15", "193/2025/QH15", "Nghị quyết", "Quốc hội", None),
        ("Luật số 20/2023/QH15", "20/2023/QH15", "Luật", "Quốc hội", None),
        ("1683/NQ-UBTVQH15", "1683/NQ-UBTVQH15", "Nghị quyết", "Ủy ban Thường vụ Quốc hội", None),
        ("19/2025/QĐ-TTg", "19/2025/QĐ-TTg", "Quyết định", "Thủ tướng Chính phủ", None),
        ("31/NQ-HĐND", "31/NQ-HĐND", "Nghị quyết", "Hội đồng nhân dân", None),
        ("61/TTr-UBND", "61/TTr-UBND", "Tờ trình", "Ủy ban nhân dân", None),
        ("02-KH/BCĐ", "02-KH/BCĐ", "Kế hoạch", "Ban Chỉ đạo", None),
        ("375/ĐA-CP", "375/ĐA-CP", "Đề án", "Chính phủ", None),
        ("Đề án 06 của Chính phủ", "06/QĐ-TTg", "Quyết định", "Thủ tướng Chính phủ", None),
        (
            "Ngày 22/12/2024, Bộ Chính trị ban hành Nghị quyết số 57-NQ/TW",
            "57-NQ/TW",
            "Nghị quyết",
            "Bộ Chính trị",
            "2024-12-22",
        ),
        ("quyết định số 2479 - QĐ/TU ngày 22-4", "2479-QĐ/TU", "Quyết định", "Tỉnh ủy", "2026-04-22"),
        ("Quyết định số 15 của UBND tỉnh", "15/QĐ-UBND", "Quyết định", "Ủy ban nhân dân", None),
    ],
)
def test_one_form_for_every_way_of_writing(
    text: str, number: str, kind: str, issuer: str, dated: str | None
) -> None:
    assert cited(f"Tỉnh thực hiện {text}.") == [(number, kind, issuer, dated)]


@pytest.mark.parametrize(
    "text",
    [
        "tỷ số 3-2",
        "12/63 tỉnh",
        "ngày 27/9/2019",
        "Quyết định số 527 phê duyệt hồ sơ",
        "kế hoạch 5 năm",
        "5/7/2024",
        "Nghị quyết 10 điểm",
        "1.234/2.000 hồ sơ",
        "kết luận 14 vụ việc",
    ],
)
def test_other_numbers_are_no_documents(text: str) -> None:
    numbers = [number for number, *_ in cited(text)]
    assert numbers in ([], ["14-KL/TW"]) if "kết luận" in text else numbers == []


def test_each_document_once_with_its_first_sentence_and_the_date_wherever_it_stands() -> None:
    text = "Nghị quyết 57-NQ/TW là đột phá. Tỉnh họp bàn.\nNghị quyết số 57-NQ/TW ngày 22/12/2024 nêu rõ."
    (citation,) = find_documents(text, NOW)
    assert (citation.number, citation.dated) == ("57-NQ/TW", "2024-12-22")
    assert citation.quote == "Nghị quyết 57-NQ/TW là đột phá."


def test_a_short_form_means_the_document_cited_in_full_before() -> None:
    assert [number for number, *_ in cited("Chỉ thị số 12-CT/TU ra đời. Chỉ thị 12 yêu cầu đổi mới.")] == [
        "12-CT/TU"
    ]


def test_a_date_that_is_not_of_the_document_is_left_alone() -> None:
    assert cited("Hội nghị triển khai Nghị quyết 57-NQ/TW diễn ra ngày 11/3/2026.")[0][3] is None
    assert cited("Nghị quyết số 57-NQ/TW ngày 31/2/2024")[0][3] is None
    assert cited("Nghị quyết số 57-NQ/TW ngày 22/12/2027")[0][3] is None


def test_a_day_without_year_is_the_last_one() -> None:
    assert cited("quyết định 2479-QĐ/TU ngày 22-12")[0][3] == "2025-12-22"
