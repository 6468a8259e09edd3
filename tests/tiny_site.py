"""A site of a few pages on loopback, for what the sample press does not do wrong."""

import time
from collections.abc import Iterable, Mapping
from typing import Self

from crawler.demo.server import Answer, Server

Page = tuple[int, str, str] | tuple[int, str, str, dict[str, str]]
HTML, RSS, TEXT = "text/html; charset=utf-8", "application/rss+xml", "text/plain"
BODY = (
    "Xưởng có 37 hộ góp nguyên liệu, mỗi hộ một mã riêng. Người mua quét mã sẽ thấy nương chè và ngày hái.\n"
    "Toàn bộ hệ thống hết 86 triệu đồng, trong đó máy in tem chiếm hơn một nửa số tiền đã chi trong năm.\n"
    "Năm tới, xưởng dự định đưa thêm nhật ký tưới nước vào mã, để khách xa khỏi phải đòi giấy tờ riêng.\n"
)


class TinySite:
    """Serves ``pages``: path → status, body, type, headers; ``{home}`` in a body is its address."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self.pages = pages
        self.visits: list[tuple[str, str, float]] = []  # path, user agent, time
        self.server = Server(self.reply)
        self.home = self.server.home.rstrip("/")

    def reply(self, path: str, headers: Mapping[str, str], method: str) -> Answer:
        self.visits.append((path, headers.get("User-Agent", ""), time.monotonic()))
        status, body, kind, *more = self.pages.get(path, (404, "", TEXT))
        data = body.replace("{home}", self.home).encode()
        return Answer(status, data, kind, more=more[0] if more else {}, tagged=False)

    def __enter__(self) -> Self:
        self.server.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.visits]


def feed(
    paths: Iterable[str], title: str = "Báo Thử - Kinh tế", date: str = "Sat, 21 Nov 2026 08:00:00 +0700"
) -> Page:
    """An RSS feed of these paths."""
    items = "".join(
        f"<item><title>Tin {path}</title><link>{{home}}{path}</link><pubDate>{date}</pubDate></item>"
        for path in paths
    )
    return 200, f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>', RSS


def article(title: str = "Xưởng chè Đồi Mẫu bán hàng bằng mã truy xuất", head: str = "") -> Page:
    """An article page of no CMS family."""
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.splitlines())
    text = (
        f"<html><head><title>{title}</title><meta property='og:type' content='article'>"
        "<meta property='og:site_name' content='Báo Thử'>"
        f"<meta property='article:published_time' content='2026-11-21T08:00:00+07:00'>{head}</head>"
        f"<body><h1>{title}</h1><div class='than-bai'>{paragraphs}</div></body></html>"
    )
    return 200, text, HTML


def page(links: dict[str, str], head: str = "") -> Page:
    """A page of links: path → words."""
    anchors = "".join(f'<li><a href="{path}">{words}</a></li>' for path, words in links.items())
    return (
        200,
        f"<html><head><title>Báo Thử - Trang chủ</title>{head}</head><body><ul>{anchors}</ul></body></html>",
        HTML,
    )
