"""Who wrote an article: people's names out of metas, JSON-LD and printed bylines; sites are not authors."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from lxml.etree import _Element

from archive.config import WordLists
from archive.text import composed, fold

_WORDS = WordLists(Path(__file__).with_name("authors.yml"))

_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|autori|tac-gia|reporters?|contributors?|by)/[\w.-]+/?$",
    re.IGNORECASE,
)
_CALENDAR = re.compile(r"(?:thứ (?:hai|ba|tư|năm|sáu|bảy|bẩy)|chủ nhật|tháng|ngày|\w+day)\b", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")

_LABEL = _WORDS.pattern(r"^(?:\W+|(?:«labels»)\s*(?::|\s)\s*)+")
_TAIL = re.compile(  # «(thực hiện)», «(theo Reuters)» and all that stands in brackets; addresses of mail
    r"\s*(?:기자|\b\d+ (?:hours?|minutes?|days?)(?: ago)?|\([^)]{0,250}\)|"
    r"\b(?:tổng hợp|thực hiện|lược ghi|lược dịch)|và \d+ tác giả khác|"
    r"[-–|,/]\s+\S+@\S+|(?<!\S)\S+@\S+)\s*[.,;]*$",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[;|•·]|,(?!\s*(?:jr|sr|phd|md|mba|esq|ii|iii)\b)|\s-\s|\s–\s|\s+(?:và|and|und|et|y|e|og|och|"
    r"&)\s+)\s*",
    re.IGNORECASE,
)
_HOUSE = _WORDS.pattern(r"«house_signs»|\b(?:«houses»)\b")
_WIRE = _WORDS.pattern(r"(?:the )?associated press$|(?:«agencies»)$")
_DESK = re.compile(r"[^\W\d_a-zà-ỹ]{2,}(?=[\s-])")
_ABBREVIATION = re.compile(r"[^\W\d_a-zà-ỹ]{2,6}$")  # VOV, TTXVN, beside a name written out
_LABELLED = ("Tác giả", "Người viết", "Bài và ảnh", "Bài, ảnh", "Tin, ảnh", "Tin, bài", "Thực hiện")
VIETNAMESE = re.compile(r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")  # French has the circumflexes too
_LETTERS = re.compile(r"[^\W\d_]")
_MASTHEAD = _WORDS.pattern(r"\b(?:«mastheads»)\b")
_SURNAME = _WORDS.pattern(r"(?:«surnames»)\b")
_OFFICE = _WORDS.pattern(r"\b(?:«offices»)\b")
_INITIALS = re.compile(r"\W*(?P<name>(?:[A-ZĐÂÔƠƯ]{1,2}\.\s?){1,3}[A-ZĐÂÔƠƯ]{0,2}\.?)\W*$")
_PLACE = _WORDS.pattern(r"(?:«places»)$")
_OPENING = re.compile(
    r"(?P<name>[^,.:;()\d–—-]{4,40}?)(?:,\s*|\s+\((?:từ\s)?)(?P<place>[^,.:;()\d–—-]{2,30}?)\)?\s*[-–—:]\s+\S"
)
_SIGNED = _WORDS.pattern(r"(?:«signs»)\s*:?\s+(?P<name>\S.*)$")
_CARD_LABEL = _WORDS.pattern(r"(?:«card_labels»)\W*$")
_NO_NAME = _WORDS.pattern(r"(?:«no_names»)$")
_MONTH_DAY = _WORDS.pattern(
    r"(?<![\s,|·•–-])[\s,|·•–-]*+(?:(?:«updates»)\s*:?\s*)?(?:«english_months»)\.?\s+\d{1,2}(?:\s*,\s*\d{4})?$"
)


def names(texts: Iterable[str], houses: Iterable[str] = (), url: str = "") -> list[str]:
    """People named in author fields, in order, each once; house names, addresses and duties are left out.

    ``houses`` are names that belong to the outlet (site name, publisher, host). A wire agency beside a
    person is left out in the Vietnamese press, which names its sources so; elsewhere it signs as well.
    """
    own = _host_words(url)
    shut = {_bare(house) for house in houses if house} | {_bare(part) for part in own}
    results: dict[str, str] = {}
    for text in texts:
        parts = _without_place(split(text))
        if len(parts) > 2 and _bare(parts[0]) in shut and not any(map(is_person, parts[1:2])):
            continue  # an imprint such as «hessenschau.de, Frankfurt, Germany»
        for name in parts:
            key = _bare(name)
            if _WIRE.match(name) or (
                key and key not in shut and not is_house(name) and not _of_house(name, own)
            ):
                results.setdefault(key, name)
    people = [name for name in results.values() if not _WIRE.match(name)]
    if people and ((own and own[0].endswith(".vn")) or any(map(VIETNAMESE.search, (*people, *houses)))):
        return people  # «Thu Hằng, Reuters»: the agency is the source, not a second author
    return [*results.values()]


def _without_place(parts: list[str]) -> list[str]:
    """«AFP, Manila», «dpa / Berlin» name an agency and where it writes from."""
    if len(parts) == 1 and _WIRE.match(agency := parts[0].partition("/")[0].strip()):
        return [agency]
    if len(parts) == 2 and _WIRE.match(parts[0]) and not _WIRE.match(parts[1]) and " " not in parts[1]:
        return parts[:1]
    return parts


def split(text: str) -> list[str]:
    """The single names of a byline such as ``NHẬT XUÂN - NGHI VŨ`` or ``Theo Hồ Hường``."""
    text = " ".join(composed(text).replace("\u200b", "").split())
    if not text or len(text) > 300 or text.startswith(("http://", "https://", "//", "@")):
        return []
    if match := _INITIALS.match(text):
        return [match["name"].strip(" .")]
    if text[0] == "(" and text.find(")") == len(text) - 1:
        text = text[1:-1]
    parts = _SPLIT.split(_LABEL.sub("", _TAIL.sub("", text)))
    if parts and " " in parts[0].partition("/")[0].strip():  # Văn Giáp/Bnews, but not srf/hosb
        parts = [piece for part in parts for piece in _before_desk(part)]
        parts = [piece for piece in parts if not _ABBREVIATION.match(piece) or _WIRE.match(piece)]
    out = []
    for part in parts:
        name = _MONTH_DAY.sub("", _LABEL.sub("", _TAIL.sub("", part))).strip(" .,:;-–—|*\"'“”()")
        if name and not _NO_NAME.match(name):
            out.append(name)
    return out


def _before_desk(part: str) -> list[str]:
    """The names of «Văn Giáp/Lê Hà»; what stands behind the slash of «Lan Phương/VOV-Tây Bắc» is a desk."""
    first, *others = [piece.strip() for piece in part.split("/")]
    lower_case = not first.isupper()
    return [first, *(p for p in others if " " in p and not (lower_case and _DESK.match(p)))]


def of_metas(meta: Mapping[str, list[str]]) -> list[list[str]]:
    """What each of a page's metas for authors says, the most trusted first."""
    fields = [meta.get(name, []) for name in _WORDS["metas"]]
    label = (meta.get("twitter:label1") or [""])[0]
    return [*fields, meta.get("twitter:data1", []) if _CARD_LABEL.match(label) else []]


