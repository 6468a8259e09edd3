"""The main paths in a real browser, wide and narrow: nothing overflows, leaves this host or runs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.browser.conftest import PASSWORD

WIDTHS = (1280, 390)
PATHS = {
    "today": "/",
    "search": "/tim?q=cong+nghiep&nguon=trungdu",
    "nothing": "/tim?q=khongcogi",
    "article": "/bai/1?q=cong+nghiep",
    "hostile": "/bai/6?q=alert",
    "gone": "/bai/5",
    "stored page": "/bai/1/ban-luu/2",
    "sources": "/nguon",
    "digest": "/ban-tin/7",
    "topics": "/chu-de",
    "topic": "/chu-de/cong-nghiep",
    "documents": "/van-ban",
    "document": "/van-ban?so=52-KH/%C4%90C",
}
# What a browser says when it keeps the hostile pages of the sample from running: that is the point of them.
KEPT_OUT = ("Blocked script execution", "violates the following Content Security Policy directive", "sandboxed")
IN_ARTICLE = ("article .text p", "mark", ".quiet", ".facts a", ".label.edited", "del", "ins")


@dataclass
class Watched:
    """A page and what it did beside showing itself."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


def watch(page: Page, site: str) -> Watched:
    watched = Watched(page)

    def heard(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(known in text for known in KEPT_OUT):
            watched.complaints.append(text)

    def answered(url: str) -> None:
        if not url.startswith(site):
            watched.strangers.append(url)

    def asked(dialog: Dialog) -> None:
        watched.complaints.append(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: heard(message.type, message.text))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("dialog", asked)
    page.on(
        "response", lambda answer: None if answer.url.startswith(site) else watched.strangers.append(answer.url)
    )
    return watched


@pytest.fixture(params=WIDTHS)
def watched(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Watched]:
    context = chromium.new_context(
        viewport={"width": request.param, "height": 900}, base_url=site, locale="vi-VN"
    )
    yield watch(context.new_page(), site)
    context.close()


@pytest.mark.parametrize("name", PATHS)
def test_a_page_fits_and_keeps_to_itself(watched: Watched, name: str) -> None:
    page = watched.page
    page.goto(PATHS[name])
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.fonts.check('17px \"Be Vietnam Pro\"', 'Ặỗđ')")
    assert not watched.complaints
    assert not watched.strangers
    assert page.title() != "ran"


def test_from_search_to_article_and_back_to_the_words(watched: Watched) -> None:
    page = watched.page
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("thuy dien")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?q=thuy+dien")
    page.locator(".results h2 a").first.click()
    assert page.locator("article mark").first.inner_text() == "Thuỷ điện"
    assert not watched.complaints


def test_filters_are_at_hand_and_narrow(watched: Watched) -> None:
    page = watched.page
    page.goto("/tim?q=cong+nghiep")
    source = page.get_by_role("link", name="Cổng tin Sở Tin").first
    if page.viewport_size and page.viewport_size["width"] < 960:
        assert not page.locator(".filters ul").first.is_visible()
        page.locator(".filters summary").click()
    page.locator(".filters").get_by_role("link", name="Cổng tin Sở Tin").click()
    page.wait_for_url("**nguon=sotin")
    assert page.locator(".results li h2").count() == 1
    assert source.count() == 1


def test_a_bar_of_the_chart_leads_to_its_days(watched: Watched) -> None:
    page = watched.page
    page.goto("/tim?q=cong+nghiep")
    page.locator(".over-time .bars a").last.click()
    page.wait_for_url("**tu=2026-11-21&den=2026-11-21")
    assert page.locator(".results li h2").count() == 4


def test_an_edit_stands_side_by_side(watched: Watched) -> None:
    page = watched.page
    page.goto("/bai/1")
    pair = page.locator(".pair").filter(has_text="7,8%").locator("p")
    left, right = pair.nth(0).bounding_box(), pair.nth(1).bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    assert pair.nth(0).locator("del").inner_text().strip() == "7,8%"
    assert pair.nth(1).locator("ins").inner_text().strip() == "6,8%"


def test_the_language_can_be_switched_and_stays(watched: Watched) -> None:
    page = watched.page
    page.goto("/nguon")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Today").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "Today"


def test_the_password_opens_the_page_asked_for_and_links_from_elsewhere(
    chromium: Browser, locked_site: str
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 900}, base_url=locked_site)
    page = context.new_page()
    page.goto("/bai/5")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/bai/5")
    page.goto("about:blank")  # another site, such as a mailbox: a Strict cookie does not come along
    page.set_content(f'<a href="{locked_site}/bai/1">bản tin</a>')
    page.get_by_role("link").click()
    page.wait_for_url("**/bai/1")
    assert page.locator("h1").inner_text().startswith("Nhà máy Sao Mai")
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/dang-nhap")
    page.goto("/bai/1")
    assert page.locator("h1").inner_text() == "Đăng nhập"
    context.close()


def test_dark_mode_keeps_text_readable(chromium: Browser, site: str) -> None:
    context = chromium.new_context(color_scheme="dark", base_url=site)
    page = context.new_page()
    page.goto("/bai/1?q=cong+nghiep")
    for selector in IN_ARTICLE:
        assert _contrast(page, selector) >= 4.5, selector
    context.close()


def test_light_mode_keeps_text_readable(chromium: Browser, site: str) -> None:
    context = chromium.new_context(color_scheme="light", base_url=site)
    page = context.new_page()
    for path, selectors in (
        (
            "/bai/1?q=cong+nghiep",
            ("article .text p", "mark", ".quiet", ".facts a", ".label.edited", "del", "ins"),
        ),
        ("/nguon", (".level.red", ".level.amber", ".level.green", ".level.grey", ".outcomes")),
        ("/", (".by", ".lead", ".label.gone")),
    ):
        page.goto(path)
        for selector in selectors:
            assert _contrast(page, selector) >= 4.5, selector
    context.close()


def _contrast(page: Page, selector: str) -> float:
    """WCAG contrast of the first match against the nearest painted background."""
    ratio: float = page.locator(selector).first.evaluate(
        """element => {
            const rgb = text => text.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
            let behind = element, back = [0, 0, 0, 0];
            while (behind && (back = rgb(getComputedStyle(behind).backgroundColor)).length > 3 && !back[3])
                behind = behind.parentElement;
            const [a, b] = [light(rgb(getComputedStyle(element).color)), light(back)].sort((x, y) => y - x);
            return (a + .05) / (b + .05);
        }"""
    )
    return ratio
