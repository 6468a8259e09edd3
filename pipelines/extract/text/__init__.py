"""The text of a container as lines, one a paragraph, by trafilatura; boilerplate in it goes by its words."""

import re
from copy import deepcopy
from pathlib import Path

from lxml import etree
from lxml.etree import _Element
from lxml.html import Element

from archive.config import WordLists
from archive.text import composed
from pipelines.extract import authors, boilerplate, charset, credit
from pipelines.extract.text import embeds, marks, tables

_WORDS = WordLists(Path(__file__).parents[1] / "boilerplate.yml")

_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
     "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
     "time", "tt", "u", "var", "wbr")
)  # fmt: skip
_OWN_PART = 100  # characters of a paragraph that no reader's remark has at its beginning
_WEEKDAY = 12  # letters of a weekday and «giờ»
_INITIAL = re.compile(r"drop-?cap|initial-?letter|first-?letter", re.IGNORECASE)


def lines(box: _Element) -> list[str]:
    """The paragraphs of a cleared container, NFC, in order."""
    box = deepcopy(box)
    box.tail = None
    embeds.sweep(box)
    marks.read(box)
    _join_initials(box)
    for frame in box.iter("figure"):
        frame.tag = "div"  # what is left of these holds no picture
    for part in box.iter("dl", "dt", "dd"):
        part.tag = "div"  # questions and answers are paragraphs
    for table in [*box.iter("table")]:
        tables.unfold(table) if tables.lays_out(table) else tables.as_lines(table)
    _paragraphs(box)
    text = _by_trafilatura(box)
    return [
        line for line in (" ".join(composed(charset.mended(part)).split()) for part in text.split("\n")) if line
    ]


def _by_trafilatura(box: _Element) -> str:
    from trafilatura import bare_extraction  # 0.3 s of imports that only a page needs

    root = Element("html")
    article = etree.SubElement(etree.SubElement(root, "body"), "article")
    article.text = box.text
    article.extend([*box])
    for element in article.iter():
        if element.tag in ("article", "main"):
            element.tag = "div"
        href = element.get("href")
        element.attrib.clear()
        if href:
            element.set("href", href)
    article.tag = "article"
    try:
        document = bare_extraction(root, fast=True, include_comments=False, include_tables=True)
    except RecursionError:  # lists in lists, hundreds deep
        return "\n".join("".join(paragraph.itertext()) for paragraph in article.iter("p"))
    return str(getattr(document, "text", None) or "")


def _join_initials(box: _Element) -> None:
    """Put a drop capital back to its word."""
    for letter in box.iter("span"):
        if not _INITIAL.search(letter.get("class") or "") or len("".join(letter.itertext()).strip()) > 2:
            continue
        node: _Element | None = letter
        while node is not None and node.tag == "span":
            if node.tail is not None:
                node.tail = node.tail.lstrip()
            node = node.getparent()


def _paragraphs(box: _Element) -> None:
    """Put bare text between blocks into paragraphs; two line breaks divide paragraphs."""
    for block in [box, *box.iter("div", "section", "article", "main", "center", "td", "span", "font", "p")]:
        inline = block.tag in ("span", "font", "p", "td") and not any(
            c.tag in boilerplate.BLOCKS for c in block
        )
        if inline and not (block.tag == "p" and _double_break(block)):
            continue
        if block.tag == "p" and block is not box:
            block.tag = "div"
        if block.tag in ("span", "font"):
            block.tag = "div"
        _wrap_runs(block)


def _double_break(block: _Element) -> bool:
    return any(
        child.tag == "br"
        and not (child.tail or "").strip()
        and (after := child.getnext()) is not None
        and after.tag == "br"
        for child in block
    )


def _wrap_runs(block: _Element) -> None:
    """Put what stands between a block's child blocks into paragraphs of its own."""
    bare = (block.text or "").strip() or any((c.tail or "").strip() or c.tag in _INLINE for c in block)
    if not bare:
        return
    parts, text = [*block], block.text
    block.text = None
    for part in parts:
        block.remove(part)
    runs = _Runs(block)
    runs.add_text(text)
    for part in parts:
        tail, part.tail = part.tail, None
        runs.add(part)
        runs.add_text(tail)


