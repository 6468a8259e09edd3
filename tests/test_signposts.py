"""Pages that refresh themselves, and pages that are packed otherwise than they say: read all the same."""

import gzip
import zlib
from pathlib import Path

import pytest
import yaml
from scrapy import Request, Spider
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler

from crawler.middlewares import Signposts, Unpacking
from tests.commands import diemtin
from tests.tiny_site import HTML, TEXT, TinySite, article, feed

URL = "https://baomau.vn/tin-1.htm"
LONG = "Thái Nguyên mở rộng khu công nghiệp. " * 40


class BaoMau(Spider):
    name = "baomau"

    def owns(self, netloc: str) -> bool:
        return netloc == "baomau.vn"


def leads_to(refresh: str, text: str = "Đang chuyển hướng…", head: str = "{}") -> str | None:
    meta = head.format(f'<meta http-equiv="Refresh" content="{refresh}">')
    body = f"<html><head>{meta}<script>{LONG}</script></head><body><p>{text}</p></body></html>"
    crawler = get_crawler(BaoMau)
    crawler.spider = BaoMau()
    signposts = Signposts.from_crawler(crawler)
    signposts.crawler = crawler
    request = Request(URL)
    answer = signposts.process_response(
        request, HtmlResponse(URL, body=body.encode(), encoding="utf-8", request=request)
    )
    return answer.url if isinstance(answer, Request) else None


@pytest.mark.parametrize(
    "refresh", ["0;url=/tin-2.htm", "0; URL='/tin-2.htm'", "3;url=https://baomau.vn/tin-2.htm"]
)
def test_a_bare_page_that_leads_on_at_once_is_followed(refresh: str) -> None:
    assert leads_to(refresh) == "https://baomau.vn/tin-2.htm"


@pytest.mark.parametrize(
    ("refresh", "text", "head"),
    [
        ("0;url=/tin-2.htm", LONG, "{}"),
        ("30;url=/tin-2.htm", "Ảnh 1", "{}"),
        ("60", "Ảnh 1", "{}"),
        ("0;url=", "Ảnh 1", "{}"),
        ("0;url=/tin-1.htm", "Ảnh 1", "{}"),
        ("0;url=https://khac.vn/", "Ảnh 1", "{}"),
        ("0;url=/khong-js.htm", "Ảnh 1", "<noscript>{}</noscript>"),
        ("0;url=/tin-2.htm", "Ảnh 1", "<!-- {} -->"),
    ],
)
def test_a_page_that_is_meant_to_be_read_is_read(refresh: str, text: str, head: str) -> None:
    assert leads_to(refresh, text, head) is None


def unpacked(body: bytes, **headers: str) -> Response:
    named = {"Content-Type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    answer = Unpacking.from_crawler(get_crawler()).process_response(
        Request(URL), Response(URL, body=body, headers=named)
    )
    assert isinstance(answer, Response)
    return answer


PAGE = b"<html><title>Tin</title></html>"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (PAGE, "gzip"),
        (b"\n" + PAGE, "br"),
        (gzip.compress(PAGE, mtime=0), "gzip"),
        (gzip.compress(PAGE, mtime=0), ""),
        (zlib.compress(PAGE)[2:-4], "deflate"),
        (gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0), "gzip, gzip"),
    ],
)
def test_a_page_is_unpacked_by_what_it_is_and_not_by_what_it_says(body: bytes, encoding: str) -> None:
    answer = unpacked(body, **({"Content_Encoding": encoding} if encoding else {}))
    assert answer.body.strip() == PAGE
    assert isinstance(answer, HtmlResponse)


def test_a_file_that_is_packed_stays_so() -> None:
    assert unpacked(gzip.compress(PAGE, mtime=0), Content_Type="application/gzip").body == gzip.compress(
        PAGE, mtime=0
    )


def test_slides_that_lead_on_are_each_read_once(tmp_path: Path) -> None:
    pages = {"/robots.txt": (200, "", TEXT), "/rss": feed(["/tin-1", "/tin-2", "/tin-3"])}
    for number, refresh in ((1, "30;url=/tin-2"), (2, "300;url=/tin-2"), (3, "0;url=/tin-4")):
        meta = f'<meta http-equiv="refresh" content="{refresh}">'
        pages[f"/tin-{number}"] = article(f"Thái Nguyên mở rộng khu công nghiệp số {number}", meta)
    pages["/tin-3"] = (
        200,
        '<html><head><meta http-equiv="refresh" content="0;url=/tin-4"></head></html>',
        HTML,
    )
    pages["/tin-4"] = article("Thái Nguyên mở rộng khu công nghiệp số 4")
    with TinySite(pages) as site:
        source = {
            "name": "Báo Thử", "home": f"{site.home}/", "kind": "national", "feeds": [f"{site.home}/rss"],
            "article": r"/tin-\d+$",
        }  # fmt: skip
        (tmp_path / "config").mkdir()
        data = {"defaults": {"delay": "0ms", "keep": "all"}, "sources": {"thu": source}}
        (tmp_path / "config" / "sources.yml").write_text(yaml.safe_dump(data))
        diemtin("crawl", "thu", home=tmp_path)
    assert [site.paths.count(f"/tin-{n}") for n in (1, 2, 3, 4)] == [1, 1, 1, 1]
