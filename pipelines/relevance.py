"""Is an article about the province's industry or digital life? Points, with reasons a press officer can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from archive.places_guards import Span
from archive.places_trie import Hit, Words

from pipelines.relevance_text import sentences
from pipelines.topics import Scale, Theme, Topics

Zone = Literal["title", "lead", "body"]

_FULL = 10.0  # the top of the scale; twice the threshold in points reaches it
_WORD_OF_ORGANISATION = 3.0
_NEAR = 0.8  # a sentence that follows one about the province
_WITHIN = 0.6  # a sentence of an article whose title or lead is about the province
_HALF = 0.5  # what each new occurrence of a word counts of the one before
_CAPS = {1: 3.0, 2: 8.0}  # most that the words of few points can reach together
_FRAME_BODY = 0.5
_FRAME_BODY_CAP = 5.0


@dataclass(slots=True)
class Sentence:
    """A sentence with what it names; ``home`` is how surely it speaks of the province (0 to 1)."""

    zone: Zone
    start: int
    end: int
    home: float = 0.0
    names: set[str] = field(default_factory=set)
    elsewhere: bool = False
    themes: list[Theme] = field(default_factory=list)
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of the reckoning; ``score`` is of 10, ``why`` are short Vietnamese reasons, strongest first."""

    relevant: bool
    score: float
    why: tuple[str, ...]
    place: float
    theme: float
    frame: float


def judge_relevance(title: str, lead: str, body: str, spans: Sequence[Span], topics: Topics) -> Verdict:
    """Reckons an article; the texts are normalised, and spans count in title, lead and body divided by newlines."""
    text = f"{title}\n{lead}\n{body}"
    lines = _cut(text, len(title), len(title) + 1 + len(lead))
    _place(lines, spans)
    _themes(lines, topics.phrases.find(Words(text)), spans, topics)
    place, where = _standing(lines, topics.scale)
    for line, before in zip(lines, [None, *lines], strict=False):
        line.share = _share(line, before, place)
    theme, words = _sum(lines, topics.scale)
    frame, against = _frame(lines, topics.scale)
    points = place * max(0.0, theme - frame)
    score = min(_FULL, round(points / 2, 1))
    relevant = score >= topics.scale.threshold
    why = [where, *words]
    if frame and (not relevant or frame >= theme / 3):
        why.append(against)
    return Verdict(relevant, score, tuple(reason for reason in why if reason), place, theme, frame)


def _cut(text: str, title_end: int, lead_end: int) -> list[Sentence]:
    lines = []
    for start, end in sentences(text):
        zone: Zone = "title" if start < title_end else "lead" if start < lead_end else "body"
        lines.append(Sentence(zone, start, end))
    return lines


def _place(lines: list[Sentence], spans: Iterable[Span]) -> None:
    at = 0
    for span in spans:
        while at < len(lines) - 1 and span.start >= lines[at].end:
            at += 1
        line = lines[at]
        if span.group == "elsewhere":
            line.elsewhere = True
        elif span.local:
            line.home = max(line.home, span.weight)
            if span.weight == 1:
                line.names.add(span.name)


def _themes(lines: list[Sentence], hits: Iterable[Hit[Theme]], spans: Iterable[Span], topics: Topics) -> None:
    named = [
        (span.start, Theme(span.name, span.theme, _WORD_OF_ORGANISATION * topics.weight(span.theme)))
        for span in spans
        if span.theme and span.weight == 1
    ]
    found = [(hit.start, hit.value) for hit in hits]
    at = 0
    for start, theme in sorted([*named, *found], key=lambda pair: pair[0]):
        while at < len(lines) - 1 and start >= lines[at].end:
            at += 1
        lines[at].themes.append(theme)


