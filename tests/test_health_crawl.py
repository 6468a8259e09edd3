"""Crawls of small sites that change under us: the template, the feed, the manners."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from archive.clock import utc_now
from archive.health import report
from archive.i18n import Words
from archive.schema import open_archive
from crawler.demo.server import Answer, Server
from tests.commands import diemtin

OLD = '<h1 class="tieu-de">{title}</h1><p class="sapo">{lead}</p><div class="noi-dung">{body}</div>'
NEW = '<h1 class="title">{title}</h1><p class="lead">{lead}</p><section class="text">{body}</section>'
PAGE = "<html><head><title>{title}</title></head><body><main>{article}</main></body></html>"


@dataclass
class Site:
    """An invented paper; everything it answers carries an ETag, and is not sent twice."""

    articles: int = 6
    first: int = 1  # in the feed
    template: str = OLD
    channel: str = "Báo Đồi Chè - Kinh tế"
    empty: bool = False
    status: int = 200
    home: str = field(default="", init=False)

    def page(self, path: str) -> str | None:
        if path == "/robots.txt":
            return "User-agent: *\nAllow: /\n"
        if path == "/kinh-te.rss":
            return self._feed()
        number = int("".join(letter for letter in path if letter.isdigit()) or 0)
        return self._article(number) if 0 < number <= self.articles else None

    def _feed(self) -> str:
        numbers = [] if self.empty else range(self.first, self.articles + 1)
        items = "".join(
            f"<item><title>Xưởng chè số {n}</title><link>{self.home}/tin-{n}.html</link>"
            f"<pubDate>Wed, 04 Nov 2026 0{n % 10}:00:00 +0700</pubDate></item>"
            for n in numbers
        )
        return f'<rss version="2.0"><channel><title>{self.channel}</title>{items}</channel></rss>'

    def _article(self, number: int) -> str:
        body = "".join(
            f"<p>Xưởng chè số {number} của hợp tác xã Đồi Chè đóng gói mẻ thứ {number * 10 + line} trong tuần, "
            f"sau khi {line + 2} lò sao điện mới được đưa vào chạy thay cho lò củi.</p>"
            for line in range(6)
        )
        title, lead = (
            f"Xưởng chè số {number} chạy thử",
            f"Lò sao điện của xưởng chè số {number} đã chạy ca đầu tiên.",
        )
        return PAGE.format(title=title, article=self.template.format(title=title, lead=lead, body=body))


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """The site on a port of its own."""

    def reply(path: str, headers: Mapping[str, str], method: str) -> Answer:
        text = site.page(path)
        status = 404 if text is None else 200 if path == "/robots.txt" else site.status
        kind = "application/rss+xml" if path.endswith(".rss") else "text/html"
        return Answer(status, (text or "").encode(), f"{kind}; charset=utf-8")

    with Server(reply) as server:
        site.home = server.home.rstrip("/")
        yield site


def block(site: Site) -> dict[str, Any]:
    return {
        "name": "Báo Đồi Chè",
        "home": site.home,
        "kind": "provincial",
        "feeds": [f"{site.home}/kinh-te.rss"],
        "article": r"/tin-\d+\.html$",
        "title": "h1.tieu-de",
        "lead": "p.sapo",
        "body": "div.noi-dung",
        "keep": "all",
        "delay": "0.01s",
    }


def crawl(home: Path) -> dict[str, tuple[str, str]]:
    """Level and sentence of every source after one more crawl of them all."""
    diemtin("crawl", home=home, check=False)
    with closing(open_archive(home / "archive.db")) as db:
        words, sources = Words("vi"), report(db, utc_now())
        return {one.key: (one.level, words.reason(one.reason)) for one in sources}


GREEN = ("green", "Bình thường.")


def test_what_changes_between_two_crawls_is_told_after_the_second_until_it_is_mended(tmp_path: Path) -> None:
    with ExitStack() as stack:
        sites = {key: stack.enter_context(served(Site())) for key in ("mau", "rong", "kenh", "nghi")}
        config = tmp_path / "config" / "sources.yml"
        config.parent.mkdir()
        config.write_text(yaml.safe_dump({"sources": {key: block(site) for key, site in sites.items()}}))
        assert crawl(tmp_path) == dict.fromkeys(sites, GREEN)

        sites["mau"].template, sites["mau"].articles = NEW, 7
        sites["rong"].empty = True
        sites["kenh"].channel = "Báo Đồi Chè - Trang chủ"
        sites["nghi"].status = 503
        changed = crawl(tmp_path)
        feed = f"{sites['kenh'].home}/kinh-te.rss"
        assert changed["mau"] == (
            "amber",
            "Mẫu trang có thể đã đổi: quy tắc «body», «title», «lead» không khớp ở 1 trong 1 trang.",
        )
        empty = f"Trang trả lời nhưng danh sách không có bài nào: {sites['rong'].home}/kinh-te.rss."
        assert changed["rong"] == ("amber", empty)
        other = f"Danh sách {feed} trả về kênh «Báo Đồi Chè - Trang chủ», trước đây là «Báo Đồi Chè - Kinh tế»."
        assert changed["kenh"] == ("amber", other)
        assert changed["nghi"][0] == "amber"
        assert changed["nghi"][1].startswith("Trang xin đọc thưa hơn (trả lời 503), nghỉ đến ")

        assert crawl(tmp_path) == changed, "nothing was mended"

        sites["mau"].template, sites["mau"].articles = OLD, 8
        sites["rong"].empty = False
        sites["kenh"].channel = "Kinh tế | Đồi Chè"
        assert crawl(tmp_path) == dict.fromkeys(sites, GREEN) | {"nghi": changed["nghi"]}


def test_a_feed_that_rolls_over_between_two_crawls_is_red_and_says_how_much_it_holds(tmp_path: Path) -> None:
    with served(Site()) as site:
        config = tmp_path / "config" / "sources.yml"
        config.parent.mkdir()
        config.write_text(yaml.safe_dump({"sources": {"troi": block(site)}}))
        assert crawl(tmp_path) == {"troi": GREEN}
        site.first, site.articles = 7, 12
        feed = f"{site.home}/kinh-te.rss"
        level, sentence = crawl(tmp_path)["troi"]
        assert level == "red"
        assert f"Danh sách {feed} chỉ giữ 6 bài và trôi hết trong 1 phút" in sentence
        told = diemtin("--lang", "vi", "health", home=tmp_path, check=False)
        assert sentence in told.stdout
        assert "Độ phủ 7 ngày: RSS 0, đã lưu 0, chỉ có một loại danh sách" in told.stdout
        *_, known = json.loads(diemtin("health", "--json", home=tmp_path, check=False).stdout)
        assert known["coverage"]["rolled"][0]["items"] == 6
        assert known["coverage"]["missed"] is None
        site.articles = 13
        time.sleep(1)  # tables keep whole seconds: this reading is to be a later one
        assert crawl(tmp_path)["troi"][0] == "amber"
