"""A Word document being written, from the top to the bottom, as offices want their papers; import it late."""

import io
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from archive.digests.content import WORDS
from archive.search.highlight import Marked
from archive.text import safe_url

FONT = "Times New Roman"  # what offices must use (Nghị định 30/2020/NĐ-CP, phụ lục I)
BODY, SMALL, HEAD = 13, 12, 15  # points
GREEN, GREY, RED = (0x2F, 0x5D, 0x3A), (0x5C, 0x56, 0x4C), (0x8C, 0x3A, 0x34)
HIGHLIGHT = "FDF0B0"
MARGINS = (20, 20, 30, 20)  # mm: top, bottom, left, right, within the decree's ranges

_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10)} | {0xFFFE: None, 0xFFFF: None}


class Paper:
    """A4 pages in the look that offices must use; ``title`` and ``made`` are the file's properties."""

    def __init__(self, title: str, made: datetime) -> None:
        self.document = docx.Document()
        self._bookmarks = 0
        self._set_up()
        about = self.document.core_properties
        about.author, about.title, about.language = WORDS("name"), clean(title), "vi-VN"
        about.created = about.modified = made.astimezone(UTC).replace(tzinfo=None)
        about.comments = ""

    def bytes(self) -> bytes:
        """The file; the same bytes whenever the same paper is written."""
        file, still = io.BytesIO(), io.BytesIO()
        self.document.save(file)
        with ZipFile(file) as made, ZipFile(still, "w") as kept:
            for name in made.namelist():
                kept.writestr(ZipInfo(name), made.read(name), ZIP_DEFLATED)  # without the time of writing
        return still.getvalue()

    def _set_up(self) -> None:
        page = self.document.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = map(Mm, MARGINS)
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(BODY)
        fonts = normal.element.rPr.rFonts
        for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(script), FONT)
        normal.paragraph_format.space_after = Pt(4)
        normal.paragraph_format.line_spacing = 1.15

    def heading(self, text: str, anchor: str = "") -> None:
        """A heading that Word's outline knows, in the paper's own look; links lead to its ``anchor``."""
        heading = self.document.add_heading(level=1)
        run = self.run(heading, text.upper(), bold=True, size=BODY)
        run.font.color.rgb = RGBColor(0, 0, 0)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(4)
        if anchor:
            self._bookmark(heading, anchor)

    def _bookmark(self, paragraph: Any, name: str) -> None:
        self._bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self._bookmarks))
        start.set(qn("w:name"), name.replace("-", "_"))
        paragraph.runs[0]._r.addprevious(start)
        paragraph._p.append(end)

    def paragraph(
        self,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        size: int = BODY,
        centred: bool = False,
        justified: bool = False,
        with_next: bool = False,
        before: int = 0,
        colour: tuple[int, int, int] | None = None,
    ) -> Any:
        """A paragraph; ``size`` and ``before`` (the space above it) in points."""
        paragraph = self.document.add_paragraph()
        run = self.run(paragraph, text, bold=bold, italic=italic, size=size)
        if colour:
            self.colour(run, colour)
        form = paragraph.paragraph_format
        form.space_before, form.keep_with_next = Pt(before), with_next
        if centred:
            form.alignment, form.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(0)
        elif justified:
            form.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        return paragraph

    def run(
        self, paragraph: Any, text: str, *, bold: bool = False, italic: bool = False, size: int = BODY
    ) -> Any:
        """Text at the end of a paragraph."""
        run = paragraph.add_run(clean(text))
        run.bold, run.italic, run.font.size, run.font.name = bold, italic, Pt(size), FONT
        run.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
        return run

    def colour(self, run: Any, colour: tuple[int, int, int]) -> None:
        """Give a run its colour."""
        run.font.color.rgb = RGBColor(*colour)

    def marked(self, paragraph: Any, text: Marked, *, bold: bool = False) -> None:
        """Text with what matched shaded, since Word's own highlighter knows only glaring yellow."""
        for piece, hit in text.parts():
            run = self.run(paragraph, piece, bold=bold)
            if hit:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), HIGHLIGHT)
                run.element.rPr.append(shade)

    def link(self, paragraph: Any, url: str, text: str, *, size: int = BODY) -> None:
        """A link that Word follows; only the text where the address is no web address."""
        run = self.run(paragraph, text, size=size)
        if safe_url(url):
            rel = paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            self._linked(paragraph, run, "r:id", rel)

    def inside(self, paragraph: Any, anchor: str, text: str, *, size: int = BODY) -> None:
        """A link to a heading of this document."""
        self._linked(paragraph, self.run(paragraph, text, size=size), "w:anchor", anchor.replace("-", "_"))

    def _linked(self, paragraph: Any, run: Any, kind: str, to: str) -> None:
        run.font.color.rgb, run.font.underline = RGBColor(*GREEN), True
        link = OxmlElement("w:hyperlink")
        link.set(qn(kind), to)
        paragraph._p.append(link)
        link.append(run._r)

    def page_number(self, paragraph: Any) -> None:
        """``Trang 2/10``, of fields that Word fills."""
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for text, name in ((f"{WORDS('edition.page')} ", "PAGE"), ("/", "NUMPAGES")):
            self.run(paragraph, text, size=SMALL)
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), name)
            field.append(self.run(paragraph, "1", size=SMALL)._r)
            paragraph._p.append(field)


def clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return text.translate(_FORBIDDEN)
