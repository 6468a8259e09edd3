"""Whether two values of one thing can both be right, by the digits and the words they are given with."""

import math
from typing import Protocol

_ABOUT = 0.05  # how far from a number «gần», «hơn», «khoảng» may be
_SAME = 1e-9
_UNDER = frozenset({"gần", "xấp xỉ", "dưới", "ngót", "gần đạt"})
_OVER = frozenset({"hơn", "trên", "vượt", "trở lên", "ít nhất", "tối thiểu"})


class Stated(Protocol):
    """A value in its plain unit, and the word before it («hơn», «gần»), '' where it is exact."""

    @property
    def value(self) -> float: ...
    @property
    def qualifier(self) -> str: ...


def agree(one: Stated, other: Stated) -> bool:
    """Whether two values can both be right: equal, one the other rounded, or «hơn», «gần» near enough."""
    small, large = sorted((one.value, other.value))
    if math.isclose(small, large, rel_tol=_SAME):
        return True
    return any(_covers(*pair) or _rounds(*pair) for pair in ((one, other), (other, one)))


def _covers(vague: Stated, exact: Stated) -> bool:
    """Whether «hơn 700» may stand for 712."""
    qualifier = vague.qualifier.lower()
    if not qualifier or abs(vague.value - exact.value) > _ABOUT * abs(vague.value):
        return False
    if qualifier in _UNDER:
        return exact.value < vague.value
    return exact.value > vague.value if qualifier in _OVER else True


def _rounds(rough: Stated, exact: Stated) -> bool:
    """Whether 8,5 nghìn tỷ may stand for 8.503 tỷ: the same to the digits that it has, two or more."""
    digits = len(f"{rough.value:.9e}".partition("e")[0].replace(".", "").strip("-").rstrip("0"))
    return digits >= 2 and math.isclose(float(f"{exact.value:.{digits - 1}e}"), rough.value, rel_tol=_SAME)
