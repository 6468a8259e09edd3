"""Rules that change between two looks at an article: what they read otherwise is never told as an edit."""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import yaml

from archive.schema import open_archive
from pipelines.extract.version import EXTRACTOR, reading_mark
from pipelines.item import Family, Rules
from tests.commands import diemtin
from tests.quality.reader import families, read
from tests.tiny_site import TEXT, TinySite, article, feed

TESTS = Path(__file__).parent
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
NUMBER = TESTS / "golden" / "extractor.json"
BOX = "<p class='hop'>Mời bạn đọc gửi ý kiến về hộp thư của tòa soạn trước ngày mười lăm hằng tháng.</p>"


def the_page(cost: str = "86 triệu đồng") -> tuple[int, str, str]:
    """An article with a box that only a rule of its source takes out."""
    status, text, kind, *_ = article()
    text = text.replace("<p>Toàn bộ", f"{BOX}<p>Toàn bộ").replace("86 triệu đồng", cost)
    return status, text, kind


def configure(home: Path, site: TinySite, drop: list[str]) -> None:
    source = {
        "name": "Báo Thử",
        "home": site.home + "/",
        "kind": "national",
        "feeds": [site.home + "/rss"],
        "article": r"/tin-\d+$",
        "drop": drop,
    }
    data = {"defaults": {"delay": "0ms", "keep": "all", "contact": "a@example.org"}, "sources": {"thu": source}}
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "sources.yml").write_text(yaml.safe_dump(data, allow_unicode=True))


def look_again(home: Path) -> None:
    with closing(sqlite3.connect(home / "pages.db", isolation_level=None)) as db:
        db.execute("update addresses set next_at = '2026-01-01T00:00:00Z'")
    diemtin("crawl", home=home)


def versions(home: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(home / "archive.db")) as db:
        return db.execute("select kind, body, changes from versions order by id").fetchall()


def test_a_new_rule_is_an_extractor_version_and_only_what_the_outlet_changed_an_edit(tmp_path: Path) -> None:
    pages = {"/robots.txt": (200, "", TEXT), "/rss": feed(["/tin-1"]), "/tin-1": the_page()}
    with TinySite(pages) as site:
        configure(tmp_path, site, [])
        diemtin("crawl", home=tmp_path)
        assert ["hộp thư" in body for _, body, _ in versions(tmp_path)] == [True]

        configure(tmp_path, site, [".hop"])
        look_again(tmp_path)
        told = versions(tmp_path)
        assert [kind for kind, _, _ in told] == ["first", "extractor"]
        assert "hộp thư" not in told[-1][1]

        configure(tmp_path, site, [])
        site.pages = pages | {"/tin-1": the_page("96 triệu đồng")}
        look_again(tmp_path)
        told = versions(tmp_path)
        assert [kind for kind, _, _ in told] == ["first", "extractor", "extractor", "edit"]
        changes = json.loads(told[-1][2])
        assert [(one["kind"], one["before"], one["after"]) for one in changes] == [
            ("figure", "86 triệu đồng", "96 triệu đồng")
        ]
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute("select edits from articles").fetchall() == [(1,)]


def test_a_page_read_by_an_older_release_is_read_anew_before_it_is_compared(tmp_path: Path) -> None:
    pages = {"/robots.txt": (200, "", TEXT), "/rss": feed(["/tin-1"]), "/tin-1": the_page()}
    with TinySite(pages) as site:
        configure(tmp_path, site, [])
        diemtin("crawl", home=tmp_path)
        archive = open_archive(tmp_path / "archive.db")
        with archive.conn:
            archive.execute(
                "update articles set read_by = '0123456789ab', sha256 = '', body = body || ' Xem thêm'"
            )
        archive.close()
        site.pages = pages | {"/tin-1": the_page("96 triệu đồng")}
        look_again(tmp_path)
        assert [kind for kind, _, _ in versions(tmp_path)] == ["first", "extractor", "edit"]
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute(
            "select edits, read_by like '%-%' and body not like '%Xem thêm' from articles"
        ).fetchall() == [(1, 1)]


def test_the_mark_changes_with_the_rules_and_the_families_alone() -> None:
    plain = reading_mark(Rules(), ())
    assert plain == reading_mark(Rules(), ())
    assert plain != reading_mark(Rules(drop=(".hop",)), ())
    assert plain != reading_mark(Rules(), (Family("a", ("#x",), Rules()),))


def outputs() -> str:
    """A hash of all that is read off the saved pages of both sets."""
    known, hashed = families(), hashlib.sha256()
    golden = [(page, "") for page in sorted((TESTS / "golden").glob("*/page.html"))]
    cases = json.loads((TESTS / "quality" / "pages" / "gold.json").read_text(encoding="utf-8"))
    own = [(TESTS / "quality" / "pages" / case["page"], case["url"]) for case in cases]
    for page, url in golden + own:
        answer = read(page, url or json.loads(page.with_name("expected.json").read_text())["url"], known, NOW)
        hashed.update(json.dumps(answer, ensure_ascii=False, sort_keys=True).encode())
    return hashed.hexdigest()[:16]


def test_pages_read_otherwise_demand_a_new_number() -> None:
    """Whoever changes what is read off a page raises the extractor's number."""
    now = {"extractor": EXTRACTOR, "outputs": outputs()}
    kept = json.loads(NUMBER.read_text())
    if now["outputs"] == kept["outputs"] or now["extractor"] != kept["extractor"]:
        todo = f"write {json.dumps(now)} into {NUMBER.name}"
    else:
        todo = f"if that is meant, set EXTRACTOR = {EXTRACTOR + 1} in extract/version.py, then run this again"
    assert now == kept, f"the saved pages are read otherwise, or the number was changed: {todo}"
