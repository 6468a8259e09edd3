"""What stands round an article's text: title, section and picture, printed or in the page's head."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin

from lxml.etree import _Element

from archive.config import WordLists
from archive.text import composed, safe_url, without_html
from pipelines.extract import charset, container, labels
from pipelines.extract.evidence import address_words, alike, has_words, letters, likeness, without_site
from pipelines.extract.jsonld import Linked

_WORDS = WordLists(Path(__file__).with_name("boilerplate.yml"))

_FRONT_PAGE = re.compile(
    r"(?:https?://[^/]+)?/?(?:(?:index|default|home|trang-chu)(?:\.\w+)?)?/?$", re.IGNORECASE
)
_CRUMBS = re.compile(r"bread-?crumb", re.IGNORECASE)
_HOME = re.compile(r"^(?:trang chủ|home|homepage|tin tức|startseite|inicio|accueil)$", re.IGNORECASE)
_ELLIPSIS = re.compile(r"\s*(?:(?<!\.)\.{3,}+|…)$")
_HEAD_TAG = re.compile(
    r"(?:</?(?:base|body|head|link|meta|script|style)\b|</?tit).*", re.IGNORECASE | re.DOTALL
)
_BARS = re.compile(r"\s*(?:[|»–—•·]|\s-\s|::)\s*")
_UNSEEN = re.compile(r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader(?:-text)?|hidden)(?:$|\s)")
_EXTRA_TAGS = ("button", "script", "style", "svg", "sup", "time")
_EXTRA = re.compile(
    r"(?:^|[\s_-])(?:kicker|overline|eyebrow|top-?line|offscreen|btn|button|badge|icon|audio|sr-only|visually-?hidden|screen-reader|share|save|label-new|new|hot)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_TITLE_NAME = re.compile(
    r"(?:^|\s)(?:[a-z]+-)?(?:title|tieu-?de|headline|tit|ten-?bai)(?:-?(?:news|post|detail|article|bai\w*|tin))?(?=$|\s)",
    re.IGNORECASE,
)
_SIGNBOARD = _WORDS.pattern(r"^\W*(?:«signboards»)")
_USUAL = 200  # characters of a headline
LONGEST = 1_000  # characters of what may be a title
_BREAKS = ("br", "div", "p")
LEAST = 4  # words of a title
METAS = ("og:title", "twitter:title", "title")
_LONGEST_ADDRESS = 2_000  # characters of a picture's address
_LONGEST_SECTION = 200  # characters; more is a template that broke
MOST = 20_000  # characters of a title, lead or other field; what follows is not read


def text_of(element: _Element) -> str:
    """An element's text in one line, scripts left out."""
    parts = element.itertext() if element.find(".//script") is None else _unscripted(element)
    return clean("".join(_beginning(parts)))


def _beginning(parts: Iterator[str]) -> Iterator[str]:
    """The parts of a text, as far as it is no longer than any field of a head."""
    room = MOST
    for part in parts:
        if room <= 0:
            return
        yield part[:room]
        room -= len(part)


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
    return " ".join(composed(charset.mended(text)).split())


def unescaped(text: str) -> str:
    """Text of a head field; some sites escape it twice, some write tags into it."""
    text = charset.clean(text[:MOST])
    return clean(without_html(html.unescape(html.unescape(text)) if "&" in text else text))


def headline(text: str) -> str:
    """What claims to be a title, cleaned, as far as any title goes; one not closed ends at the next tag."""
    return clean(_HEAD_TAG.sub("", text[: 2 * LONGEST]))[:LONGEST]


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


@dataclass(frozen=True, slots=True)
class Claims:
    """What a page is called where it is not printed: by JSON-LD and metas, its title bar, and the list.

    ``shut`` are the letters of names that are never a title: the site's, the outlet's.
    """

    head: list[str]
    page_title: str = ""
    listed: str = ""
    shut: frozenset[str] = frozenset()
    address: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        tree: _Element,
        head: Iterable[str],
        page_title: str,
        listed: str,
        sites: Iterable[str],
        url: str = "",
    ) -> "Claims":
        """Names of the site and of portals are no claims; a list's title of a word or two is a link."""
        shut = frozenset(map(letters, sites))
        listed = _ELLIPSIS.sub("", without_site(headline(unescaped(listed)), sites))
        said = [without_site(text, sites) for text in head if text and letters(text) not in shut]
        if not said:  # else no name is needed to tell the site from the story
            shut |= frozenset(map(letters, front_names(tree)))
        if len(listed.split()) < LEAST:
            listed = ""
        if listed and _is_cut(said, listed):
            listed = next(text for text in said if letters(text).startswith(letters(listed)))
        return cls(said, page_title, listed, shut, address_words(url))

    @property
    def strong(self) -> list[str]:
        """What names this story: the list's title and the head's, else the whole title bar."""
        texts = [text for text in (self.listed, *self.head) if text and not is_signboard(text)]
        return texts or [text for text in [self.page_title] if letters(text) not in self.shut]

    def deny(self, h1: _Element) -> bool:
        """Whether the head agrees with list or address on a title of which a heading says nothing."""
        agree = bool(self.listed) and any(alike(self.listed, text) for text in self.head)
        if not agree and self.address and not has_words(self.address, text_of(h1), 0.2):
            agree = any(has_words(self.address, text, 0.6) for text in self.head)
        return agree and not _says(h1, self.own)

    @property
    def own(self) -> list[str]:
        """What a heading may say: the list's title, the head's, the longest part of the title bar."""
        parts = [part for part in _BARS.split(self.page_title) if letters(part) not in self.shut]
        longest = max(parts, key=len, default="")
        texts = [self.listed, *self.head, longest if len(longest.split()) >= LEAST else ""]
        return [text for text in texts if text and not is_signboard(text)]


