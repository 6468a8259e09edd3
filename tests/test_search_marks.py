"""What queries found is marked in the original text."""

import pytest

from archive.query import parse
from archive.search.marks import Marked, mark


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
