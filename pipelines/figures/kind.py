"""Whether a figure is reached, estimated, planned, a target, or only said; about or exactly."""

import re
from dataclasses import dataclass
from typing import cast

from archive.model import FigureKind
from pipelines.figures.amounts import WORDS

_CUES = WORDS.pattern(
    r"(?P<done>«done»)|(?P<said>(?<!\w)(?:«said»)(?!\w))|(?P<target>(?<!\w)(?:«targets»)(?!\w))"
    r"|(?P<plan>(?<!\w)(?:«plans»)(?!\w))|(?P<estimate>(?<!\w)(?:«estimates»)(?!\w))|(?P<will>(?<!\w)sẽ(?!\w))"
)
_QUALIFIER = WORDS.pattern(r"(?:^|[\s(«“\"])(«qualifiers»)\s+$")
_AFTERWARDS = re.compile(r"^\s*(trở lên|trở xuống)")
_GOES_ON = re.compile(
    r"^(?:[-+•*–]|Đến (?:hết |cuối )?năm|Trong đó|Giai đoạn|Cụ thể|Đồng thời|Cùng với đó|Ngoài ra)"
)
_HEADING = re.compile(r":\s*$")


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that says of what kind the figures after it are."""

    start: int
    kind: str


def cues(line: str) -> list[Cue]:
    """The cues of a sentence from left to right."""
    return [Cue(match.start(), str(match.lastgroup)) for match in _CUES.finditer(line)]


def kind_of(found: list[Cue], start: int, carried: FigureKind) -> FigureKind:
    """The kind of the number at ``start``: that of the last cue before it; «sẽ» alone makes a plan."""
    kind: str = carried
    for cue in found:
        if cue.start >= start:
            break
        if cue.kind == "will":
            kind = "plan" if kind in {"actual", "estimate"} else kind
        else:
            kind = "actual" if cue.kind == "done" else cue.kind
    return cast("FigureKind", kind)


def goes_on(line: str) -> bool:
    """Whether a sentence goes on with the targets or plans of the one before it."""
    return bool(_GOES_ON.match(line))


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
