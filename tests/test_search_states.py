"""Conditions on what happened to an article, its level and its marks, against a plain scan of the articles."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.clock import stamp
from archive.desk.choices import Key, change, count_marks, marked
from archive.desk.db import open_desk
from archive.model import Article, Level
from archive.query import parse
from archive.search import cursor
from archive.search.cursor import Cursor
from archive.search.facets import facets
from archive.search.results import search
from tests.search_sample import FIRST, archive_of

pytestmark = pytest.mark.timeless

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
LEVELS: tuple[Level | None, ...] = ("about", "mention", None)
CONDITIONS: dict[str, Callable[[Article], object]] = {
    "đã:sửa": lambda one: "edited" in one.states,
    "-da:sua": lambda one: "edited" not in one.states,
    "is:gone": lambda one: "gone" in one.states,
    "-đã:gỡ": lambda one: "gone" not in one.states,
    "đã:sửa,gỡ": lambda one: bool(one.states),
    "-(đã:sửa OR đã:gỡ)": lambda one: not one.states,
    "mức:nhắc": lambda one: one.level == "mention",
    "mức:chính": lambda one: one.level == "about",
    "-mức:chính": lambda one: one.level != "about",
    "dấu:chọn": lambda one: "chosen" in MARKS.get(one.url, ()),
    "dau:noi-bat": lambda one: "starred" in MARKS.get(one.url, ()),
    "dấu:bỏ": lambda one: {"left", "irrelevant"} & MARKS.get(one.url, set()),
    "-dấu:chọn": lambda one: "chosen" not in MARKS.get(one.url, ()),
    "thép": lambda one: "thép" in one.title,
    "-thép": lambda one: "thép" not in one.title,
    "nguồn:bao-a": lambda one: one.source == "bao-a",
    "chủ-đề:so": lambda one: "so" in one.topics,
}
MARKS: dict[str, set[str]] = {}


def made() -> list[Article]:
    chooser = random.Random(3)
    articles = []
    for at in range(700):
        title = chooser.choice(("Gang thép", "Chè xuân", "Nhà máy thép"))
        article = Article(f"u{at}", chooser.choice(("bao-a", "bao-b")), title, "", f"Tin số {at}.")
        article.published_at = FIRST + timedelta(minutes=at)
        article.level = chooser.choice(LEVELS)
        article.topics = chooser.choice((["so"], []))
        article.states = tuple(state for state in ("edited", "gone") if chooser.random() < 0.3)
        articles.append(article)
    return articles


ARTICLES = made()


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with closing(archive_of(tmp_path_factory.mktemp("states") / "archive.db", ARTICLES)) as db:
        yield db


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    chooser = random.Random(4)
    with closing(open_desk(tmp_path_factory.mktemp("states") / "desk.db")) as desk:
        for at, window in ((at, window) for at in range(1, 701, 9) for window in ("", stamp(NOW))):
            mark, star = chooser.choice(("chosen", "left", "irrelevant", None)), chooser.random() < 0.3
            change(desk, Key("sang", window, at), 0, {"mark": mark, "star": star}, by="Lan", now=NOW)
            given = {mark or ("chosen" if star else ""), "starred" if star else ""} - {""}
            MARKS.setdefault(f"u{at - 1}", set()).update(given)
        yield desk


def scanned(text: str) -> set[int]:
    conditions = [CONDITIONS[one] for one in re.findall(r"-?\(.*?\)|\S+", text)]
    return {at for at, one in enumerate(ARTICLES, start=1) if all(holds(one) for holds in conditions)}


QUERIES = [*(text for text in CONDITIONS if text != "-thép"),
           *(" ".join(random.Random(seed).sample(list(CONDITIONS), 3)) for seed in range(60))]  # fmt: skip


@pytest.mark.parametrize("few", [-1, 100, 5000])
def test_the_same_as_a_plain_scan(
    db: Database, desk: Database, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it goes about: what a filter lists first, or each article tested."""
    monkeypatch.setattr(cursor, "FEW", few)
    found = 0
    for text in QUERIES:
        query = parse(text, desk=True)
        assert not query.problem, text
        rows = {hit.id for hit in search(db, query, limit=0, marked=lambda mark: marked(desk, mark)).hits}
        assert rows == scanned(text), text
        found += len(rows)
    assert found > 5000


def test_beside_a_search_states_and_marks_are_counted(db: Database, desk: Database) -> None:
    with closing(Cursor(db, parse("nguồn:bao-a"))) as hits:
        counted = facets(db, hits)
    states = {one.key: one.hits for one in counted.counts["state"]}
    assert states == {"edited": len(scanned("nguồn:bao-a đã:sửa")), "gone": len(scanned("nguồn:bao-a is:gone"))}
    assert set(counted.ids) == scanned("nguồn:bao-a")
    marks = count_marks(desk, counted.ids)
    assert marks["chosen"] == len(scanned("nguồn:bao-a dấu:chọn"))
    assert marks["starred"] == len(scanned("nguồn:bao-a dau:noi-bat"))
    assert marks["left"] + marks["irrelevant"] >= len(scanned("nguồn:bao-a dấu:bỏ"))


def test_nobody_finds_marks_who_does_not_see_the_desk(db: Database) -> None:
    assert not search(db, parse("dấu:chọn", desk=True), limit=0).hits
    assert search(db, "dấu:chọn", limit=0).total == 0
    hits = search(db, parse("-dấu:chọn nguồn:bao-a", desk=True), limit=0).hits
    assert {hit.id for hit in hits} == scanned("nguồn:bao-a")


def test_an_article_is_found_by_its_state_as_soon_as_it_changes(tmp_path: Path) -> None:
    with closing(archive_of(tmp_path / "archive.db", ARTICLES[:5])) as db:
        db.execute("update articles set edits = 0, state = 'live'")
        assert search(db, "đã:sửa,gỡ").total == 0
        db.execute("update articles set edits = 2 where id = 3")
        db.execute("update articles set state = 'gone' where id = 4")
        assert [hit.id for hit in search(db, "đã:sửa,gỡ").hits] == [4, 3]
