"""What a number measures: a known indicator, else the whole noun phrase of its sentence, else nothing."""

import re
from collections.abc import Callable
from dataclasses import replace

from archive.figures.indicators import Indicators
from pipelines.figures.amounts import WORDS, Mark
from pipelines.figures.carried import (
    NamedAt,
    again,
    against,
    changed,
    contributed,
    covered,
    extreme,
    goes_on,
    headed,
    index_named,
    listed,
    rated,
)
from pipelines.figures.counted import about, counted, done, shared, stuff
from pipelines.figures.phrase import (
    NAMELESS,
    Name,
    is_plain,
    is_subject,
    known_as,
    lowered,
    of_a_place,
    phrase,
    read_clause,
    stripped,
)

_RANGE = re.compile(r"\s?(?:[-‒–—−]|đến)\s?")
_NO_PHRASE = WORDS.pattern(r"(?<!\w)(?:«no_phrase»)(?!\w)|\d")
_SHARE = re.compile(r"(?:tỷ|tỉ) (?:trọng|lệ)\b|thị phần\b", re.IGNORECASE)  # what «chiếm» gives a value of
_NAMES = re.compile(r"(?:[A-ZĐ]\S*\s?)+|(?:(?:con )?số|mức|tỷ lệ|trong|đây) .*")
_SUMS = re.compile(r"tổng|vốn|doanh thu|giá trị|kim ngạch|số ", re.IGNORECASE)
_LONGEST = 12  # words of a table's cell


def name(line: str, mark: Mark, before: int, last: Name, known: Indicators | None) -> Name:
    """The name of the number at ``mark``; ``before`` is where the number before ended, ``last`` its name."""
    if before and _RANGE.fullmatch(line, before, mark.start):
        return last
    at = NamedAt(line, mark, before, last, read_clause(line, mark, before), known)
    found = next((told for rule in _rules(mark) if (told := rule(at)) is not None), NAMELESS)
    if at.part and not found.whole:
        found = replace(found, whole=last.whole)
    seen = (*last.seen, found.key) if found.key else last.seen
    if found.key and at.part and found.key in last.seen:
        return replace(NAMELESS, seen=seen)
    return replace(found, seen=seen)


def _rules(mark: Mark) -> tuple[Callable[[NamedAt], Name | None], ...]:
    """The rules in the order in which they are asked."""
    if mark.counts:
        return (counted,)
    if mark.unit == "lần":
        return (against, _grown)
    if mark.unit == "hạng":
        return (about, again, _named, headed, index_named, goes_on, listed)
    first = (again, shared, against, _cell, stuff, headed, contributed, covered, rated)
    return (*first, _named, index_named, extreme, goes_on, done, listed)


def _named(at: NamedAt) -> Name | None:
    """What the clause itself names."""
    words, clause = at.clause.words, at.clause
    if at.mark.value == 1 and at.mark.unit != "%":  # «trên 1 ha»
        return NAMELESS
    if not words:
        alone = clause.link == "tăng trưởng" and not at.before
        return Name("", "tăng trưởng", "tăng trưởng", at.mark.unit) if alone else None
    if found := known_as(words, clause.link, at.mark.unit, at.known, clause.change):
        return found
    if not clause.linked:
        return None
    if clause.link.startswith("chiếm") and not _SHARE.match(words):
        return _proportion(words)
    told = phrase(words, clause.change)
    if (
        told
        and of_a_place(words, told)
        and (found := known_as(told, clause.link, at.mark.unit, at.known, clause.change))
    ):
        return found
    if not told or (clause.link and not is_subject(words, told, clause.link)):
        return None
    return replace(changed(told, clause.change, at.mark, None), link=clause.link)


def _proportion(words: str) -> Name | None:
    """«Thị trường Mỹ chiếm 47%»; not «Hàn Quốc chiếm 58%», of which it is not said what."""
    plain = len(words.split()) >= 2 and words[1:2].islower() and not _NAMES.fullmatch(words) and is_plain(words)
    if not plain or _SUMS.match(words):
        return None
    told = f"tỷ trọng {lowered(words)}"
    return Name("", told, told, "%", "chiếm")


def _grown(at: NamedAt) -> Name | None:
    """«doanh nghiệp mới tăng 1,5 lần»."""
    told = phrase(at.clause.words, at.clause.change) if at.own else ""
    way = at.clause.change or "mức tăng"
    return changed(told, way, at.mark, None) if told else None


def _cell(at: NamedAt) -> Name | None:
    """The first cell of a table's row names all its numbers."""
    if "|" not in at.line or at.clause.link:
        return None
    cell = stripped(at.line.split("|")[0].strip())
    if found := known_as(cell, "", at.mark.unit, at.known):
        return found
    return None if not cell or _NO_PHRASE.search(cell) or len(cell.split()) > _LONGEST else Name("", cell, cell)
