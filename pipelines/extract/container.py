"""Find the piece of a page that holds the article's text."""

import re
from dataclasses import dataclass
from functools import lru_cache

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import _Element

from pipelines.extract import boilerplate, labels
from pipelines.extract.density import Weights, unlinked, worth_of
from pipelines.item import Family, Rules

FAR_TOO_LITTLE = 0.3  # a rule's text below this share of what the page's own shape gives is a miss
WORTH = 300  # characters; less than that beside a rule's own box is the page's boilerplate, not its story
ENOUGH = 600
_SHARE = 0.75
_LINE = 40
_MORE = 0.1  # of a box's text: so much in others of its name, and the text is in all of them
_BEGINNING = 300  # more than a caption or a lead that stand before the text
_TEXT_TAGS = frozenset(("p", "ul", "ol", "li", "blockquote", "td", "dd", "pre", "h2", "h3", "h4", "table"))
_SENTENCE = re.compile(r"[.!?…:]['\"”’»)\]\s]*$")


@dataclass(slots=True)
class ContainerChoice:
    """A container and how it was chosen: ``rule``, ``linked``, ``marked``, ``shape`` or ``page``."""

    element: _Element
    how: str


@lru_cache(maxsize=512)
def _compiled(css: str) -> CSSSelector | None:
    try:
        return CSSSelector(css, translator="html")
    except (SelectorError, SyntaxError):
        return None


def select(tree: _Element, css: str) -> list[_Element]:
    """Elements a selector matches, in page order; none for an empty or unreadable selector."""
    chosen = _compiled(css) if css else None
    return list(chosen(tree)) if chosen else []


def family_of(tree: _Element, raw: str, families: tuple[Family, ...]) -> Family | None:
    """The first family all of whose marks match; words that the page lacks save the search."""
    for family in families:
        may_be = family.marks and all(_may_match(mark, raw) for mark in family.marks)
        if may_be and all(select(tree, mark) for mark in family.marks):
            return family
    return None


def _may_match(mark: str, raw: str) -> bool:
    return any(all(word in raw for word in words) for words in _words_of(mark))


@lru_cache(maxsize=512)
def _words_of(mark: str) -> tuple[tuple[str, ...], ...]:
    """Class names, ids and attribute values of a selector, by its alternatives."""
    values = r"[.#]([A-Za-z_][\w-]*)|=\s*[\"']?([\w-]+)[\"']?\s*\]"
    return tuple(
        tuple(part for pair in re.findall(values, one) for part in pair if len(part) > 3)
        for one in mark.split(",")
    )


def by_rule(tree: _Element, rules: Rules) -> _Element | None:
    """The match of the body rule that holds most text."""
    return max(select(tree, rules.body), key=lambda box: len("".join(box.itertext())), default=None)


def choose(body: _Element, weights: Weights, linked_body: str) -> ContainerChoice:
    """The container by what the page itself says: JSON-LD's text, then marks, then shape."""
    total = weights.of(body)
    if total == 0:
        return ContainerChoice(body, "page")
    linked = _by_linked(body, linked_body) if linked_body else None
    if linked is not None and weights.of(linked) > total * 0.3:
        return ContainerChoice(linked, "linked")
    if (element := _by_marks(body, weights, total)) is not None:
        joined = _joined(element, body, weights)
        return ContainerChoice(descend(element, weights) if joined is element else joined, "marked")
    return ContainerChoice(descend(body, weights), "shape")


def own_article(h1: _Element | None, weights: Weights) -> _Element | None:
    """The ``article`` the title stands in, where the rest of the text stands in other such elements."""
    own = next(h1.iterancestors("article"), None) if h1 is not None else None
    if own is None or weights.of(own) < ENOUGH:
        return None
    others = [e for e in weights if e.tag == "article" and not _related(e, own)]
    beside = sum(weights[e] for e in others if next(e.iterancestors("article"), None) is None)
    rest = weights.of(weights.top) - weights.of(own)
    return own if others and beside > rest * 0.5 else None


