"""Is an article about the province's industry or digital life? Points, with reasons one can read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.places.guards import Span
from archive.reasons import reason
from pipelines.classify.evidence import Sentence, Text, Zone, lines_of
from pipelines.classify.topics import Scale, Theme, Topics

_TOP = 10.0  # of the scale; twice as many points reach it
_AGAIN = 0.5  # what each new occurrence of a word counts of the one before
_NAMED_AGAIN = 0.7  # the same for an employer, and for words that count against
_CAPS = {1: 3.0, 2: 8.0}  # most that words of 1 and of 2 points reach together in a body
_FRAME_CAP = 15.0  # most that a body takes off
_NEAR = 0.8  # what a word counts in a sentence after one about the province, or beside it in title and lead
_WITHIN = 0.6  # and in the body of an article whose title or lead is about it
_DENSE = 25  # sentences of a body; in a longer one as many words say less
_MANY = 4  # sentences that can drown the rest
_OWN = 0.8  # least share of the province in an article of its own papers that names it
_WHY = 4  # words named as reasons


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of an article is about the province, 0 to 1, and why, as a code (archive.reasons).

    ``names``: it names the province at all; ``whole``: the province is the subject, not one of several.
    """

    share: float
    reason: str = ""
    names: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Relevance:
    """The outcome of the reckoning; ``score`` is of 10, ``why`` are codes, strongest first."""

    relevant: bool
    score: float
    why: tuple[str, ...]
    place: float = 0.0
    theme: float = 0.0
    frame: float = 0.0


def judge_relevance(text: Text, spans: Sequence[Span], topics: Topics, *, own_paper: bool = False) -> Relevance:
    """Reckons an article of which ``spans`` are the names found.

    ``own_paper``: it comes from a paper of the province, which need not name the province; any other has to.
    """
    if not own_paper and not any(span.root for span in spans):
        return Relevance(relevant=False, score=0.0, why=(_aside(spans) or reason("province_unnamed"),))
    lines = lines_of(text, spans, topics)
    at_home = own_paper and not any(line.elsewhere for line in lines if line.zone != "body")
    if at_home:
        _mark_own(lines)
    standing = _standing(lines, topics.scale)
    if at_home and standing.names and standing.share < _OWN:
        standing = Standing(_OWN, reason("own_paper"), whole=True)
    theme, words = _themes(lines, standing, topics.scale)
    frame, against = _frames(lines, topics.scale)
    if _drowned(lines):
        theme /= 2
    score = min(_TOP, round(standing.share * max(0.0, theme - frame) / 2, 1))
    relevant = score >= topics.scale.threshold
    why = [standing.reason or _aside(spans) or reason("not_about_province"), *words]
    if frame and (not relevant or frame >= theme / 3):
        why.append(reason("against", frame=against))
    return Relevance(relevant, score, tuple(why), standing.share, theme, frame)


def _aside(spans: Sequence[Span]) -> str:
    """Why a name of the province did not count, or counted little."""
    return next((span.reason for span in spans if span.reason), "")


def _standing(lines: Sequence[Sentence], scale: Scale) -> Standing:
    for zone, share, code in (("title", 1.0, "in_title"), ("lead", 0.9, "in_lead")):
        names = [name for line in lines if line.zone == zone and line.home == 1 for name in line.names]
        if names:
            return Standing(share, reason(code, name=names[0]), whole=True)
    body = [line for line in lines if line.zone == "body"]
    passage = _passage(body)
    if passage.length >= scale.passage:
        return Standing(0.8, reason("in_passage", name=passage.name, n=passage.length))
    homes = [line for line in body if line.home == 1]
    if len(homes) > scale.passage:
        return Standing(0.8, reason("in_sentences", name=homes[0].names[0], n=len(homes)))
    if homes and homes[0] is body[0]:
        return Standing(0.7, reason("in_first_sentence", name=homes[0].names[0]))
    return Standing(0.2, reason("in_passing", name=homes[0].names[0])) if homes else Standing(0.0, names=False)


def _mark_own(lines: Sequence[Sentence]) -> None:
    """In a paper of the province «tỉnh» is the province."""
    for line in lines:
        if line.own and not line.elsewhere:
            line.home = 1.0
            line.names.append("tỉnh")


