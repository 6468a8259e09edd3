"""The tool ``names``: topics, outlets and indicators by the keys that the other tools take."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from archive.assistants.asking import DataAge, Reading, age_of

_OUTLETS = """select s.key, s.name, s.home, s.kind, s.state from sources s
    where s.state <> 'removed' order by s.key limit 300"""
_TOPICS = """select key, name, name_en, query, (select count(*) from article_topics where topic = key)
    from topics order by weight desc, key limit 100"""
Part = Literal["topics", "outlets", "indicators"]


class NamesAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which names; without a part all of them."""

    part: Annotated[Part | None, Meta(description="Only these.")] = None


class NamedTopic(Struct, frozen=True):
    """A topic: its query is what an article must match."""

    key: str
    name: str
    name_en: str
    query: str
    articles: int


class NamedOutlet(Struct, frozen=True):
    """An outlet that is watched; ``state`` live, paused or blocked."""

    key: str
    name: str
    home: str
    kind: str
    state: str


class NamedFigures(Struct, frozen=True):
    """An indicator that figures may be values of."""

    key: str
    name: str
    name_en: str


class NamesAnswer(Struct, frozen=True, kw_only=True):
    """Keys and what they are called."""

    topics: list[NamedTopic]
    outlets: list[NamedOutlet]
    indicators: list[NamedFigures]
    articles: Annotated[int, Meta(description="How many articles the archive holds.")]
    data: DataAge


def names(reading: Reading, asked: NamesAsked) -> NamesAnswer:
    """List the topics, outlets and indicators with the keys that the other tools take as filters.

    Call it once at the beginning. An outlet that is not listed is not read: the archive cannot tell what it
    published.
    """
    rows = reading.db.execute(_TOPICS)
    topics = [NamedTopic(key, name or key, en or "", query or "", n) for key, name, en, query, n in rows]
    outlets = [NamedOutlet(*(value or "" for value in row)) for row in reading.db.execute(_OUTLETS)]
    indicators = [NamedFigures(key, one.name, one.en) for key, one in reading.indicators.known.items()]
    (articles,) = reading.db.execute("select count(*) from articles").fetchone()
    return NamesAnswer(
        topics=topics if asked.part in (None, "topics") else [],
        outlets=outlets if asked.part in (None, "outlets") else [],
        indicators=indicators if asked.part in (None, "indicators") else [],
        articles=articles,
        data=age_of(reading),
    )