def _related(one: _Element, other: _Element) -> bool:
    return one is other or one in other.iterancestors() or other in one.iterancestors()


def descend(top: _Element, weights: Weights) -> _Element:
    """Follow the child that holds nearly all the running text, down to where the text branches."""
    node = top
    while True:
        best = max((child for child in node if child in weights), key=lambda c: weights[c], default=None)
        if best is None or weights[best] < weights[node] * _SHARE or best.tag in _TEXT_TAGS:
            return node
        if _left_behind(node, best, weights):
            return node
        node = best


def _left_behind(node: _Element, best: _Element, weights: Weights) -> bool:
    """Whether going down to a child would lose the text's beginning, paragraphs or many short lines."""
    if any(weights.of(child) > _BEGINNING for child in best.itersiblings(preceding=True)):
        return True
    if any(child.tag in ("p", "blockquote") and worth_of(child) for child in node if child is not best):
        return True
    return unlinked(best) < unlinked(node) * 0.5


def _by_marks(body: _Element, weights: Weights, total: int) -> _Element | None:
    best, best_weight = None, 0
    for element in body.iter("div", "article", "section", "main", "td"):
        weight = weights.of(element)
        if weight < total * 0.2:
            continue
        marked = labels.is_body(element)
        if marked and weight > best_weight:
            best, best_weight = element, weight
    if best is None:
        articles = [e for e in body.iter("article") if weights.of(e) >= total * 0.5]
        best = max(articles, key=lambda e: weights[e], default=None)
    return best if best is None else _with_beginning(best, body, weights)


def _with_beginning(best: _Element, body: _Element, weights: Weights) -> _Element:
    """What holds a marked body and the one marked before it: a report stands above its ticker's posts."""
    above = set(best.iterancestors())
    for element in body.iter("div", "article", "section"):
        if element is best:
            break
        marked = (element.get("itemprop") or "").lower() == "articlebody"
        if marked and element not in above and weights.of(element) > _BEGINNING:
            return next(a for a in element.iterancestors() if a in above)
    return best


def _joined(box: _Element, body: _Element, weights: Weights) -> _Element:
    """What holds a box and the others that hold the text with it; other stories between them are dropped."""
    parts = _kin(box, body, weights) or _larger(box, body, weights)
    if not parts:
        return box
    chosen = {box, *parts}
    parts = [element for element in body.iter() if element in chosen]
    above = set.intersection(*({*part.iterancestors()} for part in parts))
    top = next(node for node in box.iterancestors() if node in above)
    _drop_others(top, parts, weights)
    return top


def _kin(box: _Element, body: _Element, weights: Weights) -> list[_Element]:
    """The boxes of the same name, as builders and CMSs lay a text out in, if they hold more than a little."""
    names = labels.body_names(box)
    if not names:
        return []
    around = {box, *box.iterancestors()}
    kin = [
        element
        for element in weights
        if element.tag == box.tag
        and weights.of(element) >= _LINE
        and labels.body_names(element) == names
        and element not in around
        and box not in element.iterancestors()
        and next(element.iterancestors("a"), None) is None
    ]
    text = _letters("".join(box.itertext()))
    kin = [element for element in kin if _beginning(element) not in text]
    return kin if sum(map(weights.of, kin)) > weights.of(box) * _MORE else []


def _larger(box: _Element, body: _Element, weights: Weights) -> list[_Element]:
    """Paragraphs elsewhere that are more than the box holds: a first one alone may bear the text's name."""
    most = weights.of(box)
    if most > weights.of(body) * 0.5:
        return []
    around = {box, *box.iter(), *box.iterancestors()}
    best = None
    for element in weights:
        if element in around or next(element.iter("h1"), None) is not None:
            continue
        own = sum(
            worth_of(child) for child in element if child.tag == "p" and worth_of(child) >= boilerplate.PROSE
        )
        if own > max(most, _BEGINNING) and not _of_others(element):
            best, most = element, own
    return [] if best is None else [best]


