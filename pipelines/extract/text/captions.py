"""The captions of a story that is told by its pictures."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.etree import _Element

from pipelines.extract import boilerplate, labels

_MOST = 400  # characters of a caption; more round a picture is the text it stands in
_LEAST = 15
_UP = 6  # boxes round a picture in which its caption may stand
_OTHERS = frozenset(("nav", "aside", "footer", "header", "form", "noscript"))
_CAPTION = re.compile(r"caption|cation|chu-?thich|figcaption|desc|image|photo|picture", re.IGNORECASE)


def of(body: _Element, h1: _Element | None) -> list[str]:
    """Captions of the pictures behind the title, in order, each once."""
    found: dict[str, None] = {}
    behind = h1 is None
    for element in body.iter("h1", "h2", "img", "picture", "figcaption"):
        behind = behind or element is h1
        if behind and element.tag in ("img", "figcaption") and not _of_others(element):
            found.setdefault(_caption(element))
    return [*filter(None, found)]


def _caption(picture: _Element) -> str:
    if picture.tag == "figcaption":
        return _fitting(picture)
    for frame in _frames(picture):
        if text := _fitting(frame):
            return text
        after = frame.getnext()
        if after is not None and _CAPTION.search(labels.label(after)) and after.find(".//img") is None:
            return _fitting(after)
    return ""


def _frames(picture: _Element) -> Iterator[_Element]:
    """The boxes round one picture alone."""
    for level, frame in enumerate(picture.iterancestors()):
        others = islice(frame.iter("img"), 1, None)
        if level == _UP or frame.tag in ("body", "article", "main") or next(others, None) is not None:
            return
        yield frame


def _fitting(element: _Element) -> str:
    text = " ".join("".join(element.itertext()).split())
    linked = sum(len("".join(link.itertext()).strip()) for link in element.iter("a"))
    return text if _LEAST <= len(text) <= _MOST and linked * 2 < len(text) else ""


def _of_others(element: _Element) -> bool:
    """Whether a picture stands in a link, or in what names itself other stories, comments or advertisement."""
    for node in element.iterancestors():
        if node.tag in _OTHERS or (
            node.tag == "a" and boilerplate.BLOCKS.intersection(c.tag for c in node.iter())
        ):
            return True
        if labels.named(node) and not _CAPTION.search(labels.label(node)):
            return True
    return False
