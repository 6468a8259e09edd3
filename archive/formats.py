"""How readers see times (always Asia/Ho_Chi_Minh), numbers and figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from archive.clock import HANOI, moment, utc_now
from archive.i18n import Words

if TYPE_CHECKING:
    from markupsafe import Markup

_NEAR_HOURS = 12  # older times are named by day and hour
_SCALES = ((1e9, "billion"), (1e6, "million"))
_MONEY = ("đồng", "USD")


@dataclass(frozen=True, slots=True)
class Formats:
    """How one reader sees times and numbers, at one moment."""

    words: Words
    now: datetime = field(default_factory=utc_now)

    @property
    def today(self) -> date:
        """The day it is in Hà Nội."""
        return self.now.astimezone(HANOI).date()

    def number(self, value: float) -> str:
        """``1.234`` and ``7,8`` in Vietnamese, ``1,234`` and ``7.8`` in English; at most four decimals."""
        return self.words.number(value)

    def count(self, key: str, number: int, *, capped: bool = False) -> str:
        """A counted noun: ``1.234 bài``; a capped count of 1,001 is ``hơn 1.000 bài``."""
        if capped:
            return self.words("count.more_than", what=self.count(key, number - 1))
        form = f"count.{key}.one" if number == 1 else f"count.{key}"
        return self.words(form, n=self.number(number))

    def weekday(self, day: date) -> str:
        """``Thứ Sáu``."""
        return self.words(f"weekday.{day.weekday()}")

    def full(self, at: datetime) -> str:
        """``Thứ Sáu, 21/11/2026 · 10:27``."""
        local = at.astimezone(HANOI)
        return f"{self.weekday(local)}, {local:%d/%m/%Y · %H:%M}"

    def near(self, at: datetime, just_now: str = "time.just_now") -> str:
        """``25 phút trước`` within half a day, else the full time."""
        minutes = (self.now - at).total_seconds() / 60
        if minutes < 0 or minutes >= _NEAR_HOURS * 60:
            return self.full(at)
        if minutes < 1:
            return self.words(just_now)
        if minutes < 60:
            return self.words("time.minutes_ago", n=int(minutes))
        return self.words("time.hours_ago", n=int(minutes // 60))

    def short(self, at: datetime) -> str:
        """``10:27`` today, ``20/11 10:27`` this year, else ``20/11/2025``."""
        local = at.astimezone(HANOI)
        if local.date() == self.today:
            return f"{local:%H:%M}"
        return f"{local:%d/%m %H:%M}" if local.year == self.today.year else f"{local:%d/%m/%Y}"

    def slot(self, at: datetime) -> str:
        """An hour to come, within a sentence: ``07:00 thứ Hai 30/11``, ``07:00 on Monday 30/11``."""
        local = at.astimezone(HANOI)
        day = self.weekday(local)
        day = day[0].lower() + day[1:] if self.words.lang == "vi" else day
        return self.words("time.slot", clock=f"{local:%H:%M}", day=day, date=f"{local:%d/%m}")

    def in_print(self, at: datetime) -> str:
        """The short form of an edition, which is read on any day: ``10:27 21/11``, ``10:27 21/11/2025``."""
        local = at.astimezone(HANOI)
        return f"{local:%H:%M %d/%m}" if local.year == self.today.year else f"{local:%H:%M %d/%m/%Y}"

    def period(self, after: datetime) -> str:
        """From a time to now: ``từ 07:00 20/11 đến 07:00 21/11``."""
        return self.words("time.period", after=self.in_print(after), until=self.in_print(self.now))

    def office_date(self) -> str:
        """``Thứ Sáu, ngày 21 tháng 11 năm 2026``, as offices head their papers (one-digit days get a 0)."""
        return f"{self.weekday(self.today)}, {self.today:{self.words('time.office_date')}}"

    def days(self, days: Sequence[date]) -> str:
        """Days, in runs: ``Thứ Bảy 21/11, Chủ Nhật 22/11`` or ``Thứ Hai 16/02 – Chủ Nhật 22/02``."""
        runs: list[list[date]] = []
        for day in days:
            if runs and day - runs[-1][-1] == timedelta(days=1):
                runs[-1].append(day)
            else:
                runs.append([day])
        return ", ".join(self._run(run) for run in runs)

    def _run(self, run: list[date]) -> str:
        days = [f"{self.weekday(day)} {day:%d/%m}" for day in run]
        return f"{days[0]} – {days[-1]}" if len(days) > 2 else ", ".join(days)

    def when(self, stamp: str | None, just_now: str = "time.just_now") -> "Markup":
        """A ``<time>`` that reads near and gives the full time on hover; ``just_now`` are the words for now."""
        return self._time(stamp, lambda at: self.near(at, just_now))

    def at(self, stamp: str | None) -> "Markup":
        """A ``<time>`` of the short form, for lines that hold many."""
        return self._time(stamp, self.short)

    def exact(self, stamp: str | None) -> "Markup":
        """A ``<time>`` always in full, for facts."""
        return self._time(stamp, self.full)

    def _time(self, stamp: str | None, show: Callable[[datetime], str]) -> "Markup":
        from markupsafe import Markup, escape

        if not stamp:
            return Markup("<span>{}</span>").format(self.words("time.unknown"))
        at = moment(stamp)
        full, shown = escape(self.full(at)), escape(show(at))
        # Markup.format takes six times as long, and lists have hundreds of times
        return Markup(f'<time datetime="{escape(stamp)}" title="{full}">{shown}</time>')  # noqa: S704

    def day(self, stored: str) -> str:
        """``21/11/2026`` of an ISO date or a stored time (its day in Hà Nội); anything else as it stands."""
        try:
            day = date.fromisoformat(stored) if len(stored) == 10 else moment(stored).astimezone(HANOI)
        except ValueError:
            return stored
        return f"{day:%d/%m/%Y}"

    def edition(self, key: str) -> str:
        """The day, and hour if there is one, that an edition is named for: ``22/11/2026 · 07:00``.

        Editions are named by the clock of their digest, without a zone (``2026-11-22T07:00``).
        """
        try:
            named = datetime.fromisoformat(key)
        except ValueError:
            return key
        return f"{named:%d/%m/%Y}" if len(key) == 10 else f"{named:%d/%m/%Y · %H:%M}"

    def amount(self, value: float, unit: str, rank_of: int | None = None) -> str:
        """A figure with its unit: ``8.503 tỷ đồng``, ``58,4%``, ``hạng 3/61``; ``8,503 billion đồng``."""
        if unit == "hạng":
            return self.words("unit.rank", n=self.number(value)) + (f"/{rank_of}" if rank_of else "")
        if unit == "%":
            return f"{self.number(value)}%"
        for size, scale in _SCALES:
            if unit.partition("/")[0] in _MONEY and abs(value) >= size:
                return self.words(f"unit.{scale}", n=self.number(value / size), unit=unit)
        return f"{self.number(value)} {unit}"

    def tellers(self, outlets: int, own: int) -> str:
        """Who tells an event: ``6 báo, 4 tự viết, 2 đăng lại``; empty for one outlet alone."""
        if outlets < 2:
            return ""
        if own < 2:
            return self.words("label.outlets", n=outlets)
        form = "label.tellers" if own < outlets else "label.tellers.own"
        return self.words(form, n=outlets, own=own, again=outlets - own)

    def sides(self, unit: str, said: Sequence[tuple[float, Sequence[str]]]) -> str:
        """Who says what: ``7,8% (Báo A, Báo B); 8,7% (Báo C)``."""
        return "; ".join(f"{self.amount(value, unit)} ({', '.join(outlets)})" for value, outlets in said)


def roman(value: int) -> str:
    """``4`` is ``IV``; for the sections of an edition."""
    text = ""
    for size, letters in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while value >= size:
            text, value = text + letters, value - size
    return text
