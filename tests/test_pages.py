"""Raw pages come back byte for byte, once each, and cost little."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.pages import RawPage, has_page, keep, load, newest_page, newest_page_ids, open_pages

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
TEMPLATE = "".join(
    f"<div class='menu-{n}'><a href='/muc-{n * 7919 % 1000}'>Mục {n}</a></div>" for n in range(300)
)


@pytest.fixture
def db() -> Database:
    return open_pages(":memory:")


def page(number: int, text: str = "", *, source: str = "baomau", days: int = 0) -> RawPage:
    body = f"<html>{TEMPLATE}<h1>Bài {number}</h1><p>{text}</p></html>".encode()
    url = f"https://{source}.vn/{number}"
    return RawPage(url, source, NOON + timedelta(days=days), "text/html; charset=utf-8", body)


def noise(seed: int, size: int = 20_000) -> bytes:
    return random.Random(seed).randbytes(size)


def stored(db: Database) -> list[RawPage]:
    return [load(db, page_id) for page_id in newest_page_ids(db)]


def test_pages_of_one_site_come_back_and_share_a_dictionary(db: Database) -> None:
    kept = [page(n) for n in range(5)]
    for one in kept:
        keep(db, one)
    assert stored(db) == kept
    sizes = [size for (size,) in db.execute("select length(body) from pages order by id")]
    assert all(size * 4 < sizes[0] for size in sizes[1:])
    assert db.execute("select count(*) from dictionaries").fetchone() == (1,)


def test_pages_without_a_dictionary_come_back_too(db: Database) -> None:
    kept = [RawPage(f"https://a.vn/{n}", "a", NOON, "", noise(n)) for n in range(3)]
    for one in kept:
        keep(db, one)
    assert stored(db) == kept


@pytest.mark.parametrize("body", [b"", b"x", b"1234567", b"12345678", b"\x00" * 100])
def test_the_smallest_pages_come_back(db: Database, body: bytes) -> None:
    keep(db, RawPage("https://a.vn/0", "a", NOON, "", b"<html>another page of the site</html>"))
    keep(db, RawPage("https://a.vn/1", "a", NOON, "", body))
    found = newest_page(db, "https://a.vn/1")
    assert found is not None
    assert found.body == body


def test_a_new_template_gets_a_dictionary_of_its_own_and_old_pages_still_open(db: Database) -> None:
    old = page(1)
    keep(db, old)
    changed = RawPage("https://baomau.vn/2", "baomau", NOON, "", noise(1))
    keep(db, changed)
    again = RawPage("https://baomau.vn/3", "baomau", NOON, "", noise(1) + b"<p>")
    keep(db, again)
    assert stored(db) == [old, changed, again]
    assert db.execute("select count(*) from dictionaries").fetchone() == (2,)


def test_the_same_bytes_of_an_address_are_kept_once(db: Database) -> None:
    keep(db, page(1))
    keep(db, page(1, days=1))
    assert db.execute("select count(*) from pages").fetchone() == (1,)
    assert newest_page(db, page(1).url) == page(1)


def test_every_different_copy_of_a_page_stays_and_the_newest_is_given(db: Database) -> None:
    keep(db, page(1, "cũ"))
    keep(db, page(2))
    keep(db, page(1, "mới", days=1))
    assert db.execute("select count(*) from pages").fetchone() == (3,)
    assert [one.url[-1] for one in stored(db)] == ["2", "1"]
    assert newest_page(db, page(1).url) == page(1, "mới", days=1)


def test_pages_can_be_asked_for_by_source_and_time(db: Database) -> None:
    for one in (page(1), page(2, days=2), page(3, source="khac", days=2)):
        keep(db, one)
    since = NOON + timedelta(days=1)
    assert [load(db, n).url[-1] for n in newest_page_ids(db, "baomau")] == ["1", "2"]
    assert [load(db, n).url[-1] for n in newest_page_ids(db, since=since)] == ["2", "3"]
    assert [load(db, n).url[-1] for n in newest_page_ids(db, "khac", since)] == ["3"]


def test_an_address_without_a_page_has_none(db: Database) -> None:
    assert newest_page(db, "https://a.vn/") is None
    assert not has_page(db, "https://a.vn/")
    keep(db, page(1))
    assert has_page(db, page(1).url)


def test_a_site_whose_pages_have_nothing_in_common_costs_no_more_than_twice_its_pages(db: Database) -> None:
    for n in range(8):
        keep(db, RawPage(f"https://a.vn/{n}", "a", NOON, "", noise(n)))
    (spent,) = db.execute(
        "select (select sum(length(body)) from pages) + (select sum(length(body)) from dictionaries)"
    ).fetchone()
    assert spent < 2.1 * 8 * 20_000


def test_pages_stay_after_reopening(tmp_path: Path) -> None:
    db = open_pages(tmp_path / "pages.db")
    for n in (1, 2):
        keep(db, page(n))
    db.close()
    assert stored(open_pages(tmp_path / "pages.db")) == [page(1), page(2)]
