"""``sources check``: what it says of a source comes from what the source answers, and it asks politely."""

import itertools
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from archive.clock import utc_now
from archive.home import DEFAULTS, Home
from crawler.cli import main
from crawler.demo import DemoPress
from crawler.onboarding.probe import Finding, probe_all
from crawler.onboarding.report import SourceState, judge_source
from crawler.sources import load_sources
from pipelines.item import Context, ContextFiles
from tests.commands import Copy
from tests.tiny_site import HTML, RSS, TEXT, Page, TinySite, article, feed, page

# trafilatura looks for a SOCKS proxy at its first import and does without.
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
LISTED = [f"/xuong-che-{number}.html" for number in (1001, 1002, 1003)]
ARTICLES: dict[str, Page] = {path: article() for path in LISTED}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    home = Home.at(tmp_path_factory.mktemp("home"))
    return ContextFiles.of(home, load_sources(DEFAULTS / "sources.yml").families).load(lambda: NOW)


@pytest.fixture(scope="module")
def press() -> Iterator[DemoPress]:
    with DemoPress(utc_now()) as running:
        yield running


def write(folder: Path, sources: dict[str, Any]) -> Path:
    path = folder / "config" / "sources.yml"
    path.parent.mkdir(exist_ok=True)
    data = {"defaults": {"contact": "toasoan@example.vn"}, "sources": sources}
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def look(
    folder: Path, context: Context, pages: dict[str, Page], **block: Any
) -> tuple[SourceState, Finding, TinySite]:
    """Probe a tiny site under a block."""
    with TinySite(pages) as site:
        lists = {
            name: [site.home + path for path in block.pop(name)]
            for name in ("feeds", "sections")
            if name in block
        }
        given = {
            "name": "Báo Thử",
            "home": site.home,
            "kind": "national",
            "article": r"-\d{4}\.html$",
            "delay": "0s",
        }
        sources = load_sources(write(folder, {"baothu": {**given, **lists, **block}}))
        findings: list[Finding] = []
        probe_all(sources.by_key.values(), sources.contact, context, findings.append)
    (finding,) = findings
    return judge_source(finding, NOW), finding, site


def test_the_sample_press_is_in_order(tmp_path: Path, press: DemoPress) -> None:
    write(tmp_path, press.sources())
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "sources", "check", "--json"])
    found = {row["source"]: row for row in json.loads(done.stdout)}
    assert done.exit_code == 0
    assert list(found) == list(press.sources())
    assert {key: row["state"] for key, row in found.items() if row["state"] != "ok"} == {}
    assert all(row["article"]["title"] and row["article"]["published"] for row in found.values())
    assert all(row["requests"] <= 8 for row in found.values())
    assert found["congmau"]["robots"]["crawl_delay"] == 0.1


def test_the_table_has_a_row_per_source_and_a_sum(tmp_path: Path, press: DemoPress) -> None:
    write(tmp_path, press.sources())
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "sources", "check", "baomau", "congmau"])
    assert "baomau" in done.stdout
    assert "truyenhinhmau" not in done.stdout
    assert "2 probed: 2 ok" in done.stdout


def test_a_good_source_is_ok_and_visited_by_name_after_robots(tmp_path: Path, context: Context) -> None:
    judged, finding, site = look(
        tmp_path, context, {"/kinh-te.rss": feed(LISTED), **ARTICLES}, feeds=["/kinh-te.rss"]
    )
    assert judged.state == "ok"
    assert "1 feed with 3 articles" in judged.sentence
    assert "2026-11-21 08:00 from meta" in judged.sentence
    assert site.paths == ["/robots.txt", "/kinh-te.rss", LISTED[0]]
    assert all("diemtin" in agent and "toasoan@example.vn" in agent for _, agent, _ in site.visits)
    assert finding.article is not None
    assert finding.article.length > 200


