"""Normal forms of the times a text names, told from its own day: «9 tháng», «quý III», «tháng trước»."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from archive.figures.periods import days, past

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_WORDS = ["hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"]
_WORD_NUMBERS = {word: at for at, word in enumerate(_WORDS, 2)} | {"tư": 4, "mười một": 11, "mười hai": 12}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_RECENT = 75  # days for which a period that has passed is still the present of an article
_SCHOOL_BEGINS = 8  # the month
_LATE_IN_THE_MONTH = 24  # the day from which on «tháng qua» is the month itself
_YEAR_END = 10  # a month from here that a text of January to March names is one of the year before


@dataclass(frozen=True, slots=True)
class TimeFrame:
    """From where a sentence is read: ``today`` of a dated text, ``year`` of «9 tháng», ``now`` of «hiện».

    ``to_date`` is the part of the year, from January on, that the text reports on: «từ đầu năm».
    """

    today: date | None
    year: int | None
    now: str | None
    title: bool = False
    to_date: str | None = None


def normal_form(match: re.Match[str], day: TimeFrame) -> str | None:
    """The normal form of a time that ``times.py`` found; None where its year is not known."""
    kind = match.lastgroup if match.lastgroup in _FORMS else next(name for name in _FORMS if match[name])
    return _FORMS[kind](match, day)


def _day(match: re.Match[str], day: TimeFrame) -> str | None:
    number, month = match["d"] or match["d2"] or match["d3"], match["dm"] or match["dm2"] or match["dm3"]
    year = match["dy"] or match["dy2"] or _past_year(day, int(month))
    try:
        return date(int(year), int(month), int(number)).isoformat() if year else None
    except ValueError:
        return None


def _days(match: re.Match[str], day: TimeFrame) -> str | None:
    """«Từ 1/7/2025 đến 30/6/2026»: whole months as such."""
    last_year = match["ey2"] or match["ey1"] or _past_year(day, int(match["em2"]))
    try:
        last = date(int(last_year), int(match["em2"]), int(match["e2"])) if last_year else None
        month, number = match["em1"] or match["em2"], match["e1"] or match["e0"]
        first = date(int(match["ey1"] or last.year), int(month), int(number)) if last else None
    except ValueError:
        return None
    if first is None or last is None or first >= last:
        return None
    if first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        one = (first.year, first.month) == (last.year, last.month)
        return f"{last:%Y-%m}" if one else f"{first:%Y-%m}..{last:%Y-%m}"
    return f"{first}..{last}"


def _past_year(day: TimeFrame, month: int) -> int | None:
    """The year of a month named without one: the one before, where the text's own begins."""
    if day.today and day.year == day.today.year and month >= _YEAR_END and day.today.month <= month - 7:
        return day.year - 1
    return day.year


def _months(match: re.Match[str], day: TimeFrame) -> str | None:
    number = _number(match["mn"] or match["mn2"])
    named = match["my1"] or match["my2"] or match["my3"]
    ahead = (match["mpart"] or "").lower() == "cuối"
    year = int(named) if named and named.isdigit() else day.year if ahead else of_months(day, number)
    if ahead:
        return span(year, 13 - number, 12) if 1 <= number <= 11 else None
    return span(year, 1, number) if 2 <= number <= 12 else None


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _WORD_NUMBERS.get(words.lower(), 0)


def of_months(day: TimeFrame, number: int) -> int | None:
    """The year of «11 tháng»: in a text of January the one before."""
    if day.today and day.year == day.today.year and number > day.today.month:
        return day.year - 1
    return day.year


def _bare_months(match: re.Match[str], day: TimeFrame) -> str | None:
    number = _number(match["bm"])
    return span(of_months(day, number), 1, number) if 2 <= number <= 11 else None


def _school_year(match: re.Match[str], day: TimeFrame) -> str | None:
    """«Năm học này», from August the one that begins."""
    if day.today is None:
        return None
    first = day.today.year - (day.today.month < _SCHOOL_BEGINS)
    first -= match["sw"].lower() in {"trước", "vừa qua"}
    return f"{first}..{first + 1}"


def _half(match: re.Match[str], day: TimeFrame) -> str | None:
    named = match["hy"] or match["hy2"]
    year = int(named) if named else day.year
    first = (match["hpart"] or match["hpart2"] or "đầu").lower() == "đầu"
    return span(year, 1, 6) if first else span(year, 7, 12)


def _quarters(match: re.Match[str], day: TimeFrame) -> str | None:
    """«Ba quý đầu năm» are nine months, «quý đầu năm» is the first."""
    year = match["qsy"] or match["qsy2"] or day.year
    if not year:
        return None
    if match["q1"]:
        return f"{year}-Q{1 if match['q1'].lower() == 'đầu' else 4}"
    return span(int(year), 1, 3 * _number(match["qs"]))


def span(year: int | None, first: int, last: int) -> str | None:
    """The months ``first`` to ``last`` of a year: 2026-01..2026-09."""
    if year is None:
        return None
    return f"{year}-{first:02}..{year}-{last:02}" if first < last else f"{year}-{first:02}"


def _quarter(match: re.Match[str], day: TimeFrame) -> str | None:
    written = match["q"] or match["q2"]
    number = _ROMAN.get(written.lower()) or int(written)
    year = match["qy"] or match["qy2"] or _past_year(day, 3 * number)
    return f"{year}-Q{number}" if year else None


def _month(match: re.Match[str], day: TimeFrame) -> str | None:
    month = int(match["m"] or match["m2"])
    if match["mrel"] and match["mrel"].lower() != "nay":
        year: str | int | None = day.today.year - 1 if day.today else None
    else:
        year = match["my"] or _past_year(day, month)
    return f"{year}-{month:02}" if year else None


