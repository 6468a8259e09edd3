"""What is decided on an article for one window, and notes on it; nothing is overwritten that was not seen."""

import json
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace
from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.desk import log
from archive.desk.deeds import deed
from archive.desk.fields import checked
from archive.desk.log import LogEntry
from archive.reasons import reason

Mark = Literal["chosen", "left", "irrelevant"]
Tone = Literal["good", "neutral", "bad"]


class Key(NamedTuple):
    """An article in one window of a digest: covers_to of the last edition, '' before the first."""

    digest: str
    window: str
    article_id: int


class Choice(msgspec.Struct, frozen=True, tag="choice"):
    """What is decided on an article for one window; ``rev`` counts its changes, 0 for none yet.

    ``head_id``: told with that article's story. ``apart``: told by itself, not with its automatic story.
    """

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
    rev: int = 0
    changed_by: str = ""
    changed_at: str = ""


class Note(msgspec.Struct, frozen=True, tag="note"):
    """What colleagues know about an article, in whatever digest; ``due`` is a day, ``2026-11-30``."""

    article_id: int
    tone: Tone | None = None
    note: str = ""
    assignee: str = ""
    due: str | None = None
    rev: int = 0
    changed_by: str = ""
    changed_at: str = ""


class Conflict(Exception):
    """Someone changed it since it was read: ``current`` is how it stands now, ``by`` whom and ``at`` when."""

    def __init__(self, current: Choice | Note) -> None:
        super().__init__(f"changed by {current.changed_by or '?'} at {current.changed_at}")
        self.current, self.by, self.at = current, current.changed_by, current.changed_at


Row = TypeVar("Row", Choice, Note)

_CHOICES = f"select {', '.join(Choice.__struct_fields__)} from choices"
_NOTES = f"select {', '.join(Note.__struct_fields__)} from notes"


def load_choices(desk: Database, digest: str, window: str) -> dict[int, Choice]:
    """All that is decided for a window, by article."""
    rows = desk.execute(f"{_CHOICES} where digest = ? and window = ?", [digest, window])
    return {choice.article_id: choice for choice in (_read(Choice, row) for row in rows)}


def load_notes(desk: Database, ids: list[int]) -> dict[int, Note]:
    """The notes on these articles."""
    rows = desk.execute(f"{_NOTES} where article_id in (select value from json_each(?))", [json.dumps(ids)])
    return {note.article_id: note for note in (_read(Note, row) for row in rows)}


def change(desk: Database, key: Key, rev: int, changes: dict[str, Any], *, by: str, now: datetime) -> Choice:
    """The choice with the changes made, which were decided on its revision ``rev``.

    Raises Conflict when someone else changed it since, unless it already says the same, and
    :class:`archive.desk.fields.Refused` for a value that cannot be. ``head_id`` of its own also sets it apart.
    """
    if changes.get("head_id") == key.article_id:
        changes = {**changes, "apart": True}
    with writing(desk):
        row = desk.execute(f"{_CHOICES} where digest = ? and window = ? and article_id = ?", key).fetchone()
        before = _read(Choice, row) if row else Choice(*key)
        after = _changed(before, rev, changes, by, now)
        if after is not before:
            _save(desk, after)
            _note_down(desk, before, after, key.digest, key.window)
    return after


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
        row = desk.execute(f"{_NOTES} where article_id = ?", [article_id]).fetchone()
        before = _read(Note, row) if row else Note(article_id)
        after = _changed(before, rev, changes, by, now)
        if after is not before:
            _save(desk, after)
            _note_down(desk, before, after, digest, window)
    return after


def undo(desk: Database, digest: str, window: str, *, by: str, now: datetime) -> LogEntry | None:
    """Take back this person's last change of a window; None without one, or if someone changed it since."""
    with writing(desk):
        last = desk.execute(_LAST, [digest, window, by]).fetchone()
        if last is None:
            return None
        id_, what, article_id, text = last
        before = msgspec.json.decode(text, type=Choice | Note)
        if _changed_since(desk, id_, before):
            return None
        _save(desk, replace(before, rev=_rev(desk, before) + 1, changed_by=by, changed_at=stamp(now)))
        desk.execute("update log set undone = 1 where id = ?", [id_])
        return log.write(
            desk, reason("desk_undone", why=what), by=by, now=now,
            digest=digest, window=window, article_id=article_id,
        )  # fmt: skip


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


def _changed(before: Row, rev: int, changes: dict[str, Any], by: str, now: datetime) -> Row:
    """The row after the changes; itself where it says the same already."""
    if unknown := changes.keys() - before.__struct_fields__:
        raise KeyError(min(unknown))
    values = {field: checked(field, value) for field, value in changes.items()}
    if all(getattr(before, field) == value for field, value in values.items()):
        return before
    if rev != before.rev:
        raise Conflict(before)
    return replace(before, **values, rev=rev + 1, changed_by=by, changed_at=stamp(now))


def _save(desk: Database, row: Choice | Note) -> None:
    table = "choices" if isinstance(row, Choice) else "notes"
    values = msgspec.structs.astuple(row)
    desk.execute(
        f"replace into {table} ({', '.join(row.__struct_fields__)}) values ({', '.join('?' * len(values))})",
        values,
    )


def _note_down(desk: Database, before: Choice | Note, after: Choice | Note, digest: str, window: str) -> None:
    """Log a change with the row as it stood."""
    log.write(
        desk,
        deed(before, after),
        by=after.changed_by,
        now=moment(after.changed_at),
        digest=digest,
        window=window,
        article_id=after.article_id,
        before=msgspec.json.encode(before).decode(),
    )


def _rev(desk: Database, row: Choice | Note) -> int:
    """The revision that a row has now."""
    if isinstance(row, Choice):
        sql, key = (
            "select rev from choices where digest = ? and window = ? and article_id = ?",
            [row.digest, row.window, row.article_id],
        )
    else:
        sql, key = "select rev from notes where article_id = ?", [row.article_id]
    return int(desk.execute(sql, key).fetchone()[0])


def _read(kind: type[Row], row: tuple[Any, ...]) -> Row:
    return msgspec.convert(dict(zip(kind.__struct_fields__, row, strict=True)), kind, strict=False)
