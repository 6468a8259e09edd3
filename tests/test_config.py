"""A config file that is wrong is told in one line: file, line or block, key, what to do."""

from pathlib import Path

import msgspec
import pytest

from archive.config import ConfigError, as_block, load_yaml, only_keys


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


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "a: 1\nb: [x\nc: 2\n")).startswith(", line 3: ")
    assert refused(written(tmp_path, "a: 1\n\tb: 2\n")).startswith(", line 2: ")


def test_a_key_written_twice_is_told_with_its_line(tmp_path: Path) -> None:
    said = refused(written(tmp_path, "a:\n  x: 1\n  y: 2\n  x: 3\n"))
    assert said == ", line 4: key `x` stands here twice"


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
