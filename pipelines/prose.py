"""The text of a container as lines, one a paragraph, by trafilatura; what is left of furniture goes by its words."""

import re
from copy import deepcopy

from lxml import etree
from lxml.etree import _Element
from lxml.html import Element

from archive.text import nfc
from pipelines import bylines, credit, furniture

_INLINE = frozenset(
    "a abbr acronym b bdi big cite code data del dfn em font i ins kbd mark q s samp small span strike strong sub sup "
    "time tt u var wbr img nobr label".split()
)
_LINKS_ARE_TEXT = 0.3
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")


def lines(box: _Element) -> list[str]:
    """The paragraphs of a cleared container, NFC, in order."""
    box = deepcopy(box)
    box.tail = None
    _sweep(box)
    _unfold_tables(box)
    _paragraphs(box)
    text = _by_trafilatura(box)
    return [line for line in (" ".join(part.split()) for part in nfc(text).split("\n")) if line]


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
    document = bare_extraction(root, fast=True, include_comments=False, include_tables=True)
    return (document.text or "") if document is not None else ""


def _unfold_tables(box: _Element) -> None:
    """Tables that lay out a page (a long cell, blocks or tables in cells) are no tables of figures."""
    for table in [*box.iter("table")]:
        cells = [cell for cell in table.iter("td", "th")]
        if any(_lays_out(cell) for cell in cells):
            for part in table.iter("table", "thead", "tbody", "tfoot", "tr", "td", "th"):
                part.tag = "div"


def _lays_out(cell: _Element) -> bool:
    return cell.find(".//table") is not None or len("".join(cell.itertext()).strip()) > 400


def _paragraphs(box: _Element) -> None:
    """Put bare text between blocks into paragraphs; two line breaks divide paragraphs."""
    for block in [box, *box.iter("div", "section", "article", "main", "center", "td", "span", "font", "p")]:
        if block.tag in ("span", "font", "p", "td") and not any(
            child.tag in furniture.BLOCKS for child in block
        ):
            if block.tag != "p" or not _double_break(block):
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
    if not (block.text or "").strip() and not any(
        (child.tail or "").strip() or child.tag in _INLINE for child in block
    ):
        return
    parts = [*block]
    text, block.text = block.text, None
    run: _Element | None = None
    breaks = 0

    def add_text(value: str | None) -> None:
        nonlocal run, breaks
        if not value or (run is None and not value.strip()):
            return
        if value.strip():
            breaks = 0
        if run is None:
            run = etree.SubElement(block, "p")
        if len(run):
            run[-1].tail = (run[-1].tail or "") + value
        else:
            run.text = (run.text or "") + value

    for part in parts:
        block.remove(part)
    add_text(text)
    for part in parts:
        tail, part.tail = part.tail, None
        if part.tag == "br":
            breaks += 1
            if breaks >= 2:
                run = None
            elif run is not None:
                run.append(part)
        elif part.tag in _INLINE and not any(child.tag in furniture.BLOCKS for child in part.iterdescendants()):
            if run is None:
                run = etree.SubElement(block, "p")
            run.append(part)
            if "".join(part.itertext()).strip():
                breaks = 0
        else:
            run = None
            block.append(part)
        add_text(tail)


def _sweep(box: _Element) -> None:
    """Take lists of links and paragraphs that are one link out."""
    for block in [*box.iter("ul", "ol", "p", "h2", "h3", "h4", "h5", "table", "div", "li")]:
        text = " ".join("".join(block.itertext()).split())
        if not text or block is box:
            continue
        links = sum(len(" ".join("".join(link.itertext()).split())) for link in block.iter("a"))
        if links < len(text) * 0.7 or len(text) > 3000:
            continue
        if block.tag in ("ul", "ol", "table", "p", "div", "h2", "h3", "h4", "h5") and (
            links > 15 or block.tag in ("ul", "ol")
        ):
            furniture.drop(block)


def tidied(text: list[str], title: str, lead: str, description: str) -> list[str]:
    """Lines without furniture, captions with a source, the title and the lead said again, and what stands before the first sentence."""
    end = next((at for at, line in enumerate(text) if at > 1 and furniture.is_comments(line)), len(text))
    kept = [
        line
        for line in text[:end]
        if not (furniture.is_line(line) or furniture.is_caption(line) or _same(line, title))
    ]
    if lead:
        kept = [line for line in kept if not _same(line, lead)] or kept
    while len(kept) > 1 and _is_head_matter(kept[0]):
        kept.pop(0)
    while kept and (furniture.is_heading_of_links(kept[-1])):
        kept.pop()
    return [furniture.unsigned(line) for line in kept]


def signature(text: list[str]) -> tuple[list[str], list[str]]:
    """The text without its last lines that name authors or a credit, and those lines."""
    kept, signed = [*text], []
    while kept and len(signed) < 3 and len(kept) > 1:
        last = kept[-1]
        name = bylines.split(last)
        if len(last) < 60 and (credit.is_line(last) or (name and all(map(bylines.is_person, name)))):
            signed.insert(0, kept.pop())
        else:
            break
    return kept, signed


_HEAD_MATTER = re.compile(
    r"^(?:(?i:by|von|par|por|di|av|door)|Stand:|Lesezeit|Uppdaterad|Publicerad|Published|Updated)\s+[A-ZÀ-Ỹ\d]|^Lesezeit$|^\W*\d{1,2}[:h.]\d{2}\b.{0,40}$|^.{0,30}\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}.{0,30}$|"
    r"^(?i:published|updated|posted|last updated|first published|veröffentlicht|publié|publicado)\b|\bmin(?:ute)?s? read\b|"
    r"^\w+ \d{1,2}, \d{4}(?:,? .{0,20})?$",
)


def _is_head_matter(line: str) -> bool:
    """A date, a byline or a reading time that stands before the text."""
    return len(line) < 70 and (bool(_HEAD_MATTER.search(line)) or bylines.is_person(line))


def _same(line: str, other: str) -> bool:
    return bool(other) and abs(len(line) - len(other)) < 12 and _letters(line) == _letters(other)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
