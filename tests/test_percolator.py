"""The percolator finds for each article exactly the queries whose search finds the article."""

import random
import re
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Article
from archive.query import Query, parse
from archive.search.filters import load_names
from archive.search.highlight import mark
from archive.search.percolator import Percolator
from archive.search.results import search
from archive.text import fold
from tests.search_sample import FIRST, TEXTS, archive_of, articles

QUERIES = [
    "thép", "thep", '"chợ moi"', '-"chợ moi" nguồn:bao-a', "-công nguồn:bao-b", 'nguồn:"báo bờ"',
    "chủ-đề:so", 'chủ-đề:"chuyển đổi số"', "nơi:song-cong", "org:tng -nguồn:bao-a",
    "sau:2026-03-02 trước:2026-03-03",
    "sau:2026-04", "chuy*", "hoà*", "52-NQ/TW", 'NEAR("gang thép" "ổn định", 2)', '"chuyển so"~1',
    "title:thép", "OR", "-thép", "🤖",
    "đã:sửa", "da:go", "is:edited,gone thép", "-đã:sửa -đã:gỡ", "chuyen -đã:gỡ", "đã:sữa", "dấu:chọn",
    "-mức:nhắc",
]  # fmt: skip


def test_percolator_is_search(tmp_path: Path) -> None:
    made = articles()
    db = archive_of(tmp_path / "archive.db", made)
    percolator = Percolator({text: parse(text) for text in QUERIES}, load_names(db))
    by_article = percolator.match(made)
    for text in QUERIES:
        searched = {hit.id - 1 for hit in search(db, text, limit=0).hits}
        assert {at for at, names in enumerate(by_article) if text in names} == searched, text
    db.close()


WORDS = sorted({word for texts in TEXTS for text in texts for word in re.findall(r"[^\W_]+", text)})


def random_query(chooser: random.Random, depth: int = 2) -> str:
    words = [chooser.choice(WORDS) for _ in range(chooser.randint(1, 3))]
    words = [fold(word) if chooser.random() < 0.4 else word for word in words]
    kind = chooser.randrange(8 if depth else 4)
    if kind == 0:
        return f'"{" ".join(words)}"'
    if kind == 1:
        return f'"{" ".join(words)}"~{chooser.randrange(4)}'
    if kind == 2:
        return f"{words[0][:2]}*"
    if kind == 3:
        return f"title:{words[0]}"
    sides = [random_query(chooser, depth - 1) for _ in range(2)]
    return [
        " ".join(words),
        f"{words[0]} -({sides[0]})",
        f"({sides[0]} OR {sides[1]})",
        f"({sides[0]}) {sides[1]}",
    ][kind - 4]


def test_percolator_is_search_for_random_queries_and_texts(tmp_path: Path) -> None:
    chooser = random.Random(7)
    pool = WORDS[:60]
    made = [
        Article(
            str(at),
            "a",
            " ".join(chooser.choices(pool, k=5)),
            "",
            " ".join(chooser.choices(pool, k=40)),
            published_at=FIRST + timedelta(minutes=at),
        )
        for at in range(60)
    ]
    made += articles()
    queries = [random_query(chooser) for _ in range(400)]
    db = archive_of(tmp_path / "archive.db", made)
    by_article = Percolator({text: parse(text) for text in queries}).match(made)
    assert sum(map(len, by_article)) > 1000
    for text in queries:
        searched = {hit.id - 1 for hit in search(db, text, limit=0).hits}
        assert {at for at, names in enumerate(by_article) if text in names} == searched, text
    db.close()


def test_batches_follow_one_another() -> None:
    made = articles()
    percolator = Percolator({"thép": parse("thép"), "số": parse("chuyen doi so")})
    assert [percolator.match([article])[0] for article in made] == percolator.match(made)
    assert percolator.match([]) == []
    assert Percolator({}).match(made) == [set() for _ in made]


def test_an_article_without_a_time_satisfies_no_day() -> None:
    article = Article("u", "a", "Thép")
    percolator = Percolator({"any": parse("thép"), "day": parse("thép sau:2020")})
    assert percolator.match([article]) == [{"any"}]


def matched_words(query: Query, text: str) -> list[str]:
    """The words of a text, as it writes them, that a query matches."""
    return [part.text for part in mark(text, [query]).parts() if part.marked]


def test_matched_words_are_the_articles_own() -> None:
    first, stall = articles()[0], articles()[3]
    words = matched_words(parse('"chuyen doi so" OR grdp'), f"{first.title}\n{first.text}")
    assert list(dict.fromkeys(words)) == ["chuyển đổi số", "GRDP"]
    assert set(matched_words(parse('"chợ moi"'), f"{stall.title}\n{stall.text}")) == {"Chợ Mới"}
    assert matched_words(parse("nguồn:a -thép"), stall.text) == []
    assert matched_words(parse("duong"), stall.title) == ["đường"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=30))
def test_any_text_and_query(text: str, query: str) -> None:
    article = Article("u", "a", text[:10], "", text)
    (names,) = Percolator({"q": parse(query), "own": parse(f'"{text[:10]}"')}).match([article])
    assert names <= {"q", "own"}
    assert all(matched_words(parse(query), article.text))


def test_a_word_too_long_for_the_index_spoils_no_other_article() -> None:
    """FTS5 cuts a word at 32 kB, within a letter of several bytes."""
    marks = Article("https://a.vn/1", "a", "Tin", body="a" + "\u0301" * 40_000)
    other = Article("https://a.vn/2", "a", "Chuyển đổi số", body="ở Thái Nguyên")
    assert Percolator({"q": parse("chuyển đổi số")}).match([marks, other]) == [set(), {"q"}]
