"""The period a figure is for, in normal form, and what it is compared with."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipelines.figures.amounts import WORDS, Mark

_YEAR = r"(?:19|20)\d\d"
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_WORD_NUMBERS = {"ba": 3, "bốn": 4, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10, "hai": 2, "đầu": 1}
_TIME = re.compile(
    rf"""
    \b(?=[\dbsctmnqđhBSCTMNQĐH])(?:
    (?P<day>(?<![\d/.,])(?P<d>[0-3]?\d)[/.-](?P<dm>[01]?\d)[/.-](?P<dy>{_YEAR})(?![\d/])
        |ngày\ (?P<d2>[0-3]?\d)\ tháng\ (?P<dm2>[01]?\d)(?:\ năm\ (?P<dy2>{_YEAR}))?
        |(?:(?<=ngày\ )|(?<=đến\ )|(?<=trước\ )|(?<=sáng\ )|(?<=chiều\ )|(?<=tối\ ))
            (?P<d3>[0-3]?\d)/(?P<dm3>[01]?\d)
            (?![\d/]|\ (?:xã|phường|tỉnh|đơn\ vị|thôn|dự\ án|doanh)))
    |(?P<months>(?P<mn>\d{{1,2}}|ba|sáu|bảy|tám|chín|mười)\ tháng
        (?:\ (?P<mpart>đầu|cuối)(?:\ của)?(?:\ năm(?:\ (?P<my1>{_YEAR}|nay))?)?|(?:\ năm\ |/|-)(?P<my2>{_YEAR})
        |(?:\ đã)?\ qua(?:\ của\ năm)?|\ năm\ nay))
    |(?P<bare_months>(?<!sau\ )(?<!vòng\ )(?<!hạn\ )(?<!dài\ )(?<!mỗi\ )(?<!hơn\ )(?<!gian\ )(?<!cách\ )
        \b(?P<bm>\d{{1,2}})\ tháng(?=,|[.;]?$|\ (?:đạt|ước|tăng|giảm|của|tỉnh|toàn|thu|chiếm|có)\b))
    |(?P<half>nửa\ (?P<hpart>đầu|cuối)\ năm(?:\ (?P<hy>{_YEAR}))?)
    |(?P<quarter>quý\ (?P<q>I{{1,3}}|IV|[1-4])\b(?:(?:\s?[/-]\s?|[,\ ]+năm\ |\s)(?P<qy>{_YEAR})|\ năm\ nay)?)
    |(?P<month>tháng\ (?P<m>1[0-2]|0?[1-9])(?:\s?[/.-]\s?|[,\ ]+năm\ )(?P<my>{_YEAR})
        |tháng\ (?P<m2>1[0-2]|0?[1-9])\b(?!\s?[/.-]?\d)(?:\ năm\ nay)?)
    |(?P<since>từ\ (?:năm\ )?(?P<sy>{_YEAR})\ (?:đến|tới)\ nay)
    |(?P<span>(?P<sa>{_YEAR})\s?[-–]\s?(?P<sb>{_YEAR})
        |từ\ (?:năm\ )?(?P<sa2>{_YEAR})\ (?:đến|tới)\ (?:năm\ )?(?P<sb2>{_YEAR}))
    |(?<!\d[/.-])\b(?P<year>{_YEAR})\b(?![./-]\d|[/-][A-ZĐ])
    |(?P<now_year>năm\ nay)|(?P<this>(?:cả|hết|cuối)\ năm(?!\ (?:\d|ngoái|trước|nay|qua|sau|tới))
        |trong\ năm(?!\ \d|\ qua|\ tới)|(?:từ\ )?đầu\ năm\ (?:đến|tới)\ nay)
    |(?P<last>năm\ ngoái|(?<!một\ )(?<!\d\ )năm\ (?:qua|trước))
    |(?P<next>(?<!một\ )(?<!\d\ )năm\ (?:tới|sau)|sang\ năm)
    |(?P<this_month>tháng\ này|trong\ tháng(?!\ \d))
    |(?P<now>(?:đến|tới)\ (?:nay|thời\ điểm\ (?:này|hiện\ tại|hiện\ nay))|hiện\ (?:nay|tại)
        |(?<!đến\ )(?<!tới\ )(?<!hiện\ )(?<!năm\ )(?<!hôm\ )nay(?=\ (?:là|có|đã|tỉnh|toàn|tổ)\b)
        |(?<!thực\ )(?<!thể\ )\bhiện(?=\ (?:có|đã|toàn|đang|cả|còn|trên|tỉnh|địa|Thái)\b|,)))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_COMPARED = re.compile(
    r"(?:so với|so|hơn|bằng|lần|đôi|rưỡi|cùng kỳ|cùng kì|của)(?: (?:cùng kỳ|cùng kì|cả|với|kế hoạch|dự toán|của"
    r"|thực hiện|cuối|đầu|mức|mục tiêu|tháng|quý))*(?: năm)? ?$",
    re.IGNORECASE,
)
_OF_THE_YEAR = re.compile(r"\bcủa(?: năm)? ?$", re.IGNORECASE)
_YEAR_WORD = re.compile(r"(?:năm|vào|hết|cuối|đầu|niên độ|vụ)\s(?:học )?$", re.IGNORECASE)
_EVENT_YEAR = WORDS.pattern(
    r"(?<!\w)từ (?:(?:đầu|cuối|năm) )*$|(?<!\w)(?:«other_years»)(?: [\w.]+){0,3} (?:năm|vào năm|vào) $"
)
_PLAN_YEARS = WORDS.pattern(r"(?:«named_after_years»)[^,;]{0,12}$")
_AS_OF = re.compile(r"(?:đến|tới|tính|hết|ngày|trong|trước|sau|từ|sáng|chiều|tối)\s(?:ngày )?$", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"(?:ban hành|ký|số|nghị quyết|quyết định|kế hoạch|chỉ thị|công văn|nghị định|luật)\b[^,;]{0,40}$",
    re.IGNORECASE,
)
_BEHIND = 60  # characters before a time that say what it is the time of
_AHEAD = 45  # characters after a figure within which its period may follow
_BASE = WORDS.pattern(
    r"^\s*(?:so với|so|hơn|của|với)?\s*"
    r"(?P<base>(?<=so với )[^,;.()]{2,60}|(?<=so )[^,;.()]{2,60}|(?:«bases»)[^,;.()]{0,40}|năm (?:19|20)\d\d)"
)
_BASE_END = re.compile(
    r"\s(?:và|đạt|chiếm|đứng|xếp|nhưng|trong khi|do|nhờ|tương đương|ước|là|còn|vượt|bằng|thì)\b.*$"
)


