"""Reads a text sentence by sentence and carries on what holds from one to the next: period, kind, subject."""

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from archive.figures.periods import days, past
from archive.model import Figure, FigureKind
from pipelines.figures import forms, kind, period, subject
from pipelines.figures.amounts import FRACTIONS, Mark, amounts
from pipelines.figures.carried import spoken_of
from pipelines.figures.frame import Discourse
from pipelines.figures.name import name, proven, unproven
from pipelines.figures.phrase import NAMELESS, Name
from pipelines.figures.ranks import ranks
from pipelines.figures.spelled import spelled
from pipelines.figures.times import Time, times_in

if TYPE_CHECKING:
    from archive.figures.indicators import Indicators
    from archive.places.gazetteer import Gazetteer

_MAY_HOLD = re.compile(
    rf"\d|[{''.join(FRACTIONS)}]|\b(?:thứ|mười|mươi|chục|trăm|nửa|phần|đôi|gấp|đứng đầu)\b", re.IGNORECASE
)
_OPENING = 800  # characters; what these name is what an article is about
_AT_THE_START = 30  # characters; a sentence without figures that names a time later speaks of something else
_RANGE = re.compile(r"\s?(?:[-‒–—−]|đến)\s?")
_YEARS = re.compile(r"\b\d{4}\b")
_PART = re.compile(r"^(?:trong đó, )?(?:chỉ )?riêng\b", re.IGNORECASE)  # «Riêng tháng 10», beside the whole
_HOME = subject.FigureSubject(0, "province", "Thái Nguyên", "Thái Nguyên")
_SOME_PROVINCE = subject.FigureSubject(0, "province", "")