def people(texts: Iterable[str]) -> list[str]:
    """The names in author fields that are written as a person's, each once."""
    return list(dict.fromkeys(name for text in texts for name in split(text) if _is_own(name)))


def _is_own(name: str) -> bool:
    return is_person(name) and not _MASTHEAD.search(name)


def is_house(name: str) -> bool:
    """An organisation, an address or a duty rather than a person; a wire agency may sign as author."""
    if _WIRE.match(name) or _is_vietnamese_name(name):
        return False
    return bool(_HOUSE.search(name)) or not _LETTERS.search(name) or len(name) > 60


def _is_vietnamese_name(name: str) -> bool:
    """«Lê Văn Phòng», «Trần Trung Tâm»: a surname in front, capitals, whatever office's word it holds."""
    words = name.split()
    if not 2 <= len(words) <= 5 or not _SURNAME.match(name) or _OFFICE.match(name):
        return False
    return all(word.isalpha() and word[0].isupper() for word in words)


def is_initials(text: str) -> bool:
    """«(N.H.)»: a line of initials with their dots."""
    return _INITIALS.match(text) is not None and not is_house(text)


def signs(line: str) -> bool:
    """A line that is names, initials or an agency, and nothing else."""
    if len(line) >= 60:
        return False
    parts = split(line)
    return is_initials(line) or bool(parts and all(is_person(part) or _WIRE.match(part) for part in parts))


def is_heading(line: str) -> bool:
    """«Thực hiện:», «Nhóm tác giả:»: the names of the authors follow."""
    return len(line) < 40 and line.endswith(":") and _SIGNED.match(f"{line[:-1]} x") is not None


def of_opening(line: str) -> list[str]:
    """Who signs in front of the text, with the place: «Đỗ Hải Yến, Phú Bình - Sáng nay …»."""
    match = _OPENING.match(line)
    if match is None or not all(word[0].isupper() for word in match["place"].split()):
        return []
    name = match["name"].strip()
    return [name] if is_person(name) and _SURNAME.match(name) and not _PLACE.match(name) else []


def is_person(text: str) -> bool:
    """A short line that is a name and nothing else: two to five words, each with a capital."""
    words = text.split()
    odd = re.search(r"[\d:;!?…“”\"]", text) or _CALENDAR.match(text)
    if not 2 <= len(words) <= 5 or len(text) > 40 or odd or is_house(text):
        return False
    return all(word[0].isupper() or not word[0].isalpha() for word in words)


