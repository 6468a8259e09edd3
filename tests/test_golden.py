"""One walk over the saved pages: each CMS family reads its own page, and no rule of it finds nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.home import DEFAULTS, Home
from archive.model import Article
from crawler.onboarding.writer import golden
from crawler.sources import load_sources
from pipelines.extract import container, document, extract
from pipelines.item import Context, ContextFiles, Item, Page
from pipelines.judge import judge
from pipelines.stages import run_stages

PAGES = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SAVED = sorted(folder.name for folder in PAGES.iterdir() if folder.is_dir())


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    home = Home.at(tmp_path_factory.mktemp("home"))
    return ContextFiles.of(home, load_sources(DEFAULTS / "sources.yml").families).load(lambda: NOW)


def expected(name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((PAGES / name / "expected.json").read_text(encoding="utf-8"))
    return answer


def page(name: str) -> Page:
    return Page(
        expected(name)["url"], (PAGES / name / "page.html").read_bytes(), NOW, "text/html; charset=utf-8"
    )


def test_every_family_has_a_saved_page(context: Context) -> None:
    assert {family.name for family in context.families} == set(SAVED)


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_page_gives_what_it_must(context: Context, name: str) -> None:
    wanted = expected(name)
    family = next(family for family in context.families if family.name == wanted["family"])
    item = Item(Article(wanted["url"], wanted["source"]), page=page(name), rules=family.rules)
    run_stages(item, context, (extract, judge))
    assert item.outcome is None, item.reason
    assert golden(item, family.name) == wanted
    assert item.rule_missed == []


@pytest.mark.parametrize("name", SAVED)
def test_the_marks_of_a_page_are_those_of_its_family_alone(context: Context, name: str) -> None:
    tree = document.parse(document.text_of(page(name)))
    bears = [f.name for f in context.families if all(container.select(tree, mark) for mark in f.marks)]
    assert bears == [name]
