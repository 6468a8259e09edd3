"""Whether a figure is reached, estimated, planned, a target, or only said; about or exactly."""

import re
from dataclasses import dataclass
from typing import cast

from archive.model import FigureKind
from pipelines.figures.amounts import WORDS

_CUES = WORDS.pattern(
    r"(?:(?<!\w)|(?=[%,]))(?:(?P<done>«done»)"
    r"|(?P<weak>(?<!\w)giải ngân (?:đạt|được)(?!\w)|, giải ngân(?= (?:gần |hơn |khoảng )?\d))"
    r"|(?<!\w)(?:(?P<said>(?:«said»)(?!\w))|(?P<target>(?:«targets»)(?!\w))"
    r"|(?P<cost>(?:«costs»)(?!\w))|(?P<plan>(?:«plans»)(?!\w))|(?P<estimate>(?:«estimates»)(?!\w))"
    r"|(?P<will>sẽ(?!\w))))"
)
_QUALIFIER = WORDS.pattern(r"(?:^|[\s(«“\"])(«qualifiers»)\s+$")
_AFTERWARDS = re.compile(r"^\s*(trở lên|trở xuống)")
_GOES_ON = re.compile(
    r"^(?:[-+•*–]|Đến (?:hết |cuối )?năm|Trong đó|Giai đoạn|Cụ thể|Đồng thời|Cùng với đó|Ngoài ra)"
)
# A sentence that goes on with a list names things and numbers, without telling what was done.
_TELLS = WORDS.pattern(r"(?<!\w)(?:«tells»)(?!\w)")
_CHANGES = WORDS.pattern(r"(?<!\w)(?:«changes»)(?!\w)")
_HEAD = re.compile(r":[^:]*\d[^:]*;[^:]*\d|:\s*$")
_NORM = re.compile(r"(?<!\w)từ [\d.,]+\s?\S{0,12} trở lên", re.IGNORECASE)
_DENIED = WORDS.pattern(r"(?<!\w)(?:«denied»)(?!\w)")
_MONEY = {"đồng", "USD", "EUR"}
_MONEY_SET_APART = re.compile(
    r"(?:tổng|nguồn|mức|phân bổ|bố trí|kế hoạch)[^,;.]{0,20}(?:vốn|kinh phí|ngân sách)"
    r"|(?<!\w)(?:chi|dành|bố trí|phân bổ) (?:khoảng |gần |hơn )?\d",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"dự toán|(?<!theo )kế hoạch|được giao|(?<!\w)giao (?!dịch|thông|lưu|nhận|đất)|chỉ tiêu|biên chế",
    re.IGNORECASE,
)
_LONG_LIST = 3  # semicolons; a line of so many parts goes on with the list before, whatever verbs it has
_IN_A_LIST = re.compile(r"[;:]\s*$")
_HEADING = re.compile(r":\s*$")


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that says of what kind the figures after it are."""

    start: int
    kind: str


def cues(line: str) -> list[Cue]:
    """The cues of a sentence from left to right."""
    if _DENIED.search(line):
        return [Cue(0, "said")]
    return [Cue(match.start(), str(match.lastgroup)) for match in _CUES.finditer(line)]


def kind_of(found: list[Cue], start: int, carried: FigureKind) -> FigureKind:
    """The kind of the number at ``start``: that of the last cue before it; «sẽ» alone makes a plan."""
    kind: str = carried
    for cue in found:
        if cue.start >= start and cue.start:
            break
        if cue.kind == "cost":
            kind = "plan" if kind == "actual" and not is_done(found, 0, cue.start) else kind
        elif cue.kind == "weak":
            kind = kind if kind == "target" else "actual"
        elif cue.kind == "will":
            kind = "plan" if kind in {"actual", "estimate"} else kind
        else:
            kind = "actual" if cue.kind == "done" else cue.kind
    return cast("FigureKind", kind)


def is_done(found: list[Cue], start: int, end: int) -> bool:
    """Whether the last cue between two places says that something is reached."""
    between = [cue for cue in found if start <= cue.start < end]
    return bool(between) and between[-1].kind == "done"


def is_apart(line: str, found: list[Cue], start: int) -> bool:
    """Whether the cues stand in parts of the sentence before ``start``: «dự kiến 300; năm ngoái 250»."""
    return bool(found) and line.rfind(";", 0, start) > max(cue.start for cue in found)


def goes_on(line: str, last: str, *, fragment: bool, listed: bool) -> bool:
    """Whether a sentence goes on with the targets or plans of the ``last``: a list or a fragment.

    ``listed``: they stand in a list under a head, after which «Tỷ lệ hộ nghèo giảm 0,8%» is one more.
    """
    if _GOES_ON.match(line) or _IN_A_LIST.search(last):
        return True
    listed = listed or line.count(";") >= _LONG_LIST
    return fragment and (
        bool(_NORM.search(line)) or not (_TELLS.search(line) or (_CHANGES.search(line) and not listed))
    )


def heads_a_list(line: str) -> bool:
    """Whether a sentence has a head and its list: «Mục tiêu: xuất khẩu 34 tỷ USD; GRDP tăng 10%»."""
    return bool(_HEAD.search(line))


def ahead(line: str, unit: str) -> FigureKind:
    """The kind of a figure of years to come that no word tells: money set apart is planned, else a target."""
    return "plan" if unit in _MONEY and _MONEY_SET_APART.search(line) else "target"


def is_assigned(line: str) -> bool:
    """Whether a sentence tells of what is assigned or budgeted for a year: «được giao», «dự toán»."""
    return bool(_ASSIGNED.search(line))


def is_heading(line: str) -> bool:
    """Whether a line announces those after it: «Mục tiêu đến năm 2030:»."""
    return bool(_HEADING.search(line))


def qualifier(line: str, start: int, end: int) -> str | None:
    """«gần», «hơn», «khoảng», «trở lên» … or None where the number is given as exact."""
    after = _AFTERWARDS.match(line[end:])
    if after:
        return after[1].lower()
    before = _QUALIFIER.search(line[:start])
    return before[1].lower() if before else None
