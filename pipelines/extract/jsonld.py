"""Read the JSON-LD blocks of a page: several of them, ``@graph``, escaped twice, or broken."""

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml.etree import _Element

from archive.text import without_html
from pipelines.extract import charset
from pipelines.extract.evidence import alike, letters

Node = dict[str, Any]

_ARTICLES = re.compile(r"(?:Article|Posting|Report|Review|CreativeWork|VideoObject|WebPage)$")
_STRONG = re.compile(r"(?:Article|Posting|Report|AnalysisNewsArticle)$")
_MAX_BLOCK = 2_000_000
_MAX_DEPTH = 12
_COMMENT_MARKS = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*+\]\]>|\]\]>)\s*+;?\s*+$"
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_LOOSE = re.compile(
    r'"(headline|datePublished|dateCreated|dateModified|description|articleSection|articleBody)"\s*:\s*"([^"\\]*+(?:\\.[^"\\]*+)*+)"',
    re.DOTALL,
)
_LOOSE_TYPE = re.compile(r'"@type"\s*:\s*(?:\[\s*)?"(?:\w*Article|\w*Posting)"')


@dataclass(slots=True)
class Linked:
    """What a page's JSON-LD says of the article; every text is unescaped, missing ones are empty."""

    headline: str = ""
    description: str = ""
    published: str = ""
    body: str = ""
    section: str = ""
    image: str = ""
    type: str = ""
    authors: list[str] = field(default_factory=list)
    organisations: set[str] = field(default_factory=set)


Names = Callable[[], tuple[list[str], list[str]]]


class Own:
    """By what a page knows a block that speaks for it: its address, and what it calls itself.

    The latter (addresses, titles) is looked for where the address does not tell.
    """

    def __init__(self, url: str = "", names: Names = lambda: ([], [])) -> None:
        self.path = _path(url)
        self._names = names

    @cached_property
    def paths(self) -> set[str]:
        return {path for path in (self.path, *map(_path, self._named[0])) if path}

    @cached_property
    def titles(self) -> list[str]:
        return [title for title in self._named[1] if title]

    @cached_property
    def _named(self) -> tuple[list[str], list[str]]:
        return self._names()


def read(tree: _Element, own: Own | None = None) -> Linked:
    """The page's JSON-LD, of the node that describes this article best; an empty one where there is none.

    A node speaks for the page if its address, headline or text is the page's, or if it gives neither address
    nor headline.
    """
    nodes: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            nodes += _flat(_block(script.text[:_MAX_BLOCK]), 0)
    linked = Linked(organisations=set(_organisations(nodes)))
    article = _own_node(nodes, own or Own(), tree) if nodes else None
    if article is None:
        return linked
    linked.type = next((t for t in _types(article) if _STRONG.search(t)), "")
    named = article.get("headline") or (article.get("name") if linked.type else "")
    linked.headline, linked.description = (
        without_html(text_of(it)) for it in (named, article.get("description"))
    )
    linked.published = text_of(article.get("datePublished") or article.get("dateCreated"))
    linked.body = text_of(article.get("articleBody"))
    linked.section = text_of(_first(article.get("articleSection")))
    linked.image = _image(article.get("image") or article.get("thumbnailUrl"))
    linked.authors = list(dict.fromkeys(_people(article.get("author") or article.get("creator"), nodes)))
    return linked


def text_of(value: Any) -> str:
    """A JSON-LD value as plain text; Tuổi Trẻ escapes headlines twice, so it is unescaped twice."""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), "")
    if not isinstance(value, str):
        return ""
    return charset.clean(html.unescape(html.unescape(value)) if "&" in value else value).strip()


def _block(text: str) -> Any:
    text = _COMMENT_MARKS.sub("", _COMMENT_MARKS.sub("", text.strip())).strip().rstrip(";")
    for mend in (str, lambda raw: _TRAILING_COMMA.sub("", raw), html.unescape):
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return _loose(text)


