"""Dates and numbers as Vietnamese readers expect them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from archive.clock import HANOI

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")

SCALES = {
    "đồng": ((1e9, "tỷ đồng"), (1e6, "triệu đồng")),
    "USD": ((1e9, "tỷ USD"), (1e6, "triệu USD")),
}
_SWAP = str.maketrans(",.", ".,")


def number(value: float) -> str:
    """``8503`` is ``8.503`` and ``58.4`` is ``58,4``; at most four decimals."""
    return f"{value:,.4f}".rstrip("0").rstrip(".").translate(_SWAP)


def amount(value: float, unit: str, rank_of: int | None = None) -> str:
    """A figure with its unit: ``8.503 tỷ đồng``, ``58,4%``, ``hạng 3/61``."""
    if unit == "hạng":
        return f"hạng {number(value)}" + (f"/{rank_of}" if rank_of else "")
    if unit == "%":
        return f"{number(value)}%"
    for size, name in SCALES.get(unit, ()):
        if abs(value) >= size:
            return f"{number(value / size)} {name}"
    return f"{number(value)} {unit}"


def full(at: datetime) -> str:
    """``Thứ Sáu, 21/11/2026 · 10:27``."""
    local = at.astimezone(HANOI)
    return f"{WEEKDAYS[local.weekday()]}, {local:%d/%m/%Y · %H:%M}"


def short(at: datetime, made: datetime) -> str:
    """A time in a line of many: ``10:27 21/11``, with the year when it is not that of ``made``."""
    local = at.astimezone(HANOI)
    same_year = local.year == made.astimezone(HANOI).year
    return f"{local:%H:%M %d/%m}" if same_year else f"{local:%H:%M %d/%m/%Y}"


def office_date(at: datetime) -> str:
    """``Thứ Sáu, ngày 21 tháng 11 năm 2026``, as offices head their papers (one-digit days get a 0)."""
    local = at.astimezone(HANOI)
    return f"{WEEKDAYS[local.weekday()]}, ngày {local:%d} tháng {local:%m} năm {local:%Y}"


def period(after: datetime, until: datetime) -> str:
    """``từ 07:00 20/11 đến 07:00 21/11``."""
    return f"từ {short(after, until)} đến {short(until, until)}"


def days(found: Sequence[date]) -> str:
    """Days off, in runs: ``Thứ Bảy 21/11, Chủ Nhật 22/11`` or ``Thứ Hai 16/02 – Chủ Nhật 22/02``."""
    runs: list[list[date]] = []
    for day in found:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run(run) for run in runs)


def _run(run: list[date]) -> str:
    if len(run) > 2:
        return f"{_day(run[0])} – {_day(run[-1])}"
    return ", ".join(_day(day) for day in run)


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m}"


def day(iso: str) -> str:
    """``27/09/2019`` of ``2019-09-27``; what is no date stays as it is."""
    try:
        return f"{date.fromisoformat(iso):%d/%m/%Y}"
    except ValueError:
        return iso


def roman(value: int) -> str:
    """``4`` is ``IV``; for the parts of an edition."""
    text = ""
    for size, letters in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while value >= size:
            text, value = text + letters, value - size
    return text