@dataclass(frozen=True, slots=True)
class Time:
    """A period named at ``start:end``; ``form`` is the normal form, ``opens`` a sentence's own beginning."""

    start: int
    end: int
    form: str


def base(line: str, end: int, unit: str) -> str | None:
    """What a figure that ends at ``end`` is compared with, as written: «cùng kỳ», «năm 2018», «kế hoạch».

    «gấp 1,4 lần năm 2018» is compared with a year; «5% năm 2018» is of it.
    """
    match = _BASE.match(line[end : end + 90])
    if not match or (match["base"].startswith("năm ") and unit != "lần" and "so với" not in match[0]):
        return None
    return _BASE_END.sub("", match["base"]).strip(' ”"»') or None


def times(line: str, today: date, year: int) -> list[Time]:
    """The periods a sentence names, but for those it compares with; ``year`` is the one meant by «9 tháng»."""
    found = []
    for match in _TIME.finditer(line):
        if _counts(line, match) and (form := _form(match, today, year)):
            found.append(Time(match.start(), match.end(), form))
            year = int(form[:4])
    return found


def nearest(line: str, mark: Mark, named: list[Time], following: int) -> str | None:
    """The period of a number: named right behind it, else the last before it, else the next in its clause.

    ``following``: where the next number starts.
    """
    before = [time for time in named if time.end <= mark.start]
    behind = [time for time in named if mark.end <= time.start <= min(mark.end + _AHEAD, following)]
    gap = line[mark.end : behind[0].start] if behind else ","
    if not re.search(r"[,;(]", gap):
        past_a_break = before and re.search(r"[,;(]", line[before[-1].end : mark.start].lstrip(" ,"))
        if not before or past_a_break or gap.strip() in {"", "năm", "vào", "trong"}:
            return behind[0].form
    return before[-1].form if before else None


