"""What the decree on papers asks around the text of a Word document: head and signatures."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from archive.digests.paper.office import Office, head_lines

if TYPE_CHECKING:
    from archive.digests.layout.word import Paper

HALVES = (68, 92)  # mm: what heads the paper at the left and at the right, within the margins
RULES = (23, 17)  # mm that the rule under either half is short of it, at both ends
SIGN_ABOVE = 56  # points left for the signature
SMALL, LARGE = 12, 13  # points


def office_head(paper: "Paper", office: Office, number: int, at: datetime) -> None:
    """The office at the left, the republic at the right; below them the paper's number, place and date."""
    left, right = head_lines(office, number, at)
    table = _table(paper, HALVES)
    for column, (first, second, third) in enumerate((left, right)):
        cell = table.cell(0, column)
        _line(paper, cell.paragraphs[0], first, size=SMALL, bold=column == 1)
        _line(paper, cell.add_paragraph(), second, size=LARGE if column else SMALL, bold=True)
        _rule(cell.add_paragraph(), RULES[column])
        _line(paper, table.cell(1, column).paragraphs[0], third, size=LARGE, italic=column == 1)
    paper.paragraph("", size=6)


def signatures(paper: "Paper", office: Office) -> None:
    """Who gathered the paper and who approves it, over room for their names by hand; never on two pages."""
    signing = office.signatures()
    if not signing:
        return
    paper.paragraph("", size=6, with_next=True)
    table = _table(paper, (80, 80))
    for column, (title, name) in enumerate(signing if len(signing) == 2 else [("", ""), *signing]):
        cell = table.cell(0, column)
        _line(paper, cell.paragraphs[0], title.upper(), size=LARGE, bold=True)
        under = cell.add_paragraph()
        _line(paper, under, name, size=LARGE, bold=True)
        under.paragraph_format.space_before = Pt(SIGN_ABOVE)


def _table(paper: "Paper", widths: tuple[int, int]) -> Any:
    """Two columns without lines, that fill the sheet between its margins; no row is torn apart."""
    table = paper.document.add_table(rows=2 if widths == HALVES else 1, cols=2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)  # LibreOffice goes by the grid, Word by the cells
    for row in table.rows:
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(whole)
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), "0")
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    return table


def _line(
    paper: "Paper", paragraph: Any, text: str, *, size: int, bold: bool = False, italic: bool = False
) -> None:
    paper.run(paragraph, text, size=size, bold=bold, italic=italic)
    form = paragraph.paragraph_format
    form.alignment, form.space_after, form.line_spacing = WD_ALIGN_PARAGRAPH.CENTER, Pt(0), 1.1
    form.keep_with_next = True


def _rule(paragraph: Any, short: int) -> None:
    """A thin line under what stands above, ``short`` mm from either end."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm(short)
    form.space_before, form.space_after, form.line_spacing = Pt(2), Pt(4), Pt(2)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc", "w:rPr")
