"""Tables to take away, as CSV and as Excel: every cell is what it says, none is run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.clock import HANOI
from archive.text import safe_url

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST_CELL = 32_000  # characters; Excel holds 32,767
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a spreadsheet would run a cell that begins so
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FONT, _SIZE = "Calibri", 11
_LINE, _TALLEST, _ROOM = 15, 400, 1.1  # points of a line and of a row; words are not broken, so lines end early
UNKNOWN = "–"  # in place of a number: stands at the right, as numbers do
_TEA, _DAY, _TIME = "2F5D3A", "dd/mm/yyyy", "dd/mm/yyyy hh:mm"


class CellLink(NamedTuple):
    """Text that leads to an address; only the text where the address is none of the web."""

    text: str
    url: str


class NumberLink(NamedTuple):
    """A number that leads to an address; only the number where the address is none of the web."""

    value: float
    url: str


_NO_LINK = CellLink("", "")

Cell = str | int | float | date | CellLink | NumberLink | None  # a time is shown as it is in Hà Nội


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name, each column's head and width (characters), and the rows from the top."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Cell]]


def to_csv(heads: Iterable[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table as CSV that spreadsheets open, with the mark by which they know UTF-8."""
    return "".join(csv_lines(heads, rows))


def csv_lines(heads: Iterable[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The same, row by row."""
    out = io.StringIO("\ufeff")
    out.seek(1)
    writer = csv.writer(out)
    for row in chain([list(heads)], rows):
        writer.writerow(map(_written, row))
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def _written(cell: Cell) -> str:
    if isinstance(cell, NumberLink):
        return str(cell.value)
    text = cell.text if isinstance(cell, CellLink) else "" if cell is None else str(_local(cell))
    return harmless(text) if isinstance(cell, str | CellLink) else text


def harmless(text: str) -> str:
    """The text of a cell with a ``'`` before it where a spreadsheet would run it (CWE-1236)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


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

    styles: dict[str, Any] = {}
    for column, (head, width) in enumerate(sheet.columns, 1):
        _put(page.cell(1, column), head, styles)
        page.cell(1, column).font = Font(name=_FONT, size=_SIZE, bold=True)
        page.column_dimensions[get_column_letter(column)].width = width
    widths = [width for _, width in sheet.columns]
    page.row_dimensions[1].height = _height([head for head, _ in sheet.columns], widths)
    for at, row in enumerate(sheet.rows, 2):
        page.row_dimensions[at].height = _height(row, widths)
        for column, cell in enumerate(row, 1):
            if cell not in (None, "", _NO_LINK):
                _put(page.cell(at, column), cell, styles)
    page.freeze_panes, page.auto_filter.ref = "A2", page.dimensions
    page.print_title_rows = "1:1"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # 9 is A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _height(row: Sequence[Cell], widths: Sequence[int]) -> float:
    """The height in points at which no text of the row is cut: LibreOffice does not find it by itself."""
    texts = [cell.text if isinstance(cell, CellLink) else cell for cell in row]
    lines = [
        sum(1 + int(len(line) * _ROOM / width) for line in text.split("\n"))
        for text, width in zip(texts, widths, strict=False)  # a short row has no more cells
        if isinstance(text, str)
    ]
    return min(_LINE * max(lines, default=1), _TALLEST)


def _put(place: Any, cell: Cell, styles: dict[str, Any]) -> None:
    """Write a cell in the style of its kind, which openpyxl takes long to make: text stays text when edited."""
    link = safe_url(cell.url) if isinstance(cell, CellLink | NumberLink) else None
    shown = _shown(cell)
    kind = f"{type(shown).__name__} {bool(link)} {_is_formula(shown)} {_has_decimals(shown)} {shown == UNKNOWN}"
    if kind not in styles:
        styles[kind] = _styled(place, shown, linked=bool(link))
    place._style = copy(styles[kind])
    if isinstance(shown, str):
        place.value, place.data_type = _CONTROL.sub("", shown)[:LONGEST_CELL], "s"
    else:
        place.value = _local(shown)
    if link:
        place.hyperlink = link


def _shown(cell: Cell) -> str | float | date | None:
    """What a cell shows, without where it leads."""
    if isinstance(cell, CellLink):
        return cell.text
    return cell.value if isinstance(cell, NumberLink) else cell


def _is_formula(shown: object) -> bool:
    return isinstance(shown, str) and shown.startswith(_FORMULA)


def _has_decimals(shown: object) -> bool:
    return isinstance(shown, float) and bool(shown % 1)


def _styled(place: Any, shown: Cell, *, linked: bool) -> Any:
    """The style for cells of a kind."""
    from openpyxl.styles import Alignment, Font

    side = "right" if shown == UNKNOWN else None
    place.alignment = Alignment(side, vertical="top", wrap_text=isinstance(shown, str))
    place.quotePrefix = _is_formula(shown)
    if linked:
        place.font = Font(name=_FONT, size=_SIZE, underline="single", color=_TEA)
        if isinstance(shown, int | float):
            place.number_format = "#,##0.##" if _has_decimals(shown) else "#,##0"
    if isinstance(shown, date):
        place.number_format = _TIME if isinstance(shown, datetime) else _DAY
    return copy(place._style)