def _standing(lines: Sequence[Sentence], scale: Scale) -> tuple[float, str]:
    """How much of the article is about the province (0 to 1), and that in words."""
    for zone, standing, says in (("title", 1.0, "ở tiêu đề"), ("lead", 0.9, "ở mở đầu")):
        names = [name for line in lines if line.zone == zone and line.home == 1 for name in line.names]
        if names:
            return standing, f"«{names[0]}» {says}"
    body = [line for line in lines if line.zone == "body"]
    longest, name = _longest_passage(body)
    homes = sum(line.home == 1 for line in body)
    if longest >= scale.passage or homes >= scale.passage + 1:
        return (
            0.8,
            f"«{name}» trong một đoạn {longest} câu"
            if longest >= scale.passage
            else f"«{name}» trong {homes} câu",
        )
    if body and body[0].home == 1:
        return 0.7, f"«{min(body[0].names)}» ở câu đầu"
    if homes:
        return 0.2, f"chỉ nhắc qua «{name}»"
    return 0.0, ""


def _longest_passage(body: Sequence[Sentence]) -> tuple[int, str]:
    """The longest run of sentences about the province, one in between allowed; or as many names as it holds."""
    best, best_name = 0, ""
    run: list[Sentence] = []
    gap: list[Sentence] = []
    for line in [*body, Sentence("body", 0, 0, elsewhere=True), Sentence("body", 0, 0, elsewhere=True)]:
        if line.home == 1:
            run, gap = [*run, *gap, line] if run else [line], []
            names = set().union(*(each.names for each in run))
            length = max(len(run), len(names))
            if length > best:
                best, best_name = length, min(run[0].names)
        elif gap or line.elsewhere:
            run, gap = [], []
        elif run:
            gap = [line]
    return best, best_name


def _share(line: Sentence, before: Sentence | None, place: float) -> float:
    if line.home == 1:
        return 1.0
    if line.elsewhere:
        return 0.0
    if before is not None and before.zone == line.zone and before.home == 1:
        return _NEAR
    return max(line.home, _WITHIN if place >= 0.9 else 0.0)


def _sum(lines: Sequence[Sentence], scale: Scale) -> tuple[float, list[str]]:
    """Points of the words that count, and the strongest of them in words."""
    zones = {"title": scale.title, "lead": scale.lead, "body": scale.body}
    seen: dict[str, int] = {}
    worth: dict[str, float] = {}
    sums = {1: 0.0, 2: 0.0, 3: 0.0}
    for line in lines:
        for theme in line.themes:
            if theme.frame:
                continue
            times = seen.get(theme.word, 0)
            seen[theme.word] = times + 1
            value = theme.points * zones[line.zone] * line.share * _HALF**times
            kind = min(3, max(1, round(theme.points)))
            room = _CAPS.get(kind, 1e9) - sums[kind] if line.zone == "body" else value
            value = max(0.0, min(value, room))
            sums[kind] += value if line.zone == "body" else 0.0
            worth[theme.word] = worth.get(theme.word, 0.0) + value
    strongest = sorted((word for word in worth if worth[word] > 0), key=lambda word: -worth[word])[:4]
    return sum(worth.values()), [f"«{word}» {_times(seen[word])}" for word in strongest]


def _frame(lines: Sequence[Sentence], scale: Scale) -> tuple[float, str]:
    """Points against, and the strongest frame in words."""
    frames: dict[str, float] = {}
    seen: dict[str, int] = {}
    in_body = 0.0
    for line in lines:
        for theme in line.themes:
            if not theme.frame:
                continue
            times = seen.get(theme.word, 0)
            seen[theme.word] = times + 1
            value = {"title": scale.title, "lead": scale.lead, "body": _FRAME_BODY}[line.zone] * _HALF**times
            if line.zone == "body":
                value = min(value, _FRAME_BODY_CAP - in_body)
                in_body += value
            frames[theme.frame] = frames.get(theme.frame, 0.0) + value
    if not frames:
        return 0.0, ""
    first = max(frames, key=lambda frame: frames[frame])
    return sum(frames.values()), f"bài về {first}"


def _times(count: int) -> str:
    return f"{count} lần"
