"""Who wrote an article: people's names out of metas, JSON-LD and printed bylines; sites are not authors."""

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from archive.text import fold, nfc

_LABEL = re.compile(
    r"^(?:\W+|(?:theo|bài viết|bài(?: và ảnh)?|tin(?:,? bài)?|ảnh|thực hiện|tác giả|nguồn|biên dịch|dịch|phóng viên|pv|nhà báo|"
    r"by|written by|story by|von|par|por|de|di|text|autor|author|authors|reporting by)\s*(?::|\s)\s*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:\((?:thực hiện|tổng hợp|ghi|dịch|biên dịch|lược dịch|t/h|th|theo [^)]*|[^)]*@[^)]*|[^)]*)\)|"
    r"\b(?:tổng hợp|thực hiện|lược ghi|lược dịch)|và \d+ tác giả khác|[-–|,/]\s*\S+@\S+|\S+@\S+)\s*[.,;]*$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:[;|•·]|,(?!\s*(?:jr|sr|phd|md|mba|esq|ii|iii)\b)|/|\s-\s|\s–\s|\s+(?:và|and|und|et|y|e|og|och|&)\s+)\s*", re.I)
_HOUSE = re.compile(
    r"https?:|www\.|@|\.(?:vn|com|net|org|info|gov|edu|tv|de|uk)\b|^\W*$|\d{3}|"
    r"\b(?:báo|tạp chí|ban biên tập|ban thư ký|tòa soạn|toà soạn|toa soan|phòng|trung tâm|cổng thông tin|sở|ủy ban|ubnd|cục|bộ|đài (?:tn|t[ưr]|ph)\w*|"
    r"nhóm (?:pv|phóng viên)|online|news|newsroom|staff|editors?|editorial|redaktion|redacci[oó]n|rédaction|admin|"
    r"administrator|agency|agencies|press|team|media|desk|correspondents?|reporters?|wire|times|post|magazine|"
    r"associated press|reuters|afp|dpa|ttxvn|vnanet|vietnam\+|pv|p\.v|bt|bbt|ctv|btv)\b",
    re.IGNORECASE,
)
_VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
_LETTERS = re.compile(r"[^\W\d_]")


def names(texts: Iterable[str], houses: Iterable[str] = (), url: str = "") -> list[str]:
    """People named in author fields, in order, each once; house names, addresses and duties are left out.

    ``houses`` are names that belong to the outlet (site name, publisher, host).
    """
    shut = {_bare(house) for house in houses if house} | {_bare(part) for part in _host_words(url)}
    found: dict[str, str] = {}
    for text in texts:
        for name in split(text):
            key = _bare(name)
            if key and key not in shut and not is_house(name):
                found.setdefault(key, name)
    return [*found.values()]


def split(text: str) -> list[str]:
    """The single names of a byline such as ``NHẬT XUÂN - NGHI VŨ`` or ``Theo Hồ Hường``."""
    text = " ".join(nfc(text).replace("\u200b", "").split())
    if not text or len(text) > 300:
        return []
    out = []
    for part in _SPLIT.split(_TAIL.sub("", text)):
        name = _LABEL.sub("", _TAIL.sub("", part)).strip(" .,:;-–—|*\"'“”()")
        if name:
            out.append(name)
    return out


def is_house(name: str) -> bool:
    """An organisation, an address or a duty rather than a person."""
    return bool(_HOUSE.search(name)) or not _LETTERS.search(name) or len(name) > 60


def is_person(text: str) -> bool:
    """A short line that is a name and nothing else: two to five words, each with a capital."""
    words = text.split()
    if not 2 <= len(words) <= 5 or len(text) > 40 or re.search(r"[\d:;!?…“”\"]", text) or is_house(text):
        return False
    return all(word[0].isupper() or not word[0].isalpha() for word in words)


_NAMED = re.compile(r"(?:^|[\s_-])(?:author(?:-?names?)?|byline(?:-?names?)?|cms-author|tac-?gia|writer|post-author)(?=$|[\s_-])", re.I)


def printed(tree: HtmlElement, h1: HtmlElement | None) -> list[str]:
    """Texts the page prints as its author, the closest marked first."""
    strong: list[str] = []
    weak: list[str] = []
    for element in tree.iter("a", "span", "p", "div", "strong", "b", "address", "h4", "h5", "li", "em"):
        exact = element.get("rel") == "author" or "author" in (element.get("itemprop") or "")
        if not exact and not _NAMED.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            continue
        text = " ".join(" ".join(element.itertext()).split())
        if 3 < len(text) < 80:
            (strong if exact else weak).append(text)
    return (strong or weak)[:1] if h1 is not None else strong[:1]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(name))


def _host_words(url: str) -> list[str]:
    host = re.sub(r"^https?://(?:www\.)?|[/?#].*$", "", url).lower()
    parts = host.split(".")
    return [host, *(part for part in parts if len(part) > 3), host.replace(".", "")] if host else []
