"""A story over several pages is one article; what only says «next» does not go on with it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from pipelines.extract import paging
from tests.commands import diemtin
from tests.story import ELSEWHERE, PARAGRAPHS, TITLE, page, read
from tests.tiny_site import TEXT, TinySite, feed

STORY = "https://baomau.example/bai/phong-su.html"
FIRST, LAST = ("".join(f"<p>{line}</p>" for line in PARAGRAPHS[cut]) for cut in (slice(2), slice(2, 4)))


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ('<link rel="next" href="/bai/phong-su-p2.html">', "/bai/phong-su-p2.html"),
        ('<ul class="pages"><li><a href="/bai/phong-su/trang-2">2</a></li></ul>', "/bai/phong-su/trang-2"),
        ('<a href="?page=2">2</a>', "/bai/phong-su.html?page=2"),
        ('<a href="phong-su-p2.html">2</a>', "/bai/phong-su-p2.html"),
        ("<a href=/bai/phong%2Dsu.html&#63;page=2>2</a>", "/bai/phong%2Dsu.html?page=2"),
        ('<a href="/bai/phong-su.html?trang=2" rel="next">Trang sau</a>', "/bai/phong-su.html?trang=2"),
        ('<a href="/bai/phong-su/2/">2</a>', "/bai/phong-su/2/"),
        ('<a href="/bai/phong-su-phan-tiep.html">Xem tiếp trang 2 »</a>', "/bai/phong-su-phan-tiep.html"),
        ('<link rel="next" href="/bai/tin-khac.html">', None),
        ('<a rel="next" href="/bai/tin-khac.html">Bài sau: Trang sau của chợ hoa</a>', None),
        ('<section class="comments"><a href="?page=2">2</a></section>', None),
        ('<div id="binh-luan"><a href="?page=2">Trang tiếp</a></div>', None),
        ('<a href="?page=3">3</a>', None),
        ('<a href="/kinh-te?page=2">Trang sau</a>', None),
        ('<a href="https://khac.example/bai/phong-su.html?page=2">2</a>', None),
        ('<link rel="next" href="http://[khong">', None),
    ],
)  # fmt: skip
def test_the_next_page_is_one_of_the_same_story(link: str, address: str | None) -> None:
    found = paging.next_page(page(FIRST + link).encode(), "", STORY, STORY, 1)
    assert found == (address and f"https://baomau.example{address}")


def test_pages_go_together_and_apart_again() -> None:
    further = [(f"{STORY}?page=2", b"<html>hai</html>"), (f"{STORY}?page=3&x=a--b", b"<html>ba</html>")]
    assert paging.parts(paging.join(b"<html>mot</html>", further)) == (b"<html>mot</html>", further)


def test_the_pages_of_a_story_are_one_text() -> None:
    head = "<p>Nhịp sản xuất ở Sông Công, bài nhiều trang.</p>"
    second = page(head + LAST + "<p class=author>Lê Mẫu Anh</p>")
    whole = paging.join(page(head + FIRST).encode(), [(f"{STORY}?page=2", second.encode())])
    article = read(whole).article
    assert [line for line in article.body.split("\n") if line in PARAGRAPHS] == [*PARAGRAPHS]
    assert article.doubt == []


def test_a_page_that_was_not_read_is_noted() -> None:
    article = read(page(FIRST + '<a href="?page=2">2</a>'), url=STORY).article
    assert article.doubt == [f"goes_on {json.dumps({'url': STORY + '?page=2'})}"]
    other = paging.join(page(FIRST).encode(), [(f"{STORY}?page=2", page(LAST, title=ELSEWHERE).encode())])
    article = read(other, url=STORY).article
    assert PARAGRAPHS[2] not in article.body
    assert len(article.doubt) == 1


def the_site(second: tuple[int, str, str]) -> dict[str, tuple[int, str, str]]:
    links = '<div class="pages">Trang: <b>1</b> <a href="/tin-1?page=2">2</a></div>'
    return {
        "/robots.txt": (200, "", TEXT),
        "/rss": feed(["/tin-1"])[:3],
        "/tin-1": (200, page(f"<div class=article-body>{FIRST}{links}</div>"), "text/html; charset=utf-8"),
        "/tin-1?page=2": second,
    }


def crawl(home: Path, second: tuple[int, str, str]) -> tuple[str, str]:
    with TinySite(the_site(second)) as site:
        source = {
            "name": "Báo Thử", "home": site.home + "/", "kind": "national", "feeds": [site.home + "/rss"],
            "article": r"/tin-\d+$",
        }  # fmt: skip
        data = {
            "defaults": {"delay": "0ms", "keep": "all", "contact": "a@example.org"},
            "sources": {"thu": source},
        }
        (home / "config").mkdir(parents=True)
        (home / "config" / "sources.yml").write_text(yaml.safe_dump(data, allow_unicode=True))
        diemtin("crawl", home=home)
    with closing(sqlite3.connect(home / "archive.db")) as db:
        (row,) = db.execute("select body, doubt from articles where title = ?", (TITLE,)).fetchall()
        return row[0], row[1]


def test_a_crawl_fetches_the_further_pages_of_a_story(tmp_path: Path) -> None:
    second = (200, page(f"<div class=article-body>{LAST}</div>"), "text/html; charset=utf-8")
    body, doubt = crawl(tmp_path, second)
    assert body.split("\n") == [*PARAGRAPHS]
    assert doubt == "[]"


def test_a_further_page_that_is_not_there_costs_nothing_of_the_first(tmp_path: Path) -> None:
    body, doubt = crawl(tmp_path, (404, "", TEXT))
    assert PARAGRAPHS[1] in body
    assert "goes_on" in doubt
