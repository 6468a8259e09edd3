"""Tables to take away, as CSV and as Excel: every cell is what it says, none is run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.clock import HANOI
from archive.text import safe_url

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST_CELL = 32_000  # characters; Excel holds 32,767
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEA, _DAY = "2F5D3A", "dd/mm/yyyy"


class CellLink(NamedTuple):
    """Text that leads to an address; only the text where the address is none of the web."""

    text: str
    url: str


class NumberLink(NamedTuple):
    """A number that leads to an address; only the number where the address is none of the web."""

    value: float
    url: str


Cell = str | int | float | date | CellLink | NumberLink | None  # a time is shown as it is in Hà Nội


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name, each column's head and width (characters), and the rows from the top."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Cell]]


def to_csv(heads: Iterable[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table as CSV that spreadsheets open, with the mark by which they know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(_written, heads))
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _written(cell: Cell) -> str:
    if isinstance(cell, NumberLink):
        return str(cell.value)
    text = cell.text if isinstance(cell, CellLink) else "" if cell is None else str(_local(cell))
    return f"'{text}" if isinstance(cell, str | CellLink) and text.startswith(_FORMULA) else text


def _local(cell: Cell) -> Cell:
    """A time without its zone, by the clock of Hà Nội; anything else as it is."""
    return cell.astimezone(HANOI).replace(tzinfo=None) if isinstance(cell, datetime) else cell


def to_xlsx(sheets: Iterable[Sheet], title: str, made: datetime) -> bytes:
    """The sheets as an Excel workbook: heads that stay and filter, wrapped text, landscape A4."""
    from openpyxl import Workbook  # takes 0.2 s

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = title, "Điểm Tin"
    book.properties.created = book.properties.modified = made.astimezone(HANOI).replace(tzinfo=None)
    for sheet in sheets:
        _fill(book.create_sheet(_sheet_name(sheet.name)), sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet_name(name: str) -> str:
    return re.sub(r"[][*?:/\\']", " ", name)[:31] or "1"


def _fill(page: "Worksheet", sheet: Sheet) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for column, (head, width) in enumerate(sheet.columns, 1):
        _put(page.cell(1, column), head)
        page.cell(1, column).font = Font(bold=True)
        page.column_dimensions[get_column_letter(column)].width = width
    for at, row in enumerate(sheet.rows, 2):
        for column, cell in enumerate(row, 1):
            _put(page.cell(at, column), cell)
    page.freeze_panes, page.auto_filter.ref = "A2", page.dimensions
    page.print_title_rows = "1:1"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # 9 is A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _put(place: Any, cell: Cell) -> None:
    """Write a cell; text is text, also where it begins like a formula and someone edits it."""
    from openpyxl.styles import Alignment, Font

    place.alignment = Alignment(vertical="top", wrap_text=isinstance(cell, str | CellLink))
    if isinstance(cell, str | CellLink):
        text = cell.text if isinstance(cell, CellLink) else cell
        place.value = _CONTROL.sub("", text)[:LONGEST_CELL]
        place.data_type = "s"
        place.quotePrefix = text.startswith(_FORMULA)
        if isinstance(cell, CellLink) and safe_url(cell.url):
            place.hyperlink, place.font = cell.url, Font(underline="single", color=_TEA)
    elif isinstance(cell, NumberLink):
        place.value, place.number_format = cell.value, "#,##0.##" if cell.value % 1 else "#,##0"
        if safe_url(cell.url):
            place.hyperlink, place.font = cell.url, Font(underline="single", color=_TEA)
    elif cell is not None:
        place.value = _local(cell)
        place.number_format = (
            _DAY if isinstance(cell, date) and not isinstance(cell, datetime) else place.number_format
        )
