"""Whether two stories tell one happening, and why."""

from dataclasses import dataclass, field
from datetime import timedelta

from archive.db import sort_span
from archive.reasons import reason
from archive.stories.tellings import Rarity, Telling, cosine

WINDOW = timedelta(hours=48)  # later it is another stage of the affair
WINDOW_SORT = sort_span(WINDOW)
ALIKE = 0.24

_NAMED = 6  # words told as reasons


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score`` is at least ``ALIKE`` when the two are alike; a veto makes them two all the same."""

    score: float
    reasons: list[str] = field(default_factory=list)
    vetoes: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return self.score >= ALIKE and not self.vetoes


def compare_tellings(one: Telling, other: Telling, weights: Rarity) -> Likeness:
    """How sure it is that two tellings are of one happening, with reasons and vetoes as stored reasons."""
    left, right = weights.vector(one), weights.vector(other)
    score = cosine(left, right)
    shared = sorted(
        (word for word in left if word in right), key=lambda word: left[word] * right[word], reverse=True
    )
    told = [word for word in shared if " " in word or word.isdigit()][:_NAMED]
    reasons = [reason("event_words", names=", ".join(told), score=round(score, 2))] if told else []
    hours = abs(one.sort - other.sort) / sort_span(timedelta(hours=1))
    reasons.append(reason("event_hours", hours=round(hours)))
    vetoes = [reason("event_late", hours=round(hours))] if hours > WINDOW / timedelta(hours=1) else []
    return Likeness(round(score, 3), reasons, vetoes)
