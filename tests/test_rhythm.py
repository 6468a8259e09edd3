"""A busy source is asked more often, a quiet one less, both within bounds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.pages import open_pages
from crawler.listings import Link
from crawler.service.rhythm import interval
from crawler.sources import Source, load_sources
from crawler.state import frontier

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "sources.yml"
    path.write_text(
        "sources:\n  bao: {name: Báo, home: 'https://bao.vn/', kind: national, article: x, every: 1h}\n",
        encoding="utf-8",
    )
    return load_sources(path).by_key["bao"]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(minutes=5), timedelta(minutes=30)),
        (timedelta(minutes=45), timedelta(minutes=45)),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(hours=20), timedelta(hours=4)),
    ],
)
def test_the_interval_follows_the_usual_gap(
    tmp_path: Path, source: Source, gap: timedelta, expected: timedelta
) -> None:
    path = tmp_path / "pages.db"
    db = open_pages(path)
    links = [Link(f"https://bao.vn/x{n}", published_at=NOON - n * gap) for n in range(12)]
    frontier.add(db, "bao", "feed", links, NOON)
    db.close()
    assert interval(path, source, NOON) == expected


def test_a_source_one_knows_little_of_keeps_its_interval(tmp_path: Path, source: Source) -> None:
    assert interval(tmp_path / "none.db", source, NOON) == timedelta(hours=1)
