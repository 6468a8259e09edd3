"""The query language: what a typed text comes to, and that any text comes to something."""

import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.clock import HANOI
from archive.query import Filter, ReadAs, match_expression, parse
from archive.text import TOKENIZER, fold

SONG_CONG = ("Sông Công", "Bá Xuyên")


class OnePlace:
    def names_for(self, name: str) -> tuple[str, ...]:
        return SONG_CONG if name.lower() in ("sông công", "song cong") else ()


EXACT, FOLDED = "{title body} : ", "{title_f body_f} : "


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("số", EXACT + '"số"'),
        ("so", FOLDED + '"so"'),
        ("SỐ", EXACT + '"SỐ"'),
        ("đien", EXACT + '"đien"'),
        ("Ðien", EXACT + '"Đien"'),
        ("hoà", EXACT + '"hòa"'),
        ("ho\u0061\u0300", EXACT + '"hòa"'),
        ("quý", EXACT + '"quý"'),
        ("số so", f'({EXACT}"số" AND {FOLDED}"so")'),
        ('"chuyển đổi số"', EXACT + '"chuyển đổi số"'),
        ("“chuyển đổi số”", EXACT + '"chuyển đổi số"'),
        ("«chuyen doi so»", FOLDED + '"chuyen doi so"'),
        ("thép OR gang", f'({EXACT}"thép" OR {EXACT}"gang")'),
        ("thép HOẶC gang", f'({EXACT}"thép" OR {EXACT}"gang")'),
        ("a b | c", f'(({FOLDED}"a" AND {FOLDED}"b") OR {FOLDED}"c")'),
        ("a (b OR c)", f'({FOLDED}"a" AND ({FOLDED}"b" OR {FOLDED}"c"))'),
        ("a hoặc b", f'({EXACT}"a" AND {EXACT}"hoặc" AND {FOLDED}"b")'),
        ('a -b -"c d"', f'({FOLDED}"a" NOT ({FOLDED}"b" OR {FOLDED}"c d"))'),
        ("a NOT b", f'({FOLDED}"a" NOT {FOLDED}"b")'),
        ("a AND b", f'({FOLDED}"a" AND {FOLDED}"b")'),
        ("a - b", f'({FOLDED}"a" AND {FOLDED}"b")'),
        ("a a", FOLDED + '"a"'),
        ("chuy*", FOLDED + '"chuy" *'),
        ('"công nghệ số"*', EXACT + '"công nghệ số" *'),
        ('"cong ng*"', FOLDED + '"cong ng" *'),
        ("hoà*", f'({EXACT}"hòa" * OR {EXACT}"hoà" *)'),
        ('"a b"~3', FOLDED + 'NEAR("a" "b", 3)'),
        ('NEAR(a "b c", 5)', FOLDED + 'NEAR("a" "b c", 5)'),
        ("NEAR(a, b)", FOLDED + 'NEAR("a" "b", 10)'),
        ("title:thép", '{title} : "thép"'),
        ("tiêu đề:thep", '{title_f} : "thep"'),
        ('tieu-de:("a b" OR c)', '({title_f} : "a b" OR {title_f} : "c")'),
        ("52-NQ/TW", FOLDED + '"52 nq tw"'),
        ("8.503", FOLDED + '"8 503"'),
        ("58,4%", FOLDED + '"58 4"'),
        ("gang,thep", f'({FOLDED}"gang" AND {FOLDED}"thep")'),
        ("toasoan@bao.vn", FOLDED + '"toasoan bao vn"'),
        ("https://bao.vn/a?b=1", FOLDED + '"https bao vn a b 1"'),
        ("title: x", f'({FOLDED}"title" AND {FOLDED}"x")'),
    ],
)
def test_expression(text: str, expression: str) -> None:
    query = parse(text)
    assert query.fts == expression
    assert query.certain == query.fts
    assert not query.problem


def test_a_phrase_with_and_without_marks_is_wide_and_sure() -> None:
    query = parse('"chuyển đổi so"')
    assert query.fts == f'({FOLDED}"chuyen doi so" AND {EXACT}"chuyển đổi")'
    assert query.certain == EXACT + '"chuyển đổi so"'
    excluded = parse('b -"chuyển doi"')
    assert excluded.fts == f'({FOLDED}"b" NOT {EXACT}"chuyển doi")'
    assert excluded.certain == f'({FOLDED}"b" NOT ({FOLDED}"chuyen doi" AND {EXACT}"chuyển"))'


def test_figures_in_a_phrase_are_the_same_with_and_without_marks() -> None:
    assert parse('"đổi mới 4.0"').fts == EXACT + '"đổi mới 4 0"'


