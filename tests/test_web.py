"""The pages as a reader sees them, over a small archive with hostile content in it."""

import csv
import html
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from datasette.app import Datasette
from lxml import etree

from archive.home import Home
from archive.schema import open_archive
from archive.web.app import build
from archive.web.headers import OUR_PAGES
from tests import web_sample
from tests.web_sample import words

PAGES = [
    "/",
    "/tim",
    "/tim?q=cong+nghiep",
    "/bai/1",
    "/bai/1?q=cong+nghiep",
    "/bai/5",
    "/bai/6",
    "/nguon",
    "/ban-tin",
    "/ban-tin/7",
    "/chu-de",
    "/chu-de/cong-nghiep",
    "/chu-de/cong-nghiep?trang=2",
    "/van-ban",
    "/van-ban?so=52-KH/%C4%90C",
    "/sua-go",
    "/bao-cao",
    "/truong-hop",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("web"))
    web_sample.fill(home.archive_db)
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as datasette:
        yield datasette


@pytest.fixture
async def empty_site(tmp_path: Path) -> AsyncIterator[Datasette]:
    home = Home.at(tmp_path)
    open_archive(home.archive_db).close()
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as datasette:
        yield datasette


async def get(site: Datasette, path: str, **given: object) -> httpx.Response:
    answer: httpx.Response = await site.client.get(path, **given)
    return answer


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_answers_in_both_languages(site: Datasette, path: str, language: str) -> None:
    page = await get(site, path, cookies={"diemtin_lang": language})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-security-policy"] == OUR_PAGES
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|<style|\son\w+=\"", page.text)


@pytest.mark.parametrize("path", [*PAGES, "/ban-tin/7/noi-dung", "/tim?nguon=trungdu", "/tim?noi=Đồi+Chè"])
async def test_crawled_text_is_never_markup(site: Datasette, path: str) -> None:
    page = await get(site, path)
    assert '<script>alert("x")' not in page.text
    assert "onerror=alert(1)>" not in page.text
    assert not re.search(r"href=[\"']?\s*javascript:", page.text, re.IGNORECASE)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/tim",
        "/nguon",
        "/ban-tin",
        "/chu-de",
        "/van-ban",
        "/sua-go",
        "/phan-hoi",
        "/bao-cao",
        "/truong-hop",
        "/tim?q=x",
    ],
)
async def test_an_empty_archive_says_what_to_do(empty_site: Datasette, path: str) -> None:
    page = await get(empty_site, path)
    assert page.status_code == 200
    assert 'class="nothing' in page.text


async def test_today_tells_each_story_once_with_its_outlets(site: Datasette) -> None:
    page = await get(site, "/")
    shown = words(page)
    stream = page.text.split("<aside>")[0]
    assert stream.count("<h3>") == 3  # Sao Mai (three outlets), the hostile one, the class
    assert "Báo Trung Du 07:00 · Thời báo Sông Chè 08:00 (theo Báo Trung Du) · Cổng tin Sở Tin 09:00" in shown
    assert "3 báo đăng" in shown
    assert "24 giờ qua, đến Thứ Bảy, 21/11/2026 · 11:00 · 3 tin" in shown
    assert "Kết quả bóng chuyền" not in shown


async def test_today_tells_edits_take_downs_and_broken_sources(site: Datasette) -> None:
    aside = words(await get(site, "/")).split("Sửa và gỡ trong tuần")[1]
    assert "7,8% → 6,8%" in aside
    assert "đã gỡ Xưởng thuỷ tinh Bến Đá tạm dừng lò số hai" in aside
    assert "Lỗi Cổng tin Sở Tin Không kết nối được (timed out)." in aside
    assert "Cần xem Thời báo Sông Chè 9 trong 10 trang đọc không được." in aside


