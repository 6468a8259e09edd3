"""An edition as a Word document, laid out as offices file their morning digest; import it late."""

import io
from datetime import date
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
    return _Paper(content).bytes()


class _Paper:
    """One document being written, from the top to the bottom."""

    def __init__(self, content: Content) -> None:
        self.content = content = content.in_words()
        self.document = docx.Document()
        self._set_up()
        self._head()
        for block in blocks(content):
            self._heading(block.heading)
            for item in block.stories:
                self._story(item.number, item.story, item.full)
        for label, stories in minor(content):
            self._heading(label)
            for story in stories:
                self._line(story)
        self._changes()
        if not content.notice:
            self._health()
        self._foot()

    def bytes(self) -> bytes:
        """The file."""
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()

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
        about = self.document.core_properties
        made = moment(self.content.made_at)
        about.author, about.title, about.language = WORDS("name"), _clean(self.content.title), "vi-VN"
        about.created = about.modified = made.replace(tzinfo=None)
        about.comments = ""

    def _head(self) -> None:
        content = self.content
        formats = Formats(WORDS, moment(content.covers_to))
        self._paragraph(content.title.upper(), bold=True, size=HEAD, centred=True)
        self._paragraph(WORDS("edition.number", n=content.number), centred=True)
        self._paragraph(formats.office_date(), italic=True, centred=True)
        if content.notice:
            self._correction()
            return
        period = formats.period(moment(content.covers_from))
        self._paragraph(WORDS("edition.period", period=period), centred=True)
        if content.days_off:
            days = formats.days([date.fromisoformat(day) for day in content.days_off])
            self._paragraph(WORDS("edition.days_off.paper", days=days), centred=True)
        self._paragraph(counts_line(content), centred=True)
        if content.warning:
            self._paragraph(f"{WORDS('edition.warning')}: {content.warning}", bold=True, colour=RED)

    def _correction(self) -> None:
        self._paragraph(corrects_line(self.content), centred=True)
        notice = self._paragraph("", before=14)
        self._run(notice, f"{WORDS('edition.correction')}: ", bold=True)
        self._run(notice, self.content.notice)

    def _story(self, number: int, story: EditionStory, full: bool) -> None:
        title = self._paragraph("", before=8, with_next=True)
        self._run(title, f"{number}. ", bold=True)
        self._marked(title, story.title, bold=True)
        where = self._paragraph("", size=SMALL, with_next=full)
        for at, one in enumerate(story.appearances):
            self._run(where, "; " if at else "", size=SMALL, italic=True)
            self._link(where, one.url, one.outlet, size=SMALL)
            self._run(where, f" {after_outlet(self.content, one)}", size=SMALL, italic=True)
        if full and story.summary.text:
            self._marked(self._paragraph("", justified=True), story.summary)
        for label, text in facts_line(story) if full else ():
            self._run(line := self._paragraph(""), f"{label}: ", bold=True, size=SMALL)
            self._run(line, text, size=SMALL)
        self._comment(story)
        if full:
            self._links(story.appearances[0])

    def _links(self, first: Appearance) -> None:
        links = self._paragraph("")
        self._run(links, f"{WORDS('edition.link')}: ", size=SMALL)
        self._link(links, first.url, first.url, size=SMALL)
        self._run(links, " · ", size=SMALL)
        self._link(links, first.archive_url, WORDS("edition.archived"), size=SMALL)

    def _line(self, story: EditionStory) -> None:
        line = self._paragraph("– ")
        self._link(line, story.appearances[0].archive_url, story.title.text)
        self._run(line, f" ({outlets(self.content, story)})", size=SMALL)
        self._comment(story)

    def _comment(self, story: EditionStory) -> None:
        if story.comment:
            comment = self._paragraph("")
            self._run(comment, f"{WORDS('edition.comment')}: ", bold=True)
            self._run(comment, story.comment, italic=True)

    def _changes(self) -> None:
        if self.content.changes:
            self._heading(WORDS("edition.changes"))
        for change in self.content.changes:
            line = self._paragraph("– ")
            self._link(line, change.archive_url, change.title)
            self._run(line, f" ({change.outlet}, {Formats(WORDS).full(moment(change.at))}). ")
            self._run(line, f"{change.sentence}.", bold=change.kind == "gone")

    def _health(self) -> None:
        self._heading(WORDS("edition.sources"))
        self._paragraph(health_line(self.content))
        named, more = in_trouble(self.content)
        for source in named:
            line = self._paragraph("– ")
            self._run(line, f"{source.name}: ", bold=True)
            self._run(line, source.sentence)
        if more:
            self._paragraph(f"– {WORDS('edition.sources.more', n=more)}")
        if reach := reach_line(self.content):
            self._paragraph(reach)
        if refused := refused_line(self.content):
            line = self._paragraph(f"{refused}: ")
            self._link(line, f"{self.content.archive_url}/da-loai", WORDS("edition.refused.see"))

    def _foot(self) -> None:
        made = moment(self.content.made_at).astimezone(HANOI)
        at = WORDS("edition.made", at=f"{made:%H:%M %d/%m/%Y}")
        foot = [approved_line(self.content), self.content.stop, at]
        self._paragraph(" ".join(filter(None, foot)), size=SMALL, italic=True, before=14)
        self._page_number(self.document.sections[0].footer.paragraphs[0])

    def _heading(self, text: str) -> None:
        """A heading that Word's outline knows, in the paper's own look."""
        heading = self.document.add_heading(level=1)
        run = self._run(heading, text.upper(), bold=True, size=BODY)
        run.font.color.rgb = RGBColor(0, 0, 0)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(4)

    def _paragraph(
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
        paragraph = self.document.add_paragraph()
        run = self._run(paragraph, text, bold=bold, italic=italic, size=size)
        if colour:
            run.font.color.rgb = RGBColor(*colour)
        form = paragraph.paragraph_format
        form.space_before, form.keep_with_next = Pt(before), with_next
        if centred:
            form.alignment, form.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(0)
        elif justified:
            form.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        return paragraph

    def _run(
        self, paragraph: Any, text: str, *, bold: bool = False, italic: bool = False, size: int = BODY
    ) -> Any:
        run = paragraph.add_run(_clean(text))
        run.bold, run.italic, run.font.size, run.font.name = bold, italic, Pt(size), FONT
        run.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
        return run

    def _marked(self, paragraph: Any, text: Marked, *, bold: bool = False) -> None:
        for piece, hit in text.parts():
            run = self._run(paragraph, piece, bold=bold)
            if hit:  # shading, since Word's own highlighter knows only glaring yellow
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), HIGHLIGHT)
                run.element.rPr.append(shade)

    def _link(self, paragraph: Any, url: str, text: str, *, size: int = BODY) -> None:
        """A link that Word follows; only the text where the address is no web address."""
        run = self._run(paragraph, text, size=size)
        if not safe_url(url):
            return
        run.font.color.rgb, run.font.underline = RGBColor(*GREEN), True
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        paragraph._p.append(link)
        link.append(run._r)

    def _page_number(self, paragraph: Any) -> None:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        field.append(self._run(paragraph, "1", size=SMALL)._r)
        paragraph._p.append(field)


def _clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return text.translate(_FORBIDDEN)
