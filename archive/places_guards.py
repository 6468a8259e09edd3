"""Whether a name found speaks of the province: streets, persons, teams, routes, lists and Taiyuan are set aside."""

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal

import msgspec

from archive.model import MentionKind
from archive.places_trie import Hit, Phrases, Words

LITTLE = 0.25
_AROUND = 40  # characters on either side
_LIST = 3  # provinces in a row
_SENTENCE_END = re.compile(r"[.!?…](?=\s+[^\s\d.,;a-zà-ỹđ])|\n")
_IN_A_ROW = re.compile(
    r"\s*(?:,|;|và|hay|hoặc|[-–]|/|với)?\s*(?:các |hai |ba )?(?:tỉnh|thành phố|TP\.?|Tp\.?)?\s*", re.UNICODE
)
_DASH = re.compile(r"\s*[-–—]\s*")
_UNITS = frozenset("xã phường huyện quận p x tx tt tp phố trấn thị khu".split())
_LOCAL = frozenset("tỉnh huyện xã phường tp".split())


class Guard(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Words around the province's name that make it mean something else, and how that is said to a reader."""

    leaves: Literal["nothing", "little"]
    says: str
    before: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A name in a text: ``name`` is the canonical one, ``group`` the block of places.yml (or ``elsewhere``).

    ``weight`` is 1, 0.25 for a name in passing, 0 for one set aside; ``says`` is the reason, in Vietnamese.
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
    weight: float = 1.0
    says: str = ""

    @property
    def local(self) -> bool:
        """Whether the span in itself says that the text is about the province."""
        if self.weight <= 0 or self.needs == "both":
            return False
        return self.home or self.group in {"province", "districts", "communes", "parks", "old_provinces"}


class Reader:
    """Reads the spans of a text and weighs them."""

    def __init__(self, names: Phrases[Span], guards: tuple[Guard, ...], merged: date) -> None:
        self._names = names
        self._guards = [_Ready(guard) for guard in guards]
        self._merged = merged

    def read(self, text: str, on: date | None) -> list[Span]:
        """The spans of a normalised text from left to right."""
        words = Words(text)
        hits = self._names.find(words)
        spans = [replace(hit.value, start=hit.start, end=hit.end) for hit in hits]
        spans = [self._guarded(span, hit, words) for span, hit in zip(spans, hits, strict=True)]
        spans = _all_abroad(spans, text)
        spans = _rows(spans, text)
        spans = [self._dated(span, on) for span in spans]
        return _companions(spans, hits, words)

    def _guarded(self, span: Span, hit: Hit[Span], words: Words) -> Span:
        if span.group != "province":
            return span
        for guard in self._guards:
            if guard.holds(words, hit):
                return replace(
                    span, weight=LITTLE if guard.rule.leaves == "little" else 0.0, says=guard.rule.says
                )
        return span

    def _dated(self, span: Span, on: date | None) -> Span:
        if span.group != "old_provinces" and "bac-kan" not in span.inside:
            return span
        if on is None:
            return replace(span, weight=min(span.weight, LITTLE), says="Bắc Kạn, bài không rõ ngày")
        if on < self._merged:
            return replace(span, weight=min(span.weight, LITTLE), says="Bắc Kạn trước khi hợp nhất")
        return span


class _Ready:
    """A guard with its words cut once."""

    def __init__(self, rule: Guard) -> None:
        self.rule = rule
        self._before = {tuple(Words(phrase).lower): phrase for phrase in rule.before}
        self._unless = [tuple(Words(phrase).lower) for phrase in rule.unless]
        self._longest = max((len(phrase) for phrase in self._before), default=0)

    def holds(self, words: Words, hit: Hit[Span]) -> bool:
        rest = words.text[hit.end : hit.end + _AROUND]
        if any(rest.startswith(sign) or rest.lstrip().startswith(sign) for sign in self.rule.after):
            return True
        near = words.text[max(0, hit.start - _AROUND) : hit.start] + rest
        return any(sign in near for sign in self.rule.around) or self._precedes(words, hit)

    def _precedes(self, words: Words, hit: Hit[Span]) -> bool:
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
    abroad = next((span for span in spans if span.says.endswith("Trung Quốc")), None)
    if abroad is None:
        return spans
    return [
        replace(span, weight=0.0, says=abroad.says)
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
    joined = all(_DASH.fullmatch(text[out[a].end : out[b].start]) for a, b in zip(row, row[1:], strict=False))
    for at in row:
        span = out[at]
        if span.group == "elsewhere" or span.weight <= 0:
            continue
        if len(row) == 2 and joined:
            out[at] = replace(span, weight=0.0, says="tên một tuyến đường")
        elif len(row) >= _LIST:
            out[at] = replace(span, weight=min(span.weight, LITTLE), says="kể trong một danh sách tỉnh")


class _Sentences:
    """Which sentence an offset falls in."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _ends(self) -> list[int]:
        return [found.end() for found in _SENTENCE_END.finditer(self._text)]

    def of(self, offset: int) -> int:
        low, high = 0, len(self._ends)
        while low < high:
            middle = (low + high) // 2
            if self._ends[middle] <= offset:
                low = middle + 1
            else:
                high = middle
        return low


def _companions(spans: list[Span], hits: list[Hit[Span]], words: Words) -> list[Span]:
    """Keeps a name that needs company only where it has it."""
    sentences = _Sentences(words.text)
    sure = [
        span
        for span in spans
        if span.weight > 0 and not span.needs and span.group != "elsewhere" and span.local
    ]
    homes = {sentences.of(span.start) for span in sure}
    kept = []
    for span, hit in zip(spans, hits, strict=True):
        if not span.needs or _in_company(span, hit, words, bool(sure), homes, sentences):
            kept.append(span)
    return kept


def _in_company(
    span: Span, hit: Hit[Span], words: Words, near: bool, homes: set[int], sentences: _Sentences
) -> bool:
    if span.needs == "near":
        return near
    unit = bool(hit.first) and words.lower[hit.first - 1] in _UNITS
    placed = unit or sentences.of(span.start) in homes
    return placed and (near or span.needs == "unit")
