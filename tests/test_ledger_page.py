"""Số liệu on the web: from articles to the pages, CSV and marks in an article."""

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import lxml.html
import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.schema import open_archive
from archive.web.access import Access
from archive.web.app import build
from archive.web.charts import Dot, dot_chart, round_numbers
from tests import web_sample
from tests.commands import diemtin
from tests.test_ledger import FILLER, HOME, publish

NOW = web_sample.NOW  # 21/11/2026
IIP = "Sản xuất {}\nChỉ số sản xuất công nghiệp tỉnh Thái Nguyên 10 tháng năm 2026 tăng {} so với cùng kỳ. {}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("ledger"))
    db = open_archive(home.archive_db)
    names = {"song-bang": "Báo Sông Bằng", "may-tre": "Tạp chí Mây Tre"}
    db.table("sources").upsert_all(({"key": key, "name": name} for key, name in names.items()), pk="key")
    publish(
        db, "2021-03-12", f"Nghị quyết\nTỉnh {HOME} phấn đấu có trên 700 doanh nghiệp số đến năm 2025. {FILLER}"
    )
    publish(db, "2024-11-05", f"{HOME} kể chuyện số\nHiện toàn tỉnh có 324 doanh nghiệp công nghệ số.")
    publish(db, "2026-02-01", f"Mục tiêu\nTỉnh {HOME} phấn đấu có 1.000 doanh nghiệp số đến năm 2030.")
    publish(db, "2026-11-05", IIP.format("một", "6,8%", "Các nhà máy tuyển thêm thợ."))
    publish(db, "2026-11-06", IIP.format("hai", "7,8%", FILLER), "may-tre")
    publish(
        db, "2026-11-07", f"Tỉnh bạn\nGiá trị xuất khẩu của tỉnh Bắc Ninh đạt 39 tỷ USD. {FILLER}", "may-tre"
    )
    address = {"url": "https://song-bang.example/grdp"}
    grdp = f"GRDP\nNăm 2025, tốc độ tăng trưởng GRDP của tỉnh {HOME} đạt 7,8% so với năm trước. Ông kể về chợ."
    publish(db, "2026-01-20", grdp, **address)
    publish(db, "2026-01-20", grdp.replace("7,8%", "6,9%"), seen="2026-01-21", **address)
    publish(db, "2026-11-08", "Chè\nVụ này bà con thu hoạch 1.240 tấn búp chè tươi ở ba xóm ven sông.")
    db.close()
    return home


@asynccontextmanager
async def served(home: Home, access: Access | None = None) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW, access=access)) as site:
        yield site


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with served(home) as site:
        yield site


async def get(site: Datasette, path: str) -> httpx.Response:
    page = await site.client.get(path)
    assert page.status_code == 200, path
    return page


async def test_all_indicators_with_the_last_report_and_the_next_target(site: Datasette) -> None:
    page = await get(site, "/so-lieu")
    rows = [
        " ".join(row.text_content().split()) for row in lxml.html.fromstring(page.text).findall(".//tbody/tr")
    ]
    [digital] = [row for row in rows if row.startswith("Doanh nghiệp công nghệ số") and "tin" in row[-8:]]
    assert "324 doanh nghiệp 05/11/2024 · Báo Sông Bằng" in digital
    assert "1.000 doanh nghiệp 2030" in digital
    [iip] = [row for row in rows if row.startswith("Chỉ số sản xuất công nghiệp 1 chỗ nói khác nhau")]
    assert iip.endswith("2 tin")
    [exports] = [row for row in rows if row.startswith("Giá trị xuất khẩu")]
    assert "chưa thấy báo cáo" in exports, "a figure of Bắc Ninh is not the province's"


async def test_a_promise_come_due_stands_beside_the_last_report(site: Datasette) -> None:
    shown = web_sample.words(await get(site, "/so-lieu"))
    assert "trên 700 doanh nghiệp Báo Sông Bằng · 12/03/2021 2025 đã đến hạn 324 doanh nghiệp" in shown
    assert "đã đến hạn" in web_sample.words(await get(site, "/so-lieu/digital_enterprises"))