def _is_cut(said: list[str], listed: str) -> bool:
    return any(letters(text).startswith(letters(listed)) for text in said)


def heading(tree: _Element, claims: Claims) -> _Element | None:
    """The element that prints this article's title: the h1 most like what head and list claim.

    An h1 that says something else than all of them gives way to the element that prints one of them; one that
    is a portal's name, a section's, hidden or a link elsewhere gives way to what is marked as a title.
    """
    own = claims.own
    h1 = _best_h1(tree, claims.strong, claims.shut)
    if h1 is not None and not _is_sign(h1, own) and (not own or _says(h1, own)):
        return h1
    if (printed := _unnamed_heading(tree, claims.strong, claims.shut)) is not None:
        return printed
    if h1 is not None and not _is_sign(h1, own):
        return h1
    marked = _marked_heading(tree, claims.shut)
    if marked is not None and (not own or _says(marked, own)):
        return marked
    return None if own else h1


def _best_h1(tree: _Element, claimed: list[str], shut: frozenset[str]) -> _Element | None:
    best, best_fit = None, -1.0
    for h1 in tree.iter("h1"):
        _space(h1)
        text = text_of(h1)
        bare = letters(text)
        if not bare or bare in shut or _leads_home(h1):
            continue
        fit = max((likeness(text, other) for other in claimed), default=0.0)
        fit += 0.2 * (len(text) > 20) + 0.1 * (h1.find(".//img") is None)
        if fit > best_fit:
            best, best_fit = h1, fit
    return best


def _space(h1: _Element) -> None:
    """Put a blank where a heading's line breaks: what stands in two lines is two words."""
    for element in h1.iter(*_BREAKS):
        if element.tag != "br":
            element.text = f" {element.text or ''}"
        element.tail = f" {element.tail or ''}"


def _says(element: _Element, own: list[str]) -> bool:
    text = text_of(element)
    return any(alike(text, other) for other in own)


def _is_sign(h1: _Element, own: list[str]) -> bool:
    """Whether a heading is a portal's or a section's name, one for screen readers, or a link to a section."""
    if is_signboard(text_of(h1)) or _UNSEEN.search(h1.get("class") or ""):
        return True
    link = next(h1.iter("a"), None)
    if link is None or _says(h1, own):
        return False
    href = (link.get("href") or "").rstrip("/")
    return href[:1] not in ("", "#") and text_of(h1) == text_of(link) and _is_short_path(href)


def _is_short_path(href: str) -> bool:
    """An address of a section has few words; a story's own has many, or a number."""
    path = re.sub(r"^https?://[^/]+", "", href)
    return not re.search(r"\d{3,}", path) and path.count("-") < 4


def front_names(tree: _Element) -> list[str]:
    """What the links to the front page say, in letters or by their logo: the site's name."""
    links = [link for link in islice(tree.iter("a"), 60) if _FRONT_PAGE.match(link.get("href") or "-")]
    logos = [image.get("alt") or "" for link in links[:4] for image in link.iter("img")]
    return [text for text in (*map(text_of, links[:4]), *map(clean, logos)) if text]


def is_signboard(text: str) -> bool:
    """The name of a portal or of a section, as government sites print it where the title should be."""
    return len(text) < 90 and _SIGNBOARD.match(text) is not None


def _marked_heading(tree: _Element, shut: frozenset[str]) -> _Element | None:
    """The first line that is named a title, or a heading of the second rank, outside the page's frame."""
    for element in tree.iter("h2", "h3", "h4", "div", "p", "span", "strong"):
        if element.tag != "h2" and not _TITLE_NAME.search(element.get("class") or ""):
            continue
        text = text_of(element) if len(element) < 4 else ""
        if not 20 <= len(text) <= 250 or len(text.split()) < LEAST + 1 or letters(text) in shut:
            continue
        if is_signboard(text) or element.find(".//a") is not None:
            continue
        if next(element.iterancestors("nav", "aside", "footer", "header", "a", "li", "form"), None) is None:
            return element
    return None


def _leads_home(h1: _Element) -> bool:
    """A heading that is a link to the front page is the site's sign, not a title."""
    link = h1.find(".//a")
    if link is None and (parent := h1.getparent()) is not None and parent.tag == "a":
        link = parent
    return link is not None and _FRONT_PAGE.match(link.get("href") or "") is not None


