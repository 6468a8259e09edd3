"""Word lists as data: read when first needed, one line a word, a list may name another."""

import re
from pathlib import Path

import pytest

from archive.config import LazyPattern, WordLists

ROOT = Path(__file__).parent.parent


@pytest.fixture
def lists(tmp_path: Path) -> WordLists:
    file = tmp_path / "words.yml"
    file.write_text("# Months\nmonths: |\n  tháng (?:1|2)\n  quý I\ndates: |\n  ngày \\d+ «months»\n  năm\n")
    return WordLists(file)


def test_a_list_is_its_lines(lists: WordLists) -> None:
    assert lists["months"] == ("tháng (?:1|2)", "quý I")


def test_a_pattern_is_made_of_the_lists_it_names(lists: WordLists) -> None:
    assert lists.pattern("^(?:«dates»)$").re.pattern == r"^(?:ngày \d+ tháng (?:1|2)|quý I|năm)$"
    assert lists.pattern("«months»").search("đến THÁNG 2")
    assert not lists.pattern("«months»", flags=0).search("đến THÁNG 2")


def test_nothing_is_read_before_it_is_used(tmp_path: Path) -> None:
    pattern = WordLists(tmp_path / "none.yml").pattern("«months»")
    assert isinstance(pattern, LazyPattern)
    (tmp_path / "none.yml").write_text("months: |\n  tháng\n")
    assert pattern.match("tháng")


NO_LISTS = {"words.yml", "units.yml", "openapi.yml"}


@pytest.mark.parametrize(
    "file",
    sorted(
        f for room in ("archive", "pipelines") for f in (ROOT / room).rglob("*.yml") if f.name not in NO_LISTS
    ),
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_every_line_of_a_shipped_list_compiles(file: Path) -> None:
    from archive.config import load_yaml

    lists = WordLists(file)
    for name in load_yaml(file):
        assert lists[name]
        for line in lists[name]:
            assert line == line.strip(), f"{file.name}: {name}: «{line}» has space at an end"
            re.compile(lists.fill(line))