def _written_month(match: re.Match[str], day: TimeFrame) -> str | None:
    month = _number(match["mw"])
    year = _past_year(day, month)
    return f"{year}-{month:02}" if year else None


def _last_part(match: re.Match[str], day: TimeFrame) -> str | None:
    """«tháng trước», «quý trước», «quý này», where the text's day is known."""
    if day.today is None:
        return None
    step = {"này": 0, "tới": -1, "sau": -1}.get(match["which"].lower(), 1)
    if match["which"].lower() == "qua" and day.today.day > _LATE_IN_THE_MONTH:
        step = 0
    if match["last_part"].lower().startswith("quý"):
        year, quarter = divmod(day.today.year * 4 + (day.today.month - 1) // 3 - step, 4)
        return f"{year}-Q{quarter + 1}"
    year, month = divmod(day.today.year * 12 + day.today.month - 1 - step, 12)
    return f"{year}-{month + 1:02}"


def _years(match: re.Match[str], day: TimeFrame) -> str | None:
    first, last = match["sa"] or match["sa2"], match["sb"] or match["sb2"]
    return f"{first}..{last}" if first < last else None


def _year(match: re.Match[str], day: TimeFrame, *, by: int) -> str | None:
    return str(day.today.year + by) if day.today else None


def _since(match: re.Match[str], day: TimeFrame) -> str | None:
    """«Từ 2021 đến nay», «từ tháng 8 đến nay», «từ 15/8 đến nay», where the text's day is known."""
    if day.today is None:
        return None
    if match["sy"]:
        return f"{match['sy']}..{day.today.isoformat()}"
    month = int(match["sm"] or match["sdm"])
    year = int(match["smy"] or match["sdy"] or day.today.year - (month > day.today.month))
    form = f"{year}-{month:02}..{day.today:%Y-%m}"
    if match["sd"]:
        form = f"{year}-{month:02}-{int(match['sd']):02}..{day.today.isoformat()}"
    return form if days(form) else None


def _this_day(match: re.Match[str], day: TimeFrame) -> str | None:
    """«Hôm nay», «sáng nay», «hôm qua», where the text's day is known."""
    if day.today is None:
        return None
    return (day.today - timedelta(days=match["this_day"].lower() == "hôm qua")).isoformat()


def _own_year(match: re.Match[str], day: TimeFrame) -> str | None:
    return str(day.year) if day.year else None


def _so_far(day: TimeFrame) -> str | None:
    """January to the month of publication, where that is known."""
    return span(day.year, 1, day.today.month) if day.today and day.today.year == day.year else None


def is_so_far(day: TimeFrame, months: str) -> bool:
    """Whether «sau 9 tháng» are those of the year up to now, and not how long something took."""
    return day.today is not None and months.isdigit() and day.today.month - int(months) in {0, 1}


def is_sum_to_a_day(form: str | None) -> bool:
    """Whether a period runs from New Year to a day: 2026-01-01..2026-11-20."""
    return "-01-01.." in (form or "")


def is_day(form: str | None) -> bool:
    """Whether a period is a single day."""
    return bool(form) and _DAY.fullmatch(form or "") is not None


def is_reported_on(form: str | None, today: date) -> bool:
    """Whether a period is one that is told of at length: a year or several months gone by."""
    return form is not None and (".." in form or "-" not in form) and past(form, today)


def to_date(told: str | None, year: int | None) -> str | None:
    """The months of a year up to the end of a part of it: «từ đầu năm» in a text about November."""
    span_told = days(told or "")
    if not told or "-" not in told or is_day(told) or not span_told or span_told[1].year != year:
        return None
    return told if is_sum_to_a_day(told) else span(year, 1, span_told[1].month)


def ends_a_month(form: str) -> bool:
    """Whether a day is the last of its month, to which accounts and statistics are drawn up."""
    year, month, day = (int(part) for part in form.split("-"))
    return day == monthrange(year, month)[1]


def last_month(form: str) -> str:
    """The month in which a period ends, of a month or a day itself: where «đến nay» of a report stands."""
    span = days(form)
    return f"{span[1]:%Y-%m}" if span and not is_day(form) else form


def year_before(form: str | None) -> str | None:
    """The same part of the year before; None where that is not known or a span of years."""
    if not form or re.fullmatch(r"\d{4}\.\.\d{4}", form):
        return None
    return re.sub(r"\b\d{4}\b", lambda match: str(int(match[0]) - 1), form)


def recent(form: str | None, today: date | None) -> bool:
    """Whether a period is the present of a text: it passed not long before its day, where that is known."""
    if not form or today is None:
        return bool(form) and "-" in (form or "")
    span = days(form)
    return span is not None and 0 <= (today - span[1]).days <= _RECENT


_FORMS: dict[str, Callable[[re.Match[str], TimeFrame], str | None]] = {
    "days": _days,
    "day": _day,
    "months": _months,
    "bare_months": _bare_months,
    "school_year": _school_year,
    "half": _half,
    "quarters": _quarters,
    "quarter": _quarter,
    "last_part": _last_part,
    "written_month": _written_month,
    "month": _month,
    "span": _years,
    "since": _since,
    "year": lambda match, day: match["year"],
    "now_year": lambda match, day: str(day.today.year) if day.today else _own_year(match, day),
    "ago": lambda match, day: None,
    "some_years": lambda match, day: None,
    "since_new_year": lambda match, day: day.to_date or _so_far(day),
    "this": _own_year,
    "last": partial(_year, by=-1),
    "next": partial(_year, by=1),
    "this_day": _this_day,
    "this_month": lambda match, day: f"{day.today.year}-{day.today.month:02}" if day.today else None,
}
