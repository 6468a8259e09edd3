"""Sổ phản hồi in a real browser: by keyboard alone from the desk into the register, and what axe says of it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from archive.desk.db import open_desk
from archive.desk.register import load
from tests.browser.conftest import faults_of
from tests.browser.test_desk import Desk, served


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with served(tmp_path_factory.mktemp("register")) as opened:
        yield opened


def test_by_keyboard_from_the_desk_into_the_register(chromium: Browser, desk: Desk, axe: str) -> None:
    page = chromium.new_page(base_url=desk.address)
    page.goto("/ban")
    page.keyboard.press("j")
    page.keyboard.press("f")
    page.wait_for_url("**/phan-hoi/moi?bai=*")
    page.get_by_label("Nội dung cần phản hồi").focus()
    page.keyboard.type("Làm rõ số liệu")
    page.get_by_label("Người yêu cầu").focus()
    page.keyboard.type("Văn phòng")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã ghi vào sổ.")).to_be_visible()
    page.get_by_label("Văn bản phản hồi").focus()
    page.keyboard.type("12/SCT")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Chưa điền chỗ này.")).to_be_visible()
    assert not faults_of(page, axe)
    page.goto("/phan-hoi")
    expect(page.get_by_role("row")).to_have_count(2)
    assert not faults_of(page, axe)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()
    with closing(open_desk(desk.home.desk_db)) as opened:
        assert load(opened, 1).asked_by == "Văn phòng"
