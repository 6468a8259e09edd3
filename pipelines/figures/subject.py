"""Whose a figure is: the province, another one, a place in it, a company, a country; and where."""

import re
from dataclasses import dataclass
from functools import cache

from archive.model import SubjectKind
from archive.places.gazetteer import Gazetteer
from pipelines.figures.amounts import WORDS

_UP = r"[A-ZĐÁÀẢÃẠĂẮẰẲẴẶÂẤẦẨẪẬÉÈẺẼẸÊẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌÔỐỒỔỖỘƠỚỜỞỠỢÚÙỦŨỤƯỨỪỬỮỰÝỲỶỸỴ]\w*"
_NAME = rf"{_UP}(?:\s(?:-\s)?{_UP}){{0,4}}"
_NO_PART = r"(?!(?:đạt|có|là|cho|đã|sẽ|với|của|tại|ở|ghi|dự|vừa|muốn|tuyển|về|trong|đang|từ|vào|đầu tư)\s)"
_FIRM = rf"{_NAME}(?:(?:\s{_NO_PART}[^\W\d_A-Z]+){{1,2}}\s{_NAME}){{0,3}}"
_SUBJECT = WORDS.pattern(
    rf"(?P<country>(?<!\w)(?<!\d )(?<!đầu )(?<!nhất )(?<!quân )(?<!với )(?:«home_country»)(?!\w))"
    rf"|(?P<abroad>(?<!\w)(?:«abroad»)(?!\w))"
    rf"|(?P<company>(?<!\w)(?:«companies»)\s(?:[^\W\dA-Z]+\s){{0,4}}?{_FIRM}|(?<!\w)(?:«firms»)(?!\w))"
    rf"|(?P<other>(?<!\w)(?:«others»)(?!\w)(?:\s{_NAME})?)"
    rf"|(?P<unit>(?<!\w)(?:«units_of_place»)\s(?P<where>{_NAME}))"
    rf"|(?P<own>(?<!\w)(?:«own»)(?!\w))",
    flags=0,
)


@dataclass(frozen=True, slots=True)
class FigureSubject:
    """Whose a figure is, named at ``start`` of its sentence; ``place`` is where."""

    start: int
    kind: SubjectKind
    name: str
    place: str = ""


# «Công ty Gang thép Thái Nguyên», «Vietcombank chi nhánh Thái Nguyên» are no province.
_OF_ITS_NAME = re.compile(r"\s(?:(?!tại\b|ở\b|của\b|và\b|với\b|đạt\b|cho\b|vào\b|có\b|trên\b)[^\W\d]+\s){0,2}")
NOBODY = FigureSubject(0, "", "")
_HOME = "Thái Nguyên"


@cache
def _provinces(names: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted({*names}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


def subjects(line: str, places: Gazetteer | None) -> list[FigureSubject]:
    """Those a sentence names, from left to right."""
    found = [_subject(match) for match in _SUBJECT.finditer(line)]
    taken = [match.span() for match in _SUBJECT.finditer(line) if not match["own"]]
    for match in _provinces((_HOME, *(places.elsewhere if places else ()))).finditer(line):
        if not any(
            start <= match.start() < end or _OF_ITS_NAME.fullmatch(line, end, match.start())
            for start, end in taken
        ):
            found += [FigureSubject(match.start(), "province", match[0], match[0])]
    return sorted(found, key=lambda one: one.start)


def _subject(match: re.Match[str]) -> FigureSubject:
    at = match.start()
    if match["country"]:
        return FigureSubject(at, "country", "Việt Nam", "Việt Nam")
    if match["abroad"]:
        return FigureSubject(at, "country", match[0], match[0])
    if match["company"]:
        return FigureSubject(at, "company", match[0])
    if match["unit"]:
        return FigureSubject(at, "unit", match[0], match["where"])
    if match["own"]:
        return FigureSubject(at, "province", "", "")
    return FigureSubject(at, "other", match[0])


def nearest(
    found: list[FigureSubject], start: int, carried: FigureSubject, home: FigureSubject
) -> FigureSubject:
    """The subject of the number at ``start``: the last named before it, else the one before the sentence."""
    before = [one for one in found if one.start < start]
    chosen = before[-1] if before else carried
    if chosen.kind == "province" and not chosen.name:
        return home
    return chosen
