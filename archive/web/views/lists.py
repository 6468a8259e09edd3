"""Articles as lines of a list: title, outlet, time and the labels they carry."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive.digests.placing import rank_topics


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """A topic as its label shows it."""

    key: str
    name: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """One article in a list; times as stored, ``outlets`` counts those that ran its story."""

    id: int
    url: str
    title: str
    lead: str
    source: str
    outlet: str
    published_at: str | None
    first_seen_at: str
    state: str
    gone_at: str | None
    edits: int
    changed_at: str | None
    story_id: int | None
    outlets: int
    credit: str | None
    sort: int
    doubt: str
    level: str | None
    unread: str
    topics: list[TopicLabel] = field(default_factory=list)

    @property
    def doubts(self) -> list[str]:
        """What is unsure about it, as stored reasons."""
        return list(json.loads(self.doubt))

    @property
    def seen_or_published(self) -> str:
        return self.published_at or self.first_seen_at


_LINES = """select a.id, a.url, a.title, a.lead, a.source, coalesce(s.name, a.source), a.published_at,
    a.first_seen_at, a.state, a.gone_at, a.edits, a.changed_at, a.story_id, coalesce(t.outlets, 1),
    a.credit, a.sort, a.doubt, a.level, a.unread
    from articles a left join sources s on s.key = a.source left join stories t on t.id = a.story_id"""


def lines(
    db: Database, rest: str, values: Sequence[object] | dict[str, object] = (), *, ranked: bool = True
) -> list[ArticleLine]:
    """The lines that a ``where … order by … limit …`` over ``articles a`` gives, with their topics.

    ``ranked`` False: the heaviest topic first, for whoever ranks them.
    """
    rows = [ArticleLine(*row) for row in db.execute(f"{_LINES} {rest}", values)]
    topics = topics_of(db, {line.id: line.story_id for line in rows}, ranked=ranked)
    for line in rows:
        line.topics.extend(topics.get(line.id, []))
    return rows


def lines_of(db: Database, ids: Sequence[int]) -> dict[int, ArticleLine]:
    """The lines of these articles, by id."""
    return {line.id: line for line in lines(db, f"where a.id in ({placeholders(ids)})", ids)} if ids else {}


def topics_of(
    db: Database, stories: Mapping[int, int | None], *, ranked: bool = True
) -> dict[int, list[TopicLabel]]:
    """The topics of articles, given with the story of each: the one that the story stands under comes first."""
    if not stories:
        return {}
    topics: dict[int, list[TopicLabel]] = {}
    sql = f"""select x.article_id, t.key, t.name, t.name_en
        from article_topics x join topics t on t.key = x.topic
        where x.article_id in ({placeholders(stories)}) order by t.weight desc, t.key"""
    for article_id, *label in db.execute(sql, list(stories)):
        topics.setdefault(article_id, []).append(TopicLabel(*label))
    several = {one: stories[one] or -one for one, labels in topics.items() if ranked and len(labels) > 1}
    ranks = rank_topics(db, several.values()) if several else {}
    for one, story in several.items():
        topics[one] = in_rank(topics[one], ranks[story])
    return topics


def in_rank(topics: Iterable[TopicLabel], rank: Sequence[str]) -> list[TopicLabel]:
    """Topics in the order in which a story fits them."""
    return sorted(topics, key=lambda topic: rank.index(topic.key) if topic.key in rank else len(rank))


def placeholders(values: Iterable[object]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" for _ in values)
