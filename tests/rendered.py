"""Editions made up for a test, and what a mail program, a text and Word show of them."""

import io
from html.parser import HTMLParser

import docx

from archive.digests.content import (
    Appearance,
    Cited,
    Content,
    Counts,
    EditionChange,
    EditionStory,
    Health,
    Section,
)
from archive.digests.layout.docx import to_docx
from archive.digests.layout.html import to_html, to_text
from archive.search.highlight import Marked


def appearance(
    outlet: str = "Báo Sông Bằng", at: str | None = "2026-11-20T01:00:00Z", **more: object
) -> Appearance:
    given = {"url": "https://song-bang.example/1.html", "archive_url": "http://127.0.0.1:8001/bai/1", **more}
    given = {"article_id": 1, "outlet": outlet, "title": "Nhà máy", "published_at": at} | given
    return Appearance(**given)  # type: ignore[arg-type]


def story(title: str = "Nhà máy cảm biến chạy thử", **more: object) -> EditionStory:
    given = {"summary": Marked("Dây chuyền thứ nhất chạy sáng nay."), "appearances": [appearance()], **more}
    return EditionStory(Marked(title, [(0, 7)]), **given)  # type: ignore[arg-type]


def content(stories: list[EditionStory] | None = None, **more: object) -> Content:
    told = [story()] if stories is None else stories
    given: dict[str, object] = {
        "name": "hang-ngay", "title": "Điểm tin Sông Bằng", "edition": "2026-11-23", "number": 217,
        "made_at": "2026-11-23T00:00:04Z",
        "covers_from": "2026-11-20T00:00:00Z", "covers_to": "2026-11-23T00:00:00Z",
        "counts": Counts(len(told), 1234, 9), "parts": [Section("a", "Công nghiệp", told)] if told else [],
        "archive_url": "http://127.0.0.1:8001", "stop": "Muốn thôi nhận, xin trả lời thư này.",
        "sources": 3, "well": 2,
    }  # fmt: skip
    return Content(**(given | more))  # type: ignore[arg-type]


REPRINT = appearance("Tạp chí Mây Tre", "2025-12-31T18:00:00Z", credit="Báo Sông Bằng")
FULL = content(
    [
        story(
            appearances=[appearance(), REPRINT],
            documents=[Cited("52-NQ/TW", "Nghị quyết", "2019-09-27")],
        ),
        story("Chợ phiên mở lại", appearances=[appearance(at=None, gone=True, article_id=2)]),
    ],
    again=[story("Tin cũ được đăng lại", appearances=[appearance(article_id=3)])],
    older=[story("Tin năm 2019", appearances=[appearance(article_id=4)])],
    changes=[
        EditionChange("edit:3", "edit", 1, "Báo Sông Bằng", "Tin đã sửa", "https://a.example/", "http://127.0.0.1:8001/bai/1",
               "2026-11-22T08:00:00Z", "Đã sửa: 7,8% → 6,8%"),
    ],
    health=[Health("Diễn đàn Số", "red", "Không kết nối được.")],
    warning="1/3 nguồn đang hỏng (Diễn đàn Số).",
    days_off=["2026-11-21", "2026-11-22"],
)  # fmt: skip


class Reader(HTMLParser):
    """What a mail program would load, follow and show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.shown = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            if name in ("src", "background", "srcset") or "url(" in (value or "") or name.startswith("on"):
                self.loaded.append(value or "")

    def handle_data(self, data: str) -> None:
        self.shown += data


def paper(of: Content) -> str:
    """The text of the Word edition."""
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(to_docx(of))).paragraphs)


def shown_as(form: str, of: Content) -> str:
    """The words of one form."""
    match form:
        case "html":
            return Reader(to_html(of)).shown
        case "text":
            return to_text(of)
    return paper(of)
