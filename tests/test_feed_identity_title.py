"""When a feed answers with another channel than before."""

import pytest

from crawler.listings.identity import another


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Báo Mẫu - Kinh tế", "Báo Mẫu - Thể thao"),
        ("Báo Mẫu - Kinh tế", "Báo Mẫu - Trang chủ"),
        ("Kinh tế", "Báo Mẫu RSS"),
        ("Báo Mẫu", "Domain for sale"),
        ("Tin tức mới nhất - Mẫu", "Bóng đá 24h"),
    ],
)
def test_another_channel(before: str, now: str) -> None:
    assert another(before, now, "Báo Mẫu")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Báo Mẫu - Kinh tế", "Báo Mẫu - Kinh tế"),
        ("Kinh tế | Báo Mẫu", "KINH TẾ - Kinh doanh"),
        ("Hoà bình", "Hòa bình - Mẫu"),
        ("Báo Mẫu", "Mẫu Online: thời sự"),
        ("", "Báo Khác"),
        ("Báo Mẫu - Kinh tế", ""),
        ("RSS 2.0", "Tin mới 04/11"),
    ],
)
def test_the_same_channel(before: str, now: str) -> None:
    assert not another(before, now, "Báo Mẫu")
