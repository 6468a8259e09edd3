"""Authors: people only, each once, out of the forms that bylines have."""

import pytest

from pipelines.extract import authors
from tests.story import TEXT, page, read


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("NHẬT XUÂN - NGHI VŨ", ["NHẬT XUÂN", "NGHI VŨ"]),
        ("Dương Chiêm, Thế Bằng", ["Dương Chiêm", "Thế Bằng"]),
        ("Theo Hồ Hường", ["Hồ Hường"]),
        ("Hà Thu (tổng hợp)", ["Hà Thu"]),
        ("Thạch Bắc tổng hợp", ["Thạch Bắc"]),
        ("NHẬT XUÂN và 1 tác giả khác", ["NHẬT XUÂN"]),
        ("Văn Giáp/Bnews/vnanet.vn", ["Văn Giáp"]),
        ("By Jane Roe and John Doe", ["Jane Roe", "John Doe"]),
        ("Lan Phương/VOV-Tây Bắc", ["Lan Phương"]),
        ("NHẬT XUÂN/NGHI VŨ", ["NHẬT XUÂN", "NGHI VŨ"]),
        ("Minh Anh, TTXVN", ["Minh Anh"]),
        ("Minh Anh - VOV", ["Minh Anh"]),
        ("Monika Muster, Madonna", ["Monika Muster", "Madonna"]),
        ("https://www.facebook.com/somebody", []),
        ("baochinhphu.vn", []),
        ("Ban biên tập", []),
        ("AFP, Manila", ["AFP"]),
        ("Reuters / Kyiv", ["Reuters"]),
        ("Lê Văn Trưởng", ["Lê Văn Trưởng"]),
        ("Nguyễn Văn Phòng", ["Nguyễn Văn Phòng"]),
        ("Trần Trung Tâm - Vũ Ban Mai", ["Trần Trung Tâm", "Vũ Ban Mai"]),
        ("Phòng Kinh tế", []),
        ("Sở Công Thương", []),
        ("Văn phòng Sở", []),
        ("Jane Roe December 17", ["Jane Roe"]),
        ("Jane Roe Updated May 3, 2026", ["Jane Roe"]),
        ("10 mins read", []),
        ("View all posts", []),
        ("Bạn đọc 4 says", []),
        ("Minh Anh • Phóng viên", ["Minh Anh"]),
        ("CTV Thu Hà - Minh Anh", ["Thu Hà", "Minh Anh"]),
        ("Quản trị viên", []),
        ("Posted by: Jane Roe", ["Jane Roe"]),
        ("Jane Roe, Chief Architect, 10+ Years in the Trade", ["Jane Roe"]),
        ("page.head.extra.author", []),
        ("Insights from", []),
        ("(N.H.)", ["N.H"]),
        ("P.V", []),
        ("", []),
    ],
)
def test_bylines(text: str, names: list[str]) -> None:
    assert authors.names([text]) == names


def test_the_house_is_no_author() -> None:
    houses = {"TUOI TRE ONLINE", "Báo VnExpress", "VnExpress"}
    assert authors.names(["VnExpress", "Lê Phương", "lê phương"], houses, "https://vnexpress.net/x") == [
        "Lê Phương"
    ]
    assert authors.names(["baotuoitre"], {"Báo Tuổi Trẻ"}, "https://tuoitre.vn/x") == []


def test_a_weekday_or_a_sentence_is_no_person() -> None:
    assert authors.is_person("Lê Phương")
    assert not authors.is_person("Thứ Ba")
    assert not authors.is_person("Ông cho biết như vậy.")


def test_an_agency_signs_alone_but_is_a_source_beside_a_vietnamese_name() -> None:
    assert authors.names(["Reuters"]) == ["Reuters"]
    assert authors.names(["Thu Hằng, Reuters"]) == ["Thu Hằng"]
    assert authors.names(["Minh Anh; AFP"], (), "https://baomau.vn/tin.html") == ["Minh Anh"]
    assert authors.names(["Jane Roe, Reuters"]) == ["Jane Roe", "Reuters"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Đỗ Hải Yến, Phú Bình - Sáng nay, xã lắp xong đèn.", ["Đỗ Hải Yến"]),
        ("Nguyễn Minh Khuê (Sông Công) – Xưởng nhựa bật máy.", ["Nguyễn Minh Khuê"]),
        ("Hà Nội, Việt Nam - Sáng nay, xã lắp xong đèn.", []),
        ("Thái Nguyên (Việt Nam) - Sáng nay, xã lắp xong đèn.", []),
        ("Bà Trịnh Thị Lan, trú tại phường Gia Sàng, góp ý.", []),
        ("Trịnh Thị Lan, giám đốc - người đi đầu, góp ý.", []),
        ("", []),
    ],
)
def test_who_signs_in_front_of_the_text_with_the_place(line: str, names: list[str]) -> None:
    assert authors.of_opening(line) == names


