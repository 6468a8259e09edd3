"""A config file that is wrong is told in one line: file, line or block, key, what to do."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from archive.backup.config import load_backup
from archive.config import ConfigError, as_block, load_yaml, only_keys
from archive.digests.config import load_alerts
from archive.evidence.config import load_evidence
from archive.figures.indicators import load_indicators
from archive.growth.config import load_growth
from archive.places.gazetteer import load_places
from archive.search.pairs import load_least
from archive.web.proxies import load_web
from crawler.sources import load_sources
from pipelines.classify.topics import load_topics


class Block(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    tags: list[str] = []
    many: int = 0


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_yaml(path)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(str(path))
    return said.removeprefix(str(path))


def test_a_mapping_is_read_and_an_empty_file_is_an_empty_one(tmp_path: Path) -> None:
    assert load_yaml(written(tmp_path, "a: 1\nb: [x, đ]\n")) == {"a": 1, "b": ["x", "đ"]}
    assert load_yaml(written(tmp_path, "# nothing yet\n")) == {}


def test_yaml_anchors_and_merges_work(tmp_path: Path) -> None:
    text = "a: &base {x: 1, y: 2}\nb: {<<: *base, y: 3}\n"
    assert load_yaml(written(tmp_path, text))["b"] == {"x": 1, "y": 3}


SYNTAX = {
    "a: 1\nb: [x\nc: 2\n": (3, 2, "opened in line 2 is not closed"),
    "a: {x: 1\nb: 2\n": (2, 2, "opened in line 1 is not closed"),
    "a: 1\n\tb: 2\n": (2, 1, "there is a tab"),
    "a:\n\tb: 2\n": (2, 1, "there is a tab"),
    "a: @x\n": (1, 4, "no value may begin with `@`"),
    "tên: Báo: x\n": (1, 9, "put a value with a colon in single quotes"),
    'a: 1\nb: "x\nc: 1\nd: 2\n': (2, 4, "is never closed"),
    "a: 1\nb: 'x\n": (2, 4, "is never closed"),
    "a: 'it's'\n": (1, 8, "does not fit the lines above"),
    "a:\n  b: 1\n c: 2\n": (3, 2, "does not fit the lines above"),
    " a: 1\nb: 2\n": (2, 1, "does not fit the lines above"),
    "a:\n  - x\n  y: 1\n": (3, 3, "does not fit the lines above"),
    "a: 1\nb:2\nc: 3\n": (2, 1, "lacks a colon with a blank"),
    "a: *x\n": (1, 4, "in single quotes"),
    "a: !x y\n": (1, 4, "in single quotes"),
    "a: &\n": (1, 5, "in single quotes"),
    'a: "\\d+"\n': (1, 5, "use single quotes"),
    "a: 1\n---\nb: 2\n": (2, 1, "another document"),
    "a: - x\n": (1, 4, "a line of its own"),
    "a: | x\n": (1, 6, "a line ends after"),
    "a: [x,, y]\n": (1, 7, "a value is missing"),
    "a: 1\nb: x\x01\n": (2, 5, "invisible character"),
    "a:\n  x: 1\n  y: 2\n  x: 3\n": (4, 3, "key `x` stands here twice"),
}


@pytest.mark.parametrize("text", SYNTAX)
def test_a_syntax_error_is_told_with_its_place_and_what_to_do(tmp_path: Path, text: str) -> None:
    line, column, words = SYNTAX[text]
    said = refused(written(tmp_path, text))
    assert said.startswith(f", line {line}, column {column}: ")
    assert words in said


@pytest.mark.parametrize("text", ["a: 2026-13-45\n", "a: !!int x\n", "? [b]\n: 1\n"])
def test_a_value_that_cannot_be_read_is_told_in_plain_words(tmp_path: Path, text: str) -> None:
    assert refused(written(tmp_path, text)).startswith(": a value cannot be read")


@pytest.mark.parametrize("begin", ["*", "!", "& ", "@", "'s'", '"', "["])
def test_a_password_that_yaml_misreads_is_not_quoted(tmp_path: Path, begin: str) -> None:
    assert "s3cret" not in refused(written(tmp_path, f"a: 1\npassword: {begin}s3cret\nb: x\n"))


def test_every_config_file_is_refused_in_one_way(tmp_path: Path) -> None:
    readers: tuple[Callable[[Path], object], ...] = (
        load_alerts, load_backup, load_evidence, load_growth, load_indicators, load_least, load_places,
        load_sources, load_topics, load_web,
    )  # fmt: skip
    path = written(tmp_path, "a:\n  b: 1\n\tc: 2\n")
    for read in readers:
        with pytest.raises(ConfigError, match=rf"^{path}, line 3, column 1: there is a tab; "):
            read(path)


def test_a_file_that_is_no_utf_8_says_where(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "tên: Điểm".encode("cp1258", "replace") + b"\xff")).startswith(
        ": is not UTF-8 at byte "
    )


def test_control_characters_are_refused(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "a: b\x00c\n"))


def test_a_missing_file_and_a_folder_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "none.yml")
    assert "cannot be read" in refused(tmp_path)


def test_a_list_at_the_top_is_refused(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "- a\n- b\n")) == ": expected `key: value` lines at the top"


def test_python_objects_are_not_made(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "a: !!python/object/apply:os.getcwd []\n"))


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"^f\.yml: unknown key `b` \(known: a, c\)$"):
        only_keys(Path("f.yml"), "", {"a": 1, "b": 2}, {"c", "a"})
    with pytest.raises(ConfigError, match=r"^f\.yml: x: unknown key `b` "):
        only_keys(Path("f.yml"), "x", {"b": 2}, {"a"})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "a", "nmae": 1}, "blocks.a: unknown key `nmae` (known: many, name, tags)"),
        ({"many": 1}, "blocks.a: object missing required field `name`"),
        ({"name": 1}, "blocks.a.name: expected `str`, got `int`"),
        ({"name": "a", "tags": ["x", 2]}, "blocks.a.tags[1]: expected `str`, got `int`"),
        (["name"], "blocks.a: expected `key: value` lines"),
        (None, "blocks.a: expected `key: value` lines"),
    ],
)
def test_a_bad_block_is_told_with_file_block_and_key(data: object, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        as_block(Path("f.yml"), "blocks.a", data, Block)
    assert str(caught.value) == f"f.yml: {said}"


def test_a_good_block_is_typed() -> None:
    assert as_block(Path("f.yml"), "a", {"name": "a", "tags": ["x"]}, Block) == Block("a", ["x"])
