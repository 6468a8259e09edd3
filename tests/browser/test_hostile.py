"""What crawled pages try in a real browser: nothing runs, and not even a connection goes elsewhere."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGS, CHROMIUM

OURS = [
    "/",
    "/bai/6?q=alert",
    "/tim?q=alert",
    "/bai/1/ban-luu/1",
    "/ban-tin/7",
    "/archive/articles/6",
]
ALONE = ["/bai/1/ban-luu/1/trang", "/ban-tin/7/noi-dung"]


class Trap:
    """A port that foreign hosts lead to, and how often someone came."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.caught = 0
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                self.listener.accept()[0].close()
                self.caught += 1


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.listener.close()


@pytest.fixture(scope="module")
def surrounded(trap: Trap) -> Iterator[Browser]:
    """A Chromium in which every host that the sample names is the trap; its own makers' are none of ours."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian package chromium)")
    rules = f"--host-resolver-rules=MAP 192.0.2.1 127.0.0.1:{trap.port}, MAP *.example 127.0.0.1:{trap.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGS, rules])
        yield browser
        browser.close()


@pytest.fixture
def page(surrounded: Browser, site: str) -> Iterator[Page]:
    context = surrounded.new_context(base_url=site)
    yield context.new_page()
    context.close()


def ran(page: Page) -> list[str]:
    """Every dialog that opens from now on."""
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    return said


@pytest.mark.parametrize("path", [*OURS, *ALONE])
def test_a_hostile_page_does_nothing(page: Page, trap: Trap, site: str, path: str) -> None:
    said, before = ran(page), trap.caught
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert page.url == f"{site}{path}"
    assert page.evaluate("window.ran") is None
    assert page.title() != "ran"
    if path in OURS:
        assert (
            page.locator('a[href^="javascript:" i], main base, main meta, main form[action^="http"]').count()
            == 0
        )
    assert not said
    assert trap.caught == before


def test_a_stored_page_is_shown_but_cannot_be_set_off(page: Page, trap: Trap) -> None:
    said, before = ran(page), trap.caught
    page.goto("/bai/1/ban-luu/1")
    frame = page.frame_locator("iframe")
    assert (
        frame.get_by_text("Chữ của trang đã lưu").evaluate("p => getComputedStyle(p).color")
        == "rgb(18, 52, 86)"
    )
    frame.get_by_role("button", name="gửi").click()
    frame.get_by_role("link", name="bấm").click()
    page.wait_for_timeout(200)
    assert not said
    assert trap.caught == before
    page.locator("nav.jump a").first.click()
    page.wait_for_url("**/ban-luu/2")
    assert frame.get_by_text("Chữ của trang đã sửa").count() == 1


def test_the_trap_catches_whoever_goes_elsewhere(page: Page, trap: Trap) -> None:
    """Last, as a browser comes again to a host that hung up."""
    before = trap.caught
    with suppress(Exception):  # whatever a browser says of a host that hangs up
        page.goto("http://192.0.2.1/")
    first = trap.caught
    assert first > before
    with suppress(Exception):
        page.goto("http://evil.example/")
    assert trap.caught > first
