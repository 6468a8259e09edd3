"""The report as a Word document; import it late."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from msgspec.structs import replace

from archive.clock import moment
from archive.digests.layout.word import HEAD, SMALL, Paper, clean
from archive.digests.paper.office import Office
from archive.digests.paper.sheet import office_head, signatures
from archive.report.shown import NOTHING, ShownBar, ShownColumn, ShownNumber, ShownReport, ShownRow, ShownTable
from archive.text import safe_url

MOST_ROWS = 31  # of a table on paper; the page and Excel have all of them
_TWO, _ONE = (34, 18, 22.5, 22.5), (58, 22, 40, 40)  # mm: name and three months, where two or one are counted
_CELL_MARGIN = 57  # twentieths of a point, a millimetre
_SIZE = 10  # points
_UNNUMBERED = "       /BC-{office}"  # written in by hand
_BAR_WIDTH, _BAR = 90, "2F5D3A"


def to_docx(shown: ShownReport, office: Office) -> bytes:
    """The report as .docx on A4, in the look of the office's papers; its number is left to be written in."""
    return _ReportPaper(shown, office).bytes()


class _ReportPaper(Paper):
    """One report being written."""

    def __init__(self, shown: ShownReport, office: Office) -> None:
        made = moment(shown.report.made_at)
        super().__init__(shown.title, made)
        self.shown, self.links = shown, 0
        self.stamps: dict[str, Any] = {}  # a run of each kind that cells have, to be copied
        if office.name:
            office_head(self, replace(office, number=_UNNUMBERED), 0, made)
        self.paragraph(shown.title.upper(), bold=True, size=HEAD, centred=True)
        if not office.name:
            self.paragraph(shown.formats.office_date(), italic=True, centred=True)
        for note in shown.notes:
            self.paragraph(note, size=SMALL, italic=True)
        for table in shown.tables:
            self._table(table)
            if table.key == "total" and any(one.n for one in shown.trend):
                self._bars(shown.words("report.trend"), shown.trend)
        self.paragraph(shown.made, size=SMALL, italic=True, before=14)
        if office.name:
            signatures(self, office)
        self.page_number(self.document.sections[0].footer.paragraphs[0])

    def _table(self, table: ShownTable) -> None:
        self.heading(table.title)
        if not table.rows:
            self.paragraph(self.shown.words("report.none"), italic=True)
            return
        two = int(len(table.heads) > 1)
        name, *months = _TWO if two else _ONE
        widths = [name, *months * len(table.heads)]
        rows = self._grid(1 + two + min(len(table.rows), MOST_ROWS), widths, heads=1 + two)
        self._heads(rows, table, two)
        for cells, row in zip(rows[1 + two :], table.rows, strict=False):
            self._row(cells, row)
        self._under(table)

    def _under(self, table: ShownTable) -> None:
        more = len(table.rows) - MOST_ROWS
        lines = [self.shown.words("report.more", n=more) if more > 0 else "", table.note]
        if note := " ".join(filter(None, lines)):
            self.paragraph(note, size=_SIZE, italic=True)

    def _heads(self, rows: list[Any], table: ShownTable, two: int) -> None:
        """What the columns count, above the three months of each."""
        for cells in rows[: 1 + two]:
            self._cell(cells[0], " ")
        for at, head in enumerate(table.heads):
            if two:
                self._joined(rows[0][1 + 3 * at].merge(rows[0][3 + 3 * at]), head)
            for place, month in enumerate(self.shown.heads):
                self._cell(rows[two][1 + 3 * at + place], month, bold=True)

    def _joined(self, cell: Any, text: str) -> None:
        for empty in cell.paragraphs[1:]:
            cell._tc.remove(empty._p)
        self._cell(cell, text, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)

    def _row(self, cells: Any, row: ShownRow) -> None:
        label = self._cell(cells[0], row.label, align=WD_ALIGN_PARAGRAPH.LEFT)
        if row.beside:
            self.run(label, f" ({row.beside})", italic=True, size=_SIZE)
        for at, column in enumerate(row.columns):
            self._column(cells[1 + 3 * at : 4 + 3 * at], column, len(row.columns) > 1)

    def _column(self, cells: Any, column: ShownColumn, two: bool) -> None:
        for cell, one in zip(cells, (column.now, column.before, column.year), strict=True):
            self._number(cell, one, two)

    def _number(self, cell: Any, one: ShownNumber, two: bool) -> None:
        paragraph = self._cell(cell, "")
        self._linked_number(paragraph, one.href, one.text)
        if one.change:
            self._stamp(paragraph, one.change if two else f"\u2002{one.change}", size=_SIZE - 1, below=two)

    def _cell(self, cell: Any, text: str, *, bold: bool = False, align: Any = WD_ALIGN_PARAGRAPH.RIGHT) -> Any:
        paragraph = cell.paragraphs[0]
        self._stamp(paragraph, text, bold=bold)
        paragraph.alignment, paragraph.paragraph_format.space_after = align, Pt(0)
        paragraph.paragraph_format.line_spacing = 1.0
        return paragraph

    def _stamp(
        self, paragraph: Any, text: str, *, bold: bool = False, size: int = _SIZE, below: bool = False
    ) -> None:
        """Text in a cell, ``below`` what stands there: a copy of a run, as to make one takes a millisecond."""
        if not text:
            return
        kind = f"{bold} {size} {below}"
        if kind not in self.stamps:
            run = self.run(paragraph, "\n·" if below else "·", bold=bold, size=size)
            self.stamps[kind] = run._r
            paragraph._p.remove(run._r)
        _put(paragraph, deepcopy(self.stamps[kind]), text)

    def _linked_number(self, paragraph: Any, url: str, text: str) -> None:
        """The same for a number that leads to its list; python-docx would look through all links for each."""
        if not safe_url(url):
            self._stamp(paragraph, text)
            return
        if "link" not in self.stamps:
            self.link(paragraph, url, "·", size=_SIZE)
            self.stamps["link"] = paragraph._p[-1]
            paragraph._p.remove(self.stamps["link"])
        link = deepcopy(self.stamps["link"])
        self.links += 1
        link.set(qn("r:id"), f"list{self.links}")
        paragraph.part.load_rel(RELATIONSHIP_TYPE.HYPERLINK, url, f"list{self.links}", is_external=True)
        _put(paragraph, link, text)

    def _bars(self, title: str, bars: list[ShownBar]) -> None:
        """A chart of shaded lines: a paragraph's shading ends at its indents."""
        top = max((one.n for one in bars), default=0)
        self.heading(title)
        rows = self._grid(len(bars), [30, 30, 100])
        for one, cells in zip(bars, rows, strict=True):
            self._cell(cells[0], one.label, align=WD_ALIGN_PARAGRAPH.LEFT)
            number = self.shown.words.number(one.n) if one.href else NOTHING
            self._linked_number(self._cell(cells[1], ""), one.href, number)
            _low(cells[2].paragraphs[0])
            if one.n:
                _shade(cells[2].paragraphs[0], one.n / top)

    def _grid(self, rows: int, widths: Sequence[float], heads: int = 0) -> list[Any]:
        """A new table's cells by row; the first ``heads`` rows stand again on each page. Widths in mm."""
        grid = self.document.add_table(rows, len(widths), style="Table Grid")
        grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        _narrow(grid)
        for line, row in enumerate(grid.rows):
            _mark(row, "w:cantSplit")
            if line < heads:
                _mark(row, "w:tblHeader")
        cells = [row.cells for row in grid.rows]
        _set_widths(grid, cells, widths)
        return cells


def _put(paragraph: Any, element: Any, text: str) -> None:
    """Let the element say the text, at the end of the paragraph."""
    next(element.iter(qn("w:t"))).text = clean(text)
    paragraph._p.append(element)


def _set_widths(grid: Any, rows: list[Any], widths: Sequence[float]) -> None:
    """Widths in mm; Word reads those of the cells, LibreOffice those of the grid."""
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Mm(width)
    for cells in rows:
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(width)


def _narrow(grid: Any) -> None:
    """Little room at the sides of each cell, so that a number and its change fit."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), str(_CELL_MARGIN))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    grid._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _mark(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _low(paragraph: Any) -> None:
    """As low as a bar, so that rows with and without one are as high."""
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(2), Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(9)


def _shade(paragraph: Any, share: float) -> None:
    paragraph.paragraph_format.right_indent = Mm(_BAR_WIDTH * (1 - share))
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), _BAR)
    paragraph._p.get_or_add_pPr().append(shade)
