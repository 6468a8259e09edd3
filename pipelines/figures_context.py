"""What stands around a number: what it measures, about or exactly, for which period, done or planned."""

import re
from dataclasses import dataclass
from datetime import datetime

from archive.clock import HANOI

_QUALIFIER = re.compile(
    r"(?:^|[\s(«“\"])(gần|khoảng|hơn|trên dưới|trên|dưới|xấp xỉ|ước đạt|ước tính|ước|tối thiểu|ít nhất|tối đa|không quá|ngót|"
    r"không dưới|từ|đến)\s+$",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(r"^\s*(trở lên|trở xuống)")
_PERIOD = re.compile(
    r"(?P<months>(?:\d{1,2}|ba|sáu|chín) tháng (?:đầu|cuối) năm(?: (?:19|20)\d\d)?)|(?P<quarter>quý (?:I{1,3}|IV|[1-4])(?:[/-]| năm )(?:19|20)\d\d)"
    r"|(?P<month>tháng (?:1[0-2]|0?[1-9])(?:[/-]| năm )(?:19|20)\d\d)"
    r"|(?P<span>(?:19|20)\d\d\s?[-–]\s?(?:19|20)\d\d)|(?<!\d[/.-])\b(?P<year>(?:19|20)\d\d)\b(?![./-]\d|[/-][A-ZĐ])|(?P<this>năm nay)",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:so với|hơn|bằng|cùng kỳ)(?: (?:cùng kỳ|cả|với|kế hoạch|của|thực hiện))*(?: năm)? ?$", re.IGNORECASE
)
_FRAME_OF_PLAN = re.compile(
    r"(?:thời kỳ|nhiệm kỳ|kế hoạch|quy hoạch|chương trình|nghị quyết|từ năm|thành lập|khởi công)[^,;]{0,12}$",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"(?:phấn đấu|với mục tiêu|đặt (?:ra )?mục tiêu|đề ra mục tiêu|mục tiêu (?:đến|là|đạt|tăng|đưa|phát triển|năm|giai đoạn|của)|chỉ tiêu (?:đến|là|tăng)"
    r"|dự kiến|sẽ |nhiệm vụ|đề xuất|định hướng|hướng (?:tới|đến)|kế hoạch (?:năm|đến|giai đoạn|là)|được giao|quyết tâm|tầm nhìn|cần đạt|phải đạt|yêu cầu"
    r"|mong muốn|kỳ vọng|đặt kế hoạch|lộ trình|tiến tới)",
    re.IGNORECASE,
)
_UNTIL_YEAR = re.compile(r"(?:đến|vào|tới|trước)(?: hết| cuối)? năm ((?:19|20)\d\d)", re.IGNORECASE)
_DONE = re.compile(r"(?:đã |hoàn thành|hiện (?:nay|có|đạt)|vừa |so với (?:mục tiêu|kế hoạch))", re.IGNORECASE)
_BREAK = re.compile(r"[,;:(–]\s|[()“”«»]| - (?=[a-zà-ỹđ])")
_LEADING = re.compile(
    r"^(?:(?:trong đó|và|với|còn|riêng|cụ thể|theo đó|đồng thời|nhờ đó|qua đó|hiện nay|hiện|tổng cộng|thì|mà|nhưng|tuy nhiên|ngoài ra|bên cạnh đó)\b,?\s*)+",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\s*\b(?:ước (?:tính )?đạt|phấn đấu|tiếp tục duy trì|duy trì|tiếp tục|đạt|tăng(?! trưởng)|giảm(?! nghèo)|chiếm|là|bằng|lên tới|lên đến|lên|còn|xuống"
    r"|đứng|xếp|thu về|trị giá|ở mức|ước|vượt|dự kiến|có|được|thuộc|nằm|với|gồm|khoảng|gần|hơn|trên|rộng|từ|đến|sẽ|đã|thứ hạng|vị trí)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_RISE = re.compile(r"^\s*(?:và )?(tăng(?: trưởng)?|giảm|bằng|vượt)\b", re.IGNORECASE)
_ABOUT = re.compile(r"^[^,;.()]{0,45}?\b(?:về|trong) (?P<what>[^,;.()]+)")
_PERIOD_WORDS = re.compile(
    r"\s*\b(?:trong |của |đến |vào |tính đến |hết )?(?:năm (?:19|20)\d\d|(?:\d{1,2} )?tháng(?: đầu năm)?(?: \d{1,2})?(?:/(?:19|20)\d\d)?|năm nay)\b",
    re.IGNORECASE,
)
_LONGEST = 9  # words of an indicator


@dataclass(slots=True)
class Context:
    """What the sentences before say on: the period of the last figures, whether they were planned, what they measured."""

    now: datetime
    period: str | None = None
    target: bool = False
    indicator: str = ""
    _had: bool = False

    @property
    def year(self) -> int:
        """The year of the text, in Hà Nội."""
        return self.now.astimezone(HANOI).year

    def enter(self, line: str, figures: bool) -> None:
        """A new sentence: what came before holds on only from one sentence with figures to the next."""
        if not self._had:
            self.period, self.target = None, False
        elif not _UNTIL_YEAR.match(line):
            self.target = False
        self.indicator = ""
        self._had = figures


def qualifier(line: str, start: int, end: int) -> str | None:
    """«gần», «hơn», «khoảng», «trở lên» … or None where the number is given as exact."""
    after = _AFTERWARDS.match(line[end:])
    if after:
        return after[1].lower()
    before = _QUALIFIER.search(line[:start])
    return before[1].lower() if before else None


def period(line: str, start: int, end: int, context: Context) -> str | None:
    """The time a figure is for: the last one named before it, else the next one after it, else that of the figures before."""
    named = [found for found in _PERIOD.finditer(line) if _counts(line, found)]
    ahead = [found for found in named if found.end() <= start]
    later = [found for found in named if start <= found.start() and found.start() - end < 45]
    nearest = ahead[-1] if ahead else later[0] if later else None
    if nearest is not None:
        context.period = _period_name(nearest, context)
    return context.period


def _counts(line: str, found: re.Match[str]) -> bool:
    before = line[: found.start()]
    if _COMPARED.search(before):
        return False
    if found["year"]:
        return bool(re.search(r"(?:năm|vào|hết|cuối|đầu)\s(?:học )?$", before, re.IGNORECASE))
    return not (found["span"] and _FRAME_OF_PLAN.search(before))


def _period_name(found: re.Match[str], context: Context) -> str:
    if found["this"]:
        return str(context.year)
    if found["span"]:
        return re.sub(r"\s?[-–]\s?", "-", found[0])
    return found[0]


def is_target(line: str, start: int, end: int, context: Context) -> bool:
    """Whether a figure is planned: «phấn đấu», «đến năm 2030» (a year to come), or said on from the sentence before."""
    before = line[:start]
    cues = list(_TARGET.finditer(before))
    if cues:
        done = [found for found in _DONE.finditer(before) if found.start() > cues[-1].start()]
        if not done:
            context.target = True
            return True
    years = [int(found[1]) for found in _UNTIL_YEAR.finditer(line[: end + 45])]
    if years and max(years) > context.year:
        context.target = True
        return True
    return context.target


def indicator(line: str, start: int, end: int, before: int, rank: bool, context: Context) -> str:
    """A short noun phrase for what a number measures; «» is never given."""
    if rank:
        about = _ABOUT.match(line[end:])
        if about:
            return _short(about["what"])
    clause = line[before:start]
    pieces = [piece for piece in _BREAK.split(clause) if piece.strip()]
    rise = _RISE.match(pieces[-1]) if pieces else None
    if rise and context.indicator and before:
        return context.indicator
    for piece in reversed(pieces):
        name = _noun(piece)
        if name:
            context.indicator = name
            return name
    return context.indicator or _noun_after(line[end:]) or _short(line)


def _noun(piece: str) -> str:
    text = _LEADING.sub("", piece.strip())
    text = _QUALIFIER.sub(" ", text + " ").strip()
    cut = _VERB.sub("", text, count=1) if _VERB.match(text) is None else ""
    return _short(_PERIOD_WORDS.sub("", cut))


def _noun_after(after: str) -> str:
    return _short(re.split(r"[,;.()]| (?:so với|trong|của|cho|và)\b", after.strip())[0])


def _short(text: str) -> str:
    words = text.strip(" -–:,.\"“”'«»").split()
    return " ".join(words[-_LONGEST:])


def quote(line: str, start: int, end: int) -> str:
    """The clause the number stands in."""
    left = max((found.end() for found in re.finditer(r"[,;:(]\s|\(", line[:start])), default=0)
    right = re.search(r"[,;)](?=\s|$)|\.$", line[end:])
    return line[left : end + right.start() if right else len(line)].strip()
