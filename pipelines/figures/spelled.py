"""Numbers spelled in words: «ba trăm hộ», «hai phần ba», «một nửa», «gấp đôi»."""

import re
from collections.abc import Iterator
from functools import cache

from pipelines.figures.amounts import WORDS, Mark, clean, unit_named, unit_pattern

_DIGIT = {
    "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7,
    "tám": 8, "chín": 9, "mười": 10,
}  # fmt: skip
_SCALE = {
    "mươi": 10,
    "chục": 10,
    "trăm": 100,
    "nghìn": 1000,
    "ngàn": 1000,
    "vạn": 10_000,
    "triệu": 1e6,
    "tỷ": 1e9,
    "tỉ": 1e9,
}
_D = "|".join(_DIGIT)
_S = "|".join(_SCALE)
_NUMBER = (
    rf"(?:(?:{_D})\s(?:{_S})(?:\s(?:{_S}|{_D}|linh|lẻ|rưỡi)\b)*"
    r"|(?<=hơn\s)(?:chục|trăm|nghìn)|(?<=gần\s)(?:chục|trăm|nghìn)"
    r"|nửa\s(?:triệu|tỷ|nghìn)"
    r"|mười(?:\s(?:một|hai|ba|bốn|lăm|sáu|bảy|tám|chín))?)"
)
_PART = re.compile(rf"\b(?P<up>{_D})\sphần\s(?P<down>{_D}|mười)\b(?!\străm)", re.IGNORECASE)
_HALF = re.compile(
    r"\b(?:một nửa|nửa (?:số|tổng)|(?<=giảm )nửa(?! (?:đầu|cuối))|quá nửa|hơn nửa(?= số))\b", re.IGNORECASE
)
_FOLD = WORDS.pattern(
    r"\b(?:gấp|tăng|giảm|nhanh|cao)\s(?:hơn\s|gần\s)?(?P<fold>đôi|rưỡi|ba|bốn|năm|sáu|bảy|tám|chín|mười)\b(?P<times>\slần\b)?"
)
_FOLDS = {"đôi": 2.0, "rưỡi": 1.5} | {word: float(value) for word, value in _DIGIT.items()}
_MAY_HOLD = re.compile(rf"\b(?:{_S}|mười|nửa|phần|gấp|đôi|lần)\b", re.IGNORECASE)


@cache
def _amount() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,])(?P<spelled>{_NUMBER})\s(?:{unit_pattern()})(?!\w)", re.IGNORECASE)


def spelled(line: str) -> Iterator[Mark]:
    """The amounts of a sentence that are written in words."""
    if not _MAY_HOLD.search(line):
        return
    for match in _amount().finditer(line):
        unit = unit_named(match["unit"])
        yield Mark(match.start(), match.end(), clean(_value(match["spelled"])), unit.name, counts=unit.counts)
    for match in _PART.finditer(line):
        up, down = _DIGIT[match["up"].lower()], _DIGIT[match["down"].lower()]
        if up < down:
            yield Mark(match.start(), match.end(), round(100 * up / down, 2), "%")
    for match in _HALF.finditer(line):
        yield Mark(match.start(), match.end(), 50.0, "%")
    for match in _FOLD.finditer(line):
        if match[0].lower().startswith("gấp") or match["times"] or match["fold"].lower() == "đôi":
            yield Mark(match.start("fold"), match.end(), _FOLDS[match["fold"].lower()], "lần")


def _value(words: str) -> float:
    """«hai mươi lăm nghìn» is 25000; «năm trăm rưỡi» is 550."""
    total, part, last = 0.0, 0.0, 1.0
    for word in words.lower().split():
        if word == "nửa":
            part = 0.5
        elif word == "rưỡi":
            total, part = total + part, last / 2
        elif word in _SCALE:
            last = _SCALE[word]
            if last >= 1000:
                total, part = (total + part) * last, 0.0
            else:
                tens = part % 10 or 1
                part = (part - part % 10) + tens * last
        elif word in _DIGIT:
            part += _DIGIT[word]
    return total + part
