"""Real pages of Vietnamese papers, served from loopback behind a feed and brought in by ``diemtin crawl``."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
import yaml

from crawler.demo.server import Answer, Server
from tests.commands import diemtin

SHARED = os.environ.get("DIEMTIN_SHARED")
pytestmark = pytest.mark.skipif(not SHARED, reason="DIEMTIN_SHARED is unset: the real pages are not here")


@pytest.fixture(scope="module")
def gold() -> dict[str, dict[str, Any]]:
    """The seven pages by the path of their address."""
    lines = (Path(SHARED or "") / "pages" / "vn" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return {urlsplit(row["url"]).path: row for row in map(json.loads, lines)}


@pytest.fixture(scope="module")
def press(gold: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A server with one feed over the pages; yields its address."""
    folder = Path(SHARED or "") / "pages"

    def reply(path: str, headers: Mapping[str, str], method: str) -> Answer:
        if path == "/feed.rss":
            items = "".join(
                f"<item><link>http://{headers['Host']}{escape(known)}</link></item>" for known in gold
            )
            return Answer(200, f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), "text/xml")
        if path in gold:
            return Answer(200, gzip.decompress((folder / gold[path]["file"]).read_bytes()))
        return Answer(404)

    with Server(reply) as server:
        yield server.home


@pytest.fixture(scope="module")
def crawled(press: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], dict[str, Any]]:
    """The runs of one crawl and the articles by path."""
    from archive.schema import open_archive

    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    source = {
        "name": "Báo thật",
        "home": press,
        "kind": "national",
        "feeds": [f"{press}feed.rss"],
        "article": r"\.(html?|chn)$",
        "keep": "all",
        "delay": "10ms",
    }
    (home / "config" / "sources.yml").write_text(
        yaml.safe_dump({"sources": {"that": source}}, allow_unicode=True)
    )
    done = diemtin("crawl", "--json", home=home)
    db = open_archive(home / "archive.db")
    articles = {urlsplit(row["url"]).path: row for row in db.table("articles").rows}
    db.close()
    return json.loads(done.stdout), articles


def test_all_seven_are_stored(crawled: tuple[list[Any], dict[str, Any]]) -> None:
    runs, articles = crawled
    assert runs[0]["outcomes"] == {"stored": 7}
    assert len(articles) == 7


def test_titles_leads_and_texts_are_the_printed_ones(
    crawled: tuple[list[Any], dict[str, Any]], gold: dict[str, dict[str, Any]]
) -> None:
    _, articles = crawled
    for path, row in gold.items():
        assert articles[path]["title"].casefold() == row["title"].casefold()
        assert articles[path]["lead"].split()[:8] == row["lead"].split()[:8]
        assert len(articles[path]["body"]) > 0.9 * len(row["text"])


def test_times_are_right_to_the_minute(
    crawled: tuple[list[Any], dict[str, Any]], gold: dict[str, dict[str, Any]]
) -> None:
    _, articles = crawled
    for path, row in gold.items():
        found = datetime.fromisoformat(articles[path]["published_at"])
        assert found.tzinfo is not None
        assert abs((found - datetime.fromisoformat(row["date"])).total_seconds()) < 60, path
