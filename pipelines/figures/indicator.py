"""What a number measures, as a short noun phrase taken from the sentence."""

import re

from pipelines.figures.context import WORDS, Surroundings

_LONGEST = 10  # words of an indicator
_BREAK = re.compile(r"[|;:()“”\"«»–]|,\s(?!thành phố)| - (?=(?:nơi|điều|một|đây))")
_LEADING = WORDS.pattern(r"^(?:(?:«leading»)\b,?\s*)+")
_TRAILING = re.compile(r"(?:\s+(?:chỉ|cũng|mới|đều|vẫn|hiện|nhận định mức|mức))+$", re.IGNORECASE)
_TAIL_VERB = WORDS.pattern(
    r"(?:^|\s)(?P<verb>«verbs»)(?:\s+(?:«verbs»|«qualifiers»|tổng số|tổng|cả|thứ|mức))*\s*$"
)
_QUALIFIED = WORDS.pattern(r"\s*\b(?:«qualifiers»)\s*$")
_INNER = WORDS.pattern(r".*\b(?:«inner»)\b\s+(?=\S)", flags=re.IGNORECASE | re.DOTALL)
_PLACE = re.compile(
    r"\s+(?:trên địa bàn|tại|ở|thuộc|trên cả nước|của (?:tỉnh|toàn tỉnh|cả nước|địa phương|thành phố)\b).*$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\s*\b(?:trong |của |đến |vào |tính đến |hết |tính riêng |giai đoạn |bình quân )?"
    r"(?:năm \d{4}(?:\s?[-–]\s?\d{4})?|\d{4}\s?[-–]\s?\d{4}|\d{1,2} tháng (?:đầu|cuối) năm(?: \d{4})?"
    r"|(?<=\s)(?:19|20)\d\d(?=\s|$)|\d{1,2} tháng|quý (?:I{1,3}|IV|\d)(?:/\d{4})?"
    r"|tháng \d{1,2}(?:/\d{4})?|năm nay|ngày \d[\d/.-]*)",
    re.IGNORECASE,
)
_NOBODY = WORDS.pattern(r"(?:«nobody»)$")
_DEED = re.compile(r"giải ngân|thu hút|huy động", re.IGNORECASE)  # a verb that names what is counted
_COMPARED = re.compile(r"(?:so với|cùng kỳ|kế hoạch|dự toán)\b", re.IGNORECASE)
_MEASURES = WORDS.pattern(r"(?:«measures»)\b", flags=0)
_MONEY_NOUN = re.compile(r"\s(?:chi phí|vốn|tiền|doanh thu|lợi nhuận|thuế|giá trị|hàng|lãi|nợ|kinh phí)\b")
COUNTED = frozenset({"dự án", "doanh nghiệp", "lao động"})
_ABOUT = re.compile(r"^(?:[^,;.()]|,(?= thành phố)){0,60}?\b(?:về|theo) (?P<what>[^,;.()”\"]+)")
_NO_NOUN = WORDS.pattern(r"\s*(?:[,;.:()”\"/–\d-]|$|(?:«no_noun»)\b)")
_AFTER_END = re.compile(
    r"[,;.()”\"]|\s(?:so với|trong|của|cho|và|để|từ|tại|được|đã|sẽ|vào|với|có|là|mỗi|trở)\b", re.IGNORECASE
)
_CHANGE = {"tăng": "mức tăng", "tăng thêm": "mức tăng", "giảm": "mức giảm"}


def indicator(line: str, start: int, end: int, before: int, unit: str, context: Surroundings) -> str:
    """A short noun phrase for what a number measures; ``before`` is where the figure before ended (0: none)."""
    after = line[end:]
    about = _ABOUT.match(after) if unit == "hạng" else None
    if about:
        return _short(_TIME.sub("", about["what"]))
    if unit in COUNTED:
        return _short(f"{unit} {_noun_after(after)}")
    pieces = [piece for piece in _BREAK.split(line[before:start]) if piece.strip()]
    verb = _verb(pieces[-1]) if pieces else ""
    name = _name(pieces[-1:] if before else pieces)
    if not _MEASURES.match(verb) and (unit == "%" or _MONEY_NOUN.match(after)):
        name = _noun_after(after) or name
    if name:
        context.indicator = name
    elif before or unit == "hạng":
        name = context.indicator
    name = name or _noun_after(after) or context.indicator or _opening(line, unit)
    change = "" if unit == "hạng" else _CHANGE.get(verb, "")
    return f"{change} {_lower(name)}" if change and not name.startswith("mức ") else name


def _opening(line: str, unit: str) -> str:
    """The words a sentence begins with, up to its first number; the unit where it begins with one."""
    return _short(" ".join(re.split(r"\d", line)[0].split()[:_LONGEST])) or unit


def _verb(piece: str) -> str:
    match = _TAIL_VERB.search(_bare(piece))
    return match["verb"].lower() if match else ""


def _bare(piece: str) -> str:
    text = re.sub(r"\btừ [\d.,]+\s(?=đến\s*$)", "", piece.strip())
    return _QUALIFIED.sub("", f" {text} ").strip()


def _name(pieces: list[str]) -> str:
    for piece in reversed(pieces[-3:]):
        text = _LEADING.sub("", _bare(piece))
        if _COMPARED.match(text):
            continue
        match = _TAIL_VERB.search(text)
        if match and not text[: match.start()].strip() and _DEED.match(match["verb"]):
            return match["verb"]
        text = text[: match.start()] if match else text
        text = _INNER.sub("", _TIME.sub("", f" {text}").strip(), count=1)
        text = _short(_TRAILING.sub("", _LEADING.sub("", _PLACE.sub("", text))))
        if not _NOBODY.match(text):
            return text
    return ""


def _noun_after(after: str) -> str:
    return "" if _NO_NOUN.match(after) else _short(_AFTER_END.split(after.strip())[0])


def _lower(name: str) -> str:
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def _short(text: str) -> str:
    words = text.strip(" -–:,.\"“”'«»…/").split()
    return " ".join(words[-_LONGEST:])
