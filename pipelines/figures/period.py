"""Which of the periods a sentence names a figure is for, and what it is compared with."""

import re
from datetime import date

from archive.figures.periods import days
from pipelines.figures.amounts import WORDS, Mark
from pipelines.figures.times import BEHIND, FLOWS, YEAR, Time

_TIMELESS = WORDS.pattern(r"(?<!\w)(?:«timeless»)(?!\w)[^,;.\d]{0,25}$")
_IS_BASE = re.compile(
    r"(?:^|[,;(] ?|trong khi )cùng kỳ(?: năm(?: \d{4}| trước| ngoái)?)? (?!tăng|giảm)[^,;\d]{0,20}$",
    re.IGNORECASE,
)
_LOOKS_BACK = re.compile(
    r"\btừng\b|^năm (?:ngoái|trước),|^cùng kỳ"
    r"|(?:con số|tỷ lệ|chỉ số|mức) này|con số tương ứng|trước đó|^năm \d{4},? (?:là|chỉ (?!số|tiêu)|mới)",
    re.IGNORECASE,
)
_QUOTE = re.compile(
    r"^\W*(?:giá )?cổ phiếu|^Tỷ giá"
    r"|(?:cổ phiếu|thị giá)[^.;]*(?:đóng cửa|phiên|tăng trần|giảm sàn|giao dịch|thị giá)",
    re.IGNORECASE,
)
_SET_AGAINST = re.compile(
    r"(?:vượt(?: xa)?|so với|hơn|bằng|đạt|dưới) (?:mục tiêu|chỉ tiêu|kế hoạch|dự toán)"
    r"(?: (?:là|đề ra|giao|của tỉnh))* $",
    re.IGNORECASE,
)
_BACK_THEN = re.compile(
    r"(?<!\w)(?:trước (?:đây|kia|dịch|bão|lũ)|(?<!trong )khi đó|khi ấy|lúc đó|ngày ấy|hồi đó|ban đầu|lúc đầu"
    r"|thuở|kháng chiến|bao cấp)\b[^;]*$",
    re.IGNORECASE,
)
_FROM_HERE = re.compile(r"(?<!\w)từ (?:mức |chỗ )?$", re.IGNORECASE)
_TO_THERE = re.compile(r"[^,;.]{0,20} (?:lên|xuống|còn)\b")
_ONE_PERSON = re.compile(
    r"(?:^|[,.–-] |[\"“])(?:Ở [^,]{3,30}, )?(?:[Vv]ợ chồng |[Gg]ia đình )?"
    r"(?:[Aa]nh|[Cc]hị|[Ôô]ng|[Bb]à|[Cc]ụ|[Ee]m|[Bb]ác)"
    r" [A-ZĐÂÔƯ]\w*"
)
_OFFICE = re.compile(r"(?i:giám đốc|chủ tịch|bí thư|trưởng|phó|chánh|thống kê|đại diện|ủy viên|sở )")
_PRICE = re.compile(r"(?:đồng|USD)/(?:kg|tạ|lít|lượng|chỉ|chục|mớ|m2|m3|cổ phiếu|USD|giờ|ngày|kWh)")
_AVERAGE = re.compile(r"bình quân|trung bình")
_GOES_ON = re.compile(
    r"[-+•*–]|Trong (?:số )?(?:đó|này)\b|Cụ thể\b|(?:Số|Con số|Tỷ lệ|Kết quả) (?:này|đó|trên)\b"
)
_OF_A_BUDGET = re.compile(r"dự toán|kế hoạch (?:năm|vốn)|cùng kỳ|tiến độ", re.IGNORECASE)
_BARE_YEAR = 4  # characters
_RIGHT_BEFORE = {
    "",
    "năm",
    "đến năm",
    "vào năm",
    "trong năm",
    "cho năm",
    "của năm",
    "vào",
    "trong",
    "giai đoạn",
    "trong giai đoạn",
    "nhiệm kỳ",
    "thời kỳ",
}
_NAMED_YEAR = re.compile(rf"(?P<base>cùng kỳ )?(?:năm |\d[/-])(?P<year>{YEAR})(?![\d/-])")
_IN_BRACKETS = re.compile(r"\s\((?:trong |vào )?(?:năm |tháng )?")
_AHEAD = 45  # characters after a figure within which its period may follow
_BASE = WORDS.pattern(
    r"^\s*(?:so với|so|hơn|của|với)?\s*"
    r"(?P<base>(?<=so với )[^,;.()]{2,60}|(?<=so )[^,;.()]{2,60}|(?:«bases»)[^,;.()]{0,40}|năm (?:19|20)\d\d)"
)
_BASE_END = re.compile(
    r"\s(?:và|đạt|chiếm|đứng|xếp|nhưng|trong khi|do|nhờ|tương đương|ước|là|còn|vượt|bằng|thì)\b.*$"
)


