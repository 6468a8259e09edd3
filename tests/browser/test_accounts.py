"""Logging in and one's own account in a real browser: without scripts, in both languages, no grave faults."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page

from archive.desk import accounts
from archive.desk.db import open_desk
from archive.web.access import Access
from tests.browser.conftest import faults_of, served_from
from tests.web_sample import NOW

OWN = "chè xanh Đồi 2026"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an archive with accounts."""
    folder = tmp_path_factory.mktemp("office")
    with closing(open_desk(folder / "desk.db")) as desk:
        for name, role in (("Quản Trị", "admin"), ("Lan", "editor"), ("Đọc Giả", "reader")):
            accounts.add(desk, name, accounts.as_role(role), OWN, by="", now=NOW)
    with served_from(folder, Access()) as address:
        yield address


def log_in(page: Page, name: str) -> None:
    page.get_by_label("Tên").or_(page.get_by_label("Name")).fill(name)
    page.get_by_label("Mật khẩu").or_(page.get_by_label("Password")).fill(OWN)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/dang-nhap" not in url)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("scripts", [True, False])
def test_logging_in_changing_the_password_and_logging_out(
    chromium: Browser, office: str, lang: str, scripts: bool
) -> None:
    context = chromium.new_context(base_url=office, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"/dang-nhap?lang={lang}")
    page.goto("/bai/1")
    log_in(page, "lan")
    assert page.url.endswith("/bai/1")
    page.get_by_role("link", name="Lan", exact=True).click()
    page.get_by_label("Mật khẩu đang dùng").or_(page.get_by_label("Current password")).fill(OWN)
    for label in ("Mật khẩu mới (", "New password ("), ("Gõ lại mật khẩu mới", "New password again"):
        page.get_by_label(label[0]).or_(page.get_by_label(label[1])).fill(OWN)
    page.get_by_role("button", name="Đổi" if lang == "vi" else "Change", exact=True).click()
    assert page.get_by_role("status").inner_text() == (
        "Đã đổi mật khẩu; các phiên khác đã kết thúc."
        if lang == "vi"
        else "The password is changed; all other sessions ended."
    )
    page.get_by_role("button", name="Đăng xuất" if lang == "vi" else "Log out").click()
    page.goto("/bai/1")
    assert "/dang-nhap" in page.url
    context.close()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_page_of_accounts_has_a_grave_fault(chromium: Browser, office: str, axe: str, lang: str) -> None:
    context = chromium.new_context(base_url=office)
    page = context.new_page()
    page.goto(f"/dang-nhap?lang={lang}")
    found = faults_of(page, axe)
    page.get_by_label("Tên").or_(page.get_by_label("Name")).fill("<Lan>")
    page.get_by_label("Mật khẩu").or_(page.get_by_label("Password")).fill("sai")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    found += faults_of(page, axe)
    log_in(page, "Đọc Giả")
    page.goto("/tai-khoan")
    found += faults_of(page, axe)
    for field in ("mat-khau-cu", "mat-khau-moi", "mat-khau-lai"):
        page.locator(f"#{field}").fill("ngắn")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    found += faults_of(page, axe)
    page.goto("/da-loai")  # a reader's form: refused, with what was typed
    page.evaluate("document.querySelector('form.ask').method = 'post'")
    page.get_by_role("textbox").last.fill("https://trungdu.example/mot-dia-chi-dai-de-hien-ra-trong-o")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "https://trungdu.example/mot-dia-chi-dai" in page.content()
    found += faults_of(page, axe)
    context.close()
    assert not found, "\n".join(found)
