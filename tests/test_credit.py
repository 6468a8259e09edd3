"""Whose story it is: printed under the text, or in its last line."""

import pytest
from lxml import etree

from archive.model import Credit
from pipelines.extract import credit


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Theo VietTimes", Credit("VietTimes")),
        (
            "Theo Viettimes https://viettimes.vn/a.html",
            Credit("Viettimes", "https://viettimes.vn/a.html"),
        ),
        ("Giá tăng trở lại trong tháng. (TTXVN/Vietnam+)", Credit("TTXVN/Vietnam+")),
        ("Nguồn: Báo Công Thương", Credit("Báo Công Thương")),
        ("Theo Hồ Hường", None),
        ("Theo ông, việc này phải xong trong năm nay.", None),
        ("Theo Nghị định số 13/2023/NĐ-CP, dữ liệu cá nhân được bảo vệ.", None),
    ],
)
def test_last_lines(line: str, expected: Credit | None) -> None:
    assert credit.of_lines(["Câu mở đầu của tin.", line]) == expected


def test_a_printed_source_with_its_link() -> None:
    page = etree.fromstring(
        '<html><body><p class="source">Đại Đoàn Kết</p><div class="link-source"><span>Link bài gốc</span>'
        "<span>https://daidoanket.example/a.html</span></div></body></html>",
        etree.HTMLParser(),
    )
    assert credit.printed(page, "baomau.example") == Credit("Đại Đoàn Kết", "https://daidoanket.example/a.html")


def test_a_labelled_source_line() -> None:
    page = etree.fromstring(
        "<html><body><p><strong>Nguồn tin: </strong>Báo Lao Động Mẫu</p></body></html>", etree.HTMLParser()
    )
    assert credit.printed(page, "baomau.example") == Credit("Báo Lao Động Mẫu")