def _of_others(element: _Element) -> bool:
    """Whether its names, or those of what it stands in, say that readers or other stories speak in it."""
    return any(
        labels.kind(node) != "" or _has_linked_heading(node)
        for node in (element, *element.iterancestors())
        if node.tag not in ("body", "html", "main")
    )


def _drop_others(top: _Element, parts: list[_Element], weights: Weights) -> None:
    """Drop what stands behind the last part, and what is headed by a link between them."""
    wanted = {*parts}
    for part in parts:
        wanted.update(node for node in part.iterancestors() if top in node.iterancestors())
    order = {element: at for at, element in enumerate(top.iter())}
    end = order[parts[-1]]
    for node in (top, *(wanted - {*parts})):
        for child in [*node]:
            if child not in wanted and (order[child] > end or _has_linked_heading(child)):
                weights.forget(child)
                boilerplate.drop(child)


def _has_linked_heading(element: _Element) -> bool:
    return any(
        heading.find(".//a") is not None or next(heading.iterancestors("a"), None) is not None
        for heading in element.iter("h2", "h3", "h4", "h5")
    )


def _beginning(element: _Element) -> str:
    block = next((b for b in element.iter("p", "li", "div") if worth_of(b) >= _LINE), element)
    return _letters("".join(block.itertext()))[:60]


def _by_linked(body: _Element, linked_body: str) -> _Element | None:
    """The lowest element that holds the paragraphs which JSON-LD's ``articleBody`` holds too."""
    text = _letters(linked_body)
    if len(text) < 300:
        return None
    hits: dict[_Element, int] = {}
    total = 0
    for block in body.iter("p", "div", "li", "span", "td"):
        own = "".join(block.itertext()) if block.tag == "p" else (block.text or "")
        probe = _letters(own)[:80]
        if len(probe) < 40 or probe not in text:
            continue
        total += 1
        node: _Element | None = block.getparent()
        while node is not None and node is not body.getparent():
            hits[node] = hits.get(node, 0) + 1
            node = node.getparent()
    if total < 2:
        return None
    node = body
    while (
        best := max((c for c in node if hits.get(c, 0) >= total * 0.9), key=lambda c: hits[c], default=None)
    ) is not None:
        node = best
    return node


def unknown(box: _Element, linked_body: str) -> list[_Element]:
    """Blocks of a container that JSON-LD's ``articleBody`` does not know, where it knows nearly all the text.

    Some sites leave long paragraphs and headings out of it, so these stay unless nothing known follows.
    """
    text = _letters(linked_body)
    if len(text) < 300:
        return []
    blocks = [(block, own, _letters(own)) for block in box.iter("p", "li", "div", "td") if (own := _own(block))]
    blocks = [(block, own, letters) for block, own, letters in blocks if len(letters) > 3]
    known = [letters[:60] in text for _, _, letters in blocks]
    whole = sum(len(letters) for _, _, letters in blocks)
    covered = sum(len(letters) for (_, _, letters), seen in zip(blocks, known, strict=True) if seen)
    if not 0.85 < covered / len(text) < 1.3 or covered < whole * 0.6:
        return []
    last = max(at for at, seen in enumerate(known) if seen)
    return [
        block
        for at, ((block, own, _), seen) in enumerate(zip(blocks, known, strict=True))
        if not seen and block.tag != "li" and (at > last or not _SENTENCE.search(own))
    ]


def _own(block: _Element) -> str:
    """A paragraph's text; of other blocks only the text that stands in none of their blocks."""
    if block.tag == "p":
        return "".join(block.itertext())
    parts = [block.text or ""]
    for child in block:
        if child.tag not in boilerplate.BLOCKS:
            parts.append("".join(child.itertext()))
        parts.append(child.tail or "")
    return "".join(parts)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
