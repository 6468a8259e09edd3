"""The first stage: whether the raw bytes of a page can name the province, before anything is parsed."""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from archive.model import Outcome
from archive.reasons import reason
from archive.text import both_placements
from pipelines.extract import charset
from pipelines.item import Context, Item, Reject

# Tags without letters of Vietnamese; a name may stand in the attributes of <meta>, or in pieces between tags.
_TAG = re.compile(rb"<[^mM<>\x80-\xff][^<>\x80-\xff]*>")
_PLAIN_TAG = re.compile("<[^mM<>\x80-\U0010ffff][^<>\x80-\U0010ffff]*>")
_CODE = re.compile(rb"<(script|style)\b")
_TAGS = re.compile(r"<(?!meta)[^<>]*>", re.IGNORECASE)
_CODED = re.compile(  # letters, signs that are not seen and spaces as entities; not the usual signs
    r"&(?:#(?!8[12]\d\d;|0?3[2-9];|0?4[0-7];|x2[0-9a-f];)|[a-z]+(?:acute|grave|circ|tilde);|shy|zw|[a-z]+sp;)",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\[nrt]", re.IGNORECASE)
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_BREAK = "\0"  # where a tag stood
_LONGEST = 80  # letters of a name
_TO_SPACE = bytes.maketrans(b"-/.", b"   ")
_JOINS = "-–/.&"  # signs that may stand between the words of a name (archive.places.matcher)
_TCVN3 = "\u00b8\u00b5\u00aa"  # á, à and ê in fonts of TCVN 5712, in no other Vietnamese text
# What asks for a closer look: escapes, signs that are not seen, odd spaces, letters of TCVN3.
_ODD = re.compile(
    rb"\\u|\xc2[\xad\xaa\xb5\xb8]|\xe2(?:\x80[\x82\x83\x89\x8b-\x8f\xaf]|\x81\xa0)|\xe3\x80\x80|\xef\xbb\xbf"
)
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
    menu of provinces is enough), never too seldom. A quick look finds the letters anywhere, as in
    «tâm thần sau»; a slower one at the few pages that have them asks for whole words.
    """
    return _has_letters(page, names, content_type) and _has_words(page, names, content_type)


def _has_letters(page: bytes, names: tuple[str, ...], content_type: str) -> bool:
    if charset.wide(page):
        return _named(_TAGS.sub("", charset.decode(page, content_type)), names)
    plain, pattern = _patterns(names)
    raw = _text_of(page)
    if any(name.encode() in raw for name in plain):
        return True
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return _named(_TAGS.sub("", charset.decode(page, content_type)), names)
    if _ODD.search(raw) or _CODED.search(text):
        return _named(text, names)
    return bool(pattern.search(unicodedata.normalize("NFC", text) if b"\xcc" in raw else text))


def _has_words(page: bytes, names: tuple[str, ...], content_type: str) -> bool:
    """Whether one of the names begins and ends where a word or a tag does, or at «nghiệpThái Nguyên»."""
    for text in _readings(_PLAIN_TAG.sub(_BREAK, charset.decode(page, content_type))):
        forms = _held(" ".join(text.replace(_BREAK, "").lower().split()), names)
        if any(_stands_apart(text, match) for form in forms for match in _in_pieces(form).finditer(text)):
            return True
    return False


def _held(letters: str, names: tuple[str, ...]) -> list[str]:
    """The names that a text's letters may hold; «CThaiNguyen» where they hold «thainguyen»."""
    plain, pattern = _patterns(names)
    ends = [letters[max(0, match.end() - _LONGEST) : match.end()] for match in pattern.finditer(letters)]
    forms = [form for form in _forms(names) if any(end.endswith(form) for end in ends)]
    forms += [form for form in plain if form in letters]
    return [form for form in _forms(names) if any(held in form for held in forms)]


@lru_cache(maxsize=1024)
def _in_pieces(form: str) -> re.Pattern[str]:
    """The name with tags anywhere in it."""
    letters = (f"[ {_BREAK}]+" if each == " " else re.escape(each) for each in form)
    return re.compile(f"{_BREAK}*".join(letters), re.IGNORECASE)


