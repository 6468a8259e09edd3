"""An edition as a Word document, laid out as offices file their morning digest; import it late."""

from typing import Any

from archive.clock import moment
from archive.digests.content import WORDS, Appearance, Content, EditionStory
from archive.digests.layout import (
    ChangesPart,
    Layout,
    LinesPart,
    NumberedStory,
    SourcesPart,
    StoriesPart,
    lay_out,
)
from archive.digests.layout.lines import after_outlet, facts_line, made_line, signs
from archive.digests.layout.word import HEAD, RED, SMALL, Paper
from archive.digests.paper.sheet import office_head, signatures
from archive.formats import Formats
from archive.search.highlight import Marked


def to_docx(content: Content) -> bytes:
    """The edition as .docx on A4, in the order that all forms share."""
    return _EditionPaper(lay_out(content)).paper.bytes()


class _EditionPaper:
    """One edition being written."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.content = layout, layout.content
        self.paper = Paper(layout.content.title, moment(layout.content.made_at))
        self._head()
        self._contents()
        for part in layout.parts:
            self.paper.heading(part.heading, part.anchor)
            match part:
                case StoriesPart():
                    for item in part.stories:
                        self._story(item)
                case ChangesPart():
                    self._changes(part)
                case LinesPart():
                    self._lines(part)
                case SourcesPart():
                    self._sources(part)
        self._foot()

    def _head(self) -> None:
        paper, content = self.paper, self.content
        if content.office.name:
            office_head(paper, content.office, content.number, moment(content.covers_to))
        paper.paragraph(content.title.upper(), bold=True, size=HEAD, centred=True)
        if not content.office.name:
            paper.paragraph(self.layout.number, centred=True)
            paper.paragraph(self.layout.date, italic=True, centred=True)
        for line in self.layout.about:
            paper.paragraph(line, centred=True)
        if content.notice:
            notice = paper.paragraph("", before=14)
            paper.run(notice, f"{WORDS('edition.correction')}: ", bold=True)
            paper.run(notice, content.notice)
        if content.warning:
            paper.paragraph(f"{WORDS('edition.warning')}: {content.warning}", bold=True, colour=RED)

    def _contents(self) -> None:
        parts = self.layout.contents
        if not parts:
            return
        line = self.paper.paragraph("", before=10, size=SMALL)
        self.paper.run(line, f"{WORDS('edition.contents')}: ", bold=True, size=SMALL)
        for at, part in enumerate(parts):
            self.paper.run(line, " · " if at else "", size=SMALL)
            self.paper.inside(line, part.anchor, part.label, size=SMALL)
            self.paper.run(line, f" {WORDS.number(part.count)}", size=SMALL)

    def _story(self, item: NumberedStory) -> None:
        paper, story, full = self.paper, item.story, item.full
        title = paper.paragraph("", before=8, with_next=full or bool(story.comment))
        paper.run(title, f"{item.number}. ", bold=True)
        self._marked(title, story.title, bold=True)
        self._signs(title, item.marks)
        self._outlets(title, story)
        if full and story.summary.text:
            self._marked(paper.paragraph("", justified=True, with_next=True), story.summary)
        for label, text in facts_line(story) if full else ():
            paper.run(line := paper.paragraph("", with_next=True), f"{label}: ", bold=True, size=SMALL)
            paper.run(line, text, size=SMALL)
        self._comment(story, full)
        if full:
            self._links(story.appearances[0])

    def _marked(self, paragraph: Any, text: Marked, *, bold: bool = False) -> None:
        """What matched is marked on paper only where the digest wants it."""
        self.paper.marked(paragraph, text if self.content.marks else Marked(text.text), bold=bold)

    def _signs(self, paragraph: Any, marks: list[str]) -> None:
        if marks:
            run = self.paper.run(paragraph, signs(marks), size=SMALL, italic=True)
            self.paper.colour(run, RED)

    def _outlets(self, where: Any, story: EditionStory) -> None:
        """Below the title, in its paragraph: LibreOffice tears longer chains of kept paragraphs apart."""
        for at, one in enumerate(story.appearances):
            self.paper.run(where, "; " if at else "\n", size=SMALL, italic=True)
            self.paper.link(where, one.url, one.outlet, size=SMALL)
            self.paper.run(where, f" {after_outlet(self.content, one)}", size=SMALL, italic=True)

    def _links(self, first: Appearance) -> None:
        links = self.paper.paragraph("")
        self.paper.run(links, f"{WORDS('edition.link')}: ", size=SMALL)
        self.paper.link(links, first.url, first.url, size=SMALL)
        self.paper.run(links, " · ", size=SMALL)
        self.paper.link(links, first.archive_url, WORDS("edition.archived"), size=SMALL)

    def _comment(self, story: EditionStory, with_next: bool = False) -> None:
        if story.comment:
            comment = self.paper.paragraph("", with_next=with_next)
            self.paper.run(comment, f"{WORDS('edition.comment')}: ", bold=True)
            self.paper.run(comment, story.comment, italic=True)

    def _lines(self, part: LinesPart) -> None:
        for one in part.lines:
            line = self.paper.paragraph("– ")
            self.paper.link(line, one.story.appearances[0].archive_url, one.story.title.text)
            self._signs(line, one.marks)
            self.paper.run(line, f" ({one.what})", size=SMALL)
            self._comment(one.story)

    def _changes(self, part: ChangesPart) -> None:
        for one in part.changes:
            change = one.change
            line = self.paper.paragraph("– ")
            self.paper.link(line, change.archive_url, change.title)
            self.paper.run(line, f" ({change.outlet}, {Formats(WORDS).full(moment(change.at))}). ")
            self.paper.run(line, f"{one.what}.", bold=change.kind == "gone")

    def _sources(self, part: SourcesPart) -> None:
        paper = self.paper
        if part.reach:
            paper.paragraph(part.reach, with_next=True)
        if part.refused:
            line = paper.paragraph(f"{part.refused}: ", with_next=True)
            paper.link(line, f"{self.content.archive_url}/da-loai", WORDS("edition.refused.see"))
        paper.paragraph(part.health)
        for source in part.named:
            line = paper.paragraph("– ")
            paper.run(line, f"{source.name}: ", bold=True)
            paper.run(line, source.sentence)
        if part.more:
            paper.paragraph(f"– {WORDS('edition.sources.more', n=part.more)}")

    def _foot(self) -> None:
        foot = [*self.layout.closing, made_line(self.content)]
        self.paper.document.paragraphs[-1].paragraph_format.keep_with_next = True  # no page of one line
        self.paper.paragraph(" ".join(foot), size=SMALL, italic=True, before=14)
        if self.content.office.name:
            signatures(self.paper, self.content.office)
        self.paper.page_number(self.paper.document.sections[0].footer.paragraphs[0])