def test_another_channel_at_a_feeds_address_is_told(tmp_path: Path, context: Context) -> None:
    pages = {"/kinh-te.rss": feed(LISTED, title="Báo Thử - Trang chủ"), **ARTICLES}
    judged, _, _ = look(tmp_path, context, pages, feeds=["/kinh-te.rss"])
    assert judged.state == "look"
    assert (
        "wrong feed channel: titled «Báo Thử - Trang chủ», the address asks for `kinh-te.rss`"
        in judged.sentence
    )


def test_two_feeds_with_the_same_items_are_told(tmp_path: Path, context: Context) -> None:
    pages = {"/a.rss": feed(LISTED, title="Báo Thử"), "/b.rss": feed(LISTED, title="Báo Thử"), **ARTICLES}
    judged, _, _ = look(tmp_path, context, pages, feeds=["/a.rss", "/b.rss"])
    assert judged.state == "look"
    assert "feeds /a.rss and /b.rss hold the same items" in judged.notes


def test_a_feed_without_items_or_with_old_ones_is_told(tmp_path: Path, context: Context) -> None:
    pages = {
        "/moi.rss": feed(LISTED, title="Báo Thử", date="Sat, 01 Aug 2026 08:00:00 +0700"),
        "/trong.rss": feed([], title="Báo Thử"),
        **ARTICLES,
    }
    judged, _, _ = look(tmp_path, context, pages, feeds=["/moi.rss", "/trong.rss"])
    assert judged.state == "look"
    assert "feed /moi.rss: its newest item is of 2026-08-01" in judged.notes
    assert "feed /trong.rss answers 200 with 0 items" in judged.notes


def test_rules_that_find_nothing_are_named(tmp_path: Path, context: Context) -> None:
    pages = {"/kinh-te.rss": feed(LISTED), **ARTICLES}
    rules = {"body": "div.than-bai", "lead": "p.sapo-cu"}
    judged, _, _ = look(tmp_path, context, pages, feeds=["/kinh-te.rss"], **rules)
    assert (judged.state, judged.sentence) == ("look", f"rules that found nothing: lead ({LISTED[0]})")


