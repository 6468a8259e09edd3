"""What a trial of other rules found: what would be gained and lost, by name, and which cases it would right."""

from typing import Literal

import msgspec

from archive.cases import Case, is_right
from archive.model import Level

Kind = Literal["word", "weight", "query", "threshold", "rest"]


class RuleProposal(msgspec.Struct, frozen=True):
    """One change to topics.yml: ``before`` and ``after`` are points, a weight, a query or a threshold as text.

    Points are 0 where the word is not there. ``rest``: ``word`` names what else differs between two files.
    """

    kind: Kind
    topic: str = ""
    word: str = ""
    before: str = ""
    after: str = ""

    @property
    def code(self) -> str:
        """Which kind of change it is, ``try.CODE`` in the words."""
        if self.kind != "word":
            return self.kind
        return "word_new" if self.before == "0" else "word_gone" if self.after == "0" else "word_points"


class ArticleChange(msgspec.Struct, frozen=True):
    """An article that would be gained or lost: about the province, or with a topic.

    ``topic`` is '' where it is about the province. ``words`` are those of the proposals that stand in it;
    ``why`` are the codes of the reckoning that has it. ``article_id`` is None for a text that was refused.
    """

    gained: bool
    topic: str
    title: str
    url: str
    outlet: str
    published_at: str
    article_id: int | None
    score: float
    score_before: float
    words: list[str]
    why: list[str]


class CaseNow(msgspec.Struct, frozen=True):
    """A case under some rules: whether they do what it asks; ``level`` and ``why`` say what they make of it.

    ``right`` is None where its text is nowhere (``known`` is False), or no rule can do what it asks. With an
    ``outcome`` its page ends before any word is looked at.
    """

    id: str
    right: bool | None
    level: Level | None = None
    score: float = 0.0
    topics: list[str] = []
    why: list[str] = []
    known: bool = True
    outcome: str = ""


class MissedWord(msgspec.Struct, frozen=True):
    """A phrase that missed articles have: in how many of them, and in how many of the last days' articles.

    ``capped``: there are more than that.
    """

    word: str
    missed: int
    elsewhere: int
    capped: bool = False


class CaseChange(msgspec.Struct, frozen=True):
    """A case that would be righted, or wronged."""

    case: Case
    righted: bool
    words: list[str]


class Tried(msgspec.Struct, frozen=True):
    """What came of one proposal, or of several together."""

    proposals: list[RuleProposal]
    changes: list[ArticleChange]
    cases: list[CaseChange]

    def count(self, *, gained: bool) -> int:
        """How many articles would be gained, or lost."""
        return len({one.url for one in self.changes if one.gained is gained})


class TrialReport(msgspec.Struct, frozen=True):
    """A trial: each proposal by itself, and all ``together``.

    ``articles`` of ``articles_in_all`` were looked at, the newest (from ``since`` on), and ``refused`` texts;
    ``cases`` of those that are open have a text. ``unseen``: addresses that were refused and left no text;
    ``headlines``: articles of which only a headline is known. ``stale``: of those reached, how many are
    stored, or were refused, as older rules had them. ``late``: the rest was left out for want of time.
    """

    days: int
    since: str
    until: str
    articles: int
    articles_in_all: int
    refused: int
    refused_in_all: int
    unseen: int
    headlines: int
    cases: int
    cases_in_all: int
    stale: int
    seconds: float
    late: bool
    each: list[Tried]
    together: Tried


def case_now(case: Case, level: Level | None, score: float, topics: list[str], why: list[str]) -> CaseNow:
    """A case whose text was judged."""
    return CaseNow(case.id, is_right(case, level, topics), level, score, topics, why)
