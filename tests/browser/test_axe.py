"""No page has a fault that axe-core calls serious or critical: wide and narrow, in light and in dark.

axe-core is taken from the file that DIEMTIN_AXE names, else from the package axe-playwright-python.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

PAGES = {
    "today": "/",
    "search": "/tim?q=cong+nghiep&nguon=trungdu",
    "nothing found": "/tim?q=khongcogi",
    "edited article, differences": "/bai/1?q=cong+nghiep",
    "taken-down article": "/bai/5",
    "stored page": "/bai/1/ban-luu",
    "sources": "/nguon",
    "digests": "/ban-tin",
    "edition": "/ban-tin/7",
    "documents": "/van-ban",
    "topics": "/chu-de",
    "refused": "/da-loai",
    "why an address is not here": "/da-loai?dia-chi=https://trungdu.example/ngan",
    "no address": "/da-loai?dia-chi=xin+ch%C3%A0o",
    "an address searched for": "/tim?q=https://trungdu.example/khong-co",
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GRAVE = ("serious", "critical")
RULES = "{resultTypes: ['violations'], iframes: false}"
COLOURS = "{runOnly: ['color-contrast'], iframes: false}"  # all that a colour scheme changes


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    named = os.environ.get("DIEMTIN_AXE", "")
    package = importlib.util.find_spec("axe_playwright_python")
    if not named and not (package and package.origin):
        pytest.skip("no axe-core: name its axe.min.js in DIEMTIN_AXE, or install axe-playwright-python")
    path = Path(named) if named else Path(str(package and package.origin)).parent / "axe.min.js"
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_grave_fault(chromium: Browser, site: str, axe: str, name: str) -> None:
    context = chromium.new_context(base_url=site, locale="vi-VN")
    page = context.new_page()
    page.goto(PAGES[name])
    for filters in page.locator("details:not([open]) > summary").all():
        if filters.is_visible():
            filters.click()
    faults = _faults(page, axe)
    context.close()
    assert not faults, "\n".join(faults)


def test_the_login_page_has_no_grave_fault(chromium: Browser, locked_site: str, axe: str) -> None:
    context = chromium.new_context(base_url=locked_site, locale="vi-VN")
    page = context.new_page()
    page.goto("/bai/1")
    page.get_by_label("Mật khẩu").fill("không phải")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    faults = _faults(page, axe)
    context.close()
    assert not faults, "\n".join(faults)


def _faults(page: Page, axe: str) -> list[str]:
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
