"""Conditions of a query held against names: sources and topics by key or name, places and organisations."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive.model import Article
from archive.public.part import is_public_part
from archive.query import Query
from archive.query.lexer import STRICT, VALUES, codes_for, named
from archive.query.tree import Filter

LEVELS = {level: names[0] for level, names in VALUES["level"].items()}  # level -> what readers call it
Marked = Callable[[str], Iterable[int]]  # from a mark to the ids of the articles that have it at the desk
KINDS = {"place": "place", "org": "organisation"}  # field of the language -> kind of mention
# Level, edits and state lie behind an article's text, which takes long to get past: indexes are asked.
BY_INDEX = {  # code -> the index of the articles that have it, and its condition
    "edited": ("articles_edited", "edits > 0"),
    "gone": ("articles_taken", "state = 'gone'"),
    "about": ("articles_level", "level = 'about'"),
    "mention": ("articles_level", "level = 'mention'"),
}
STATES = ("edited", "gone")


def by_index(db: Database, code: str, alias: str = "articles") -> str:
    """The table and condition of the articles that have a code, read from its index.

    Where a view stands before the table (archive.public.part), SQLite chooses the index.
    """
    index, where = BY_INDEX[code]
    hint = "" if is_public_part(db) else f" indexed by {index}"
    return f"articles {alias}{hint} where {alias}.{where}"


DISTINCT_NAMES = """
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


def keys_for(one: Filter, names: Names, db: Database) -> list[str]:
    """The keys (sources, topics), codes or names (places, organisations) in the tables that a filter means."""
    if one.field in STRICT:
        return [code for code in VALUES[one.field] if code in one.values]
    if one.field in KINDS:
        known: Iterable[str] = (name for (name,) in db.execute(DISTINCT_NAMES, {"kind": KINDS[one.field]}))
        return [name for name in known if any(named(asked, name) for asked in one.values)]
    if one.field == "level":
        return _levels(one)
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


def _levels(one: Filter) -> list[str]:
    return list(dict.fromkeys(level for asked in one.values for level in codes_for("level", asked)))


def _means(one: Filter, key: str, called: Mapping[str, str]) -> bool:
    return any(asked == key or named(asked, key) or named(asked, called.get(key, key)) for asked in one.values)


def _holds(one: Filter, article: Article, names: Names) -> bool:
    if one.field == "source":
        return _means(one, article.source, names.sources) != one.negated
    if one.field == "level":
        return (article.level in _levels(one)) != one.negated
    if one.field == "state":
        return any(state in one.values for state in article.states) != one.negated
    if one.field == "mark":
        return one.negated  # rules and topics know no desk
    if one.field == "topic":
        return any(_means(one, topic, names.topics) for topic in article.topics) != one.negated
    there = [mention.name for mention in article.mentions if mention.kind == KINDS[one.field]]
    return any(named(asked, name) for asked in one.values for name in there) != one.negated