BROKEN: dict[str, tuple[dict[str, Page], str]] = {
    "a dead feed": ({}, "no list can be read: feed /kinh-te.rss answered 404"),
    "a page, not a feed": ({"/kinh-te.rss": (200, "<html>Xin chào</html>", HTML)}, "is no RSS or Atom feed"),
    "no items": ({"/kinh-te.rss": feed([])}, "feed /kinh-te.rss answers 200 with 0 items"),
    "another form": (
        {"/kinh-te.rss": feed(["/a", "/b"])},
        "none of 2 links of feed /kinh-te.rss matches `article`",
    ),
    "dead articles": ({"/kinh-te.rss": feed(LISTED)}, "article /xuong-che-1002.html answered 404"),
    "robots not now": ({"/robots.txt": (503, "", TEXT)}, "robots.txt answered 503, try again later"),
    "elsewhere": (
        {"/kinh-te.rss": (301, "", RSS, {"Location": "http://192.0.2.1/rss"})},
        "feed /kinh-te.rss leads to another host, 192.0.2.1",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_said(tmp_path: Path, context: Context, case: str) -> None:
    pages, said = BROKEN[case]
    judged, _, _ = look(tmp_path, context, pages, feeds=["/kinh-te.rss"])
    assert judged.state == "broken"
    assert said in judged.sentence


REFUSED: dict[str, tuple[dict[str, Page], str]] = {
    "a refusal": ({"/kinh-te.rss": (403, "", TEXT)}, "refuses its lists: answered 403"),
    "for ever": (
        {"/kinh-te.rss": (302, "", TEXT, {"Location": "/kinh-te.rss"})},
        "refuses its lists: redirects without end",
    ),
    "a riddle": (
        {"/kinh-te.rss": (200, '<html><script>document.cookie="D1N=1"</script></html>', HTML)},
        "refuses its lists: answers with a challenge for browsers",
    ),
    "robots": (
        {
            "/kinh-te.rss": feed(LISTED),
            "/robots.txt": (200, "User-agent: *\nDisallow: /xuong", TEXT),
            **ARTICLES,
        },
        "robots.txt does not allow its articles, /xuong-che-1001.html for one",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_blocked_and_not_fought(tmp_path: Path, context: Context, case: str) -> None:
    pages, said = REFUSED[case]
    judged, _, site = look(tmp_path, context, pages, feeds=["/kinh-te.rss"])
    assert (judged.state, judged.sentence) == ("blocked", said)
    assert not any(path.startswith("/xuong") for path in site.paths)


def test_an_unverified_source_says_what_to_confirm(tmp_path: Path, context: Context) -> None:
    pages = {"/": page({LISTED[0]: "Xưởng chè bán hàng bằng mã truy xuất"}), **ARTICLES}
    judged, finding, _ = look(
        tmp_path, context, pages, state="unverified", seen="old: confirm feeds or sections"
    )
    assert judged.state == "unverified"
    assert judged.sentence.startswith("1 home with 1 article, one read")
    assert judged.sentence.endswith("confirm feeds or sections")
    assert finding.articles


def test_a_blocked_source_that_opened_up_is_told(tmp_path: Path, context: Context) -> None:
    pages = {"/": page({LISTED[0]: "Xưởng chè bán hàng bằng mã truy xuất"})}
    judged, _, site = look(tmp_path, context, pages, state="blocked", feeds=["/kinh-te.rss"])
    assert judged.state == "blocked"
    assert "answers an ordinary visit now" in judged.sentence
    assert site.paths == ["/robots.txt", "/"]


def test_requests_stay_within_the_number_and_the_delay(tmp_path: Path, context: Context) -> None:
    names = [f"/muc-{number}.rss" for number in range(9)]
    pages = {name: feed([f"{name[:-4]}-1001.html"], title="Báo Thử") for name in names}
    pages["/robots.txt"] = (200, "User-agent: *\nCrawl-delay: 0.06", TEXT)
    _, finding, site = look(tmp_path, context, pages, feeds=names)
    assert len(site.visits) <= 7
    assert len(finding.untried) == 5
    times = [at for _, _, at in site.visits]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.05


def test_out_of_reach_is_one_line_and_ends_with_1(tmp_path: Path) -> None:
    with TinySite({}) as site:
        home = site.home
    block = {"name": "Báo Thử", "home": home, "kind": "national", "article": "x", "feeds": [f"{home}/rss"]}
    write(tmp_path, {"baothu": block, "baokhac": {**block, "state": "unverified", "seen": "confirm all"}})
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "sources", "check"])
    assert done.exit_code == 1
    lines = [line for line in done.stdout.splitlines() if "cannot be reached (connection refused)" in line]
    assert [line.split()[:2] for line in lines] == [["baothu", "broken"], ["baokhac", "unverified"]]


def test_a_source_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "sources", "check", "khongco"])
    assert done.exit_code == 2
    assert "no source `khongco`" in done.stderr


def test_an_interrupt_ends_it_at_once_with_what_is_done(tmp_path: Path) -> None:
    """The last source is begun when the first one is done: then four wait for a delay of minutes."""
    waits = (200, "User-agent: *\nCrawl-delay: 250", TEXT)
    good = {"/kinh-te.rss": feed(LISTED, date=f"{utc_now():%a, %d %b %Y %H:%M:%S} +0000"), **ARTICLES}
    with (
        TinySite(good) as fast,
        TinySite({"/robots.txt": waits}) as slow,
        TinySite({"/robots.txt": waits}) as last,
    ):
        block = {"name": "Báo Thử", "kind": "national", "article": r"-\d{4}\.html$", "delay": "0s"}
        homes = {"nhanh": fast.home, **dict.fromkeys(["cham1", "cham2", "cham3"], slow.home), "cuoi": last.home}
        write(tmp_path, {key: {**block, "home": h, "feeds": [f"{h}/kinh-te.rss"]} for key, h in homes.items()})
        with Copy("--home", tmp_path, "sources", "check", stderr=subprocess.PIPE) as running:
            while not last.visits and running.poll() is None:
                time.sleep(0.02)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate()
    assert running.returncode == 1
    assert "1 probed: 1 ok" in out
    assert err == "interrupted: 1 of 5 sources were probed\n"