async def test_who_says_what_where_outlets_differ(site: Datasette) -> None:
    for path in ("/so-lieu", "/so-lieu/iip"):
        shown = web_sample.words(await get(site, path))
        assert "10 tháng 2026 · Thái Nguyên" in shown
        assert "6,8% thực hiện : Báo Sông Bằng · 05/11/2026" in shown
        assert "7,8% thực hiện : Tạp chí Mây Tre · 06/11/2026" in shown


async def test_each_point_of_the_chart_opens_its_sentence_in_its_article(site: Datasette) -> None:
    page = lxml.html.fromstring((await get(site, "/so-lieu/digital_enterprises")).text)
    points = page.findall(".//figure//svg/a")
    assert [point.get("aria-label") for point in points] == [
        "324 doanh nghiệp · 05/11/2024 · thực hiện · Thái Nguyên · Báo Sông Bằng 05/11/2024",
        "trên 700 doanh nghiệp · 2025 · mục tiêu · Thái Nguyên · Báo Sông Bằng 12/03/2021",
        "1.000 doanh nghiệp · 2030 · mục tiêu · Thái Nguyên · Báo Sông Bằng 01/02/2026",
    ]
    for point in points:
        address, _, anchor = point.get("href").partition("#")
        article = lxml.html.fromstring((await get(site, address)).text)
        [number] = article.xpath(f"//*[@id='{anchor}']")
        assert point.get("aria-label").startswith((number.text_content(), f"trên {number.text_content()}"))
        assert number.get("href") == "/so-lieu/digital_enterprises"
    shapes = {dot.get("class") for dot in page.findall(".//figure//svg/a/svg")}
    assert shapes == {"dot actual", "dot target"}


async def test_the_table_tells_the_sentence_and_what_was_edited(site: Datasette) -> None:
    page = await get(site, "/so-lieu/grdp_growth")
    assert "Năm 2025, tốc độ tăng trưởng GRDP của tỉnh Thái Nguyên đạt 6,9% so với năm trước." in page.text
    [edit] = lxml.html.fromstring(page.text).xpath("//a[contains(@class, 'edited')]")
    assert edit.text_content() == "đã sửa: 7,8% → 6,9%"
    address, _, anchor = edit.get("href").partition("#")
    assert f'id="{anchor}"' in (await get(site, address)).text


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", {"700", "324", "1000"}),
        ("?loai=actual", {"324"}),
        ("?loai=target&tu=2025-01-01", {"1000"}),
        ("?noi=thai+nguyen", {"700", "324", "1000"}),
        ("?noi=*&loai=said", set()),
    ],
)
async def test_the_csv_holds_what_the_page_shows(site: Datasette, query: str, values: set[str]) -> None:
    answer = await get(site, f"/so-lieu/digital_enterprises.csv{query}")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["value"] for row in rows} == values
    assert all(row["quote"] and row["archive_url"].startswith("http") for row in rows)
    page = web_sample.words(await get(site, f"/so-lieu/digital_enterprises{query}"))
    assert (f"{len(values)} số liệu" in page) == bool(values)
    assert ("Không có số liệu nào như vậy." in page) == (not values)


async def test_other_places_are_asked_for_by_name(site: Datasette) -> None:
    page = await get(site, "/so-lieu/exports?noi=B%E1%BA%AFc+Ninh")
    assert "39 tỷ USD" in page.text
    assert "39 tỷ USD" in (await get(site, "/so-lieu/exports")).text, "there is nothing of the province's own"


async def test_the_search_box_finds_indicators_and_figures_without_one(site: Datasette) -> None:
    shown = web_sample.words(await get(site, "/so-lieu?tim=doanh+nghiep+so"))
    assert "Doanh nghiệp công nghệ số" in shown
    assert "Chỉ số sản xuất công nghiệp" not in shown
    tea = web_sample.words(await get(site, "/so-lieu?tim=bup+che"))
    assert "1.240 tấn" in tea
    nothing = web_sample.words(await get(site, "/so-lieu?tim=thien+van"))
    assert "Không có chỉ tiêu nào có số liệu mà tên chứa «thien van»" in nothing


