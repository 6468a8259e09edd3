"""What queries match is marked in the original text; a snippet from its head is the one of the whole text."""

import random

import pytest

from archive.query import parse
from archive.search import highlight
from archive.search.highlight import Marked, Part, as_html, as_text, in_one, mark
from tests.search_sample import TEXTS


def test_the_head_gives_what_the_whole_text_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    chooser = random.Random(3)
    words = [word for texts in TEXTS for text in texts for word in text.split()]
    cases = []
    for _ in range(300):
        text = " ".join(chooser.choices(words, k=chooser.choice([50, 240, 400, 900])))
        query = parse(" ".join(chooser.choices(words, k=chooser.randint(1, 3))))
        cases.append((text, query.terms, query.rows))
    quick = [highlight.snippet(*case) for case in cases]
    monkeypatch.setattr(highlight, "HEAD", 10**9)
    assert quick == [highlight.snippet(*case) for case in cases]


@pytest.mark.parametrize(
    ("queries", "text", "shown"),
    [
        (['"khu cong nghiep"'], "Khu công nghiệp Sông Bằng", "[Khu công nghiệp] Sông Bằng"),
        (["chuyen doi so"], "Hồ sơ chuyển đổi số", "Hồ sơ [chuyển đổi số]"),
        (["nhà máy -thép"], "Nhà máy, nhà ở và thép", "[Nhà máy], nhà ở và thép"),
        (["hoà"], "Thái Hòa và thái hoà", "Thái [Hòa] và thái [hoà]"),
        (["công*"], "Công nhân", "[Công] nhân"),
        (['"khu công"', '"công nghiệp"'], "Khu công nghiệp", "[Khu công nghiệp]"),
        (["topic:fdi"], "Vốn FDI", "Vốn FDI"),
    ],
)
def test_matches_are_marked_by_the_rules_of_search(queries: list[str], text: str, shown: str) -> None:
    marked = mark(text, [parse(query) for query in queries])
    assert "".join(f"[{piece}]" if hit else piece for piece, hit in marked.parts()) == shown


def test_a_piece_of_a_marked_text_keeps_its_marks() -> None:
    whole = Marked("nhà máy\nmáy móc", [(4, 11), (12, 15)])
    assert whole.piece(0, 7) == Marked("nhà máy", [(4, 7)])
    assert whole.piece(8, 15) == Marked("máy móc", [(0, 3), (4, 7)])


def test_marked_words_are_shown_in_html_and_on_a_terminal() -> None:
    parts = [Part("<b> ", False), Part("nhà", True), Part(" ", False), Part("máy", True), Part("!", False)]
    assert as_html(parts) == "&lt;b&gt; <mark>nhà</mark> <mark>máy</mark>!"
    assert as_html(in_one(parts)) == "&lt;b&gt; <mark>nhà máy</mark>!"
    assert as_text(parts) == "<b> «nhà» «máy»!"
