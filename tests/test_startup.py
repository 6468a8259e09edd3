"""Commands answer at once: each imports only what it uses."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import diemtin, environment

CRAWLING = {"scrapy", "twisted", "pebble", "apscheduler", "feedparser", "httpx"}
WEB = {"datasette", "uvicorn", "jinja2", "mcp", "pydantic"}
STORING = {"sqlite_utils", "archive.articles", "archive.digests.config", "crawler.workspace"}
PAGES = {"trafilatura", "htmldate", "courlan", "lxml.html"}
CONFIG = {"yaml", "msgspec"}
PAGE = '{"id": 1, "path": "%s", "url": "https://example.org/a.html"}\n'


def imported(*arguments: str, home: Path, stdin: str = "") -> set[str]:
    """The modules that a command imports until it ends."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "crawler", "--home", str(home), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_help_imports_neither_config_nor_libraries(tmp_path: Path) -> None:
    names = imported("--help", home=tmp_path)
    assert not names & (CRAWLING | WEB | STORING | PAGES)


@pytest.mark.parametrize("command", ["read", "search", "sources", "crawl"])
def test_the_help_of_a_command_imports_no_config(tmp_path: Path, command: str) -> None:
    assert not imported(command, "--help", home=tmp_path) & (CRAWLING | WEB | STORING | PAGES | CONFIG)


def test_read_imports_nothing_that_crawls_or_stores(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>Khai trương nhà máy</h1>" + "<p>Nhà máy ở Sông Công mở cửa đón công nhân.</p>" * 9)
    names = imported("read", "--jsonl", home=tmp_path, stdin=PAGE % page)
    assert "trafilatura" in names
    assert not names & (CRAWLING | WEB | STORING)


def test_reading_a_text_imports_no_extractor(tmp_path: Path) -> None:
    names = imported("read", "--jsonl", home=tmp_path, stdin='{"id": 1, "title": "Mưa to", "body": "Mưa."}\n')
    assert not names & (CRAWLING | WEB | STORING | PAGES - {"lxml.html"})


def test_the_list_of_sources_imports_no_extractor_and_no_archive(tmp_path: Path) -> None:
    assert not imported("sources", home=tmp_path) & (CRAWLING | WEB | STORING | PAGES)


def test_search_imports_nothing_that_crawls_reads_or_looks_for_plugins(tmp_path: Path) -> None:
    diemtin("init", home=tmp_path)
    names = imported("search", "khu công nghiệp", home=tmp_path)
    assert "sqlite_utils" in names
    assert not names & (CRAWLING | WEB | PAGES | {"crawler.sources", "importlib.metadata"})
