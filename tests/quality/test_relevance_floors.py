"""Texts written for the tests as the press writes, half of them apart from the rules: levels and floors."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from archive.home import DEFAULTS
from archive.model import Article
from archive.places.gazetteer import load_places
from pipelines.classify import classify
from pipelines.classify.topics import load_topics
from pipelines.item import Context, Item

HERE = Path(__file__).parent
FLOORS: dict[str, float] = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))["own_relevance"]
CONTEXT = Context(
    load_places(DEFAULTS / "places.yml"),
    load_topics(DEFAULTS / "topics.yml"),
    now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
)


@cache
def judged() -> list[tuple[dict[str, Any], str]]:
    """Each text with the level it was given: about, mention or none."""
    lines = [
        json.loads(line)
        for path in sorted((HERE / "relevance").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [(line, _level(line)) for line in lines]


def _level(line: dict[str, Any]) -> str:
    article = Article("https://vidu.vn/1", "vidu", line["title"], line["lead"], line["body"])
    classify(Item(article, keep="all"), CONTEXT)
    return article.level or "none"


def test_about_stays_above_its_floors() -> None:
    told = [line["id"] for line, level in judged() if level == "about"]
    wanted = [line["id"] for line, _ in judged() if line["level"] == "about"]
    right = set(told) & set(wanted)
    assert len(right) / len(told) >= FLOORS["precision"], set(told) - right
    assert len(right) / len(wanted) >= FLOORS["recall"], set(wanted) - right


def test_whatever_names_the_province_is_kept_and_nothing_else() -> None:
    lost = [line["id"] for line, level in judged() if line["level"] != "none" and level == "none"]
    kept = [line["id"] for line, level in judged() if line["level"] == "none" and level != "none"]
    named = sum(line["level"] != "none" for line, _ in judged())
    assert 1 - len(lost) / named >= FLOORS["kept"], lost
    assert len(kept) <= FLOORS["none_kept"], kept
