"""The tool ``event``: who told one happening, who reprinted, who was first, what differs."""

from typing import Annotated

from msgspec import Meta, Struct

from archive.assistants.article import article_id_of
from archive.assistants.asking import ArticleId, ArticleRef, DataAge, Reading, age_of, cut, reference
from archive.figures.table import plain
from archive.i18n import Words
from archive.stories.entries import Dispute
from archive.web.views.events.article import OwnEvent, ToldStory, load_event

_STORIES, _REPRINTS, _DISPUTES = 12, 6, 15
_ENGLISH = Words("en")


class EventAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any article of the event, by number or the outlet's address."""

    id: Annotated[ArticleId | None, Meta(description="Number of an article of the event.")] = None
    url: Annotated[str, Meta(max_length=2000, description="Or its address at the outlet.")] = ""


class EventStory(Struct, frozen=True, kw_only=True):
    """One text of the event: the article that had it first, and those that ran the same text after it."""

    first: ArticleRef
    independent: Annotated[bool, Meta(description="Written by this newsroom: it credits nobody.")]
    reprinted_by: list[ArticleRef]
    why: Annotated[list[str], Meta(description="Why it is told to be of this event.")]
    left_out: str = ""


class ToldValue(Struct, frozen=True):
    """A value and the outlets that give it."""

    value: float
    outlets: list[str]


class ToldDispute(Struct, frozen=True):
    """A figure of the event that outlets tell differently."""

    indicator: str
    unit: str
    values: list[ToldValue]


class EventAnswer(Struct, frozen=True, kw_only=True):
    """An event with everyone who told it, as they were published."""

    event: Annotated[int | None, Meta(description="Number of the event; null where it stands alone.")]
    outlets: int
    independent: Annotated[int, Meta(description="Outlets that told it in a text of their own.")]
    reprinting: Annotated[int, Meta(description="Outlets that only ran the text of another.")]
    articles: int
    first: Annotated[ArticleRef, Meta(description="Who had it first, of the articles in this archive.")]
    stories: list[EventStory]
    differs: Annotated[list[ToldDispute], Meta(description="What outlets tell differently.")]
    left_out: list[str]
    data: DataAge


def event(reading: Reading, asked: EventAsked) -> EventAnswer:
    """Tell who reported one happening: independent newsrooms against reprints, who was first, what differs.

    Give any article of it, by `id` or `url`. Each story is one text: `independent` ones were written by that
    newsroom, `reprinted_by` ran the same text. Count `independent` outlets, not articles, when you weigh how
    well something is confirmed: ten reprints are one source. `differs` lists figures on which outlets disagree;
    name both sides.
    """
    told = load_event(reading.db, article_id_of(reading, asked.id, asked.url))
    entry = told.told.entry
    ordered = sorted(told.stories, key=lambda one: one.story.sort)
    return EventAnswer(
        event=told.event,
        outlets=entry.outlets,
        independent=entry.own,
        reprinting=entry.outlets - entry.own,
        articles=len(entry.articles),
        first=reference(reading, ordered[0].lead),
        stories=[_story(reading, one) for one in ordered[:_STORIES]],
        differs=[_dispute(one) for one in told.told.disputes[:_DISPUTES]],
        left_out=_left_out(told),
        data=age_of(reading),
    )


def _story(reading: Reading, told: ToldStory) -> EventStory:
    others = told.lines[1:]
    return EventStory(
        first=reference(reading, told.lead),
        independent=told.story.own,
        reprinted_by=[reference(reading, line) for line in others[:_REPRINTS]],
        why=[] if reading.public else [_ENGLISH.reason(one) for one in told.why],
        left_out=cut(others, _REPRINTS),
    )


def _dispute(one: Dispute) -> ToldDispute:
    return ToldDispute(one.indicator, one.unit, [ToldValue(plain(value), who) for value, who in one.said])


def _left_out(told: OwnEvent) -> list[str]:
    cuts = {"stories": cut(told.stories, _STORIES), "differs": cut(told.told.disputes, _DISPUTES)}
    return [f"{what}: {left}" for what, left in cuts.items() if left]