async def test_an_indicator_without_figures_says_so_and_an_unknown_one_is_not_found(site: Datasette) -> None:
    assert "Chưa có bài nào nói số liệu của chỉ tiêu này." in (await get(site, "/so-lieu/papi")).text
    assert (await site.client.get("/so-lieu/nope")).status_code == 404


async def test_an_empty_archive_says_what_to_do(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    open_archive(home.archive_db).close()
    async with served(home) as site:
        assert "diemtin reprocess" in (await get(site, "/so-lieu")).text


async def test_an_article_marks_its_figures_and_folds_their_table(site: Datasette) -> None:
    page = lxml.html.fromstring((await get(site, "/bai/4?q=cong+nghiep")).text)
    [number] = page.xpath("//div[@class='text']//a[@class='figure-mark']")
    assert number.text_content() == "6,8%"
    assert number.get("title") == "Chỉ số sản xuất công nghiệp · 10 tháng 2026 · thực hiện · Thái Nguyên"
    assert page.xpath("//div[@class='text']//mark")
    [table] = page.xpath("//details[@id='so-lieu']")
    assert table.get("open") is None
    assert table.xpath(f".//a[@href='#{number.get('id')}']")
    tea = lxml.html.fromstring((await get(site, "/bai/8")).text)
    assert [one.text_content() for one in tea.xpath("//span[@class='figure-mark']")] == ["1.240 tấn"]


def test_dots_stand_between_round_numbers_and_ranks_the_other_way_up() -> None:
    days = [NOW.date().replace(year=2020 + at) for at in range(5)]
    dots = [
        Dot(day, value, "actual", "", "") for day, value in zip(days, (187, 256, 324, 412, 700), strict=True)
    ]
    drawn = dot_chart(dots)
    assert [value for value, _ in drawn.rows] == [0, 200, 400, 600, 800]
    heights = [dot.y for dot in drawn.dots]
    assert heights == sorted(heights, reverse=True)
    assert [dot.x for dot in drawn.dots] == sorted(dot.x for dot in drawn.dots)
    assert drawn.by_year
    assert len(drawn.columns) <= 6
    ranks = dot_chart([Dot(days[0], 21, "actual", "", ""), Dot(days[1], 12, "actual", "", "")], downward=True)
    assert ranks.dots[1].y < ranks.dots[0].y
    alone = dot_chart([Dot(days[0], 5, "actual", "", "")])
    assert 0 < alone.dots[0].y < alone.height
    assert round_numbers(6.8, 7.8) == [6.75, 7.0, 7.25, 7.5, 7.75, 8.0]


def test_the_command_tells_what_the_page_tells(home: Home) -> None:
    told = diemtin("--lang", "vi", "figures", "digital_enterprises", home=home.path).stdout
    assert "324 doanh nghiệp, 05/11/2024 · thực hiện · Thái Nguyên · Báo Sông Bằng 05/11/2024" in told
    assert "trên 700 doanh nghiệp, 2025 (hạn 31/12/2025); báo cáo gần nhất: 324 doanh nghiệp" in told
    every = diemtin("--lang", "vi", "figures", home=home.path).stdout
    assert "iip                      Chỉ số sản xuất công nghiệp: 7,8%, 10 tháng 2026 (2)" in every


def test_the_command_for_programs(home: Home) -> None:
    told = json.loads(diemtin("figures", "iip", "--place", "thai nguyen", "--json", home=home.path).stdout)
    assert [point["value"] for point in told["points"]] == [7.8, 6.8]
    [conflict] = told["conflicts"]
    assert [one["outlets"] for one in conflict["values"]] == [["Báo Sông Bằng"], ["Tạp chí Mây Tre"]]
    since = diemtin("figures", "iip", "--since", "2026-11-06", "--csv", home=home.path).stdout
    assert [row["value"] for row in csv.DictReader(io.StringIO(since.removeprefix("\ufeff")))] == ["7.8"]
    wrong = diemtin("figures", "ipp", home=home.path, check=False)
    assert wrong.returncode == 2
    assert "`iip`" in wrong.stderr
