"""Tables of figures as lines, one a row: «Chỉ tiêu | Kế hoạch | Thực hiện»; other tables lay out a page."""

from lxml import etree
from lxml.etree import _Element

_LONG_CELL = 400  # characters; a longer cell holds text, not a figure
_PROSE = 80  # characters; two paragraphs so long in one cell are text
_PARTS = ("thead", "tbody", "tfoot", "tr", "td", "th", "caption")
_BETWEEN = " | "


def lays_out(table: _Element) -> bool:
    """Whether a table lays out a page: a long cell, tables in cells, or several paragraphs of prose in one."""
    return any(
        cell.find(".//table") is not None
        or len("".join(cell.itertext()).strip()) > _LONG_CELL
        or sum(len("".join(part.itertext()).strip()) > _PROSE for part in cell.iter("p")) > 1
        for cell in table.iter("td", "th")
    )


def unfold(table: _Element) -> None:
    """Make blocks of the parts of a table that lays out a page; tables in its cells stay."""
    own = [part for part in table.iter(*_PARTS) if next(part.iterancestors("table"), None) is table]
    for part in (table, *own):
        part.tag = "div"


def as_lines(table: _Element) -> None:
    """Make paragraphs of a table's caption and rows; a cell over several rows stands in each of them."""
    lines = [_text(caption) for caption in table.iterchildren("caption")]
    held: dict[int, tuple[str, int]] = {}  # column -> its text and the rows it still stands in
    lines += [_BETWEEN.join(filter(None, _cells(row, held))) for row in table.iter("tr")]
    tail = table.tail
    table.clear()
    table.tag, table.tail = "div", tail
    for line in filter(None, lines):
        etree.SubElement(table, "p").text = line


def _cells(row: _Element, held: dict[int, tuple[str, int]]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter("td", "th"):
        _fill(cells, held)
        text, rows = _text(cell), _number(cell.get("rowspan"))
        if rows > 1:
            held[len(cells)] = (text, rows - 1)
        cells += [text, *[""] * (_number(cell.get("colspan")) - 1)]
    _fill(cells, held)
    return cells


def _fill(cells: list[str], held: dict[int, tuple[str, int]]) -> None:
    """Put the cells of rows above that reach down into this row."""
    while len(cells) in held:
        text, rows = held.pop(len(cells))
        if rows > 1:
            held[len(cells)] = (text, rows - 1)
        cells.append(text)


def _number(span: str | None) -> int:
    return min(int(span), 50) if span and span.isascii() and span.isdigit() and int(span) else 1


def _text(cell: _Element) -> str:
    for block in cell.iter("br", "p", "div", "li"):
        block.tail = f" {block.tail or ''}"
    return " ".join("".join(cell.itertext()).split())
