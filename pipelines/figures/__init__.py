"""The stage that reads the numbers: value in the plain unit, what it measures, when, done or planned."""

import re
from collections.abc import Iterator
from datetime import datetime

from archive.model import Figure
from archive.sentences import sentences
from archive.text import nfc
from pipelines.figures.context import WORDS, Surroundings, is_target, period, qualifier, quote
from pipelines.figures.indicator import indicator
from pipelines.item import Context, Item

_MOST = 80  # figures of one article, and of one sentence; a table of prices has hundreds
_LINE = 2000  # characters; what runs on for longer is a table or worse, and is read in pieces
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_NOTE = rf"[{_RAISED}]{{1,2}}|\s?\[\d{{1,2}}\]|\(\d\)"  # the mark of a footnote, no part of the number
_FRACTIONS = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 1 / 5, "⅛": 1 / 8}
_PART = f"[{''.join(_FRACTIONS)}]"
# After these a number stands for itself: «tháng 9 120 người» are no 9,120.
_NUMBERED = "".join(rf"(?<!{word}\s)" for word in ("áng", "uý", "đợt", "đoạn", "số", "lần", "khu", "iều", "kỳ"))
_NUM = (
    r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?"
    rf"|{_NUMBERED}\d{{1,3}}(?:[ \u00a0\u2009\u202f]\d{{3}})+(?!\d)(?:,\d+)?"
    rf"|\d+,\d+|\d+(?:\.\d{{1,2}}(?!\d))?){_PART}?|{_PART}"
)
_TIMES = r"(?:nghìn|ngàn|triệu|trăm|vạn)?\s?(?:tỷ|tỉ)|nghìn|ngàn|triệu|vạn"
_MULTIPLES = {"nghìn": 1e3, "ngàn": 1e3, "vạn": 1e4, "triệu": 1e6, "trăm": 1e2, "tỷ": 1e9, "tỉ": 1e9}
_UNITS = (
    ("USD", r"USD|đô\s?-?la(?: Mỹ)?|đôla(?: Mỹ)?"),
    ("EUR", r"EUR|euro|Euro"),
    ("đồng", r"đồng(?! (?:chí|bào|hồ|bằng|đội|thời|ý|phục|loạt|ruộng|hành|bộ|nghiệp|phạm|môn|tiền))|VNĐ|VND"),
    ("điểm phần trăm", r"điểm phần trăm|điểm %"),
    ("%", r"%|phần trăm"),
    ("điểm", r"(?<=,\d )điểm|(?<=,\d\d )điểm"),
    ("ha", r"ha|héc-?\s?ta|hecta"),
    ("km2", r"km2|km²"),
    ("MW", r"MW|MWp"),
    ("tấn", r"tấn"),
    ("dự án", r"dự án"),
    ("doanh nghiệp", r"doanh nghiệp"),
    ("lao động", r"(?:người )?lao động|công nhân"),
)
_UNIT = "|".join(f"(?P<u{at}>{pattern})" for at, (_, pattern) in enumerate(_UNITS))
_BEFORE = rf"(?=[\d{''.join(_FRACTIONS)}])(?<![\w.,/⁄∕-])"
_AMOUNT = WORDS.pattern(
    rf"{_BEFORE}(?:(?P<low>{_NUM})(?:\s?%)?\s?[-‒–—−]\s?|(?<=[Tt]ừ )(?P<from>{_NUM}) đến )?"
    rf"(?P<num>{_NUM})(?:\s?[x×*·]\s?10(?P<power>⁻?[{_RAISED}]+)|(?P<note>⁻?(?:{_NOTE})))?\s?(?P<times>{_TIMES})?"
    rf"(?:\s(?P<num2>\d+)\s(?P<times2>{_TIMES}))?\s?(?:{_UNIT})"
    rf"(?P<per>(?:/(?:«two_words»|[^\W\d_]+[23]?)){{0,2}})(?![^\W{_RAISED}]|/\d)",
    flags=0,
)
_BARE_BILLIONS = re.compile(
    rf"{_BEFORE}(?P<num>{_NUM})(?:{_NOTE})?\s(?P<times>(?:nghìn |ngàn )?(?:tỷ|tỉ))"
    rf"(?=(?:{_NOTE})?\s*(?:[.,;)]|và |$))"
)
_WITH_PER = {"đồng", "USD", "EUR", "tấn"}  # 60 triệu đồng/ha are no 60 triệu đồng
_DIGITS = str.maketrans(f"{_RAISED}⁻", "0123456789-")
_LEAST_POWER = 3  # 10² may be a ten with the mark of a footnote
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~ ?|(?:.[\u0335\u0336])+ ?")
# «5 dự án» is an enumeration more often than a measure, «2 đồng» the end of a name.
_LEAST = {"đồng": 100, "dự án": 10, "doanh nghiệp": 10, "lao động": 10}
_ORDINALS = {"nhất": 1, "nhì": 2}
_ORDINALS |= {
    word: at + 2 for at, word in enumerate(["hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"])
}
_RANK = re.compile(
    r"(?<!lần )(?:(?P<verb>(?:đứng|xếp|xếp hạng|vươn lên|vị trí|thứ hạng|hạng)\s(?:thứ\s)?)|thứ\s)"
    rf"(?P<no>\d{{1,3}}|(?<=thứ )(?:{'|'.join(_ORDINALS)})\b)(?:/(?P<of>\d{{1,3}}))?"
    r"(?![\d.,]*\d|[/%]|\s?(?:giờ|tháng|ngày|tỷ|triệu|đồng))",
    re.IGNORECASE,
)
_RANK_ENDS = WORDS.pattern(r"\s*(?:[.,;:)!?”\"»]|$|(?:«after_ranks»)\b)")
_OF = re.compile(
    r"^[^.;,]{0,25}?\b(?:trong|trên|/)\s?(?:tổng số |số )?(?P<of>\d{2,3}) (?:tỉnh|địa phương|xã|đơn vị|bộ)"
)
_MAY_HOLD = re.compile(rf"\d|{_PART}|\bthứ\b", re.IGNORECASE)
_TOP = re.compile(
    r"\b(?:(?:nhóm|trong số) (?P<no>\d{1,3}) [^.;:]{0,40}?(?:dẫn đầu|đứng đầu)|(?:top|tốp) (?P<top>\d{1,3})\b)",
    re.IGNORECASE,
)