async def test_today_tells_a_dead_line_in_a_sentence_and_folds_its_outlets(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    db = open_archive(home.archive_db)
    db.execute("update runs set state = 'unreachable', reason = 'timed out'")
    db.close()
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as site:
        aside = (await get(site, "/")).text.split("<aside>")[1]
        assert aside.count("Không nguồn nào trả lời từ ") == 1
        seen, folded = aside.split("<details><summary>")
        assert folded.startswith(("2 nguồn", "3 nguồn"))
        assert "Không kết nối được" not in seen
        assert "Cổng tin Sở Tin" in folded


async def test_a_search_without_marks_finds_and_marks_the_printed_words(site: Datasette) -> None:
    page = await get(site, "/tim?q=khu+cong+nghiep+thuy+dien")
    assert "<mark>khu công nghiệp</mark>" in page.text
    assert "3 bài" in words(page)
    assert (await get(site, "/tim?q=kh%C3%B9+c%C3%B4ng+nghi%E1%BB%87p")).text.count("<mark>") == 0


async def test_search_says_how_it_was_understood_in_the_readers_language(site: Datasette) -> None:
    assert "Bài có «cong nghiep» (liền nhau, mọi dấu)" in words(await get(site, "/tim?q=cong+nghiep"))
    english = words(await get(site, "/tim?q=cong+nghiep&lang=en"))
    assert "Articles with «cong nghiep» (in a row, any marks)" in english


async def test_filters_count_narrow_and_can_be_taken_away(site: Datasette) -> None:
    page = await get(site, "/tim?q=cong+nghiep")
    assert 'href="/tim?q=cong+nghiep&amp;nguon=sotin"' in page.text
    narrow = await get(site, "/tim?q=cong+nghiep&nguon=sotin")
    assert "1 bài" in words(narrow)
    assert "Nguồn: Cổng tin Sở Tin ×" in words(narrow)
    assert 'href="/tim?q=cong+nghiep" title="Bỏ điều kiện này"' in narrow.text
    both = await get(site, "/tim", params={"noi": "Đồi Chè", "chude": "chuyen-doi-so"})
    assert "1 bài" in words(both)
    org = await get(site, "/tim", params={"tochuc": "Nhà máy Sao Mai"})
    assert "1 bài" in words(org)


async def test_a_period_includes_both_of_its_days(site: Datasette) -> None:
    page = await get(site, "/tim?q=cong+nghiep&tu=2026-11-13&den=2026-11-14")
    assert "2 bài" in words(page)
    assert "từ 13/11/2026 đến 14/11/2026" in words(page)
    only_days = await get(site, "/tim?tu=2026-11-21&den=2026-11-21")
    assert "6 bài" in words(only_days)


async def test_the_chart_leads_to_the_hits_it_counts(site: Datasette) -> None:
    page = await get(site, "/tim?q=cong+nghiep")
    bars = re.findall(r'<a href="([^"]+)" tabindex="-1"><title>21/11/2026: 4 bài</title>', page.text)
    assert len(bars) == 1
    assert "4 bài" in words(await get(site, html.unescape(bars[0])))


async def test_the_chart_has_its_numbers_in_a_table_and_names_the_highest(site: Datasette) -> None:
    page = await get(site, "/tim?q=cong+nghiep")
    row = r'<tr><th scope="row">([^<]+)</th><td class="number"><a href="([^"]+)">([\d.]+)</a></td></tr>'
    rows = re.findall(row, page.text)
    assert sum(int(hits) for _, _, hits in rows) == 44
    assert rows[0][0] == "21/11/2026"
    assert "4 bài" in words(await get(site, html.unescape(rows[0][1])))
    assert "cao nhất: 21/11/2026, 4 bài" in words(page)
    level = await get(site, "/tim?q=cong+nghiep&den=2026-11-14&lang=en")
    assert "highest: 1 article, 40 times" in words(level)


async def test_paging_keeps_the_whole_question_in_the_address(site: Datasette) -> None:
    page = await get(site, "/tim?q=cong+nghiep&chude=cong-nghiep")
    link = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert link
    second = await get(site, html.unescape(link[1]))
    assert "Bản tin công nghiệp số 23" in words(second)
    assert "Bản tin công nghiệp số 22" not in words(second)
    beyond = await get(site, "/tim?q=cong+nghiep&trang=99")
    assert "Trang này nằm sau kết quả cuối" in words(beyond)


async def test_relevance_names_its_window(site: Datasette) -> None:
    page = await get(site, "/tim?q=cong+nghiep&xep=dung")
    assert "đúng nhất trong 44 bài mới nhất" in words(page)


async def test_a_search_can_be_made_an_alert(site: Datasette) -> None:
    asked, wanted = {"q": '"khu công nghiệp"', "nguon": "trungdu"}, '"khu công nghiệp" nguồn:trungdu'
    page = await get(site, "/tim", params=asked)
    link = re.search(r'href="/cai-dat/quy-tac\?([^"]+)"', page.text)
    assert link
    assert parse_qs(html.unescape(link[1])) == {"q": [wanted]}
    reader = await site.client.get("/tim", params=asked, headers={"via": "1.1 cua"})  # may set nothing
    rule = re.search(r"ten-dieu-kien: (.*)</code>", reader.text)
    assert rule
    assert json.loads(html.unescape(rule[1])) == wanted
    assert "/cai-dat" not in reader.text


async def test_the_feed_is_valid_and_gives_no_unsafe_address(site: Datasette) -> None:
    answer = await get(site, "/tim.atom?q=cong+nghiep")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(answer.content)
    atom = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == 44
    assert all(
        entry.find(f"{atom}{tag}") is not None for entry in entries for tag in ("id", "title", "updated")
    )
    assert not [link for link in feed.iter(f"{atom}link") if not link.get("href", "").startswith("http")]


async def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(site: Datasette) -> None:
    answer = await get(site, "/tim.csv?q=cong+nghiep")
    assert answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 44
    assert rows[0]["published_at"] == "2026-11-21 09:00"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


async def test_an_article_shows_its_dossier(site: Datasette) -> None:
    shown = words(await get(site, "/bai/1"))
    for fact in [
        "Ngày đăng Thứ Bảy, 21/11/2026 · 07:00 theo dữ liệu của trang",
        "Ghi nhận lần đầu Thứ Bảy, 21/11/2026 · 07:09",
        "Tác giả Nguyễn Thử",
        "Chuyên mục Kinh tế",
        "Vì sao được xếp là liên quan «khu công nghiệp» trong nội dung nơi: Đồi Chè",
        "52-KH/ĐC · Kế hoạch · Ban quản lý Đồi Chè · 01/10/2026",
        "giá trị sản xuất 8.503 tỷ đồng",
        "hạng 3/61 mục tiêu",
        "Cùng sự kiện 3 báo đăng",
        "Báo Trung Du 07:00 (Báo đăng đầu tiên)",
        "Thời báo Sông Chè 08:00 (theo Báo Trung Du)",
    ]:
        assert fact in shown
    assert "theo dòng ngày trên bài" in words(await get(site, "/bai/3"))


async def test_an_edit_shows_both_sides_with_the_number_first(site: Datasette) -> None:
    page = await get(site, "/bai/1")
    assert "Đã sửa 1 lần : 7,8% → 6,8%" in words(page)
    history = page.text.split('id="lich-su"')[1]
    assert history.index("<del>7,8%</del>") < history.index("So hai bản cạnh nhau")
    assert "<ins>lắp ráp" in history
    assert "Thuỷ điện nhỏ" not in history  # a paragraph that stayed


async def test_a_take_down_shows_both_dates_and_the_last_copy(site: Datasette) -> None:
    shown = words(await get(site, "/bai/5"))
    assert "Đã gỡ (phát hiện 20/11/2026, xác nhận 20/11/2026)" in shown
    assert "Bản lưu ngày 20/11/2026" in shown
    assert "Lò số hai dừng để bảo dưỡng." in shown


async def test_words_asked_for_are_marked_in_the_article(site: Datasette) -> None:
    page = await get(site, "/bai/1?q=thuy+dien")
    assert "<mark>Thuỷ điện</mark>" in page.text
    assert "<mark>" not in (await get(site, "/bai/1")).text


async def test_sources_tell_state_outcomes_and_days(site: Datasette) -> None:
    shown = words(await get(site, "/nguon"))
    assert "4 nguồn · Lỗi 1 · Cần xem 1 · Bình thường 1 · Chưa rõ 1" in shown
    assert "25 phút trước · hoàn tất mới 3, không đổi 12, ngoài chủ đề 40" in shown


async def test_sources_tell_what_their_lists_cover_and_how_sure_that_is(site: Datasette) -> None:
    page = await get(site, "/nguon")
    shown = words(page)
    counts = "RSS 1.204 · sitemap và chuyên mục 1.180 · cả hai 1.150 · đã lưu 18"
    assert f"{counts} ước sót 0,1% (0–0,5%)" in shown
    assert "RSS 9 · đã lưu 2 chỉ có một loại danh sách nên không ước được phần sót" in shown
    assert shown.count("chưa đủ dữ liệu") == 2
    assert "khoảng tin cậy 95%" in shown
    assert "about 0.1% missed (0–0.5%)" in words(await get(site, "/nguon?lang=en"))


async def test_an_edition_is_framed_and_its_receivers_are_not_told(site: Datasette) -> None:
    page = await get(site, "/ban-tin/7")
    assert "congty.example" not in page.text
    assert "mailto – đã gửi" in words(page)
    assert "phiên bản cũ" in words(page)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    frame = await get(site, "/ban-tin/7/noi-dung")
    policy = frame.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/bai/999",
        "/bai/999999999999999999",
        "/ban-tin/1",
        "/ban-tin/1/noi-dung",
        "/chu-de/la",
        "/van-ban?so=0",
    ],
)
async def test_an_unknown_page_says_so_in_vietnamese(site: Datasette, path: str) -> None:
    page = await get(site, path)
    assert page.status_code == 404
    assert "Không có trang này" in words(page)


