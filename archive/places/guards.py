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
TRACE = 0.05  # a road called after the province: the text names it, and speaks of something else
_AROUND = 40  # characters on either side
_LIST = 3  # provinces in a row
_IN_A_ROW = re.compile(
    r"\s*(?:,|;|và|hay|hoặc|[-–]|/|với)?\s*(?:các |hai |ba )?(?:tỉnh|thành phố|TP\.?|Tp\.?)?\s*", re.UNICODE
)
_BESIDE = re.compile(r"(?:,| và|,? \(| -)?\s*(?:(?:xã|phường|huyện|thị xã|thành phố|tỉnh|TP\.?)\s)?")
_OURS = frozenset({"province", "districts", "communes", "old_units"})
_HERE = frozenset({"province", "districts", "communes", "old_units", "parks", "old_provinces"})
_NAMESAKES = frozenset({"districts", "communes", "old_units", "parks"})
_PLACES = frozenset({"old_provinces", "districts", "communes", "old_units"})
_LEAVES = {"nothing": 0.0, "trace": TRACE, "little": LITTLE}
_ANCHORS = frozenset({"elsewhere", "districts", "parks"})
_TWICE = 2
_NEAR = 120  # characters between a commune and another province that may be its own
_TOP = 300  # characters: title and lead
_SURELY = re.compile(r"(?:[Tt]ỉnh|TỈNH)(?: ủy)?\s\Z")
_PLACED = re.compile(
    r"\b(?:tỉnh|ở|tại|về|đến|từ|TP\.?|thành phố|quê|đại học|ĐH|báo|công an|UBND)\s\Z", re.IGNORECASE
)
_IN_BRACKETS = re.compile(
    r"\s*(?:cũ\s*)?\((?:nay (?:thuộc|là) )?"
    r"(?:(?:huyện|thị xã|thành phố|quận|TP\.?) [^(),;.]{2,20}, )?(?:tỉnh |TP\.? )?"
)
_PUT_ELSEWHERE = re.compile(_IN_BRACKETS.pattern.replace(r"\(", r"(?:\(|, ?|- |ở |của )", 1))
_COMMUNE = re.compile(r"\b(?:[Xx]ã|[Pp]hường)\s\Z")
_DASH = re.compile(r"\s*[-–—]\s*")
_UNITS = frozenset(("xã", "phường", "huyện", "p", "x", "tx", "tt", "tp", "phố", "trấn"))


Means = Literal["", "abroad", "person"]


