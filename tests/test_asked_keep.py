"""``add``: one address is read politely and kept whatever it says, or one line says why it cannot be."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import utc_now
from archive.home import DEFAULTS, Home
from archive.refused import refused, want, wanted
from archive.schema import open_archive
from crawler.asked import ask
from crawler.asked.explain import Explainer
from crawler.asked.keep import keep_address, keep_queued
from crawler.commands import add
from crawler.sources import load_sources
from tests import refusing_site as of
from tests.commands import diemtin
from tests.tiny_site import HTML, TEXT, Page, TinySite


@dataclass
class Press:
    site: TinySite
    home: Home

    def add(self, path: str) -> tuple[int, dict[str, Any]]:
        url = path if "://" in path else f"{self.site.home}{path}"
        done = diemtin("add", url, "--json", home=self.home.path, check=False)
        return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    """The site, crawled once."""
    with TinySite(of.pages()) as site:
        home = of.write_home(tmp_path_factory.mktemp("home"), site.home)
        diemtin("crawl", home=home.path)
        yield Press(site, home)


@pytest.fixture
def press(crawled: Press, tmp_path: Path) -> Press:
    """The site as it was then, and the home in a copy of its own."""
    crawled.site.pages = of.pages()
    crawled.site.visits.clear()
    return Press(crawled.site, Home.at(shutil.copytree(crawled.home.path, tmp_path / "home")))


def test_what_the_judge_and_the_topics_refused_is_kept(press: Press) -> None:
    for path in (of.SHORT, of.LISTING, of.IRRELEVANT, of.UNNAMED, of.UNLISTED):
        code, kept = press.add(path)
        assert (code, kept["outcome"]) == (0, "stored"), path
        assert kept["url"] == f"{press.site.home}{path}"
        assert Explainer(press.home)(kept["url"]).article_id == kept["article_id"]
    db = open_archive(press.home.archive_db)
    left = {one.url for one in refused(press.home.pages_db, db, utc_now() - timedelta(days=1), utc_now())}
    assert left == {f"{press.site.home}{path}" for path in (of.BLOCKED, of.GONE, of.FORBIDDEN)}
    db.close()


@pytest.mark.parametrize(
    ("path", "outcome", "why"),
    [
        (of.BLOCKED, "blocked", "trả lời 403"),
        (of.GONE, "gone", "máy chủ báo không còn trang (404)"),
        (of.FORBIDDEN, "robots", "robots.txt không cho phép"),
    ],
)
def test_of_what_cannot_be_read_the_words_of_its_list_are_kept(
    press: Press, path: str, outcome: str, why: str
) -> None:
    done = diemtin("--lang", "vi", "add", f"{press.site.home}{path}", home=press.home.path)
    assert done.stdout.startswith("chỉ giữ được tít và sapo «Thái Nguyên: nhà máy linh kiện thứ tư khởi công")
    assert done.stdout.endswith(f": {why}\n")
    code, kept = press.add(path)
    assert (code, kept["outcome"], kept["unread"]) == (0, outcome, True)
    assert of.FORBIDDEN not in press.site.paths


@pytest.mark.parametrize(
    ("path", "status", "line"),
    [
        ("/bai-30.html", 403, "bị chặn: trả lời 403"),
        ("/cam/bai-31.html", 200, "robots.txt cấm: robots.txt không cho phép"),
    ],
)
def test_what_cannot_be_read_and_no_list_named_is_one_line(
    press: Press, path: str, status: int, line: str
) -> None:
    press.site.pages = {**press.site.pages, path: (status, "", HTML)}
    url = f"{press.site.home}{path}"
    done = diemtin("--lang", "vi", "add", url, home=press.home.path, check=False)
    assert (done.returncode, done.stderr) == (1, f"diemtin: {url}: {line}\n")


def test_a_headline_that_names_no_province_is_kept_where_someone_wants_it(press: Press) -> None:
    press.site.pages = {**press.site.pages, of.UNNAMED: (403, "", HTML)}
    code, kept = press.add(of.UNNAMED)
    assert (code, kept["outcome"], kept["unread"]) == (0, "blocked", True)
    assert kept["title"] == "Hội thi thả diều (/bai-8.html)"


def test_what_is_there_is_not_asked_for(press: Press) -> None:
    for path, own in ((of.STORED, of.STORED), (of.ELSEWHERE, of.OWN), (f"{of.STORED}?utm_source=x", of.STORED)):
        code, kept = press.add(path)
        assert (code, kept["outcome"], kept["url"]) == (0, None, f"{press.site.home}{own}")
        assert kept["reason"].startswith("kept_before ")
    assert press.site.visits == []


def test_an_address_of_no_source_is_of_the_source_manual(press: Press) -> None:
    pages: dict[str, Page] = {
        "/robots.txt": (200, "User-agent: diemtin\nDisallow: /rieng", TEXT),
        "/ngan": (302, "", TEXT, {"Location": "/tin/dieu.html"}),
        "/tin/dieu.html": of.page("Hội thi thả diều", of.OTHER_LINES),
        "/rong.html": (200, "<html><body><script>1</script></body></html>", HTML),
    }
    with TinySite(pages) as other:
        code, kept = press.add(f"{other.home}/ngan")
        assert (code, kept["outcome"], kept["url"]) == (0, "stored", f"{other.home}/tin/dieu.html")
        assert press.add(f"{other.home}/ngan")[1]["outcome"] is None
        assert press.add(f"{other.home}/rieng/a.html")[1]["outcome"] == "robots"
        assert press.add(f"{other.home}/rong.html")[1]["outcome"] == "too_short"
        assert press.add(f"{other.home}/")[0] == 1
    db = open_archive(press.home.archive_db)
    sql = (
        "select a.source, s.name, a.relevant from articles a join sources s on s.key = a.source where a.id = ?"
    )
    assert db.execute(sql, [kept["article_id"]]).fetchone() == ("manual", "Thêm tay", 0)
    db.close()
    assert "manual" not in diemtin("health", home=press.home.path, check=False).stdout


def test_an_address_of_no_source_has_the_delay_of_all(press: Press, tmp_path: Path) -> None:
    url = "https://bao-khac.example/tin.html"
    assert ask(url, load_sources(DEFAULTS / "sources.yml")).source.delay == 2.0
    assert ask(url, load_sources(press.home.config("sources.yml"))).source.delay == 0.01
    bare = tmp_path / "bare.yml"
    bare.write_text("sources: {}", encoding="utf-8")
    assert ask(url, load_sources(bare)).source.delay == 2.0


def test_a_source_that_asked_for_rest_is_left_alone(press: Press) -> None:
    press.site.pages = {**press.site.pages, "/rss": (429, "", TEXT, {"Retry-After": "3600"})}
    diemtin("crawl", home=press.home.path, check=False)
    press.site.visits.clear()
    code, kept = press.add(of.UNLISTED)
    assert (code, kept["reason"].partition(" ")[0]) == (1, "resting")
    assert press.site.visits == []


def test_what_a_reader_asked_for_is_kept_and_stays_so(press: Press) -> None:
    url = f"{press.site.home}{of.SHORT}"
    with of.workspace_of(press.home.path, press.site) as workspace:
        want(workspace.pages, url, "thu", workspace.now())
        assert wanted(press.home.pages_db, workspace.now()) == [(url, "thu")]
        with press.home.lock("source-thu"):  # it is being crawled
            assert keep_queued(workspace) == []
            assert keep_address(workspace, f"{press.site.home}{of.UNLISTED}").reason.startswith("being_crawled")
        kept = {one.title for one in keep_queued(workspace)}
        assert kept == {of.NAMED, "Thêm một nhà máy ở Thái Nguyên"}
        assert wanted(press.home.pages_db, workspace.now()) == []
        workspace.pages.execute("update addresses set next_at = '2026-01-01T00:00:00Z' where url = ?", [url])
    diemtin("crawl", home=press.home.path)
    decisive = Explainer(press.home)(url)
    assert decisive.decisive.verdict == "kept"
    db = open_archive(press.home.archive_db)
    assert db.execute("select suspected_at from articles where url = ?", [url]).fetchone() == (None,)
    db.close()


def test_the_next_crawl_keeps_it_too(press: Press) -> None:
    url = f"{press.site.home}{of.IRRELEVANT}"
    with of.workspace_of(press.home.path, press.site) as workspace:
        want(workspace.pages, url, "thu", workspace.now())
    diemtin("crawl", home=press.home.path)
    assert Explainer(press.home)(url).decisive.verdict == "kept"
    assert diemtin("add", "--queued", home=press.home.path).stdout == ""


def test_add_wants_an_address_or_the_queue(press: Press) -> None:
    for arguments in (["add"], ["add", "--queued", "x.vn"]):
        done = diemtin(*arguments, home=press.home.path, check=False)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert add.command.name == "add"
