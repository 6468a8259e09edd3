"""What walks through the stages: a page on its way to becoming an article, and the desk it lies on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from archive.clock import Clock, utc_now
from archive.model import Article, Outcome

if TYPE_CHECKING:  # a desk is laid out elsewhere; without this every command would import SQLite's tools
    from sqlite_utils import Database

    from archive.places.gazetteer import Gazetteer
    from pipelines.classify.topics import Topics

Keep = Literal["relevant", "all"]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """CSS selectors of a source or CMS family, as in sources.yml; an empty one means: no rule."""

    body: str = ""
    title: str = ""
    lead: str = ""
    author: str = ""
    published: str = ""
    section: str = ""
    drop: tuple[str, ...] = ()

    def over(self, family: "Rules") -> "Rules":
        """These selectors, with the family's where one is empty; what either drops is dropped."""
        chosen = {name: getattr(self, name) or getattr(family, name) for name in SELECTORS}
        return Rules(**chosen, drop=family.drop + self.drop)


SELECTORS = Rules.__struct_fields__[:-1]  # all but ``drop``


@dataclass(frozen=True, slots=True)
class Family:
    """A content system that many outlets share; a page is of it when all ``marks`` (CSS) match."""

    name: str
    marks: tuple[str, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: bytes, the charset and type its headers named, and when."""

    url: str
    body: bytes
    fetched_at: datetime
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What the list that named the page said of it; weaker evidence than the page itself."""

    title: str = ""
    published_at: datetime | None = None
    summary: str = ""


@dataclass(slots=True)
class Item:
    """An article in the making. ``page`` is None for a text that came without; ``visit`` is the crawler's.

    ``before`` is the page kept of the same article, to be read anew first where other rules read it.
    """

    article: Article
    page: Page | None = None
    rules: Rules = field(default_factory=Rules)
    keep: Keep = "relevant"
    hint: Hint = field(default_factory=Hint)
    outlet_name: str = ""
    rule_missed: list[str] = field(default_factory=list)
    shingles: list[int] = field(default_factory=list)
    story_id: int | None = None
    reprocessed: bool = False
    before: "Item | None" = None
    read_whole: bool = False
    prefiltered: bool = False
    outcome: Outcome | None = None
    reason: str = ""
    article_id: int | None = None
    visit: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What the stages may consult: the rules of the house, the archive where there is one, and the clock."""

    places: "Gazetteer"
    topics: "Topics"
    families: tuple[Family, ...] = ()
    db: "Database | None" = None
    now: Clock = utc_now


class Reject(Exception):
    """Raised by a stage when the walk ends before the archive, with a named outcome."""

    def __init__(self, outcome: Outcome, reason: str = "") -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome
        self.reason = reason


Stage = Callable[[Item, Context], None]
