"""The time that a text, its paragraphs and its sentences speak of, for figures that name none themselves."""

from datetime import date

from archive.figures.periods import days
from archive.model import FigureKind
from pipelines.figures import forms, period
from pipelines.figures.forms import TimeFrame
from pipelines.figures.times import Time

_OPENING = 3  # paragraphs: title, lead and what follows, which may name the time of both
_LEAD = 2  # paragraphs: title and lead
_BEGINS = 15  # characters from where a paragraph begins
_AT_LENGTH = 3  # figures of one period, which then holds on to the next paragraph
_GAP = 2  # paragraphs without figures after which a period no longer holds


class Discourse:
    """Which period holds: the sentence's, else its paragraph's, else its section's, else the whole text's.

    Figures reached, targets and plans each have their own. ``day``: the text's own day where it is known,
    ``year`` that of «9 tháng». ``report``: what the text is about, the period that title or lead names for
    figures reached, else (``assumed``) that of the event or count it tells: ``happened``.
    """

    def __init__(self, today: date, day: date | None, year: int | None) -> None:
        self.report: str | None = None
        self._today, self._day, self._year = today, day, year
        self.happened: str | None = None  # the month of the event, or the day of the count, of title or lead
        self.coming: str | None = None  # the time to come that title or lead say the text is about
        self.sums_up = False  # whether title or lead tells a sum of the year so far
        self._assumed = False
        self._sum: str | None = None  # «đến 20/11»: the time of sums of this year, of nothing else
        self._section: str | None = None  # named by a heading; holds until the next or a gap
        self._held: dict[FigureKind, str] = {}
        self._before: dict[FigureKind, str | None] = {}  # what held before a time that holds for its paragraph
        self._paragraphs = 0
        self._without = 0  # paragraphs since the last with figures
        self._had_figures = False
        self._told = 0  # figures since a period was named

    @property
    def opening(self) -> bool:
        """Whether title or lead is being read."""
        return self._paragraphs <= _OPENING

    @property
    def named(self) -> bool:
        """Whether title or lead name the time they are of."""
        return self.report is not None and not self._assumed

    @property
    def plans(self) -> str | None:
        """The time to come that a text is about which has not yet spoken of one gone by."""
        return self.coming if self.report is None and not self._held.get("actual") else None

    @property
    def default(self) -> str | None:
        """The year a text was published in, where known: that of a plan for which none is named."""
        return str(self._day.year) if self._day else None

    def enter_paragraph(self, line: str) -> None:
        """A paragraph goes back to what the text or section is about, else on with what held."""
        self._paragraphs += 1
        went_on = self._had_figures
        self._without = 0 if went_on else self._without + 1
        self._had_figures = False
        if period.goes_on(line):
            return
        for found, form in self._before.items():
            self._set(found, form)
        self._before.clear()
        if self._without >= _GAP:
            self._held.clear()
            self._section = None
        held = self._held.get("actual")
        at_length = went_on and self._told >= _AT_LENGTH and forms.is_reported_on(held, self._today)
        if base := self._section or self.report:
            self._held["actual"] = base
        elif not self.opening:
            self._set("actual", held if at_length else None)

    def sentence(self, *, title: bool) -> TimeFrame:
        """From where a sentence is read."""
        told = self.report or self._held.get("actual")
        told = None if told == self.happened else told
        now = forms.last_month(told) if told and forms.recent(told, self._day) else None
        year = self._year
        to_date = forms.to_date(told, year)
        return TimeFrame(
            self._day, year, now or (self._today.isoformat() if self._day else None), title, to_date
        )

    def saw_figures(self, number: int) -> None:
        self._had_figures = True
        self._told += number

    def held(self, found: FigureKind, line: str = "") -> str | None:
        """What holds for figures of a kind: an estimate is one of figures reached."""
        if self._sum and found == "actual" and not self._before and period.sums(line):
            return self._sum
        return self._held.get("actual" if found == "estimate" else found)

    def settle(self) -> str | None:
        """What figures of title and lead without a time are of: the report, else what is known of its event."""
        if self.report is None and self._day:
            sums = self.sums_up and self._day.month > 1  # in January it may be last year's
            self.report = forms.span(self._day.year, 1, self._day.month) if sums else self.happened
            self._assumed = True
            if self.report:
                self._held.setdefault("actual", self.report)
        return self.report

    def happens(self, form: str) -> None:
        """Title or lead tell of an event or a count; what names no time is of that where no report is named."""
        if self._paragraphs <= _LEAD and self.happened is None:
            self.happened = form

    def year_of_plan(self) -> str | None:
        """The year for which «giao», «dự toán» without one is told: that of the report, else of publication."""
        told = self._held.get("actual") or self.report
        if told and ".." in told and told[:4] != told.partition("..")[2][:4]:
            return self.default
        return told[:4] if told else self.default

    def take(self, found: FigureKind, time: Time, line: str, *, part: bool) -> None:
        """A period holds on, but for one looked back at; a day or «hiện nay» to the end of its paragraph."""
        kind: FigureKind = "actual" if found == "estimate" else found
        told = self._held.get(kind)
        if time.back or not (time.form or time.now) or period.looks_back(line, time):
            return
        if time.aside and period.beside(time, told):
            return
        if forms.is_sum_to_a_day(time.form):
            self._sum = time.form
        if self._opens_on_its_last_day(time):
            self.report = time.form
        if time.now or part or self._passes(time.form or ""):
            if kind == "actual" and forms.is_day(time.form) and not time.now:
                self.happens(time.form or "")
            self._before.setdefault(kind, told)
        else:
            self._before.pop(kind, None)
            self._open(kind, time.form)
        self._told = self._told if time.form == told else 0
        self._set(kind, time.form)

    def _opens_on_its_last_day(self, time: Time) -> bool:
        """Whether the lead begins with the last day of the title's span: «Đến 30/6, dư nợ …» tells stocks."""
        told = days(self.report or "")
        begins = self._paragraphs == _LEAD and time.start < _BEGINS and forms.is_day(time.form)
        return begins and told is not None and told[1].isoformat() == time.form

    def speak_of(self, found: FigureKind, times: list[Time]) -> None:
        """Title or lead name a time in a sentence without figures: «họp bàn tình hình 9 tháng»."""
        named = [time for time in times if time.form and not (time.event or time.now)]
        if named and self._paragraphs <= _LEAD and not self._comes(found, named[0].form or ""):
            self._open(found, named[0].form)

    def _comes(self, found: FigureKind, form: str) -> bool:
        """Whether a time named without figures is one to come, for which title or lead tell what is planned."""
        span = days(form)
        comes = found == "actual" and span is not None and span[0] > self._today
        if comes and self._paragraphs <= _LEAD:
            self.coming = form
        return comes

    def _passes(self, form: str) -> bool:
        """Whether a period holds for its paragraph only: a day, but the last of a month in title or lead."""
        ends = self._paragraphs <= _LEAD and not self.named
        return forms.is_sum_to_a_day(form) or (forms.is_day(form) and not (ends and forms.ends_a_month(form)))

    def announce(self, found: FigureKind, time: Time, *, heads: bool) -> None:
        """A heading, or a sentence without figures that begins with a time, names it for those after it."""
        if time.event or time.now or not time.form or self._comes(found, time.form):
            return
        self._set(found, time.form)
        self._open(found, time.form)
        self._had_figures = True
        if found == "actual" and heads and not self.opening:
            self._section = time.form

    def _set(self, found: FigureKind, form: str | None) -> None:
        if form:
            self._held[found] = form
        else:
            self._held.pop(found, None)

    def _open(self, found: FigureKind, form: str | None) -> None:
        """What title or lead name, if it has begun, is what the text reports on."""
        span = days(form or "")
        if found != "actual" or not self.opening or not span or span[0] > self._today:
            return
        first = not self._had_figures and "-" in (form or "") and forms.recent(form, self._day)
        if self._paragraphs > _LEAD and not first:
            return
        if self.report is None or self._assumed or self._goes_further(span):
            self.report, self._assumed = form, form == self.default

    def _goes_further(self, span: tuple[date, date]) -> bool:
        """Whether a period of the lead is later than the report's, or the whole of which that is a part."""
        told = days(self.report or "")
        within_a_year = span[0].year == span[1].year
        later = told is not None and span[0] > told[1]
        wider = told is not None and span[0] <= told[0] and told[1] <= span[1] and told != span
        return self._paragraphs <= _LEAD and within_a_year and (later or wider)
