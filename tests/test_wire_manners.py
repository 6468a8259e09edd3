"""Servers that fall silent or ask for absurd rests; headers out and in; lists that break their reader."""

import json
from pathlib import Path

import pytest
from protego import Protego
from scrapy.http import TextResponse
from twisted.python.failure import Failure

from archive.health import report
from archive.pages import open_pages
from crawler import settings
from crawler.listings import Link, Listing, absolute
from crawler.listings.readers import READERS, ListReader
from crawler.middlewares import LONGEST_CRAWL_DELAY, crawl_delay
from crawler.robotstxt import plain
from crawler.spiders.loader import spider_class
from crawler.spiders.paged_story import PagedStory
from crawler.spiders.visit import fetch
from crawler.state import frontier
from crawler.state.local import LocalState
from crawler.state.messages import Address, ListAddress
from crawler.state.run_log import newest_run
from crawler.workspace import open_workspace
from pipelines.item import Page
from tests.commands import diemtin
from tests.raw_site import HTML, RSS, Raw, RawSite, answer, for_ever, reset_after
from tests.refusing_site import LINES, NAMED, page, write_home
from tests.states import MemoryState

pytestmark = pytest.mark.timeless


def story(number: int) -> bytes:
    return page(f"{NAMED} ({number})", (*LINES, f"Nhà máy số {number} đi vào hoạt động."))[1].encode()


def feed(home: str, numbers: range) -> bytes:
    links = (f"{home}/bai-{n}.html" for n in numbers)
    items = "".join(f"<item><title>{NAMED}</title><link>{link}</link></item>" for link in links)
    return answer(f"<rss version='2.0'><channel><title>Báo</title>{items}</channel></rss>", RSS)


def test_a_crawl_that_is_to_end_waits_for_no_delay(tmp_path: Path) -> None:
    """A robots.txt may ask for minutes between two requests; what waits for its turn stays due."""
    with RawSite({"/robots.txt": answer("User-agent: *\nCrawl-delay: 240\n", "text/plain")}) as site:
        site.pages["/rss"] = feed(site.home, range(3))
        write_home(tmp_path, site.home)
        done = diemtin("crawl", "--json", "--limit", "2", home=tmp_path)
    [run] = json.loads(done.stdout)
    assert (run["state"], run["reason"], run["outcomes"]) == ("done", "out_of_time", {})


@pytest.mark.parametrize("asked", ["1e9", "1e999", "999999999999", "1" * 5000, "86400"])
def test_a_crawl_delay_is_never_longer_than_some_minutes(asked: str) -> None:
    class Parsed:
        rp = Protego.parse(plain(f"User-agent: *\nCrawl-delay: {asked}".encode()).decode())

    assert crawl_delay(Parsed(), "diemtin") == LONGEST_CRAWL_DELAY


@pytest.mark.parametrize("asked", ["-5", "nan", "inf", "soon", "٣"])
def test_a_crawl_delay_that_is_no_number_is_none(asked: str) -> None:
    class Parsed:
        rp = Protego.parse(plain(f"User-agent: *\nCrawl-delay: {asked}".encode()).decode())

    assert crawl_delay(Parsed(), "diemtin") is None


