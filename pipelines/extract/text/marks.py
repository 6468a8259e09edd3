"""Small raised figures, footnote marks and struck-out words, read as they are printed."""

import re

from lxml.etree import _Element

from pipelines.extract import boilerplate

_RAISED = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_POWER = re.compile(r"^[+−-]?\d{1,2}$|^n$")
_FOOTNOTE = re.compile(r"^(?:\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*|[a-z]|[ivx]{1,4}|[*†‡§]+)$")
_UNIT = re.compile(r"(?:^|[\d\s/.(])(?:[kcdmh]?m|mét|met|in|ft|s|\S*\d\s*[a-z])$", re.IGNORECASE)
_TEN = re.compile(r"(?:[x×*·]\s*|(?<![\d.,]))10$", re.IGNORECASE)
_GOES_ON = re.compile(r"^\s*(?:[=+×x*/^)-]|$)")
_END = 60  # characters before a mark in which a unit stands
_STRUCK = ("del", "s", "strike")
_MOST_STRUCK = 0.5  # of a text that is struck out as a whole none would be left


def read(box: _Element) -> None:
    """Write powers as such, drop footnote marks and what is struck out."""
    _drop_struck(box)
    for mark in [*box.iter("sup")]:
        text = "".join(mark.itertext()).strip()
        if _POWER.match(text) and _is_power(mark, text):
            _replace(mark, text.translate(_RAISED))
        elif _is_footnote(mark, text):
            boilerplate.drop(mark)


def _drop_struck(box: _Element) -> None:
    struck = [*box.iter(*_STRUCK)]
    if not struck:
        return
    if sum(len("".join(part.itertext())) for part in struck) < len("".join(box.itertext())) * _MOST_STRUCK:
        for part in struck:
            boilerplate.drop(part)


def _is_power(mark: _Element, text: str) -> bool:
    """3,2 x 10⁶ and 42 km², but 250 with the mark of a footnote."""
    before = _before(mark)[-_END:]
    if mark.find(".//a") is not None or before[-1:].isspace():
        return False
    if _TEN.search(before) or _UNIT.search(before):
        return True
    return (
        before[-1:].isdigit() and len(text) == 1 and bool(_GOES_ON.match(mark.tail or " ")) and bool(mark.tail)
    )


def _is_footnote(mark: _Element, text: str) -> bool:
    """Digits and signs raised behind a word, figure or stop; letters (1st, XXe) and fractions are none.

    Those in brackets stay: they read as what they are.
    """
    if not _FOOTNOTE.match(text):
        return False
    link = mark.find(".//a")
    link = next(mark.iterancestors("a"), None) if link is None else link
    linked = link is not None and "#" in (link.get("href") or "")
    fraction = (mark.tail or "").lstrip()[:1] in ("/", "\u2044") or not _before(mark).strip()
    return linked or (not text.isalpha() and not fraction)


def _before(mark: _Element) -> str:
    """The end of the text that stands before an element in its line."""
    previous, parent = mark.getprevious(), mark.getparent()
    if previous is None:
        own = "" if parent is None else parent.text or ""
        outer = None if parent is None or own.strip() or str(parent.tag) in boilerplate.BLOCKS else parent
        return own if outer is None else _before(outer) + own
    return "".join(previous.itertext()) + (previous.tail or "")


def _replace(mark: _Element, text: str) -> None:
    mark.tail = text + (mark.tail or "")
    boilerplate.drop(mark)
