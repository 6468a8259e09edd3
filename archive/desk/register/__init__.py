"""The register of what needs an answer: entered, changed, taken back, and counted for a period.

Days are those of Hà Nội as they are stored, ``2026-11-30``. A period is half open: from ``start`` to the day
before ``end``.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Literal, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlite_utils import Database

from archive.clock import HANOI, stamp
from archive.db import writing
from archive.desk import log
from archive.desk.fields import BadValue, checked
from archive.desk.rows import WrittenRow, changed, differing, keep, rows, save
from archive.reasons import reason

Outcome = Literal["edited", "corrected", "removed", "kept"]
Closure = Literal["closed", "withdrawn"]
_OF_OUTCOME = ("outcome_on", "proof_article", "proof_version", "proof_at")
_NOT_AHEAD = ("asked_on", "answered_on", "outcome_on")  # days that cannot lie in the future


class RegisterEntry(WrittenRow, frozen=True, tag="register"):
    """One row of the register; ``source`` and ``title`` are the article's as they stood when it was entered.

    ``whole_story``: every article of its story is meant. ``answer`` names the document that answered.
    ``proof_article`` and ``proof_version`` are what shows the outcome in archive.db: an edited version, or
    without a version the take-down. Edits and take-downs up to ``seen_until`` were looked at.
    """

    table: ClassVar[str] = "register"
    id: int
    article_id: int = 0
    source: str = ""
    title: str = ""
    whole_story: bool = False
    asked: str = ""
    asked_by: str = ""
    asked_on: str = ""
    assignee: str = ""
    due: str | None = None
    note: str = ""
    answered_on: str | None = None
    answer: str = ""
    answer_url: str = ""
    outcome: Outcome | None = None
    outcome_on: str | None = None
    proof_article: int | None = None
    proof_version: int | None = None
    proof_at: str | None = None
    seen_until: str = ""
    closed: Closure | None = None
    entered_by: str = ""
    entered_at: str = ""

    @property
    def open(self) -> bool:
        """Whether it still waits for its answer."""
        return not (self.closed or self.answered_on)

    def late(self, today: date) -> bool:
        """Whether its answer is overdue."""
        return self.open and bool(self.due) and str(self.due) < today.isoformat()

    def state(self, today: date) -> str:
        """``withdrawn``, ``closed``, ``answered``, ``overdue``, ``today`` or ``open``."""
        if self.closed or self.answered_on:
            return self.closed or "answered"
        return "overdue" if self.late(today) else "today" if self.due == today.isoformat() else "open"


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of requests in a period; each figure is the length of one list of ``/phan-hoi``."""

    requested: int
    answered: int
    on_time: int
    overdue: int
    corrected: int


class View(NamedTuple):
    """A list of the register: the rows it shows (``:today`` given), and the day that a period is about."""

    where: str
    day: str = "asked_on"


_WAITS = "closed is null and answered_on is null"
_STANDS = "closed is not 'withdrawn'"
VIEWS = {
    "": View("true"),
    "cho": View(_WAITS),
    "qua-han": View(f"{_WAITS} and due < :today", "due"),
    "goi-y": View("closed is null and outcome is null and id in (select value from json_each(:hinted))"),
    "da-tra-loi": View(f"{_STANDS} and answered_on is not null", "answered_on"),
    "dung-han": View(f"{_STANDS} and answered_on <= due", "answered_on"),
    "tre-han": View(
        f"{_STANDS} and due < :today and (answered_on > due or answered_on is null and closed is null)", "due"
    ),
    "da-sua": View(f"{_STANDS} and outcome in ('edited', 'corrected', 'removed')", "outcome_on"),
    "dong": View("closed is not null"),
}
FIGURES = {
    "requested": "",
    "answered": "da-tra-loi",
    "on_time": "dung-han",
    "overdue": "tre-han",
    "corrected": "da-sua",
}


def answered_in(desk: Database, start: date, end: date, today: date) -> Answered:
    """The register's figures for the days from ``start`` to the one before ``end``, as known on ``today``.

    requested: asked in the period, also what was withdrawn later. answered: answered in the period, whenever
    it was asked. on_time: of those, the ones that had a due day and kept it. overdue: due in the period and not
    answered by then, whether it was answered since or still waits. corrected: the outlet edited, corrected or
    took down in the period, confirmed by a person. All are 0 for a period without requests. ``desk`` comes from
    :func:`archive.desk.db.open_desk`; :func:`list_of` leads to the list that a figure counts.
    """
    given = {"start": start.isoformat(), "end": end.isoformat(), "today": today.isoformat(), "hinted": "[]"}
    counts = ", ".join(_counted(VIEWS[name]) for name in FIGURES.values())
    row = desk.execute(f"select {counts} from register", given).fetchone()
    return Answered(**dict(zip(FIGURES, row, strict=True)))


def _counted(view: View) -> str:
    within = f"{view.day} >= :start and {view.day} < :end"
    return f"count(*) filter (where ({view.where}) and {within})"


def list_of(figure: str, start: date, end: date) -> dict[str, str]:
    """The parameters of ``/phan-hoi`` for the rows that a figure of :class:`Answered` counts in a period."""
    last = (end - timedelta(days=1)).isoformat()
    return {"loc": FIGURES[figure], "tu": start.isoformat(), "den": last}


class DayAhead(BadValue):
    """A day that lies in the future, where something was done that day."""


class DayTooEarly(BadValue):
    """An answer on a day before that of the request."""