def figures(item: Item, context: Context) -> None:
    """Fills article.figures from title, lead and body."""
    article = item.article
    now = article.published_at or context.now()
    article.figures = find_figures(f"{article.title}\n{article.text}", now)


def find_figures(text: str, now: datetime) -> list[Figure]:
    """The figures of a text in reading order; ``now`` (aware) tells «đến năm 2030» from what is past.

    A value is the full number in its plain unit: 8.503 tỷ đồng is 8503000000000 ``đồng``, thứ 3/61 is 3
    ``hạng`` of 61.
    """
    results: list[Figure] = []
    context = Surroundings(now)
    seen: set[tuple[float, str, str]] = set()
    text = _STRUCK.sub("", nfc(text))
    for line in _lines(text):
        marks = sorted(_marks(line), key=lambda mark: mark.start) if _MAY_HOLD.search(line) else []
        context.enter(line, figures=bool(marks))
        for at, mark in enumerate(_apart(marks)[: _MOST - len(results)]):
            before = marks[at - 1].end if at else 0
            figure = _figure(line, mark, before, context)
            known = (figure.value, figure.unit, figure.indicator.lower())
            if known not in seen and len(results) < _MOST:
                seen.add(known)
                results.append(figure)
    return results


def _lines(text: str) -> Iterator[str]:
    """The sentences of a text."""
    for start, end in sentences(text):
        for at in range(start, end, _LINE):
            yield text[at : min(end, at + _LINE)]


class Mark:
    """Where a number stands in its sentence, and what it says."""

    __slots__ = ("end", "rank_of", "start", "unit", "value")

    def __init__(self, start: int, end: int, value: float, unit: str, rank_of: int | None = None) -> None:
        self.start, self.end, self.value, self.unit, self.rank_of = start, end, value, unit, rank_of