async def test_the_language_chosen_is_remembered(site: Datasette) -> None:
    page = await get(site, "/nguon?lang=en")
    assert page.cookies["diemtin_lang"] == "en"
    assert "Sources" in words(page)
    assert 'href="/nguon?lang=vi"' in page.text
    assert "set-cookie" not in (await get(site, "/nguon")).headers


async def test_datasettes_own_search_box_speaks_vietnamese(site: Datasette) -> None:
    for query in ("thuy dien", "thuỷ điện", "thủy điện"):
        answer = await get(site, "/archive/articles.json", params={"_search": query, "_shape": "array"})
        assert {row["id"] for row in answer.json()} == {1, 2, 3}, query
    assert (await get(site, "/archive/articles.json?_search=chuy%E1%BB%83n+doi+so&_shape=array")).json()


async def test_datasettes_own_pages_stay_and_inner_tables_are_hidden(site: Datasette) -> None:
    tables = (await get(site, "/archive.json")).json()["tables"]
    shown = {table["name"] for table in tables if not table["hidden"]}
    assert {"articles", "versions", "stories", "sources", "runs"} <= shown
    assert not {
        name
        for name in shown
        if name.startswith(("articles_fts", "articles_pairs", "pair_", "_", "shingles", "pending"))
    }
    for path in (
        "/archive",
        "/archive/articles",
        "/archive?sql=select+1",
        "/archive/articles/1",
        "/-/versions",
    ):
        page = await get(site, path)
        assert page.status_code == 200
        assert "default-src 'self'" in page.headers["content-security-policy"]
    assert (await get(site, "/archive.db")).status_code == 403


