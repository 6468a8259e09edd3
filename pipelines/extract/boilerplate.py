"""What stands in an article's container and is none of its text: related links, captions, forms, sign-offs."""

import re
from pathlib import Path

from lxml.etree import _Element

from archive.boilerplate import is_phrase
from archive.config import WordLists
from pipelines.extract import labels
from pipelines.extract.density import Weights, worth_of

_WORDS = WordLists(Path(__file__).with_name("boilerplate.yml"))

BLOCKS = frozenset(
    ("article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "figcaption",
     "figure",
     "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
     "section", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul")
)  # fmt: skip
SCRIPTS = ("iframe", "noscript", "script", "style", "svg", "template")
_NEVER = frozenset(
    (*SCRIPTS, "audio", "button", "canvas", "dialog", "embed", "fieldset", "form", "input", "label", "map",
     "math", "menu", "nav", "object", "option", "select", "source", "textarea", "track", "video")
)  # fmt: skip
_ALWAYS = frozenset(("aside", "footer", "figure", "figcaption"))
PROSE = 60  # characters of running text that make a paragraph of a story
_PROSE_TAGS = ("p", "div", "li", "dd", "blockquote", "section")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_FIELDS = ("form", "input", "textarea", "select")
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’»)\]\s]*$")
_COMMENT_NAME = re.compile(r"comment", re.IGNORECASE)
_SHELLS = frozenset((*_NEVER, "a", "aside", "footer", "header"))
_ELSEWHERE = re.compile(
    r"comment|teaser|card|author|bio|product|footer|legal|disclaim|footnote|reference|review|testimonial|quote|cta|promo",
    re.IGNORECASE,
)
_WALL = _WORDS.pattern(r"\b(?:«walls»)\b")
_LONG_WALL = 600  # characters of text for one such word
_ANSWERS = _WORDS.pattern(r"\b(?:«answers»)\b")

_LINE_EXACT = _WORDS.pattern(r"^\W*(?:«lines»)\W*$")
_COMMENTS = _WORDS.pattern(r"^\W*(?:«comments»)\W*$")
_LINE_START = _WORDS.pattern(r"^\W*(?:«openings»)")
_CALL = _WORDS.pattern("«calls»")
_SIGN_OFF = re.compile(r"\s*\.?/\.\s*$")
_CAPTION = _WORDS.pattern("«captions»")
# «… sắp cất cánh. Ảnh Thanh Tùng», «(Ảnh TTXVN)»: capitals matter here
_PHOTOGRAPHER = re.compile(r"(?:[.!?…,]\s*|[(–-]\s?)Ảnh:?\s+(?:[^\W\d_a-zà-ỹ][\w./]*\s?){1,4}\)?\.?$")


def is_of_others(block: _Element) -> bool:
    """Whether prose outside a text stands where readers, other stories or the outlet itself speak."""
    for node in (block, *block.iterancestors()):
        if node.tag in _SHELLS or labels.kind(node) or labels.is_certain(node):
            return True
        if _ELSEWHERE.search(labels.CAMEL.sub("-", labels.label(node))):
            return True
        heading = next(node.iter("h2", "h3", "h4", "h5"), None)
        if heading is not None and heading.find(".//a") is not None:
            return True
    return False


def unwanted(element: _Element) -> bool:
    """Tags that never hold an article's text."""
    return element.tag in _NEVER