_JOINT = 4  # letters of what joins two names: «và», «and», «&»
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:author(?:-?names?)?|byline(?:-?names?)?|cms-author|tac-?gia|writer|post-author|"
    r"person-link|contributor(?:-name)?)(?=$|[\s_-])",
    re.IGNORECASE,
)


def printed(tree: _Element, h1: _Element | None) -> list[str]:
    """Texts that may be printed as the authors: marked so, else classed, linked to an author's page, labelled,
    or a name beside the date; the first that names somebody counts.
    """
    marked: list[str] = []
    linked: list[str] = []
    classed: list[str] = []
    labelled: list[str] = []
    behind = h1 is None
    for element in tree.iter("a", "span", "p", "div", "strong", "b", "address", "h1", "h4", "h5", "li", "em"):
        behind = behind or element is h1
        if element.get("rel") == "author" or "author" in (element.get("itemprop") or ""):
            marked += _byline(element)
        elif behind and element.tag == "a" and _AUTHOR_PAGE.search(element.get("href") or ""):
            linked += _byline(element)
        elif _is_author_name(element.get("class"), element.get("id")):
            classed += _byline(element)
        elif behind and element.tag in ("p", "div", "span", "li") and _labelled(element):
            labelled += _byline(element)
    if marked or h1 is None:
        return marked[:1]
    return [*classed[:3], *linked[:1], *labelled[:1], *beside_date(h1)]


@lru_cache(maxsize=8192)
def _is_author_name(css: str | None, name: str | None) -> bool:
    label = f"{css or ''} {name or ''}"
    return bool(_NAMED.search(label)) and "comment" not in label


def _labelled(element: _Element) -> bool:
    """A line such as «Tác giả: Đức Trung» (NukeViet portals print it under the text)."""
    text = (element.text or "").strip() or (element[0].text or "" if len(element) else "").strip()
    if not text or len(text) >= 80:
        return False
    if text.startswith(_LABELLED):
        return ":" in "".join(element.itertext())[:30]
    if (
        text[:1] not in "BbWwPpRr"
        or (match := _SIGNED.match(" ".join("".join(element.itertext()).split()))) is None
    ):
        return False
    return len(match["name"]) < 80 and all(map(is_person, split(match["name"]) or ["-"]))


def _byline(element: _Element) -> list[str]:
    links = [" ".join("".join(link.itertext()).split()) for link in element.iter("a") if link is not element]
    text = "; ".join(filter(None, links)) or _without_duty(element)
    return [text] if 3 < len(text) < 120 and not _DATE.search(text) else []


def _without_duty(element: _Element) -> str:
    """A byline's text, without what stands set apart behind the name: duty, office, «Follow»."""
    pieces = [(" ".join(text.split()), owner) for text, owner in _pieces(element) if text.strip()]
    whole = " ".join(text for text, _ in pieces)
    at = next((at for at, (text, _) in enumerate(pieces) if split(text)), None)
    if at is None or not all(map(is_person, split(pieces[at][0]))):
        return whole
    own = pieces[at][1]
    return " ".join(text for text, owner in pieces[at:] if owner == own or len(text) < _JOINT)


def _pieces(element: _Element) -> Iterator[tuple[str, str]]:
    """The pieces of an element's text, each with what the element is called that holds it."""
    own = f"{element.tag!s} {element.get('class') or ''}"
    yield element.text or "", own
    for child in element:
        if isinstance(child.tag, str):
            yield from _pieces(child)
        yield child.tail or "", own


def beside_date(h1: _Element) -> list[str]:
    """A name that stands in one line with the date under the title."""
    node: _Element | None = h1
    for _ in range(3):
        if node is None:
            break
        for sibling in [*node.itersiblings()][:5]:
            for line in [sibling, *sibling.iterdescendants("div", "p", "span", "li")][:30]:
                text = " ".join(" ".join(line.itertext()).split())
                if len(text) < 120 and (match := _DATE.search(text)):
                    before = _SPLIT.split(text[: match.start()])[0].strip(" ,|-–•")
                    return [before] if is_person(before) else []
        node = node.getparent()
    return []


def _of_house(name: str, own: list[str]) -> bool:
    """A desk that carries its site's name in front, such as MDR THÜRINGEN on mdr.de."""
    first = name.split()[0]
    return first.isupper() and first.lower() in own


@lru_cache(maxsize=2048)
def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(name))


def _host_words(url: str) -> list[str]:
    host = re.sub(r"^https?://(?:www\.)?|[/?#].*$", "", url).lower()
    parts = host.split(".")
    return [host, *(part for part in parts if len(part) > 2), host.replace(".", "")] if host else []