def _stands_apart(text: str, match: re.Match[str]) -> bool:
    before, first, after = (
        text[match.start() - 1 : match.start()],
        match[0][0],
        text[match.end() : match.end() + 1],
    )
    return not after.isalpha() and (not before.isalpha() or (first.isupper() and not before.isupper()))


def text_names(text: str, names: tuple[str, ...]) -> bool:
    """Whether a text holds one of the names, also where a guard sets it aside."""
    return _named(text, names)


def _named(text: str, names: tuple[str, ...]) -> bool:
    """Whether a text holds one of the names, in entities, escapes, pieces or old fonts."""
    plain, pattern = _patterns(names)
    lows = (each.lower() for each in _readings(text))
    return any(pattern.search(low) or any(name in low for name in plain) for low in lows)


def _readings(text: str) -> Iterator[str]:
    """The text to compare with names, its escapes and entities resolved; as TCVN3 too where it may be that."""
    if "\\u" in text:
        text = _ESCAPE.sub(_unescaped, text)
    text = html.unescape(text)
    yield _comparable(text)
    if any(letter in text for letter in _TCVN3):
        yield _comparable(charset.tcvn3(text))


def _unescaped(code: re.Match[str]) -> str:
    return chr(int(code[1], 16)) if code[1] else " "


def _text_of(page: bytes) -> bytes:
    """The page without tags, and without what scripts and styles hold beside letters of Vietnamese.

    Its letters of ASCII are small, and one space is between the words of a name.
    """
    text = _TAG.sub(b"", _without_code(page))
    for space in (b"&nbsp;", b"\xc2\xa0", b"\xe2\x80\x93", b"& "):
        if space in text:
            text = text.replace(space, b" ")
    return b" ".join(text.lower().translate(_TO_SPACE).split())


def _without_code(page: bytes) -> bytes:
    kept: list[bytes] = []
    done = 0
    while found := _CODE.search(page, done):
        end = page.find(b"</" + found[1], found.end())
        if end < 0:
            break
        kept.append(page[done : found.start()])
        if found[1] == b"script":
            kept.append(_letters_of(page[found.start() : end]))
        done = end
    return b"".join((*kept, page[done:]))


def _letters_of(script: bytes) -> bytes:
    """Of a script the pieces with Vietnamese letters, entities or escapes: it may hold the article as JSON."""
    if script.isascii() and b"\\u" not in script and b"&" not in script:
        return b""
    text = b";".join(
        [each for each in script.split(b";") if not each.isascii() or b"\\u" in each or b"&" in each]
    )
    if b"\\u" not in text:
        return text
    return _ESCAPE.sub(_unescaped, text.decode(errors="ignore")).lower().encode(errors="ignore")


def _comparable(text: str) -> str:
    """A text or name composed, without signs that are not seen, and with one space between its words."""
    for sign in _UNSEEN:
        text = text.replace(sign, "")
    for sign in _JOINS:
        text = text.replace(sign, " ")
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=4)
def _forms(names: tuple[str, ...]) -> list[str]:
    """The names as they are compared, in each way of placing tone marks."""
    return sorted({_comparable(each.lower()) for name in names for each in both_placements(name)})


@lru_cache(maxsize=4)
def _patterns(names: tuple[str, ...]) -> tuple[list[str], re.Pattern[str]]:
    """Names without marks, and the others as one pattern that looks for the rarest letter of each first.

    A name that holds another is left out. Letters of ASCII are small in the text; the others may be capitals.
    """
    forms = [form for form in _forms(names) if not any(each in form for each in _forms(names) if each != form)]
    rarest: dict[str, list[str]] = {}
    for form in forms:
        if form.isascii():
            continue
        at = max(range(len(form)), key=lambda at: (not form[at].isascii(), _OFTEN.find(form[at])))
        before = f"(?<={_any_case(form[: at + 1])})" if at else ""
        rest = before + _any_case(form[at + 1 :])
        for letter in {form[at], form[at].upper()}:
            rarest.setdefault(letter, []).append(rest)
    pattern = "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in rarest.items())
    return [form for form in forms if form.isascii()], re.compile(pattern)


def _any_case(form: str) -> str:
    return "".join(re.escape(each) if each.isascii() else f"[{each}{each.upper()}]" for each in form)
