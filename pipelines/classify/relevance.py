"""Is an article about the province's industry or digital life? Points, with reasons one can read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from archive.model import Level
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
_PARAGRAPH = 0.75  # of the points of a paragraph about the province, wherever it stands: five make it relevant
_SHARED = 0.5  # of the points of a sentence that names another province too
_LONGEST = 6  # sentences
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
    """The outcome of the reckoning; ``score`` is of 10, ``why`` are codes, strongest first.

    ``named``: the article names the province, or something that is in it. ``topic``: the key of the topic whose
    words count most, '' where none count.
    """

    relevant: bool
    score: float
    why: tuple[str, ...]
    place: float = 0.0
    theme: float = 0.0
    frame: float = 0.0
    named: bool = False
    topic: str = ""

    @property
    def level(self) -> Level | None:
        """What the article is to the province: about it, or naming it."""
        return "about" if self.relevant else "mention" if self.named else None


def judge_relevance(text: Text, spans: Sequence[Span], topics: Topics, *, own_paper: bool = False) -> Relevance:
    """Reckons an article of which ``spans`` are the names found.

    ``own_paper``: it comes from a paper of the province, which need not name the province; any other has to.
    """
    named = any(span.ours for span in spans)
    if not own_paper and not named:
        return Relevance(relevant=False, score=0.0, why=(_aside(spans) or reason("province_unnamed"),))
    lines, scale = lines_of(text, spans, topics), topics.scale
    at_home = _mark_own(lines, own_paper=own_paper)
    standing = _standing(lines, scale)
    if own_paper and at_home and standing.names and standing.share < _OWN:
        standing = Standing(_OWN, reason("own_paper"), whole=True)
    site = _struck(lines, standing, scale)
    theme, words, topic = _themes(lines, standing, scale)
    frame, against = _frames(lines, scale, at_work=site is not None)
    if _drowned(lines) and not site:
        theme /= 2
    if site:
        theme += scale.site
    score = standing.share * max(0.0, theme - frame) / 2
    why = [standing.reason or _aside(spans) or reason("not_about_province"), *words]
    if site:
        why.append(reason("at_work", name=site.word))
    part, name, n = _own_paragraph(lines, scale)
    if part > score and part >= scale.threshold:
        score, why = part, [reason("own_paragraph", name=name, n=n), *words]
    score = min(_TOP, round(score, 1))
    relevant = score >= scale.threshold
    if frame and (not relevant or frame >= theme / 3):
        why.append(reason("against", frame=against))
    named = named or (own_paper and any(line.own for line in lines))
    return Relevance(relevant, score, tuple(why), standing.share, theme, frame, named=named, topic=topic)


def _struck(lines: Sequence[Sentence], standing: Standing, scale: Scale) -> Theme | None:
    """The plant, park or employer of the province that title or lead is about: what happens there is its story.

    Not where the title says that the story is of sport, property, a ceremony.
    """
    title = [theme.frame for line in lines if line.zone == "title" for theme in line.frames]
    if not standing.whole or any(scale.frames[frame].at_work == 1 for frame in title):
        return None
    head = [line for line in lines if line.zone != "body"]
    sites = [line.site for line in head if line.site and (line.home == 1 or not line.elsewhere)]
    return max((site for site in sites if site), key=lambda site: site.points, default=None)


def _own_paragraph(lines: Sequence[Sentence], scale: Scale) -> tuple[float, str, int]:
    """The best paragraph that speaks of the province in its own sentences: points, the name, how many."""
    best: tuple[float, str, int] = (0.0, "", 0)
    at = 0
    while at < len(lines):
        end = next((i for i in range(at, len(lines)) if lines[i].paragraph != lines[at].paragraph), len(lines))
        if lines[at].zone == "body":
            best = max(best, _paragraph(lines[at:end], scale))
        at = end
    return best


def _goes_on(line: Sentence) -> bool:
    return line.home == 1 or (bool(line.themes) and not line.elsewhere)


def _paragraph(lines: Sequence[Sentence], scale: Scale) -> tuple[float, str, int]:
    """The points of a paragraph from the sentence on that begins with the province, while it speaks of it."""
    first = next((at for at, line in enumerate(lines) if line.opens), None)
    if first is None:
        return 0.0, "", 0
    after = lines[first + 1 : first + _LONGEST]
    ours = [lines[first], *takewhile(_goes_on, after)]
    if len(ours) < scale.paragraph:
        return 0.0, "", 0
    tally = _Tally(scale)
    for line in ours:
        for theme in line.themes:
            tally.add(theme, "body", _SHARED if line.elsewhere else 1.0)
    frame, _ = _frames(ours, scale, at_work=any(line.site for line in ours))
    return (sum(tally.body.values()) - frame) * _PARAGRAPH, lines[first].names[0], len(ours)


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
    first = bool(homes) and homes[0] is body[0]
    alone = first and not any(line.elsewhere for line in lines if line.zone != "body" or line is body[0])
    if len(homes) > scale.passage:
        return Standing(0.8, reason("in_sentences", name=homes[0].names[0], n=len(homes)), whole=alone)
    if first:
        name = homes[0].names[0]
        return Standing(0.7, reason("in_first_sentence", name=name), whole=alone)
    return Standing(0.2, reason("in_passing", name=homes[0].names[0])) if homes else Standing(0.0, names=False)


def _mark_own(lines: Sequence[Sentence], *, own_paper: bool) -> bool:
    """Reads «tỉnh» as the province where no other can be meant; returns whether none can.

    In a paper of the province no other is named in title or lead; elsewhere the province is named, and first.
    """
    if any(line.elsewhere for line in lines if line.zone != "body"):
        return False
    first = next((line for line in lines if line.home == 1 or line.elsewhere), None)
    if not own_paper and (first is None or first.home < 1 or first.elsewhere):
        return False
    for line in lines:
        if line.own and not line.elsewhere:
            line.home = 1.0
            line.names.append("tỉnh")
    return True


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


def _themes(lines: Sequence[Sentence], standing: Standing, scale: Scale) -> tuple[float, list[str], str]:
    """Points of the words that count, the strongest of them as reasons, and the topic with most points."""
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
    why = [reason("word_times", word=word, n=tally.times[word]) for word in strongest[:_WHY]]
    return sum(worth.values()), why, _most(lines, worth)


def _most(lines: Sequence[Sentence], worth: Mapping[str, float]) -> str:
    """The topic whose words have most points together; '' where no topic has any."""
    topics: dict[str, float] = {}
    for word, topic in {theme.word: theme.topic for line in lines for theme in line.themes}.items():
        if topic and worth.get(word):
            topics[topic] = topics.get(topic, 0.0) + worth[word]
    return max(topics, key=lambda topic: topics[topic], default="")


def _drowned(lines: Sequence[Sentence]) -> bool:
    """Whether sentences about something else far outnumber those with a word that counts: an advertisement."""
    body = [line for line in lines if line.zone == "body"]
    frames = Counter(frame for line in body for frame in {theme.frame for theme in line.frames})
    most = max(frames.values(), default=0)
    themes = sum(any(theme.points >= 2 for theme in line.themes) for line in body)
    return most >= _MANY and most > 2 * themes


def _frames(lines: Sequence[Sentence], scale: Scale, *, at_work: bool) -> tuple[float, str]:
    """Points against, and what the article is about instead; at work a fire, crime or flood counts little."""
    tally = _Tally(scale)
    of: dict[str, str] = {}
    for line in lines:
        for theme in line.frames:
            of[theme.word] = theme.frame
            tally.add(theme, line.zone, scale.frames[theme.frame].at_work if at_work else 1.0)
    body = min(_FRAME_CAP, sum(tally.body.values()))
    frames: dict[str, float] = {}
    for word, frame in of.items():
        points = tally.head.get(word, 0.0) + tally.body.get(word, 0.0)
        frames[frame] = frames.get(frame, 0.0) + points
    first = max(frames, key=lambda frame: frames[frame], default="")
    return sum(tally.head.values()) + body, first