def test_filters_and_days() -> None:
    query = parse('thép nguồn:vnexpress,dantri -chủ-đề:fdi nơi:"Phổ Yên" org:TNG sau:2026-01 trước:31/1/2026')
    assert query.fts == EXACT + '"thép"'
    assert query.filters == (
        Filter("source", ("vnexpress", "dantri")),
        Filter("topic", ("fdi",), negated=True),
        Filter("place", ("Phổ Yên",)),
        Filter("org", ("TNG",)),
    )
    assert query.after == datetime(2026, 1, 1, tzinfo=HANOI)
    assert query.before == datetime(2026, 1, 31, tzinfo=HANOI)
    assert not query.problem


@pytest.mark.parametrize(
    ("text", "asked", "says"),
    [
        ("đã:sửa", Filter("state", ("edited",)), "chỉ bài đã sửa."),
        ("Da:SUA,", Filter("state", ("edited",)), "chỉ bài đã sửa."),
        ('is:"edited"', Filter("state", ("edited",)), "chỉ bài đã sửa."),
        ("-đã:gỡ", Filter("state", ("gone",), negated=True), "trừ bài đã gỡ."),
        ("(đã:sửa OR da:go)", Filter("state", ("edited", "gone")), "chỉ bài đã sửa hoặc đã gỡ."),
        ("mức:nhắc", Filter("level", ("nhắc",)), "mức «nhắc»."),
        ("dấu:chọn", Filter("mark", ("chosen",)), "chỉ bài đã chọn ở bàn điểm tin."),
        ("mark:starred", Filter("mark", ("starred",)), "chỉ bài nổi bật ở bàn điểm tin."),
        ('dau:"noi bat"', Filter("mark", ("starred",)), "chỉ bài nổi bật ở bàn điểm tin."),
        (
            "-dấu:bỏ",
            Filter("mark", ("left", "irrelevant"), negated=True),
            "trừ bài để lại hoặc không liên quan",
        ),
    ],
)
def test_states_levels_and_marks(text: str, asked: Filter, says: str) -> None:
    query = parse(text, desk=True)
    assert (query.fts, query.filters, query.problem) == ("", (asked,), "")
    assert f"Mọi bài; {says}" in query.understood
    assert "All articles; " in query.understood_en


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("đã:sữa rồi", "đã-sữa rồi"),
        ("is:it -is:not", "is-it -is-not"),
        ("dấu:hỏi", "dấu-hỏi"),
        ('đã:"sửa xong"', 'đã "sửa xong"'),
        ("đã:(sửa)", "đã (sửa)"),
        ("Đã: sửa", "Đã sửa"),
    ],
)
def test_what_is_no_state_is_ordinary_text(text: str, plain: str) -> None:
    assert parse(text).fts == parse(plain).fts
    assert not parse(text).filters


def test_without_a_desk_its_marks_are_ordinary_text() -> None:
    assert parse("dấu:chọn").fts == EXACT + '"dấu chọn"'
    assert not parse("dấu:chọn").filters
    assert match_expression("đã:sửa thép") == EXACT + '"thép"'


def test_filters_alone_are_a_query_and_or_joins_those_of_one_field() -> None:
    query = parse("(nguon:a OR nguon:b) truoc:2026")
    assert query.fts == ""
    assert not query.blank
    assert query.filters == (Filter("source", ("a", "b")),)
    assert query.before == datetime(2025, 12, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Không có chữ"),
        ("😀", "Không có chữ"),
        ("OR", "Không có chữ"),
        ('"', "dấu ngoặc kép"),
        ('thép "gang', "dấu ngoặc kép"),
        ("(thép", "dấu ngoặc đơn"),
        ("thép))", "dấu ngoặc đơn"),
        ("(" * 5000 + "thép" + ")" * 5000, "dấu ngoặc đơn"),
        ("-thép", "Chỉ có phần loại trừ"),
        ("thép OR -gang", "đứng cạnh một từ"),
        ("thép OR nguồn:a", "áp dụng cho cả câu"),
        ("thép sau:mai", "Không hiểu ngày «mai»"),
        ("thép sau:2026-02-30", "Không hiểu ngày"),
        ("thép t*", "quá ngắn"),
        ("thép " * 2000, "100 chữ đầu"),
        ("thép-" * 2000, "100 chữ đầu"),
        ("thép đã:sữa", "«đã:sữa» được tìm như chữ thường"),
        ("thép is:new,gone", "«is:new,gone» được tìm như chữ thường"),
        ("thép dấu:chọn", "«dấu:chọn» được tìm như chữ thường"),
    ],
)
def test_what_cannot_be_used_is_said(text: str, says: str) -> None:
    query = parse(text)
    assert says in query.problem
    assert query.problem_en
    assert ("thép" in query.fts) == ("thép" in text and text != "-thép")


