"""An event as one entry of a list: the article that tells it best, the outlets behind it, what differs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive.digests.placing import rank_topics
from archive.stories.entries import Dispute, EventEntry, disputes, entry_keys, load_entries
from archive.web.views.lists import ArticleLine, TopicLabel, in_rank, lines_of


@dataclass(frozen=True, slots=True)
class EventLines:
    """One event with everyone who ran it, the best told story first.

    ``goes_on``: it is older than the list. ``rank``: the topics that it fits, the best first.
    """

    entry: EventEntry
    articles: list[ArticleLine]
    disputes: list[Dispute]
    goes_on: bool = False
    rank: list[str] = field(default_factory=list)

    @property
    def first(self) -> ArticleLine:
        return self.articles[0]

    @property
    def key(self) -> int:
        """The story that tells it best; an article of no story below 0."""
        return self.entry.best.id

    @property
    def newest(self) -> int:
        return max(line.sort for line in self.articles)

    @property
    def topics(self) -> list[TopicLabel]:
        return in_rank(
            {topic.key: topic for line in self.articles for topic in line.topics}.values(), self.rank
        )

    @property
    def edited_id(self) -> int | None:
        return next((line.id for line in self.articles if line.edits), None)

    @property
    def gone_id(self) -> int | None:
        return next((line.id for line in self.articles if line.state == "gone"), None)


def event_lines(db: Database, known: Iterable[ArticleLine], since: int = 0) -> list[EventLines]:
    """The events of these articles, in their order; ``since``: the ``articles.sort`` where the list begins."""
    given = {line.id: line for line in known}
    if not given:
        return []
    keys = entry_keys(db, given)
    order = dict.fromkeys(keys[one] for one in given)
    entries = load_entries(db, order)
    given |= lines_of(db, [one for entry in entries.values() for one in entry.articles if one not in given])
    ranks = rank_topics(db, [entry.best.id for entry in entries.values()])
    return [_event_lines(db, entries[key], given, since, ranks[entries[key].best.id]) for key in order]


def _event_lines(
    db: Database, entry: EventEntry, known: dict[int, ArticleLine], since: int, rank: list[str]
) -> EventLines:
    articles = [known[one] for one in entry.articles]
    several = len(entry.stories) > 1
    differing = disputes(db, {line.id: line.outlet for line in articles}) if several else []
    return EventLines(entry, articles, differing, entry.first_sort < since, rank)
