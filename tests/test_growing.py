"""Which pages that are not about the province are worth another look; most of a national paper's are not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.home import DEFAULTS
from archive.model import Article, Outcome
from archive.places.gazetteer import load_places
from pipelines.classify.topics import load_topics
from pipelines.growing import may_grow, other_headline
from pipelines.item import Context, Hint, Item, Page
from pipelines.stages import READING, run_stages

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
CONTEXT = Context(load_places(DEFAULTS / "places.yml"), load_topics(DEFAULTS / "topics.yml"), now=lambda: NOW)
BLAST = "Nổ lớn ở một xưởng đúc lúc giao ca, hai thợ bị bỏng"
FIRST = "Tiếng nổ phát ra từ lò đúc lúc 14 giờ, khói cao hàng chục mét. Hai người thợ được đưa đi cấp cứu."
FOOT = "<footer><p>Giấy phép số 1. Toà soạn: số 5 phố Mẫu, Hà Nội. Điện thoại 024.</p></footer>"


def grows(
    text: str,
    title: str = BLAST,
    *,
    named: str | None = None,
    at: datetime | None = NOW - timedelta(hours=1),
    whole: bool = False,
) -> bool:
    """What is said of a page of a national paper, looked at raw or read ``whole``."""
    page = (
        f"<html><head><title>{title} - Báo Mẫu</title></head><body><h1>{title}</h1>{text}{FOOT}</body></html>"
    )
    hint = Hint(title if named is None else named, at)
    item = Item(
        Article("https://baomau.vn/tin-1.htm", "bao-xa"),
        Page("https://baomau.vn/tin-1.htm", page.encode(), NOW),
    )
    item.hint, item.read_whole = hint, whole
    run_stages(item, CONTEXT, READING)
    assert item.prefiltered is not whole
    return may_grow(item, CONTEXT, NOW)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        (f"<p>{FIRST}</p>", {}, True),
        (f"<p>{FIRST} Xưởng nằm ở tỉnh Bắc Ninh.</p>", {}, False),
        ("".join(f"<p>{FIRST} Đây là đoạn {n}.</p>" for n in range(14)), {}, False),
        (f"<p>{FIRST}</p>", {"at": NOW - timedelta(days=2)}, False),
        (f"<p>{FIRST}</p>", {"at": None}, True),
        ("<p>Đội nhà thắng ba trận liền và lên đầu bảng, người hâm mộ xuống đường mừng vui.</p>",
         {"title": "Đội nhà lên đầu bảng sau trận thắng đậm"}, False),
    ],
)  # fmt: skip
def test_a_first_report_may_grow(text: str, more: dict[str, Any], expected: bool, whole: bool) -> None:
    assert grows(text, whole=whole, **more) is expected


def test_a_notice_in_place_of_what_a_list_named_is_looked_at_again() -> None:
    notice = "<p>Hệ thống đang được nâng cấp để phục vụ bạn đọc tốt hơn, mời bạn quay lại sau.</p>"
    assert grows(notice, "Hệ thống tạm dừng", named="Hai tập đoàn bắt tay mở viện nghiên cứu chip")
    assert not grows(notice, "Hai tập đoàn bắt tay mở viện nghiên cứu chip")


def test_where_the_list_gave_no_headline_the_page_s_own_counts() -> None:
    assert grows(f"<p>{FIRST}</p>", named="")
    assert not grows(f"<p>{FIRST}</p>", "Đội nhà lên đầu bảng sau trận thắng đậm", named="")


def test_what_is_kept_or_ended_otherwise_does_not_grow() -> None:
    item = Item(Article("https://baomau.vn/tin-1.htm", "bao-xa", BLAST, "", FIRST))
    assert may_grow(item, CONTEXT, NOW)
    item.outcome = Outcome.TOO_SHORT
    assert not may_grow(item, CONTEXT, NOW)
    item.outcome, item.article.relevant = None, True
    assert not may_grow(item, CONTEXT, NOW)


@pytest.mark.parametrize(
    ("named", "titles", "other"),
    [
        ("Xưởng đúc nổ lớn lúc giao ca", ["Báo Mẫu - Hệ thống đang bảo trì"], True),
        ("Xưởng đúc nổ lớn lúc giao ca", ["Nổ xưởng đúc: hai thợ bị bỏng"], False),
        ("Xưởng đúc nổ lớn lúc giao ca", ["Báo Mẫu", "XƯỞNG ĐÚC NỔ LỚN"], False),
        ("Xem chi tiết", ["Hệ thống đang bảo trì"], False),
    ],
)
def test_a_notice_bears_another_headline(named: str, titles: list[str], other: bool) -> None:
    assert other_headline(named, titles) is other


def test_a_short_notice_in_place_of_a_named_story_is_no_article() -> None:
    notice = (
        "<p>Hệ thống đang được nâng cấp để phục vụ bạn đọc tốt hơn. Mời bạn đọc quay lại sau ít phút nữa.</p>"
    )
    body = (
        f"<html><head><title>Báo Mẫu</title></head><body><h1>Hệ thống đang bảo trì</h1>{notice}</body></html>"
    )
    page = Page("https://baomau.vn/tin-1.htm", body.encode(), NOW)
    item = Item(
        Article(page.url, "bao-xa"), page, keep="all", hint=Hint("Thái Nguyên mở thêm ba xưởng linh kiện")
    )
    run_stages(item, CONTEXT, READING)
    assert item.outcome is Outcome.NOT_ARTICLE
    assert item.reason.startswith("another_headline")
