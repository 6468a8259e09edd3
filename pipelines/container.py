"""Find the piece of a page that holds the article's text."""

import re
from dataclasses import dataclass
from functools import lru_cache

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from pipelines import furniture
from pipelines.draft import Family, Rules

FAR_TOO_LITTLE = 0.3  # a rule's text below this share of what the page's own shape gives is a miss
ENOUGH = 600
_SHARE = 0.75
_GOOD = 40
_TEXT_TAGS = frozenset(("p", "ul", "ol", "li", "blockquote", "td", "dd", "pre", "h2", "h3", "h4", "table"))
_BODY_NAMES = re.compile(
    r"(?:^|[\s_-])(?:article-?(?:body|content|text|copy|detail)|story-?(?:body|content|text)|entry-?content|post-?(?:content|body|text|entry)|"
    r"body-?(?:text|content|copy)|content-?(?:body|text|detail|article)|detail-?(?:content|body|cmain)|news-?(?:content|body|detail|text)|"
    r"cms-body|fck-?detail|afcbc-body|articlebody|storybody|noidung|noi-dung|main-?content-?body|text-?body|rich-?text|"
    r"chi-?tiet|maincontent|journal-content-article|bodytext|bai-viet)(?=$|[\s_-])",
    re.IGNORECASE,
)


_SENTENCE = re.compile(r"[.!?…:]['\"”’»)\]\s]*$")


@dataclass(slots=True)
class Found:
    """A container and how it was found: ``rule``, ``linked``, ``marked``, ``shape`` or ``page``."""

    element: HtmlElement
    how: str


@lru_cache(maxsize=512)
def _compiled(css: str) -> CSSSelector | None:
    try:
        return CSSSelector(css, translator="html")
    except (SelectorError, SyntaxError):
        return None


def select(tree: HtmlElement, css: str) -> list[HtmlElement]:
    """Elements a selector matches, in page order; none for an empty or unreadable selector."""
    chosen = _compiled(css) if css else None
    return list(chosen(tree)) if chosen else []


def family_of(tree: HtmlElement, raw: str, families: tuple[Family, ...]) -> Family | None:
    """The first family all of whose marks match; words of a mark that are nowhere in the page save the search."""
    for family in families:
        words = [word for mark in family.marks for word in re.findall(r"[A-Za-z_][\w-]{3,}", _values(mark))]
        if family.marks and all(word in raw for word in words) and all(select(tree, mark) for mark in family.marks):
            return family
    return None


@lru_cache(maxsize=512)
def _values(mark: str) -> str:
    """Class names, ids and attribute values of a selector."""
    pairs = re.findall(r"[.#]([A-Za-z_][\w-]*)|=\s*[\"']?([\w-]+)[\"']?\s*\]", mark)
    return " ".join(part for pair in pairs for part in pair if part)


def by_rule(tree: HtmlElement, rules: Rules) -> HtmlElement | None:
    """The match of the body rule that holds most text."""
    return max(select(tree, rules.body), key=good_text, default=None)


def good_text(element: HtmlElement) -> int:
    """Characters of running text below an element: paragraphs of some length that are not links."""
    return sum(_worth(block) for block in element.iter("p", "div", "li", "td", "section", "article", "blockquote"))


def choose(body: HtmlElement, linked_body: str) -> Found:
    """The container by what the page itself says: JSON-LD's text, then marks, then shape."""
    weights = weigh(body)
    total = weights.get(body, 0)
    if total == 0:
        return Found(body, "page")
    if linked_body and (element := _by_linked(body, linked_body)) is not None:
        if weights.get(element, 0) > total * 0.3:
            return Found(element, "linked")
    if (element := _by_marks(body, weights, total)) is not None:
        return Found(descend(element, weights), "marked")
    return Found(descend(body, weights), "shape")


def weigh(body: HtmlElement) -> dict[HtmlElement, int]:
    """Running text of every element, in characters, counted in it and all it stands in."""
    weights: dict[HtmlElement, int] = {}
    for block in body.iter():
        worth = _worth(block)
        if worth < _GOOD:
            continue
        node: HtmlElement | None = block
        while node is not None:
            weights[node] = weights.get(node, 0) + worth
            if node is body:
                break
            node = node.getparent()
    return weights


def descend(top: HtmlElement, weights: dict[HtmlElement, int]) -> HtmlElement:
    """Follow the child that holds nearly all the running text, down to where the text branches."""
    node = top
    while True:
        best = max((child for child in node if child in weights), key=lambda c: weights[c], default=None)
        if best is None or weights[best] < weights[node] * _SHARE or best.tag in _TEXT_TAGS:
            return node
        if _left_behind(node, best):
            return node
        node = best


def _left_behind(node: HtmlElement, best: HtmlElement) -> bool:
    """Whether going down to a child would lose paragraphs beside it or much text in short lines."""
    if any(child.tag in ("p", "blockquote") and _worth(child) for child in node if child is not best):
        return True
    return _unlinked_length(best) < _unlinked_length(node) * 0.5


def _unlinked_length(element: HtmlElement) -> int:
    return _length(element) - sum(_length(link) for link in element.iter("a"))


