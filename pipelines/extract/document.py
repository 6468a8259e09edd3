"""A page's bytes as a tree, within limits; what is no page ends with a named outcome."""

import re
from itertools import islice
from typing import Any, cast

from lxml import etree
from lxml.etree import _Element

from archive.model import Outcome
from archive.reasons import reason
from pipelines.extract import charset
from pipelines.item import Page, Reject

MAX_BYTES = 8_000_000  # the largest real article page seen is under 3 MB
MAX_ELEMENTS = 60_000
MAX_DEPTH = 400  # browsers stop at 512
MAX_ATTRIBUTE = 4_000  # characters; longer ones are pictures and data, or meant to hurt
_OF_HEADS = {"base", "link", "meta", "noframes", "noscript", "script", "style", "template", "title"}
_LONG_ATTRIBUTES = etree.XPath(f"//@*[string-length() > {MAX_ATTRIBUTE}]")
_TOO_DEEP = etree.XPath(f"boolean(/*{'/*' * MAX_DEPTH})")
_TAGS = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|link|script|style|main|article|section|div|span|table|td|h1|p|a|b|br|img)"
    r"[\s/>]",
    re.IGNORECASE,
)


def text_of(page: Page) -> str:
    """The page's text. Raises Reject(FAILED) when it is empty, too large or no page at all."""
    if not page.body.strip():
        raise Reject(Outcome.FAILED, reason("page_empty"))
    if len(page.body) > MAX_BYTES:
        raise Reject(
            Outcome.FAILED,
            reason("page_too_large", size=len(page.body) // 1_000_000, most=MAX_BYTES // 1_000_000),
        )
    if kind := charset.binary_kind(page.body):
        raise Reject(Outcome.FAILED, reason("page_is_file", kind=kind))
    text = charset.decode(page.body, page.content_type)
    if len(list(islice(_TAGS.finditer(text), 2))) < 2:  # noise has a «<p >» now and then
        raise Reject(Outcome.FAILED, reason("page_without_tags"))
    return text


def parse(text: str) -> _Element:
    """The page as a tree without comments. Raises Reject(FAILED) when nothing in it is markup."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = etree.fromstring(charset.parseable(text).encode("utf-8", "replace"), parser=parser)
    except etree.XMLSyntaxError as error:
        raise Reject(Outcome.FAILED, reason("page_unreadable", error=error)) from error
    if tree is not None:
        _end_head(tree)
    if tree is None or tree.find("body") is None:
        raise Reject(Outcome.FAILED, reason("page_without_body"))
    if 'id="S:' in text:
        _put_in_place(tree)
    if tree.xpath("count(//*)") > MAX_ELEMENTS:
        raise Reject(Outcome.FAILED, reason("page_too_many_elements", most=MAX_ELEMENTS))
    if _TOO_DEEP(tree):
        raise Reject(Outcome.FAILED, reason("page_too_deep", most=MAX_DEPTH))
    _shorten(tree)
    return tree


def _end_head(tree: _Element) -> None:
    """End the head, as browsers do, at the first thing that belongs in none; it and what follows is the body's.

    libxml2 goes on with the head at tags that it does not know (``<main>``, ``<article>``, misspelt ones) where
    a page leaves out ``</head><body>``, as it may.
    """
    head = tree.find("head")
    first = next((each for each in head if each.tag not in _OF_HEADS), None) if head is not None else None
    if first is None:
        return
    body = tree.find("body")
    for inner in first.iter("body"):
        inner.tag = "div"
    held = [first, *first.itersiblings()]
    body = etree.SubElement(tree, "body") if body is None else body
    body[:0] = held


def _shorten(tree: _Element) -> None:
    """Cut what a meta says, and leave out other attributes that are as long."""
    for value in cast("list[Any]", _LONG_ATTRIBUTES(tree)):
        element, name = value.getparent(), value.attrname
        del element.attrib[name]
        if name == "content":
            element.set(name, value[:MAX_ATTRIBUTE])


# React's scripts $RC("B:1","S:1") and $RS("S:1","P:1"): a part of the page that came behind it, and its place
_PLACED = re.compile(r'\$R[CSR]\("([BPS]:[0-9a-f]+)","([BPS]:[0-9a-f]+)"')


def _put_in_place(tree: _Element) -> None:
    """Put the parts that a page streams in behind itself where its scripts would put them."""
    scripts = "".join(script.text or "" for script in tree.iter("script"))
    marked = {element.get("id") or "": element for element in tree.iter("div", "template")}
    parts = [name for name in marked if name.startswith("S:")]
    pairs = [(name, place) for pair in _PLACED.findall(scripts) for name, place in (pair, pair[::-1])]
    for name, place in pairs + [(name, f"{kind}{name[1:]}") for kind in "PB" for name in parts]:
        part, hole = marked.get(name), marked.get(place)
        if part is None or hole is None or not name.startswith("S:") or hole in part.iter():
            continue
        del marked[name], marked[place]
        part.attrib.pop("hidden", None)
        part.tail, hole.tail = hole.tail, None
        hole.addprevious(part)
        hole.getparent().remove(hole)  # type: ignore[union-attr]
