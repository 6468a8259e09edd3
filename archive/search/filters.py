"""Conditions of a query held against names: sources and topics by key or name, places and organisations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive.model import Article
from archive.query import Query
from archive.query.tree import Filter
from archive.text import fold, marked, norm, words

LEVELS = {"about": "trọng tâm", "mention": "có nhắc đến"}  # level -> what readers call it
KINDS = {"place": "place", "org": "organisation"}  # field of the language -> kind of mention
_DISTINCT = """
    with recursive distinct_names (name) as (
        select min(name) from mentions where kind = :kind
        union all
        select (select min(name) from mentions where kind = :kind and name > distinct_names.name)
        from distinct_names where name is not null
    )
    select name from distinct_names where name is not null"""  # jumps from name to name along the primary key


@dataclass(frozen=True, slots=True)
class Names:
    """What the keys of sources and topics are called."""

    sources: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)


def load_names(db: Database) -> Names:
    """The names of sources and topics that an archive holds."""
    sources = {key: name or key for key, name in db.execute("select key, name from sources")}
    topics = {key: name or key for key, name in db.execute("select key, name from topics")}
    return Names(sources, topics)


def named(asked: str, name: str) -> bool:
    """Whether a name is the one asked for, by the rule of the language: marks as typed, where typed."""
    typed, there = words(asked), words(name)
    return len(typed) == len(there) and all(_same(*pair) for pair in zip(typed, there, strict=True))


def keys_for(one: Filter, names: Names, db: Database) -> list[str]:
    """The keys (sources, topics) or names (places, organisations) in the tables that a filter means."""
    if one.field in KINDS:
        known: Iterable[str] = (name for (name,) in db.execute(_DISTINCT, {"kind": KINDS[one.field]}))
        return [name for name in known if any(named(asked, name) for asked in one.values)]
    if one.field == "level":
        return [level for level in LEVELS if _means(one, level, LEVELS)]
    called = names.sources if one.field == "source" else names.topics
    keys = [key for key in called if _means(one, key, called)]
    return list(dict.fromkeys([*keys, *one.values]))


def article_satisfies(query: Query, article: Article, names: Names) -> bool:
    """Whether the filters and days of a query hold for an article, from its own fields.

    An article without a time satisfies no ``after:`` or ``before:``.
    """
    if not all(_holds(one, article, names) for one in query.filters):
        return False
    if not (query.after or query.before):
        return True
    at = article.published_at
    return bool(at and (not query.after or at >= query.after) and (not query.before or at < query.before))


def _same(typed: str, there: str) -> bool:
    return norm(typed).lower() == norm(there).lower() if marked(typed) else fold(typed) == fold(there)


def _means(one: Filter, key: str, called: Mapping[str, str]) -> bool:
    return any(asked == key or named(asked, key) or named(asked, called.get(key, key)) for asked in one.values)


def _holds(one: Filter, article: Article, names: Names) -> bool:
    if one.field == "source":
        return _means(one, article.source, names.sources) != one.negated
    if one.field == "level":
        return (article.level is not None and _means(one, article.level, LEVELS)) != one.negated
    if one.field == "topic":
        return any(_means(one, topic, names.topics) for topic in article.topics) != one.negated
    there = [mention.name for mention in article.mentions if mention.kind == KINDS[one.field]]
    return any(named(asked, name) for asked in one.values for name in there) != one.negated
