"""The pictures of docs/huong-dan.md, taken anew from the sample archive: ``python -m tests.guide``.

The sample press is crawled, edited and crawled again as ``diemtin up --sample`` does it; a browser opens its
pages.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from archive.i18n import Words
from tests.browser.conftest import ARGS, CHROMIUM
from tests.house import ROOT
from tests.test_up import Running, free_port, wait_until

GUIDE = ROOT / "docs" / "huong-dan.md"
PICTURES = ROOT / "archive" / "web" / "static" / "huong-dan"
SIZE = {"width": 1000, "height": 640}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the page, the buttons or links pressed there first, and what stands at its top."""

    name: str
    path: str
    press: tuple[str, ...] = ()
    top: str = ""


CHOOSE = 'main button:text-is("chọn")'
ALL = (
    Picture("hom-nay", "/"),
    Picture("tim", "/tim?q=khu+cong+nghiep"),
    Picture("sua-go", "/sua-go"),
    Picture("hai-ban", "/sua-go", (f'main a:text-is("{Words("vi")("changes.sides")}")',), "#lich-su"),
    Picture("ban", "/ban", (f"{CHOOSE} >> nth=0", f"{CHOOSE} >> nth=1", f"{CHOOSE} >> nth=2")),
    Picture("xem-truoc", "/ban/xem-truoc"),
    Picture("bao-cao", "/bao-cao"),
)


def main() -> None:
    """Crawl the sample press, open each page and keep its picture."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        up = Running(Path(folder), "up", "--sample", "--port", str(port))
        try:
            wait_until(lambda: "file-1: sent" in up.said, seconds=300)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
                page = browser.new_page(viewport=SIZE, locale="vi-VN")  # type: ignore[arg-type]
                for one in ALL:
                    take(page, f"http://127.0.0.1:{port}", one)
                browser.close()
        finally:
            up.end()


def take(page: Page, site: str, one: Picture) -> None:
    """Open a page and keep its picture."""
    page.goto(site + one.path)
    for what in one.press:
        page.locator(what).click()
        page.wait_for_load_state("networkidle")
    if one.top:
        page.locator(one.top).first.evaluate("e => e.scrollIntoView()")
    page.screenshot(path=PICTURES / f"{one.name}.png")
    print(one.name, (PICTURES / f"{one.name}.png").stat().st_size)


if __name__ == "__main__":
    main()
