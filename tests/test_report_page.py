"""The report's pages: every number leads to exactly what it counts."""

import io
import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import docx
import httpx
import openpyxl
import pytest
from datasette.app import Datasette

from archive.clock import HANOI
from archive.home import Home
from archive.report.month import Month
from archive.web.app import build
from tests import web_sample
from tests.bench.report import MadeYear, make_year
from tests.report_expected import numbers_of, read_list

pytestmark = pytest.mark.timeless

NOVEMBER = Month(2026, 11)
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=HANOI)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("report"))
    make_year(home, MadeYear(500, 13, NOVEMBER, NOON, outlets=4, topics=2, documents=3))
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOON)) as datasette:
        yield datasette


async def get(site: Datasette, path: str, status: int = 200) -> httpx.Response:
    answer: httpx.Response = await site.client.get(path)
    assert answer.status_code == status, path
    return answer


def numbers(page: httpx.Response) -> dict[str, int]:
    """Every number of the page, by the address of its list."""
    return numbers_of(page.text)


async def length(site: Datasette, path: str) -> tuple[int, int]:
    """How many lines a list has on all its pages, and how many it says there are."""
    lines, number = 0, 1
    while True:
        page = read_list((await get(site, f"{path}&trang={number}")).text)
        lines += page.lines
        if not page.more:
            return lines, page.says
        number += 1


async def test_every_number_leads_to_exactly_what_it_counts(site: Datasette) -> None:
    found = numbers(await get(site, "/bao-cao?thang=2026-11"))
    asked = {tuple(sorted(parse_qs(urlsplit(path).query))) for path in found}
    assert len(found) > 200
    assert len(asked) > 5
    days = [path for path in found if "theo=day" in path]
    for path in [path for path in found if path not in days] + days[::9]:
        assert await length(site, path) == (found[path], found[path]), path


async def test_numbers_of_all_that_is_kept_lead_to_their_lists_too(site: Datasette) -> None:
    found = numbers(await get(site, "/bao-cao?thang=2026-10&muc=all"))
    assert {parse_qs(urlsplit(path).query)["muc"][0] for path in found} == {"all"}
    for path in list(found)[::25]:
        assert await length(site, path) == (found[path], found[path]), path


async def test_the_newest_month_is_shown_and_the_others_are_named(site: Datasette) -> None:
    page = await get(site, "/bao-cao")
    assert "<h1>Báo cáo tháng 11/2026</h1>" in page.text
    assert page.text.count('href="/bao-cao?thang=') >= 13
    assert page.text.count('<svg class="bars"') == 2
    bars = {part.partition('"')[0]: 'class="share"' in part for part in page.text.split('<h2 id="')[1:]}
    assert bars["outlet"]
    assert not bars["spread"], "one outlet's firsts are not measured against another's reprints"
    assert not bars["changes"]


@pytest.mark.parametrize("month", ["2031-05", "2020-01"])
async def test_a_month_without_anything_is_a_page_that_says_so(site: Datasette, month: str) -> None:
    page = web_sample.words(await get(site, f"/bao-cao?thang={month}"))
    assert "Tháng này kho không có bài nào như vậy." in page
    assert ("chưa tới" in page) == (month == "2031-05")


@pytest.mark.parametrize(
    "path",
    ["/bao-cao?thang=2026-13", "/bao-cao?thang=%27", "/bao-cao/bai?thang=11",
     "/bao-cao/bai?thang=2026-11&theo=x", "/bao-cao/bai?thang=2026-11&dem=passwords",
     "/bao-cao/bai?thang=2026-11&muc=x", "/bao-cao/tep?thang=x",
     "/bao-cao/tep?thang=2026-11&dang=exe"],
)  # fmt: skip
async def test_what_no_report_links_to_is_not_found(site: Datasette, path: str) -> None:
    assert "Không có trang này" in web_sample.words(await get(site, path, 404))


async def test_a_list_of_nothing_says_what_to_do(site: Datasette) -> None:
    page = web_sample.words(await get(site, "/bao-cao/bai?thang=2026-11&theo=outlet&gia=khong-co"))
    assert "Không có gì để liệt kê." in page


async def test_excel_has_a_sheet_for_each_table_and_numbers_that_lead_to_their_lists(site: Datasette) -> None:
    answer = await get(site, "/bao-cao/tep?thang=2026-11&dang=xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="Bao-cao-2026-11.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    found = numbers(await get(site, "/bao-cao?thang=2026-11"))
    cells = [cell for name in book.sheetnames for line in book[name] for cell in line if cell.hyperlink]
    linked = {urlsplit(cell.hyperlink.target): cell.value for cell in cells}
    lists = {
        f"{path.path}?{path.query}": value for path, value in linked.items() if path.path == "/bao-cao/bai"
    }
    assert lists.items() >= found.items()
    assert all(isinstance(value, int) for value in lists.values())
    assert {"Theo báo", "Theo chủ đề", "Theo sắc thái", "Sửa và gỡ", "Theo ngày"} <= set(book.sheetnames)


async def test_word_has_the_tables_with_their_numbers(site: Datasette) -> None:
    document = docx.Document(io.BytesIO((await get(site, "/bao-cao/tep?thang=2026-11&dang=docx")).content))
    told = "\n".join(one.text for one in document.paragraphs)
    assert "BÁO CÁO THÁNG 11/2026" in told
    total = {line.cells[0].text: line.cells[1].text for line in document.tables[0].rows}
    found = numbers(await get(site, "/bao-cao?thang=2026-11"))
    assert total["Bài"] == str(found["/bao-cao/bai?thang=2026-11"])


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
async def test_libreoffice_reads_the_numbers_of_the_workbook(site: Datasette, tmp_path: Path) -> None:
    (tmp_path / "bao-cao.xlsx").write_bytes((await get(site, "/bao-cao/tep?thang=2026-11&dang=xlsx")).content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"  # the second sheet
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "bao-cao.xlsx")], check=True, capture_output=True, timeout=120)
    table = next(tmp_path.glob("*.csv")).read_text(encoding="utf-8")
    found = numbers(await get(site, "/bao-cao?thang=2026-11"))
    assert f"\nBài,{found['/bao-cao/bai?thang=2026-11']}," in table
