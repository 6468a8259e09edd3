"""Pages written for this project, each with what must be read off it; they always run."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.quality.reader import read

HERE = Path(__file__).parent / "pages"
CASES: list[dict[str, Any]] = json.loads((HERE / "gold.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["page"] for case in CASES])
def test_page_is_read_as_labelled(case: dict[str, Any]) -> None:
    found = read(HERE / case["page"], case["url"], ())
    assert found["outcome"] == case["outcome"], found["reason"]
    if case["outcome"] != "stored":
        return
    assert found["text"].split("\n") == case["body"]
    for key in ("title", "authors", "published", "published_from"):
        assert found[key] == case[key]
    if case["lead"] is not None:
        assert found["lead"] == case["lead"]
    if "credit" in case:
        assert found["credit"]["outlet"] == case["credit"]
    assert [piece for piece in case["junk"] if piece in found["text"]] == []
