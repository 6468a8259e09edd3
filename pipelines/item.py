"""What goes through the stages: a page on its way to becoming an article, and the context they consult."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import msgspec

from archive.clock import Clock, utc_now
from archive.home import Home
from archive.model import Article, Outcome

if TYPE_CHECKING:  # else every command would import SQLite's tools
    from sqlite_utils import Database

    from archive.figures.indicators import Indicators
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
    body: bytes = field(repr=False)
    fetched_at: datetime
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What the list that named the page gives of it; weaker evidence than the page itself."""

    title: str = ""
    published_at: datetime | None = None
    summary: str = ""


@dataclass(slots=True)
class Item:
    """An article in the making; ``page`` is None for a text that came without.

    ``copied``: others saved it, and nobody knows when; ``older``: a newer page of it was kept before;
    ``alone``: it ended a process that read it, and is read in one of its own.
    """

    article: Article
    page: Page | None = None
    rules: Rules = field(default_factory=Rules)
    keep: Keep = "relevant"
    hint: Hint = field(default_factory=Hint)
    outlet_name: str = ""
    rule_missed: list[str] = field(default_factory=list)
    shingles: list[int] = field(default_factory=list)
    reprocessed: bool = False
    read_whole: bool = False
    wanted: bool = False  # someone asked to keep it: the judge has no say but for pages that are none
    prefiltered: bool = False
    copied: bool = False
    older: bool = False
    alone: bool = False
    outcome: Outcome | None = None
    reason: str = ""
    article_id: int | None = None

    def __repr__(self) -> str:
        """What a log may say of it: its address, never what it holds."""
        size = len(self.page.body) if self.page else len(self.article.body)
        return f"Item({self.article.url[:300]!r}, {size} bytes)"


@dataclass(frozen=True, slots=True)
class Context:
    """What the stages consult: places, topics, indicators, families, an archive if there is one, the clock."""

    places: "Gazetteer"
    topics: "Topics"
    families: tuple[Family, ...] = ()
    db: "Database | None" = None
    now: Clock = utc_now
    indicators: "Indicators | None" = None


@dataclass(frozen=True, slots=True)
class ContextFiles:
    """What a context is loaded from, in any process."""

    places: Path
    topics: Path
    families: tuple[Family, ...] = ()
    indicators: Path | None = None

    @classmethod
    def of(cls, home: Home, families: tuple[Family, ...]) -> Self:
        """The files of a home."""
        files = (home.config(f"{name}.yml") for name in ("places", "topics", "indicators"))
        places, topics, indicators = files
        return cls(places, topics, families, indicators)

    def load(self, now: Clock = utc_now) -> Context:
        """The context, without an archive; raises ConfigError for what the user must mend."""
        from archive.figures.indicators import load_indicators
        from archive.places.gazetteer import load_places
        from pipelines.classify.topics import load_topics

        known = load_indicators(self.indicators) if self.indicators else None
        return Context(
            load_places(self.places), load_topics(self.topics), self.families, now=now, indicators=known
        )


def day_of(item: Item, context: Context) -> datetime:
    """When a text was written, as far as is known: its own time, that of its page, or now."""
    if item.article.published_at is not None:
        return item.article.published_at
    return item.page.fetched_at if item.page else context.now()


class Reject(Exception):
    """Raised by a stage that ends the run before the archive, with a named outcome."""

    def __init__(self, outcome: Outcome, reason: str = "") -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome
        self.reason = reason


Stage = Callable[[Item, Context], None]