def _figure(line: str, mark: Mark, before: int, context: Surroundings) -> Figure:
    name = indicator(line, mark.start, mark.end, before, mark.unit, context)
    return Figure(
        indicator=name,
        value=mark.value,
        unit=mark.unit,
        quote=quote(line, mark.start, mark.end),
        qualifier=qualifier(line, mark.start, mark.end),
        rank_of=mark.rank_of,
        period=period(line, mark.start, mark.end, context),
        kind="target" if is_target(line, mark.start, mark.end, context) else "actual",
    )


def _marks(line: str) -> Iterator[Mark]:
    for match in _AMOUNT.finditer(line):
        unit = next(name for at, (name, _) in enumerate(_UNITS) if match[f"u{at}"])
        value = _value(match)
        if value is None or value < _LEAST.get(unit, 0):
            continue
        if unit in _WITH_PER:
            unit += match["per"]
        lower = "low" if match["low"] else "from"
        if match[lower]:
            low = _clean(_number(match[lower]) * _multiple(match["times"]))
            if low < value:  # «từ 800 đến 1 tỷ» leaves out what the 800 are
                yield Mark(match.start(lower), match.end(lower), low, unit)
        yield Mark(match.start("num"), match.end(), value, unit)
    for match in _BARE_BILLIONS.finditer(line):
        yield Mark(match.start(), match.end(), _number(match["num"]) * _multiple(match["times"]), "đồng")
    yield from _ranks(line)


def _value(match: re.Match[str]) -> float | None:
    """The full number; None where a raised digit may be its power as well as a footnote's mark."""
    if (power := _power(match)) is None:
        return None
    value = _number(match["num"]) * 10.0**power * _multiple(match["times"])
    if match["num2"]:
        value += _number(match["num2"]) * _multiple(match["times2"])
    return _clean(value)


def _power(match: re.Match[str]) -> int | None:
    """The power of ten behind a number: 6 in «3,2 x 10⁶», 5 behind the 10 of «10⁶», mostly 0."""
    if match["power"]:
        return int(match["power"].translate(_DIGITS))
    note = match["note"] or ""
    if not note or note[0] not in f"⁻{_RAISED}":
        return 0
    power = int(note.translate(_DIGITS))
    if match["num"] == "10":
        return None if 0 <= power < _LEAST_POWER else power - 1
    return None if power < 0 else 0


def _clean(value: float) -> float:
    whole = float(round(value))
    return whole if abs(value - whole) <= abs(value) * 1e-12 else round(value, 6)


def _number(text: str) -> float:
    if text[-1] in _FRACTIONS:
        return (_number(text[:-1]) if text[:-1] else 0) + _FRACTIONS[text[-1]]
    text = re.sub(r"\s", "", text)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
        text = text.replace(".", "")
    return float(text.replace(",", "."))


def _multiple(times: str | None) -> float:
    product = 1.0
    for word in re.findall("|".join(_MULTIPLES), times or ""):
        product *= _MULTIPLES[word]
    return product


def _ranks(line: str) -> Iterator[Mark]:
    for match in _RANK.finditer(line):
        if not match["of"] and not _is_rank(match, line):
            continue
        number = _ORDINALS.get(match["no"].lower()) or int(match["no"])
        of = match["of"] or _of(line[match.end() :])
        if number and (of is None or int(of) >= number):
            yield Mark(match.start(), match.end(), float(number), "hạng", int(of) if of else None)
    for match in _TOP.finditer(line):
        yield Mark(match.start(), match.end(), float(match["no"] or match["top"]), "hạng")


def _is_rank(match: re.Match[str], line: str) -> bool:
    """«đứng thứ 2», «xếp hạng 8 cả nước», but neither «đứng 2 bên đường» nor «bệnh viện hạng 2»."""
    verb = (match["verb"] or "").lower()
    if not verb or "thứ " in verb:
        return bool(verb)
    return not verb.startswith("hạng") and bool(_RANK_ENDS.match(line[match.end() :]))


def _of(after: str) -> str | None:
    match = _OF.match(after)
    return match["of"] if match else None


def _apart(marks: list[Mark]) -> list[Mark]:
    """Drops a mark that lies within the one before it."""
    kept: list[Mark] = []
    for mark in marks:
        if kept and mark.start < kept[-1].end:
            continue
        kept.append(mark)
    return kept
