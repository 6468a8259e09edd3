"""A site on loopback whose pages are refused, each for another reason, and a home that reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from archive.home import Home
from crawler.workspace import Workspace, open_workspace
from tests.tiny_site import HTML, TEXT, Page, TinySite

LINES = (
    "Sáng nay, khu công nghiệp Sông Công II của tỉnh Thái Nguyên khởi công nhà máy linh kiện thứ tư trong năm.",
    "Theo ban quản lý các khu công nghiệp Thái Nguyên, vốn đăng ký là 1.280 tỷ đồng, hai phần ba cho thiết bị.",
    "Nhà máy tuyển 340 lao động ở Thái Nguyên và chuyển đổi số toàn bộ dây chuyền ngay từ ngày đầu chạy thử.",
    "Tỉnh Thái Nguyên đặt mục tiêu lấp đầy khu công nghiệp này trước năm 2028 bằng các dự án công nghệ cao.",
)
OTHER_LINES = (
    "Hội thi thả diều năm nay có 37 đội, mỗi đội ba cánh diều sáo và một cánh diều giấy của trẻ em trong làng.",
    "Gió từ cửa sông thổi đều suốt buổi chiều, cánh diều bay lâu nhất ở trên trời hơn bốn giờ mới chịu xuống.",
    "Ban tổ chức trao giải cho đội nhỏ tuổi nhất, các em tự vót tre, tự phất giấy và tự khoét sáo cả tháng.",
)
MORE_LINES = (
    "Người già kể rằng ngày trước cả làng nghỉ việc đồng để ra bãi, trẻ con được nghỉ học một buổi chiều.",
    "Nay bãi thả diều hẹp lại vì nhà xây lên, làng phải xin mượn sân vận động cũ của trường để tổ chức thi.",
    "Mùa sau, hội dự định mời thêm các đội làng bên và mở một lớp dạy khoét sáo miễn phí cho học sinh nhỏ.",
)
NAMED = "Thái Nguyên: nhà máy linh kiện thứ tư khởi công"
# what each page comes to
STORED, ELSEWHERE, BLOCKED, GONE, SHORT, LISTING, IRRELEVANT, UNNAMED, FORBIDDEN = (
    "/bai-1.html", "/nha-may-linh-kien-bai-2.html", "/bai-3.html", "/bai-4.html", "/bai-5.html", "/bai-6.html",
    "/bai-7.html", "/bai-8.html", "/cam/bai-9.html",
)  # fmt: skip
UNLISTED, OWN = "/bai-20.html", "/song-cong/nha-may-linh-kien-bai-2.html"
FEED = [STORED, ELSEWHERE, BLOCKED, GONE, SHORT, LISTING, IRRELEVANT, FORBIDDEN]


def page(title: str, lines: tuple[str, ...], head: str = "", dated: bool = True) -> Page:
    """An article page."""
    when = "<meta property='article:published_time' content='2026-11-21T08:00:00+07:00'>" if dated else ""
    text = "".join(f"<p>{line}</p>" for line in lines)
    head = f"<head><title>{title}</title><meta property='og:type' content='article'>{when}{head}</head>"
    return 200, f"<html>{head}<body><h1>{title}</h1><div class='than-bai'>{text}</div></body></html>", HTML


def listing() -> Page:
    """A page of headlines."""
    rows = "".join(
        f"<li><a href='/bai-{n}.html'>Tin thứ {n} của buổi sáng hôm nay ở làng</a></li>" for n in range(40, 70)
    )
    body = f"<ul>{rows}</ul><p>{OTHER_LINES[0]}</p><p>Chuyên trang Thái Nguyên</p>"
    return 200, f"<html><head><title>Tin mới</title></head><body><h1>Tin mới</h1>{body}</body></html>", HTML


def pages() -> dict[str, Page]:
    """Path → page."""
    items = [*((path, NAMED) for path in FEED), (UNNAMED, "Hội thi thả diều")]
    feed = "".join(
        f"<item><title>{title} ({path})</title><link>{{home}}{path}</link></item>" for path, title in items
    )
    own = f"<link rel='canonical' href='{{home}}{OWN}'>"
    return {
        "/robots.txt": (200, "User-agent: *\nDisallow: /cam/", TEXT),
        "/rss": (200, f"<rss version='2.0'><channel><title>Báo Thử</title>{feed}</channel></rss>", "text/xml"),
        STORED: page(NAMED, LINES),
        ELSEWHERE: page("Khởi công nhà máy linh kiện ở Sông Công", LINES[::-1], own),
        BLOCKED: (403, "", HTML),
        SHORT: page(NAMED, ("Những ngày đầu hạ ở Sông Công.",)),
        LISTING: listing(),
        IRRELEVANT: page("Hội thi thả diều", (*OTHER_LINES, *MORE_LINES)),
        UNNAMED: page("Hội thi thả diều bên sông", OTHER_LINES[::-1]),
        FORBIDDEN: page(NAMED, LINES),
        UNLISTED: page("Thêm một nhà máy ở Thái Nguyên", LINES[1:]),
    }


def write_home(folder: Path, home: str) -> Home:
    """A home with the site as its one source, key ``thu``."""
    made = Home.at(folder)
    block = {
        "name": "Báo Thử",
        "home": f"{home}/",
        "kind": "national",
        "article": r"bai-\d+\.html$",
        "feeds": [f"{home}/rss"],
    }
    config = folder / "config" / "sources.yml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(
        yaml.safe_dump({"defaults": {"delay": "10ms"}, "sources": {"thu": block}}, allow_unicode=True),
        encoding="utf-8",
    )
    return made


@contextmanager
def workspace_of(folder: Path, site: TinySite) -> Iterator[Workspace]:
    """The opened home."""
    with open_workspace(write_home(folder, site.home)) as workspace:
        yield workspace
