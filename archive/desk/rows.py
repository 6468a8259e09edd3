"""Rows of desk.db that people write: each has a revision, so that nothing is overwritten that was not seen.

Every change is logged with the row as it stood.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec.structs import replace
from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.desk import log
from archive.desk.fields import checked
from archive.reasons import reason


class WrittenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``table``: its first ``key_fields`` fields are the key, ``rev`` counts its changes."""

    table: ClassVar[str]
    key_fields: ClassVar[int] = 1
    rev: int = 0
    changed_by: str = ""
    changed_at: str = ""


class Conflict(Exception):
    """Someone changed it since it was read: ``current`` is how it stands now, ``by`` whom and ``at`` when."""

    def __init__(self, current: WrittenRow) -> None:
        super().__init__(f"changed by {current.changed_by or '?'} at {current.changed_at}")
        self.current, self.by, self.at = current, current.changed_by, current.changed_at


Row = TypeVar("Row", bound=WrittenRow)


def changed(before: Row, rev: int, changes: dict[str, Any], by: str, now: datetime) -> Row:
    """The row after changes that were decided on its revision ``rev``; itself where it says the same already.

    Raises Conflict when it was changed since, BadValue for what a field cannot hold, KeyError for no field.
    """
    if unknown := changes.keys() - set(before.__struct_fields__):
        raise KeyError(min(unknown))
    values = {field: checked(field, value) for field, value in changes.items()}
    if all(getattr(before, field) == value for field, value in values.items()):
        return before
    if rev != before.rev:
        raise Conflict(before)
    return replace(before, **values, rev=rev + 1, changed_by=by, changed_at=stamp(now))


def keep(desk: Database, before: Row, after: Row, **where: Any) -> Row:
    """Save a row that changed, and log it with the row as it stood; ``where`` are columns of the log."""
    if after is before:
        return before
    save(desk, after)
    log.write(
        desk,
        deed(before, after),
        by=after.changed_by,
        now=moment(after.changed_at),
        before=msgspec.json.encode(before).decode(),
        **where,
    )
    return after


def standing(desk: Database, blank: Row) -> Row:
    """The row as it stands now; the blank one where there is none yet."""
    key = blank.__struct_fields__[: blank.key_fields]
    where = " and ".join(f"{field} = ?" for field in key)
    return next(rows(desk, type(blank), where, [getattr(blank, field) for field in key]), blank)


def rows(
    desk: Database, kind: type[Row], where: str, values: Sequence[object] | dict[str, object]
) -> Iterator[Row]:
    """The rows of a kind that a condition (and order) gives."""
    fields = kind.__struct_fields__
    for row in desk.execute(f"select {', '.join(fields)} from {kind.table} where {where}", values):
        yield msgspec.convert(dict(zip(fields, row, strict=True)), kind, strict=False)


def save(desk: Database, row: WrittenRow) -> None:
    """Write the row over the one of its key; call it within the transaction that logs it."""
    fields, values = row.__struct_fields__, msgspec.structs.astuple(row)
    marks = ", ".join("?" * len(fields))
    desk.execute(f"replace into {row.table} ({', '.join(fields)}) values ({marks})", values)


def deed(before: WrittenRow, after: WrittenRow) -> str:
    """What is different now, as a stored reason; where it is several things, one that has them as ``why``."""
    done = [_DONE[one](getattr(after, one)) for one in differing(before, after) if one in _DONE]
    return done[0] if len(done) == 1 else reason("desk_several", why=done)


def differing(before: WrittenRow, after: WrittenRow) -> list[str]:
    """The fields of what people wrote that differ."""
    own = [field for field in after.__struct_fields__ if field not in WrittenRow.__struct_fields__]
    return [field for field in own if getattr(before, field) != getattr(after, field)]


def _text(text: str) -> str:
    return "written" if text else "none"


_DONE: dict[str, Callable[[Any], str]] = {
    "mark": lambda mark: reason("desk_mark", status=mark or "none"),
    "why": lambda why: reason("desk_why", status="" if why else "none", why=why),
    "star": lambda star: reason("desk_star", status="" if star else "none"),
    "comment": lambda text: reason("desk_comment", status=_text(text)),
    "section": lambda key: reason("desk_section", status="none" if key is None else "", name=key or ""),
    "position": lambda _: reason("desk_position"),
    "title": lambda text: reason("desk_title", status=_text(text)),
    "summary": lambda text: reason("desk_summary", status=_text(text)),
    "head_id": lambda head: reason("desk_head", status="none" if head is None else "", article=head),
    "apart": lambda apart: reason("desk_apart", status="" if apart else "none"),
    "tone": lambda tone: reason("desk_tone", status=tone or "none"),
    "note": lambda text: reason("desk_note", status=_text(text)),
    "assignee": lambda name: reason("desk_assignee", status="" if name else "none", who=name),
    "due": lambda day: reason("desk_due", status="" if day else "none", day=day),
    "whole_story": lambda all_: reason("register_story", status="" if all_ else "none"),
    "asked": lambda _: reason("register_asked"),
    "asked_by": lambda name: reason("register_asked_by", status="" if name else "none", who=name),
    "asked_on": lambda day: reason("register_asked_on", day=day),
    "answered_on": lambda day: reason("register_answered", status="" if day else "none", day=day),
    "answer": lambda text: reason("register_answer", status="" if text else "none", text=text),
    "answer_url": lambda text: reason("register_answer_url", status=_text(text)),
    "outcome": lambda name: reason("register_outcome", status=name or "none"),
    "seen_until": lambda _: reason("register_looked"),
    "closed": lambda how: reason("register_closed", status=how or "none"),
}