def _worth(block: HtmlElement) -> int:
    """Characters of a block's own running text, its links' text taken off."""
    if not isinstance(block.tag, str):
        return 0
    if block.tag in ("p", "blockquote", "pre"):
        text = _length(block)
        links = sum(_length(link) for link in block.iter("a"))
        return max(0, text - 2 * links) if text >= _GOOD else 0
    if block.tag in ("div", "section", "article", "td", "main", "li", "span", "dd", "center", "font", "body"):
        own = len((block.text or "").strip()) + sum(len((child.tail or "").strip()) for child in block)
        return own if own >= _GOOD else 0
    return 0


def _length(element: HtmlElement) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _by_marks(body: HtmlElement, weights: dict[HtmlElement, int], total: int) -> HtmlElement | None:
    best, best_weight = None, 0
    for element, weight in weights.items():
        if element.tag not in ("div", "article", "section", "main", "td") or weight < total * 0.35:
            continue
        marked = (element.get("itemprop") or "").lower() == "articlebody" or _BODY_NAMES.search(furniture.label(element))
        if marked and weight > best_weight:
            best, best_weight = element, weight
    if best is None:
        articles = [e for e, w in weights.items() if e.tag == "article" and w >= total * 0.5]
        best = max(articles, key=lambda e: weights[e], default=None)
    return best


def _by_linked(body: HtmlElement, linked_body: str) -> HtmlElement | None:
    """The lowest element that holds the paragraphs which JSON-LD's ``articleBody`` holds too."""
    text = _letters(linked_body)
    if len(text) < 300:
        return None
    hits: dict[HtmlElement, int] = {}
    total = 0
    for block in body.iter("p", "div", "li", "span", "td"):
        own = "".join(block.itertext()) if block.tag == "p" else (block.text or "")
        probe = _letters(own)[:80]
        if len(probe) < 40 or probe not in text:
            continue
        total += 1
        node: HtmlElement | None = block.getparent()
        while node is not None and node is not body.getparent():
            hits[node] = hits.get(node, 0) + 1
            node = node.getparent()
    if total < 2:
        return None
    node = body
    while (best := max((c for c in node if hits.get(c, 0) >= total * 0.9), key=lambda c: hits[c], default=None)) is not None:
        node = best
    return node


def unlinked(box: HtmlElement, linked_body: str) -> list[HtmlElement]:
    """Blocks of a container that JSON-LD's ``articleBody`` does not know, where it knows nearly all the text.

    Some sites leave long paragraphs and headings out of it, so these stay unless nothing known follows.
    """
    text = _letters(linked_body)
    blocks = [b for b in box.iter("p", "li", "div", "td") if len(own := _letters(_own(b))) > 3 and own]
    known = [_letters(_own(block))[:60] in text for block in blocks]
    covered = sum(len(_letters(_own(block))) for block, seen in zip(blocks, known, strict=True) if seen)
    whole = sum(len(_letters(_own(block))) for block in blocks)
    if len(text) < 300 or not 0.85 < covered / len(text) < 1.3 or covered < whole * 0.6:
        return []
    last = max(at for at, seen in enumerate(known) if seen)
    return [
        block
        for at, (block, seen) in enumerate(zip(blocks, known, strict=True))
        if not seen and block.tag != "li" and (at > last or not _SENTENCE.search(_own(block)))
    ]


def _own(block: HtmlElement) -> str:
    """A paragraph's text; of other blocks only the text that stands in none of their blocks."""
    if block.tag == "p":
        return "".join(block.itertext())
    parts = [block.text or ""]
    for child in block:
        if child.tag not in furniture.BLOCKS:
            parts.append("".join(child.itertext()))
        parts.append(child.tail or "")
    return "".join(parts)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def clear(body: HtmlElement, keep: HtmlElement | None = None) -> None:
    """Take tags and named furniture out of a page, but nothing that makes up a large part of its text.

    A name that much of the text bears (``p.paywall`` on every paragraph) is no name of furniture.
    """
    whole, borne = max(1, good_text(body)), _borne(body)
    stack: list[HtmlElement] = [body]
    while stack:
        for child in [*stack.pop()]:
            if not isinstance(child.tag, str):
                furniture.drop(child)
            elif child is not keep and _is_furniture(child) and not _holds(child, whole, borne):
                furniture.drop(child)
            elif len(child):
                stack.append(child)


def _borne(body: HtmlElement) -> dict[str, int]:
    """Running text by the class that its blocks bear."""
    borne: dict[str, int] = {}
    for block in body.iter("p", "div", "li", "td", "section"):
        if (names := block.get("class")) and (worth := _worth(block)):
            borne[names] = borne.get(names, 0) + worth
    return borne


def _is_furniture(element: HtmlElement) -> bool:
    return (
        furniture.unwanted(element)
        or element.tag in ("aside", "footer", "figure", "figcaption")
        or furniture.named(element)
    )


def _holds(element: HtmlElement, whole: int, borne: dict[str, int]) -> bool:
    """Whether it is too large a part of the page to be furniture; ASP.NET pages stand whole in a form."""
    if element.tag in ("script", "style", "noscript", "template", "iframe", "svg"):
        return False
    share = 0.6 if element.tag in ("footer", "nav") or furniture.is_consent(element) else 0.3
    if element.find(".//h1") is not None or borne.get(element.get("class") or "", 0) > whole * 0.2:
        return True
    return good_text(element) > whole * share
