"""The lead that is printed between an article's title and its text."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from lxml.etree import _Element

from archive.config import WordLists
from pipelines.extract import labels
from pipelines.extract.evidence import letters
from pipelines.extract.title import text_of

_WORDS = WordLists(Path(__file__).parent.with_name("boilerplate.yml"))
_LEAD_NAMES = _WORDS.pattern(r"(?:^|[\s_-])(?:«lead_names»)(?:-(?:news|text|article|detail|content))?(?:$|\s)")


def element(tree: _Element, h1: _Element | None, box: _Element | None, description: str) -> _Element | None:
    """The printed lead: what is named so or says what the description says, between the title and the text."""
    probe = letters(description)[:60]
    for element in _between(tree, h1, box):
        inside = box is not None and box in element.iterancestors()
        if element.tag not in ("p", "div", "h2", "h3", "h4", "strong", "span", "section", "header"):
            continue
        text = text_of(element)
        if not 20 <= len(text) <= 1200:
            continue
        names = (
            ("class", "data-role", "data-slot")
            if inside
            else ("class", "id", "data-role", "data-slot", "itemprop")
        )
        named = any(_is_lead_name(element.get(name) or "") for name in names)
        own = (
            not inside and len(probe) >= 25 and probe in letters(text) and len(text) < 2 * len(description) + 80
        )
        if (
            named and element.find(".//p/following-sibling::p") is None and element.find(".//li") is None
        ) or own:
            return element
    return None


@lru_cache(maxsize=8192)
def _is_lead_name(name: str) -> bool:
    return bool(name and _LEAD_NAMES.search(labels.CAMEL.sub("-", name)))


def _between(tree: _Element, h1: _Element | None, box: _Element | None) -> Iterator[_Element]:
    """Elements behind the title up to the text, and the first few of the text itself."""
    behind, inside = h1 is None, 0
    for count, element in enumerate(tree.iter()):
        if element is h1:
            behind = True
            continue
        if element is box:
            for part in element.iter("p", "div", "h2", "h3", "h4", "strong", "span"):
                if part is not element:
                    inside += 1
                    if inside > 6:
                        return
                    yield part
            return
        if behind and isinstance(element.tag, str):
            yield element
        if count > 20_000:
            return
