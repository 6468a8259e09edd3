"""What did not come whole is failed and asked for again: never an edit, a take-down or the end of a listing."""

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from scrapy.http import HtmlResponse, Response

from archive.pages import open_pages
from archive.schema import open_archive
from crawler.downloads.whole import not_whole
from crawler.spiders.visit import Reply, fetch
from tests.commands import diemtin
from tests.part import part
from tests.raw_site import HTML, RSS, Raw, RawSite, answer, chunked, endless, reset_after
from tests.refusing_site import LINES, NAMED, page, write_home

try:
    from compression import zstd
except ImportError:
    from backports import zstd

pytestmark = pytest.mark.timeless

WAYS = range(1, 17)


def story(number: int) -> bytes:
    return page(f"{NAMED} ({number})", (*LINES, f"Nhà máy số {number} đi vào hoạt động ở Thái Nguyên."))[
        1
    ].encode()


def cut(data: bytes) -> bytes:
    return data[: len(data) * 6 // 10]


def packed(coding: str, data: bytes) -> bytes:
    return answer(cut(data), HTML, f"Content-Encoding: {coding}")


CUTS: tuple[Callable[[bytes], Raw], ...] = (
    lambda body: packed("gzip", gzip.compress(body)),
    lambda body: packed("deflate", zlib.compress(body)),
    lambda body: packed("br", brotli.compress(body)),
    lambda body: packed("zstd", zstd.compress(body)),
    lambda body: packed("gzip, gzip", gzip.compress(gzip.compress(body))),
    lambda body: answer(gzip.compress(cut(body))[:-8], HTML, "Content-Encoding: gzip"),
    lambda body: answer(cut(body), HTML, length=len(body)),
    lambda body: chunked([cut(body)], ended=False),
    lambda body: reset_after(endless(body[: body.index(b"Theo") + 40])),
    lambda body: endless(cut(body)),
    lambda body: endless(gzip.compress(body)[:-20], HTML, "Content-Encoding: gzip"),
    lambda body: answer(cut(body), HTML, "Content-Range: bytes 0-99/999", status="206 Partial Content"),
    lambda body: answer(b""),
    lambda body: answer(body[: body.rindex(b"<p>")]),
    lambda body: chunked([body[: body.rindex(b"<p>")]]),
    lambda body: answer(body[: body.rindex(b"</p>") - 30].rstrip() + b" <a href='/b"),
)  # fmt: skip


SEEN_BEFORE = (13, 14)  # cut between tags, in a whole answer: known by the page that came before


def feed(site: RawSite) -> bytes:
    links = (f"{site.home}/bai-{n}.html" for n in WAYS)
    items = "".join(f"<item><title>{NAMED}</title><link>{link}</link></item>" for link in links)
    return answer(f"<rss version='2.0'><channel><title>Báo</title>{items}</channel></rss>", RSS)


def outcomes(home: Path, *, check: bool = True) -> dict[str, int]:
    (run,) = json.loads(diemtin("crawl", "thu", "--json", home=home, check=check).stdout)
    counts: dict[str, int] = run["outcomes"]
    return counts


def make_due(home: Path) -> None:
    pages = open_pages(home / "pages.db")
    with pages.conn:
        pages.execute("update addresses set next_at = '2026-01-01T00:00:00Z'")
    pages.close()


def articles(home: Path) -> list[tuple[object, ...]]:
    archive = open_archive(home / "archive.db")
    rows = archive.execute(
        """select url, body, state, (select count(*) from versions v where v.article_id = a.id) from articles a
           order by url"""
    ).fetchall()
    archive.close()
    return rows


def test_pages_that_break_off_are_no_edits_and_no_take_downs(tmp_path: Path) -> None:
    assert len(CUTS) == len(WAYS)
    with RawSite({}) as site:
        write_home(tmp_path, site.home)
        whole = {f"/bai-{n}.html": answer(story(n)) for n in WAYS}
        site.pages = {"/rss": feed(site), **whole}
        assert outcomes(tmp_path) == {"stored": len(WAYS)}
        before = articles(tmp_path)

        make_due(tmp_path)
        site.pages |= {f"/bai-{n}.html": way(story(n)) for n, way in zip(WAYS, CUTS, strict=True)}
        assert outcomes(tmp_path) == {"failed": len(WAYS)}
        assert articles(tmp_path) == before

        make_due(tmp_path)
        site.pages |= whole
        assert outcomes(tmp_path) == {"unchanged": len(WAYS)}
        assert articles(tmp_path) == before


def section(first: int, last: int, further: str = "") -> bytes:
    links = "".join(f"<li><a href='/bai-{n}.html'>{NAMED} {n}</a></li>" for n in range(first, last))
    on = f"<a rel='next' href='{further}'>Trang sau</a>" if further else ""
    return f"<html><body><ul>{links}</ul>{on}</body></html>".encode()


def lists(site: RawSite, folder: Path) -> None:
    config = folder / "config" / "sources.yml"
    text = config.read_text().replace(
        "feeds:", f"sitemaps: ['{site.home}/map.xml']\n    sections: ['{site.home}/muc']\n    feeds:"
    )
    config.write_text(text)


@pytest.mark.parametrize("what", ["/rss", "/map.xml", "/muc"])
def test_a_list_that_breaks_off_is_a_problem_of_that_list_alone(what: str, tmp_path: Path) -> None:
    places = "".join(f"<url><loc>{{home}}/bai-{n}.html</loc></url>" for n in (20, 21, 22))
    with RawSite({}) as site:
        write_home(tmp_path, site.home)
        lists(site, tmp_path)
        urlset = f"<urlset>{places}</urlset>".replace("{home}", site.home).encode()
        plain: dict[str, Raw] = {
            "/rss": feed(site), "/map.xml": answer(urlset, "text/xml"), "/muc": answer(section(30, 33)),
        }  # fmt: skip
        body = bytes(plain[what]).partition(b"\r\n\r\n")[2]  # type: ignore[arg-type]
        kind = HTML if what == "/muc" else "text/xml"
        site.pages = plain | {what: endless(gzip.compress(body)[:-30], kind, "Content-Encoding: gzip")}
        (run,) = json.loads(diemtin("crawl", "thu", "--json", home=tmp_path).stdout)
        assert run["lists"]["problems"] == {f"{site.home}{what}": "incomplete"}
        assert run["lists"]["fetched"] == 2
        asked = "select count(*) from addresses where found_in = ?"
        pages = open_pages(tmp_path / "pages.db")
        assert pages.execute(asked, [f"{site.home}{what}"]).fetchone() == (0,)
        pages.close()
        assert what in diemtin("health", home=tmp_path, check=False).stdout


def page_of(raw: Raw, robots: Raw | None = None) -> Reply:
    with RawSite({"/a": raw} | ({"/robots.txt": robots} if robots else {})) as site:
        return fetch(f"{site.home}/a", "")


@pytest.mark.parametrize("way", part([way for way in range(len(CUTS)) if way not in SEEN_BEFORE], 2))
def test_a_single_page_that_breaks_off_is_not_read(way: int) -> None:
    reply = page_of(CUTS[way](story(1)))
    assert reply.problem
    assert reply.body == b""


RULES = "User-agent: *\nAllow: /\n" + "# những trang không nên đọc\n" * 40 + "Disallow: /a\n"


@pytest.mark.parametrize(
    "cut_short",
    [
        answer(RULES[:60], "text/plain", length=len(RULES)),
        chunked([RULES[:60].encode()], "text/plain", ended=False),
        answer(gzip.compress(RULES.encode())[:-20], "text/plain", "Content-Encoding: gzip"),
        reset_after(endless(RULES[:60], "text/plain")),
        answer(RULES[:60], "text/plain", status="206 Partial Content"),
    ],
)
def test_half_a_robots_txt_allows_nothing(cut_short: Raw) -> None:
    assert "page" not in page_of(answer(story(1)), cut_short).body.decode()
    assert page_of(answer(story(1)), cut_short).problem


def test_what_is_whole_is_read_however_it_is_packed_or_sent() -> None:
    body = story(1)
    ways = [
        answer(gzip.compress(body), HTML, "Content-Encoding: gzip"),
        answer(gzip.compress(body) + b"\0" * 8, HTML, "Content-Encoding: x-gzip"),
        answer(gzip.compress(body[:300]) + gzip.compress(body[300:]), HTML, "Content-Encoding: gzip"),
        answer(zlib.compress(body)[2:-4], HTML, "Content-Encoding: deflate"),
        answer(brotli.compress(gzip.compress(body)), HTML, "Content-Encoding: gzip", "Content-Encoding: br"),
        answer(zstd.compress(body), HTML, "Content-Encoding: zstd"),
        answer(gzip.compress(body)),
        answer(body, HTML, "Content-Encoding: gzip"),
        answer(body, HTML, "Content-Encoding: identity"),
        chunked([body[:100], body[100:]]),
        endless(body),
        endless(gzip.compress(body), HTML, "Content-Encoding: gzip"),
        reset_after(answer(body)),
    ]
    assert [page_of(way).body == body for way in ways] == [True] * len(ways)


def test_a_page_without_closing_tags_is_whole() -> None:
    response = HtmlResponse("http://a/", body=b"<html><body><p>Xin ch\xc3\xa0o, 3 < 5", flags=[])
    assert not not_whole(response)
    assert not_whole(response.replace(flags=["partial"])) == "incomplete"
    assert not not_whole(Response("http://a/robots.txt", body=b"User-agent: *", flags=["partial"]))
