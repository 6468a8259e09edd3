"""An article as sentences that know where they stand, what they name and whether they speak of the province."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeVar

from archive.places.guards import Span
from archive.places.matcher import NameMatch, TextWords
from archive.sentences import sentences
from archive.text import norm
from pipelines.classify.topics import Theme, Topics

Zone = Literal["title", "lead", "body"]
T = TypeVar("T")

_OUR_PROVINCE = re.compile(
    r"(?:toàn|trong|của|địa bàn|UBND|HĐND|Ủy ban nhân dân|Hội đồng nhân dân|lãnh đạo|cấp) tỉnh(?! [A-ZĐ])"
    r"|[Tt]ỉnh (?:ủy(?! [A-ZĐ])|ta\b)"
)
_PROVINCES = ("Thái Nguyên", "Bắc Kạn")
_GLUED = re.compile(r"(?:T(?<=[^\W_]T)hái Nguyên|B(?<=[^\W_]B)ắc Kạn)\b")  # the capital first: it is rare
_ORGANISATION = 3.0  # points of an employer, park or institution with a theme
_PARKS = "khu-cong-nghiep"
_NO_SITES = frozenset({"khcn", "chinh-quyen-so"})
_BESIDE = 1 / 3  # what a place of work counts that is only where someone works, or where something is near
_ONE = r"(?:nam|nữ|cựu|anh|chị|ông|bà|một|là|chàng|cô|người)"
_WORKER = r"(?:công nhân|nhân viên|lao động|kỹ sư|thợ|bảo vệ|sinh viên)"
_WORKPLACE = r"(?: (?:tại|ở|của|trong|cho))?(?: (?:một|các))?(?: (?:nhà máy|công ty|khu công nghiệp|KCN))?"
_WORKING = r"(?:làm(?: \w+){0,4}|công tác|đi làm|thử việc|xin việc|nghỉ việc|nghỉ hưu) (?:tại|ở|cho|trong)"
_SOMEONE = re.compile(
    rf"(?:\b{_ONE} (?:\w+ )?|\A|\n|[.,:;(“\"–-] ?){_WORKER}(?: viên)?(?: \w+){{0,2}}?"
    rf"(?: làm việc)?{_WORKPLACE}\s\Z"
    rf"|\b{_WORKING}(?: \w+){{0,3}}\s\Z"
    r"|\b(?:đồng nghiệp|đồng hương|vợ|chồng|con)(?: \w+){0,4}\s\Z"
    r"|\b(?:chở|chở các|xe đưa đón|đưa đón) công nhân(?: \w+)?\s\Z",
    re.IGNORECASE,
)
_NEARBY = re.compile(
    r"\b(?:gần|cạnh|đối diện|quanh|sát|cách|ngoài|trước cổng|cổng|qua|hướng|khu trọ|phòng trọ|nhờ|giáp|ven)"
    r"(?: \w+){0,2}\s\Z",
    re.IGNORECASE,
)
_EMITS = re.compile(
    r"\b(?:bụi|mùi|khói|khí thải|nước thải|xả|ô nhiễm|bùn|tiếng ồn|hóa chất|rò rỉ)\b", re.IGNORECASE
)
_EARLY = 60  # characters into a sentence, where its subject stands
_AROUND = 45  # characters before a place of work that say how it stands in its sentence


@dataclass(slots=True)
class Sentence:
    """A sentence; ``home`` is how surely it names the province (0 to 1), ``names`` what of it it names.

    ``opens``: it begins with such a name, so that what follows is about it.
    ``own``: it speaks of «tỉnh» as a paper of the province does. ``paragraph`` counts those of the text.
    """

    zone: Zone
    start: int
    end: int
    home: float = 0.0
    names: list[str] = field(default_factory=list)
    opens: bool = False
    elsewhere: bool = False
    own: bool = False
    paragraph: int = 0
    themes: list[Theme] = field(default_factory=list)
    frames: list[Theme] = field(default_factory=list)

    @property
    def site(self) -> Theme | None:
        """The place of work that acts or suffers in this sentence."""
        return next((theme for theme in self.themes if theme.site), None)


@dataclass(frozen=True, slots=True)
class Text:
    """Title, lead and body of an article, normalised and in one, divided by newlines."""

    words: TextWords
    title_end: int
    lead_end: int

    @classmethod
    def of(cls, title: str, lead: str, body: str) -> Self:
        """The text of an article as it stands."""
        title, lead, body = _unglued(norm(title)), _unglued(norm(lead)), _unglued(norm(body))
        return cls(TextWords(f"{title}\n{lead}\n{body}"), len(title), len(title) + 1 + len(lead))


def _unglued(text: str) -> str:
    """The province's name as words of their own where a table or a lost space glued it to the word before."""
    return _GLUED.sub(r" \g<0>", text) if any(name in text for name in _PROVINCES) else text