def drop(element: _Element) -> None:
    """Take an element out and leave the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)


def clear(top: _Element, keep: _Element | None = None, seen: Weights | None = None) -> Weights:
    """Drop named boilerplate below an element; returns the weights of what is left (``seen``: of all of it).

    A name that much of the text bears (``p.paywall`` on every paragraph) is no name of boilerplate.
    """
    weights = Weights(top) if seen is None else seen
    borne = _borne(weights)
    titled = {element for h1 in top.iter("h1") for element in (h1, *h1.iterancestors())}
    stack: list[_Element] = [top]
    while stack:
        for child in [*stack.pop()]:
            if (
                child is not keep
                and _is_boilerplate(child, weights)
                and child not in titled
                and not _holds(child, weights, borne)
            ):
                weights.forget(child)
                drop(child)
            elif len(child):
                stack.append(child)
    return weights


def _borne(weights: Weights) -> dict[str, int]:
    """Running text by the class that its blocks bear."""
    borne: dict[str, int] = {}
    for block, worth in weights.blocks:
        names = block.get("class") if block.tag in ("p", "div", "li", "td", "section") else None
        if names and block in weights:
            borne[names] = borne.get(names, 0) + worth
    return borne


def _is_boilerplate(element: _Element, weights: Weights) -> bool:
    if unwanted(element):
        return True
    if element.tag in _ALWAYS:
        return element.tag != "figure" or not _frames_text(element)
    kind = labels.kind(element)
    return kind == "named" or (kind == "doubtful" and not _is_text(element, weights))


def _frames_text(figure: _Element) -> bool:
    """A figure that frames a table or a quotation, as WordPress and CKEditor write them, is no picture."""
    return figure.find(".//img") is None and next(figure.iter("table", "blockquote", "pre"), None) is not None


def _is_text(element: _Element, weights: Weights) -> bool:
    """Whether what is hidden or oddly named is a part of the text: prose beside prose, said once."""
    if weights.of(element) < PROSE or next(element.iter(*_FIELDS), None) is not None:
        return False
    first = _first_prose(element)
    if first is None or _is_wall(element) or _is_box(element) or not _stands_in_text(element, weights):
        return False
    if _COMMENT_NAME.search(labels.label(element)) and _is_of_readers(element, weights):
        return False
    return not _said_elsewhere(first, element, weights)


def _first_prose(element: _Element) -> _Element | None:
    return next((block for block in element.iter(*_PROSE_TAGS) if _is_prose(block)), None)


def _is_box(element: _Element) -> bool:
    """Whether what is only oddly named has a heading of its own: a box beside the story, as its name says."""
    return not labels.is_hidden(element) and next(element.iter(*_HEADINGS), None) is not None


def _is_wall(element: _Element) -> bool:
    """Whether a box asks the reader to join or to log in; a long text may name a newsletter in passing."""
    text = " ".join("".join(element.itertext()).split())
    return sum(1 for _ in _WALL.finditer(text)) > len(text) // _LONG_WALL


def _is_prose(block: _Element) -> bool:
    text = " ".join("".join(block.itertext()).split())
    return worth_of(block) >= PROSE and bool(_SENTENCE_END.search(text)) and not is_call(text)


def _stands_in_text(element: _Element, weights: Weights) -> bool:
    """Whether a paragraph of prose stands beside it, or beside one of the few boxes round it."""
    node = element
    for _ in range(4):
        for before in (True, False):
            for beside in node.itersiblings(preceding=before):
                if weights.of(beside) >= PROSE and not labels.kind(beside):
                    return True
        parent = node.getparent()
        if parent is None or parent is weights.top:
            return False
        node = parent
    return False


def _is_of_readers(element: _Element, weights: Weights) -> bool:
    """Comments of readers come by the dozen, or with buttons to answer them."""
    if (element.get("itemprop") or "").lower() == "comment" or _ANSWERS.search("".join(element.itertext())):
        return True
    name = element.get("class")
    return sum(other.get("class") == name for other in weights if other.tag == element.tag) > 1


def _said_elsewhere(block: _Element | None, element: _Element, weights: Weights) -> bool:
    """A copy for a reading voice or for telephones says again what stands outside it."""
    own, letters = {*element.iter(), *element.iterancestors()}, "" if block is None else _letters(block)
    others = "".join(
        _letters(other)
        for other, _ in weights.blocks
        if other not in own and weights.top in other.iterancestors()
    )
    at = range(0, len(letters), max(1, len(letters) // 4))
    return any(letters[start : start + 40] in others for start in at if len(letters) - start >= 40)


def _letters(block: _Element) -> str:
    return "".join(filter(str.isalnum, "".join(block.itertext()))).lower()


def _holds(element: _Element, weights: Weights, borne: dict[str, int]) -> bool:
    """Whether it is too large a part of the page to be boilerplate; ASP.NET pages stand whole in a form."""
    weight, whole = weights.of(element), max(1, weights.of(weights.top))
    if (
        weight >= PROSE
        and labels.is_hidden(element)
        and _said_elsewhere(_first_prose(element), element, weights)
    ):
        return False
    share = 0.6 if labels.is_certain(element) else 0.3
    if weight > whole * share or borne.get(element.get("class") or "", 0) > whole * 0.2:
        return True
    return weight > whole * 0.15 and labels.is_body(element)


def clear_before(h1: _Element, weights: Weights) -> None:
    """Drop what stands before the title, unless nearly all the text does."""
    before: list[_Element] = []
    node: _Element | None = h1
    while node is not None and node is not weights.top:
        before += node.itersiblings(preceding=True)
        node = node.getparent()
    if node is None or sum(map(weights.of, before)) > weights.of(weights.top) * 0.75:
        return
    for element in before:
        weights.forget(element)
        drop(element)


def is_line(text: str) -> bool:
    """A line that is boilerplate by its words alone, e.g. «XEM THÊM TIN» or ``Read more: …``."""
    return len(text) < 220 and (_is_whole(text) or bool(_LINE_START.match(text)))


def _is_whole(text: str) -> bool:
    return bool(_LINE_EXACT.match(text)) or is_phrase(text)


def is_heading_of_links(text: str) -> bool:
    """A line after which a list of other articles begins."""
    return len(text) < 60 and _is_whole(text)


def is_call(text: str) -> bool:
    """A closing line that speaks to the reader: how to write in, follow, subscribe, join or copy."""
    return len(text) < 420 and bool(_CALL.search(text))


def is_comments(text: str) -> bool:
    """The heading of the readers' comments."""
    return len(text) < 40 and bool(_COMMENTS.match(text))


def is_answer(text: str) -> bool:
    """A line of the buttons and times about a reader's comment: «Trả lời», «Thích 12», «3 giờ trước»."""
    return len(text) < 60 and bool(_ANSWERS.search(text))


def ends_sentence(text: str) -> bool:
    """Whether a line ends as a sentence does."""
    return bool(_SENTENCE_END.search(text))


def is_caption(text: str) -> bool:
    """A line that reads like a picture's caption with its source, as some portals print between paragraphs."""
    return len(text) < 250 and bool(_CAPTION.search(text) or _PHOTOGRAPHER.search(text))


def unsigned(text: str) -> str:
    """The text without the official sign-off «./.»."""
    return _SIGN_OFF.sub(".", text)