def _counts(line: str, match: re.Match[str]) -> bool:
    before = line[max(0, match.start() - _BEHIND) : match.start()]
    if _COMPARED.search(before) and not _OF_THE_YEAR.search(before):
        return False
    if match["year"]:
        return bool(_YEAR_WORD.search(before)) and not _EVENT_YEAR.search(before)
    if match["last"] or match["next"]:
        return not re.search(r"(?:cùng kỳ|cùng kì|so với)[^,;]{0,20}$", before, re.IGNORECASE)
    if match["day"]:
        return bool(match["d2"] or _AS_OF.search(before)) and not _DOCUMENT.search(before)
    return not (match["span"] and _PLAN_YEARS.search(before))


def _form(match: re.Match[str], today: date, year: int) -> str | None:
    kind = match.lastgroup if match.lastgroup in _FORMS else next(name for name in _FORMS if match[name])
    return _FORMS[kind](match, today, year)


def _day(match: re.Match[str], today: date, year: int) -> str | None:
    day, month = match["d"] or match["d2"] or match["d3"], match["dm"] or match["dm2"] or match["dm3"]
    try:
        return date(int(match["dy"] or match["dy2"] or year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _months(match: re.Match[str], today: date, year: int) -> str | None:
    raw = (match["mn"] or "").lower()
    number = int(raw) if raw.isdigit() else _WORD_NUMBERS.get(raw, 0)
    named = match["my1"] or match["my2"]
    year = int(named) if named and named.isdigit() else year
    if (match["mpart"] or "").lower() == "cuối":
        return _span(year, 13 - number, 12) if 1 <= number <= 11 else None
    return _span(year, 1, number) if 2 <= number <= 12 else None


def _bare_months(match: re.Match[str], today: date, year: int) -> str | None:
    number = int(match["bm"])
    return _span(year, 1, number) if 2 <= number <= 11 else None


def _half(match: re.Match[str], today: date, year: int) -> str:
    year = int(match["hy"] or year)
    return _span(year, 1, 6) if match["hpart"].lower() == "đầu" else _span(year, 7, 12)


def _span(year: int, first: int, last: int) -> str:
    return f"{year}-{first:02}..{year}-{last:02}" if first < last else f"{year}-{first:02}"


def _quarter(match: re.Match[str], today: date, year: int) -> str:
    number = _ROMAN.get(match["q"].lower()) or int(match["q"])
    return f"{match['qy'] or year}-Q{number}"


def _month(match: re.Match[str], today: date, year: int) -> str:
    return f"{match['my'] or year}-{int(match['m'] or match['m2']):02}"


def _years(match: re.Match[str], today: date, year: int) -> str | None:
    first, last = match["sa"] or match["sa2"], match["sb"] or match["sb2"]
    return f"{first}..{last}" if first < last else None


_FORMS: dict[str, Callable[[re.Match[str], date, int], str | None]] = {
    "day": _day,
    "months": _months,
    "bare_months": _bare_months,
    "half": _half,
    "quarter": _quarter,
    "month": _month,
    "span": _years,
    "since": lambda match, today, year: f"{match['sy']}..{today.isoformat()}",
    "year": lambda match, today, year: match["year"],
    "now_year": lambda match, today, year: str(today.year),
    "this": lambda match, today, year: str(year),
    "last": lambda match, today, year: str(today.year - 1),
    "next": lambda match, today, year: str(today.year + 1),
    "this_month": lambda match, today, year: f"{today.year}-{today.month:02}",
    "now": lambda match, today, year: today.isoformat(),
}
