"""However hits are looked for (in stretches, by words spelled out, in time) they are FTS5's, in order."""

import gc
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.db import as_database, minute_of, sort_at
from archive.model import Article, Mention
from archive.query import parse
from archive.search.cursor import Cursor
from archive.search.prefixes import spelled_out
from archive.search.results import search
from archive.text import fold
from tests.search_sample import FIRST, TEXTS, archive_of, insert

WORDS = sorted({word for texts in TEXTS for text in texts for word in re.findall(r"[^\W_]+", text)})
FILTERS = [
    "", "", "nguồn:bao-a", "-nguồn:bao-b", "chủ-đề:so", "nơi:x", "sau:2026-03-20", "trước:2026-04-01", "đã:sửa",
    "-đã:gỡ", "đã:sửa,gỡ", "mức:nhắc",
]  # fmt: skip


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    chooser = random.Random(11)
    made = []
    for at in range(1500):
        title, body = (" ".join(chooser.choices(WORDS, k=length)) for length in (4, 12))
        article = Article(f"u{at}", chooser.choice(["bao-a", "bao-b"]), title, "", body)
        article.published_at = FIRST + timedelta(hours=at)
        article.topics = ["so"] if at % 7 else []
        article.mentions = [Mention("place", "X", 1)] if at % 5 else []
        article.states = tuple(state for state, every in (("edited", 3), ("gone", 8)) if at % every == 0)
        article.level = "mention" if at % 3 == 1 else "about"
        made.append(article)
    db = archive_of(tmp_path_factory.mktemp("finder") / "archive.db", made)
    yield db
    db.close()


def random_query(chooser: random.Random) -> str:
    words = [chooser.choice(WORDS) for _ in range(3)]
    words = [fold(word) if chooser.random() < 0.5 else word for word in words]
    cut = [f"{word[: chooser.randint(2, 4)]}*" for word in words if len(word) > 1] or ["th*"]
    kinds = [
        words[0], cut[0], f"{words[0]} {cut[0]}", f"{words[0]} OR {cut[-1]}", f"{cut[0]} -{cut[-1]}",
        f"title:{cut[0]}", f'"{words[0]} {cut[0]}"', f'"{words[0]} {words[1]}"',
        f'"{words[0]} {words[1]}" OR {words[2]}', f"{words[0].upper()} {cut[0].upper()}", "",
    ]  # fmt: skip
    return f"{chooser.choice(kinds)} {chooser.choice(FILTERS)}".strip()


QUERIES = [random_query(random.Random(seed)) for seed in range(200)]


def test_words_cut_short_find_what_fts5_finds_for_them(db: Database) -> None:
    sql = "select rowid from articles_fts where articles_fts match ? order by rowid desc"
    spelled = 0
    for query in map(parse, QUERIES):
        for expression in {query.fts, query.certain, query.without} - {""}:
            other = spelled_out(db, expression)
            spelled += other != expression
            assert db.execute(sql, (other,)).fetchall() == db.execute(sql, (expression,)).fetchall(), query.text
    assert spelled > 50


def test_a_walk_in_stretches_is_the_plain_one(db: Database) -> None:
    hits = 0
    for text in QUERIES:
        query = parse(text)
        plain = Cursor(db, query).newest(-1)
        assert plain == sorted(plain, reverse=True)
        timed = Cursor(db, query, patience=60)
        assert [timed.newest(20), timed.newest(300), timed.newest(7, 5), timed.newest(-1)] == [
            plain[:20], plain[:300], plain[5:12], plain,
        ], text  # fmt: skip
        assert timed.reached is None
        hits += len(plain)
    assert hits > 5_000


def test_a_walk_out_of_time_tells_how_far_it_got(db: Database) -> None:
    cut_short = 0
    for text in QUERIES:
        query = parse(text)
        plain = Cursor(db, query).newest(-1)
        hasty = Cursor(db, query, patience=0)
        found = hasty.newest(-1)
        if hasty.reached is None:
            assert found == plain, text
        else:
            assert found == [row for row in plain if row >= hasty.reached], text
            cut_short += len(found) < len(plain)
    assert cut_short > 10


def test_hits_in_little_time_are_the_newest_and_the_rest_is_not_denied(db: Database) -> None:
    for text in QUERIES:
        query = parse(text)
        plain = Cursor(db, query).newest(-1)
        for seconds, least in ((60.0, 0), (0.0, 20), (0.0, 0)):
            with closing(Cursor(db, query, patience=60)) as cursor:
                found, more = cursor.soon(120, seconds, least)
                assert found == plain[: len(found)], text
                assert len(found) >= min(least, len(plain))
                assert more or found == plain, text
                assert not seconds or (found, more) == (plain[:120], len(plain) >= 120), text
        with closing(Cursor(db, query)) as patient:
            assert patient.soon(120, 0.0) == (plain[:120], len(plain) >= 120)


def test_a_search_leaves_nothing_open_that_would_hide_new_articles(tmp_path: Path) -> None:
    made = [Article(f"u{at}", "a", "Tin", published_at=FIRST + timedelta(hours=at)) for at in range(1500)]
    writer = archive_of(tmp_path / "archive.db", made[:-1])
    reader = as_database(sqlite3.connect(tmp_path / "archive.db"))
    gc.disable()
    try:
        assert search(reader, "tin").capped
        insert(writer, 1500, made[-1])
        assert search(reader, "tin").hits[0].id == 1500
        insert(writer, 1501, replace(made[-1], url="u1501", published_at=FIRST + timedelta(days=90)))
        with closing(Cursor(reader, parse("tin"))) as cursor:
            cursor.newest(5)
        (count,) = reader.execute("select count(*) from articles").fetchone()
        assert count == 1501
    finally:
        gc.enable()
    reader.close()
    writer.close()


def test_a_row_number_tells_the_minute() -> None:
    assert minute_of(sort_at(FIRST) + 5) == FIRST


def test_an_archive_in_memory_has_no_words_to_spell_out(tmp_path: Path) -> None:
    memory = as_database(sqlite3.connect(":memory:"))
    assert spelled_out(memory, '{title} : "ch" *') == '{title} : "ch" *'
    memory.close()
