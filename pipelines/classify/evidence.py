"""An article as sentences that know where they stand, what they name and whether they speak of the province."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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
_ORGANISATION = 3.0  # points of an employer, park or institution with a theme
_AFFILIATION = 1.0  # where it only says whom someone works for: «nữ công nhân Samsung»
_WORKER = re.compile(
    r"(?:công nhân|nhân viên|lao động)(?: làm việc)?(?: tại| ở| của)?(?: nhà máy| công ty)?\s+\Z", re.IGNORECASE
)


@dataclass(slots=True)
class Sentence:
    """A sentence; ``home`` is how surely it names the province (0 to 1), ``names`` what of it it names.

    ``own``: it speaks of «tỉnh» as a paper of the province does.
    """

    zone: Zone
    start: int
    end: int
    home: float = 0.0
    names: list[str] = field(default_factory=list)
    elsewhere: bool = False
    own: bool = False
    themes: list[Theme] = field(default_factory=list)
    frames: list[Theme] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Text:
    """Title, lead and body of an article, normalised and in one, divided by newlines."""

    words: TextWords
    title_end: int
    lead_end: int

    @classmethod
    def of(cls, title: str, lead: str, body: str) -> Self:
        """The text of an article as it stands."""
        title, lead = norm(title), norm(lead)
        return cls(TextWords(f"{title}\n{lead}\n{norm(body)}"), len(title), len(title) + 1 + len(lead))


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
    named = [span for span in spans if span.theme and span.weight == 1]
    hits = topics.phrases.find(text.words)
    for line, theme in _laid(lines, _themes(text.words.text, named, hits, topics)):
        if theme.points:
            (line.frames if theme.frame else line.themes).append(theme)
    return lines


def _cut(text: str, title_end: int, lead_end: int) -> Iterator[Sentence]:
    for start, end in sentences(text):
        zone: Zone = "title" if start < title_end else "lead" if start < lead_end else "body"
        yield Sentence(zone, start, end, own=bool(_OUR_PROVINCE.search(text, start, end)))


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
        worker = _WORKER.search(text, max(0, span.start - 40), span.start)
        points = (_AFFILIATION if worker else _ORGANISATION) * topics.weight(span.theme)
        results.append((span.start, Theme(span.name, span.theme, points, named=True)))
    return sorted(results, key=lambda pair: pair[0])
