"""Pages of lists that have no end: each ends by itself, in a crawl and in one that fills in the past."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from crawler.demo.server import Answer, Server
from tests.commands import diemtin
from tests.tiny_site import article

pytestmark = pytest.mark.timeless


def number_of(path: str) -> int:
    return int(path.rpartition("=")[2]) if "=" in path else 1


def turning_back(page: int) -> list[int]:
    """Three pages, and behind them the first one again and again."""
    return [10 * (page if page <= 3 else 1) + n for n in range(3)]


def empty(page: int) -> list[int]:
    return [10 * page + n for n in range(3)] if page <= 3 else []


def the_last_again(page: int) -> list[int]:
    return [10 * min(page, 3) + n for n in range(3)]


@pytest.mark.parametrize("named", [turning_back, empty, the_last_again])
@pytest.mark.parametrize("backfill", [(), ("--backfill", "2026-01-01..2026-12-31")])
def test_a_list_with_endless_pages_ends(
    named: Callable[[int], list[int]], backfill: tuple[str, ...], tmp_path: Path
) -> None:
    asked: list[str] = []

    def reply(path: str, headers: Mapping[str, str], method: str) -> Answer:
        asked.append(path)
        if path.startswith("/the"):
            page = number_of(path)
            links = "".join(f'<a href="/tin-{n}">Tin {n}</a>' for n in named(page))
            text = f'<html><body>{links}<a rel="next" href="/the?page={page + 1}">Trang sau</a></body></html>'
            return Answer(200, text.encode(), "text/html; charset=utf-8", tagged=False)
        if path.startswith("/tin-"):
            return Answer(200, article(f"Tin số {path}")[1].encode(), "text/html; charset=utf-8", tagged=False)
        return Answer(404, b"", "text/plain", tagged=False)

    server = Server(reply)
    server.open()
    try:
        source = {
            "name": "Báo Thử", "home": server.home, "kind": "national", "article": r"/tin-\d+$",
            "sections": [f"{server.home}the"],
        }  # fmt: skip
        (tmp_path / "config").mkdir()
        data = {"defaults": {"delay": "0ms", "keep": "all"}, "sources": {"thu": source}}
        (tmp_path / "config" / "sources.yml").write_text(yaml.safe_dump(data))
        diemtin("crawl", "thu", *backfill, home=tmp_path)
    finally:
        server.close()
    assert len([path for path in asked if path.startswith("/the")]) == 4
    assert len({path for path in asked if path.startswith("/tin-")}) == 9
