"""Search finds what a plain scan of the texts finds, shows the original words, filters, ranks and counts."""

import json
import lzma
import os
import random
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.db import SORT_SLOTS, as_database, sort_at
from archive.home import DEFAULTS
from archive.model import Article
from archive.places.gazetteer import load_places
from archive.query import Query, ReadAs, parse
from archive.query.lexicon import Lexicon
from archive.schema import open_archive
from archive.search import candidates
from archive.search.cursor import Cursor
from archive.search.facets import facets, histogram
from archive.search.highlight import Part
from archive.search.lexicon import load_lexicon, outdated, relearn
from archive.search.pairs import build
from archive.search.results import CAP, Results, reindex, search
from archive.text import fold
from tests.search_sample import FIRST, TEXTS, Scan, archive_of, articles, insert, typings

PHRASES = [
    "chuyển đổi số", "khu công nghiệp", "Thái Nguyên", "Sông Công", "hòa giải", "đảng ủy", "điện tử", "chợ mới",
    "cho mọi", "ba năm", "bà năm", "gang thép", "thép", "năm", "quý", "bán dẫn", "khỏe quý",
    "52 nq tw", "1234 qđ ubnd", "8 503", "58 4", "tân cương", "đất đai", "không có trong bài nào",
]  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = archive_of(tmp_path / "archive.db", articles())
    yield db
    db.close()


def found(results: Results) -> set[int]:
    return {hit.id - 1 for hit in results.hits}


@pytest.mark.parametrize("phrase", PHRASES)
def test_same_articles_as_a_plain_scan(db: Database, phrase: str) -> None:
    scan = Scan((title, f"{lead}\n{body}") for title, lead, body in TEXTS)
    for how, typed in typings(phrase).items():
        quoted, bare = parse(f'"{typed}"'), parse(typed)
        apart = parse(typed, how=ReadAs(apart=True))
        for query in (quoted, bare, apart):
            assert found(search(db, query, limit=0)) == scan.with_all(phrases_of(query)), (how, typed)
        assert len(apart.parsed.words) == len(typed.split()), "each for itself"
        if how == "with marks":
            assert found(search(db, quoted, limit=0)) == scan.with_phrase(typed), "as typed, by no code of ours"


def phrases_of(query: Query) -> list[tuple[str, tuple[bool, ...]]]:
    """The words that a query was understood to hold, and which are meant as typed."""
    return [(" ".join(word.syllables), word.exactly) for word in query.parsed.words]


