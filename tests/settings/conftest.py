"""A home with two outlets, and its settings served to one who may change them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.web.app import build
from crawler.onboarding.served import DELAY_VARIABLE, ServedCrawler
from tests import web_sample
from tests.web_sample import NOW


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home")
    web_sample.fill(home.archive_db)
    web_sample.write_sources(home)
    return home


@pytest.fixture
async def site(home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Datasette]:
    monkeypatch.setenv(DELAY_VARIABLE, "0")
    crawling = ServedCrawler(home, lambda: NOW)
    async with web_sample.running(build(home, now=lambda: NOW, crawling=crawling)) as datasette:
        yield datasette
