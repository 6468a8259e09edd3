"""No page has a fault that axe-core calls serious or critical: wide and narrow, in light and in dark.

axe-core is taken from the file that DIEMTIN_AXE names, else from the package axe-playwright-python.
"""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import faults_of

PAGES = {
    "today": "/",
    "search": "/tim?q=cong+nghiep&nguon=trungdu",
    "choices": "/tim",
    "a month": "/tim?chude=cong-nghiep&tu=2026-11-01&den=2026-11-30",
    "saved searches": "/tim/da-luu?ten=Ch%C3%A8&tim=q%3Dch%C3%A8&xong=bo",
    "searches compared": "/tim/so-sanh?a=san+luong&b=nha+may&c=che&xem=a",
    "help": "/tro-giup",
    "nothing found": "/tim?q=khongcogi",
    "edited article, differences": "/bai/1?q=cong+nghiep",
    "taken-down article": "/bai/5",
    "stored page": "/bai/1/ban-luu",
    "sources": "/nguon",
    "digests": "/ban-tin",
    "edition": "/ban-tin/7",
    "documents": "/van-ban",
    "topics": "/chu-de",
    "edits and take-downs": "/sua-go?loai=sua",
    "figures": "/so-lieu",
    "an indicator": "/so-lieu/iip",
    "report": "/bao-cao?muc=all",
    "list behind a number": "/bao-cao/bai?muc=all",
    "refused": "/da-loai",
    "cases": "/truong-hop",
    "why an address is not here": "/da-loai?dia-chi=https://trungdu.example/ngan",
    "no address": "/da-loai?dia-chi=xin+ch%C3%A0o",
    "an address searched for": "/tim?q=https://trungdu.example/khong-co",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_grave_fault(chromium: Browser, site: str, axe: str, name: str) -> None:
    context = chromium.new_context(base_url=site, locale="vi-VN")
    page = context.new_page()
    page.goto(PAGES[name])
    for filters in page.locator("details:not([open]) > summary").all():
        if filters.is_visible():
            filters.click()
    faults = faults_of(page, axe)
    context.close()
    assert not faults, "\n".join(faults)


def test_the_login_page_has_no_grave_fault(chromium: Browser, locked_site: str, axe: str) -> None:
    context = chromium.new_context(base_url=locked_site, locale="vi-VN")
    page = context.new_page()
    page.goto("/bai/1")
    page.get_by_label("Mật khẩu").fill("không phải")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    faults = faults_of(page, axe)
    context.close()
    assert not faults, "\n".join(faults)
