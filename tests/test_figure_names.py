"""What a figure measures: the noun phrase of its sentence, whole, a known indicator, or nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.figures.indicators import load_indicators
from pipelines.figures import find_figures

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KNOWN = load_indicators(Path(__file__).parent.parent / "config" / "indicators.yml")
pytestmark = pytest.mark.timeless


def names(text: str) -> list[str]:
    return [figure.indicator for figure in find_figures(text, NOW)]


def keys(text: str) -> list[str]:
    return [figure.key for figure in find_figures(text, NOW, KNOWN)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Tổng vốn đầu tư của dự án là 1.200 tỷ đồng.", ["Tổng vốn đầu tư của dự án"]),
        ("Công ty Sao Mai công bố doanh thu quý I/2026 912 tỷ đồng.", ["doanh thu"]),
        ("Lao động nhận trợ cấp bình quân 12 triệu đồng/người.", ["trợ cấp bình quân"]),
        ("Tỷ lệ số hóa hồ sơ, kết quả đạt 94%.", ["Tỷ lệ số hóa hồ sơ, kết quả"]),
        ("Tỷ lệ hồ sơ được giải quyết đúng hạn đạt 97%.", ["Tỷ lệ hồ sơ được giải quyết đúng hạn"]),
        ("Cổ tức là 20%.", ["Cổ tức"]),
        ("Nhà máy chạy hết công suất trong ba ca 500 tấn.", [""]),
        ("Ông sở hữu công ty có thị phần lớn lên 10%.", [""]),
        ("Người nuôi cá bị thiệt hại 750 triệu đồng.", [""]),
    ],
)  # fmt: skip
def test_the_noun_phrase_of_the_clause(text: str, told: list[str]) -> None:
    assert names(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Sản lượng chè búp tươi đạt 272.800 tấn.", ["Sản lượng chè búp tươi"]),
        ("Xã có 120 ha chè, sản lượng 1.400 tấn búp tươi.", ["diện tích chè", "sản lượng búp tươi"]),
        ("Sản lượng thép cán 72.000 tấn, phôi 37.000 tấn.", ["Sản lượng thép cán", "Sản lượng phôi"]),
        ("Lương tối thiểu vùng II là 4,7 triệu đồng, vùng III 4,1 triệu đồng.",
         ["Lương tối thiểu vùng II", "Lương tối thiểu vùng III"]),
        ("Mức thưởng bình quân 8 triệu đồng, cao nhất 90 triệu đồng.",
         ["Mức thưởng bình quân", "Mức thưởng cao nhất"]),
        ("Thu phí là 90 tỷ đồng, trong đó xe máy 30 tỷ đồng, tăng 5%; ô tô 60 tỷ đồng.",
         ["Thu phí", "Thu phí: xe máy", "mức tăng thu phí: xe máy", "Thu phí: ô tô"]),
        ("Tổng chi là 90 tỷ đồng, trong đó giáo dục 30 tỷ đồng.", ["Tổng chi", "Tổng chi: giáo dục"]),
        ("Giá thuê ki ốt 850 nghìn đồng, từ năm 2027 tăng lên 1 triệu đồng.", ["Giá thuê ki ốt"] * 2),
        ("Giá thuê là 8 triệu đồng, nhưng tiểu thương nói khác, 9 triệu đồng.", ["Giá thuê", ""]),
    ],
)  # fmt: skip
def test_a_list_goes_on_with_its_head(text: str, told: list[str]) -> None:
    assert names(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Nợ xấu là 18 tỷ đồng, chiếm 1,2%, giảm 3%.", ["Nợ xấu", "tỷ trọng nợ xấu", "mức giảm nợ xấu"]),
        ("Thu phí đạt 18 tỷ đồng, bằng 84% kế hoạch năm và tăng 21% so với cùng kỳ.",
         ["Thu phí", "Thu phí so với kế hoạch năm", "mức tăng thu phí"]),
        ("Thu phí đạt 18 tỷ đồng, vượt 4% dự toán.", ["Thu phí", "mức vượt dự toán thu phí"]),
        ("Nợ phải trả gấp 4 lần vốn chủ sở hữu.", ["Nợ phải trả so với vốn chủ sở hữu"]),
        ("Doanh thu gấp 1,4 lần cùng kỳ.", ["Doanh thu so với cùng kỳ"]),
        ("Tỷ lệ hộ nghèo giảm còn 1,2%.", ["Tỷ lệ hộ nghèo"]),
        ("Tỷ lệ hộ nghèo giảm 1,2%.", ["mức giảm tỷ lệ hộ nghèo"]),
        ("Doanh thu giảm từ 40 đến 50%.", ["mức giảm doanh thu"] * 2),
        ("Doanh thu tiếp tục tăng 12%.", ["mức tăng doanh thu"]),
        ("Doanh thu đạt 6 tỷ đồng, tăng trưởng 94%.", ["Doanh thu", "mức tăng doanh thu"]),
        ("Công ty giảm vốn điều lệ từ 2.840 tỷ đồng xuống còn 1.840 tỷ đồng.", ["vốn điều lệ"] * 2),
        ("Có 99% hồ sơ đúng hạn, chỉ 1% hồ sơ giải quyết trễ hạn.",
         ["tỷ lệ hồ sơ đúng hạn", "tỷ lệ hồ sơ giải quyết trễ hạn"]),
        ("Doanh thu là 37 tỷ đồng, trừ phần nguyên liệu (17 tỷ đồng).", ["Doanh thu", ""]),
        ("Công ty tăng lương cơ bản 6,5%.", ["mức tăng lương cơ bản"]),
        ("Ngành y tế cắt giảm 30% thời gian giải quyết.", ["mức giảm thời gian giải quyết"]),
        ("Dịch vụ tăng 6,6%; nông, lâm nghiệp và thủy sản tăng 3,9%.",
         ["mức tăng dịch vụ", "mức tăng nông, lâm nghiệp và thủy sản"]),
    ],
)  # fmt: skip
def test_shares_and_changes_are_named_as_such(text: str, told: list[str]) -> None:
    assert names(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Tỉnh thu hút 25 dự án FDI.", ["dự án FDI"]),
        ("Trung tâm tiếp nhận 28.600 hồ sơ, quá hạn chỉ 57 hồ sơ.", ["hồ sơ tiếp nhận", "hồ sơ quá hạn"]),
        ("Trong đó 1.312 thủ tục được cung cấp trực tuyến toàn trình.",
         ["thủ tục được cung cấp trực tuyến toàn trình"]),
        ("Số doanh nghiệp quay trở lại hoạt động là 312 doanh nghiệp.",
         ["Số doanh nghiệp quay trở lại hoạt động"]),
        ("Tập đoàn tạo việc làm cho hơn 6.000 lao động.", ["lao động có việc làm"]),
        ("100% trường học có thư viện số, 78% người trưởng thành có điện thoại thông minh.",
         ["tỷ lệ trường học có thư viện số", "tỷ lệ người trưởng thành có điện thoại thông minh"]),
        ("Riêng chè giả 57 vụ.", ["vụ chè giả"]),
        ("Cảnh sát phạt 1,9 tỷ đồng; công ty đầu tư 47 tỷ đồng cho máy chủ.", ["tiền phạt", "vốn đầu tư"]),
        ("Tai nạn giảm 244 người chết.", ["mức giảm người chết"]),
        ("Thu phí đạt 12 tỷ đồng. Năm 2024, con số này là 9 tỷ đồng.", ["Thu phí", "Thu phí"]),
        ("Thu phí đạt 12 tỷ đồng. So với cùng kỳ năm 2025 tăng 9%.", ["Thu phí", "mức tăng thu phí"]),
        ("Thu phí đạt 12 tỷ đồng. Xe máy đông, tăng 9%.", ["Thu phí", ""]),
        ("Có 12 trường hợp lái xe dương tính với ma túy.", ["trường hợp lái xe dương tính"]),
    ],
)  # fmt: skip
def test_what_is_counted_and_what_is_done_with_it(text: str, told: list[str]) -> None:
    assert names(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Cơ cấu: công nghiệp - xây dựng 51,8%, dịch vụ 32,5%.", ["industry_share", "service_share"]),
        ("PII 2026: Thái Nguyên thứ 8/34.", ["pii"]),
        ("Bộ công bố chỉ số chuyển đổi số, tỉnh đạt 0,78 điểm, xếp thứ 5/34.", ["dti", "dti"]),
        ("Kinh tế số đạt 14.100 tỷ đồng, chiếm 29,8% GRDP.", ["", "digital_economy_share"]),
        ("Giải ngân vốn đầu tư công đạt 65% kế hoạch.", ["public_investment_rate"]),
        ("Xuất khẩu tiếp tục tăng 12%.", [""]),
        ("GRDP giảm 2%.", [""]),
        ("Kinh tế số đạt 98% mục tiêu.", [""]),
        ("Kim ngạch xuất khẩu của doanh nghiệp FDI đạt 28 tỷ USD.", [""]),
        ("Kim ngạch xuất khẩu của ngành đạt 2 tỷ USD.", [""]),
        ("Kim ngạch xuất khẩu tại các khu công nghiệp đạt 20 tỷ USD.", [""]),
        ("Các loại hoa đạt kim ngạch nhập khẩu 2,4 triệu USD.", [""]),
        ("Kim ngạch xuất khẩu của tỉnh Thái Nguyên đạt 28 tỷ USD.", ["exports"]),
        ("Tỉnh đón 3,2 triệu lượt khách, trong đó khách lưu trú 120 nghìn lượt khách.",
         ["tourists", ""]),
        ("Tỉnh đón 3,2 triệu lượt khách, trong đó có 120 nghìn lượt khách quốc tế.",
         ["tourists", "foreign_tourists"]),
        ("Xuất khẩu đạt 28 tỷ USD, trong đó khu vực FDI 27 tỷ USD.", ["exports", ""]),
        ("Thu ngân sách đạt 20 tỷ đồng, trong đó thu nội địa 18 tỷ đồng.",
         ["budget_revenue", "inland_revenue"]),
        ("Xuất khẩu đạt 28 tỷ USD; riêng tháng 10 xuất khẩu 3 tỷ USD.", ["exports", "exports"]),
        ("Có 12 dự án FDI của Hàn Quốc.", [""]),
        ("Công nghiệp chế biến, chế tạo khoảng 30%.", [""]),
        ("Khu vực có vốn đầu tư nước ngoài đạt 745 tỷ đồng.", [""]),
        ("Tỷ lệ hộ nghèo còn 0,9%; 98% dân số tham gia bảo hiểm y tế.",
         ["poverty_rate", "health_insurance_rate"]),
        ("Công nghiệp chế biến, chế tạo tăng 9%, ngành khai khoáng giảm 1%.", ["manufacturing_iip", ""]),
    ],
)  # fmt: skip
def test_the_key_is_of_the_whole_and_of_no_part_trade_or_change(text: str, told: list[str]) -> None:
    assert keys(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Tỉnh giảm 50% thuế thu nhập cá nhân cho kỹ sư bán dẫn và hỗ trợ 30% tiền thuê nhà.", ["", ""]),
        ("Tòa tuyên 2 bản án sơ thẩm, phúc thẩm.", [""]),
        ("Mực nước hồ nhỏ hơn 46,2 m.", [""]),
        ("Bờ biển với chiều dài hơn 3.200 km.", ["chiều dài"]),
        ("Tỉnh có 5 nhóm hàng, 35 vụ việc.", ["", ""]),
        ("Có 8/11 nhóm hàng tăng giá.", ["nhóm hàng tăng giá"]),
        ("Giá trị xuất khẩu tăng 12%, xếp thứ 4/63 tỉnh.", ["mức tăng giá trị xuất khẩu", "Giá trị xuất khẩu"]),
        ("Công suất cực đại toàn tỉnh đạt 1.250 MW.", ["Công suất cực đại"]),
        ("Biên lợi nhuận gộp thu hẹp còn 12,5%.", ["Biên lợi nhuận gộp"]),
    ],
)  # fmt: skip
def test_names_across_a_joint_a_pair_or_a_comparison_are_none(text: str, told: list[str]) -> None:
    assert names(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (("Điện tử gánh, gỗ hụt hơi\nXuất khẩu hàng hóa của Thái Nguyên đạt 29 tỷ USD, nhập khẩu đạt "
         "17 tỷ USD; cán cân thương mại thặng dư 12 tỷ USD."), ["exports", "imports", "trade_surplus"]),
        ("Điện tử gánh, gỗ hụt hơi ở Thái Nguyên\nKim ngạch xuất khẩu đạt 3 tỷ USD.", [""]),
        ("Thái Nguyên bán gỗ\nDoanh nghiệp của tỉnh bán khỏe, kim ngạch xuất khẩu đạt 12 triệu USD.", [""]),
        (("Thái Nguyên đón khách dịp nghỉ lễ\nKỳ nghỉ 4 ngày, tỉnh đón 120.000 lượt khách. Tính chung 8 tháng, "
         "tỉnh đón 5,12 triệu lượt khách."), ["", "tourists"]),
        ("Thái Nguyên\nTuyến buýt Phổ Yên - Đại Từ đón 1.200 lượt khách.", [""]),
        ("PII 2026\nChỉ số PII của Thái Nguyên lọt Top 10.", [""]),
    ],
)  # fmt: skip
def test_what_all_the_province_has_outweighs_the_title(text: str, told: list[str]) -> None:
    assert keys(text) == told


def test_the_year_of_a_price_base_is_no_period() -> None:
    text = "Năm 2025, giá trị sản xuất công nghiệp theo giá so sánh năm 2010 đạt 950.000 tỷ đồng."
    assert [figure.period for figure in find_figures(text, NOW)] == ["2025"]