async def test_static_files_come_from_here(site: Datasette) -> None:
    page = await get(site, "/")
    for address in re.findall(r'(?:href|src)="([^"]+\.(?:css|js|svg|woff2)[^"]*)"', page.text):
        assert address.startswith("/-/static-plugins/diemtin/")
        assert (await get(site, address)).status_code == 200
    style = (await get(site, "/-/static-plugins/diemtin/style.css")).text
    assert "http" not in style
    for font in re.findall(r"url\(([^)]+)\)", style):
        assert (await get(site, f"/-/static-plugins/diemtin/{font}")).status_code == 200


async def test_who_may_not_see_the_archive_sees_none_of_our_pages(home: Home) -> None:
    closed = Datasette([str(home.archive_db)], metadata={"allow": {"id": "editor"}})
    async with web_sample.running(closed):
        for path in [*PAGES, "/ban-tin/7/noi-dung", "/tim.atom?q=x", "/tim.csv?q=x"]:
            page = await closed.client.get(path)
            assert page.status_code == 403, path
            assert "Trang này cần quyền xem" in page.text
            assert "Sao Mai" not in page.text


async def test_it_works_under_plain_datasette(home: Home) -> None:
    async with web_sample.running(Datasette([str(home.archive_db)])) as plain:
        assert (await plain.client.get("/tim?q=cong+nghiep")).status_code == 200


async def test_a_credited_address_leads_to_the_article_that_is_kept(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with open_archive(home.archive_db).conn as db:
        (original,) = db.execute("select url from articles where id = 1").fetchone()
        db.execute("update articles set credit = 'Báo Gốc', credit_url = ? where id = 2", [f"{original}/"])
        db.execute("update articles set credit = 'Báo Xa', credit_url = 'https://xa.example/1' where id = 3")
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as site:
        kept, elsewhere = (await get(site, "/bai/2")).text, (await get(site, "/bai/3")).text
    assert re.search(r'<a href="[^"]*/bai/1">[^<]*Báo Gốc', html.unescape(kept))
    assert re.search(r'<a href="https://xa.example/1"[^>]*>[^<]*Báo Xa', html.unescape(elsewhere))
