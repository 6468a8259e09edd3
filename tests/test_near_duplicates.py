"""Shingles are the same on every machine, blind to accents, and shared by what texts share."""

import random

from archive.model import Article
from pipelines.fingerprint import fingerprint, shingles
from pipelines.item import Context, Item

RANDOM = random.Random(7)
SYLLABLES = [
    a + b for a in ("b", "c", "đ", "gh", "kh", "ng", "ph", "qu", "th", "tr") for b in ("a", "ơn", "iều", "ang")
]


def text(length: int) -> str:
    return " ".join(RANDOM.choice(SYLLABLES) for _ in range(length))


def test_the_numbers_never_change() -> None:
    """They are stored: a change of the hash would part every story in the archive."""
    assert shingles("Thái Nguyên đẩy mạnh chuyển đổi số") == [
        -5411940915120120266,
        -883222879247232522,
        7932429753055536318,
    ]


def test_they_fit_sqlite_and_are_sorted() -> None:
    kept = shingles(text(2000))
    assert kept == sorted(kept)
    assert all(-(2**63) <= one < 2**63 for one in kept)


def test_accents_case_punctuation_and_i_or_y_do_not_matter() -> None:
    assert shingles("Kỹ thuật thuỷ lợi, hoà bình: “mới”") == shingles("kĩ thuật THỦY lợi hòa-bình mới")


def test_a_long_text_keeps_a_sixteenth_and_a_short_one_all() -> None:
    long, short = text(8000), text(200)
    assert 400 < len(shingles(long)) < 600
    assert len(shingles(short)) > 190


def test_a_short_text_meets_the_long_one_it_was_cut_from() -> None:
    long = text(1600)
    part = " ".join(long.split()[300:540])
    assert len(set(shingles(long)) & set(shingles(part))) >= 8


def test_a_sentence_put_between_costs_nothing_else() -> None:
    one, two = text(30), text(30)
    assert set(shingles(f"{one}.\n{two}.")) < set(shingles(f"{one}. Câu chen vào giữa hai câu. {two}."))


def test_empty_and_tiny_texts() -> None:
    assert shingles(" … ") == []
    assert len(shingles("Hai chữ")) == 1


def test_the_stage_reads_lead_and_body() -> None:
    item = Item(
        Article("https://a.example/1", "a", "Tên bài", "Một hai ba bốn năm sáu", "bảy tám chín mười ba bốn")
    )
    fingerprint(item, Context(places=None, topics=None))  # type: ignore[arg-type]
    assert item.shingles == shingles("Một hai ba bốn năm sáu\nbảy tám chín mười ba bốn")