class NoEntry(LookupError):
    """The register has no row of that number."""


def load(desk: Database, id_: int) -> RegisterEntry:
    """One row. Raises NoEntry."""
    if row := next(rows(desk, RegisterEntry, "id = ?", [id_]), None):
        return row
    raise NoEntry(id_)


def of_articles(desk: Database, ids: Iterable[int]) -> list[RegisterEntry]:
    """The rows about these articles that were not withdrawn, the newest first."""
    where = "article_id in (select value from json_each(?)) and closed is not 'withdrawn' order by id desc"
    return list(rows(desk, RegisterEntry, where, [json.dumps(list(ids))]))


def enter(
    desk: Database, blank: RegisterEntry, given: dict[str, Any], *, by: str, now: datetime
) -> RegisterEntry:
    """A new row: ``blank`` names the article, ``given`` what was asked; the same sent twice is one row.

    Raises BadValue, also without ``asked``.
    """
    today = now.astimezone(HANOI).date()
    with writing(desk):
        number = desk.execute("select coalesce(max(id), 0) + 1 from register").fetchone()[0]
        own = replace(
            blank,
            id=number,
            asked_on=today.isoformat(),
            entered_by=by,
            entered_at=stamp(now),
            seen_until=stamp(now),
        )
        entry = changed(own, 0, {"asked": "", **_complete(own, given, today)}, by, now)
        if entry.asked_on < today.isoformat():
            entry = replace(entry, seen_until=_beginning(entry.asked_on))
        if twin := next((one for one in of_articles(desk, [entry.article_id]) if _same(one, entry)), None):
            return twin
        save(desk, entry)
        log.write(desk, reason("register_entered"), by=by, now=now, **_place(entry))
    return entry


def _beginning(day: str) -> str:
    """When a day begins: of a request written down later, what was seen since its day may be the outcome."""
    return stamp(datetime.combine(date.fromisoformat(day), time(), HANOI))


def _same(one: RegisterEntry, other: RegisterEntry) -> bool:
    return one.open and not set(differing(one, other)) - {"id", "entered_at", "seen_until"}


def change_entry(
    desk: Database, id_: int, rev: int, changes: dict[str, Any], *, by: str, now: datetime
) -> RegisterEntry:
    """The row with the changes made, which were decided on its revision ``rev``.

    Raises NoEntry, Conflict when it was changed since, unless it says the same already, and BadValue for what a
    field cannot hold, as a day of an answer that lies ahead.
    """
    with writing(desk):
        before = load(desk, id_)
        given = _complete(before, changes, now.astimezone(HANOI).date())
        return keep(desk, before, changed(before, rev, given, by, now), **_place(before))


def undo(desk: Database, id_: int, *, by: str, now: datetime) -> bool:
    """Take back the last change of a row; False without one, or if somebody else made it."""
    with writing(desk):
        last = desk.execute(_LAST, [id_]).fetchone()
        if last is None or last[1] != by:
            return False
        before, present = _DECODE(last[3]), load(desk, id_)
        save(desk, replace(before, rev=present.rev + 1, changed_by=by, changed_at=stamp(now)))
        desk.execute("update log set undone = 1 where id = ?", [last[0]])
        stood = msgspec.json.encode(present).decode()
        what = reason("desk_undone", why=last[2])
        log.write(desk, what, by=by, now=now, before=stood, undone=True, **_place(before))
    return True


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """One thing done to a row: who did it when, and the row ``before`` (None: it was entered) and ``after``."""

    at: str
    by: str
    what: str
    before: RegisterEntry | None
    after: RegisterEntry
    undone: bool


def history(desk: Database, entry: RegisterEntry) -> list[RegisterChange]:
    """All that was done to a row, the newest first."""
    sql = "select at, by, what, before, undone from log where register_id = ? order by id desc"
    told, after = [], entry
    for at, by, what, stood, undone in desk.execute(sql, [entry.id]):
        before = _DECODE(stood) if stood else None
        taken_back = bool(undone) and not what.startswith("desk_undone")
        told.append(RegisterChange(at, by, what, before, after, taken_back))
        after = before or after
    return told


_DECODE = msgspec.json.Decoder(RegisterEntry).decode
_LAST = """select id, by, what, before from log
    where register_id = ? and before is not null and not undone order by id desc limit 1"""


def _place(entry: RegisterEntry) -> dict[str, Any]:
    """Where the log finds it."""
    return {"register_id": entry.id, "article_id": entry.article_id}


def _complete(before: RegisterEntry, changes: dict[str, Any], today: date) -> dict[str, Any]:
    """The changes with what follows from them. Raises BadValue for what does not go together."""
    given = {field: checked(field, value) for field, value in changes.items()}
    for field in _NOT_AHEAD:
        if (given.get(field) or "") > today.isoformat():
            raise DayAhead(field, given[field])
    after = replace(before, **given)
    if after.answered_on and after.answered_on < after.asked_on and {"answered_on", "asked_on"} & given.keys():
        raise DayTooEarly("answered_on", after.answered_on)
    if (after.answer or after.answer_url) and not after.answered_on:
        raise BadValue("answered_on", "")
    if after.outcome_on and not after.outcome and "outcome" not in given:
        raise BadValue("outcome", "")
    if not after.outcome:
        given |= {field: None for field in _OF_OUTCOME if getattr(after, field)}
    elif not after.outcome_on:
        given["outcome_on"] = today.isoformat()
    return given
