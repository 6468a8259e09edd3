"""Authors: people only, each once, out of the forms that bylines have."""

import pytest

from pipelines.extract import authors


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