class Guard(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """TextWords around the province's name that make it mean something else, and how that is said to a reader.

    ``text``: words of another country; two of them make it that country's city, where no place here is named.
    ``every``: it holds for districts and communes too.
    ``means``: what the name stands for throughout the text, once this guard has set it aside.
    """

    leaves: Literal["nothing", "trace", "little"]
    says: str
    means: Means = ""
    text: tuple[str, ...] = ()
    every: bool = False
    before: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A name in a text: ``name`` is the canonical one, ``group`` the block of places.yml (or ``elsewhere``).

    ``weight`` is 1, 0.25 for a name in passing, 0 for one set aside; ``reason`` says why, as a code.
    ``given``: words of which one in the text is company enough for a name that ``needs`` it.
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
    given: tuple[str, ...] = ()
    weight: float = 1.0
    reason: str = ""
    means: Means = ""

    @property
    def ours(self) -> bool:
        """Whether a text that has this span names the province, or something that is in it."""
        return self.weight > 0 and self.group not in {"elsewhere", "people"}

    @property
    def local(self) -> bool:
        """Whether the span in itself says that the text is about the province."""
        if self.weight < LITTLE or self.needs == "both":
            return False
        return self.home or self.group in _HERE


class NameFinder:
    """Reads the spans of a text and weighs them."""

    def __init__(self, names: Phrases[Span], guards: tuple[Guard, ...], merged: date) -> None:
        self._names = names
        self._guards = [_Ready(guard) for guard in guards]
        self._for_places = [guard for guard in self._guards if guard.rule.every]
        self._for_employers = [guard for guard in self._guards if guard.rule.means == "abroad"]
        self._merged = merged

    def read(self, words: TextWords, on: date | None) -> list[Span]:
        """The spans of a normalised text from left to right."""
        text = words.text
        hits = self._names.find(words)
        spans = [replace(hit.value, start=hit.start, end=hit.end) for hit in hits]
        if not any(span.group not in {"elsewhere", "people"} for span in spans):
            return [span for span in spans if not span.needs]
        spans = [self._guarded(span, hit, words) for span, hit in zip(spans, hits, strict=True)]
        spans = _throughout(self._foreign(spans, text), text)
        spans = _homonyms(_rows(spans, text), text)
        day = on or self._merged
        spans = [self._dated(span, day) for span in spans]
        return _companions(spans, hits, words)

    def _foreign(self, spans: list[Span], text: str) -> list[Span]:
        """Sets the bare name aside where the whole text is of the other country."""
        if any(span.group in _ANCHORS and not span.needs for span in spans):
            return spans
        for guard in self._guards:
            if sum(word in text for word in guard.rule.text) >= _TWICE:
                return [guard.aside(span) if _bare(span, text) else span for span in spans]
        return spans

    def _guarded(self, span: Span, hit: NameMatch[Span], words: TextWords) -> Span:
        """The span as the first guard that holds leaves it.

        Every guard is for the province, those against namesakes abroad for employers here, some for any place.
        """
        if span.group == "province":
            guards = self._guards
        elif span.group in _PLACES:
            guards = self._for_places
        else:
            guards = self._for_employers if span.home else []
        return next((guard.aside(span) for guard in guards if guard.holds(words, hit)), span)

    def _dated(self, span: Span, on: date) -> Span:
        if on >= self._merged or (span.group != "old_provinces" and "bac-kan" not in span.inside):
            return span
        why = reason("aside_before_merger", name=span.name)
        return replace(span, weight=min(span.weight, LITTLE), reason=why)


def _in_passing(span: Span, code: str) -> Span:
    return replace(span, weight=min(span.weight, LITTLE), reason=reason(code, name=span.name))


class _Ready:
    """A guard with its words cut once."""

    def __init__(self, rule: Guard) -> None:
        self.rule = rule
        self._before = {tuple(TextWords(phrase).lower): phrase for phrase in rule.before}
        self._unless = [tuple(TextWords(phrase).lower) for phrase in rule.unless]
        self._longest = max((len(phrase) for phrase in self._before), default=0)

    def aside(self, span: Span) -> Span:
        """The span with what the guard leaves of it, and why."""
        why = reason("aside", name=span.name, says=self.rule.says)
        return replace(span, weight=_LEAVES[self.rule.leaves], reason=why, means=self.rule.means)

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


def _bare(span: Span, text: str) -> bool:
    """Whether the province's name stands alone: «tỉnh Thái Nguyên» can only be ours."""
    return span.group == "province" and not _follows(_SURELY, span, text)


def _follows(words: re.Pattern[str], span: Span, text: str) -> bool:
    return bool(words.search(text, max(0, span.start - _AROUND), span.start))


def _throughout(spans: list[Span], text: str) -> list[Span]:
    """Once a text speaks of Taiyuan or of someone of that name, the bare name means that throughout."""
    for means, keeps in (("abroad", _SURELY), ("person", _PLACED)):
        first = next((span for span in spans if span.means == means), None)
        if first is None or (
            means == "person" and any(span.local and span.group != "province" for span in spans)
        ):
            continue
        here = any(span.group == "province" and span.weight > 0 and not _bare(span, text) for span in spans)
        steel = means == "abroad" and not here  # the steel works of Taiyuan is called TISCO too
        spans = [
            replace(span, weight=0.0, reason=first.reason)
            if (span.group == "province" and not _follows(keeps, span, text))
            or (steel and span.home and span.group == "organisations")
            else span
            for span in spans
        ]
    return spans


def _homonyms(spans: list[Span], text: str) -> list[Span]:
    """Sets aside a place or park that the text itself puts elsewhere: «huyện Yên Bình (Yên Bái)»."""
    others = {
        span.name
        for span, after in pairwise(spans)
        if after.group == "elsewhere"
        and span.group in _NAMESAKES
        and _elsewhere_after(span, text).fullmatch(text[span.end : after.start])
    }
    if not others:
        return spans
    return [
        replace(span, weight=0.0, reason=reason("aside_elsewhere", name=span.name))
        if span.group in _NAMESAKES and span.name in others
        else span
        for span in spans
    ]


def _elsewhere_after(span: Span, text: str) -> re.Pattern[str]:
    """What puts the name elsewhere: brackets; after a commune's kind a comma too, which may else be a list."""
    return _PUT_ELSEWHERE if span.needs or _follows(_COMMUNE, span, text) else _IN_BRACKETS


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
            out[at] = replace(span, weight=TRACE, reason=reason("aside_route", name=span.name))
        elif len(row) >= _LIST:
            out[at] = replace(
                span, weight=min(span.weight, LITTLE), reason=reason("aside_list", name=span.name)
            )


def _companions(spans: list[Span], hits: list[NameMatch[Span]], words: TextWords) -> list[Span]:
    """Keeps a name that needs company only where it has it."""
    units = [hit.first > 0 and words.lower[hit.first - 1] in _UNITS for hit in hits]
    sure = _is_sure(spans, units, words.text)
    kept: list[Span] = []
    for at, (span, unit) in enumerate(zip(spans, units, strict=True)):
        if any(word in words.text for word in span.unless):
            continue
        beside = [*kept[-1:], *spans[at + 1 : at + 2]]
        if _in_company(span, words.text, sure=sure, unit=unit) or (sure and _beside(span, beside, words.text)):
            kept.append(span)
    return _confirmed(spans, kept)


def _is_sure(spans: list[Span], units: list[bool], text: str) -> bool:
    """Whether something here is named that needs no company, or two things that are company to each other.

    A commune with its kind before it (phường Gia Sàng), and two communes whose names are ours alone, will do
    where no other province is named beside them or at the head of the text.
    """
    if any(span.local and not span.needs for span in spans):
        return True
    if any(span.given and _is_given(span, text) for span in spans):
        return True
    others = [span for span in spans if span.group == "elsewhere"]
    communes = [
        (span.name, unit)
        for span, unit in zip(spans, units, strict=True)
        if span.needs == "unit" and not any(_near(span, other) or other.end < _TOP for other in others)
    ]
    return any(unit for _, unit in communes) or len({name for name, _ in communes}) >= _TWICE


def _near(span: Span, other: Span) -> bool:
    return abs(span.start - other.start) < _NEAR


def _is_given(span: Span, text: str) -> bool:
    return any(word in text for word in span.given) and not any(word in text for word in span.unless)


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


def _in_company(span: Span, text: str, *, sure: bool, unit: bool) -> bool:
    """Whether a name has what it needs: the province named surely, its kind before it, or both."""
    match span.needs:
        case "near":
            return sure or _is_given(span, text)
        case "unit":
            return sure
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
