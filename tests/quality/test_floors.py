"""The ratchet: scores on the shared pages never go below the floors; raise a floor when a score has risen."""

import importlib.util
import json
import os
import statistics
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.quality.reader import families, read

SHARED = os.environ.get("DIEMTIN_SHARED")
FLOORS: dict[str, dict[str, float]] = json.loads(
    (Path(__file__).parent / "floors.json").read_text(encoding="utf-8")
)


def _scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_pages", shared / "tools" / "score_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scores(
    gold: list[dict[str, Any]], found: dict[str, dict[str, Any]], scorer: ModuleType
) -> dict[str, float]:
    """F1 of the texts, shares of right titles, dates and authors, and the number of pages with junk."""
    texts = [scorer.text_scores(g["text"], g.get("optional"), found[g["id"]]["text"]) for g in gold]
    precision, recall = (statistics.mean(part) for part in zip(*texts, strict=True))
    out = {"f1": 2 * precision * recall / (precision + recall)}
    checks = {
        "title": lambda g, f: scorer.plain(g["title"]) == scorer.plain(f["title"]),
        "date": lambda g, f: scorer.date_ok(g["date"], f["published"]),
        "authors": lambda g, f: scorer.author_f1(g["authors"], f["authors"]),
    }
    for key, check in checks.items():
        values = [float(check(g, found[g["id"]])) for g in gold if g.get(key)]
        out[key] = statistics.mean(values) if values else 1.0
    flat = {g["id"]: " ".join(found[g["id"]]["text"].split()) for g in gold}
    junk = [
        g["id"]
        for g in gold
        if any(len(j) > 12 and " ".join(j.split()) in flat[g["id"]] for j in g.get("junk", ()))
    ]
    return {**out, "junk": float(len(junk))}


@pytest.mark.skipif(
    not SHARED, reason="DIEMTIN_SHARED is not set: the pages of others are not part of the project"
)
@pytest.mark.parametrize("name", sorted(name for name in FLOORS if not name.startswith("own_")))
def test_scores_stay_above_their_floors(name: str) -> None:
    folder = Path(SHARED or "") / "pages" / name
    gold = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    known = families()
    found = {g["id"]: read(folder / Path(g["file"]).name, g.get("url") or "", known) for g in gold}
    assert [g["id"] for g in gold if found[g["id"]]["outcome"] == "not_article"] == [], (
        "true articles were refused"
    )
    reached = scores(gold, found, _scorer(Path(SHARED or "")))
    below = {
        key: (round(reached[key], 4), floor)
        for key, floor in FLOORS[name].items()
        if (reached[key] > floor if key == "junk" else reached[key] < floor)
    }
    assert below == {}


@pytest.mark.skipif(
    not SHARED, reason="DIEMTIN_SHARED is not set: the pages of others are not part of the project"
)
@pytest.mark.parametrize("page", ["baochinhphu", "cafef", "tuoitre", "vnexpress"])
def test_listing_pages_are_no_articles(page: str) -> None:
    path = Path(SHARED or "") / "pages" / "vn_lists" / f"{page}.html.gz"
    assert read(path, f"https://{page}.example/kinh-te", families())["outcome"] == "not_article"
