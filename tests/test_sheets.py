"""Tables to take away: what a cell says is what opens, in Excel's form and in CSV."""

import csv
import io
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from archive.sheets import UNKNOWN, CellLink, Sheet, to_csv, to_xlsx

pytestmark = pytest.mark.timeless

NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
EVIL = ["=1+1", "+84 208", "-2", "@SUM(A1)", "\t=x", '=HYPERLINK("http://evil.example","bấm")']
ODD = ["hai\ndòng", "NUL\x00\x0b\ufffe hết", "x" * 40_000, "Đã sửa: 7,8% → 6,8%"]


def test_no_cell_becomes_a_formula_in_excel(tmp_path: Path) -> None:
    rows = [[one] for one in (*EVIL, *ODD)]
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("Sổ [1]: a/b", [("Ô", 20)], rows)], "Sổ", NOW)))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells[: len(EVIL)]] == EVIL
    assert cells[-3].value == "NUL hết"
    assert book.sheetnames == ["Sổ  1   a b"]


def test_days_times_numbers_and_links_are_what_they_are() -> None:
    link, bad = CellLink("bài", "https://a.example/1"), CellLink("xấu", "javascript:alert(1)")
    row = [date(2026, 11, 30), NOW, 8503, 6.8, link, bad, None]
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("A", [(c, 9) for c in "abcdefg"], [row])], "A", NOW)))
    cells = next(iter(book.worksheets[0].iter_rows(min_row=2)))
    day, time, *others = [cell.value for cell in cells]
    assert (day.isoformat(), time.isoformat()) == ("2026-11-30T00:00:00", "2026-11-28T08:30:00")
    assert others == [8503, 6.8, "bài", "xấu", None]
    assert cells[0].number_format == "dd/mm/yyyy"
    assert cells[4].hyperlink.target == link.url
    assert cells[5].hyperlink is None


def test_what_stands_for_a_number_stands_where_numbers_do() -> None:
    rows = [["a", 1, UNKNOWN]]
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("A", [(c, 9) for c in "abc"], rows)], "A", NOW)))
    sides = [cell.alignment.horizontal for cell in next(iter(book.worksheets[0].iter_rows(min_row=2)))]
    assert sides == [None, None, "right"]


def test_csv_is_not_run_either() -> None:
    text = to_csv(["ô", "n", "=đầu"], [[one, -2, None] for one in EVIL])
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row[0] for row in rows[1:]] == [f"'{one}" for one in EVIL]
    assert rows[1][1:] == ["-2", ""]
    assert rows[0][2] == "'=đầu"


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_libreoffice_opens_the_workbook_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "so.xlsx"
    path.write_bytes(to_xlsx([Sheet("Sổ", [("Ô", 20)], [[one] for one in EVIL])], "Sổ", NOW))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/lo", "--headless", "--convert-to",
         "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", tmp_path, path],
        check=True, capture_output=True, timeout=90,
    )  # fmt: skip
    rows = list(csv.reader(io.StringIO((tmp_path / "so.csv").read_text(encoding="utf-8"))))
    assert [row[0] for row in rows] == ["Ô", *EVIL]
