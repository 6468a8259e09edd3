"""Reads a text sentence by sentence and carries on what holds from one to the next: period, kind, subject."""

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from archive.figures.periods import past
from archive.model import Figure, FigureKind
from pipelines.figures import kind, period, subject
from pipelines.figures.amounts import FRACTIONS, Mark, amounts
from pipelines.figures.forms import TimeFrame
from pipelines.figures.name import NAMELESS, Name, name
from pipelines.figures.ranks import ranks
from pipelines.figures.spelled import spelled

if TYPE_CHECKING:
    from archive.figures.indicators import Indicators
    from archive.places.gazetteer import Gazetteer

_MAY_HOLD = re.compile(
    rf"\d|[{''.join(FRACTIONS)}]|\b(?:thứ|mười|mươi|chục|trăm|nửa|phần|đôi|gấp|đứng đầu)\b", re.IGNORECASE
)
_OPENING = 800  # characters; what these name is what an article is about
_AT_THE_START = 30  # characters; a sentence without figures that names a time later speaks of something else
_LEAD = 2  # paragraphs: title and lead
_GAP = 2  # paragraphs without figures after which a period no longer holds
_RANGE = re.compile(r"\s?(?:[-‒–—−]|đến)\s?")
_YEARS = re.compile(r"\b\d{4}\b")
_LOOKS_BACK = re.compile(
    r"(?:con số|tỷ lệ|chỉ số|mức) này|con số tương ứng|trước đó|^năm \d{4},? (?:là|chỉ (?!số|tiêu)|mới)",
    re.IGNORECASE,
)
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
        self._day = today if dated else None
        self._year = today.year if dated else period.latest_year(plain, today)
        self._report: str | None = None  # the period that title and lead are about
        self._passing: str | None = None  # what held before a «hiện nay», which holds for its paragraph
        self._has_passing = False
        self._indicators, self._places = indicators, places
        self._found: list[Figure] = []
        self._periods: dict[FigureKind, str] = {}
        self._kind: FigureKind = "actual"
        self._main = _HOME if _HOME.name in plain[:_OPENING] else subject.NOBODY
        self._home = _HOME if _HOME.name in plain else _SOME_PROVINCE
        self._subject = self._main
        self._line = ""  # the sentence before
        self._listed = False  # whether a list under a head goes on
        self._in_list = False  # whether it tells several things, with which this one may go on
        self._paragraph_end = 0
        self._paragraphs = 0
        self._without = 0  # paragraphs since the last with figures
        self._had_figures = False

    def read(self, start: int, end: int) -> int:
        """Read the sentence at ``start:end``; returns how many figures there are by now."""
        line = self._plain[start:end]
        if "\n" in self._plain[self._paragraph_end : start] or not start:
            self._enter_paragraph()
        self._paragraph_end = end
        held = _marks(line) if _MAY_HOLD.search(line) else []
        times = period.times(line, self._from(start))
        self._enter(line, held, times)
        self._take(line, start, end, held, times)
        return len(self._found)

    def _enter_paragraph(self) -> None:
        self._paragraphs += 1
        self._without = 0 if self._had_figures else self._without + 1
        self._had_figures = False
        if self._has_passing:
            self._hold("actual", self._passing)
        if self._without >= _GAP:
            self._periods.clear()
            self._hold("actual", self._report)
        self._subject = self._main

    def _owner(self) -> subject.FigureSubject:
        """Whose «tỉnh» is: the province the article is about, else the archive's own if it is named."""
        return self._main if self._main.kind else self._home

    def _hold(self, found: FigureKind, form: str | None) -> None:
        self._has_passing = False
        if form:
            self._periods[found] = form
        else:
            self._periods.pop(found, None)

    def _enter(self, line: str, held: list[Mark], times: list[period.Time]) -> None:
        fragment = bool(held) and self._in_list and not times and self._kind in {"target", "plan"}
        self._in_list = fragment or len(held) > 1 or ";" in line
        reached = any(time.form and past(time.form, self._today) for time in times)
        if reached or not kind.goes_on(line, self._line, fragment=fragment, listed=self._listed):
            self._kind, self._listed = "actual", False
        self._listed = self._listed or kind.heads_a_list(line)
        self._line = line

    def _take(self, line: str, start: int, end: int, held: list[Mark], times: list[period.Time]) -> None:
        cues = kind.cues(line) if held or kind.is_heading(line) else []
        named = subject.subjects(line, self._places) if held else []
        before, last, kind_here = 0, NAMELESS, self._kind
        for at, mark in enumerate(held):
            following = _following(line, held, at)
            kind_here = kind.kind_of(cues, mark.start, self._kind)
            when = period.nearest(line, _whole(line, held, at), times, following)
            when = self._done_by_now(when, cues, mark.start)
            kind_here = self._ahead(line, mark, kind_here, when.form if when else None)
            last = name(line, mark, before, last, self._indicators)
            whose = subject.nearest(named, mark.start, self._subject, self._owner())
            held_on = self._held_on(line, mark, when, kind_here)
            self._add(line, start, end, mark, held_on, kind_here, last, whose)
            before = mark.end
        self._leave(line, held, cues, times, named, kind_here)

    def _ahead(self, line: str, mark: Mark, found: FigureKind, when: str | None) -> FigureKind:
        """A figure of years to come is none reached; a school year's may be."""
        first, last = (int(year) for year in (_YEARS.findall(when) * 2)[:2]) if when else (0, 0)
        ahead = first > self._today.year or (last > self._today.year and last > first + 1)
        return kind.ahead(line, mark.unit) if ahead and found == "actual" else found

    def _from(self, start: int) -> TimeFrame:
        """From where a sentence is read: publication and the period the article is at."""
        told = self._report or self._periods.get("actual")
        if not period.recent(told, self._day):
            told = self._day.isoformat() if self._day else None
        year = self._year
        if self._had_figures and (last := self._periods.get("actual")) and "-" in last:
            year = int(last[:4])
        return TimeFrame(self._day, year, told, title=not start)

    def _done_by_now(self, when: period.Time | None, cues: list[kind.Cue], start: int) -> period.Time | None:
        """What is done of the need of years to come, is not of those years."""
        if when and when.form and kind.is_done(cues, when.end, start) and int(when.form[:4]) > self._today.year:
            return None
        return when

    def _held_on(self, line: str, mark: Mark, when: period.Time | None, found: FigureKind) -> str | None:
        """The period named for a figure, else that of the last of its kind; a look back leaves that."""
        kind_of_period: FigureKind = "actual" if found == "estimate" else found
        sized = period.timeless(line, mark.start)
        if period.is_base(line, mark.start):
            return period.year_before(self._periods.get(kind_of_period))
        if when is None:
            return None if sized else self._periods.get(kind_of_period)
        if when.event:
            ahead = when.form and when.form > self._today.isoformat()[: len(when.form)]
            return when.form if ahead and not sized and kind_of_period != "actual" else None
        self._take_over(line, when, kind_of_period)
        return when.form

    def _take_over(self, line: str, when: period.Time, found: FigureKind) -> None:
        """A period holds on, but for one looked back at; «hiện nay» to the end of its paragraph."""
        told = self._periods.get(found)
        in_brackets = line.count("(", 0, when.start) > line.count(")", 0, when.start)
        if in_brackets or _LOOKS_BACK.search(line) or not (when.form or when.now):
            return
        if when.aside and period.beside(when, told):
            return
        if when.now or _PART.search(line):
            self._passing = self._passing if self._has_passing else told
            self._hold(found, when.form)
            self._has_passing = found == "actual"
        else:
            self._hold(found, when.form)
            self._open(found, when.form)

    def _open(self, found: FigureKind, form: str | None) -> None:
        """A part of a year that title or lead names first is what the text reports on."""
        if not self._report and form and "-" in form and found == "actual" and self._paragraphs <= _LEAD:
            self._report = form

    def _leave(
        self,
        line: str,
        held: list[Mark],
        cues: list[kind.Cue],
        times: list[period.Time],
        named: list[subject.FigureSubject],
        kind_here: FigureKind,
    ) -> None:
        if held:
            self._had_figures = True
            if times and times[-1].now and times[-1].start > held[-1].end:
                self._take_over(line, times[-1], "actual")
            self._kind = kind_here
            self._subject = subject.nearest(named, len(line), self._subject, self._owner())
            if not self._main.kind and self._subject.kind == "province":
                self._main = self._subject if self._subject.name else self._main
            return
        self._kind = kind.kind_of(cues, len(line), "actual")
        if times and (kind.is_heading(line) or times[0].start < _AT_THE_START):
            ahead = kind.kind_of(kind.cues(line), len(line), "actual")
            self._announce("actual" if ahead == "estimate" else ahead, times[-1])

    def _announce(self, found: FigureKind, time: period.Time) -> None:
        if time.event or time.now or not time.form:
            return
        self._hold(found, time.form)
        self._open(found, time.form)
        self._had_figures = True

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
