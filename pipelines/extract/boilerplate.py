"""What stands in an article's container and is none of its text: related links, captions, forms, sign-offs."""

import re
from functools import lru_cache
from pathlib import Path

from lxml.etree import _Element

from archive.boilerplate import is_phrase
from archive.config import WordLists
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
_NAMES = _WORDS.pattern(r"(?:^|[\s_-])(?:«names»)(?=$|[\s_-])")
_CAPTION_NAME = re.compile(r"caption|credit|hidden|disclaimer", re.IGNORECASE)
_LABELS = ("class", "data-testid", "data-component", "data-role", "data-qa")
_CERTAIN = _WORDS.pattern("«certain»")
_BODY_NAMES = _WORDS.pattern(r"(?:^|[\s_-])(?:«body_names»)(?=$|[\s_-])")


CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*0", re.IGNORECASE)
_TYPES = re.compile(r"Related|ReadMore|Newsletter|Advert|Widget", re.IGNORECASE)
_ITEMS = re.compile(
    r"^(?:author|publisher|image|datePublished|dateModified|interactionStatistic|associatedMedia|keywords)\b"
)

_LINE_EXACT = _WORDS.pattern(r"^\W*(?:«lines»)\W*$")
_COMMENTS = _WORDS.pattern(r"^\W*(?:«comments»)\W*$")
_LINE_START = _WORDS.pattern(r"^\W*(?:«openings»)")
_CALL = _WORDS.pattern("«calls»")
_SIGN_OFF = re.compile(r"\s*\.?/\.\s*$")
_CAPTION = _WORDS.pattern("«captions»")
# «… sắp cất cánh. Ảnh Thanh Tùng», «(Ảnh TTXVN)»: capitals matter here
_PHOTOGRAPHER = re.compile(r"(?:[.!?…,]\s*|[(–-]\s?)Ảnh:?\s+(?:[^\W\d_a-zà-ỹ][\w./]*\s?){1,4}\)?\.?$")


def named(element: _Element) -> bool:
    """Whether an element's names say that it is boilerplate; a long paragraph is not, whatever its name."""
    if (
        element.tag == "p"
        and len("".join(element.itertext())) > 200
        and not _CAPTION_NAME.search(element.get("class") or "")
    ):
        return False
    name = label(element)
    if name and _is_boilerplate_name(name):
        return True
    if _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None:
        return True
    if element.get("aria-hidden") == "true" or element.get("role") in (
        "navigation",
        "complementary",
        "dialog",
        "search",
    ):
        return True
    return bool(_TYPES.search(element.get("type") or "") or _ITEMS.search(element.get("itemprop") or ""))


@lru_cache(maxsize=8192)
def _is_boilerplate_name(name: str) -> bool:
    name = CAMEL.sub("-", name)
    return bool(_NAMES.search(name) or _CERTAIN.search(name))


def label(element: _Element) -> str:
    """What an element is called: its class, test names and id, unless that is a headline's slug."""
    names = [name for name in map(element.get, _LABELS) if name]
    own = element.get("id") or ""
    if own and own.count("-") < 4:
        names.append(own)
    return " ".join(names)


def is_body(element: _Element) -> bool:
    """Whether an element's names say that it holds an article's text."""
    return (element.get("itemprop") or "").lower() == "articlebody" or _is_body_name(label(element))


@lru_cache(maxsize=8192)
def _is_body_name(name: str) -> bool:
    return bool(name and _BODY_NAMES.search(CAMEL.sub("-", name)))


def is_certain(element: _Element) -> bool:
    """Dialogs, a page's head and foot: boilerplate even where they hold much text."""
    return element.tag in ("footer", "nav") or bool(_CERTAIN.search(label(element)))


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


def clear(top: _Element, keep: _Element | None = None) -> Weights:
    """Drop named boilerplate below an element; returns the weights of what is left.

    A name that much of the text bears (``p.paywall`` on every paragraph) is no name of boilerplate.
    """
    weights = Weights(top)
    borne = _borne(weights)
    stack: list[_Element] = [top]
    while stack:
        for child in [*stack.pop()]:
            if child is not keep and _is_boilerplate(child) and not _holds(child, weights, borne):
                weights.forget(child)
                drop(child)
            elif len(child):
                stack.append(child)
    return weights


def _borne(weights: Weights) -> dict[str, int]:
    """Running text by the class that its blocks bear."""
    borne: dict[str, int] = {}
    for block in weights:
        names = block.get("class") if block.tag in ("p", "div", "li", "td", "section") else None
        if names and (worth := worth_of(block)):
            borne[names] = borne.get(names, 0) + worth
    return borne


def _is_boilerplate(element: _Element) -> bool:
    return unwanted(element) or element.tag in _ALWAYS or named(element)


def _holds(element: _Element, weights: Weights, borne: dict[str, int]) -> bool:
    """Whether it is too large a part of the page to be boilerplate; ASP.NET pages stand whole in a form."""
    weight, whole = weights.of(element), max(1, weights.of(weights.top))
    share = 0.6 if is_certain(element) else 0.3
    if weight > whole * share or borne.get(element.get("class") or "", 0) > whole * 0.2:
        return True
    if weight > whole * 0.15 and is_body(element):
        return True
    return next(element.iter("h1"), None) is not None


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


def is_caption(text: str) -> bool:
    """A line that reads like a picture's caption with its source, as some portals print between paragraphs."""
    return len(text) < 250 and bool(_CAPTION.search(text) or _PHOTOGRAPHER.search(text))


def unsigned(text: str) -> str:
    """The text without the official sign-off «./.»."""
    return _SIGN_OFF.sub(".", text)
