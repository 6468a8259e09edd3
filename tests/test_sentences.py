"""Where sentences end: as facts are read, as texts are shown, in folded text, among tokens."""

import pytest

from archive.revisions.tokens import tokens
from archive.sentences import first_sentences, folded_sentences, sentence_ends, sentences
from pipelines.time_limit import time_limit


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_a_title_before_a_name_ends_no_sentence() -> None:
    assert cut("Theo PGS. Lan, TP. Sông Công có 3 dự án. Vốn là 8.503 tỷ đồng! Xong…") == [
        "Theo PGS. Lan, TP. Sông Công có 3 dự án.",
        "Vốn là 8.503 tỷ đồng!",
        "Xong…",
    ]


def test_a_line_end_ends_a_sentence_and_white_space_stays_out() -> None:
    assert cut("  Tít không chấm\n\n Sapo.  “Câu sau.”\n") == ["Tít không chấm", "Sapo.", "“Câu sau.”"]
    assert cut(" \n ") == []


def test_initials_end_no_sentence_that_is_shown() -> None:
    text = "Em Đ. Đ. T. (4 tuổi) ở xóm 9. Anh C.V. H. đến sau."
    assert first_sentences(text, 1) == "Em Đ. Đ. T. (4 tuổi) ở xóm 9."


def test_folded_text_has_no_capitals_to_go_by() -> None:
    assert folded_sentences("theo pgs. lan. het\nxong") == ["theo pgs.", "lan.", "het", "xong"]


def test_sentences_among_tokens() -> None:
    text = "Giá 1.200 đồng. Tăng\nHết"
    found = tokens(text)
    assert [found[end - 1].key for end in sentence_ends(found, text)] == [".", found[-2].key, found[-1].key]
    assert sentence_ends([], "") == []


@pytest.mark.parametrize(
    ("text", "count", "first"),
    [
        ("Một câu. Hai câu. Ba câu.", 2, "Một câu. Hai câu."),
        (
            "Tăng 8.503 tỷ đồng so với TP. Hồ Chí Minh. Câu sau.",
            1,
            "Tăng 8.503 tỷ đồng so với TP. Hồ Chí Minh.",
        ),
        ("Ông Nguyễn V. An nói thế. Rồi thôi.", 1, "Ông Nguyễn V. An nói thế."),
        ("“Làm đi!” Ông nói vậy. Hết.", 2, "“Làm đi!” Ông nói vậy."),
        ("Không có dấu chấm", 2, "Không có dấu chấm"),
        ("", 2, ""),
    ],
)
def test_first_sentences(text: str, count: int, first: str) -> None:
    assert first_sentences(text, count) == first


def test_a_long_lead_is_cut_at_a_word() -> None:
    cut = first_sentences("chữ " * 300, 2)
    assert cut.endswith("chữ…")
    assert len(cut) <= 421


@pytest.mark.parametrize("run", [".", "…", "!?", ".”", ". "])
def test_a_long_run_of_marks_is_read_once(run: str) -> None:
    with time_limit(5):
        assert cut(f"Một câu. Tên {run * 200_000} x\nHai.")[::2] == ["Một câu.", "Hai."]
