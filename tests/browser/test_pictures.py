"""A picture is asked of its outlet when its button is pressed, and not before; in no case of anyone else."""

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from archive.web.access import Access
from tests.browser.conftest import served_from

HOST = "https://anh.trungdu.example/"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAGgVFBAAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose article 1 has a picture."""
    folder = tmp_path_factory.mktemp("gallery")
    with served_from(folder, Access()) as address:
        with closing(sqlite3.connect(folder / "archive.db")) as archive, archive:
            archive.execute("update articles set image = ? where id = 1", [f"{HOST}nha-may.png"])
        yield address


@contextmanager
def outlet(page: Page, site: str) -> Iterator[list[tuple[str, str | None]]]:
    """The outlet's server; what it and every other stranger is asked for, with the referrer."""
    asked: list[tuple[str, str | None]] = []

    def answer(route: Route) -> None:
        if route.request.url.startswith(site):
            route.continue_()
            return
        asked.append((route.request.url, route.request.headers.get("referer")))
        route.fulfill(body=DOT, content_type="image/png")

    page.route("**/*", answer)
    yield asked


def test_the_outlet_is_asked_once_when_the_button_is_pressed(chromium: Browser, gallery: str) -> None:
    context = chromium.new_context(base_url=gallery)
    page = context.new_page()
    with outlet(page, gallery) as asked:
        page.goto("/bai/1?anh=1")
        expect(page.get_by_role("link", name="Xem ảnh ở báo")).to_be_visible()
        page.goto("/tai-khoan")
        page.get_by_role("button", name="Bật nút «Hiện ảnh»").click()
        page.goto("/bai/1?anh=1")  # typed or led to: not pressed
        page.goto("/bai/1")
        assert asked == []
        page.get_by_role("button", name="Hiện ảnh").click()
        shown = page.get_by_role("img", name="Ảnh của bài trên Báo Trung Du")
        expect(shown).to_be_visible()
        assert shown.evaluate("picture => picture.naturalWidth") == 1
        assert asked == [(f"{HOST}nha-may.png", None)]
        page.get_by_role("link", name="Cất ảnh").click()
        expect(shown).to_have_count(0)
        assert len(asked) == 1
    context.close()