def signed(*lines: str) -> list[str]:
    below = "".join(f"<p>{line}</p>" for line in lines)
    return read(page(TEXT + below)).article.authors


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["Nguyễn Minh Khuê"], ["Nguyễn Minh Khuê"]),
        (["(N.H.)"], ["N.H"]),
        (["Bài và ảnh: Lê Thị Thảo"], ["Lê Thị Thảo"]),
        (["Trần Quang - Hoàng Bách - Thu Trà"], ["Trần Quang", "Hoàng Bách", "Thu Trà"]),
        (["Thực hiện:", "Trần Quang", "Hoàng Bách"], ["Trần Quang", "Hoàng Bách"]),
        (["Minh Anh", "Theo Viettimes", "https://viettimes.vn/den-1.html"], ["Minh Anh"]),
        (["Danh sách ba hộ góp nhiều nhất:", "Nguyễn Văn Hợp", "Trần Thị Mến", "Dương Đình Sơn"], []),
        (["Hộ được khen:", "Nguyễn Văn Hợp"], []),
        (["Nguyễn Văn Hợp", "Trần Thị Mến", "Dương Đình Sơn", "Lê Thị Ba"], []),
        (["(dpa)"], ["dpa"]),
    ],
)
def test_names_under_the_text_are_authors_unless_they_are_a_list(lines: list[str], names: list[str]) -> None:
    assert signed(*lines) == names


def test_the_names_of_a_list_stay_in_the_text() -> None:
    listed = "<p>Hộ được khen:</p><p>Nguyễn Văn Hợp</p><p>Trần Thị Mến</p>"
    assert read(page(TEXT + listed)).article.body.endswith("Hộ được khen:\nNguyễn Văn Hợp\nTrần Thị Mến")


@pytest.mark.parametrize(
    "printed",
    [
        "<p>By Jane Roe</p>",
        "<p><b>Written by</b> Jane Roe</p>",
        "<div class=comment-author>Bạn đọc</div><p>By: Jane Roe</p>",
        "<span class=author>View all posts</span><span class=author>Jane Roe</span>",
    ],
)
def test_a_line_that_names_who_wrote_it_counts(printed: str) -> None:
    assert read(page(printed + TEXT)).article.authors == ["Jane Roe"]


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("<p class=author><b>Minh Anh</b> <span>Trưởng Phòng Công Nghiệp</span></p>", ["Minh Anh"]),
        ("<p class=author>Bài, ảnh: <b>Minh Anh</b> <i>Theo Dõi Tác Giả</i></p>", ["Minh Anh"]),
        ("<p class=author><b>Minh Anh</b> và <b>Thu Hà</b> <i>Từ Sông Công</i></p>", ["Minh Anh", "Thu Hà"]),
        ("<p class=author><b>Nguyễn</b> Minh Anh</p>", ["Nguyễn Minh Anh"]),
        ("<p class=author>Nguyễn Minh<br>Anh</p>", ["Nguyễn Minh Anh"]),
        ("<p class=author><b>Minh Anh</b><b>, Thu Hà</b></p>", ["Minh Anh", "Thu Hà"]),
    ],
)
def test_what_stands_apart_behind_a_name_is_no_part_of_it(printed: str, names: list[str]) -> None:
    assert read(page(f"{printed}{TEXT}")).article.authors == names


def test_the_card_of_a_page_names_who_wrote_it() -> None:
    card = '<meta name="twitter:label1" content="Được viết bởi"><meta name="twitter:data1" content="Minh Anh">'
    other = '<meta name="twitter:label1" content="Thời gian đọc"><meta name="twitter:data1" content="Minh Anh">'
    assert read(page(TEXT, card)).article.authors == ["Minh Anh"]
    assert read(page(TEXT, other)).article.authors == []


def test_who_writes_a_site_of_his_own_name_is_its_author_but_no_paper_is() -> None:
    def written(site: str, url: str) -> list[str]:
        head = f'<meta property="og:site_name" content="{site}"><meta name="author" content="{site}">'
        return read(page(TEXT, head, title="Notes of a plant"), url=url).article.authors

    assert written("Jane Roe", "https://janeroe.example/notes") == ["Jane Roe"]
    assert written("Thanh Niên", "https://thanhnien.example/tin") == []
    assert written("Doi Song", "https://doisong.vn/tin") == []
