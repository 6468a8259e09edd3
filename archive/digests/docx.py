"""An edition as a Word document, laid out as offices file their morning digest; import it late."""

import io
from datetime import UTC, date, datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from archive.clock import HANOI, moment
from archive.digests.content import WORDS, Appearance, Content, EditionStory
from archive.digests.html import (
    after_outlet,
    approved_line,
    blocks,
    corrects_line,
    counts_line,
    facts_line,
    health_line,
    in_trouble,
    minor,
    outlets,
    reach_line,
    refused_line,
)
from archive.digests.paper.sheet import office_head, signatures
from archive.formats import Formats
from archive.search.highlight import Marked
from archive.text import safe_url

FONT = "Times New Roman"  # what offices must use (Nghị định 30/2020/NĐ-CP, phụ lục I)
BODY, SMALL, HEAD = 13, 12, 15  # points
GREEN, GREY, RED = (0x2F, 0x5D, 0x3A), (0x5C, 0x56, 0x4C), (0x8C, 0x3A, 0x34)
HIGHLIGHT = "FDF0B0"
MARGINS = (20, 20, 30, 20)  # mm: top, bottom, left, right, within the decree's ranges

_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10)} | {0xFFFE: None, 0xFFFF: None}


def to_docx(content: Content) -> bytes:
    """The edition as .docx on A4, in the order of the e-mail."""
    return _Edition(content).bytes()


class Paper:
    """A Word document on A4 in the look that offices must use, written from the top to the bottom."""

    def __init__(self, title: str, made: datetime) -> None:
        self.document = docx.Document()
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
        about = self.document.core_properties
        about.author, about.title, about.language = WORDS("name"), _clean(title), "vi-VN"
        about.created = about.modified = made.astimezone(UTC).replace(tzinfo=None)
        about.comments = ""

    def bytes(self) -> bytes:
        """The file."""
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()

    def heading(self, text: str) -> None:
        """A heading that Word's outline knows, in the paper's own look."""
        heading = self.document.add_heading(level=1)
        run = self.run(heading, text.upper(), bold=True, size=BODY)
        run.font.color.rgb = RGBColor(0, 0, 0)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(4)

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
        """A new paragraph; ``size`` and the space ``before`` it in points."""
        paragraph = self.document.add_paragraph()
        run = self.run(paragraph, text, bold=bold, italic=italic, size=size)
        if colour:
            run.font.color.rgb = RGBColor(*colour)
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
        """More text of a paragraph."""
        run = paragraph.add_run(_clean(text))
        run.bold, run.italic, run.font.size, run.font.name = bold, italic, Pt(size), FONT
        run.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
        return run

    def marked(self, paragraph: Any, text: Marked, *, bold: bool = False) -> None:
        """More text of a paragraph, its marked words on a ground."""
        for piece, hit in text.parts():
            run = self.run(paragraph, piece, bold=bold)
            if hit:  # shading, since Word's own highlighter knows only glaring yellow
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), HIGHLIGHT)
                run.element.rPr.append(shade)

    def link(self, paragraph: Any, url: str, text: str, *, size: int = BODY) -> None:
        """A link that Word follows; only the text where the address is no web address."""
        run = self.run(paragraph, text, size=size)
        if not safe_url(url):
            return
        run.font.color.rgb, run.font.underline = RGBColor(*GREEN), True
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
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