def corpus() -> list[dict[str, str]]:
    folder = os.environ.get("DIEMTIN_SHARED")
    if not folder:
        pytest.skip("DIEMTIN_SHARED is not set: the folder with the corpus of real texts")
    with lzma.open(Path(folder) / "corpus" / "vietnews-20k.jsonl.xz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    return texts if os.environ.get("DIEMTIN_FULL") else texts[::16]


@pytest.mark.timeout(900)
def test_a_hundred_phrases_in_real_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sixteenth of the 20,000 texts, all of them with DIEMTIN_FULL=1 (two minutes); then again by pairs."""
    texts = corpus()
    db = open_archive(tmp_path / "archive.db")
    db.execute("begin")
    for at, one in enumerate(texts):
        article = Article(
            str(at), "a", one["title"], one["lead"], one["body"], published_at=FIRST + timedelta(minutes=at)
        )
        insert(db, at + 1, article)
    db.execute("commit")
    scan = Scan((one["title"], f"{one['lead']}\n{one['body']}") for one in texts)
    first = sort_at(FIRST)
    found: dict[str, list[int]] = {}
    for phrase in random_phrases(texts, 100):
        for how, typed in typings(phrase).items():
            query = parse(f'"{typed}"')
            rows = found[query.text] = Cursor(db, query).newest(-1)
            there = {(row - first) // SORT_SLOTS for row in rows}
            assert there == scan.with_all(phrases_of(query)), (how, typed)
    for phrase in _LEVEL:
        query = parse(f'"{phrase}"')
        rows = found[query.text] = Cursor(db, query).newest(-1)
        assert {(row - first) // SORT_SLOTS for row in rows} == scan.with_phrase(phrase), phrase
    list(build(db))
    monkeypatch.setattr(candidates, "_FEW", 0)
    monkeypatch.setattr(candidates, "READ", 1)
    for text, rows in found.items():
        assert Cursor(db, parse(text)).newest(-1) == rows, f"{text} by pairs"
    db.close()


_LEVEL = [  # typed with marks, some of their syllables bear none and are meant so
    "công an", "thông tin", "an ninh mạng", "hai bà trưng", "an toàn giao thông", "tin tức", "ba người",
    "trong nước", "xe khách", "cao tốc", "thanh niên", "sinh viên", "gia đình", "ma túy", "xe máy",
    "vay vốn", "tham nhũng", "tranh chấp", "khai thác", "giao thông", "nhân dân", "quan hệ", "thi hành án",
    "bay thử", "hoa hậu", "ca sĩ", "ban chỉ đạo", "chung cư", "dân sự", "kinh tế", "tai nạn", "cho biết",
    "hai năm", "gây tai nạn", "không gian", "theo dõi", "khu vực", "trung tâm", "đi lại", "nông dân",
    "sân bay", "thu nhập", "tăng trưởng", "an giang hôm", "nha trang đã", "vui chơi", "ngăn chặn",
    "liên quan", "xin lỗi", "con gái", "người anh", "chi phí", "đưa tin", "gia tăng", "không ai", "ai cũng",
    "tuy nhiên", "công ty", "năm nay", "hôm nay",
]  # fmt: skip


def random_phrases(texts: list[dict[str, str]], count: int) -> list[str]:
    """Two to four words in a row from the texts, half of them with a tone that has two placements."""
    chooser = random.Random(20)
    phrases: dict[str, None] = {}
    while len(phrases) < count:
        words = re.findall(r"[^\W_]+", chooser.choice(texts)["body"])
        if len(words) < 10:
            continue
        at, length = chooser.randrange(len(words) - 4), chooser.randint(2, 4)
        phrase = " ".join(words[at : at + length])
        if len(phrases) % 2 == 0 or re.search(r"[oòóỏõọ][aeàáảãạèéẻẽẹ]\b|[uùúủũụ][yỳýỷỹỵ]\b", phrase):
            phrases[phrase] = None
    return list(phrases)


def test_newest_first_and_pages(db: Database) -> None:
    everything = search(db, "sau:2026", limit=0)
    assert [hit.id for hit in everything.hits] == list(range(len(TEXTS), 0, -1))
    assert everything.total == len(TEXTS)
    second = search(db, "sau:2026", limit=5, offset=5)
    assert [hit.id for hit in second.hits] == [7, 6, 5, 4, 3]
    assert second.total == len(TEXTS)
    assert not second.capped


def test_many_hits_are_counted_up_to_a_cap(tmp_path: Path) -> None:
    made = [
        Article(str(at), "a", f"Tin {at}", published_at=FIRST + timedelta(minutes=at)) for at in range(CAP + 30)
    ]
    db = archive_of(tmp_path / "archive.db", made)
    results = search(db, "tin")
    assert (results.total, results.capped, len(results.hits)) == (CAP, True, 20)
    deep = search(db, "tin", limit=20, offset=CAP - 5)
    assert [hit.id for hit in deep.hits] == list(range(35, 15, -1))
    assert search(db, "tin", limit=0).total == CAP + 30
    some = search(db, "tin", limit=20, counted=False)
    assert (some.total, some.capped, [hit.id for hit in some.hits]) == (20, True, list(range(1030, 1010, -1)))
    assert search(db, '"tin 5"', counted=False).total == 1
    ranked = search(db, "tin", limit=20, offset=CAP - 5, order="relevance")
    assert ranked.window == CAP
    assert [hit.id for hit in ranked.hits][5:] == list(range(30, 15, -1))
    db.close()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("đã:sửa", {2, 6, 10}),
        ("da:go", {2, 8}),
        ("is:edited is:gone", {2}),
        ("đã:sửa,gỡ nguồn:bao-b", {2, 8}),
        ("thép đã:sửa", {6}),
        ("-đã:sửa -đã:gỡ chủ-đề:so", {1, 3, 5, 7, 9, 11}),
        ("đã:sữa", set()),
        ("nguồn:bao-a", {1, 4, 7, 10}),
        ('nguon:"bao bo"', {2, 5, 8, 11}),
        ('nguồn:"báo bờ"', {2, 5, 8, 11}),
        ('nguồn:"bào bờ"', set()),
        ("-nguồn:bao-a,bao-b", {3, 6, 9, 12}),
        ("chủ-đề:so chủ-đề:cong-nghiep", {1, 7}),
        ('topic:"chuyển đổi số" thép', set()),
        ('topic:"cong nghiep"', {1, 4, 7, 10}),
        ('nơi:"sông công"', {3, 10}),
        ("place:song-cong -lấp", {10}),
        ("org:tng", {6}),
        ("org:tng nguồn:bao-a", set()),
        ("nguồn:khong-co", set()),
        ("-công nguồn:bao-b", {2, 5, 8, 11}),
        ("-thép sau:2026-03-02 trước:2026-03-03", {1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12}),
        ("sau:3/3/2026", set()),
        ("trước:2026-03", set()),
        ('-"chợ mơi" nguồn:bao-a', {1, 4, 7, 10}),
        ('-"chợ moi" nguồn:bao-a', {1, 7, 10}),
        ('-"chơ moi" nguồn:bao-a', {1, 4, 7, 10}),
        ('"chợ moi"', {4}),
        ('duong -"cho moi"', set()),
        ('dường OR "mùa chè"', {8}),
        ("title:thép", {6}),
        ('tieu-de:("sông công" OR "bá xuyên")', {3, 10}),
        ('NEAR("gang thép" "ổn định", 2)', {6}),
        ('NEAR("gang thép" "ổn định", 1)', set()),
        ('"chuyển số"~1', {1}),
        ('"chuyển so"~1', {1}),
        ('"chuyển so"~0', set()),
        ("52-NQ/TW", {1}),
        ("1234/QĐ-UBND", {7}),
        ("8.503", {3}),
        ("58,4%", {3}),
        ("toasoan@example.vn", {7}),
        ("https://example.vn/tin?id=7", {7}),
        ("hoà*", {5}),
        ("chuy*", {1, 2, 8}),
        ("🤖", {10}),
        ("-thép", set()),
        ("OR", set()),
    ],
)
def test_queries(db: Database, query: str, ids: set[int]) -> None:
    assert {hit.id for hit in search(db, query, limit=0).hits} == ids


def test_arguments_narrow_a_query(db: Database) -> None:
    assert found(search(db, "thép", source="bao-a")) == set()
    assert found(search(db, "cong", topic=["so", "cong-nghiep"], place="Sông Công")) == {2, 9}
    assert found(
        search(db, "sau:2026", since=FIRST + timedelta(hours=2), until=FIRST + timedelta(hours=4))
    ) == {2, 3}
    with pytest.raises(ValueError, match="newest or relevance"):
        search(db, "thép", order="oldest")


class Renamed:
    def names_for(self, name: str) -> tuple[str, ...]:
        return ("Sông Công", "Bá Xuyên") if fold(name) == "ba xuyen" else ()


def test_a_place_is_found_by_its_old_name(db: Database) -> None:
    assert found(search(db, "ba xuyen")) == {9}
    results = search(db, "ba xuyen", places=Renamed())
    assert found(results) == {2, 9}
    assert "«Sông Công»" in results.understood


def test_relevance_puts_titles_and_rows_first(tmp_path: Path) -> None:
    texts = [
        ("Chuyển đổi số ở xã", "Tin."),
        ("Tin khác", "Về chuyển đổi số."),
        ("Tin nữa", "Số bò đổi chủ, chuyển nhà."),
    ]
    made = [
        Article(str(at), "a", *text, published_at=FIRST + timedelta(days=at)) for at, text in enumerate(texts)
    ]
    db = archive_of(tmp_path / "archive.db", made)
    assert [hit.id for hit in search(db, "chuyen doi so").hits] == [2, 1]
    apart = parse("chuyen doi so", how=ReadAs(apart=True))
    assert [hit.id for hit in search(db, apart).hits] == [3, 2, 1]
    results = search(db, apart, order="relevance")
    assert [hit.id for hit in results.hits] == [1, 2, 3]
    assert results.window == 3
    db.close()


def marked(parts: list[Part]) -> list[str]:
    return [part.text for part in parts if part.marked]


def test_marks_stand_in_the_original_text(db: Database) -> None:
    hit = search(db, '"chuyen doi so" nguồn:bao-a').hits[0]
    assert marked(hit.title_parts) == ["chuyển đổi số"]
    assert "".join(part.text for part in hit.title_parts) == hit.title
    hit = search(db, '"chợ moi"').hits[0]
    assert marked(hit.title_parts) == ["Chợ Mới"]
    assert marked(hit.snippet_parts) == []
    hit = search(db, "hòa khỏe").hits[0]
    assert marked(hit.snippet_parts) == ["hoà", "hòa", "khoẻ"]
    assert "Đảng ủy phường bàn về hoà giải. Tổ hòa giải khoẻ" in hit.snippet


def test_a_snippet_is_cut_around_the_words(tmp_path: Path) -> None:
    body = (
        "Đoạn đầu không có gì. " * 40 + "Rồi đến <b>mỏ sắt Trại Cau</b> ở giữa. " + "Đoạn cuối cũng vậy. " * 40
    )
    made = [Article("u", "a", "Tin", "", body, published_at=FIRST)]
    db = archive_of(tmp_path / "archive.db", made)
    hit = search(db, "trai cau").hits[0]
    assert hit.snippet.startswith("… Rồi đến <b>mỏ sắt Trại Cau</b>")
    assert hit.snippet.endswith(" …")
    assert len(hit.snippet) < 260
    db.close()


def test_facets_and_histogram(db: Database) -> None:
    counted = facets(db, Cursor(db, parse("sau:2026")))
    assert (counted.counted, counted.capped) == (12, False)
    assert next((one.key, one.name, one.hits) for one in counted.counts["source"]) == ("bao-a", "Báo A", 4)
    assert [(one.name, one.hits) for one in counted.counts["topic"]] == [
        ("Chuyển đổi số", 6),
        ("Công nghiệp", 4),
    ]
    assert [(one.name, one.hits) for one in counted.counts["place"]] == [("Sông Công", 2)]
    assert [(one.name, one.hits) for one in counted.counts["org"]] == [("TNG", 1)]
    assert histogram(Cursor(db, parse("sau:2026"))).bars == [(date(2026, 3, 2), 12)]
    month = histogram(Cursor(db, parse("sau:2026")), step="month")
    assert month.bars == [(date(2026, 3, 1), 12)]
    assert histogram(Cursor(db, parse("không-có-đâu"))).bars == []


def test_bars_have_no_gaps_and_days_are_those_of_hanoi(tmp_path: Path) -> None:
    days = (timedelta(0), timedelta(hours=15, minutes=59), timedelta(hours=16), timedelta(days=3))
    made = [Article(str(at), "a", "Tin", published_at=FIRST + later) for at, later in enumerate(days)]
    db = archive_of(tmp_path / "archive.db", made)
    bars = histogram(Cursor(db, parse("tin"))).bars
    assert bars == [(date(2026, 3, 2), 2), (date(2026, 3, 3), 1), (date(2026, 3, 4), 0), (date(2026, 3, 5), 1)]
    assert histogram(Cursor(db, parse("tin")), step="week").bars == [(date(2026, 3, 2), 4)]
    db.close()


def test_reindex_gives_the_same_index_again(db: Database) -> None:
    before = {
        query: found(search(db, query, limit=0)) for query in ("chuyen doi so", "hòa", "thép", '"chợ moi"')
    }
    db.execute("insert into articles_fts (articles_fts) values ('delete-all')")
    assert not found(search(db, "thép"))
    assert reindex(db) == len(TEXTS)
    assert {query: found(search(db, query, limit=0)) for query in before} == before
    db.execute("delete from articles where id = 6")
    assert not found(search(db, "thép"))
    db.execute("insert into articles_fts (articles_fts) values ('integrity-check')")


def test_an_edit_is_found_by_its_new_words_only(db: Database) -> None:
    db.execute("update articles set title = 'Quặng tăng', lead = '', body = '' where id = 6")
    assert found(search(db, "quang tang")) == {5}
    assert not found(search(db, "thép"))


def test_search_reads_a_connection_without_our_functions(db: Database, tmp_path: Path) -> None:
    other = as_database(sqlite3.connect(f"file:{tmp_path / 'archive.db'}?mode=ro", uri=True))
    assert found(search(other, '"chợ moi" nguồn:bao-a')) == {3}
    other.close()


def test_bad_input_is_answered(db: Database) -> None:
    for text in (
        "'; drop table articles; --",
        "<script>alert(1)</script>",
        "x" * 10_000,
        '"' * 99,
        "()" * 50,
        "\0",
        "NEAR(",
    ):
        assert search(db, text).understood


def test_words_of_the_archive_are_learned_once_a_day(tmp_path: Path) -> None:
    told = ["ra mỏ Trại Cau đào", "thợ ở Trại Cau về", "lò Trại Cau"] * 8 + [
        "Trời mưa lớn ở xã",
        "Nước lên đường",
    ] * 200
    made = [
        Article(f"u{at}", "a", title, published_at=FIRST + timedelta(hours=at)) for at, title in enumerate(told)
    ]
    db, now = archive_of(tmp_path / "archive.db", made), FIRST
    places = load_places(DEFAULTS / "places.yml")
    assert outdated(db, now)
    assert cut(parse("tho trai cau lam", how=ReadAs(Lexicon()))) == ["tho", "trai", "cau", "lam"]
    assert relearn(db, now) > 0
    assert not outdated(db, now + timedelta(hours=23))
    assert outdated(db, now + timedelta(days=1))
    known = load_lexicon(db, places)
    assert cut(parse("tho trai cau lam", how=ReadAs(known))) == ["tho", "trai cau", "lam"]
    assert cut(parse("phu binh lam", how=ReadAs(known))) == ["phu binh", "lam"], "a place of places.yml"
    assert found(search(db, "tho trai cau", lexicon=known, limit=0)) == set(range(1, 24, 3))
    db.close()


def cut(query: Query) -> list[str]:
    return [words for words, _ in phrases_of(query)]
