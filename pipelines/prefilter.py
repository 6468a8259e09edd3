"""The first stage: whether the raw bytes of a page can name the province, before anything is parsed."""

import html
import re
import unicodedata
from functools import lru_cache

from archive.model import Outcome
from archive.reasons import reason
from archive.text import both_placements
from pipelines.extract import charset
from pipelines.item import Context, Item, Reject

# Tags without letters of Vietnamese; a name may stand in the attributes of <meta>, or in pieces between tags.
_TAG = re.compile(rb"<(?!meta)[^<>\x80-\xff]*>", re.IGNORECASE)
_TAGS = re.compile(r"<(?!meta)[^<>]*>", re.IGNORECASE)
_SPACES = re.compile(rb"&(?:nbsp|[en]m?sp|thinsp);", re.IGNORECASE)
_ENTITY = 9  # bytes of an entity without its «;», where pieces are cut
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\[nrt]", re.IGNORECASE)
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_JOINS = "-–/.&"  # signs that may stand between the words of a name (archive.places.matcher)
_TCVN3 = "\u00b8\u00b5\u00aa"  # á, à and ê in fonts of TCVN 5712, in no other Vietnamese text
_FEW = 2000  # characters: a page with fewer beside Vietnamese letters may be written without marks
# Vietnamese letters from the commonest to the rarest.
_OFTEN = " nhtcigauđmoràvưlpábyksôdạếêệảộốeqớâóờềấịủợểxơậìựầăíãởứụổồọữúắừùửỉòặũýễằẽỹéỏĩẫẩỷẻỗwfjỳẹõỡzẳèẵỵ"


def prefilter(item: Item, context: Context) -> None:
    """Raise Reject(IRRELEVANT) where no article read from the page could be kept.

    Only for sources that keep relevant stories alone; the province's own papers may leave it unnamed, and
    ``read_whole`` pages are read whatever they name, so that health sees a changed template.
    """
    if item.page is None or item.keep == "all" or item.read_whole:
        return
    papers, names = context.places.papers, context.places.enough
    if item.article.source in papers or raw_names(item.page.body, names, item.page.content_type):
        return
    item.prefiltered = True
    raise Reject(Outcome.IRRELEVANT, reason("province_not_on_page"))


def raw_names(page: bytes, names: tuple[str, ...], content_type: str = "") -> bool:
    """Whether a page may hold one of the names; False only where no article read from it could be kept.

    It sees them with any marks, case, charset, escape and mark-up, in pieces too. It says yes too often (a
    menu of provinces is enough), never too seldom.
    """
    try:
        text = "" if charset.wide(page) else _with_letters(_SPACES.sub(b" ", _TAG.sub(b"", page))).decode()
    except UnicodeDecodeError:
        text = ""
    return _named(_read(text or _TAGS.sub("", charset.decode(page, content_type))), names)


def text_names(text: str, names: tuple[str, ...]) -> bool:
    """Whether a text holds one of the names, also where a guard sets it aside."""
    return _named(text, names)


def _with_letters(text: bytes) -> bytes:
    """Of scripts and styles only the pieces that hold Vietnamese letters, entities or escapes."""
    coded, escaped = b"&#" in text or b"acute;" in text or b"circ;" in text, b"\\u" in text
    kept = b";".join(
        [
            each
            for each in text.split(b";")
            if not each.isascii() or (coded and each.find(b"&", -_ENTITY) >= 0) or (escaped and b"\\u" in each)
        ]
    )
    return kept if len(kept) > _FEW else text


def _read(text: str) -> str:
    if "\\u" in text:
        text = _ESCAPE.sub(lambda code: chr(int(code[1], 16)) if code[1] else " ", text)
    return html.unescape(text)


def _named(text: str, names: tuple[str, ...]) -> bool:
    plain, pattern = _patterns(names)
    if any(letter in text for letter in _TCVN3) and pattern.search(_comparable(charset.tcvn3(text))):
        return True
    low = _comparable(text)
    return any(name in low for name in plain) or bool(pattern.search(low))


def _comparable(text: str) -> str:
    """A text or name in lower case, without signs that are not seen, and with one space between its words."""
    for sign in _UNSEEN:
        if sign in text:
            text = text.replace(sign, "")
    for sign in _JOINS:
        if sign in text:
            text = text.replace(sign, " ")
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


@lru_cache(maxsize=4)
def _patterns(names: tuple[str, ...]) -> tuple[list[str], re.Pattern[str]]:
    """Names without marks, and the others as one pattern that looks for the rarest letter of each first."""
    forms = {_comparable(each) for name in names for each in both_placements(name)}
    forms = {form for form in forms if not any(each in form for each in forms if each != form)}
    plain = sorted(form for form in forms if form.isascii())
    rarest: dict[str, list[str]] = {}
    for form in sorted(forms.difference(plain)):
        at = max(range(len(form)), key=lambda at: (not form[at].isascii(), _OFTEN.find(form[at])))
        before = f"(?<={re.escape(form[: at + 1])})" if at else ""
        rarest.setdefault(form[at], []).append(before + re.escape(form[at + 1 :]))
    return plain, re.compile("|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in rarest.items()))
