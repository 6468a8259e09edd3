"""Pages and lists that would trap a crawler end in a named outcome, and the rest of the site is read."""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from archive.pages import open_pages
from crawler.demo.server import Answer, Server
from tests.commands import diemtin
from tests.tiny_site import article

GOOD = article()[1].encode()
CHALLENGE = (
    b"<html><head><title>Just a moment...</title></head>"
    b"<body><script src='/cdn-cgi/challenge-platform/x.js'></script></body></html>"
)


NAMES = (
    "good", "loop", "away", "gzipbomb", "endless", "challenge", "notfound", "image", "good?sid=1",
    "good?PHPSESSID=2",
)  # fmt: skip


class Traps:
    """One site with every trap; ``seen`` counts the paths that were asked for."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.other = ""

    def reply(self, target: str, headers: Mapping[str, str], method: str) -> Answer:
        path, site = target.partition("?")[0], f"http://{headers['Host']}"
        self.seen[path] += 1
        if path == "/robots.txt":
            return Answer(404)
        if path == "/rss":
            split = [name.partition("?") for name in NAMES]
            links = "".join(f"<item><link>{site}/{n}.html?{query}</link></item>" for n, _, query in split)
            return Answer(200, f"<rss version='2.0'><channel>{links}</channel></rss>".encode(), "text/xml")
        if path.startswith("/lich"):
            day = int(path.removeprefix("/lich") or 0)
            body = f"<a href='/ngay{day}.html'>bài</a><a rel='next' href='/lich{day + 1}'>sau</a>"
            return Answer(200, body.encode())
        return self.trap(path, site)

    def trap(self, path: str, site: str) -> Answer:
        match path:
            case "/loop.html":
                return Answer(302, more={"Location": f"{site}/loop.html?again={self.seen[path]}"})
            case "/away.html":
                return Answer(302, more={"Location": f"http://{self.other}/secret.html"})
            case "/gzipbomb.html":
                return Answer(200, gzip.compress(b"0" * 60_000_000), more={"Content-Encoding": "gzip"})
            case "/challenge.html":
                return Answer(200, CHALLENGE)
            case "/notfound.html":
                return Answer(404)
            case "/image.html":
                return Answer(200, b"\x89PNG\r\n\x1a\n", "image/png")
            case "/endless.html":
                return Answer(200, stream=endless)
            case _:
                return Answer(200, GOOD.replace("Xưởng".encode(), f"Xưởng {path}".encode()))


def endless() -> Iterator[bytes]:
    for _ in range(400):
        yield b"<p>" + b"x" * 100_000
        time.sleep(0.001)


@dataclass
class Crawled:
    """The run, what came of each path, and what was asked for."""

    run: dict[str, Any]
    outcomes: dict[str, str]
    seen: Counter[str]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    traps = Traps()
    with Server(traps.reply) as server, Server(traps.reply) as other:
        traps.other = other.home.split("/")[2]
        yield crawl(traps, server.home.rstrip("/"), tmp_path_factory.mktemp("home"))


def crawl(traps: Traps, site: str, home: Path) -> Crawled:
    source = {
        "name": "Báo Bẫy", "home": f"{site}/", "kind": "national", "feeds": [f"{site}/rss"],
        "sections": [f"{site}/lich0"], "article": r"\.html", "keep": "all", "delay": "1ms",
    }  # fmt: skip
    (home / "config").mkdir()
    (home / "config" / "sources.yml").write_text(
        yaml.safe_dump({"sources": {"bay": source}}, allow_unicode=True)
    )
    run = json.loads(diemtin("crawl", "--json", home=home).stdout)[0]
    pages = open_pages(home / "pages.db")
    outcomes = {
        url.removeprefix(site): f"{outcome}: {reason}"
        for url, outcome, reason in pages.execute("select url, outcome, reason from addresses")
    }
    pages.close()
    return Crawled(run, outcomes, traps.seen)


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/good.html", "stored"),
        ("/loop.html", "failed"),
        ("/away.html", "failed"),
        ("/gzipbomb.html", "failed"),
        ("/endless.html", "failed"),
        ("/challenge.html", "blocked"),
        ("/notfound.html", "gone"),
        ("/image.html", "not_article"),
    ],
)
def test_each_trap_has_its_outcome(crawled: Crawled, path: str, outcome: str) -> None:
    told = crawled.outcomes[path]
    assert told.startswith(f"{outcome}:")
    assert outcome == "stored" or len(told) > len(outcome) + 5, "a reason is given"


def test_session_ids_make_no_second_address(crawled: Crawled) -> None:
    assert [path for path in crawled.outcomes if path.startswith("/good")] == ["/good.html"]


def test_another_host_is_never_asked(crawled: Crawled) -> None:
    assert crawled.seen["/secret.html"] == 0


def test_an_endless_calendar_ends(crawled: Crawled) -> None:
    days = [path for path in crawled.outcomes if path.startswith("/ngay")]
    assert 10 <= len(days) <= 40


def test_outcomes_add_up(crawled: Crawled) -> None:
    assert sum(crawled.run["outcomes"].values()) == len(crawled.outcomes)
