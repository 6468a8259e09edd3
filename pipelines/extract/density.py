"""How much running text stands where: characters of paragraphs that are no links, summed up the tree."""

from collections.abc import Iterator

from lxml.etree import _Element

LEAST = 40  # a shorter block is a label, a menu entry or a caption
_WHOLE = frozenset(("p", "blockquote", "pre"))
_PARTLY = frozenset(("div", "section", "article", "td", "main", "li", "span", "dd", "center", "font", "body"))


class Weights(dict[_Element, int]):
    """Running text of every element of a tree that has some, in it and all it holds."""

    def __init__(self, top: _Element) -> None:
        super().__init__()
        self.top = top
        self.blocks: list[tuple[_Element, int]] = []  # with their own text, as it was before any was dropped
        for block in top.iter(*_WHOLE, *_PARTLY):
            worth = worth_of(block)
            if worth >= LEAST:
                self.blocks.append((block, worth))
                for node in self._upwards(block):
                    self[node] = self.get(node, 0) + worth

    def _upwards(self, element: _Element) -> Iterator[_Element]:
        node: _Element | None = element
        while node is not None:
            yield node
            if node is self.top:
                return
            node = node.getparent()

    def forget(self, element: _Element) -> None:
        """Take an element's text off all it stands in; to be called before it is dropped."""
        weight = self.get(element, 0)
        if weight:
            for node in self._upwards(element):
                self[node] = self.get(node, 0) - weight

    def of(self, element: _Element) -> int:
        return self.get(element, 0)


def worth_of(block: _Element) -> int:
    """Characters of a block's own running text; a paragraph's links are taken off twice."""
    if block.tag in _WHOLE:
        text = length(block)
        return max(0, text - 2 * sum(map(length, block.iter("a")))) if text >= LEAST else 0
    own = len((block.text or "").strip())
    for child in block:
        if child.tail:
            own += len(child.tail.strip())
    return own if own >= LEAST else 0


def length(element: _Element) -> int:
    """Characters of all text in an element, space at the edges of its pieces left out."""
    return sum(map(len, map(str.strip, element.itertext())))


def unlinked(element: _Element) -> int:
    """Characters of an element's text that stand in no link."""
    return length(element) - sum(map(length, element.iter("a")))
