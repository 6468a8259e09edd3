"""What is decided on an article for one window, and notes on it; nothing is overwritten that was not seen."""

import json
from datetime import datetime
from typing import Any, ClassVar, Literal, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlite_utils import Database

from archive.clock import stamp
from archive.db import writing
from archive.desk import log
from archive.desk.log import LogEntry
from archive.desk.rows import WrittenRow, changed, keep, rows, save, standing
from archive.reasons import reason

Mark = Literal["chosen", "left", "irrelevant"]
Tone = Literal["good", "neutral", "bad"]


class Key(NamedTuple):
    """An article in one window of a digest: covers_to of the last edition, '' before the first."""

    digest: str
    window: str
    article_id: int


class Choice(WrittenRow, frozen=True, tag="choice"):
    """What is decided on an article for one window.

    ``head_id``: told with that article's story. ``apart``: told by itself, not with its automatic story.
    """

    table: ClassVar[str] = "choices"
    key_fields: ClassVar[int] = 3
    digest: str
    window: str
    article_id: int
    mark: Mark | None = None
    why: str = ""
    star: bool = False
    comment: str = ""
    section: str | None = None
    position: float | None = None
    title: str = ""
    summary: str = ""
    head_id: int | None = None
    apart: bool = False


class Note(WrittenRow, frozen=True, tag="note"):
    """What colleagues know about an article, in whatever digest; ``due`` is a day, ``2026-11-30``."""

    table: ClassVar[str] = "notes"
    article_id: int
    tone: Tone | None = None
    note: str = ""
    assignee: str = ""
    due: str | None = None


class Closed(Exception):
    """The window's edition was decided on: ``by`` whom ('*': it went by itself) and ``at`` when."""

    def __init__(self, edition: str, by: str, at: str) -> None:
        super().__init__(f"edition {edition} was approved by {by} at {at}")
        self.edition, self.by, self.at = edition, by, at


def load_choices(desk: Database, digest: str, window: str) -> dict[int, Choice]:
    """All that is decided for a window, by article."""
    where = "digest = ? and window = ?"
    return {choice.article_id: choice for choice in rows(desk, Choice, where, [digest, window])}


def load_notes(desk: Database, ids: list[int]) -> dict[int, Note]:
    """The notes on these articles."""
    where = "article_id in (select value from json_each(?))"
    return {note.article_id: note for note in rows(desk, Note, where, [json.dumps(ids)])}


_CARRIES = {  # mark -> the choices that carry it; a story that stands out is chosen
    "chosen": "(mark = 'chosen' or mark is null and star = 1)",
    "starred": "star = 1",
    "left": "mark = 'left'",
    "irrelevant": "mark = 'irrelevant'",
}


def marked(desk: Database, mark: str) -> list[int]:
    """The articles that were given a mark (chosen, starred, left, irrelevant) in whatever window."""
    return [row[0] for row in desk.execute(f"select distinct article_id from choices where {_CARRIES[mark]}")]


def count_marks(desk: Database, ids: list[int]) -> dict[str, int]:
    """How many of these articles were given each mark."""
    counts = ", ".join(f"count(distinct iif({carries}, article_id, null))" for carries in _CARRIES.values())
    sql = f"select {counts} from choices where article_id in (select value from json_each(?))"
    return dict(zip(_CARRIES, desk.execute(sql, [json.dumps(ids)]).fetchone(), strict=True))


def change(desk: Database, key: Key, rev: int, changes: dict[str, Any], *, by: str, now: datetime) -> Choice:
    """The choice with the changes made, which were decided on its revision ``rev``.

    Raises Conflict when it was changed since, unless it says the same already, Closed when the edition was
    decided on, and BadValue for what a field cannot hold. A ``head_id`` that is its own also sets it apart.
    """
    if changes.get("head_id") == key.article_id:
        changes = {**changes, "apart": True}
    with writing(desk):
        if closed := _closed(desk, key.digest, key.window):
            raise closed
        before = standing(desk, Choice(*key))
        return keep(desk, before, changed(before, rev, changes, by, now), **key._asdict())


def change_note(
    desk: Database,
    article_id: int,
    rev: int,
    changes: dict[str, Any],
    *,
    by: str,
    now: datetime,
    digest: str = "",
    window: str = "",
) -> Note:
    """The note with the changes made; ``digest`` and ``window`` name the desk where :func:`undo` finds it.

    Raises as :func:`change` does.
    """
    with writing(desk):
        before = standing(desk, Note(article_id))
        after, where = changed(before, rev, changes, by, now), Key(digest, window, article_id)
        return keep(desk, before, after, **where._asdict())


def undo(desk: Database, digest: str, window: str, *, by: str, now: datetime) -> LogEntry | None:
    """Take back this person's last change of a window; None without one, or if someone changed it since."""
    with writing(desk):
        last = desk.execute(_LAST, [digest, window, by]).fetchone()
        if last is None or _closed(desk, digest, window):
            return None
        if _changed_since(desk, last[0], before := _DECODE(last[3])):
            return None
        id_, what, article_id, _ = last
        rev = standing(desk, before).rev + 1
        save(desk, replace(before, rev=rev, changed_by=by, changed_at=stamp(now)))
        desk.execute("update log set undone = 1 where id = ?", [id_])
        undone = reason("desk_undone", why=what)
        return log.write(desk, undone, by=by, now=now, digest=digest, window=window, article_id=article_id)


_DECODE = msgspec.json.Decoder(Choice | Note).decode


def _closed(desk: Database, digest: str, window: str) -> Closed | None:
    sql = "select edition, by, at from approvals where digest = ? and window = ?"
    row = desk.execute(sql, [digest, window]).fetchone()
    return Closed(*row) if row else None


_LAST = """select id, what, article_id, before from log
    where digest = ? and window = ? and by = ? and before is not null and not undone
    order by id desc limit 1"""
_SINCE = """select exists (select 1 from log where id > :id and article_id = :article and not undone
    and json_extract(before, '$.type') = :type
    and (:type = 'note' or digest = :digest and window = :window))"""


def _changed_since(desk: Database, id_: int, before: Choice | Note) -> bool:
    """Whether the row was changed after the entry, by a change that still stands."""
    where = {"type": "note", "digest": "", "window": ""}
    if isinstance(before, Choice):
        where = {"type": "choice", "digest": before.digest, "window": before.window}
    found = desk.execute(_SINCE, {"id": id_, "article": before.article_id, **where}).fetchone()
    return bool(found[0])
