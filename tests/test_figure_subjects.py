"""Whose a figure is: what is of another province, a country, a commune, a trade or a company is not ours."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.figures.indicators import load_indicators
from archive.places.gazetteer import load_places
from pipelines.figures import find_figures

CONFIG = Path(__file__).parent.parent / "config"
KNOWN, PLACES = load_indicators(CONFIG / "indicators.yml"), load_places(CONFIG / "places.yml")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
HOME = "Kinh tế Thái Nguyên\n"
OWN = ("province", "Thái Nguyên")


def whose(text: str) -> list[tuple[str, str]]:
    return [(figure.subject_kind, figure.place) for figure in find_figures(text, NOW, KNOWN, PLACES)]


@pytest.mark.parametrize(
    "text",
    [
        "Xuất khẩu đạt 29 tỷ USD.",
        "Toàn tỉnh xuất khẩu 29 tỷ USD.",
        "Xuất khẩu đạt 29 tỷ đô la Mỹ, nhập khẩu 17 tỷ đô la Mỹ.",
        "So với Bắc Ninh, xuất khẩu thấp hơn, đạt 29 tỷ USD.",
        "Xuất khẩu sang Hoa Kỳ và Trung Quốc đạt 29 tỷ USD.",
        "Thu ngân sách bằng 84% dự toán Bộ Tài chính giao.",
        "Theo Ngân hàng Nhà nước, xuất khẩu đạt 29 tỷ USD.",
        "92 xã, phường Thái Nguyên tiếp nhận 1,2 triệu hồ sơ.",
        "Anh Bùi Văn Đức nói xuất khẩu đạt 29 tỷ USD.",
        "Xuất khẩu đạt 29 tỷ USD, trong đó khu vực FDI xuất khẩu nhiều nhất. Nhập khẩu đạt 17 tỷ USD.",
        "Samsung mở rộng nhà máy. Toàn tỉnh xuất khẩu 29 tỷ USD.",
    ],
)
def test_the_provinces_own(text: str) -> None:
    assert set(whose(HOME + text)) == {OWN}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ngành dệt may có 120 nhà máy. Kim ngạch xuất khẩu đạt 2 tỷ USD.", "other"),
        ("Ngành may của tỉnh có 68 doanh nghiệp, giá trị xuất khẩu đạt 512 triệu USD.", "other"),
        ("Lũy kế, các khu công nghiệp trên địa bàn có 243 dự án FDI.", "other"),
        ("Festival Trà đón hơn 120.000 lượt khách.", "other"),
        ("Tăng trưởng GDP đạt 7%.", "country"),
        ("Khu vực FDI xuất khẩu 27 tỷ USD.", "other"),
        ("Các doanh nghiệp FDI phát triển; doanh nghiệp FDI xuất khẩu 27 tỷ USD.", "other"),
        ("KCN Yên Bình có nhiều nhà máy, xuất khẩu đạt 20 tỷ USD.", "other"),
        ("Các khu công nghiệp có 300 dự án, xuất khẩu đạt 20 tỷ USD.", "other"),
        ("Vietcombank Thái Nguyên có tổng dư nợ 12.000 tỷ đồng.", "other"),
        ("Công ty May Sao Mai có 3.000 lao động. Doanh nghiệp này xuất khẩu 90 triệu USD.", "company"),
        ("Công ty Sao Mai (Thái Nguyên) xuất khẩu 90 triệu USD.", "company"),
        ("Hợp tác xã Tân Cương Xanh xuất khẩu 1 triệu USD.", "company"),
        ("Mỗi doanh nghiệp xuất khẩu 3 triệu USD.", ""),
        ("Xã Phú Bình thu ngân sách 12 tỷ đồng. Toàn xã có 120 dự án FDI.", "unit"),
        ("Cả nước xuất khẩu 400 tỷ USD.", "country"),
        ("Hàn Quốc có 14 dự án FDI tại Thái Nguyên.", "country"),
        ("Samsung đầu tư 2 tỷ USD vào Thái Nguyên, xuất khẩu 20 tỷ USD.", "company"),
    ],
)
def test_what_is_of_others(text: str, kind: str) -> None:
    assert {found for found, _ in whose(HOME + text)} == {kind}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Theo Sở Công Thương Bắc Ninh, tỉnh có 87 cụm công nghiệp.", ["Bắc Ninh"]),
        ("Thành phố Hải Phòng xuất khẩu 30 tỷ USD.", ["Hải Phòng"]),
        ("Bắc Ninh có tỷ lệ lấp đầy 83%, gấp đôi Thái Nguyên (47%).", ["Bắc Ninh", "Bắc Ninh", "Thái Nguyên"]),
        ("Bắc Ninh xuất khẩu 40 tỷ USD, còn Thái Nguyên 29 tỷ USD.", ["Bắc Ninh", "Thái Nguyên"]),
    ],
)
def test_other_provinces(text: str, places: list[str]) -> None:
    assert [place for _, place in whose(HOME + text)] == places


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Công ty Sao Mai báo lãi", "company"),
        ("Bắc Ninh tăng tốc", "province"),
        ("Xã Phú Bình về đích", "unit"),
    ],
)
def test_a_text_is_about_whom_its_title_names(title: str, kind: str) -> None:
    text = f"{title}\nBáo Thái Nguyên đưa tin.\nDoanh thu đạt 2 tỷ USD.\nXuất khẩu đạt 1 tỷ USD."
    found = whose(text)
    assert {each for each, _ in found} == {kind}
    assert OWN not in found


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("Dự án Chợ Mới - Bắc Kạn có tổng mức đầu tư 5.750 tỷ đồng.", "Dự án Chợ Mới - Bắc Kạn"),
        ("Khu di tích ATK Định Hóa đón 120.000 lượt khách.", "Khu di tích ATK Định Hóa"),
        ("Cao tốc Thái Nguyên - Chợ Mới dài 40 km.", "Cao tốc Thái Nguyên - Chợ Mới"),
        ("Tuyến đường nối Thái Nguyên và Bắc Giang dài 42 km.", "Tuyến đường nối Thái Nguyên và Bắc Giang"),
        ("Khu nhà ở xã hội Đại Thắng có 1.200 căn hộ.", "Khu nhà ở xã hội Đại Thắng"),
        ("Mỏ sắt Trại Cau (Thái Nguyên) còn 1,9 triệu tấn quặng.", "Mỏ sắt Trại Cau"),
        ("Toàn tỉnh giải ngân cho dự án Vành đai 5 được 250 tỷ đồng.", "dự án Vành đai 5"),
        ("Dự án đã giải ngân 250 tỷ đồng.", ""),
        ("Dự án Xây dựng hạ tầng khu tái định cư có vốn 12 tỷ đồng.", ""),
        ("Chợ Đồng Hỷ chấp nhận QR của 215 hộ kinh doanh.", ""),
        ("Ngân hàng Khu vực 5 dành 500 tỷ đồng cho vay.", ""),
        ("Công an tỉnh bắt giữ và thu giữ 2,5 kg ma túy.", ""),
        ("Gia đình ông Bùi Văn Sơn có 2 ha chè.", ""),
    ],
)
def test_an_owner_is_named_whole_or_not_at_all(text: str, owner: str) -> None:
    found = find_figures(HOME + text, NOW, KNOWN, PLACES)
    assert {(figure.subject_kind, figure.subject) for figure in found} == {("other", owner)}


@pytest.mark.parametrize(
    "text",
    [
        "Bộ trưởng Hồ Đức Phớc cho biết xuất khẩu đạt 29 tỷ USD.",
        "Hồ sơ đúng hạn đạt 97%.",
        "Khu đất cách sân bay Nội Bài 35 km và tiền thuê đất còn 95 USD/m2.",
        "Tỉnh có cầu Huống Thượng và thu ngân sách 20.000 tỷ đồng.",
        "Toàn tỉnh có 12 xã giáp cao tốc Hà Nội - Thái Nguyên. Xuất khẩu đạt 29 tỷ USD.",
        "Ban chỉ đạo yêu cầu Phổ Yên giải ngân 250 tỷ đồng.",
        "Tín dụng ngân hàng tăng 9%.",
        "Quán trên đường Bắc Sơn bị phạt. Thu ngân sách đạt 20.000 tỷ đồng.",
        "Tỉnh lắp 12 biển báo gần cầu Gia Bẩy, thu phí 3 tỷ đồng.",
    ],
)
def test_a_project_that_only_stands_in_the_sentence_takes_no_figure(text: str) -> None:
    assert set(whose(HOME + text)) == {OWN}


def test_credit_in_a_title_is_of_no_bank() -> None:
    assert whose("Tín dụng ngân hàng ở Thái Nguyên\nDư nợ tín dụng đạt 120.000 tỷ đồng.") == [OWN]


def test_a_road_says_where_and_owns_nothing() -> None:
    found = find_figures(HOME + "Quán trên đường Bắc Sơn bị phạt 20 triệu đồng.", NOW, KNOWN, PLACES)
    assert [(figure.subject_kind, figure.subject) for figure in found] == [("other", "")]
    assert whose(HOME + "Xã Phú Bình có 12 hộ ở đường Bắc Sơn nộp 3 tỷ đồng.") == [("unit", "Phú Bình")] * 2
