"""Amounts in figures: a number, its multiple and its unit, as the full number in the plain unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archive.config import WordLists, load_yaml

WORDS = WordLists(Path(__file__).with_name("figures.yml"))
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_NOTE = rf"[{_RAISED}]{{1,2}}|\s?\[\d{{1,2}}\]|\(\d\)"  # the mark of a footnote, no part of the number
FRACTIONS = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 1 / 5, "⅛": 1 / 8}
_PART = f"[{''.join(FRACTIONS)}]"
# After these a number stands for itself: «tháng 9 120 người» are no 9,120.
_NUMBERED = "".join(rf"(?<!{word}\s)" for word in ("áng", "uý", "đợt", "đoạn", "số", "lần", "khu", "iều", "kỳ"))
_NUM = (
    r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?"
    rf"|{_NUMBERED}\d{{1,3}}(?:[ \u00a0\u2009\u202f]\d{{3}})+(?!\d)(?:,\d+)?"
    rf"|\d+,\d+|\d+(?:\.\d{{1,2}}(?!\d))?){_PART}?|{_PART}"
)
_TIMES = r"(?:nghìn|ngàn|triệu|trăm|vạn)?\s?(?:tỷ|tỉ)|nghìn|ngàn|triệu|vạn"
MULTIPLES = {"nghìn": 1e3, "ngàn": 1e3, "vạn": 1e4, "triệu": 1e6, "trăm": 1e2, "tỷ": 1e9, "tỉ": 1e9}
_BEFORE = rf"(?=[\d{''.join(FRACTIONS)}])(?<![\w.,/⁄∕-])"
_OF_MANY = r"(?P<num>\d{1,3})/(?P<of>\d{2,3})\s"  # «38/92 xã»
_BARE_BILLIONS = re.compile(
    rf"{_BEFORE}(?P<num>{_NUM})(?:{_NOTE})?\s(?P<times>(?:nghìn |ngàn )?(?:tỷ|tỉ))"
    rf"(?=(?:{_NOTE})?\s*(?:[.,;)]|và |$))"
)
_TIMES_AS_MANY = WORDS.pattern(rf"(?:«as_many»)\s(?:(?:gần|hơn|khoảng|tới|đến|trên)\s)?(?P<num>{_NUM})\slần\b")
_DIGITS = str.maketrans(f"{_RAISED}⁻", "0123456789-")
_LEAST_POWER = 3  # 10² may be a ten with the mark of a footnote
_LEAST_MONEY = 100  # «2 đồng» is the end of a name
_COUNTED_TOO = frozenset({"dự án", "doanh nghiệp", "lao động"})
_LONG_NUMBER = 1000  # from here it is no number of a ward or class
_LEAST_COUNT = 2  # «1 dự án» is an article more often than a count
_NO_COUNT_AFTER = WORDS.pattern(r"(?:^|[\s(«“\"])(?:«numbered»)\s+$")
_COUNTS_HERE = WORDS.pattern(r"(?<!\w)(?:«counts_here»)\s+$")
_FIRST_YEAR, _LAST_YEAR = 1975, 2050
_YEAR_BEFORE = re.compile(r"\b(?:năm|tháng|ngày|quý)\s+$", re.IGNORECASE)
_POINTS = WORDS.pattern(r"«has_points»")
_NO_POINTS = WORDS.pattern(r"«no_points»")
_VEHICLE = WORDS.pattern(r"(?:«vehicles»)(?:\s\w+){0,3}\s+$")
_WIDTH = WORDS.pattern(r"(?<!mở )(?<!\w)(?:«widths»)(?: (?:khoảng|từ|hơn|gần|là|\w+))?\s+$")
_SIDE = re.compile(r"\d\s?m?\s?[x×*]\s?$")
_OTHER_SIDE = re.compile(r"\s?[x×*]\s?\d")
_PLOT = WORDS.pattern(r"(?<!\w)(?:«plots»)[^,;.\d]{0,20}$")
_SHIFT = WORDS.pattern(r"(?<!\w)(?:«shifts»)(?: (?:theo|thành|liên tục))?\s+$")
_LARGEST_PLOT = 1000  # m2; more is a piece of land of its own
_MOST_SHIFTS = 4
_DISTANCE = re.compile(r"\bcách\b[^,;.]{0,30}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a number stands in its sentence, and what it says; ``counts`` a noun that is its unit."""

    start: int
    end: int
    value: float
    unit: str
    rank_of: int | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, the pattern it is written by, and whether it is a noun that is counted."""

    name: str
    pattern: str
    counts: bool


@cache
def _units() -> tuple[Unit, ...]:
    data = load_yaml(Path(__file__).with_name("units.yml"))
    measured = [Unit(name, pattern, name in _COUNTED_TOO) for name, pattern in data["measured"].items()]
    spellings = [line.split("=") for line in data["counted"].splitlines()]
    counted = [Unit(names[0], "|".join(map(re.escape, names)), counts=True) for names in spellings]
    return (*measured, *sorted(counted, key=lambda unit: -len(unit.name)))


@cache
def unit_pattern() -> str:
    """The group ``unit``: any unit as it is written."""
    return f"(?P<unit>{'|'.join(unit.pattern for unit in _units())})"


@cache
def unit_named(written: str) -> Unit:
    """The unit of what the group ``unit`` matched."""
    return next(unit for unit in _units() if re.fullmatch(unit.pattern, written, re.IGNORECASE))


@cache
def _some_of_many() -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}{_OF_MANY}{unit_pattern()}(?!\w)")


@cache
def _amount() -> re.Pattern[str]:
    frame = (
        rf"{_BEFORE}(?:(?P<low>{_NUM})(?:\s?%)?\s?[-‒–—−]\s?|(?<=[Tt]ừ )(?P<from>{_NUM}) đến )?"
        rf"(?P<num>{_NUM})(?:\s?[x×*·]\s?10(?P<power>⁻?[{_RAISED}]+)|(?P<note>⁻?(?:{_NOTE})))?\s?(?P<times>{_TIMES})?"
        rf"(?:\s(?P<num2>\d+)\s(?P<times2>{_TIMES}))?\s?(?:{unit_pattern()})"
        rf"(?P<per>(?:/(?:«two_words»|[^\W\d_]+[23]?)){{0,2}})(?![^\W{_RAISED}]|/\d)(?:\smỗi\s(?P<each>«each»)(?!\w))?"
    )
    return re.compile(WORDS.fill(frame))


def amounts(line: str) -> Iterator[Mark]:
    """The amounts of a sentence that are written in figures."""
    for match in _amount().finditer(line):
        yield from _read(line, match)
    for match in _some_of_many().finditer(line):
        yield from _part_of(line, match)
    for match in _BARE_BILLIONS.finditer(line):
        yield Mark(match.start(), match.end(), number(match["num"]) * multiple(match["times"]), "đồng")
    for match in _TIMES_AS_MANY.finditer(line):
        yield Mark(match.start("num"), match.end(), number(match["num"]), "lần")


def _read(line: str, match: re.Match[str]) -> Iterator[Mark]:
    known, value = unit_named(match["unit"]), _value(match)
    if value is None or not _is_figure(line, match, known, value):
        return
    unit, counts = known.name + match["per"] + (f"/{match['each']}" if match["each"] else ""), known.counts
    lower = "low" if match["low"] else "from"
    if match[lower]:
        low = clean(number(match[lower]) * multiple(match["times"]))
        if low < value:  # «từ 800 đến 1 tỷ» leaves out what the 800 are
            yield Mark(match.start(lower), match.end(lower), low, unit, counts=counts)
    yield Mark(match.start("num"), match.end(), value, unit, counts=counts)


def _part_of(line: str, match: re.Match[str]) -> Iterator[Mark]:
    """«38/92 xã» are 38; «12/9 xã» is no share, «92/92 xã» all there are, «ngày 12/12 xã» a date."""
    known, value = unit_named(match["unit"]), number(match["num"])
    if known.counts and value < number(match["of"]) and _is_figure(line, match, known, value):
        yield Mark(match.start(), match.end(), value, known.name, counts=True)


def _is_figure(line: str, match: re.Match[str], known: Unit, value: float) -> bool:
    before, unit = line[max(0, match.start() - 40) : match.start()], known.name
    if _is_size_of_one(line, match, before, unit, value):
        return False
    if known.counts or unit == "bậc":
        is_name = match["num"].isdigit() and value < _LONG_NUMBER and _NO_COUNT_AFTER.search(before)
        return value >= _LEAST_COUNT and not is_name and not _is_date(before, match["num"])
    if unit == "đồng":
        return value >= _LEAST_MONEY
    if unit == "điểm":
        return bool(_POINTS.search(line)) and not _NO_POINTS.search(line)
    if unit == "tấn":
        return not _VEHICLE.search(before)
    return not (unit == "km" and _DISTANCE.search(before))


def _is_size_of_one(line: str, match: re.Match[str], before: str, unit: str, value: float) -> bool:
    """«đường rộng 7,5 m», «lô đất 5 m x 20 m», «lô đất 100 m2», «làm 2 ca» are sizes of no count."""
    if unit in {"m", "mét"}:
        return bool(_WIDTH.search(before) or _SIDE.search(before) or _OTHER_SIDE.match(line, match.end()))
    if unit == "m2":
        return value < _LARGEST_PLOT and bool(_PLOT.search(before))
    return unit == "ca" and value <= _MOST_SHIFTS and bool(_SHIFT.search(before))


def _is_date(before: str, written: str) -> bool:
    """«năm 2025 doanh nghiệp», «ngày 15 xã», «Đại hội 2018 ngân hàng» are dates before a noun."""
    if not written.isdigit():
        return False
    if _FIRST_YEAR <= int(written) <= _LAST_YEAR:
        return not _COUNTS_HERE.search(before)
    return int(written) <= 31 and bool(_YEAR_BEFORE.search(before))


def _value(match: re.Match[str]) -> float | None:
    """The full number; None where a raised digit may be its power as well as a footnote's mark."""
    if (power := _power(match)) is None:
        return None
    value = number(match["num"]) * 10.0**power * multiple(match["times"])
    if match["num2"]:
        value += number(match["num2"]) * multiple(match["times2"])
    return clean(value)


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


def clean(value: float) -> float:
    """A value without the noise of binary fractions."""
    whole = float(round(value))
    return whole if abs(value - whole) <= abs(value) * 1e-12 else round(value, 6)


def number(text: str) -> float:
    """The number that digits say: «8.503,5», «8 503», «1½»."""
    if text[-1] in FRACTIONS:
        return (number(text[:-1]) if text[:-1] else 0) + FRACTIONS[text[-1]]
    text = re.sub(r"\s", "", text)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
        text = text.replace(".", "")
    return float(text.replace(",", "."))


def multiple(times: str | None) -> float:
    """What «nghìn tỷ» multiplies by."""
    product = 1.0
    for word in re.findall("|".join(MULTIPLES), times or ""):
        product *= MULTIPLES[word]
    return product
