"""Whose story it is: printed under the text, or in its last line."""

import pytest
from lxml import etree

from archive.model import Credit
from pipelines.extract import credit
from tests.story import PARAGRAPHS, TEXT, page, read


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
        ("Nguồn: https://viettimes.vn/a.html", Credit("viettimes.vn", "https://viettimes.vn/a.html")),
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


ADDRESS = "https://viettimes.example/den-duong-post1.html"


@pytest.mark.parametrize(
    "below",
    [
        f"<p>Theo Viettimes</p><p>{ADDRESS}</p>",
        f"<p>Theo Viettimes</p><p><a href='{ADDRESS}'>{ADDRESS}</a></p>",
        f"<p class=source>Theo Viettimes</p><p>{ADDRESS}</p>",
        f"<p>Theo Viettimes: {ADDRESS}</p>",
    ],
)
def test_outlet_and_bare_address_are_one_credit_and_no_text(below: str) -> None:
    article = read(page(f"<div class=article-content>{TEXT}{below}</div>")).article
    assert article.credit == Credit("Viettimes", ADDRESS)
    assert article.body.split("\n") == list(PARAGRAPHS)


def test_an_address_alone_under_a_text_is_no_credit() -> None:
    article = read(page(f"<div class=article-content>{TEXT}<p>{ADDRESS}</p></div>")).article
    assert article.credit is None
    assert ADDRESS in article.body
