"""Pages and lists that would trap a crawler end in a named outcome, and the rest of the site is read."""

import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
import yaml

from archive.pages import open_pages
from tests.commands import diemtin
from tests.tiny_site import article

GOOD = article()[1].encode()
CHALLENGE = (
    b"<html><head><title>Just a moment...</title></head>"
    b"<body><script src='/cdn-cgi/challenge-platform/x.js'></script></body></html>"
)


class Traps(BaseHTTPRequestHandler):
    """One site with every trap; ``seen`` counts the paths that were asked for."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[Counter[str]] = Counter()
    other: ClassVar[str] = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.seen[path] += 1
        site = f"http://{self.headers['Host']}"
        if path == "/robots.txt":
            self.tell(404)
        elif path == "/rss":
            names = [
                "good",
                "loop",
                "away",
                "gzipbomb",
                "endless",
                "challenge",
                "notfound",
                "image",
                "good?sid=1",
                "good?PHPSESSID=2",
            ]
            split = [name.partition("?") for name in names]
            links = "".join(f"<item><link>{site}/{n}.html?{query}</link></item>" for n, _, query in split)
            self.tell(200, f"<rss version='2.0'><channel>{links}</channel></rss>".encode(), "text/xml")
        elif path.startswith("/lich"):
            day = int(path.removeprefix("/lich") or 0)
            body = f"<a href='/ngay{day}.html'>bài</a><a rel='next' href='/lich{day + 1}'>sau</a>"
            self.tell(200, body.encode())
        else:
            self.trap(path, site)

    def trap(self, path: str, site: str) -> None:
        match path:
            case "/loop.html":
                self.tell(302, location=f"{site}/loop.html?again={self.seen[path]}")
            case "/away.html":
                self.tell(302, location=f"http://{self.other}/secret.html")
            case "/gzipbomb.html":
                self.tell(200, gzip.compress(b"0" * 60_000_000), encoding="gzip")
            case "/challenge.html":
                self.tell(200, CHALLENGE)
            case "/notfound.html":
                self.tell(404)
            case "/image.html":
                self.tell(200, b"\x89PNG\r\n\x1a\n", "image/png")
            case "/endless.html":
                self.endless()
            case _:
                self.tell(200, GOOD.replace("Xưởng".encode(), f"Xưởng {path}".encode()))

    def tell(
        self, status: int, body: bytes = b"", kind: str = "text/html", location: str = "", encoding: str = ""
    ) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Location": location,
            "Content-Encoding": encoding,
        }
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for _ in range(400):
                self.wfile.write(b"<p>" + b"x" * 100_000)
                time.sleep(0.001)
        except OSError:
            self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """The run, and what came of each path."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Traps) for _ in range(2)]
    Traps.other = f"127.0.0.1:{servers[1].server_port}"
    threads = [
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}) for server in servers
    ]
    for thread in threads:
        thread.start()
    site, home = f"http://127.0.0.1:{servers[0].server_port}", tmp_path_factory.mktemp("home")
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
    yield run, outcomes
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


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
def test_each_trap_has_its_outcome(
    crawled: tuple[dict[str, Any], dict[str, str]], path: str, outcome: str
) -> None:
    told = crawled[1][path]
    assert told.startswith(f"{outcome}:")
    assert outcome == "stored" or len(told) > len(outcome) + 5, "a reason is given"


def test_session_ids_make_no_second_address(crawled: tuple[dict[str, Any], dict[str, str]]) -> None:
    assert [path for path in crawled[1] if path.startswith("/good")] == ["/good.html"]


def test_another_host_is_never_asked(crawled: tuple[dict[str, Any], dict[str, str]]) -> None:
    assert Traps.seen["/secret.html"] == 0


def test_an_endless_calendar_ends(crawled: tuple[dict[str, Any], dict[str, str]]) -> None:
    days = [path for path in crawled[1] if path.startswith("/ngay")]
    assert 10 <= len(days) <= 40


def test_outcomes_add_up(crawled: tuple[dict[str, Any], dict[str, str]]) -> None:
    run, outcomes = crawled
    assert sum(run["outcomes"].values()) == len(outcomes)