def lines_of(text: Text, spans: Sequence[Span], topics: Topics) -> list[Sentence]:
    """The sentences of an article with what they name and say."""
    lines = list(_cut(text.words.text, text.title_end, text.lead_end))
    for line, span in _laid(lines, ((span.start, span) for span in spans)):
        if span.group == "elsewhere":
            line.elsewhere = True
        elif span.local:
            line.home = max(line.home, span.weight)
            if span.weight == 1:
                line.names.append(span.name)
                line.opens |= span.start - line.start <= _EARLY
    named = [span for span in spans if (span.theme or span.group == "parks") and span.weight == 1]
    hits = topics.phrases.find(text.words)
    for line, theme in _laid(lines, _themes(text.words.text, named, hits, topics)):
        if theme.points:
            (line.frames if theme.frame else line.themes).append(theme)
    return lines


def _cut(text: str, title_end: int, lead_end: int) -> Iterator[Sentence]:
    paragraph = last = 0
    for start, end in sentences(text):
        zone: Zone = "title" if start < title_end else "lead" if start < lead_end else "body"
        paragraph += "\n" in text[last:start]
        last = end
        yield Sentence(zone, start, end, own=bool(_OUR_PROVINCE.search(text, start, end)), paragraph=paragraph)


def _laid(lines: Sequence[Sentence], things: Iterable[tuple[int, T]]) -> Iterator[tuple[Sentence, T]]:
    """Each thing, given by its offset in rising order, with the line it lies in."""
    at = 0
    for start, thing in things:
        while at < len(lines) - 1 and start >= lines[at].end:
            at += 1
        yield lines[at], thing


def _themes(
    text: str, named: Sequence[Span], hits: Iterable[NameMatch[Theme]], topics: Topics
) -> list[tuple[int, Theme]]:
    """Words and organisations that count; a word within an organisation's name does not count twice."""
    inside = {at for span in named for at in range(span.start, span.end)}
    results = [(hit.start, hit.value) for hit in hits if hit.start not in inside]
    for span in named:
        key = span.theme or _PARKS
        site = key not in _NO_SITES
        results.append(
            (span.start, Theme(span.name, key, _ORGANISATION * topics.weight(key), named=True, site=site))
        )
    results = [(start, _as_it_stands(text, start, theme) if theme.site else theme) for start, theme in results]
    return sorted(results, key=lambda pair: pair[0])


def _as_it_stands(text: str, start: int, theme: Theme) -> Theme:
    """A place of work counts little where it only says whom someone works for, or what a place is near to.

    What it lets out is its own: «bụi phủ xóm cạnh nhà máy».
    """
    begin = max(text.rfind("\n", 0, start), start - _AROUND, 0)
    near = _NEARBY.search(text, begin, start) and not _EMITS.search(text, begin, start + _AROUND)
    if near or _SOMEONE.search(text, begin, start):
        return replace(theme, points=theme.points * _BESIDE, site=False)
    return theme