class _Runs:
    """Paragraphs being made out of a block's bare text and inline elements."""

    def __init__(self, block: _Element) -> None:
        self.block = block
        self.run: _Element | None = None
        self.breaks = 0

    def _open(self) -> _Element:
        if self.run is None:
            self.run = etree.SubElement(self.block, "p")
        return self.run

    def add_text(self, text: str | None) -> None:
        if not text or (self.run is None and not text.strip()):
            return
        if text.strip():
            self.breaks = 0
        run = self._open()
        if (last := next(run.iterchildren(reversed=True), None)) is not None:  # len() would count thousands
            last.tail = (last.tail or "") + text
        else:
            run.text = (run.text or "") + text

    def add(self, part: _Element) -> None:
        if part.tag == "br":
            self.breaks += 1
            if self.breaks >= 2:
                self.run = None
            elif self.run is not None:
                self.run.append(part)
        elif part.tag in _INLINE and not any(
            child.tag in boilerplate.BLOCKS for child in part.iterdescendants()
        ):
            self._open().append(part)
            if "".join(part.itertext()).strip():
                self.breaks = 0
        else:
            self.run = None
            self.block.append(part)


def tidied(text: list[str], title: str, lead: str, description: str) -> list[str]:
    """Lines without boilerplate, captions with a source, head matter, and title and lead said again."""
    end = next((at for at in range(2, len(text)) if _begins_comments(text, at)), len(text))
    kept = [
        line
        for line in text[:end]
        if not (boilerplate.is_line(line) or boilerplate.is_caption(line) or same(line, title))
    ]
    if lead:
        kept = [line for line in kept if not same(line, lead)] or kept
    while len(kept) > 1 and _is_head_matter(kept[0]):
        kept.pop(0)
    kept = kept[:1] + [line for line in kept[1:3] if not _is_dated(line)] + kept[3:]
    if len(kept) == 1 and _is_date_alone(kept[0]):
        return []
    while len(kept) > 1 and (boilerplate.is_heading_of_links(kept[-1]) or boilerplate.is_call(kept[-1])):
        kept.pop()
    return [boilerplate.unsigned(line) for line in kept]


def _begins_comments(text: list[str], at: int) -> bool:
    """A heading of readers' comments, not of a part of the story, whose prose has no buttons to answer."""
    heading, rest = text[at], text[at + 1 :]
    if not boilerplate.is_comments(heading):
        return False
    if any(letter.isdigit() for letter in heading) or any(map(boilerplate.is_answer, rest)):
        return True
    return not any(len(line) > _OWN_PART and boilerplate.ends_sentence(line) for line in rest)


def signature(text: list[str]) -> tuple[list[str], list[str]]:
    """The text without its last lines that name authors or a credit, and those lines."""
    kept: list[str] = [*text]
    signed: list[str] = []
    while kept and len(signed) < 4 and len(kept) > 1:
        last = kept[-1]
        if credit.is_line(last) or credit.is_address(last) or authors.signs(last):
            signed.insert(0, kept.pop())
        elif signed and last.isupper() and len(last) < 60:
            kept.pop()  # the office above the name: «VĂN PHÒNG SỞ»
        else:
            break
    if not signed:
        return kept, []
    if authors.is_heading(kept[-1]):
        return kept[:-1], signed
    return ([*text], []) if _is_list(kept[-1], signed) else (kept, signed)


def _is_list(before: str, signed: list[str]) -> bool:
    """Whether last lines that look signed are the lines of a list: «Danh sách hộ góp nhiều nhất:» and names."""
    single = [line for line in signed if not credit.is_line(line) and not credit.is_address(line)]
    if not single:
        return not any(map(credit.is_line, signed))  # an address alone says of nobody that the story is his
    return before.endswith(":") or len(single) > 2


_HEAD_MATTER = _WORDS.pattern("«head_matter»", flags=0)


def _is_head_matter(line: str) -> bool:
    """A date, a byline or a reading time that stands before the text."""
    return _is_dated(line) or (len(line) < 70 and authors.is_person(line))


def _is_dated(line: str) -> bool:
    return len(line) < 70 and bool(_HEAD_MATTER.search(line))


def _is_date_alone(line: str) -> bool:
    return _is_dated(line) and len(re.sub(r"[\W\d_]+", "", line)) < _WEEKDAY


def same(line: str, other: str) -> bool:
    return bool(other) and abs(len(line) - len(other)) < 12 and letters(line) == letters(other)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
