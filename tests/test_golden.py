"""One walk over the saved pages: each CMS family reads its own page, and no rule of it finds nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.home import DEFAULTS, Home
from archive.model import Article
from crawler.desk import read_desk
from crawler.golden import golden
from crawler.sources import load_sources
from pipelines import container, pages
from pipelines.draft import Desk, Draft, Page
from pipelines.extract import extract
from pipelines.judge import judge
from pipelines.stages import walk

PAGES = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SAVED = sorted(folder.name for folder in PAGES.iterdir() if folder.is_dir())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    home = Home.at(tmp_path_factory.mktemp("home"))
    return read_desk(home, load_sources(DEFAULTS / "sources.yml"), lambda: NOW)


def expected(name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((PAGES / name / "expected.json").read_text(encoding="utf-8"))
    return answer


def page(name: str) -> Page:
    return Page(
        expected(name)["url"], (PAGES / name / "page.html").read_bytes(), NOW, "text/html; charset=utf-8"
    )


def test_every_family_has_a_saved_page(desk: Desk) -> None:
    assert {family.name for family in desk.families} == set(SAVED)


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_page_gives_what_it_must(desk: Desk, name: str) -> None:
    wanted = expected(name)
    family = next(family for family in desk.families if family.name == wanted["family"])
    draft = Draft(Article(wanted["url"], wanted["source"]), page=page(name), rules=family.rules)
    walk(draft, desk, (extract, judge))
    assert draft.outcome is None, draft.reason
    assert golden(draft, family.name) == wanted
    assert draft.rule_missed == []


@pytest.mark.parametrize("name", SAVED)
def test_the_marks_of_a_page_are_those_of_its_family_alone(desk: Desk, name: str) -> None:
    tree = pages.parse(pages.text_of(page(name)))
    bears = [f.name for f in desk.families if all(container.select(tree, mark) for mark in f.marks)]
    assert bears == [name]