def _loose(text: str) -> Node:
    """What can be read off a block that is no JSON: the plain string values of an article."""
    kind = _LOOSE_TYPE.search(text)
    if not kind:
        return {}
    results: Node = {"@type": "NewsArticle"}
    for key, value in _LOOSE.findall(text, kind.start() - 2000 if kind.start() > 2000 else 0):
        try:
            results.setdefault(key, json.loads(f'"{value}"', strict=False))
        except ValueError:
            results.setdefault(key, value)
    return results


def _flat(value: Any, depth: int) -> Iterator[Node]:
    """Every node that has a type, the outer ones first."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _flat(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "article"):
            if isinstance(value.get(key), dict | list):
                yield from _flat(value[key], depth + 1)


def _types(node: Node) -> list[str]:
    kind = node.get("@type")
    return (
        [kind]
        if isinstance(kind, str)
        else [k for k in kind if isinstance(k, str)]
        if isinstance(kind, list)
        else []
    )


def _own_node(nodes: list[Node], own: Own, tree: _Element) -> Node | None:
    """The node that describes this page's article best, of those that do not speak for another one."""
    fits = ((_fit(node, own.path), at) for at, node in enumerate(nodes))
    text: list[str] = []
    for _, at in sorted((-fit, at) for fit, at in fits if fit >= 1):
        node = nodes[at]
        if _speaks(node, own) is not False:
            return node
        body = letters(text_of(node.get("articleBody"))[:200])[:60]
        if len(body) >= 40:
            text = text or [letters("".join(tree.itertext("p", "div", "span", "article")))]
            if body in text[0]:
                return node
    return None


def _speaks(node: Node, own: Own) -> bool | None:
    """Whether a node's address or headline is this page's; None where it gives nothing to tell by."""
    paths = [_path(address) for address in _addresses(node)]
    if (own.path and own.path in paths) or not own.paths.isdisjoint(paths):
        return True
    headline = text_of(node.get("headline") or node.get("name"))
    if headline and own.titles:
        return any(alike(headline, title) for title in own.titles)
    return None


def _addresses(node: Node) -> Iterator[str]:
    page = node.get("mainEntityOfPage")
    for value in (node.get("url"), page.get("@id") or page.get("url") if isinstance(page, dict) else page):
        if isinstance(value, str):
            yield value


def _fit(node: Node, path: str) -> float:
    """How well a node describes this page's article; below 1 it does not."""
    kinds = _types(node)
    if not any(_ARTICLES.search(kind) for kind in kinds):
        return 0
    strong = any(_STRONG.search(kind) for kind in kinds)
    fit = (
        3.0 * strong
        + bool(node.get("headline"))
        + bool(node.get("datePublished"))
        + bool(node.get("articleBody"))
    )
    if path and any(_path(address) == path for address in _addresses(node)):
        fit += 1
    return fit


def _path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url.partition("?")[0].partition("#")[0]).strip("/")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _image(value: Any) -> str:
    value = _first(value)
    if isinstance(value, dict):
        value = _first(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return charset.clean(value).strip() if isinstance(value, str) else ""


def _people(value: Any, nodes: list[Node]) -> Iterator[str]:
    """Names of authors that are people as far as the node says; ``@id`` references are followed."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield text_of(item)
        elif isinstance(item, dict):
            if "name" not in item and (ref := item.get("@id")):
                item = next((n for n in nodes if n.get("@id") == ref and "name" in n), item)
            kinds = _types(item)
            if "Person" not in kinds and any(
                kind.endswith(("Organization", "WebSite", "Brand")) for kind in kinds
            ):
                continue
            given = (text_of(item.get("givenName")), text_of(item.get("familyName")))
            names = item.get("name") or " ".join(filter(None, given))
            for name in names if isinstance(names, list) else [names]:
                if text := text_of(name):
                    yield text


def _organisations(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        kinds = _types(node)
        if "Person" not in kinds and any(kind.endswith(("Organization", "WebSite")) for kind in kinds):
            yield text_of(node.get("name"))
        for key in ("publisher", "author", "sourceOrganization"):
            for item in node[key] if isinstance(node.get(key), list) else [node.get(key)]:
                if isinstance(item, dict) and (
                    key != "author"
                    or (any(k.endswith("Organization") for k in _types(item)) and "Person" not in _types(item))
                ):
                    yield text_of(item.get("name"))
