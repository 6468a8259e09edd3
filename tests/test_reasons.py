"""Stored reasons: codes with parameters, whose sentences are in words.yml in both languages."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.i18n import LANGUAGES, Words, entries
from archive.reasons import parse, reason

ROOT = Path(__file__).parent.parent
FILES = sorted(path for room in ("archive", "pipelines", "crawler") for path in (ROOT / room).rglob("*.py"))


def raised() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Each reason that the code gives: where, its code, the names of its parameters."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(ast.Name("reason"), [ast.Constant(str(code)), *_], keywords):
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield where, code, frozenset(word.arg or "**" for word in keywords)


@pytest.mark.parametrize(("where", "code", "names"), [*raised()])
def test_every_reason_has_a_sentence_filled_by_its_parameters(
    where: str, code: str, names: frozenset[str]
) -> None:
    key = f"reason.{code}"
    sentences = [entries()[one] for one in entries() if one == key or one.startswith(f"{key}.")]
    assert sentences, f"{where}: {key} has no sentence"
    for language in LANGUAGES:
        texts = "".join(sentence[language] for sentence in sentences)
        wanted = {name for _, name, _, _ in string.Formatter().parse(texts) if name}
        assert "**" in names or wanted <= names, f"{where}: {language} wants {wanted - names}"


def test_a_reason_is_a_code_with_parameters() -> None:
    assert reason("http", status=404) == 'http {"status": 404}'
    assert parse('http {"status": 404}') == ("http", {"status": 404})
    assert parse(reason("page_empty")) == ("page_empty", {})


def test_a_sentence_is_made_in_the_readers_language() -> None:
    stored = reason("in_passage", name="Sông Công", n=4)
    assert Words("vi").reason(stored) == "«Sông Công» trong một đoạn 4 câu"
    assert Words("en").reason(stored) == "“Sông Công” in a passage of 4 sentences"


def test_reasons_within_a_reason_are_made_sentences_too() -> None:
    why = [reason("in_title", name="Đồng Hỷ {x}"), reason("word_times", word="chip", n=2)]
    stored = reason("below_threshold", score="3", need="5", why=why)
    assert Words("vi").reason(stored) == "3/10 điểm, cần 5: «Đồng Hỷ {x}» ở tiêu đề; «chip» 2 lần"
    listing = reason("looks_like_listing", signs=["sign_no_time", "sign_short_title"])
    assert Words("en").reason(listing) == "looks like a listing: no time at all, a short title"


@pytest.mark.parametrize("old", ["«Thái Nguyên» ở tiêu đề", "HTTP 404", "trang {hỏng}", "", "unknown_code"])
def test_what_an_older_release_stored_is_shown_as_it_is(old: str) -> None:
    assert Words("vi").reason(old) == old
