"""What happened to articles after they were kept: edits, take-downs, returns; newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Literal, NamedTuple

from sqlite_utils import Database

from archive.clock import stamp
from archive.reasons import reason
from archive.revisions.changes import Change, from_json, headline

EventKind = Literal["edit", "gone", "live"]
KINDS: tuple[EventKind, ...] = ("edit", "gone", "live")

# Which rows are told: every edit; a take-down once it is confirmed; a return after a confirmed take-down.
IS_TOLD = """(s.state = 'gone' or s.state = 'live' and
    (select state from states b where b.article_id = s.article_id and b.rowid < s.rowid
     order by b.rowid desc limit 1) = 'gone')"""
SUSPECTED = """(select max(at) from states f
    where f.article_id = s.article_id and f.state = 'suspected' and f.at <= s.at)"""
_FIGURES = """(instr(v.changes, '"kind":"figure"') > 0 or instr(v.changes, '"kind": "figure"') > 0)"""
_ARTICLE = "a.source, coalesce(o.name, a.source), a.title, a.url"
_COLUMNS: dict[str, str] = {
    "v": f"v.seen_at, v.article_id, v.id, 'edit', v.changes, null, {_ARTICLE}",
    "s": f"s.at, s.article_id, s.rowid, s.state, '[]', {SUSPECTED}, {_ARTICLE}",
}
_FROM = {
    "v": "versions v indexed by {index}",
    "s": "states s indexed by states_ends",
}
_LAST = 1 << 62


class EventPlace(NamedTuple):
    """Where an event stands among all: its stored time, edits before states, its article, its row's number."""

    at: str
    kind: int
    article_id: int
    number: int


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are asked for; '' and None ask for all. ``since`` is included, ``until`` is not.

    ``figures``: only edits that changed a figure.
    """

    kind: EventKind | Literal[""] = ""
    source: str = ""
    topic: str = ""
    figures: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArticleEvent:
    """One edit, take-down or return, seen at a stored time."""

    place: EventPlace
    kind: EventKind
    changes: list[Change]
    suspected_at: str | None
    source: str
    outlet: str
    title: str
    url: str

    @property
    def at(self) -> str:
        return self.place.at

    @property
    def article_id(self) -> int:
        return self.place.article_id

    @property
    def id(self) -> str:
        """Its name among all events, as editions keep it."""
        if self.kind == "edit":
            return f"edit:{self.place.number}"
        return f"{self.kind}:{self.article_id}:{self.at}"


def edited(changes: list[Change]) -> str:
    """The reason for an edit, with its changes in a few words: ``7,8% → 6,8%``."""
    what = headline(changes)
    return reason("article_edited_what", what=what) if what else reason("article_edited")


def state(at: str, state: str, suspected: str | None) -> str:
    """The reason for a take-down or a return."""
    if state == "live":
        return reason("article_restored")
    if suspected:
        return reason("article_gone", suspected=suspected, gone=at)
    return reason("article_gone_only", gone=at)


def events(db: Database, asked: EventQuery, limit: int, before: EventPlace | None = None) -> list[ArticleEvent]:
    """The newest events, ``limit`` at most; ``before``: those that follow this place."""
    rows = (_read(db, rows, limit) for rows in (_edits(asked, before), _states(asked, before)) if rows)
    return list(islice(merge(*rows, key=lambda event: event.place, reverse=True), limit))


def count(db: Database, asked: EventQuery, most: int) -> int:
    """How many events there are, counted no further than ``most``."""
    total = 0
    for rows in filter(None, (_edits(asked, None), _states(asked, None))):
        sql = f"select count(*) from (select 1 from {rows.source} where {rows.where} limit ?)"
        total += db.execute(sql, [*rows.values, most - total]).fetchone()[0]
    return total


class _Rows(NamedTuple):
    """Rows of one table that are events: what to select them from, and the conditions with their values."""

    columns: str
    article_id: str
    source: str
    where: str
    values: list[object]


def _read(db: Database, rows: _Rows, limit: int) -> Iterator[ArticleEvent]:
    sql = f"""select {rows.columns} from {rows.source} cross join articles a on a.id = {rows.article_id}
              left join sources o on o.key = a.source where {rows.where}
              order by 1 desc, 2 desc, 3 desc limit ?"""
    for at, article_id, number, kind, changes, suspected, *article in db.execute(sql, [*rows.values, limit]):
        place = EventPlace(at, int(kind != "edit"), article_id, number)
        yield ArticleEvent(place, kind, from_json(changes), suspected, *article)


def _edits(asked: EventQuery, before: EventPlace | None) -> _Rows | None:
    if asked.kind not in ("", "edit"):
        return None
    where = f"v.kind = 'edit' and {_FIGURES}" if asked.figures else "v.kind = 'edit'"
    index = "versions_figures" if asked.figures else "versions_edits"
    where, values = _narrowed(where, asked, ("v.seen_at", "v.article_id", "v.id"), _end(before, 0))
    return _Rows(_COLUMNS["v"], "v.article_id", _FROM["v"].format(index=index), where, values)


def _states(asked: EventQuery, before: EventPlace | None) -> _Rows | None:
    if asked.kind == "edit" or asked.figures:
        return None
    where = "s.state in ('gone', 'live')" + (f" and s.state = '{asked.kind}'" if asked.kind else "")
    where, values = _narrowed(where, asked, ("s.at", "s.article_id", "s.rowid"), _end(before, 1))
    return _Rows(_COLUMNS["s"], "s.article_id", _FROM["s"], f"{where} and {IS_TOLD}", values)


def _end(before: EventPlace | None, kind: int) -> tuple[str, int, int] | None:
    """Time, article and row number that rows of a kind must stand before."""
    if before is None or kind == before.kind:
        return before and (before.at, before.article_id, before.number)
    return before.at, _LAST if kind < before.kind else 0, 0


def _narrowed(
    where: str, asked: EventQuery, order: tuple[str, str, str], end: tuple[str, int, int] | None
) -> tuple[str, list[object]]:
    """The conditions that hold for events of every kind, with their values; none needs the article's row."""
    at, article_id, _ = order
    topic = f"exists (select 1 from article_topics t where t.topic = ? and t.article_id = {article_id})"
    conditions = {
        f"{at} >= ?": asked.since and stamp(asked.since),
        f"{at} < ?": asked.until and stamp(asked.until),
        f"{article_id} in (select id from articles where source = ?)": asked.source,
        topic: asked.topic,
    }
    set_ = {condition: value for condition, value in conditions.items() if value}
    where = " and ".join([where, *set_])
    values: list[object] = list(set_.values())
    return (f"{where} and ({', '.join(order)}) < (?, ?, ?)", [*values, *end]) if end else (where, values)
