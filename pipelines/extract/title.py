"""What stands round an article's text: title, lead, section and picture, printed or in the page's head."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from lxml.etree import _Element

from archive.config import WordLists
from archive.text import nfc
from pipelines.extract import boilerplate, charset, container
from pipelines.extract.evidence import letters, likeness
from pipelines.extract.jsonld import Linked

_WORDS = WordLists(Path(__file__).with_name("boilerplate.yml"))

_LEAD_NAMES = _WORDS.pattern(r"(?:^|[\s_-])(?:«lead_names»)(?:-(?:news|text|article|detail|content))?(?:$|\s)")
_SITE_TAIL_AT_END = re.compile(r"\s*(?:[|»–—•·]|\s-|::)\s*([^|»–—•·]{2,60}?)\s*$")
_FRONT_PAGE = re.compile(
    r"(?:https?://[^/]+)?/?(?:(?:index|default|home|trang-chu)(?:\.\w+)?)?/?$", re.IGNORECASE
)
_CRUMBS = re.compile(r"bread-?crumb", re.IGNORECASE)
_HOME = re.compile(r"^(?:trang chủ|home|homepage|tin tức|startseite|inicio|accueil)$", re.IGNORECASE)


def text_of(element: _Element) -> str:
    """An element's text in one line, scripts left out."""
    parts = element.itertext() if element.find(".//script") is None else _unscripted(element)
    return clean("".join(parts))


def text_with_label(element: _Element) -> str:
    """An element's text in one line, a label set apart by its looks alone («Hà NộiNhà máy …») by a dash."""
    for label in element.iter("span", "strong", "b"):
        own, tail = "".join(label.itertext()), label.tail or ""
        if 1 < len(own) < 40 and own[-1].islower() and tail[:1].isupper():
            label.tail = f" - {tail}"
    return text_of(element)


def clean(text: str) -> str:
    """NFC, single spaces, no zero-width characters."""
    text = text.replace("\u200b", "").replace("\ufeff", "").replace("\u00ad", "")
    return " ".join(nfc(charset.mended(text)).split())


def unescaped(text: str) -> str:
    """Text of a head field; some sites escape it twice."""
    return clean(html.unescape(html.unescape(text)) if "&" in text else text)


def metas(tree: _Element) -> dict[str, list[str]]:
    """Contents of all meta elements by lower-case property, name or itemprop."""
    results: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "").strip()
        for key in (meta.get("property"), meta.get("name"), meta.get("itemprop")):
            if key and content:
                results.setdefault(key.lower(), []).append(content)
    return results


def first(meta: dict[str, list[str]], *keys: str) -> str:
    """The first of these metas that the page has, unescaped; empty when it has none."""
    return next((unescaped(meta[key][0]) for key in keys if meta.get(key)), "")


def heading(tree: _Element, claimed: list[str], sites: set[str]) -> _Element | None:
    """The h1 that is this article's title: the one most like what the head claims, never the site's name."""
    shut = {letters(site) for site in sites}
    best, best_fit = None, -1.0
    for h1 in tree.iter("h1"):
        text = text_of(h1)
        bare = letters(text)
        if not bare or bare in shut or _leads_home(h1):
            continue
        fit = max((likeness(text, other) for other in claimed), default=0.0)
        fit += 0.2 * (len(text) > 20) + 0.1 * (h1.find(".//img") is None)
        if fit > best_fit:
            best, best_fit = h1, fit
    return best if best is not None else _unnamed_heading(tree, claimed)


def _leads_home(h1: _Element) -> bool:
    """A heading that is a link to the front page is the site's sign, not a title."""
    link = h1.find(".//a")
    if link is None and (parent := h1.getparent()) is not None and parent.tag == "a":
        link = parent
    return link is not None and _FRONT_PAGE.match(link.get("href") or "") is not None


def _unnamed_heading(tree: _Element, claimed: list[str]) -> _Element | None:
    """A title printed in no h1 (Liferay portals, Báo Đầu tư): the element that says what the head claims."""
    wanted = {letters(text) for text in claimed if len(text) > 15}
    for element in tree.iter("h2", "h3", "h4", "div", "p", "span", "strong", "a"):
        size = sum(map(len, element.itertext())) if len(element) < 4 else 0
        own = letters(text_of(element)) if 15 < size < 400 else ""
        if own and any(_at_an_end(own, text) and len(own) > len(text) * 0.4 for text in wanted):
            return element
    return None


def _at_an_end(own: str, claimed: str) -> bool:
    """The site's name stands behind the title, or in front of it («Báo Mẫu - Làng chè lên sàn»)."""
    return claimed.startswith(own) or claimed.endswith(own)


def title(h1: _Element | None, claimed: list[str], page_title: str, sites: set[str]) -> str:
    """The printed title, else the head's (JSON-LD, og:title), else the page's without the site's name."""
    printed = text_of(h1) if h1 is not None else ""
    printed = next((other for other in claimed if _is_tail(other, printed)), printed)
    if printed and (
        not claimed or len(printed) > 12 or any(likeness(printed, other) > 0.5 for other in claimed)
    ):
        return printed
    for other in claimed:
        if other:
            return without_site(other, sites)
    return printed or without_site(page_title, sites)


def _is_tail(headline: str, printed: str) -> bool:
    """Whether what is printed is the headline behind a kicker, both in one h1."""
    tail = letters(headline)
    return len(tail) > 15 and letters(printed).endswith(tail) and letters(printed) != tail


def without_site(text: str, sites: set[str]) -> str:
    """A head's title without the name of the site behind it."""
    shut = {letters(site) for site in sites}
    while cut := _SITE_TAIL_AT_END.search(text):
        if letters(cut[1]) not in shut or not text[: cut.start()].strip():
            break
        text = text[: cut.start()]
    return text.strip()


def lead_element(
    tree: _Element, h1: _Element | None, box: _Element | None, description: str
) -> _Element | None:
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
    return bool(name and _LEAD_NAMES.search(boilerplate.CAMEL.sub("-", name)))


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


def section(tree: _Element, linked: Linked, meta: dict[str, list[str]], rule: str) -> str | None:
    """The section an article stands in: the rule's, JSON-LD's, the meta's, or the last breadcrumb."""
    for element in container.select(tree, rule):
        if text := text_of(element):
            return text
    if text := clean(linked.section) or first(meta, "article:section", "its_section", "section"):
        return text
    for crumbs in tree.iter("ul", "ol", "nav", "div"):
        if _CRUMBS.search(f"{crumbs.get('class') or ''} {crumbs.get('id') or ''}"):
            links = [text_of(link) for link in crumbs.iter("a")]
            named = [text for text in links if text and len(text) < 50 and not _HOME.match(text)]
            return named[-1] if named else None
    return None


def _unscripted(element: _Element) -> Iterator[str]:
    if element.tag in ("script", "style"):
        return
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _unscripted(child)
        yield child.tail or ""
