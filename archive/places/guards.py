"""Whether a name found speaks of the province: streets, persons, routes, lists, Taiyuan are set aside."""

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

import msgspec

from archive.model import MentionKind
from archive.places.matcher import NameMatch, Phrases, TextWords
from archive.reasons import reason

LITTLE = 0.25
_ABROAD = "Trung Quốc"  # how a guard against Taiyuan ends
_AROUND = 40  # characters on either side
_LIST = 3  # provinces in a row
_IN_A_ROW = re.compile(
    r"\s*(?:,|;|và|hay|hoặc|[-–]|/|với)?\s*(?:các |hai |ba )?(?:tỉnh|thành phố|TP\.?|Tp\.?)?\s*", re.UNICODE
)
_BESIDE = re.compile(r"(?:,| và|,? \(| -)?\s*(?:(?:xã|phường|huyện|thị xã|thành phố|tỉnh|TP\.?)\s)?")
_OURS = frozenset({"province", "districts", "communes", "old_units"})
_DASH = re.compile(r"\s*[-–—]\s*")
_UNITS = frozenset(("xã", "phường", "huyện", "p", "x", "tx", "tt", "tp", "phố", "trấn"))


class Guard(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Words around the province's name that make it mean something else, and how a reader is told."""

    leaves: Literal["nothing", "little"]
    says: str
    before: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A name in a text: ``name`` is the canonical one, ``group`` the block of places.yml (or ``elsewhere``).

    ``weight`` is 1, 0.25 for a name in passing, 0 for one set aside; ``reason`` says why, as a code.
    """

    start: int
    end: int
    name: str
    kind: MentionKind
    group: str
    needs: str = ""
    theme: str = ""
    home: bool = False
    inside: str = ""
    unless: tuple[str, ...] = ()
    weight: float = 1.0
    reason: str = ""
    abroad: bool = False

    @property
    def local(self) -> bool:
        """Whether the span in itself says that the text is about the province."""
        if self.weight <= 0 or self.needs == "both":
            return False
        return self.home or self.group in {"province", "districts", "communes", "parks", "old_provinces"}

    @property
    def root(self) -> bool:
        """Whether the span names the province itself, or an employer that stands for it."""
        return self.weight > 0 and (self.group == "province" or (self.home and not self.needs))


class NameFinder:
    """Reads the spans of a text and weighs them."""

    def __init__(self, names: Phrases[Span], guards: tuple[Guard, ...], merged: date) -> None:
        self._names = names
        self._guards = [_Ready(guard) for guard in guards]
        self._merged = merged

    def read(self, words: TextWords, on: date | None) -> list[Span]:
        """The spans of a normalised text from left to right."""
        text = words.text
        hits = self._names.find(words)
        spans = [replace(hit.value, start=hit.start, end=hit.end) for hit in hits]
        spans = [self._guarded(span, hit, words) for span, hit in zip(spans, hits, strict=True)]
        spans = _all_abroad(spans, text)
        spans = _rows(spans, text)
        spans = [self._dated(span, on) for span in spans]
        return _companions(spans, hits, words)

    def _guarded(self, span: Span, hit: NameMatch[Span], words: TextWords) -> Span:
        if span.group != "province":
            return span
        for guard in self._guards:
            if guard.holds(words, hit):
                weight = LITTLE if guard.rule.leaves == "little" else 0.0
                why = reason("aside", name=span.name, says=guard.rule.says)
                return replace(span, weight=weight, reason=why, abroad=guard.rule.says.endswith(_ABROAD))
        return span

    def _dated(self, span: Span, on: date | None) -> Span:
        if span.group != "old_provinces" and "bac-kan" not in span.inside:
            return span
        if on is None:
            return replace(
                span, weight=min(span.weight, LITTLE), reason=reason("aside_undated", name=span.name)
            )
        if on < self._merged:
            return replace(
                span, weight=min(span.weight, LITTLE), reason=reason("aside_before_merger", name=span.name)
            )
        return span


def _in_passing(span: Span, code: str) -> Span:
    return replace(span, weight=min(span.weight, LITTLE), reason=reason(code, name=span.name))


class _Ready:
    """A guard with its words cut once."""

    def __init__(self, rule: Guard) -> None:
        self.rule = rule
        self._before = {tuple(TextWords(phrase).lower): phrase for phrase in rule.before}
        self._unless = [tuple(TextWords(phrase).lower) for phrase in rule.unless]
        self._longest = max((len(phrase) for phrase in self._before), default=0)

    def holds(self, words: TextWords, hit: NameMatch[Span]) -> bool:
        rest = words.text[hit.end : hit.end + _AROUND]
        if any(rest.startswith(sign) or rest.lstrip().startswith(sign) for sign in self.rule.after):
            return True
        near = words.text[max(0, hit.start - _AROUND) : hit.start] + rest
        return any(sign in near for sign in self.rule.around) or self._precedes(words, hit)

    def _precedes(self, words: TextWords, hit: NameMatch[Span]) -> bool:
        if not hit.first or words.gap(hit.first - 1).strip() not in {"", ":"}:
            return False
        if any(tuple(words.lower[hit.first - len(each) : hit.first]) == each for each in self._unless):
            return False
        for length in range(1, min(self._longest, hit.first) + 1):
            phrase = self._before.get(tuple(words.lower[hit.first - length : hit.first]))
            if phrase and (phrase[0].islower() or words.text[words.spans[hit.first - length][0]].isupper()):
                return True
        return False


def _all_abroad(spans: list[Span], text: str) -> list[Span]:
    """Once a text speaks of Taiyuan, the bare name means Taiyuan throughout; «tỉnh Thái Nguyên» does not."""
    abroad = next((span for span in spans if span.abroad), None)
    if abroad is None:
        return spans
    return [
        replace(span, weight=0.0, reason=abroad.reason)
        if span.group == "province" and not text[: span.start].rstrip().lower().endswith("tỉnh")
        else span
        for span in spans
    ]


def _rows(spans: list[Span], text: str) -> list[Span]:
    """Marks routes (two places joined by a dash) and lists (three or more provinces in a row)."""
    out = list(spans)
    row: list[int] = []
    for at, span in enumerate(spans):
        if span.group not in {"province", "elsewhere", "old_provinces"} and span.name != "Chợ Mới":
            continue
        if row and not _IN_A_ROW.fullmatch(text[spans[row[-1]].end : span.start]):
            _mark(row, out, text)
            row = []
        row.append(at)
    _mark(row, out, text)
    return out


def _mark(row: list[int], out: list[Span], text: str) -> None:
    joined = all(_DASH.fullmatch(text[out[a].end : out[b].start]) for a, b in pairwise(row))
    for at in row:
        span = out[at]
        if span.group == "elsewhere" or span.weight <= 0:
            continue
        if len(row) == 2 and joined:
            out[at] = replace(span, weight=0.0, reason=reason("aside_route", name=span.name))
        elif len(row) >= _LIST:
            out[at] = replace(
                span, weight=min(span.weight, LITTLE), reason=reason("aside_list", name=span.name)
            )


def _companions(spans: list[Span], hits: list[NameMatch[Span]], words: TextWords) -> list[Span]:
    """Keeps a name that needs company only where it has it."""
    sure = any(span.local and not span.needs for span in spans)
    kept: list[Span] = []
    for at, (span, hit) in enumerate(zip(spans, hits, strict=True)):
        if any(word in words.text for word in span.unless):
            continue
        unit = hit.first > 0 and words.lower[hit.first - 1] in _UNITS
        beside = [*kept[-1:], *spans[at + 1 : at + 2]]
        if _in_company(span, sure=sure, unit=unit) or (sure and _beside(span, beside, words.text)):
            kept.append(span)
    return _confirmed(spans, kept)


def _confirmed(spans: list[Span], kept: list[Span]) -> list[Span]:
    """A district that has company once has it throughout: «hộ dân Phú Bình» beside «huyện Phú Bình»."""
    sure = {span.name for span in kept if span.group == "districts" and span.needs == "both"}
    if not sure:
        return kept
    held = {span.start for span in kept}
    return [
        replace(span, needs="") if span.name in sure else span
        for span in spans
        if span.start in held or span.name in sure
    ]


def _in_company(span: Span, *, sure: bool, unit: bool) -> bool:
    """Whether a name has what it needs: the province named surely, its kind before it, or both."""
    match span.needs:
        case "near":
            return sure
        case "unit":
            return sure or unit
        case "both":
            return sure and unit
    return True


def _beside(span: Span, others: list[Span], text: str) -> bool:
    """Whether a name stands in a row with a place of the province: «xã La Bằng và Quân Chu»."""
    for other in others:
        first, second = (span, other) if span.start < other.start else (other, span)
        if other.group in _OURS and other.weight > 0 and _BESIDE.fullmatch(text[first.end : second.start]):
            return True
    return False
