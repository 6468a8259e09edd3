"""What is counted, and what stands in the list behind a number: one SQL makes both.

An article belongs to the month in Hà Nội that ``articles.sort`` puts it in: by when it was published, or first
seen where that is unknown or doubted. Edits and take-downs belong to the month in which they were seen.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import SORT_SLOTS
from archive.report.month import Month

Breadth = Literal["about", "named", "all"]
Unit = Literal["stories", "articles", "outlets", "documents", "edits", "gone"]
By = Literal["", "outlet", "topic", "tone", "day", "level", "first", "reprint", "document"]

BREADTHS: dict[Breadth, str] = {
    "about": "a.level = 'about'",
    "named": "a.level in ('about', 'mention')",
    "all": "1",
}
_PUBLISHED = "a.sort >= :low and a.sort < :high"
_DAY = f"date(a.sort / {SORT_SLOTS} * 60, 'unixepoch', '+7 hours')"


class _Items(NamedTuple):
    """How the things of a unit are found: ``each`` tells one from another, ``joins`` follow articles ``a``."""

    each: str
    joins: str = ""
    when: str = _PUBLISHED
    shown: str = "a.id, '', ''"  # of one: article, when it happened, what is stored of it
    order: str = "min(a.sort) desc"


_UNITS: dict[Unit, _Items] = {
    "stories": _Items("coalesce(a.story_id, -a.id)"),
    "articles": _Items("a.id"),
    "outlets": _Items("a.source", shown="count(distinct a.id), '', a.source", order="1 desc, 3"),
    "documents": _Items(
        "c.number",
        "join article_documents c on c.article_id = a.id",
        shown="count(distinct a.id), '', c.number",
        order="1 desc, 3",
    ),
    "edits": _Items(
        "v.id",
        "join versions v on v.article_id = a.id",
        "v.kind = 'edit' and v.seen_at >= :since and v.seen_at < :until",
        "a.id, v.seen_at, v.changes",
        "v.seen_at desc, v.id desc",
    ),
    "gone": _Items(
        "s.rowid",
        "join states s on s.article_id = a.id",
        "s.state = 'gone' and s.state in ('gone', 'live') and s.at >= :since and s.at < :until",  # as its index
        "a.id, s.at, s.reason",
        "s.at desc, s.rowid desc",
    ),
}


class _Grouping(NamedTuple):
    """What articles are told apart by."""

    key: str
    joins: str = ""


_BY: dict[By, _Grouping] = {
    "": _Grouping("''"),
    "outlet": _Grouping("a.source"),
    "topic": _Grouping("coalesce(x.topic, '')", "left join article_topics x on x.article_id = a.id"),
    "tone": _Grouping("coalesce(o.tone, '')", "left join tones o on o.id = a.id"),
    "day": _Grouping(_DAY),
    "level": _Grouping("coalesce(a.level, '')"),
    "first": _Grouping(
        "a.source", "join stories t on t.id = a.story_id and t.first_article_id = a.id and t.outlets > 1"
    ),
    "reprint": _Grouping(
        "a.source",
        """join stories t on t.id = a.story_id
           join articles f on f.id = t.first_article_id and f.source <> a.source""",
    ),
    "document": _Grouping("d.number", "join article_documents d on d.article_id = a.id"),
}
_TONES = """with tones (id, tone) as materialized (
    select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(:tones))"""


@dataclass(frozen=True, slots=True)
class Scope:
    """A month of the archive; ``tones`` are those of its articles (:func:`spread`)."""

    month: Month
    breadth: Breadth = "about"
    tones: Mapping[int, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """What the SQL binds."""
        low, high = self.month.sorts
        return {
            "low": low,
            "high": high,
            "since": stamp(self.month.start),
            "until": stamp(self.month.end),
            "tones": json.dumps(list(self.tones.items())),
        }


class Listed(NamedTuple):
    """One line of the list behind a number.

    Of an outlet or document ``article_id`` is how many articles it has, and ``what`` its key; of an edit or
    take-down ``at`` is when it was seen, and ``what`` what is stored of it.
    """

    article_id: int
    at: str
    what: str


def _from(scope: Scope, unit: Unit, by: By) -> str:
    items, grouping = _UNITS[unit], _BY[by]
    return f"""from articles a {items.joins} {grouping.joins}
        where {items.when} and {BREADTHS[scope.breadth]}"""


def _with(by: By) -> str:
    return _TONES if by == "tone" else ""


def counts(db: Database, scope: Scope, by: By, unit: Unit) -> dict[str, int]:
    """How many there are of each."""
    sql = f"""{_with(by)} select {_BY[by].key}, count(distinct {_UNITS[unit].each})
        {_from(scope, unit, by)} group by 1"""
    return dict(db.execute(sql, scope.values).fetchall())


def listed(
    db: Database, scope: Scope, by: By, unit: Unit, key: str, *, limit: int = -1, offset: int = 0
) -> list[Listed]:
    """What :func:`counts` counts under a key, the newest first; of a story its earliest article."""
    items = _UNITS[unit]
    earliest = ", min(a.sort)" if items.shown.startswith("a.id") else ""
    sql = f"""{_with(by)} select {items.shown}{earliest} {_from(scope, unit, by)} and {_BY[by].key} = :key
        group by {items.each} order by {items.order} limit :limit offset :offset"""
    values = scope.values | {"key": key, "limit": limit, "offset": offset}
    return [Listed(*row[:3]) for row in db.execute(sql, values)]


def spread(db: Database, scope: Scope, notes: Sequence[tuple[int, str]]) -> dict[int, str]:
    """The tone of each article of the month and its stories, from what was set, in the order of setting.

    An article that has none of its own has the one last set on another article of its story: the desk sets it
    on the story's first article.
    """
    if not notes:
        return {}
    sql = """select a.id, coalesce(a.story_id, -a.id) from articles a where a.sort >= :low and a.sort < :high
        union select a.id, a.story_id from articles a where a.story_id in
            (select story_id from articles where sort >= :low and sort < :high)"""
    low, high = scope.month.sorts
    story_of = dict(db.execute(sql, {"low": low, "high": high}).fetchall())
    told = {story_of[id_]: tone for id_, tone in notes if id_ in story_of}
    own = {id_: tone for id_, tone in notes if id_ in story_of}
    return {id_: own.get(id_) or told[story] for id_, story in story_of.items() if story in told}
