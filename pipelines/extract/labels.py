"""What elements are called, and what their class names, ids and roles say of them."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lxml.etree import _Element

from archive.config import WordLists

_WORDS = WordLists(Path(__file__).with_name("boilerplate.yml"))

_NAMES = _WORDS.pattern(r"(?:^|[\s_-])(?:«names»)(?=$|[\s_-])|(?:^|\s)(?:«whole_names»)(?=$|\s)")
_WEAK = _WORDS.pattern(r"(?:^|[\s_-])(?:«weak_names»)(?=$|[\s_-])")
_HIDDEN_NAME = _WORDS.pattern(r"(?:^|[\s_-])(?:«hidden_names»)(?=$|[\s_-])")
_SHOWN = re.compile(r"(?:^|\s)(?:(?:sm|md|lg|xl|2xl):|d-(?:sm|md|lg|xl)-)(?:block|flex|grid|inline|table)")
# «no_toc», «sidebar--false», «overflow-hidden», «field--label-hidden»: words that say nothing of the element
_NEGATED = _WORDS.pattern(r"(?<!\S)(?:«negated»)(?!\S)")
_CAPTION_NAME = re.compile(r"caption|credit|hidden|disclaimer", re.IGNORECASE)
_LABELS = ("class", "data-testid", "data-component", "data-role", "data-qa")
_NAMING = frozenset((*_LABELS, "id"))
_PLAYING = frozenset(("role", "type", "itemprop"))
_HIDING = frozenset(("style", "hidden", "aria-hidden"))
_CERTAIN = _WORDS.pattern("«certain»")
_BODY_NAMES = _WORDS.pattern(r"(?:^|[\s_-])(?:«body_names»)(?=$|[\s_-])")
_NUMBER = re.compile(r"(?:(?<![-_])[-_]++|(?<![-_\d]))\d++$")  # each run of signs is looked at once
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*0", re.IGNORECASE)
_TYPES = re.compile(r"Related|ReadMore|Newsletter|Advert|Widget", re.IGNORECASE)
_ITEMS = re.compile(
    r"^(?:author|publisher|image|datePublished|dateModified|interactionStatistic|associatedMedia|keywords)\b"
)
_ROLES = ("navigation", "complementary", "dialog", "alertdialog", "search")

Kind = Literal["", "named", "doubtful"]


def kind(element: _Element) -> Kind:
    """Whether an element is ``named`` as boilerplate, or is hidden or named as a story's own box may be.

    A long paragraph is neither, whatever its name.
    """
    keys = element.keys()  # most elements have one attribute or none
    of_name = "" if _NAMING.isdisjoint(keys) else _kind_of(label(element))
    if of_name != "named" and not _PLAYING.isdisjoint(keys) and _is_by_role(element):
        of_name = "named"
    if not of_name and not _HIDING.isdisjoint(keys) and _is_unseen(element):
        of_name = "doubtful"
    return "" if of_name and _is_long_paragraph(element) else of_name


def named(element: _Element) -> bool:
    """Whether an element's names say that it is boilerplate."""
    return kind(element) == "named"


def _is_by_role(element: _Element) -> bool:
    if element.get("role") in _ROLES:
        return True
    own, item = element.get("type"), element.get("itemprop")
    return bool((own and _TYPES.search(own)) or (item and _ITEMS.search(item)))


def is_hidden(element: _Element) -> bool:
    """Whether an element is not shown at first, by its attributes or by its class."""
    name = label(element)
    return _is_unseen(element) or bool(name and _HIDDEN_NAME.search(_NEGATED.sub("", name)))


def _is_unseen(element: _Element) -> bool:
    style = element.get("style")
    if style and _HIDDEN.search(style):
        return True
    return element.get("hidden") is not None or element.get("aria-hidden") == "true"


@lru_cache(maxsize=8192)
def _kind_of(name: str) -> Kind:
    if not name:
        return ""
    name = _NEGATED.sub("", CAMEL.sub("-", name))
    if _NAMES.search(name) or _CERTAIN.search(name):
        return "named"
    hidden = _HIDDEN_NAME.search(name) and not _SHOWN.search(name)
    return "doubtful" if hidden or _WEAK.search(name) else ""


def _is_long_paragraph(element: _Element) -> bool:
    return (
        element.tag == "p"
        and len("".join(element.itertext())) > 200
        and not _CAPTION_NAME.search(element.get("class") or "")
    )


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


def body_names(element: _Element) -> frozenset[str]:
    """The class names, without their numbers, that say that an element holds an article's text; else all."""
    names = {_NUMBER.sub("", name) for name in (element.get("class") or "").split()}
    return frozenset(filter(_is_body_name, names)) or frozenset(names)


def is_certain(element: _Element) -> bool:
    """Dialogs, a page's head and foot: boilerplate even where they hold much text."""
    return element.tag in ("footer", "nav") or bool(_CERTAIN.search(label(element)))
