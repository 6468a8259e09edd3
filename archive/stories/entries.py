"""What lists show as one entry: the stories of an event, the best told first, and what they differ in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import msgspec
from sqlite_utils import Database

from archive.db import SORT_SLOTS
from archive.figures.agreement import agree

# An entry's key: its event, or below 0 the article that leads a story (or stands alone) outside any event.
KEY = "coalesce(e.event_id, -s.first_article_id, -a.id)"
KEYED = "left join article_events e on e.article_id = a.id left join stories s on s.id = a.story_id"

_KEYS = f"select a.id, {KEY} from articles a {KEYED} where a.id in (select value from json_each(?))"
_ARTICLES = """
    with wanted as (
        select article_id id, event_id key from article_events
        where event_id in (select value from json_each(:events))
        union all
        select b.id, -a.id from articles a join articles b on b.id = a.id or b.story_id = a.story_id
        where a.id in (select value from json_each(:alone)))
    select w.key, coalesce(a.story_id, -a.id), a.id, a.sort, a.source, a.credit is null, a.unread = '',
           length(a.lead),
           (select count(distinct number) from article_documents d where d.article_id = a.id),
           (select count(*) from figures f where f.article_id = a.id and f.key <> '')
    from wanted w join articles a on a.id = w.id"""
_FIGURES = """
    select article_id, key, indicator, place, coalesce(period, ''), kind, unit, coalesce(base, ''), value,
        coalesce(qualifier, '')
    from figures where key <> '' and article_id in (select value from json_each(?)) order by id"""
_FULL_LEAD = 300  # characters; a longer lead tells no more
_MOST_CITED = 2  # documents, and figures, that count


class StatedValue(NamedTuple):
    """A value, and the word it is given with («hơn», «gần»), '' where it is exact."""

    value: float
    qualifier: str


@dataclass(frozen=True, slots=True)
class _Article:
    """An article as it is compared with the others of its event."""

    id: int
    sort: int
    source: str
    own: bool  # it credits nobody
    read: bool  # its text is known, not its headline alone
    lead: int
    documents: int
    figures: int

    @property
    def earliest(self) -> tuple[int, bool, int]:
        return self.sort // SORT_SLOTS, not self.own, self.sort

    @property
    def tells(self) -> tuple[bool, bool, float]:
        """How well: what was read before a headline, an own text before a reprint, then what it holds.

        100 characters of the lead count 1 (3 at most), as much as a document (2 at most) or two figures.
        """
        cited = min(self.documents, _MOST_CITED) + min(self.figures / 2, _MOST_CITED)
        return self.read, self.own, min(self.lead, _FULL_LEAD) / 100 + cited


@dataclass(frozen=True, slots=True)
class EntryStory:
    """One story of an entry: its articles, the one published first leading; ``own``: its text is no reprint."""

    id: int  # below 0: an article of no story
    articles: list[int]
    sources: list[str]  # of each article
    own: bool
    sort: int

    @property
    def article_id(self) -> int:
        return self.articles[0]


@dataclass(frozen=True, slots=True)
class EventEntry:
    """The stories of one event, the best told first, the others as they were published."""

    key: int
    stories: list[EntryStory]

    @property
    def best(self) -> EntryStory:
        return self.stories[0]

    @property
    def articles(self) -> list[int]:
        """All its articles, those of the best told story first."""
        return [one for story in self.stories for one in story.articles]

    @property
    def first_sort(self) -> int:
        """``articles.sort`` of what was published first."""
        return min(story.sort for story in self.stories)

    @property
    def outlets(self) -> int:
        return len({source for story in self.stories for source in story.sources})

    @property
    def own(self) -> int:
        """The outlets that tell it in a text of their own; the others reprint."""
        return len({story.sources[0] for story in self.stories if story.own})

    def led_by(self, stories: Iterable[int]) -> "EventEntry":
        """The same with the best told of these stories first."""
        some = set(stories)
        best = next((one for one in self.stories if one.id in some), self.best)
        return EventEntry(self.key, [best, *(one for one in self.stories if one is not best)])


class Dispute(msgspec.Struct, frozen=True):
    """A figure that outlets tell differently: each value with the outlets that have it, the first one first."""

    indicator: str
    unit: str
    said: list[tuple[float, list[str]]]


def entry_keys(db: Database, articles: Iterable[int]) -> dict[int, int]:
    """Of each article the key of its entry."""
    return dict(db.execute(_KEYS, [json.dumps(list(articles))]).fetchall())


def load_entries(db: Database, keys: Iterable[int]) -> dict[int, EventEntry]:
    """The entries by their keys."""
    wanted = set(keys)
    given = {
        "events": json.dumps([key for key in wanted if key > 0]),
        "alone": json.dumps([-key for key in wanted if key < 0]),
    }
    stories: dict[int, dict[int, list[_Article]]] = {}
    for key, story, *row in db.execute(_ARTICLES, given):
        article = _Article(row[0], row[1], row[2], bool(row[3]), bool(row[4]), *row[5:])
        stories.setdefault(key, {}).setdefault(story, []).append(article)
    return {key: _entry(key, some) for key, some in stories.items()}


def _entry(key: int, stories: Mapping[int, list[_Article]]) -> EventEntry:
    told = {story: sorted(some, key=lambda one: one.earliest) for story, some in stories.items()}
    order = sorted(told, key=lambda story: told[story][0].sort)
    best = max(order, key=lambda story: told[story][0].tells)  # the first of equals
    order.sort(key=lambda story: story != best)
    return EventEntry(key, [_story(story, told[story]) for story in order])


def _story(story: int, articles: list[_Article]) -> EntryStory:
    first = articles[0]
    return EntryStory(
        story, [one.id for one in articles], [one.source for one in articles], first.own, first.sort
    )


def disputes(db: Database, articles: Mapping[int, str]) -> list[Dispute]:
    """What articles of one event tell differently, given with the outlet of each.

    A figure differs where an outlet tells only values that agree with none of another: same indicator, place,
    period, kind, unit and base.
    """
    told: dict[tuple[str, ...], dict[str, list[StatedValue]]] = {}
    names: dict[tuple[str, ...], str] = {}
    for article, key, indicator, *about, value, qualifier in db.execute(_FIGURES, [json.dumps(list(articles))]):
        figure = (key, *about)
        names.setdefault(figure, indicator)
        values = told.setdefault(figure, {}).setdefault(articles[article], [])
        stated = StatedValue(value, qualifier)
        if stated not in values:
            values.append(stated)
    return [
        Dispute(names[figure], figure[4], _sides(by_outlet))
        for figure, by_outlet in told.items()
        if _differ(list(by_outlet.values()))
    ]


def _differ(told: list[list[StatedValue]]) -> bool:
    pairs = ((one, other) for at, one in enumerate(told) for other in told[:at])
    return any(not any(agree(*values) for values in product(one, other)) for one, other in pairs)


def _sides(by_outlet: Mapping[str, list[StatedValue]]) -> list[tuple[float, list[str]]]:
    sides: dict[float, list[str]] = {}
    for outlet, values in by_outlet.items():
        for value in values:
            if outlet not in sides.setdefault(value.value, []):
                sides[value.value].append(outlet)
    return list(sides.items())
