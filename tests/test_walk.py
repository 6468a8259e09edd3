"""The walk of the whole product: from config over the sample press to the served page and the digest."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import utc_now
from archive.home import Home
from archive.web.app import build
from crawler.demo import DemoPress
from crawler.demo.run import write_config
from tests.commands import diemtin
from tests.demo_expected import expected_outcomes, special_urls


@pytest.fixture(scope="module")
def press() -> Iterator[DemoPress]:
    with DemoPress(utc_now()) as running:
        yield running


@pytest.fixture(scope="module")
def home(press: DemoPress, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that crawled the press three times: first sight, edits and a missing page, its confirmation."""
    folder = tmp_path_factory.mktemp("walk")
    write_config(Home.at(folder), press, {"revisit": ["1s", "2s", "3s"], "gone_after": "3s"})
    for wait in (2, 4, 0):
        diemtin("crawl", "--json", home=folder)
        time.sleep(wait)
    diemtin("digest", "--now", home=folder)
    return folder


@pytest.fixture(scope="module")
def archive(home: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{home / 'archive.db'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def first_runs(archive: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    rows = archive.execute("select * from runs where id in (select min(id) from runs group by source)")
    return {row["source"]: dict(row) for row in rows}


def article(archive: sqlite3.Connection, url: str) -> sqlite3.Row:
    row: sqlite3.Row = archive.execute("select * from articles where url = ?", [url]).fetchone()
    return row


def test_every_listed_page_came_to_the_end_it_should(press: DemoPress, archive: sqlite3.Connection) -> None:
    runs = first_runs(archive)
    for source, expected in expected_outcomes(press).items():
        outcomes = Counter(json.loads(runs[source]["outcomes"]))
        outcomes.pop("unchanged", None)  # the second address of a page that has two
        assert outcomes == Counter({str(outcome): count for outcome, count in expected.items()}), source


def test_outcomes_add_up_to_the_visits(home: Path, archive: sqlite3.Connection) -> None:
    pages = sqlite3.connect(home / "pages.db")
    for run in archive.execute("select id, outcomes from runs"):
        visits = pages.execute("select outcome, count(*) from visits where run_id = ? group by 1", [run["id"]])
        assert dict(visits) == json.loads(run["outcomes"])
    pages.close()


def test_a_silent_edit_is_a_version_with_its_change(press: DemoPress, archive: sqlite3.Connection) -> None:
    row = article(archive, special_urls(press)["edited"])
    kinds = [v["kind"] for v in archive.execute("select kind from versions where article_id = ?", [row["id"]])]
    assert kinds == ["first", "edit"]
    changes = archive.execute(
        "select changes from versions where article_id = ? and kind = 'edit'", [row["id"]]
    ).fetchone()[0]
    assert ("7,8%", "6,8%") in {(c["before"], c["after"]) for c in json.loads(changes) if c["kind"] == "figure"}


def test_a_take_down_is_suspected_then_gone_with_its_last_copy(
    press: DemoPress, archive: sqlite3.Connection
) -> None:
    row = article(archive, special_urls(press)["taken_down"])
    states = [s["state"] for s in archive.execute("select state from states where article_id = ?", [row["id"]])]
    assert states == ["suspected", "gone"]
    assert row["state"] == "gone"
    assert len(row["body"]) > 200


def test_how_each_page_came_is_kept_with_it_and_what_came_where_one_was_missing(
    press: DemoPress, home: Path
) -> None:
    pages = sqlite3.connect(home / "pages.db")
    bare = "select count(*) from pages where sha256 not in (select page_sha256 from fetches where part = 0)"
    assert pages.execute(bare).fetchone() == (0,)
    sql = (
        "select status, ip, text_sha256 is not null, json_array_length(response) > 2 from fetches where url = ?"
    )
    assert set(pages.execute(sql, [special_urls(press)["edited"]])) == {(200, "127.0.0.1", 1, 1)}
    assert [row[0] for row in pages.execute(sql, [special_urls(press)["taken_down"]])] == [200, 404, 404]
    pages.close()


def test_a_reprint_is_kept_and_linked_to_its_original(press: DemoPress, archive: sqlite3.Connection) -> None:
    specials = special_urls(press)
    original, reprint = article(archive, specials["reprinted"]), article(archive, specials["reprint"])
    assert original["story_id"] == reprint["story_id"]
    story = archive.execute("select * from stories where id = ?", [original["story_id"]]).fetchone()
    assert (story["first_article_id"], story["outlets"]) == (original["id"], 2)


@pytest.mark.parametrize("special", ["sidebar", "person", "chinese_city", "lottery", "advertorial"])
def test_the_name_alone_does_not_make_a_story_relevant(
    press: DemoPress, archive: sqlite3.Connection, special: str
) -> None:
    row = article(archive, special_urls(press)[special])
    assert row is None or not row["relevant"]


def test_a_cited_document_does_not_date_the_article(press: DemoPress, archive: sqlite3.Connection) -> None:
    row = article(archive, special_urls(press)["undated"])
    assert row["published_from"] == "byline"
    assert row["published_at"] > (press.now - timedelta(days=30)).isoformat()[:10]


@pytest.mark.parametrize(
    ("query", "special"),
    [
        ("chuyen doi so thuy loi", "old_tones"),
        ("số hóa thủy lợi", "old_tones"),
        ("số hoá thuỷ lợi", "old_tones"),
        ("52-nq/tw", "many_figures"),
    ],
)
def test_it_is_found_however_one_types(press: DemoPress, home: Path, query: str, special: str) -> None:
    found = json.loads(diemtin("search", query, "--json", "--limit", "0", home=home).stdout)
    assert special_urls(press)[special] in {result["url"] for result in found["results"]}


def test_alerts_matched_and_one_digest_was_made(home: Path, archive: sqlite3.Connection) -> None:
    assert archive.execute("select count(*) from matches").fetchone()[0] > 20
    edition = archive.execute("select * from digests").fetchall()
    assert len(edition) == 1
    assert "6,8%" in edition[0]["text"]
    assert "<script" not in edition[0]["html"]
    files = list(home.rglob("*.html"))
    assert len(files) == 1
    assert files[0].read_text(encoding="utf-8") == edition[0]["html"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", ["Hôm nay"]),
        ("/tim?q=chuyen+doi+so", ["<mark>chuyển đổi số</mark>", "Bài có"]),
        ("/nguon", ["Báo Mẫu Thái Nguyên", "Bình thường"]),
        ("/ban-tin", ["Điểm tin Thái Nguyên"]),
    ],
)
async def test_the_pages_show_it(home: Path, path: str, words: list[str]) -> None:
    datasette = build(Home.at(home))
    answer = await datasette.client.get(path)
    assert answer.status_code == 200
    for word in words:
        assert word in answer.text


async def test_the_page_of_an_edited_article_shows_old_and_new(
    press: DemoPress, home: Path, archive: sqlite3.Connection
) -> None:
    row = article(archive, special_urls(press)["edited"])
    answer = await build(Home.at(home)).client.get(f"/bai/{row['id']}")
    assert "7,8%" in answer.text
    assert "6,8%" in answer.text


def test_another_crawl_stores_nothing_and_reprocessing_changes_nothing(home: Path) -> None:
    runs = json.loads(diemtin("crawl", "--json", home=home).stdout)
    assert not any(set(run["outcomes"]) & {"stored", "revised"} for run in runs)
    again = diemtin("reprocess", home=home).stdout
    assert "stored" not in again
    assert "revised" not in again


def test_nothing_private_is_in_the_served_file(archive: sqlite3.Connection) -> None:
    tables = {row[0] for row in archive.execute("select name from sqlite_master where type = 'table'")}
    assert not tables & {"pages", "addresses", "visits", "lists"}
