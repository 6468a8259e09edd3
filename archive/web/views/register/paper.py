"""The register as a Word document on its side, one table with a row for each request; import it late."""

from typing import Any

from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from archive.digests.layout.word import HEAD, RED, SMALL, Paper
from archive.web.request import PageRequest
from archive.web.views.register.opened import RegisterLine

COLUMNS = (
    ("number", 10),
    ("article", 70),
    ("asked", 72),
    ("task", 38),
    ("answered", 35),
    ("outcome", 32),
)  # mm
_CELL = 11  # points


def to_paper(
    req: PageRequest, counts: dict[str, int], lines: list[RegisterLine], total: int, described: str
) -> bytes:
    """The rows as .docx; ``total`` says of how many they are."""
    return _RegisterPaper(req, counts, lines, total, described).bytes()


class _RegisterPaper(Paper):
    """The register being written."""

    def __init__(
        self, req: PageRequest, counts: dict[str, int], lines: list[RegisterLine], total: int, described: str
    ) -> None:
        self.req = req
        super().__init__(req.words("register.title"), req.now)
        page = self.document.sections[0]
        page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
        page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = (
            Mm(30),
            Mm(20),
            Mm(20),
            Mm(20),
        )
        self._head(counts, total, described)
        self._table(lines)
        if total > len(lines):
            first, all_ = req.formats.number(len(lines)), req.formats.number(total)
            self.paragraph(req.words("register.paper.first", n=first, all=all_), italic=True, before=8)
        self.page_number(page.footer.paragraphs[0])

    def _head(self, counts: dict[str, int], total: int, described: str) -> None:
        words, formats = self.req.words, self.req.formats
        self.paragraph(words("register.title").upper(), bold=True, size=HEAD, centred=True)
        self.paragraph(described, centred=True)
        self.paragraph(formats.office_date(), italic=True, centred=True)
        late = counts["qua-han"]
        sum_ = words("register.paper.sum", n=formats.number(total), waiting=formats.number(counts["cho"]))
        line = self.paragraph(sum_, size=SMALL, before=6)
        if late:
            run = self.run(
                line, f" {words('register.paper.late', n=formats.number(late))}", bold=True, size=SMALL
            )
            self.colour(run, RED)

    def _table(self, lines: list[RegisterLine]) -> None:
        table = self.document.add_table(rows=1, cols=len(COLUMNS))
        table.style, table.autofit = "Table Grid", False
        for column, (_, width) in zip(table.columns, COLUMNS, strict=True):
            column.width = Mm(width)  # LibreOffice goes by the grid, Word by the cells
        head = table.rows[0]
        _repeated(head)
        for cell, (name, width) in zip(head.cells, COLUMNS, strict=True):
            cell.width = Mm(width)
            self._put(cell, self.req.words(f"register.paper.{name}"), bold=True)
        for line in lines:
            self._row(table.add_row(), line)

    def _row(self, row: Any, line: RegisterLine) -> None:
        number, article, asked, task, answer, outcome = row.cells
        for cell, (_, width) in zip(row.cells, COLUMNS, strict=True):
            cell.width = Mm(width)
        entry, words = line.entry, self.req.words
        self._put(number, str(entry.id))
        place = self._put(article, "")
        self.link(place, self.req.absolute(self.req.path(f"/bai/{entry.article_id}")), entry.title, size=_CELL)
        self._put(article, f"{line.outlet}, {line.day(entry.asked_on)}", more=True, italic=True)
        self._put(asked, entry.asked)
        if entry.asked_by:
            self._put(asked, entry.asked_by, more=True, italic=True)
        self._put(task, entry.assignee or words("none"))
        if entry.due:
            self._put(task, words("desk.until", day=line.day(entry.due)), more=True)
        self._put(task, line.state_words, more=True, bold=line.late, late=line.late)
        self._put(answer, line.answer_words)
        if entry.answer_url:
            self.link(self._put(answer, "", more=True), entry.answer_url, words("register.link"), size=_CELL)
        self._put(outcome, line.outcome_words)
        if path := line.proof_path:
            proof = self.req.absolute(self.req.path(path))
            self.link(self._put(outcome, "", more=True), proof, words("register.proof"), size=_CELL)

    def _put(
        self,
        cell: Any,
        text: str,
        *,
        more: bool = False,
        bold: bool = False,
        italic: bool = False,
        late: bool = False,
    ) -> Any:
        """Text in a cell, in its first paragraph or in one ``more``."""
        paragraph = cell.add_paragraph() if more else cell.paragraphs[0]
        paragraph.paragraph_format.space_after, paragraph.paragraph_format.line_spacing = Pt(0), 1.0
        run = self.run(paragraph, text, bold=bold, italic=italic, size=_CELL)
        if late:
            self.colour(run, RED)
        return paragraph


def _repeated(row: Any) -> None:
    """Say that a row of heads stands on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
