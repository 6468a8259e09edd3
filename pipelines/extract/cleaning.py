"""Take furniture out of a page, but nothing that makes up a large part of its text."""

from lxml.etree import _Element

from pipelines.extract import boilerplate
from pipelines.extract.density import Weights, worth_of

_ALWAYS = frozenset(("aside", "footer", "figure", "figcaption"))


def clear(top: _Element, keep: _Element | None = None) -> Weights:
    """Drop named furniture below an element; returns the weights of what is left.

    A name that much of the text bears (``p.paywall`` on every paragraph) is no name of furniture.
    """
    weights = Weights(top)
    borne = _borne(weights)
    stack: list[_Element] = [top]
    while stack:
        for child in [*stack.pop()]:
            if child is not keep and _is_furniture(child) and not _holds(child, weights, borne):
                weights.forget(child)
                boilerplate.drop(child)
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


def _is_furniture(element: _Element) -> bool:
    return boilerplate.unwanted(element) or element.tag in _ALWAYS or boilerplate.named(element)


def _holds(element: _Element, weights: Weights, borne: dict[str, int]) -> bool:
    """Whether it is too large a part of the page to be furniture; ASP.NET pages stand whole in a form."""
    weight, whole = weights.of(element), max(1, weights.of(weights.top))
    share = 0.6 if boilerplate.is_certain(element) else 0.3
    if weight > whole * share or borne.get(element.get("class") or "", 0) > whole * 0.2:
        return True
    if weight > whole * 0.15 and boilerplate.says_body(element):
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
        boilerplate.drop(element)