class Reader:
    """Holds what the sentences before say on.

    ``printed`` is the text with everything in it, ``plain`` the same with what is struck out as blanks.
    """

    def __init__(
        self,
        printed: str,
        plain: str,
        today: date,
        indicators: "Indicators | None",
        places: "Gazetteer | None",
        *,
        dated: bool,
    ) -> None:
        self._printed, self._plain, self._today = printed, plain, today
        self._title = plain.partition("\n")[0]
        year = today.year if dated else period.latest_year(plain, today)
        self._frame = Discourse(today, today if dated else None, year)
        self._indicators, self._places = indicators, places
        self._found: list[Figure] = []
        self._untimed: list[int] = []  # figures of title and lead that come before the period they are of
        self._kind: FigureKind = "actual"
        self._main = subject.main_subject(plain, _OPENING, places)
        about_home = self._main.kind in ("unit", "company", "other") and _HOME.name in plain[:_OPENING]
        self._home = _HOME if about_home or self._main.name == _HOME.name else _SOME_PROVINCE
        self._subject = self._main
        self._line = ""  # the sentence before
        self._first: Name = NAMELESS  # what the first figure of the sentence before measures
        self._listed = False  # whether a list under a head goes on
        self._in_list = False  # whether it tells several things, with which this one may go on
        self._paragraph_end = 0
        self._of_one = False  # whether the paragraph tells of one person

    def read(self, start: int, end: int) -> int:
        """Read the sentence at ``start:end``; returns how many figures there are by now."""
        line = self._plain[start:end]
        if "\n" in self._plain[self._paragraph_end : start] or not start:
            self._frame.enter_paragraph(line)
            self._of_one = False
            self._subject = self._main
            if not self._frame.opening:
                self._settle()
        self._paragraph_end = end
        self._of_one = self._of_one or period.tells_of_one(line)
        held = _marks(line) if _MAY_HOLD.search(line) else []
        times = times_in(line, self._frame.sentence(title=not start))
        self._enter(line, held, times)
        self._take(line, start, end, held, times)
        return len(self._found)

    def _settle(self) -> None:
        """Title and lead are read: what they told before they named a period is of that, else of this year."""
        report = self._frame.settle()
        for at in self._untimed:
            self._found[at] = replace(self._found[at], period=report)
        self._untimed.clear()

    def _owner(self) -> subject.FigureSubject:
        """Whose «tỉnh» is: the province the article is about, else the archive's own if it is named."""
        return self._main if self._main.kind == "province" else self._home

    def _enter(self, line: str, held: list[Mark], times: list[Time]) -> None:
        fragment = bool(held) and self._in_list and not times and self._kind in {"target", "plan"}
        self._in_list = fragment or len(held) > 1 or ";" in line
        reached = any(time.form and past(time.form, self._today) for time in times)
        if reached or not kind.goes_on(line, self._line, fragment=fragment, listed=self._listed):
            self._kind, self._listed = "actual", False
        self._listed = self._listed or kind.heads_a_list(line)
        self._line = line

    def _take(self, line: str, start: int, end: int, held: list[Mark], times: list[Time]) -> None:
        cues = kind.cues(line) if held or kind.is_heading(line) else []
        named = subject.subjects(line, self._places) if held else []
        before, last, kind_here = 0, spoken_of(line, self._first), self._kind
        first: FigureKind | None = None
        for at, mark in enumerate(held):
            following = _following(line, held, at)
            kind_here = kind.kind_of(cues, mark.start, self._kind)
            when = period.nearest(line, _whole(line, held, at), times, following)
            when = self._done_by_now(when, cues, mark.start)
            if when and when.form and past(when.form, self._today) and kind.is_apart(line, cues, when.start):
                kind_here = "actual"
            kind_here = self._ahead(line, mark, kind_here, when.form if when else None)
            last = name(line, mark, before, last, self._indicators)
            self._first = self._first if before else last
            whose = subject.nearest(named, mark.start, self._subject, self._owner(), line, mark.end)
            if when is None and kind_here == "actual" and self._frame.plans and not cues:
                kind_here = kind.ahead(line, mark.unit)
            told = self._period_of(line, mark, when, kind_here)
            shown = not last.key or proven(line, mark, last, whose, self._title)
            named_here = last if shown else unproven(last)
            self._add(line, start, end, mark, told, kind_here, named_here, whose)
            before = mark.end
            first = first or kind_here
        self._leave(line, held, cues, times, named, kind_here, first or kind_here)

    def _ahead(self, line: str, mark: Mark, found: FigureKind, when: str | None) -> FigureKind:
        """A figure of years to come is none reached; a school year's may be."""
        first, last = (int(year) for year in (_YEARS.findall(when) * 2)[:2]) if when else (0, 0)
        ahead = first > self._today.year or (last > self._today.year and last > first + 1)
        span = days(when or "")
        ahead = ahead or bool(span and span[0] > self._today)
        return kind.ahead(line, mark.unit) if ahead and found == "actual" else found

    def _done_by_now(self, when: Time | None, cues: list[kind.Cue], start: int) -> Time | None:
        """What is done of the need of years to come, is not of those years."""
        if when and when.form and kind.is_done(cues, when.end, start) and int(when.form[:4]) > self._today.year:
            return None
        return when

    def _period_of(self, line: str, mark: Mark, when: Time | None, found: FigureKind) -> str | None:
        """The period named for a figure, else that which holds; a look back leaves that."""
        if period.is_base(line, mark.start):
            return forms.year_before(self._frame.held("actual"))
        if when is None or when.event:
            return self._unnamed(line, mark, when, found)
        self._frame.take(found, when, line, part=bool(_PART.search(line)))
        return when.form

    def _unnamed(self, line: str, mark: Mark, when: Time | None, found: FigureKind) -> str | None:
        """The period of a figure for which the sentence names none, or only the day of an event."""
        if self._frame.plans and found in {"target", "plan"} and not self._frame.held(found):
            return self._frame.plans
        sized = mark.unit != "%" and period.timeless(line, mark.start)
        reached = found in {"actual", "estimate"}
        if reached and period.is_back_then(line, mark):
            return None
        if when is not None and not (reached and period.sums_up(line)):
            return self._of_event(when, sized=sized, reached=reached)
        if sized or (reached and (self._of_one or period.is_price(line, mark.unit))):
            return None
        if period.is_quote(line):
            return self._frame.held("actual") if forms.is_day(self._frame.held("actual")) else None
        return self._carried(line, mark, found, reached=reached)

    def _carried(self, line: str, mark: Mark, found: FigureKind, *, reached: bool) -> str | None:
        """The period that what was said before holds on for a figure."""
        if held := self._frame.held(found, line):
            return held
        if not reached and period.beside_reached(line, mark.start):
            return self._frame.held("actual") or self._frame.report
        if found == "plan" and kind.is_assigned(line):
            return self._frame.year_of_plan()
        if not reached:
            return None
        if self._frame.opening and self._frame.report is None:
            self._frame.sums_up |= period.sums_up(line)
            self._untimed.append(len(self._found))
            return None
        return self._frame.report

    def _of_event(self, when: Time, *, sized: bool, reached: bool) -> str | None:
        """An event of this year is told of its month; what is promised for a day to come is of that day."""
        form = when.form or ""
        if reached:
            if form[:4] != self._frame.default or form > self._today.isoformat():
                return None
            self._frame.happens(form[:7])
            return form[:7]
        return form if form > self._today.isoformat()[: len(form)] and not sized else None

    def _leave(
        self,
        line: str,
        held: list[Mark],
        cues: list[kind.Cue],
        times: list[Time],
        named: list[subject.FigureSubject],
        kind_here: FigureKind,
        kind_first: FigureKind,
    ) -> None:
        if held:
            self._in_list = self._in_list and kind_first == kind_here
            self._frame.saw_figures(len(held))
            if times and times[-1].now and times[-1].start > held[-1].end:
                self._frame.take("actual", times[-1], line, part=False)
            self._kind = kind_here
            self._subject = subject.held_on(line, named, self._subject, self._owner(), held[-1].start)
            if not self._main.kind and self._subject.kind == "province":
                self._main = self._subject if self._subject.name else self._main
            return
        self._kind = kind.kind_of(cues, len(line), "actual")
        if not times:
            return
        ahead = kind.kind_of(kind.cues(line), len(line), "actual")
        ahead = "actual" if ahead == "estimate" else ahead
        if kind.is_heading(line) or times[0].start < _AT_THE_START:
            self._frame.announce(ahead, times[-1], heads=kind.is_heading(line))
        else:
            self._frame.speak_of(ahead, times)

    def _add(
        self,
        line: str,
        start: int,
        end: int,
        mark: Mark,
        when: str | None,
        found: FigureKind,
        named: Name,
        whose: subject.FigureSubject,
    ) -> None:
        self._found.append(
            Figure(
                indicator=named.words,
                value=mark.value,
                unit=mark.unit,
                quote=self._printed[start:end],
                qualifier=kind.qualifier(line, mark.start, mark.end),
                rank_of=mark.rank_of,
                period=when,
                kind=found,
                key=named.key,
                base=period.base(line, mark.end, mark.unit),
                subject_kind=whose.kind,
                subject=whose.name,
                place=whose.place,
                starts=start + mark.start,
                ends=start + mark.end,
            )
        )

    def figures(self) -> list[Figure]:
        """What was read, each figure once; one that is said again fills in what its first place left out."""
        self._settle()
        once: dict[tuple[float, str], list[Figure]] = {}
        for figure in self._found:
            twins = once.setdefault((figure.value, figure.unit), [])
            at = next((at for at, twin in enumerate(twins) if _same(twin, figure)), None)
            if at is None:
                twins.append(figure)
            elif _said(figure) > _said(twins[at]):
                twins[at] = figure
        return sorted((figure for twins in once.values() for figure in twins), key=lambda one: one.starts or 0)


