"""The clause before a number: the noun phrase it gives, the verb between, and whether that tells a change."""

import re
from dataclasses import dataclass
from functools import lru_cache

from archive.figures.indicators import Indicators
from pipelines.figures.amounts import WORDS, Mark

_LONGEST = 14  # words of a name
_BREAK = re.compile(
    r"[|;:()“”\"«»!?‘’']|(?<!nông)(?<!chế biến)(?<!bằng cấp),\s(?!thành phố|phường|nhập khẩu)"
    r"|\s[–-]\s(?=(?:nơi|điều|một|đây))|\.\s"
    r"|\b(?:cho biết|cho thấy|cho hay|rằng)\b"
)
_LEADING = WORDS.pattern(r"^(?:(?:«leading»)(?!\w),?\s*)+")
_LINK = WORDS.pattern(
    r"(?:^|\s)(?P<chain>(?P<verb>«verbs»)(?:\s+(?:«verbs»|«qualifiers»|tổng số|tổng|cả|thứ|mức"
    r"|khoảng|bình quân))*)\s*$"
)
_QUALIFIED = WORDS.pattern(r"(?:\s*(?<!\w)(?:«qualifiers»))+\s*$")
_PLACE = WORDS.pattern(r"(?:\s+(?:«where»))+$")
_RAISES = WORDS.pattern(r"^(?:.*\s)?(?<!độ )(?<!mức )(?P<way>tăng|giảm)\s+(?=(?:«heads»)(?!\w))")
_CHANGES = WORDS.pattern(r"^(?:«heads»|«sectors»)(?!\w)")
_TIME = re.compile(
    r"\s*\b(?:trong |của |đến |tới |vào |tính đến |tính tới |hết |tính riêng |giai đoạn |nhiệm kỳ |bình quân "
    r"|cả |so với |cuối |đầu ){0,8}"
    r"(?:năm \d{4}(?:\s?[-–]\s?\d{4})?|\d{4}\s?[-–]\s?\d{4}|\d{1,2} tháng (?:đầu|cuối) năm(?: \d{4})?"
    r"|\d{1,2} tháng(?: năm \d{4}|/\d{4})?|quý (?:I{1,3}|IV|\d)(?:(?:/| năm )\d{4})?"
    r"|tháng \d{1,2}(?:(?:/| năm )\d{4})?|năm nay|ngày \d[\d/.-]*"
    r"|đến nay|hiện nay|cả năm|(?:19|20)\d{2})(?!\w)",
    re.IGNORECASE,
)
_HEAD = WORDS.pattern(r"^(?:«heads»)(?!\w)")
_GIVEN = WORDS.pattern(r"^.*(?<!\w)(?:«gives»)\s+(?=(?:«heads»)(?!\w))")
_OWNED = WORDS.pattern(r"^.*\b(?-i:[A-ZĐ])\w*\s+(?=(?:«attributes»)(?!\w))")
_OF_MANY = re.compile(r"^(?:tỷ|tỉ) (?:lệ|trọng)\b|^(?:tổng )?số\b|^số lượng\b", re.IGNORECASE)
_NO_PHRASE = WORDS.pattern(r"(?<!\w)(?:«no_phrase»)(?!\w)|\d")
_NO_RELATIVE = WORDS.pattern(r"(?<!\w)(?:«no_relative»)(?!\w)|\d")
_ENDS_OPEN = WORDS.pattern(r"(?:^|\s)(?:«ends_open»)$")
_ABBREVIATION = re.compile(r"\s*\((?:(?:mã )?[A-ZĐ][\w &-]{1,25})\)")
_HAS = re.compile(
    r"^.*\b(?:có(?! vốn (?:FDI|đầu tư (?:trực tiếp )?nước ngoài))|với|gồm)\s+(?=\S)", re.IGNORECASE
)
_FROM = re.compile(r"(?:^|\s)từ [\d.,]+ (?:đến|lên|xuống)$", re.IGNORECASE)
_RISE = re.compile(r"\b(?P<way>tăng|giảm)\b", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:lên|xuống|còn|đạt|về|ở mức|từ|là)\b", re.IGNORECASE)
_CHANGE = {"tăng": "mức tăng", "giảm": "mức giảm"}
_OWNER = WORDS.pattern(
    r"(?:(?:UBND |HĐND )?(?:tỉnh|toàn tỉnh|cả nước|cả tỉnh|(?-i:«title_words»))\s*)?"
    r"(?:(?:«gives»|«leading»|tổng)\s*)*"
)
_TELLS = re.compile(r"(?:công bố|báo cáo|ghi nhận|xác định|trong đó|nâng|đưa|mục tiêu|giao|đạt|thông qua|và)$")
_SECTOR = re.compile(r"(?:khu vực|ngành|công nghiệp|nông|sản xuất|xây dựng|dịch vụ)(?!\w)", re.IGNORECASE)
_SHORT = frozenset({"vốn"})  # names of one syllable
_OWN = re.compile(r"\([^)]{0,300}\)|\b(?:tỉnh|Thái Nguyên|của tỉnh|toàn tỉnh)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """What a figure measures: the key of a known indicator ('' for none) and the words for it ('' unnamed).

    ``noun`` is what the next clause may speak of too, of which the ``unit`` is a value, given by the verb
    ``link``; ``whole`` that of which it is a part; ``seen`` the keys of the figures before it in the sentence.
    """

    key: str = ""
    words: str = ""
    noun: str = ""
    unit: str = ""
    link: str = ""
    whole: str = ""
    seen: tuple[str, ...] = ()


NAMELESS = Name()


@dataclass(frozen=True, slots=True)
class Clause:
    """The words from the last break to a number, and the verb after them; ``change``: «mức tăng» or ''.

    ``linked`` says whether words and number belong together; ``level``: a change is told by where it leads.
    """

    words: str
    link: str
    change: str
    linked: bool
    level: bool = False
    goes_on: bool = False


def read_clause(line: str, mark: Mark, before: int) -> Clause:
    """The clause of the number at ``mark``; ``before`` is where the number before ended."""
    pieces = _BREAK.split(_ABBREVIATION.sub("", _before_bracket(line[before : mark.start], before)))
    piece = _FROM.sub(" lên", f" {pieces[-1].strip()}").rstrip()
    match = _LINK.search(piece)
    if match is None:
        return _unlinked(piece, mark, is_low=line[mark.start : mark.end].isdigit())
    chain, words = match["chain"].lower(), piece[: match.start()]
    goes_on = bool(re.search(r"(?:^|\s)(?:và|vẫn)$", words.strip(), re.IGNORECASE)) and before > 0
    rise, level = _rise(chain, piece)
    level = level and not line[mark.start : mark.end].isdigit()  # «giảm từ 40 đến 50%» is by how much
    change = _CHANGE[rise] if rise and not level and mark.unit != "hạng" else ""
    words = "" if goes_on else _joined(pieces, stripped(words))
    return Clause(words, match["verb"].lower(), change, linked=True, level=level, goes_on=goes_on)


def _before_bracket(text: str, before: int) -> str:
    """The text before a number; where a bracket holds only this, what stands before the bracket."""
    inner = text.rstrip().removesuffix("(")
    return inner if inner != text.rstrip() and (not before or len(_BREAK.split(inner)) > 1) else text


def _rise(chain: str, piece: str) -> tuple[str, bool]:
    """«tăng» or «giảm» of a chain of verbs, and whether it leads to a level: «giảm còn»."""
    match = _RISE.search(chain)
    if not match:
        return "", False
    return match["way"].lower(), bool(_LEVEL.search(chain, match.end()) or re.search(r"\btừ$", piece))


def _unlinked(piece: str, mark: Mark, *, is_low: bool) -> Clause:
    bare = stripped(_QUALIFIED.sub("", piece))
    if mark.unit == "hạng":
        return Clause(bare, "", "", linked=True)
    if raises := _RAISES.match(bare):
        if re.search(r"\btừ$", piece) and not is_low:
            return Clause(bare[raises.end() :], "từ", "", linked=True, level=True)
        return Clause(bare[raises.end() :], "", _CHANGE[raises["way"].lower()], linked=True)
    if whose := (None if _OF_MANY.match(bare) else _HAS.match(bare)):
        return Clause(bare[whose.end() :], "", "", linked=True)
    return Clause(bare, "", "", linked=bool(_HEAD.match(bare) or _given(bare) != bare))


def _joined(pieces: list[str], words: str) -> str:
    """A noun phrase with a comma in it, whole: «Tỷ lệ số hóa hồ sơ, kết quả đạt»."""
    if len(pieces) < 2 or _HEAD.match(words) or not words or not words[0].islower():
        return words
    if not pieces[-1].strip().startswith(words):
        return words
    before = stripped(pieces[-2])
    if _OF_MANY.match(before) and not _NO_RELATIVE.search(before) and len(words.split()) <= 6:
        return f"{before}, {words}"
    return words


def stripped(text: str) -> str:
    """A clause without times, places and what stands before the noun."""
    text = _LEADING.sub("", _TIME.sub("", f" {text}").strip(" ,"))
    text = _PLACE.sub("", f" {text}").strip(" ,")
    return _LEADING.sub("", text).strip(" ,-–")


def _given(words: str) -> str:
    """What a verb gives or a name has: «đạt doanh thu», «Đồng Hỷ vốn» without whose it is."""
    if _OF_MANY.match(words):
        return words
    return _OWNED.sub("", _GIVEN.sub("", words))


@lru_cache(maxsize=1024)
def phrase(words: str, change: str = "") -> str:
    """The noun phrase of measure that the words are or end with, whole, else ''."""
    words = words.removesuffix(" thêm")
    return _measure(words, change) or _measure(stripped(_given(words)), change)


def is_subject(words: str, told: str, link: str) -> bool:
    """Whether the verb is told of the noun phrase that words end with: not of «công ty có thị phần lớn»."""
    owner = words.removesuffix(told).strip()
    if not owner or _OWNER.fullmatch(owner) or (link == "là" and owner.endswith(("có", "với"))):
        return True
    return bool(_TELLS.search(owner))


def of_a_place(words: str, told: str) -> bool:
    """Whether the noun phrase that words end with is the province's or a place's: «Bắc Ninh đạt doanh thu»."""
    owner = words.removesuffix(told).strip()
    return told != words and (not owner or bool(_OWNER.fullmatch(owner)))


def _measure(given: str, change: str) -> str:
    heads = _CHANGES if change else _HEAD
    if not (2 <= len(given.split()) <= _LONGEST or given.lower() in _SHORT) or not heads.match(given):
        return ""
    wrong = _NO_RELATIVE if _OF_MANY.match(given) else _NO_PHRASE
    return "" if wrong.search(given) or _ENDS_OPEN.search(given) else given


def is_plain(words: str) -> bool:
    """Whether words may be a noun phrase: no verb, number or joint in them, and no end left open."""
    return bool(words) and not _NO_PHRASE.search(words) and not _ENDS_OPEN.search(words)


def known_as(words: str, link: str, unit: str, known: Indicators | None, change: str = "") -> Name | None:
    """The indicator that makes up the words but for the province and an abbreviation.

    A fall is no value of an indicator of growth, which would count as a rise.
    """
    if known is None or change == "mức giảm":
        return None
    plain = " ".join(_OWN.sub(" ", words).split()).strip(" ,-–")
    for name in (f"{words} {link}", f"{plain} {link}", words, plain, plain.removeprefix("chỉ số ")):
        if name and (key := known.named(name, unit, change=bool(change))):
            if known.known[key].change and not change and _SECTOR.match(name):
                return None  # «công nghiệp chế biến khoảng 30%» is a share, no growth
            told = known.known[key].name
            return Name(key, told, words.strip() if len(words.split()) > 1 else told, unit, link)
    return None


def lowered(words: str) -> str:
    """Words as they stand inside a sentence; an abbreviation stays."""
    return words[0].lower() + words[1:] if words[1:2].islower() else words
