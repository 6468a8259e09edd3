"""A feed that is another channel than its address says, or than before, and one only named otherwise."""

from pathlib import Path

import pytest

from archive.home import DEFAULTS
from archive.i18n import Words
from crawler.listings.identity import another, twin_feeds, wrong_channel
from crawler.sources import Source, load_sources


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return load_sources(Path(DEFAULTS) / "sources.yml").by_key


RIGHT = [
    ("nhandan", "Kinh tế - Báo Nhân Dân điện tử", "https://nhandan.vn/rss/kinhte-1185.rss"),
    ("nhandan", "Nhân Dân", "https://nhandan.vn/rss/kinhte-1185.rss"),
    ("vnexpress", "Khoa học công nghệ - VnExpress RSS", "https://vnexpress.net/rss/khoa-hoc-cong-nghe.rss"),
    ("tuoitre", "Tuổi Trẻ Online - Nhịp sống số - RSS Feed", "https://tuoitre.vn/nhip-song-so.rss"),
    ("vtv", "Báo điện tử VTV", "https://vtv.vn/rss/home.rss"),
    ("baochinhphu", "Chính sách mới | Cổng thông tin", "https://baochinhphu.vn/chinh-sach-moi.rss"),
    ("bnews", "RSS", "https://bnews.vn/rss/doanh-nghiep-6.rss"),
    ("bnews", "", "https://bnews.vn/rss/doanh-nghiep-6.rss"),
]
WRONG = [
    ("nhandan", "Trang chủ - Báo Nhân Dân", "https://nhandan.vn/rss/kinhte-1185.rss"),
    ("vnexpress", "Pháp luật - VnExpress RSS", "https://vnexpress.net/rss/khoa-hoc-cong-nghe.rss"),
    ("tienphong", "Tin mới nhất", "https://tienphong.vn/rss/dau-tu-165.rss"),
    ("cafef", "Bất động sản phương Nam", "https://cafef.vn/vi-mo-dau-tu.rss"),
]


@pytest.mark.parametrize(("key", "title", "url"), RIGHT)
def test_the_right_channel(sources: dict[str, Source], key: str, title: str, url: str) -> None:
    assert wrong_channel(title, url, sources[key]) == ""


@pytest.mark.parametrize(("key", "title", "url"), WRONG)
def test_another_channel(sources: dict[str, Source], key: str, title: str, url: str) -> None:
    assert f"titled «{title}»" in Words("en").reason(wrong_channel(title, url, sources[key]))


def test_feeds_with_the_same_items_are_twins() -> None:
    items = {"a": ["1", "2"], "b": ["2", "1"], "c": ["2", "3"], "d": ["9"], "e": ["9"]}
    assert twin_feeds(items) == [("a", "b")]


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
def test_another_channel_than_before(before: str, now: str) -> None:
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
def test_the_same_channel_as_before(before: str, now: str) -> None:
    assert not another(before, now, "Báo Mẫu")
