"""How pages show times (always Asia/Ho_Chi_Minh), numbers and marked words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup, escape

from archive import vietnamese
from archive.clock import HANOI, moment
from archive.i18n import Words

_NEAR_HOURS = 12  # older times are named by day and hour


@dataclass(frozen=True, slots=True)
class Formats:
    """How one reader, at one moment, sees times and numbers."""

    words: Words
    now: datetime

    @property
    def today(self) -> date:
        """The day it is in Hà Nội."""
        return self.now.astimezone(HANOI).date()

    def number(self, value: float) -> str:
        """``1.234`` and ``7,8`` in Vietnamese, ``1,234`` and ``7.8`` in English; at most four decimals."""
        text = vietnamese.number(value)
        return text.translate(str.maketrans(",.", ".,")) if self.words.lang == "en" else text

    def count(self, key: str, number: int, *, capped: bool = False) -> str:
        """A counted noun: ``1.234 bài``; a capped count of 1,001 is ``hơn 1.000 bài``."""
        if capped:
            return self.words("count.more_than", what=self.count(key, number - 1))
        form = f"count.{key}.one" if number == 1 else f"count.{key}"
        return self.words(form, n=self.number(number))

    def full(self, at: datetime) -> str:
        """``Thứ Sáu, 21/11/2026 · 10:27``."""
        local = at.astimezone(HANOI)
        return f"{self.words(f'weekday.{local.weekday()}')}, {local:%d/%m/%Y · %H:%M}"

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

    def when(self, stamp: str | None, just_now: str = "time.just_now") -> Markup:
        """A ``<time>`` that reads near and gives the full time on hover; ``just_now`` are the words for now."""
        return self._time(stamp, lambda at: self.near(at, just_now))

    def at(self, stamp: str | None) -> Markup:
        """A ``<time>`` of the short form, for lines that hold many."""
        return self._time(stamp, self.short)

    def exact(self, stamp: str | None) -> Markup:
        """A ``<time>`` always in full, for facts."""
        return self._time(stamp, self.full)

    def _time(self, stamp: str | None, show: Callable[[datetime], str]) -> Markup:
        if not stamp:
            return Markup("<span>{}</span>").format(self.words("time.unknown"))
        at = moment(stamp)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, self.full(at), show(at))

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
        if self.words.lang == "vi":
            return vietnamese.amount(value, unit, rank_of)
        if unit == "hạng":
            return self.words("unit.rank", n=self.number(value)) + (f"/{rank_of}" if rank_of else "")
        if unit == "%":
            return f"{self.number(value)}%"
        for size, scale in ((1e9, "billion"), (1e6, "million")):
            if unit in vietnamese.SCALES and abs(value) >= size:
                return self.words(f"unit.{scale}", n=self.number(value / size), unit=unit)
        return f"{self.number(value)} {unit}"


def marked(parts: Iterable[tuple[str, bool]]) -> Markup:
    """Parts of a text as search gives them; marked words side by side become one mark."""
    joined: list[tuple[str, bool]] = []
    for text, hit in parts:
        if hit and len(joined) > 1 and joined[-1][0] == " " and joined[-2][1]:
            joined[-2:] = [(f"{joined[-2][0]} {text}", True)]
        else:
            joined.append((text, hit))
    return Markup().join(
        Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in joined
    )