def test_a_contact_of_several_lines_goes_out_as_one_header(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawSite({"/a": answer("<p>Bài</p>")}) as site:
        fetch(f"{site.home}/a", "Bàn tin\r\nX-Evil: 1\n\nGET / HTTP/1.1")
    assert not [
        line for head in site.heads for line in head.splitlines() if line.startswith(("X-Evil", "GET / "))
    ]
    assert "\n" not in settings.user_agent("a\nb")


def test_a_very_long_etag_is_not_sent_back_and_redirects_end(tmp_path: Path) -> None:
    loop = answer("", HTML, "Location: /bai-2.html", status="302 Found")
    with RawSite({}) as site:
        write_home(tmp_path, site.home)
        far = answer("", HTML, f"Location: {site.home}/{'x' * 9_000}", status="302 Found")
        site.pages = {
            "/rss": feed(site.home, range(1, 5)),
            "/bai-1.html": answer(story(1), HTML, f'ETag: "{"e" * 9_000}"', "Set-Cookie: a=" + "c" * 3_000),
            "/bai-2.html": loop,
            "/bai-3.html": answer("", HTML, "Location: file:///etc/passwd", status="302 Found"),
            "/bai-4.html": far,
            f"/{'x' * 9_000}": answer("<p>Xa</p>"),
        }
        (run,) = json.loads(diemtin("crawl", "thu", "--json", home=tmp_path).stdout)
        assert run["outcomes"] == {"stored": 1, "failed": 2, "gone": 1}
        assert not [head for head in site.heads if "Cookie" in head]
    pages = open_pages(tmp_path / "pages.db")
    assert (
        pages.execute("select max(length(coalesce(etag, ''))), max(length(reason)) from addresses").fetchone()[
            0
        ]
        == 0
    )
    assert pages.execute("select max(length(reason)) from visits").fetchone()[0] < 1_000
    pages.close()


def test_an_odd_address_in_a_list_costs_its_entry_alone(tmp_path: Path) -> None:
    with RawSite({}) as site:
        write_home(tmp_path, site.home)
        config = tmp_path / "config" / "sources.yml"
        config.write_text(config.read_text().replace("feeds:", f"sitemaps: ['{site.home}/map']\n    feeds:"))
        places = (
            f"<urlset><url><loc>http://[x/</loc></url><url><loc>{site.home}/bai-2.html</loc></url></urlset>"
        )
        site.pages = {
            "/rss": feed(site.home, range(1, 2)), "/map": answer(places, "text/xml"),
            "/bai-1.html": answer(story(1)), "/bai-2.html": answer(story(2)),
        }  # fmt: skip
        (run,) = json.loads(diemtin("crawl", "thu", "--json", home=tmp_path).stdout)
    assert (run["state"], run["outcomes"]) == ("done", {"stored": 2})


def test_a_server_that_falls_silent_is_left_and_the_rest_stays_due(tmp_path: Path) -> None:
    with RawSite({}) as site:
        write_home(tmp_path, site.home)
        cut: dict[str, Raw] = {f"/bai-{n}.html": reset_after(b"") for n in range(1, 16)}
        site.pages = {"/rss": feed(site.home, range(1, 16)), **cut}
        (run,) = json.loads(diemtin("crawl", "thu", "--json", home=tmp_path, check=False).stdout)
    assert run["state"] == "unreachable"
    assert 5 <= run["outcomes"]["failed"] <= 7
    pages = open_pages(tmp_path / "pages.db")
    assert pages.execute("select count(*) from addresses where outcome is null").fetchone()[0] >= 8
    pages.close()


@pytest.mark.parametrize("address", ["http://[x/", "http://[::1", "//[/a", "http://a]b/c"])
def test_an_address_that_is_none_is_left_out(address: str) -> None:
    assert absolute("http://a.vn/", address) in {"", address}


def _raise(*_: object) -> Listing:
    raise RecursionError("maximum recursion depth exceeded")


def test_a_list_that_breaks_its_reader_fails_the_run_and_the_other_lists_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READERS, "sitemap", ListReader(_raise))
    with open_workspace(write_home(tmp_path, "http://127.0.0.1:9")) as workspace:
        source = workspace.sources.by_key["thu"]
        state = LocalState(workspace)
        spider = spider_class(source, workspace.sources)(state=state, reader_pool=workspace.reader_pool)
        spider.begin()
        for kind, body in (("sitemap", b"<urlset></urlset>"), ("feed", bytes(feed(source.home, range(1, 4))))):
            asked = ListAddress(f"{source.home}{kind}", kind)  # type: ignore[arg-type]
            made = spider.list_request(asked)
            reply = TextResponse(asked.url, body=body.rpartition(b"\r\n\r\n")[2], request=made)
            list(spider.parse_list(reply, asked))
        spider.closed("finished")
        run = newest_run(workspace, "thu")
        assert run is not None
        assert run["state"] == "failed"
        assert "RecursionError" in run["reason"]
        lists = json.loads(run["lists"])
        assert (lists["fetched"], list(lists["problems"])) == (1, [f"{source.home}sitemap"])
        assert report(workspace.archive, workspace.now())[0].level == "red"


def test_a_callback_that_breaks_costs_its_page_alone_and_fails_the_run(tmp_path: Path) -> None:
    with open_workspace(write_home(tmp_path, "http://127.0.0.1:9")) as workspace:
        source = workspace.sources.by_key["thu"]
        spider = spider_class(source, workspace.sources)(
            state=LocalState(workspace), reader_pool=workspace.reader_pool
        )
        links = [Link(f"{source.home}bai-{n}.html") for n in (1, 2)]
        frontier.add(workspace.pages, "thu", "rss", links, workspace.now())
        first, second = (spider.page_request(one) for one in spider.begin().pages)
        for made in (first, second):
            reply = TextResponse(made.url, body=b"<p>", request=made)
            spider.callback_broke(Failure(KeyError("x")), reply)
        spider.closed("finished")
        run = newest_run(workspace, "thu")
        assert run is not None
        assert (run["state"], json.loads(run["outcomes"])) == ("failed", {"failed": 2})


@pytest.mark.parametrize(
    "talk",
    [
        for_ever(b"", b"", 0.1),
        for_ever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.1),
        for_ever(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"<p>", 0.1),
        for_ever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\n<p>\r\n", 0.1),
        for_ever(b"HTTP/1.0 200 OK\r\n\r\n", b"<p>", 0.1),
    ],
    ids=["hung", "headers", "length", "chunks", "open end"],
)
def test_a_server_that_hangs_or_drips_is_given_up_in_time(talk: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DOWNLOAD_TIMEOUT", 0.3)
    with RawSite({"/a": talk}) as site:
        assert "timeout" in fetch(f"{site.home}/a", "").problem
    with RawSite({"/robots.txt": talk, "/a": answer("<p>Bài</p>")}) as site:
        assert "timeout" in fetch(f"{site.home}/a", "").problem


@pytest.mark.parametrize(
    ("tries", "kept", "outcome"), [(0, False, "failed"), (3, False, None), (9, True, "failed")]
)
def test_half_a_story_is_no_edit_and_one_that_never_came_whole_is_read(
    tries: int, kept: bool, outcome: str | None, tmp_path: Path
) -> None:
    with open_workspace(write_home(tmp_path, "http://127.0.0.1:9")) as workspace:
        source = workspace.sources.by_key["thu"]
        state = MemoryState(workspace.sources, workspace.now)
        spider = spider_class(source, workspace.sources)(state=state, reader_pool=workspace.reader_pool)
        spider.begin()
        asked = Address(f"{source.home}bai-1.html", tries=tries, kept=kept)
        first = TextResponse(asked.url, body=story(1), request=spider.page_request(asked))
        paged = PagedStory(asked, first, Page(asked.url, first.body, workspace.now(), HTML))
        second = TextResponse(f"{asked.url}?page=2", status=502, request=spider.page_request(asked))
        made = list(spider.parse_further(second, paged))
        assert len(made) == (outcome is None)
        assert state.outcomes["thu"] == ({outcome: 1} if outcome else {})