def base(line: str, end: int, unit: str) -> str | None:
    """What a figure that ends at ``end`` is compared with, as written: «cùng kỳ», «năm 2018», «kế hoạch».

    «gấp 1,4 lần năm 2018» is compared with a year; «5% năm 2018» is of it.
    """
    match = _BASE.match(line[end : end + 90])
    if not match or (match["base"].startswith("năm ") and unit != "lần" and "so với" not in match[0]):
        return None
    return _BASE_END.sub("", match["base"]).strip(' ”"»') or None


def nearest(line: str, mark: Mark, named: list[Time], following: int) -> Time | None:
    """The period of a number: named right behind it, else the last before it, else the next in its clause.

    ``following``: where the next number starts.
    """
    before = [time for time in named if time.end <= mark.start]
    behind = [
        time for time in named if mark.end <= time.start <= min(mark.end + _AHEAD, following) and not time.event
    ]
    gap = line[mark.end : behind[0].start] if behind else ","
    if _IN_BRACKETS.fullmatch(gap):
        return behind[0]
    if not re.search(r"[,;(]", gap):
        past_a_break = before and re.search(r"[,;(]", line[before[-1].end : mark.start].lstrip(" ,"))
        if not before or past_a_break or gap.strip() in _RIGHT_BEFORE:
            return behind[0]
    return before[-1] if before else None


def timeless(line: str, start: int) -> bool:
    """Whether the number at ``start`` is a size that no period is told for: «tuyến đường dài 28,9 km»."""
    return bool(_TIMELESS.search(line[max(0, start - BEHIND) : start]))


def beside(time: Time, told: str | None) -> bool:
    """Whether a time named late in a sentence is a year before, or a part, of what the text is about."""
    whole, part = days(told or ""), days(time.form or "")
    if not (whole and part) or time.form == told:
        return False
    if len(time.form or "") == _BARE_YEAR:
        return part[1] < whole[0]
    return "-" in (told or "") and whole[0] <= part[0] and part[1] <= whole[1]


def is_base(line: str, start: int) -> bool:
    """Whether the number at ``start`` is that of a year before: «cùng kỳ năm 2025 là 6,9 tỷ USD»."""
    return bool(_IS_BASE.search(line[max(0, start - BEHIND) : start]))


def looks_back(line: str, time: Time) -> bool:
    """Whether a time is only looked back at: in brackets, «năm 2024 con số này là …»."""
    in_brackets = line.count("(", 0, time.start) > line.count(")", 0, time.start)
    return in_brackets or bool(_LOOKS_BACK.search(line))


def is_quote(line: str) -> bool:
    """Whether a sentence tells the price of a share, which is that of one day of trading."""
    return bool(_QUOTE.search(line))


def beside_reached(line: str, start: int) -> bool:
    """Whether the number at ``start`` is what one reached is set against: «97%, vượt mục tiêu 95%»."""
    return bool(_SET_AGAINST.search(line[max(0, start - BEHIND) : start]))


def is_back_then(line: str, mark: Mark) -> bool:
    """Whether a number is one of a past that is not told: «trước đây», «ban đầu 2 tỷ», «từ 2 tỷ lên 3 tỷ»."""
    before = line[max(0, mark.start - BEHIND) : mark.start]
    rose = _FROM_HERE.search(before) and _TO_THERE.match(line, mark.end)
    return bool(rose or _BACK_THEN.search(before))


def is_price(line: str, unit: str) -> bool:
    """Whether a figure is a price, which is that of its day and of no report; an average is the report's."""
    return bool(_PRICE.fullmatch(unit)) and not _AVERAGE.search(line)


def tells_of_one(line: str) -> bool:
    """Whether a sentence tells of one person, whose pay and prices are of no report: «Chị Hảo, 41 tuổi»."""
    return bool(_ONE_PERSON.search(line)) and not _OFFICE.search(line)


def sums(line: str) -> bool:
    """Whether a sentence tells of what is summed up from the year's start."""
    return bool(FLOWS.search(line))


def goes_on(line: str) -> bool:
    """Whether a paragraph goes on with the one before: «Trong số đó, …»."""
    return bool(_GOES_ON.match(line))


def sums_up(line: str) -> bool:
    """Whether a sentence compares a sum of the year with its budget: «thu ngân sách đạt 92% dự toán»."""
    return bool(FLOWS.search(line) and _OF_A_BUDGET.search(line))


def latest_year(text: str, today: date) -> int | None:
    """The latest year up to this one that a text names; «cùng kỳ năm 2025» is told in 2026."""
    named = [
        int(match["year"]) + bool(match["base"])
        for match in _NAMED_YEAR.finditer(text)
        if int(match["year"]) <= today.year
    ]
    return min(max(named), today.year) if named else None
