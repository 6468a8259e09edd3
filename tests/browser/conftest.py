"""A served sample archive and a headless Chromium for the browser tests."""

import importlib.util
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from crawler.asked.explain import Explainer
from crawler.onboarding.served import ServedCrawler
from tests import web_sample

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


PASSWORD = "chè xanh Đồi 2026"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GRAVE = ("serious", "critical")
RULES = "{resultTypes: ['violations'], iframes: false}"
COLOURS = "{runOnly: ['color-contrast'], iframes: false}"  # all that a colour scheme changes


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the sample archive, served from this process on a free port."""
    with served_from(tmp_path_factory.mktemp("home"), Access()) as address:
        yield address


@pytest.fixture(scope="session")
def locked_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same behind ``PASSWORD``."""
    with served_from(tmp_path_factory.mktemp("locked"), Access(PASSWORD)) as address:
        yield address


@contextmanager
def served_from(folder: Path, access: Access) -> Iterator[str]:
    """The address of the sample archive in a folder, served from this process on a free port."""
    home = Home.at(folder)
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    web_sample.fill_refused(home.pages_db)
    web_sample.write_sources(home)
    now = lambda: web_sample.NOW  # noqa: E731
    explain, crawling = Explainer(home, now), ServedCrawler(home, now)
    datasette = build(home, now=now, access=access, explain=explain, crawling=crawling)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(datasette.app(), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(10)
    datasette.executor.shutdown()
    for database in datasette.databases.values():
        database.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; tests are skipped where it is missing.

    Not for the whole session: Playwright holds this thread's event loop, which other modules need.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    named = os.environ.get("DIEMTIN_AXE", "")
    package = importlib.util.find_spec("axe_playwright_python")
    if not named and not (package and package.origin):
        pytest.skip("no axe-core: name its axe.min.js in DIEMTIN_AXE, or install axe-playwright-python")
    path = Path(named) if named else Path(str(package and package.origin)).parent / "axe.min.js"
    return path.read_text(encoding="utf-8")


def faults_of(page: Page, axe: str) -> list[str]:
    """What axe finds at both widths and in both colour schemes, each in a line."""
    page.evaluate(axe)
    found: list[str] = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            rules = RULES if scheme == "light" else COLOURS
            result: dict[str, Any] = page.evaluate(f"axe.run(document, {rules})")
            found += [
                f"{width} {scheme} {one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary']}"
                for one in result["violations"]
                if one["impact"] in GRAVE
                for node in one["nodes"]
            ]
    return found
