"""A feed that is another channel than its address says is told from one that is only named differently."""

from pathlib import Path

import pytest

from archive.home import DEFAULTS
from crawler.onboarding.feed_identity import twin_feeds, wrong_channel
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
    assert f"titled «{title}»" in wrong_channel(title, url, sources[key])


def test_feeds_with_the_same_items_are_twins() -> None:
    items = {"a": ["1", "2"], "b": ["2", "1"], "c": ["2", "3"], "d": ["9"], "e": ["9"]}
    assert twin_feeds(items) == [("a", "b")]
