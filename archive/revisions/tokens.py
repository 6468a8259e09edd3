"""A text taken apart for comparing: figures with their units, dates, document numbers, names, words, marks."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from archive.sentences import sentence_ends
from archive.text import fold

Kind = Literal["figure", "date", "name", "document", "count", "word", "mark"]


class Token(NamedTuple):
    """A piece of text at ``start:end``; two tokens mean the same when their ``key`` is equal."""

    kind: Kind
    key: str
    start: int
    end: int


_SCALE = r"nghìn|ngàn|vạn|triệu|tỷ|tỉ|tr"
_UNIT = (
    r"%|‰|°C|độ C|điểm phần trăm|đồng|USD|VNĐ|VND|đô la(?: Mỹ)?|EUR|euro|yên|nhân dân tệ|ha|km2|km²|km"
    r"|m2|m²|m3|m³|mm|cm|m|kg|g|tấn|tạ|lít|kWh|MWh|GWh|kW|MW|GW|kV|GB|TB|Mbps|Gbps"
)
_YEAR = r"(?:19|20)\d\d"
_LETTERS = r"[^\W\d_]"
_TOKEN = re.compile(
    rf"""
    (?P<document>(?<![\w/])\d{{1,5}}(?:/\d{{4}})?[-/][A-ZĐ][A-Za-zĐ]{{0,9}}(?:[-/][A-ZĐ][A-Za-zĐ\d]*)+(?!\w)
        |(?<![\w/])\d{{1,5}}/\d{{4}}/(?:QH|UBTVQH)\d+)
    |(?P<date>
        [Nn]gày\s+\d{{1,2}}\s+tháng\s+\d{{1,2}}(?:\s+năm\s+\d{{4}})?(?!\w)
        |(?<![\w.,])\d{{1,2}}(?P<sep>[/.-])\d{{1,2}}(?P=sep)\d{{4}}(?!\w)
        |(?<![\w.,])\d{{1,2}}\s?-\s?\d{{1,2}}/\d{{1,2}}(?:/\d{{4}})?(?!\w)
        |(?<![\w.,/])\d{{1,2}}/(?:\d{{4}}|\d{{1,2}})(?![\w/])
        |(?:(?<=[Nn]gày\s)|(?<=[Ss]áng\s)|(?<=[Cc]hiều\s)|(?<=[Tt]ối\s))\d{{1,2}}[.-]\d{{1,2}}(?!\w|[.,]\d|%)
        |(?<!\w)(?:[Tt]háng|[Qq]uý|[Nn]ăm)\s+(?:\d{{1,2}}|[IVX]+|{_YEAR})(?![\w/]|[.,]\d)
        |(?<![\w.,]){_YEAR}\s?[-–]\s?{_YEAR}(?!\w)
        |(?<![\w.,/-]){_YEAR}(?![\w%]|[.,]\d|\s(?:{_SCALE}|{_UNIT})(?!\w))
        |(?<![\w.,])\d{{1,2}}\s?(?:h|giờ)(?:\s?\d{{1,2}}(?:\s?phút|(?![.,]?\d)))?(?!\w)
        |(?<![\w.,:])\d{{1,2}}:\d{{2}}(?![\w:])
        |(?<!\w)(?:Thứ|(?:(?<=[Ss]áng\s)|(?<=[Cc]hiều\s)|(?<=[Tt]ối\s)|(?<=[Nn]gày\s))thứ)
            \s(?:hai|ba|tư|năm|sáu|bảy|bẩy|Hai|Ba|Tư|Năm|Sáu|Bảy)(?!\w)
        |(?<!\w)[Cc]hủ\s[Nn]hật(?!\w))
    |(?P<figure>(?<!\w)(?:\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?|\d{{1,3}}(?:\s\d{{3}})+(?!\d)(?:,\d+)?|\d+(?:[.,]\d+)?)
        (?:(?:\s?(?:{_SCALE})(?!\w))*(?:\s?(?:{_UNIT})(?![\w²³]))|(?:\s?(?:{_SCALE})(?!\w))+)?(?![\w²³]))
    |(?P<word>{_LETTERS}+(?:['’]{_LETTERS}+)?(?!\w)|\w+)
    |(?P<mark>\./\.|\.{{2,}}|[^\w\s])
    """,
    re.VERBOSE,
)
_MARKS = str.maketrans(
    {**dict.fromkeys("“”„‟«»‘’‚'`´", '"'), **dict.fromkeys("–—‒―−‐‑", "-"), **dict.fromkeys("●▪■◦", "•")}
)
_UNITS = {
    "tỉ": "tỷ",
    "ngàn": "nghìn",
    "²": "2",
    "³": "3",
    "đôlamỹ": "usd",
    "đôla": "usd",
    "vnđ": "đồng",
    "vnd": "đồng",
}
_SPELLINGS = {"tỉ": "tỷ", "Tỉ": "Tỷ"}
_COUNT_WORDS = "một hai ba bốn năm sáu bảy bẩy tám chín mười chục trăm nghìn vạn triệu tỷ mốt lăm rưỡi đôi"
_OPENING_WORDS = (  # capitals that open a sentence and belong to no name
    "ông bà anh chị em cô chú bác ngày tại theo trong sáng chiều tối trưa đêm đồng tỉnh huyện thành xã phường"
    " thị ở từ đến với khi sau trước và nhưng của cùng do để các những một hai ba hiện hôm nếu cả có là đây đó"
    " này tuy vì năm tháng quý như còn cũng trên dưới qua nhờ ngoài chủ phó giám trưởng bộ sở ban thủ bí"
)
_COUNTS = frozenset(_COUNT_WORDS.split())
_OPENERS = frozenset(_OPENING_WORDS.split())
_DOCUMENT = re.compile(
    r"(?:(?:nghi quyet|nghi dinh|ket luan|chi thi|thong tu)(?: so)?"
    r"|(?:quyet dinh|cong van|ke hoach|quy dinh|de an) so):? $"
)
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_NAME_MOST = 6  # syllables; a longer run of capitals is a headline in capitals


def tokens(text: str) -> list[Token]:
    """The tokens in order; positions are those of ``text``, which should be NFC."""
    return _named([_token(match, text) for match in _TOKEN.finditer(text)], text)


def unit(token: Token) -> str:
    """What a figure or date counts, without its numbers: "%", "tỷđồng", "năm", "//"; else ""."""
    return re.sub(r"[\d.]+", "", token.key) if token.kind in {"figure", "date"} else ""


def _token(match: re.Match[str], text: str) -> Token:
    kind, raw = match.lastgroup, match[0]
    if kind == "sep":
        kind = "date"
    start, end = match.span()
    if kind == "document":
        return Token("document", raw, start, end)
    if kind == "date":
        return Token("date", _date_key(raw), start, end)
    if kind == "figure":
        is_number = raw.isdigit() and _DOCUMENT.search(fold(text[max(0, start - 20) : start]))
        return Token("document" if is_number else "figure", _figure_key(raw), start, end)
    if kind == "mark":
        key = "…" if raw.startswith("..") else "." if raw == "./." else raw.translate(_MARKS)
        return Token("mark", key, start, end)
    return Token("count" if raw.lower() in _COUNTS else "word", _word_key(raw), start, end)


@lru_cache(maxsize=4096)  # words recur, and their letters are costly to take apart
def _word_key(raw: str) -> str:
    """The word with its tone at the end: wherever a writer puts the mark, hoà or hòa, it is one word."""
    if raw.isascii():
        return raw
    raw = _SPELLINGS.get(raw, raw)
    letters = unicodedata.normalize("NFD", raw)
    tones = "".join(letter for letter in letters if letter in _TONES)
    return unicodedata.normalize("NFC", "".join(one for one in letters if one not in _TONES)) + tones


def _date_key(raw: str) -> str:
    """Numbers parted by slashes, without leading zeros, after the word for what they count."""
    if numbers := re.findall(r"\d+", raw):
        word = "" if re.match(r"(?:[Nn]gày|\d)", raw) else raw.split()[0].lower()
        clock = ":" if re.search(r"h|giờ|:", raw) and not word and "ngày" not in raw.lower() else "/"
        return word + clock.join(str(int(one)) for one in numbers)
    return raw.lower()


def _figure_key(raw: str) -> str:
    digits = re.match(r"[\d.,\s]*\d", raw)
    number = digits[0] if digits else ""
    rest = re.sub(r"\s", "", raw[len(number) :]).lower()
    for old, new in _UNITS.items():
        rest = rest.replace(old, new)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", number):
        number = number.replace(".", "")
    number = re.sub(r"\s", "", number)
    return number.replace(",", ".") + rest


def _named(unnamed: list[Token], text: str) -> list[Token]:
    """Runs of capitalised words become names; the first word of a sentence only where it must be one."""
    out: list[Token] = []
    run: list[Token] = []
    starts = {0, *sentence_ends(unnamed, text)}
    for at, one in enumerate([*unnamed, Token("mark", "", -1, -1)]):
        capital = one.kind in {"word", "count"} and text[one.start].isupper()
        if run and (not capital or text[run[-1].end : one.start] != " " or at in starts):
            out += _name(run, at - len(run) in starts)
            run = []
        if capital:
            run.append(one)
        else:
            out.append(one)
    return out[:-1]


def _name(run: list[Token], opens: bool) -> list[Token]:
    first = run[:1] if opens and len(run) > 1 and run[0].key.lower() in _OPENERS else []
    rest = run[len(first) :]
    if len(rest) > _NAME_MOST or (opens and not first and len(rest) == 1 and not _foreign(rest[0].key)):
        return run
    key = " ".join(one.key for one in rest)
    return [*first, Token("name", key, rest[0].start, rest[-1].end)]


def _foreign(word: str) -> bool:
    """Whether a word cannot be one Vietnamese syllable: Samsung, FDI, Foxconn."""
    plain = fold(word)
    abbreviation = word.isupper() and len(word) > 1
    return abbreviation or bool(re.search(r"[fjwz]|[aeiouy]+[^aeiouy]+[aeiouy]", plain))