def _unnamed_heading(tree: _Element, claimed: list[str], shut: frozenset[str]) -> _Element | None:
    """A title printed in no h1 (Liferay portals, Báo Đầu tư): the element that says what the head claims.

    What says no more than the end of it that is the site's name is its sign.
    """
    wanted = {letters(text) for text in claimed if len(text) > 15}
    for element in tree.iter("h2", "h3", "h4", "div", "p", "span", "strong", "b", "a"):
        size = sum(map(len, element.itertext())) if len(element) < 4 else 0
        own = letters(text_of(element)) if 15 < size < 400 else ""
        if (
            own
            and own not in shut
            and any(_at_an_end(own, text) and len(own) > len(text) * 0.4 for text in wanted)
        ):
            return element
    return None


def _at_an_end(own: str, claimed: str) -> bool:
    """The site's name stands behind the title, or in front of it («Báo Mẫu - Làng chè lên sàn»)."""
    return claimed.startswith(own) or claimed.endswith(own)


def title(h1: _Element | None, claims: Claims, sites: set[str]) -> str:
    """The printed title, else the head's (JSON-LD, og:title), the list's, the title bar's without the site."""
    claimed = [text for text in (*claims.head, claims.listed) if text and not is_signboard(text)]
    printed = (
        ""
        if h1 is None or claims.deny(h1)
        else without_site(headline(unescaped(printed_in(h1, claimed))), sites)
    )
    alone = not claimed or len(printed) > 12 or any(likeness(printed, other) > 0.5 for other in claimed)
    if printed and alone and not _is_summary(printed, claimed):
        return printed
    if claimed:
        return without_site(claimed[0], sites)
    return printed or without_site(claims.page_title, sites)


def _is_summary(printed: str, claimed: list[str]) -> bool:
    """Whether a heading is a whole lead, beside a headline of the usual length in the page's head."""
    return len(printed) > _USUAL and any(len(text) < _USUAL / 2 for text in claimed[:1])


def printed_in(h1: _Element, claimed: Iterable[str]) -> str:
    """A heading's text without what stands in it beside the title: kicker, button, badge, hint for readers."""
    whole = text_of(h1)
    claimed = [text for text in claimed if text]
    if tail := next((text for text in claimed if _is_tail(text, whole)), ""):
        return tail
    known = {letters(text) for text in claimed}
    if not len(h1) or letters(whole) in known:
        return whole
    bare = clean("".join(_without_extras(h1)))
    pure = clean("".join(_without_parts(h1, known)))
    if letters(pure) in known and letters(pure) != letters(whole):
        return pure
    return bare if len(bare) > 12 else whole


def _without_extras(element: _Element) -> Iterator[str]:
    """The text of a heading but for buttons, badges and what only screen readers say."""
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and not _is_extra(child):
            yield from _without_extras(child)
        yield child.tail or ""


def _is_extra(element: _Element) -> bool:
    """A button, a badge, a kicker or a time; «m²» and a kicker with its colon belong to the title."""
    text = "".join(element.itertext()).strip()
    if text.endswith(":") or (element.tag == "sup" and text.isdigit()):
        return False
    return element.tag in _EXTRA_TAGS or _EXTRA.search(labels.label(element)) is not None


def _without_parts(h1: _Element, known: set[str]) -> Iterator[str]:
    """The text of a heading but for those of its parts that no claim has."""
    yield h1.text or ""
    for child in h1:
        own = letters("".join(child.itertext())) if isinstance(child.tag, str) else ""
        if own and any(own in text for text in known):
            yield "".join(child.itertext())
        yield child.tail or ""


def _is_tail(headline: str, printed: str) -> bool:
    """Whether what is printed is the headline behind a kicker, both in one h1."""
    tail = letters(headline)
    return len(tail) > 15 and letters(printed).endswith(tail) and letters(printed) != tail


def section(tree: _Element, linked: Linked, meta: dict[str, list[str]], rule: str) -> str | None:
    """The section an article stands in: the rule's, JSON-LD's, the meta's, or the last breadcrumb."""
    for element in container.select(tree, rule):
        if 0 < len(text := text_of(element)) <= _LONGEST_SECTION:
            return text
    text = clean(linked.section) or first(meta, "article:section", "its_section", "section")
    if 0 < len(text) <= _LONGEST_SECTION:
        return text
    for crumbs in tree.iter("ul", "ol", "nav", "div"):
        if _CRUMBS.search(f"{crumbs.get('class') or ''} {crumbs.get('id') or ''}"):
            links = [text_of(link) for link in crumbs.iter("a")]
            named = [text for text in links if text and len(text) < 50 and not _HOME.match(text)]
            return named[-1] if named else None
    return None


def picture(page: str, address: str) -> str | None:
    """The whole address of a page's picture; None for one that is none, or holds the picture itself."""
    if not address or len(address) > _LONGEST_ADDRESS:
        return None
    try:
        return safe_url(urljoin(page, address.strip().replace(" ", "%20")))
    except ValueError:
        return None


def _unscripted(element: _Element) -> Iterator[str]:
    if element.tag in ("script", "style"):
        return
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _unscripted(child)
        yield child.tail or ""
