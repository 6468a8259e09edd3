"""Whose story a reprint is: «Theo VietTimes», «(TTXVN/Vietnam+)», «Nguồn: …», «Link bài gốc»."""

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from lxml.etree import _Element

from archive.config import WordLists
from archive.model import Credit
from pipelines.extract.authors import is_person

_WORDS = WordLists(Path(__file__).with_name("authors.yml"))

_AGENCY = re.compile(
    r"\(\s*(?:theo\s+)?((?:TTXVN|Vietnam\+|VietnamPlus|VNA|BNEWS)(?:\s*/\s*[\w+. ]{2,30})?)\s*\)\W*$"
)
_LINE = re.compile(
    r"^\W*(?:theo|nguồn(?: tin)?|dẫn theo|source|via)\s*:?\s+(?P<outlet>[^:,;!?\n]{2,60}?)"
    r"(?:\s*[:(-]?\s*(?P<url>https?://\S+?)\)?)?\W*$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\((?:theo|nguồn)\s*:?\s+([^()]{2,50})\)\W*$", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"')]{8,300}")
_ADDRESS = re.compile(r"[\s(<]*https?://[^\s<>\"')]{4,300}[\s)>]*$")
_LABELLED_URL = re.compile(
    r"^\W*(?:theo|nguồn(?: tin| bài)?|dẫn theo|link (?:gốc|bài gốc)|bài gốc|source|via)\s*:?\s*(https?://\S+?)\W*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(r"link bài gốc|lấy link|nguồn bài viết|link gốc|bài gốc", re.IGNORECASE)
_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:link-?source\w*|source-?(?:link|url|name|news|text)?|news-?source|nguon\w*|"
    r"author-?source)(?=$|[\s_-])"
)
_MASTHEAD = _WORDS.pattern(r"\b(?:«mastheads»)\b")
_NAMED = re.compile(r"([^()]{5,50})\(([^()]{3,40})\)?$")
_SHAPED = re.compile(r"\.[a-z]{2,4}$|[a-z][A-Z]|^[A-Z]{3,}$")
_NO_OUTLET = _WORDS.pattern(r"^(?:«no_outlets»)\b")


def printed(page: _Element, own_host: str) -> Credit | None:
    """The credit a page prints under its text: a source label or a link to the original."""
    outlet, url = "", None
    for element in page.iter("div", "p", "span", "a", "li"):
        if element.tag == "a" and (under := _under_line(element, own_host)):
            return under
        if not _is_source_name(element.get("class"), element.get("id")) and not _labelled(element):
            continue
        text = " ".join(" ".join(element.itertext()).split())
        if not text or len(text) > 400:
            continue
        url = url or _foreign(text, element, own_host)
        if not outlet and len(text) < 60 and not _URL.search(text) and not _ORIGINAL.search(text):
            outlet = _outlet(
                re.sub(r"^(?:theo|nguồn(?: (?:tin|bài(?: viết)?))?)\s*:?\s*", "", text, flags=re.IGNORECASE)
            )
    if outlet or url:
        return Credit(outlet or _host(url or ""), url)
    return None


def _under_line(link: _Element, own_host: str) -> Credit | None:
    """The credit of a link that shows its bare address, on the line below «Theo Viettimes»."""
    text = (link.text or "").strip()
    if not text.startswith("http"):
        return None
    block = next(link.iterancestors("p", "div"), None)
    before = block.getprevious() if block is not None else None
    if before is None or not is_address(text) or _host(text) == own_host:
        return None
    line = " ".join(" ".join(before.itertext()).split())
    credited = of_lines([line]) if is_line(line) else None
    return Credit(credited.outlet, text) if credited else None


def _labelled(element: _Element) -> bool:
    """A line such as «Nguồn tin: Báo Mẫu», label and all."""
    text = element.text
    if (not text or text.isspace()) and len(element):
        text = element[0].text
    return element.tag != "a" and (text or "").lstrip().startswith(("Nguồn tin", "Nguồn bài"))


@lru_cache(maxsize=8192)
def _is_source_name(css: str | None, name: str | None) -> bool:
    return bool(_CLASSES.search(f"{css or ''} {name or ''}"))


def of_lines(lines: list[str]) -> Credit | None:
    """The credit in the last lines of a text, with the address that stands on a line of its own."""
    last = lines[-4:]
    address = next((line.strip(" ()<>") for line in last if is_address(line)), None)
    for line in reversed(last):
        if labelled := _LABELLED_URL.match(line):
            return Credit(_host(labelled[1]), labelled[1])
        for form in (_AGENCY, _BRACKETED, _LINE):
            match = form.search(line) if form is not _LINE or len(line) < 120 else None
            if not match:
                continue
            outlet = _outlet(match.groupdict().get("outlet") or match[1])
            if outlet:
                return Credit(outlet, match.groupdict().get("url") or address)
    return None


def joined(marked: Credit | None, printed: Credit | None) -> Credit | None:
    """What a page marks as the source, with the address printed under the text where it marks none."""
    if marked is None or marked.url or printed is None:
        return marked or printed
    return Credit(marked.outlet, printed.url)


def is_address(line: str) -> bool:
    """A line that is an address and nothing else."""
    return _ADDRESS.match(line) is not None


def is_line(line: str) -> bool:
    """A line that is a credit and nothing else."""
    return (
        len(line) < 120 and of_lines([line]) is not None and (line.startswith("(") or bool(_LINE.match(line)))
    )


def _outlet(text: str) -> str:
    if (named := _NAMED.match(text)) and all(map(is_person, re.split(r"\s*[-–,]\s+", named[1].strip()))):
        text = named[2]  # «Theo Trọng Nghĩa - Hải Yến (Báo Mẫu)»
    text = text.strip(" .:()[]«»\"'-–")
    if not text or len(text.split()) > 7 or _NO_OUTLET.match(text) or not text[0].isalnum():
        return ""
    if not (text[0].isupper() or "." in text):
        return ""
    return "" if is_person(text) and not _like_outlet(text) else text


def _like_outlet(text: str) -> bool:
    """Names of outlets that look like a person's: words of mastheads, domains, VietTimes, TTXVN."""
    return bool(_MASTHEAD.search(text) or _SHAPED.search(text))


def _foreign(text: str, element: _Element, own_host: str) -> str | None:
    addresses = [match[0] for match in _URL.finditer(text)]
    addresses += [link.get("href") or "" for link in element.iter("a")]
    for address in addresses:
        host = _host(address)
        if host and host != own_host and "facebook" not in host and "google" not in host:
            return address
    return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""