def _marks(line: str) -> list[Mark]:
    """The numbers of a sentence from left to right; of two that overlap, the first and longest."""
    kept: list[Mark] = []
    every = [*amounts(line), *ranks(line), *spelled(line)]
    for mark in sorted(every, key=lambda mark: (mark.start, -mark.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def _whole(line: str, held: list[Mark], at: int) -> Mark:
    """The number, or the range whose lower end it is."""
    if at + 1 < len(held) and _RANGE.fullmatch(line, held[at].end, held[at + 1].start):
        return replace(held[at], end=held[at + 1].end)
    return held[at]


def _following(line: str, held: list[Mark], at: int) -> int:
    """Where the number after this one, or after its range, starts."""
    end = _whole(line, held, at).end
    return next((mark.start for mark in held[at:] if mark.start >= end), len(line))


def _same(one: Figure, other: Figure) -> bool:
    """Whether two figures of one value say the same: none contradicts the other in name, kind or period."""
    pairs = (
        (one.indicator.lower(), other.indicator.lower()),
        (one.period, other.period),
        (one.place, other.place),
    )
    return one.kind == other.kind and all(a == b or not a or not b for a, b in pairs)


def _said(figure: Figure) -> int:
    return sum(bool(value) for value in (figure.indicator, figure.period, figure.key, figure.subject_kind))
