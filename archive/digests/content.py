"""What one edition of a digest says, as values: kept as JSON, and all that the renderings know."""

import msgspec

from archive.search.marks import Marked


class Appearance(msgspec.Struct, frozen=True):
    """One outlet's article of a story; times as they stand in the tables."""

    article_id: int
    outlet: str
    title: str
    url: str
    archive_url: str
    published_at: str | None = None
    credit: str | None = None
    gone: bool = False


class Cited(msgspec.Struct, frozen=True):
    """A document the story cites."""

    number: str
    kind: str
    dated: str | None = None


class NewFigure(msgspec.Struct, frozen=True):
    """A figure the archive had not seen before; ``text`` is the value as readers see it."""

    indicator: str
    text: str
    period: str | None = None
    target: bool = False


class Story(msgspec.Struct, frozen=True):
    """A story told once: the first outlet's article leads, all outlets are named."""

    title: Marked
    summary: Marked
    appearances: list[Appearance]
    documents: list[Cited] = []
    figures: list[NewFigure] = []


class Part(msgspec.Struct, frozen=True):
    """The stories under one topic or query."""

    key: str
    label: str
    stories: list[Story]


class Change(msgspec.Struct, frozen=True):
    """An edit or take-down of an article that this digest has told of."""

    id: str
    kind: str  # edit, gone, live
    article_id: int
    outlet: str
    title: str
    url: str
    archive_url: str
    at: str
    sentence: str


class Health(msgspec.Struct, frozen=True):
    """A source that is not well, in one sentence."""

    name: str
    level: str
    sentence: str


class Counts(msgspec.Struct, frozen=True):
    """What stands in an edition: stories, their articles, and outlets."""

    stories: int = 0
    articles: int = 0
    outlets: int = 0


class Content(msgspec.Struct, frozen=True):
    """One edition.

    ``parts`` hold the stories; ``again`` those told before that other outlets now carry; ``older`` those
    published long before the window and only found now. ``well`` of all ``sources`` crawl as they should;
    ``health`` names the ones in trouble. ``article_ids``: all that is new here.
    """

    name: str
    title: str
    edition: str
    number: int
    made_at: str
    covers_from: str
    covers_to: str
    counts: Counts
    parts: list[Part]
    again: list[Story] = []
    older: list[Story] = []
    changes: list[Change] = []
    sources: int = 0
    well: int = 0
    health: list[Health] = []
    warning: str = ""
    days_off: list[str] = []
    archive_url: str = ""
    stop: str = ""
    max_items: int = 40
    article_ids: list[int] = []

    @property
    def empty(self) -> bool:
        """Nothing new to tell."""
        return not (self.counts.stories or self.again or self.older or self.changes)

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """Raises msgspec.ValidationError for a row that this version cannot read."""
        return msgspec.json.decode(text, type=cls)