class _Edition(Paper):
    """One edition being written."""

    def __init__(self, content: Content) -> None:
        self.content = content = content.in_words()
        super().__init__(content.title, moment(content.made_at))
        self._head()
        for block in blocks(content):
            self.heading(block.heading)
            for item in block.stories:
                self._story(item.number, item.story, item.full)
        for label, stories in minor(content):
            self.heading(label)
            for story in stories:
                self._line(story)
        self._changes()
        if not content.notice:
            self._health()
        self._foot()

    def _head(self) -> None:
        content = self.content
        formats = Formats(WORDS, moment(content.covers_to))
        if content.office.name:
            office_head(self, content.office, content.number, moment(content.covers_to))
        self.paragraph(content.title.upper(), bold=True, size=HEAD, centred=True)
        if not content.office.name:
            self.paragraph(WORDS("edition.number", n=content.number), centred=True)
            self.paragraph(formats.office_date(), italic=True, centred=True)
        if content.notice:
            self._correction()
            return
        period = formats.period(moment(content.covers_from))
        self.paragraph(WORDS("edition.period", period=period), centred=True)
        if content.days_off:
            days = formats.days([date.fromisoformat(day) for day in content.days_off])
            self.paragraph(WORDS("edition.days_off.paper", days=days), centred=True)
        self.paragraph(counts_line(content), centred=True)
        if content.warning:
            self.paragraph(f"{WORDS('edition.warning')}: {content.warning}", bold=True, colour=RED)

    def _correction(self) -> None:
        self.paragraph(corrects_line(self.content), centred=True)
        notice = self.paragraph("", before=14)
        self.run(notice, f"{WORDS('edition.correction')}: ", bold=True)
        self.run(notice, self.content.notice)

    def _story(self, number: int, story: EditionStory, full: bool) -> None:
        title = self.paragraph("", before=8, with_next=True)
        self.run(title, f"{number}. ", bold=True)
        self.marked(title, story.title, bold=True)
        where = self.paragraph("", size=SMALL, with_next=full)
        for at, one in enumerate(story.appearances):
            self.run(where, "; " if at else "", size=SMALL, italic=True)
            self.link(where, one.url, one.outlet, size=SMALL)
            self.run(where, f" {after_outlet(self.content, one)}", size=SMALL, italic=True)
        if full and story.summary.text:
            self.marked(self.paragraph("", justified=True, with_next=True), story.summary)
        for label, text in facts_line(story) if full else ():
            self.run(line := self.paragraph("", with_next=True), f"{label}: ", bold=True, size=SMALL)
            self.run(line, text, size=SMALL)
        self._comment(story, full)
        if full:
            self._links(story.appearances[0])

    def _links(self, first: Appearance) -> None:
        links = self.paragraph("")
        self.run(links, f"{WORDS('edition.link')}: ", size=SMALL)
        self.link(links, first.url, first.url, size=SMALL)
        self.run(links, " · ", size=SMALL)
        self.link(links, first.archive_url, WORDS("edition.archived"), size=SMALL)

    def _line(self, story: EditionStory) -> None:
        line = self.paragraph("– ")
        self.link(line, story.appearances[0].archive_url, story.title.text)
        self.run(line, f" ({outlets(self.content, story)})", size=SMALL)
        self._comment(story)

    def _comment(self, story: EditionStory, with_next: bool = False) -> None:
        if story.comment:
            comment = self.paragraph("", with_next=with_next)
            self.run(comment, f"{WORDS('edition.comment')}: ", bold=True)
            self.run(comment, story.comment, italic=True)

    def _changes(self) -> None:
        if self.content.changes:
            self.heading(WORDS("edition.changes"))
        for change in self.content.changes:
            line = self.paragraph("– ")
            self.link(line, change.archive_url, change.title)
            self.run(line, f" ({change.outlet}, {Formats(WORDS).full(moment(change.at))}). ")
            self.run(line, f"{change.sentence}.", bold=change.kind == "gone")

    def _health(self) -> None:
        self.heading(WORDS("edition.sources"))
        self.paragraph(health_line(self.content))
        named, more = in_trouble(self.content)
        for source in named:
            line = self.paragraph("– ")
            self.run(line, f"{source.name}: ", bold=True)
            self.run(line, source.sentence)
        if more:
            self.paragraph(f"– {WORDS('edition.sources.more', n=more)}")
        if reach := reach_line(self.content):
            self.paragraph(reach)
        if refused := refused_line(self.content):
            line = self.paragraph(f"{refused}: ")
            self.link(line, f"{self.content.archive_url}/da-loai", WORDS("edition.refused.see"))

    def _foot(self) -> None:
        made = moment(self.content.made_at).astimezone(HANOI)
        at = WORDS("edition.made", at=f"{made:%H:%M %d/%m/%Y}")
        foot = [approved_line(self.content), self.content.stop, at]
        self.paragraph(" ".join(filter(None, foot)), size=SMALL, italic=True, before=14)
        if self.content.office.name:
            signatures(self, self.content.office)
        self.page_number(self.document.sections[0].footer.paragraphs[0])


def _clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return text.translate(_FORBIDDEN)
