"""A query looked for in one text: the quick look occurs what the thorough one occurs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.query.tree import Phrase
from archive.search.match import FoldedText, occurs, spans

SYLLABLES = [
    "khu",
    "công",
    "cong",
    "CÔNG",
    "nghiệp",
    "nghiep",
    "hoà",
    "hòa",
    "Hoà",
    "hoa",
    "quý",
    "thuỷ",
    "đại",
    "dai",
]
BETWEEN = [" ", "  ", "\n", ", ", ". ", "-", " - ", "(", "“", "_", "\u200b"]


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(BETWEEN), st.sampled_from(SYLLABLES)), max_size=12),
    st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=3),
    st.booleans(),
)
def test_the_quick_look_agrees_with_the_thorough_one(
    text: list[tuple[str, str]], asked: list[str], prefix: bool
) -> None:
    words = [*asked[:-1], asked[-1][:2]] if prefix else asked
    phrase = Phrase(tuple(words), prefix=prefix)
    page = FoldedText("".join(between + syllable for between, syllable in text))
    assert occurs(phrase, page) == bool(spans(phrase, page))


@pytest.mark.parametrize(
    ("asked", "text", "there"),
    [
        ("khu công nghiệp", "Các khu công nghiệp.", True),
        ("khu công nghiệp", "Các khu công nghiệpx", False),
        ("khu công nghiệp", "Khu cộng nghiệp", False),
        ("hòa bình", "Thành phố Hoà Bình", True),
        ("thai nguyên", "(Thái Nguyên)", True),
        ("hoa hoà", "hoa hoa hoà", True),
    ],
)
def test_a_phrase_in_a_text(asked: str, text: str, there: bool) -> None:
    phrase = Phrase(tuple(asked.split()))
    assert occurs(phrase, FoldedText(text)) is there
    assert bool(spans(phrase, FoldedText(text))) is there