def test_understood_in_plain_words() -> None:
    assert parse("chuyển đổi so").understood == (
        "Bài có «chuyển đổi so» (liền nhau, đúng dấu, riêng «so» mọi dấu)."
    )
    assert parse("mưa thai nguyen").understood == (
        "Bài có «mưa» (đúng dấu) và «thai nguyen» (liền nhau, mọi dấu)."
    )
    assert parse("công an").understood == "Bài có «công an» (liền nhau, đúng dấu, «an» là chữ không dấu)."
    assert parse('52-NQ/TW -"công nghệ"').understood == (
        "Bài có «52-NQ/TW» (mọi dấu) và không có «công nghệ» (đúng dấu)."
    )
    assert (
        parse("nguồn:vnexpress sau:2026-01-31").understood == "Mọi bài; nguồn «vnexpress»; từ ngày 31/1/2026."
    )
    assert parse("title:thép").understood_en == "Articles with «thép» (marks as typed, in the title)."


def test_places_expand_to_their_other_names() -> None:
    query = parse("dự án Sông Công", OnePlace())
    assert query.fts == f'({EXACT}"dự án" AND ({EXACT}"Sông Công" OR {EXACT}"Bá Xuyên"))'
    apart = parse("dự án Sông Công", OnePlace(), ReadAs(apart=True))
    assert apart.fts == (
        f'({EXACT}"dự" AND {EXACT}"án" AND (({EXACT}"Sông" AND {EXACT}"Công") OR {EXACT}"Bá Xuyên"))'
    )
    assert "kể cả tên cũ và mới: «Bá Xuyên»" in query.understood
    assert "Bá Xuyên" not in parse("dự án Sông Công").fts
    assert parse('-"song cong" x', OnePlace()).fts.endswith(f'NOT ({FOLDED}"song cong" OR {EXACT}"Bá Xuyên"))')
    assert parse('nơi:"song cong"', OnePlace()).filters == (Filter("place", ("song cong", *SONG_CONG)),)


def test_words_side_by_side_make_a_row_for_ranking() -> None:
    assert [row.words for row in parse("thép mới").rows] == [("thép", "mới")]
    assert [row.words for row in parse("chuyển đổi số thép").rows] == [("chuyển", "đổi", "số", "thép")]
    assert parse("chuyển đổi số").rows == (), "a phrase already"
    assert parse("thép OR gang").rows == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("52-NQ/TW", [1]),
        ("chuyen doi so", [1, 2]),
        ("chuyển đổi số", [1]),
        ("chuyển số", [1]),
        ('"', []),
        ("nguồn:x", []),
        ("-a", []),
        ("", []),
    ],
)
def test_stock_search_box_expression(text: str, found: list[int]) -> None:
    """What the page would find; what names no word to look for finds nothing, and is no error."""
    db = sqlite3.connect(":memory:")
    db.execute(f"create virtual table t using fts5(title, body, title_f, body_f, tokenize='{TOKENIZER}')")
    for row, body in ((1, "Nghị quyết 52-NQ/TW về chuyển đổi số"), (2, "chuyên đổi so")):
        db.execute("insert into t (rowid, body, body_f) values (?, ?, ?)", (row, body, fold(body)))
    rows = db.execute("select rowid from t where t match ? order by rowid", (match_expression(text),))
    assert [row for (row,) in rows] == found
    db.close()


PIECES = [
    "chuyển", "so", "Đ", "hoà*", '"', "“", "(", ")", "-", "OR", "HOẶC", "AND", "NOT", "NEAR(",
    '"a b"~2', ", 3)",
    "*", "title:", "nguồn:a", "nguồn:", "sau:2026", "trước:x", "nơi:", "^", ":", "{title}", "+", "'",
    "\\", "--",
    "52-NQ/TW", "8.503", "😀", "🤖", "\u0301", "x\u0323", "\0", "ſ", "İ", " ", "\u00a0", "\u200b",
    "column:x", ";",
]  # fmt: skip
rows_of_pieces = st.lists(st.sampled_from(PIECES), max_size=14)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), rows_of_pieces.map("".join), rows_of_pieces.map(" ".join)))
def test_any_text_is_a_query_that_the_index_accepts(text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute(f"create virtual table t using fts5(title, body, title_f, body_f, tokenize='{TOKENIZER}')")
    query = parse(text, OnePlace())
    assert query.understood
    assert query.understood_en
    for expression in (query.fts, query.certain, query.without, query.without_certain, match_expression(text)):
        if expression:
            db.execute("select 1 from t where t match ?", (expression,)).fetchall()
    db.close()


def test_lone_surrogates_and_long_queries() -> None:
    assert parse("a\udcffb").fts == f'({FOLDED}"a" AND {FOLDED}"b")'
    for text in (
        "x" * 10_000,
        "số " * 5000,
        '"' * 9999,
        "-" * 10_000,
        "NEAR(" * 2000,
        "a OR " * 2000,
        "-(" * 5000,
    ):
        assert parse(text).understood
