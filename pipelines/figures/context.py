"""What stands around a number: about or exactly, for which period, done or planned."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.clock import HANOI
from archive.config import WordLists

WORDS = WordLists(Path(__file__).with_name("figures.yml"))
_QUALIFIER = WORDS.pattern(r"(?:^|[\s(«“\"])(«qualifiers»)\s+$")
_AFTERWARDS = re.compile(r"^\s*(trở lên|trở xuống)")

_YEAR = r"(?:19|20)\d\d"
_PERIOD = re.compile(
    rf"(?P<months>(?:\d{{1,2}}|ba|sáu|chín) tháng (?:đầu|cuối) năm(?: {_YEAR})?)"
    rf"|(?P<quarter>quý (?:I{{1,3}}|IV|[1-4])(?:[/-]| năm ){_YEAR})"
    rf"|(?P<month>tháng (?:1[0-2]|0?[1-9])(?:[/-]| năm ){_YEAR})"
    rf"|(?P<span>{_YEAR}\s?[-–]\s?{_YEAR})"
    rf"|(?<!\d[/.-])\b(?P<year>{_YEAR})\b(?![./-]\d|[/-][A-ZĐ])"
    r"|(?P<this>năm nay)",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:so với|hơn|bằng|cùng kỳ)(?: (?:cùng kỳ|cả|với|kế hoạch|của|thực hiện))*(?: năm)? ?$", re.IGNORECASE
)
_YEAR_WORD = re.compile(r"(?:năm|vào|hết|cuối|đầu)\s(?:học )?$", re.IGNORECASE)
_NAMED_AFTER_YEARS = WORDS.pattern(r"(?:«named_after_years»)[^,;]{0,12}$")
_AHEAD = 45  # characters after a figure within which its period may follow
_BEHIND = 60  # characters before a year that say what it is the year of

_TARGET = WORDS.pattern("«targets»")
_UNTIL_YEAR = re.compile(rf"(?:đến|vào|tới|trước)(?: hết| cuối)? năm ({_YEAR})", re.IGNORECASE)
_DONE = re.compile(r"đã |hoàn thành|hiện (?:nay|có|đạt)|vừa |so với (?:mục tiêu|kế hoạch)", re.IGNORECASE)
_QUOTE_START = re.compile(r"[;:(]\s?|,\s(?!thành phố)|\d\)\s")
_QUOTE_END = re.compile(r"[;)]|,(?=\s(?!thành phố))|[.!?]+[”\"»]?$")


@dataclass(slots=True)
class Surroundings:
    """What the sentences before say on: the period of the last figures, whether planned, what they measured."""

    now: datetime
    period: str | None = None
    target: bool = False
    indicator: str = ""
    had_figures: bool = False

    @property
    def year(self) -> int:
        """The year of the text, in Hà Nội."""
        return self.now.astimezone(HANOI).year

    def enter(self, line: str, *, figures: bool) -> None:
        """A new sentence: what came before holds on only from one sentence with figures to the next."""
        if not self.had_figures:
            self.period, self.target, self.indicator = None, False, ""
        elif not _UNTIL_YEAR.match(line):
            self.target = False
        self.had_figures = figures


def qualifier(line: str, start: int, end: int) -> str | None:
    """«gần», «hơn», «khoảng», «trở lên» … or None where the number is given as exact."""
    after = _AFTERWARDS.match(line[end:])
    if after:
        return after[1].lower()
    before = _QUALIFIER.search(line[:start])
    return before[1].lower() if before else None


def period(line: str, start: int, end: int, context: Surroundings) -> str | None:
    """The time a figure is for: the last named before it, else the next after it, else the last figure's."""
    named = [match for match in _PERIOD.finditer(line) if _counts(line, match)]
    ahead = [match for match in named if match.end() <= start]
    later = [match for match in named if start <= match.start() < end + _AHEAD]
    nearest = ahead[-1] if ahead else later[0] if later else None
    if nearest is not None:
        context.period = _period_name(nearest, context)
    return context.period


def _counts(line: str, match: re.Match[str]) -> bool:
    before = line[max(0, match.start() - _BEHIND) : match.start()]
    if _COMPARED.search(before):
        return False
    if match["year"]:
        return bool(_YEAR_WORD.search(before))
    return not (match["span"] and _NAMED_AFTER_YEARS.search(before))


def _period_name(match: re.Match[str], context: Surroundings) -> str:
    if match["this"]:
        return str(context.year)
    if match["span"]:
        return re.sub(r"\s?[-–]\s?", "-", match[0])
    if match["months"] and not re.search(_YEAR, match[0]):
        return f"{match[0]} {context.year}"
    return match[0]


def is_target(line: str, start: int, end: int, context: Surroundings) -> bool:
    """Whether a figure is planned: «phấn đấu», «đến năm 2030» (a year to come), or as the figure before it."""
    before = line[:start]
    cues = [match.start() for match in _TARGET.finditer(before)]
    if cues and not any(match.start() > cues[-1] for match in _DONE.finditer(before)):
        context.target = True
    years = [int(match[1]) for match in _UNTIL_YEAR.finditer(line[: end + _AHEAD])]
    if years and max(years) > context.year:
        context.target = True
    return context.target


def quote(line: str, start: int, end: int) -> str:
    """The clause the number stands in."""
    left = max((match.end() for match in _QUOTE_START.finditer(line, 0, start)), default=0)
    right = _QUOTE_END.search(line, end)
    return line[left : right.start() if right else len(line)].strip(' “”"«»')
