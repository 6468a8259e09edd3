"""Letters made comparable, and words cut where the index cuts them."""

import sqlite3
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.text import TOKENIZER, fold, key, marked, nfc, norm, safe_url, words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hoà", "hòa"), ("Hoà", "Hòa"), ("HOÀ", "HÒA"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"),
        ("Đảng uỷ", "Đảng ủy"), ("hoà_x", "hòa_x"), ("hòa", "hòa"), ("quý", "quý"), ("Quỹ", "Quỹ"),
        ("QUÝ", "QUÝ"), ("hoàn", "hoàn"),
        ("ngoài", "ngoài"), ("toàn", "toàn"), ("Ðiện", "Điện"),
    ],
)  # fmt: skip
def test_one_tone_placement(old: str, new: str) -> None:
    assert norm(old) == new
    assert norm(unicodedata.normalize("NFD", old)) == new


def test_fold_takes_all_marks_and_keeps_the_length() -> None:
    assert fold("Chuyển ĐỔI số, Ðồng Hỷ") == "chuyen doi so, dong hy"
    assert key("«Chuyển đổi» 52-NQ/TW") == " chuyen doi  52 nq tw"


@given(st.text(max_size=40))
def test_every_form_has_the_length_of_nfc(text: str) -> None:
    assert len(fold(text)) == len(key(text)) == len(norm(text)) == len(nfc(text))


@pytest.mark.parametrize(
    ("word", "yes"), [("so", False), ("số", True), ("đ", True), ("UBND", False), ("QĐ", True)]
)
def test_marked(word: str, yes: bool) -> None:
    assert marked(word) is yes


def test_words_of_numbers_and_addresses() -> None:
    assert words("52-NQ/TW; 8.503 tỷ, 58,4% a@b.vn") == [
        "52",
        "NQ",
        "TW",
        "8",
        "503",
        "tỷ",
        "58",
        "4",
        "a",
        "b",
        "vn",
    ]
    assert words("x_y\u00a0z\u200bt 😀 \u0301a") == ["x", "y", "z", "t", "a"]


def indexed(text: str) -> int:
    """How many words the index makes of a text."""
    db = sqlite3.connect(":memory:")
    db.execute(f"create virtual table t using fts5(text, tokenize='{TOKENIZER}')")
    db.execute("create virtual table terms using fts5vocab(t, 'instance')")
    db.execute("insert into t values (?)", (nfc(text),))
    (count,) = db.execute("select count(*) from terms").fetchone()
    db.close()
    return int(count)


@pytest.mark.parametrize("first", [0x20, 0x80, 0x100, 0x180, 0x200, 0x1EA0])
def test_latin_letters_are_cut_as_the_index_cuts_them(first: int) -> None:
    letters = [chr(code) for code in range(first, first + 0x60)]
    text = " ".join(f"{letter}x x{letter}x" for letter in letters)
    assert len(words(text)) == indexed(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_words_are_those_of_the_index(text: str) -> None:
    assert len(words(text)) == indexed(text)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:x", "data:text/html,x",
     "//evil.example/x", "https://", "http://[", "/bai/1", "", None, "https://a.example/\nb"],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert safe_url(url) is None


def test_web_addresses_stay_as_they_are() -> None:
    assert safe_url("https://a.example/tin-tức?x=1&y=2") == "https://a.example/tin-tức?x=1&y=2"
