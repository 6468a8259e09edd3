"""The list under the search box: by keys and touch, of this site alone; without script a plain box."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import faults_of


def typed(page: Page, site: str, letters: str, path: str = "/tim") -> list[str]:
    """Type into the box of a page; the addresses that the browser asks for from then on."""
    page.goto(site + path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box = page.get_by_role("combobox")
    box.click()
    box.press_sequentially(letters)
    expect(page.get_by_role("option").first).to_be_visible()
    return asked


def test_arrows_choose_escape_closes_and_enter_opens(chromium: Browser, site: str) -> None:
    page = chromium.new_page()
    asked = typed(page, site, "doi ch", "/bai/1")
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    expect(options.first).to_contain_text("Đồi Chè")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value("doi ch")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "goi-y-0")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?noi=*")
    assert all(address.startswith(site) for address in asked)
    page.close()


def test_one_question_is_asked_for_what_is_typed_in_one_go(chromium: Browser, site: str) -> None:
    page = chromium.new_page()
    asked = typed(page, site, "trungdu")
    assert len([address for address in asked if "/tim/goi-y" in address]) < len("trungdu") - 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?q=trungdu")
    page.close()


def test_a_touch_opens_an_offer(chromium: Browser, site: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    typed(page, site, "52-")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("option").first.tap()
    page.wait_for_url("**/van-ban?so=52-KH*")
    context.close()


def test_without_script_the_box_is_a_plain_one(chromium: Browser, site: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/tim")
    page.get_by_role("searchbox").fill("doi che")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?q=doi+che")
    assert page.get_by_role("listbox").count() == 0
    context.close()


def test_the_open_list_has_no_grave_fault(chromium: Browser, site: str, axe: str) -> None:
    page = chromium.new_page()
    typed(page, site, "cong")
    faults = faults_of(page, axe)
    page.close()
    assert not faults, "\n".join(faults)
