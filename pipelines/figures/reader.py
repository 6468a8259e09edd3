"""Reads a text sentence by sentence and carries on what holds from one to the next: period, kind, subject."""

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from archive.model import Figure, FigureKind
from pipelines.figures import kind, period, subject
from pipelines.figures.amounts import FRACTIONS, Mark, amounts
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
_GAP = 2  # paragraphs without figures after which a period no longer holds
_RANGE = re.compile(r"\s?(?:[-‒–—−]|đến)\s?")
_YEARS = re.compile(r"\b\d{4}\b")
_LOOKS_BACK = re.compile(r"(?:con số|tỷ lệ|chỉ số|mức) này|con số tương ứng|trước đó", re.IGNORECASE)
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
    ) -> None:
        self._printed, self._plain, self._today = printed, plain, today
        self._indicators, self._places = indicators, places
        self._found: list[Figure] = []
        self._periods: dict[FigureKind, str] = {}
        self._kind: FigureKind = "actual"
        self._main = _HOME if _HOME.name in plain[:_OPENING] else subject.NOBODY
        self._home = _HOME if _HOME.name in plain else _SOME_PROVINCE
        self._subject = self._main
        self._paragraph_end = 0
        self._without = 0  # paragraphs since the last with figures
        self._had_figures = False

    def read(self, start: int, end: int) -> int:
        """Read the sentence at ``start:end``; returns how many figures there are by now."""
        line = self._plain[start:end]
        if "\n" in self._plain[self._paragraph_end : start] or not start:
            self._enter_paragraph(line)
        self._paragraph_end = end
        held = _marks(line) if _MAY_HOLD.search(line) else []
        self._enter(line, held)
        self._take(line, start, end, held)
        return len(self._found)

    def _enter_paragraph(self, line: str) -> None:
        self._without = 0 if self._had_figures else self._without + 1
        self._had_figures = False
        if self._without >= _GAP:
            self._periods.clear()
        self._subject = self._main

    def _owner(self) -> subject.FigureSubject:
        """Whose «tỉnh» is: the province the article is about, else the archive's own if it is named."""
        return self._main if self._main.kind else self._home

    def _enter(self, line: str, held: list[Mark]) -> None:
        if not kind.goes_on(line):
            self._kind = "actual"

    def _take(self, line: str, start: int, end: int, held: list[Mark]) -> None:
        cues = kind.cues(line) if held or kind.is_heading(line) else []
        named = subject.subjects(line, self._places) if held else []
        told = self._periods.get("actual") if self._had_figures else None
        year = int(told[:4]) if told else self._today.year
        times = period.times(line, self._today, year)
        before, last, kind_here = 0, NAMELESS, self._kind
        for at, mark in enumerate(held):
            following = _following(line, held, at)
            kind_here = kind.kind_of(cues, mark.start, self._kind)
            when = period.nearest(line, _whole(line, held, at), times, following)
            kind_here = self._ahead(kind_here, when)
            last = name(line, mark, before, last, self._indicators)
            whose = subject.nearest(named, mark.start, self._subject, self._owner())
            self._add(line, start, end, mark, self._held_on(line, when, kind_here), kind_here, last, whose)
            before = mark.end
        self._leave(line, held, cues, times, named, kind_here)

    def _ahead(self, found: FigureKind, when: str | None) -> FigureKind:
        """A figure of years to come is none reached; a school year's may be."""
        first, last = (int(year) for year in (_YEARS.findall(when) * 2)[:2]) if when else (0, 0)
        ahead = first > self._today.year or (last > self._today.year and last > first + 1)
        return "target" if ahead and found == "actual" else found

    def _held_on(self, line: str, when: str | None, found: FigureKind) -> str | None:
        """The period named for a figure, else that of the last of its kind; a look back leaves that."""
        kind_of_period: FigureKind = "actual" if found == "estimate" else found
        if when is not None:
            if not _LOOKS_BACK.search(line):
                self._periods[kind_of_period] = when
            return when
        return self._periods.get(kind_of_period)

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
            self._kind = kind_here
            self._subject = subject.nearest(named, len(line), self._subject, self._owner())
            if not self._main.kind and self._subject.kind == "province":
                self._main = self._subject if self._subject.name else self._main
            return
        self._kind = kind.kind_of(cues, len(line), "actual")
        if times and (kind.is_heading(line) or times[0].start < _AT_THE_START):
            ahead = kind.kind_of(kind.cues(line), len(line), "actual")
            self._periods["actual" if ahead == "estimate" else ahead] = times[-1].form
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

    def figures(self, *, dated: bool) -> list[Figure]:
        """What was read, each figure once; one that is said again fills in what its first place left out."""
        once: dict[tuple[float, str], list[Figure]] = {}
        for figure in self._found:
            twins = once.setdefault((figure.value, figure.unit), [])
            at = next((at for at, twin in enumerate(twins) if _same(twin, figure)), None)
            if at is None:
                twins.append(figure)
            elif _said(figure) > _said(twins[at]):
                twins[at] = figure
        kept = sorted((figure for twins in once.values() for figure in twins), key=lambda one: one.starts or 0)
        return [self._with_time(figure, dated=dated) for figure in kept]

    def _with_time(self, figure: Figure, *, dated: bool) -> Figure:
        if figure.period or not dated or figure.kind not in {"actual", "estimate"}:
            return figure
        return replace(figure, period=self._today.isoformat())


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
