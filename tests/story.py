"""An invented story in page markup, and what the reading stages make of it."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from archive.model import Article
from pipelines.extract import extract
from pipelines.item import Context, Family, Hint, Item, Page, Reject, Rules
from pipelines.judge import judge

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
URL = "https://baomau.example/kinh-te/xuong-nhua-chay-thu-day-chuyen-moi-20261120101500.html"
TITLE = "Xưởng nhựa ở Sông Công chạy thử dây chuyền mới"
LEAD = "Dây chuyền thứ ba đi vào chạy thử từ sáng thứ Hai, sớm hơn kế hoạch hai tuần."
PARAGRAPHS = (
    "Sáng nay, xưởng nhựa mẫu ở phường Sông Công bật máy dây chuyền thứ ba trước công nhân của hai ca.",
    "Theo quản đốc, mỗi giờ dây chuyền cho ra chừng chín trăm thùng hàng, gấp rưỡi hai dây chuyền cũ cộng lại.",
    "Công ty cho biết sẽ tuyển thêm bốn mươi người trong quý tới và mở một lớp học nghề ngay cạnh xưởng.",
    "Đường vào cụm công nghiệp đang được mở rộng, dự kiến xong trước mùa mưa để xe hàng không phải đi vòng.",
)
TEXT = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
ELSEWHERE = "Hội chợ hoa xuân năm nay dời sang bờ sông vì quảng trường sửa"


def page(inner: str, head: str = "", title: str = TITLE) -> str:
    """A page with a title and whatever stands below it."""
    return f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{inner}</body></html>"


def linked(**fields: str) -> str:
    """A JSON-LD block of an article."""
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"} | fields)}</script>'


def read(
    body: str | bytes,
    content_type: str = "",
    rules: Rules | None = None,
    families: Iterable[Family] = (),
    url: str = URL,
    hint: Hint | None = None,
) -> Item:
    """The draft of a page after extract and judge; ``outcome`` is None for an article."""
    raw = body.encode() if isinstance(body, str) else body
    item = Item(Article(url, "baomau"), Page(url, raw, NOW, content_type), rules or Rules())
    item.hint = hint or Hint()
    context = Context(None, None, tuple(families), now=lambda: NOW)  # type: ignore[arg-type]
    try:
        extract(item, context)
        judge(item, context)
    except Reject as ended:
        item.outcome, item.reason = ended.outcome, ended.reason
    return item
