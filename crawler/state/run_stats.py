"""What the pages of one run were like, in a few numbers: health compares them with those of earlier runs."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from archive.model import Outcome
from pipelines.item import Item

LENGTHS = 25  # text lengths kept of a run, evenly out of all
BODIES = 5  # texts of which it is kept how many pages had them


@dataclass(slots=True)
class RunStats:
    """Counts over the pages that were read for the first time, and apart from them those looked at again."""

    fresh: int = 0
    texts: int = 0  # of those, all but what is no article at all: its rules may well find nothing
    articles: int = 0
    undated: int = 0
    untitled: int = 0
    rule_missed: Counter[str] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=list)
    bodies: Counter[str] = field(default_factory=Counter)
    again: int = 0
    again_missed: Counter[str] = field(default_factory=Counter)

    def first_look(self, item: Item) -> None:
        """A page that was never read before."""
        self.fresh += 1
        self.untitled += not item.article.title
        if item.outcome is Outcome.NOT_ARTICLE:
            return
        self.texts += 1
        self.rule_missed.update(set(item.rule_missed))
        body = item.article.body
        self.articles += item.outcome is not Outcome.TOO_SHORT
        self.undated += item.outcome is not Outcome.TOO_SHORT and item.article.published_at is None
        self.lengths.append(len(body))
        if body:
            self.bodies[hashlib.sha256(body.encode()).hexdigest()[:12]] += 1

    def looked_again(self, item: Item) -> None:
        """A page that is kept already."""
        self.again += 1
        self.again_missed.update(set(item.rule_missed))

    def noted(self) -> dict[str, Any]:
        """What goes into the run's notes."""
        lengths = sorted(self.lengths)
        step = max(1, -(-len(lengths) // LENGTHS))
        return {
            "fresh": self.fresh,
            "texts": self.texts,
            "articles": self.articles,
            "undated": self.undated,
            "untitled": self.untitled,
            "rule_missed": dict(self.rule_missed),
            "lengths": lengths[step // 2 :: step],
            "same_body": sum(count for count in self.bodies.values() if count > 1),
            "bodies": dict(self.bodies.most_common(BODIES)),
            "again": {"read": self.again, "rule_missed": dict(self.again_missed)},
        }
