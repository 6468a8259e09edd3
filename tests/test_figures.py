"""Figures: full values in plain units, ranks, what they measure, when, done or planned."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.figures.indicators import load_indicators
from archive.model import Article, Figure
from archive.places.gazetteer import load_places
from pipelines.classify.topics import load_topics
from pipelines.figures import figures, find_figures
from pipelines.item import Context, Item

CONFIG = Path(__file__).parent.parent / "config"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SHARED = os.environ.get("DIEMTIN_SHARED")
FLOOR = 0.95  # of the annotated figures found, with unit, rank, period and kind, and of those found right


def one(text: str) -> Figure:
    (figure,) = find_figures(text, NOW)
    return figure


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Thu ngân sách đạt 8.503 tỷ đồng", 8503e9, "đồng"),
        ("Thu ngân sách đạt 8,5 nghìn tỷ đồng", 8.5e12, "đồng"),
        ("Giá trị sản xuất đạt 844 nghìn tỷ", 844e12, "đồng"),
        ("Xuất khẩu đạt 11 tỷ đô la Mỹ", 11e9, "USD"),
        ("Vốn đăng ký đạt 1,6 tỉ USD", 1.6e9, "USD"),
        ("Thu nhập bình quân đạt 450.000USD", 450000, "USD"),
        ("Kinh phí là 9 tỷ 214 triệu đồng", 9214e6, "đồng"),
        ("Tỷ lệ lấp đầy đạt 58,4 %", 58.4, "%"),
        ("Giá trị tăng 1.716,7%", 1716.7, "%"),
        ("Khu công nghiệp rộng 363,7 ha", 363.7, "ha"),
        ("Tỉnh có 228 dự án FDI", 228, "dự án"),
        ("Chỉ số PCI đạt 66,5 điểm", 66.5, "điểm"),
        ("Nhà máy sử dụng 27.000 lao động", 27000, "lao động"),
        ("Trạm điện mặt trời công suất 3,5 MW", 3.5, "MW"),
    ],
)
def test_values_are_full_numbers_in_plain_units(text: str, value: float, unit: str) -> None:
    figure = one(text)
    assert (figure.value, figure.unit) == (value, unit)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Giá trị sản xuất đạt 250² tỷ đồng", [(250e9, "đồng")]),
        ("Giá trị sản xuất đạt 250[2] tỷ đồng, tăng 12[1]%", [(250e9, "đồng"), (12, "%")]),
        ("Giá trị sản xuất đạt 250 [2] tỷ đồng", [(250e9, "đồng")]),
        ("Vốn tự có chiếm 40%¹, theo chủ đầu tư", [(40, "%")]),
        ("Vốn tự có chiếm 40%[12]", [(40, "%")]),
        ("Tổng vốn là 1.950 tỷ đồng(3), cao nhất vùng", [(1950e9, "đồng")]),
        ("Khu đất rộng 14² ha", [(14, "ha")]),
        ("Lưu vực rộng 45 km² ở phía nam", [(45, "km2")]),
        ("Sản lượng đạt 3,2 x 10⁶ tấn", [(3.2e6, "tấn")]),
        ("Sản lượng đạt 10⁶ tấn", [(1e6, "tấn")]),
        ("Sản lượng đạt 3,2·10⁻² tấn", [(0.032, "tấn")]),
        ("Vốn là ~~1.590~~ 1.950 tỷ đồng", [(1950e9, "đồng")]),
        ("Vốn là 1\u03365\u03369\u03360\u0336 1.950 tỷ đồng", [(1950e9, "đồng")]),
        ("Vốn là 1\u00a0950\u00a0tỷ\u00a0đồng", [(1950e9, "đồng")]),
        ("Vốn là 12\u202f450,5\u2009tỷ đồng", [(12450.5e9, "đồng")]),
        ("Nhà máy có 12 500 lao động", [(12500, "lao động")]),
        ("Trong tháng 9 120 lao động nghỉ việc", [(120, "lao động")]),
        ("Năm 2025 950 lao động có việc", [(950, "lao động")]),
        ("Lao động nữ chiếm 2⁄3 lao động, 12⁄15 doanh nghiệp có lãi", []),
        ("Có 2/3 doanh nghiệp, 12/15 dự án chậm", [(12, "dự án")]),
        ("Giai đoạn một cần 1½ tỷ đồng", [(1.5e9, "đồng")]),
        ("Khu đất rộng ¾ ha", [(0.75, "ha")]),
        ("Sai số 3–5 %", [(3, "%"), (5, "%")]),
        ("Sai số 3 — 5%", [(3, "%"), (5, "%")]),
        ("Sai số từ 3 đến 5%", [(3, "%"), (5, "%")]),
        ("Sai số 3%-5%", [(3, "%"), (5, "%")]),
        ("Vốn từ 800 đến 1.200 tỷ đồng", [(800e9, "đồng"), (1200e9, "đồng")]),
        ("Vốn từ 800 đến 1 tỷ đồng", [(1e9, "đồng")]),
        ("Năng suất đạt 12\u2009tấn/ha", [(12, "tấn/ha")]),
        ("Lãi 60 triệu đồng/ha", [(60e6, "đồng/ha")]),
        ("Thu nhập đạt 5,8 triệu đồng/người/tháng", [(5.8e6, "đồng/người/tháng")]),
        ("Giá điện là 2.103 đồng/kWh", [(2103, "đồng/kWh")]),
        ("Doanh thu đạt 8,5 nghìn tỷ", [(8.5e12, "đồng")]),
        ("Doanh thu đạt 1,2 triệu tỷ đồng", [(1.2e15, "đồng")]),
        ("Tỉnh đứng thứ 2", [(2, "hạng")]),
        ("Tỉnh xếp hạng 12/63", [(12, "hạng")]),
        ("Tỉnh vươn lên vị trí 3 cả nước", [(3, "hạng")]),
        ("Tỉnh đứng đầu ở 2 lĩnh vực", []),
        ("Tỉnh giữ thứ hạng 4/63", [(4, "hạng")]),
        ("Tỉnh đứng đầu cả nước", [(1, "hạng")]),
        ("Có 45 xã, phường và 1.203 hộ dân", [(45, "xã"), (1203, "hộ")]),
        ("Tỉnh có hai mươi lăm xã và ba trăm trạm BTS", [(25, "xã"), (300, "trạm")]),
        ("Doanh thu gấp 1,4 lần năm 2020, lợi nhuận gấp đôi", [(1.4, "lần"), (2, "lần")]),
        ("Hai phần ba số xã có mạng 5G, một nửa số hộ có cáp quang", [(66.67, "%"), (50, "%")]),
        ("Tỉnh đứng 2 lĩnh vực", []),
        ("Tỉnh xếp hạng 12 di tích", []),
        ("Khách sạn được xếp hạng 4 sao", []),
        ("Ông làm việc ở bệnh viện hạng 2", []),
        ("Phổ Yên là đô thị hạng 1 của tỉnh", []),
        ("Xe xếp 3 hàng trước cổng", []),
    ],
)  # fmt: skip
def test_figures_are_read_as_printed(text: str, values: list[tuple[float, str]]) -> None:
    assert [(figure.value, figure.unit) for figure in find_figures(text, NOW)] == values


def test_the_quote_is_as_printed() -> None:
    assert one("Giá trị sản xuất đạt 250[2] tỷ đồng").quote == "Giá trị sản xuất đạt 250[2] tỷ đồng"


@pytest.mark.parametrize(
    ("text", "rank", "of", "indicator"),
    [
        ("Thái Nguyên đứng thứ 12/63 tỉnh, thành phố về chuyển đổi số", 12, 63, "chuyển đổi số"),
        ("Chính quyền số đứng thứ 03/63", 3, 63, "Chính quyền số"),
        ("Chỉ số cải cách hành chính xếp thứ 8 cả nước", 8, None, "Chỉ số cải cách hành chính"),
        ("Tỉnh xếp thứ tư cả nước về giá trị sản xuất công nghiệp", 4, None, "giá trị sản xuất công nghiệp"),
        ("Tỉnh đứng thứ 3 trong số 34 tỉnh về thu hút FDI", 3, 34, "thu hút FDI"),
        ("Tỉnh thuộc nhóm 10 địa phương dẫn đầu về kinh tế số", 10, None, "kinh tế số"),
        ("Tỉnh xếp hạng 12 cả nước", 12, None, ""),
    ],
)
def test_ranks(text: str, rank: int, of: int | None, indicator: str) -> None:
    figure = one(text)
    assert (figure.value, figure.unit, figure.rank_of, figure.indicator) == (rank, "hạng", of, indicator)


@pytest.mark.parametrize(
    "text",
    [
        "Đại hội lần thứ 20",
        "sáng thứ 7",
        "ngày 27/9/2019",
        "18 đồng chí dự họp",
        "cách 20 km",
        "Nghị quyết 52-NQ/TW",
        "lúc 10h30",
        "quốc lộ 3",
        "mục 4.2",
        "năm 2025",
        "đường rộng 7,5 m",
        "lô đất 5 m x 20 m",
        "lô đất 100 m2",
        "công nhân làm 2 ca",
        "92/92 xã có trường",
        "Đề án 06 tỉnh Thái Nguyên",
    ],
)
def test_other_numbers_are_no_figures(text: str) -> None:
    assert find_figures(text, NOW) == []


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("đạt gần 18 nghìn tỷ đồng", "gần"),
        ("đạt hơn 40%", "hơn"),
        ("rộng khoảng 500 ha", "khoảng"),
        ("đạt 8% trở lên", "trở lên"),
        ("đạt 8%", None),
        ("không quá 40%", "không quá"),
        ("ước đạt 94 tỷ đồng", "ước đạt"),
    ],
)
def test_about_or_exactly(text: str, qualifier: str | None) -> None:
    assert one(f"Chỉ tiêu này {text}").qualifier == qualifier


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Năm 2021, thu ngân sách đạt 18 tỷ đồng", "2021"),
        ("Thu ngân sách đạt 18 tỷ đồng trong quý I/2026", "2026-Q1"),
        ("Trong 9 tháng đầu năm 2026, xuất khẩu đạt 24 tỷ USD", "2026-01..2026-09"),
        ("Xuất khẩu 9 tháng đầu năm đạt 24 tỷ USD", "2026-01..2026-09"),
        ("8 tháng năm 2026, xuất khẩu đạt 24 tỷ USD", "2026-01..2026-08"),
        ("Giai đoạn 2021 - 2025, vốn đạt 3 tỷ USD", "2021..2025"),
        ("Năm nay vốn đạt 3 tỷ USD", "2026"),
        ("Đến nay vốn đạt 3 tỷ USD", "2026-11-21"),
        ("Tính đến ngày 30/9/2025, vốn đạt 3 tỷ USD", "2025-09-30"),
        ("Trong tháng 10/2026, vốn đạt 3 tỷ USD", "2026-10"),
        ("6 tháng cuối năm, vốn đạt 3 tỷ USD", "2026-07..2026-12"),
        ("Ba quý đầu năm, xuất khẩu đạt 24 tỷ USD", "2026-01..2026-09"),
        ("Quý đầu năm, xuất khẩu đạt 24 tỷ USD", "2026-Q1"),
        ("9T/2026, xuất khẩu đạt 24 tỷ USD", "2026-01..2026-09"),
        ("Q3/2026, xuất khẩu đạt 24 tỷ USD", "2026-Q3"),
        ("Trong tháng Mười, xuất khẩu đạt 24 tỷ USD", "2026-10"),
        ("Nửa năm đầu, xuất khẩu đạt 24 tỷ USD", "2026-01..2026-06"),
        ("Doanh thu 2025 đạt 24 tỷ USD", "2025"),
        ("Theo Luật Đất đai 2024, tỉnh thu 24 tỷ đồng", None),
        ("Năm năm qua, tỉnh thu 24 tỷ đồng", None),
        ("Lãi suất kỳ hạn 12 tháng 4,9%/năm", None),
        ("VCCI công bố PCI 2025 ngày 6/5: tỉnh đạt 69,1 điểm", "2025"),
        ("Tính đến 7h ngày 9/10, bão làm 24 người chết", "2026-10-09"),
        ("Vốn đạt 3 tỷ USD, bằng so với năm 2019", None),
        ("Vốn đạt 3 tỷ USD", None),
    ],
)
def test_periods(text: str, period: str | None) -> None:
    (figure,) = find_figures(text, NOW, dated=True)
    assert figure.period == period


@pytest.mark.parametrize(
    ("text", "dated", "undated"),
    [
        ("Đến nay vốn đạt 3 tỷ USD", "2026-11-21", None),
        ("Năm tới, công ty sẽ tuyển 300 lao động", "2027", None),
        ("Tháng trước, xuất khẩu đạt 3 tỷ USD", "2026-10", None),
        ("Tháng 12 năm ngoái, xuất khẩu đạt 3 tỷ USD", "2025-12", None),
        ("Nhà máy hiện sử dụng 300 lao động", "2026-11-21", None),
        ("Quý trước, xuất khẩu đạt 3 tỷ USD", "2026-Q3", None),
        ("Trong 7 tháng, vốn đạt 3 tỷ USD", "2026-01..2026-07", None),
        ("Trong 7 tháng, vốn đạt 3 tỷ USD so với cùng kỳ năm 2025", "2026-01..2026-07", "2026-01..2026-07"),
        ("Đến 20/11, giải ngân 3 tỷ đồng", "2026-01-01..2026-11-20", None),
        ("Đến hết tháng 9/2026, giải ngân 3 tỷ đồng", "2026-01..2026-09", "2026-01..2026-09"),
        ("Khởi công ngày 28/8, nhà máy có vốn 3 tỷ USD", "2026-08", None),
        ("Nhà máy hoàn thành tháng 12/2025, rộng 12 ha", None, None),
        ("Bão đổ bộ hồi đầu tháng 10 làm 3 người chết", "2026-10", None),
        ("Vốn đạt 3 tỷ USD", None, None),
        ("Phiên 20/11, giá thép tăng 200.000 đồng/tấn", "2026-11-20", None),
        ("Tại ngày 30/9, dư nợ là 1.200 tỷ đồng", "2026-09-30", None),
        ("Đỉnh lũ đo được 29 m lúc 13 giờ ngày 8/10", "2026-10-08", None),
        ("Bán niên, doanh thu đạt 3 tỷ USD", "2026-01..2026-06", None),
        ("Doanh thu đạt 3 tỷ USD sau 10 tháng", "2026-01..2026-10", None),
        ("Dự án đạt 3 tỷ USD sau 5 tháng", None, None),
        ("Giá lợn hơi hôm nay giảm 3.000 đồng", "2026-11-21", None),
        ("Theo báo cáo tại phiên họp tháng 6, vốn đạt 3 tỷ USD", None, None),
        ("Tỉnh đặt mục tiêu tăng trưởng cả năm 11,5%", "2026", None),
        ("Từ tháng 8/2026 đến nay, bệnh viện khám 20.000 lượt", "2026-08..2026-11", None),
        ("Từ 15/8 đến nay, bệnh viện khám 20.000 lượt", "2026-08-15..2026-11-21", None),
        ("Mục tiêu đến 2030 GRDP tăng 11%", "2030", "2030"),
        ("Tháng qua, thu ngân sách đạt 200 tỷ đồng", "2026-10", None),
        ("Mười năm trước, xưởng làm 12 tấn chè", None, None),
        ("Trước đây, xưởng làm 12 tấn chè", None, None),
        ("Từ 1/7/2025 đến 30/6/2026, xã nhận 900 hồ sơ", "2025-07..2026-06", "2025-07..2026-06"),
        ("Từ đầu năm, có 30 dự án", "2026-01..2026-11", None),
        ("Nhiệm kỳ 2025-2030, tỉnh phấn đấu tăng 10%", "2025..2030", "2025..2030"),
        ("GRDP tăng bình quân 7%/năm giai đoạn 2021-2025", "2021..2025", "2021..2025"),
    ],
)
def test_a_period_is_told_from_the_texts_own_day_or_not_at_all(
    text: str, dated: str | None, undated: str | None
) -> None:
    assert [find_figures(text, NOW, dated=known)[0].period for known in (True, False)] == [dated, undated]


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("Kinh tế 10 tháng\nXuất khẩu đạt 3 tỷ USD.\nHiện có 20 dự án.", ["2026-01..2026-10", "2026-10"]),
        ("Quý III, vốn đạt 3 tỷ USD; năm 2024 là 2 tỷ USD. Vay 1 tỷ USD.", ["2026-Q3", "2024", "2026-Q3"]),
        ("Đến năm 2030 cần 200 lớp, đã xong 39 lớp", ["2030", None]),
        ("Năm 2024, có 20 dự án.\nHiện có 30 dự án.\nCó 40 xã.", ["2024", "2026-11-21", "2024"]),
        ("Trao 3 dự án\nSáng 16/11, tỉnh trao giấy cho 4 dự án.\nCó 50 lao động.", ["2026-11"] * 3),
        ("Chứng khoán\nPhiên 18/11, thanh khoản 900 tỷ đồng.\nKhối ngoại bán 200 tỷ đồng.", ["2026-11-18"] * 2),
        ("Từ 18% hồi tháng 7/2025, xã nay đạt 83%. Quý I có 20 hồ sơ.", ["2025-07", "2026-11-21", "2026-Q1"]),
        ("Vốn tăng từ 75 triệu USD lên 90 triệu USD", [None, None]),
        (
            "Xuất khẩu 10 tháng\nXuất khẩu đạt 3 tỷ USD.\nNửa cuối tháng 10 đạt 2 tỷ USD. Dệt may 1 tỷ USD.",
            ["2026-01..2026-10", "2026-10", "2026-01..2026-10"],
        ),
        ("Giá tiêu dùng tháng 10\nGiá tháng 10 tăng 2%.\nGiá xăng là 20.000 đồng/lít.", ["2026-10", None]),
        (
            "Năm 2025, chè thu 300 tỷ đồng\nSản lượng 200 tấn.\nChị Đào Thanh Hảo bán chè giá 2 triệu đồng/kg.",
            ["2025", "2025", None],
        ),
    ],
)
def test_a_period_holds_on_but_a_base_and_the_present_do_not(text: str, periods: list[str | None]) -> None:
    assert [figure.period for figure in find_figures(text, NOW, dated=True)] == periods


def test_a_period_holds_to_the_end_of_its_paragraph_or_on_where_it_is_told_of_at_length() -> None:
    begins = "Họp báo\nLãnh đạo tỉnh trả lời.\nBuổi sáng.\nNăm 2024, thu ngân sách đạt 20 tỷ đồng. "
    text = begins + "Xuất khẩu đạt 3 tỷ USD.\nVốn FDI đạt 2 tỷ USD."
    assert [figure.period for figure in find_figures(text, NOW)] == ["2024", "2024", None]
    on = text.replace("\nVốn", "\nTrong số đó, FDI đạt 1 tỷ USD.\nVốn")
    assert [figure.period for figure in find_figures(on, NOW)] == ["2024"] * 4


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tỉnh phấn đấu kinh tế số chiếm 30%", "target"),
        ("Đến năm 2030, kinh tế số chiếm 40%", "target"),
        ("Đến năm 2025, kinh tế số chiếm 25%", "actual"),
        ("Khu công nghiệp sẽ mở rộng thêm 300 ha", "plan"),
        ("Năm nay xuất khẩu ước đạt 30 tỷ USD", "estimate"),
        ("Hội đồng nhân dân giao dự toán 18 tỷ đồng", "plan"),
        ("Tập đoàn muốn đầu tư 2 tỷ USD", "said"),
        ("Tỉnh đề xuất mở rộng 300 ha", "said"),
        ("Nhà máy dự kiến có 900 lao động", "said"),
        ("Tỉnh hoàn thành mục tiêu, tăng trưởng đạt 6,51%", "actual"),
        ("Thu ngân sách đạt 18 tỷ đồng", "actual"),
        ("Chỉ tiêu giao năm 2026: xuất khẩu 34 tỷ USD", "target"),
        ("Theo quy hoạch, tỉnh có 55 cụm công nghiệp", "actual"),
        ("Sau sắp xếp, tỉnh có 92 xã", "actual"),
        ("Tuyến đường có tổng mức đầu tư 4.204 tỷ đồng", "plan"),
        ("Cầu hoàn thành tháng 5, tổng mức đầu tư 420 tỷ đồng", "actual"),
        ("Theo biên bản ghi nhớ, tập đoàn sẽ rót 350 triệu USD", "said"),
        ("Công ty bác bỏ tin cắt giảm 2.000 lao động", "said"),
        ("Mỗi trường phải có không dưới 2 phòng học", "target"),
    ],
)
def test_done_or_planned(text: str, kind: str) -> None:
    assert one(text).kind == kind


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Giá trị bán hàng của tỉnh đạt 29 tỷ USD, tăng 2,4% so với cùng kỳ",
            ["Giá trị bán hàng", "mức tăng giá trị bán hàng"],
        ),
        ("Tỉnh thu hút thêm 1 khu công nghiệp 300 ha", [""]),
        ("Mức tăng tức 12%", [""]),
        (
            "Toàn tỉnh có 324 doanh nghiệp công nghệ cao, tăng 12 doanh nghiệp",
            ["doanh nghiệp công nghệ cao", ""],
        ),
        ("Than sạch | 112.500 tấn", ["Than sạch"]),
        ("Than sạch | 98.000 tấn | 112.500 tấn", ["Than sạch", "Than sạch"]),
    ],
)
def test_what_a_figure_measures_or_nothing(text: str, names: list[str]) -> None:
    assert [figure.indicator for figure in find_figures(text, NOW)] == names


KNOWN = load_indicators(CONFIG / "indicators.yml")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Giá trị xuất khẩu đạt 29 tỷ USD", "exports"),
        ("Kim ngạch xuất khẩu 9 tháng năm 2026 của tỉnh ước đạt 24 tỷ USD", "exports"),
        ("Chỉ số sản xuất công nghiệp (IIP) tăng 7,8%", "iip"),
        ("Công nghiệp - xây dựng chiếm 61% GRDP", "industry_share"),
        ("Toàn tỉnh có 324 doanh nghiệp công nghệ số", "digital_enterprises"),
        ("Tỉnh đứng thứ 12/34 về chỉ số chuyển đổi số", "dti"),
        ("Tỷ lệ lấp đầy các khu công nghiệp đạt 58,4%", "park_occupancy"),
        ("Xuất khẩu dệt may đạt 2 tỷ USD", ""),
        ("Giá trị xuất khẩu tăng 12%", ""),
    ],
)
def test_known_indicators(text: str, key: str) -> None:
    assert find_figures(text, NOW, KNOWN)[0].key == key


def test_whose_a_figure_is() -> None:
    places = load_places(CONFIG / "places.yml")
    text = "Bắc Ninh xuất khẩu 40 tỷ USD, Thái Nguyên đạt 29 tỷ USD. Công ty Samsung đạt 20 tỷ USD."
    made = find_figures(text, NOW, KNOWN, places)
    assert [(figure.subject_kind, figure.subject) for figure in made] == [
        ("province", "Bắc Ninh"),
        ("province", "Thái Nguyên"),
        ("company", "Công ty Samsung"),
    ]


def test_a_figure_knows_where_it_stands() -> None:
    text = "Tin vui\nTỉnh vui mừng. Thu ngân sách đạt gần ~~17~~ 18 tỷ đồng, cao nhất vùng."
    figure = find_figures(text, NOW)[0]
    assert text[figure.starts : figure.ends] == "18 tỷ đồng"
    assert figure.quote == "Thu ngân sách đạt gần ~~17~~ 18 tỷ đồng, cao nhất vùng."


def test_a_range_is_two_figures() -> None:
    made = find_figures("Khu công nghiệp có quy mô 200-300 ha", NOW)
    assert [(figure.indicator, figure.value, figure.unit) for figure in made] == [
        ("quy mô", 200, "ha"),
        ("quy mô", 300, "ha"),
    ]


def test_the_stage_reads_title_lead_and_body_and_names_a_figure_once() -> None:
    context = Context(load_places(CONFIG / "places.yml"), load_topics(CONFIG / "topics.yml"), now=lambda: NOW)
    article = Article(
        url="https://vidu.vn/1",
        source="vidu",
        title="Xuất khẩu đạt 29 tỷ USD",
        lead="Xuất khẩu đạt 29 tỷ USD.",
        body="Vốn FDI đạt 2 tỷ USD.",
    )
    item = Item(article)
    figures(item, context)
    assert [(figure.indicator, figure.value) for figure in article.figures] == [
        ("Xuất khẩu", 29e9),
        ("Vốn FDI", 2e9),
    ]


@pytest.mark.skipif(not SHARED, reason="DIEMTIN_SHARED names no folder with the annotated articles")
def test_the_annotated_articles_are_read() -> None:
    wanted = found = right = 0
    for line in (Path(SHARED or "") / "corpus" / "figures.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        gold = {(f["value"], f["unit"], f["rank_of"], f["period"], f["kind"]) for f in row["figures"]}
        made = {(f.value, f.unit, f.rank_of, f.period, f.kind) for f in find_figures(row["text"], NOW)}
        wanted, found, right = wanted + len(gold), found + len(made), right + len(gold & made)
    assert right / wanted >= FLOOR
    assert right / found >= FLOOR


def test_a_table_run_together_is_read_in_pieces_and_ends() -> None:
    """Each figure once looked through the whole sentence for each year in it: minutes for such a page."""
    table = "".join(f"năm {1990 + n % 40} đạt {n} nghìn {n % 900} tấn, " for n in range(1, 4000))
    assert len(find_figures(table, NOW)) == 80
