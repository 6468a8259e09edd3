"""Settings in a real browser: without scripts, at 390 px, in both languages, no grave fault for axe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from archive.config_edit import open_config
from archive.home import Home
from archive.web.access import Access
from crawler.onboarding.served import DELAY_VARIABLE
from crawler.sources import home_sources
from tests.browser.conftest import faults_of, served_from
from tests.tiny_site import TEXT, TinySite, article, feed, page

DIGEST = "/cai-dat/ban-tin/hang-ngay"
PAGES = {
    "overview": "/cai-dat",
    "addresses": "/cai-dat/chung",
    "digests": "/cai-dat/ban-tin",
    "digest": DIGEST,
    "folder": f"{DIGEST}/noi-nhan/1",
    "mail": f"{DIGEST}/noi-nhan/moi?loai=smtp",
    "webhook": f"{DIGEST}/noi-nhan/moi?loai=webhook",
    "trial": "/cai-dat/quy-tac?q=c%C3%B4ng+nghi%E1%BB%87p&days=30",
    "rule not understood": "/cai-dat/quy-tac?q=(x&name=thu",
    "topics": "/cai-dat/chu-de",
    "topic": "/cai-dat/chu-de/cong-nghiep",
    "sources": "/cai-dat/nguon",
    "people": "/cai-dat/nguoi-dung",
    "log": "/cai-dat/nhat-ky",
}
PATHS = [f"/xuong-che-doi-mau-ban-hang-{number}.html" for number in range(187001, 187009)]
DECLARED = '<link rel="alternate" type="application/rss+xml" href="/rss/kinh-te.rss">'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def settings(folder: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DELAY_VARIABLE, "0")
        with served_from(folder, Access()) as address:
            yield address


@pytest.fixture(scope="module")
def outlet() -> Iterator[TinySite]:
    titles = dict.fromkeys(PATHS, "Xưởng chè Đồi Mẫu bán hàng bằng mã truy xuất")
    pages = dict.fromkeys(PATHS, article()) | {
        "/": page(titles, DECLARED),
        "/rss/kinh-te.rss": feed(PATHS, title="Báo Thử - Kinh tế"),
        "/robots.txt": (200, "User-agent: *\nAllow: /\n", TEXT),
    }
    with TinySite(pages) as site:
        yield site


@pytest.fixture
def plain(chromium: Browser, settings: str) -> Iterator[Page]:
    """A narrow browser without scripts."""
    context = chromium.new_context(
        base_url=settings, locale="vi-VN", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_grave_fault_and_fits(
    chromium: Browser, settings: str, axe: str, name: str, language: str
) -> None:
    context = chromium.new_context(base_url=settings, locale="vi-VN")
    tab = context.new_page()
    tab.goto(f"{PAGES[name]}{'&' if '?' in PAGES[name] else '?'}lang={language}")
    for closed in tab.locator("main details:not([open]) > summary").all():
        closed.click()
    faults = faults_of(tab, axe)
    tab.set_viewport_size({"width": 390, "height": 844})
    wide = tab.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert not faults, "\n".join(faults)
    assert wide <= 390


def test_what_is_wrong_is_named_by_its_field(chromium: Browser, settings: str, axe: str) -> None:
    context = chromium.new_context(base_url=settings, locale="vi-VN")
    tab = context.new_page()
    tab.goto(DIGEST)
    tab.get_by_label("Giờ", exact=True).fill("25:00")
    tab.get_by_label("Tên bản tin").fill("Điểm tin <b>đậm</b>")
    tab.get_by_role("button", name="Lưu").click()
    expect(tab.get_by_role("alert")).to_contain_text("Chưa lưu")
    field = tab.get_by_label("Giờ", exact=True)
    expect(field).to_have_value("25:00")
    expect(field).to_have_accessible_description("«25:00» không phải giờ; viết 07:00. Ví dụ 07:00")
    expect(tab.get_by_label("Tên bản tin")).to_have_value("Điểm tin <b>đậm</b>")
    faults = faults_of(tab, axe)
    context.close()
    assert not faults, "\n".join(faults)


def test_a_digest_is_set_up_without_scripts(plain: Page, folder: Path) -> None:
    plain.goto("/cai-dat")
    plain.get_by_role("link", name="Bản tin", exact=True).last.click()
    plain.get_by_role("link", name="Điểm tin Thái Nguyên").click()
    plain.get_by_label("Giờ", exact=True).fill("06:45")
    plain.get_by_label("Duyệt", exact=True).select_option(label="Phải duyệt mới gửi")
    plain.get_by_role("button", name="Lưu").click()
    expect(plain.get_by_role("status")).to_have_text("Đã lưu.")
    plain.get_by_role("link", name="Thư điện tử").click()
    plain.get_by_label("Người nhận").fill("an@so.gov.vn")
    plain.get_by_label("Người gửi").fill("Điểm Tin <tin@so.gov.vn>")
    plain.get_by_label("Máy chủ thư").fill("mail.so.gov.vn")
    plain.get_by_role("button", name="Lưu").click()
    expect(plain.get_by_text("an@so.gov.vn")).to_be_visible()
    plain.goto("/tim?q=d%C3%A2y+chuy%E1%BB%81n")
    plain.get_by_role("link", name="Nhận tin này").click()
    plain.get_by_label("Tên quy tắc").fill("day-chuyen")
    plain.get_by_role("button", name="Nhận tin này").click()
    expect(plain.get_by_role("textbox", name="Quy tắc «day-chuyen»")).to_have_value("dây chuyền")
    block = open_config(Home(folder), "alerts.yml").data["hang-ngay"]
    assert (block["schedule"], block["review"]) == ("daily 06:45", "required")
    assert block["queries"] == {"day-chuyen": "dây chuyền"}
    assert block["channels"][1]["to"] == ["an@so.gov.vn"]
    plain.goto("/cai-dat")
    expect(plain.get_by_text("còn là máy này")).to_be_visible()


def test_a_source_is_read_saved_checked_and_paused_without_scripts(
    plain: Page, folder: Path, outlet: TinySite
) -> None:
    plain.goto("/cai-dat/nguon")
    plain.get_by_label("Địa chỉ", exact=False).first.fill(outlet.home)
    plain.get_by_role("button", name="Đọc thử").click()
    while plain.get_by_role("link", name="Xem đã xong chưa").is_visible():
        plain.get_by_role("link", name="Xem đã xong chưa").click()
    expect(plain.get_by_role("blockquote")).to_contain_text("Xưởng có 37 hộ góp nguyên liệu")
    plain.get_by_role("button", name="Lưu nguồn «Báo Thử»").click()
    key = next(one.key for one in home_sources(Home(folder)).by_key.values() if one.home == outlet.home)
    row = plain.locator(f"#nguon-{key}")
    row.get_by_role("button", name="Tạm dừng: Báo Thử").click()
    expect(row).to_contain_text("đang tạm dừng")
    assert key not in [one.key for one in home_sources(Home(folder)).named([])]
    row.get_by_role("button", name="Chạy tiếp: Báo Thử").click()
    expect(row).not_to_contain_text("đang tạm dừng")
    row.get_by_role("button", name="Thử ngay: Báo Thử").click()
    while plain.get_by_role("link", name="Xem đã xong chưa").is_visible():
        plain.get_by_role("link", name="Xem đã xong chưa").click()
    expect(plain.get_by_role("status")).to_contain_text("Ổn: 1 RSS có 8 bài, đã đọc một bài")