@dataclass(slots=True)
class _Passage:
    """A run of sentences about the province; as long as it has sentences, or names of it."""

    lines: int = 0
    names: set[str] = field(default_factory=set)
    name: str = ""

    @property
    def length(self) -> int:
        return max(self.lines, len(self.names))


def _passage(body: Sequence[Sentence]) -> _Passage:
    """The longest passage; one sentence in between that names no other province does not break it."""
    best = run = _Passage()
    gap = 0
    for line in body:
        if line.home == 1:
            if not run.lines:
                run = _Passage(name=line.names[0])
            run.lines += gap + 1
            run.names.update(line.names)
            gap = 0
            best = max(best, run, key=lambda each: each.length)
        elif gap or line.elsewhere:
            run, gap = _Passage(), 0
        elif run.lines:
            gap = 1
    return best


def _share(line: Sentence, before: Sentence | None, standing: Standing) -> float:
    """What a word in this sentence counts: wholly where the sentence is about the province."""
    if line.home == 1:
        return 1.0
    if line.elsewhere:
        return 0.0
    if before is not None and before.zone == line.zone and before.home == 1:
        return _NEAR
    within = _WITHIN if line.zone == "body" else _NEAR
    return max(line.home, within if standing.whole else 0.0)


class _Tally:
    """Points by word: each new occurrence counts less, and small words together only so much in a body."""

    def __init__(self, scale: Scale) -> None:
        self._zones: dict[Zone, float] = {"title": scale.title, "lead": scale.lead, "body": scale.body}
        self._room = dict(_CAPS)
        self.times: dict[str, int] = {}
        self.head: dict[str, float] = {}
        self.body: dict[str, float] = {}

    def add(self, theme: Theme, zone: Zone, share: float) -> None:
        times = self.times.get(theme.word, 0)
        self.times[theme.word] = times + 1
        again = _NAMED_AGAIN if theme.named or theme.frame else _AGAIN
        value: float = theme.points * self._zones[zone] * share * again**times
        part = self.body if zone == "body" else self.head
        kind = max(1, round(theme.points))
        if zone == "body" and kind in self._room:
            value = min(value, self._room[kind])
            self._room[kind] -= value
        part[theme.word] = part.get(theme.word, 0.0) + value


def _themes(lines: Sequence[Sentence], standing: Standing, scale: Scale) -> tuple[float, list[str]]:
    """Points of the words that count, and the strongest of them as reasons."""
    tally = _Tally(scale)
    before: Sentence | None = None
    for line in lines:
        share = _share(line, before, standing)
        for theme in line.themes:
            if share:
                tally.add(theme, line.zone, share)
        before = line
    long = sum(line.zone == "body" for line in lines)
    thin = min(1.0, _DENSE / long) if standing.whole and long else 1.0
    worth = {word: tally.head.get(word, 0.0) + thin * tally.body.get(word, 0.0) for word in tally.times}
    strongest = sorted((word for word in worth if worth[word] > 0), key=lambda word: -worth[word])
    return sum(worth.values()), [
        reason("word_times", word=word, n=tally.times[word]) for word in strongest[:_WHY]
    ]


def _drowned(lines: Sequence[Sentence]) -> bool:
    """Whether sentences about something else far outnumber those with a word that counts: an advertisement."""
    body = [line for line in lines if line.zone == "body"]
    frames = Counter(frame for line in body for frame in {theme.frame for theme in line.frames})
    most = max(frames.values(), default=0)
    themes = sum(any(theme.points >= 2 for theme in line.themes) for line in body)
    return most >= _MANY and most > 2 * themes


def _frames(lines: Sequence[Sentence], scale: Scale) -> tuple[float, str]:
    """Points against, and what the article is about instead."""
    tally = _Tally(scale)
    of: dict[str, str] = {}
    for line in lines:
        for theme in line.frames:
            of[theme.word] = theme.frame
            tally.add(theme, line.zone, 1.0)
    body = min(_FRAME_CAP, sum(tally.body.values()))
    frames: dict[str, float] = {}
    for word, frame in of.items():
        points = tally.head.get(word, 0.0) + tally.body.get(word, 0.0)
        frames[frame] = frames.get(frame, 0.0) + points
    first = max(frames, key=lambda frame: frames[frame], default="")
    return sum(tally.head.values()) + body, first
