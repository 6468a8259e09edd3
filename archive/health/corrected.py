"""Set right the times that a clock ahead had left: each is moved to just behind the last true one, in order.

All keep their order, so that no match, edit or edition changes its side of a window: no story is left out of
the digest, none is told twice. What stood in evidence (articles, versions, states, runs, editions) is kept in
``corrected_times``; raw pages, fetches and the editions' own texts stay as they were.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from archive.articles.order import resort
from archive.clock import horizon, moment, stamp
from archive.db import as_database, connect, writing
from archive.health.clock import judge

Columns = dict[str, tuple[str, ...]]

LONGEST_GAP = timedelta(hours=6)  # between two times while the clock was ahead; longer ones are shortened
LONGEST_WAIT = timedelta(days=1)  # for which a source may ask to be left alone
EVIDENCE: Columns = {
    "articles": ("first_seen_at", "last_seen_at", "suspected_at", "gone_at", "changed_at"),
    "versions": ("seen_at",),
    "states": ("at",),
    "runs": ("started_at", "finished_at"),
    "digests": ("created_at", "sent_at", "covers_from", "covers_to"),
}
WORK: Columns = {
    "matches": ("matched_at",), "pending": ("at",), "alerts": ("since",), "deliveries": ("sent_at",),
    "events": ("burst_at",), "line_changes": ("at",), "source_names": ("until_at",),
    "coverage": ("since_at", "until_at"), "losses": ("found_at",),
}  # fmt: skip
PAGES: Columns = {
    "addresses": ("found_at", "named_at", "ended_at", "refused_at", "wanted_at"),
    "lists": ("fetched_at", "answered_at", "first_at", "rolled_at"),
    "named": ("first_at",),
    "visits": ("at",),
}
DESK: Columns = {"choices": ("window",), "looks": ("window",), "approvals": ("window",), "log": ("window",)}
_DUE_NOW = """
    update addresses set next_at = :now where next_at > :now
    and (ended_at > :limit or ended_at is null and found_at > :limit)"""
_MOVE = "update or ignore {0} set {1} = (select became from temp.moved where was = {1}) where {1} > ?"
_NOTE = """
    insert into corrected_times (jump, name, row, field, was)
    select ?, '{0}', rowid, '{1}', {1} from {0} where {1} > ?"""


@dataclass(frozen=True, slots=True)
class ClockJump:
    """Times of the future that were set right: the span they lay in, and the one they lie in now."""

    was: tuple[str, str]
    became: tuple[str, str]


def set_right(archive: Database, pages: Database, desk_db: Path, now: datetime) -> ClockJump | None:
    """Set right what a clock ahead had left, where it is known to be wrong; None where there is nothing.

    pages.db and desk.db come first: a process killed over it leaves the rest to the next one.
    """
    if judge(archive, now) != "ahead":
        return None
    _mend_pages(pages, now)
    with writing(archive):
        if judge(archive, now) != "ahead":  # another process did it meanwhile
            return None
        moved = _moves(archive, EVIDENCE | WORK, _last_true(archive, now), now)
        _mend_desk(desk_db, moved)
        return _mend_archive(archive, moved, now)


def _mend_archive(db: Database, moved: dict[str, str], now: datetime) -> ClockJump:
    limit, (first, last) = horizon(now), (min(moved), max(moved))
    row = [stamp(now), first, last, moved[first], moved[last]]
    jump = db.execute(
        """insert into clock_jumps (found_at, was_from, was_to, became_from, became_to)
           values (?, ?, ?, ?, ?) returning id""",
        row,
    ).fetchone()[0]
    for table, columns in EVIDENCE.items():
        for column in columns:
            db.execute(_NOTE.format(table, column), [jump, limit])
    _move(db, EVIDENCE | WORK, moved, limit)
    db.execute(
        "update clock_jumps set fields = (select count(*) from corrected_times where jump = id) where id = ?",
        [jump],
    )
    rows = "select distinct row from corrected_times where jump = ? and field = 'first_seen_at'"
    resort(db, [number for (number,) in db.execute(rows, [jump]).fetchall()])
    return ClockJump((first, last), (moved[first], moved[last]))


def _mend_pages(db: Database, now: datetime) -> None:
    """Addresses and lists are due, and as old as they are; sources rest no longer than they may ask for."""
    limit = horizon(now)
    with writing(db):
        db.execute(_DUE_NOW, {"now": stamp(now), "limit": limit})
        db.execute("delete from rests where until > ?", [horizon(now + LONGEST_WAIT)])
        last = db.execute("select max(at) from visits where at <= ?", [limit]).fetchone()[0]
        _move(db, PAGES, _moves(db, PAGES, moment(last) if last else None, now), limit)


def _mend_desk(desk_db: Path, moved: dict[str, str]) -> None:
    """Windows are named by where the edition before them ends: their names move with it."""
    if not desk_db.exists():
        return
    with closing(connect(desk_db)) as connection:
        db = as_database(connection)
        with writing(db):
            for table, columns in DESK.items():
                for column in {*columns} & {one.name for one in db.table(table).columns}:
                    sql = f"update or ignore {table} set {column} = ? where {column} = ?"
                    db.conn.executemany(sql, [(new, old) for old, new in moved.items()])


def _last_true(db: Database, now: datetime) -> datetime | None:
    sql = "select max(started_at) from runs where started_at <= ?"
    last = db.execute(sql, [horizon(now)]).fetchone()[0]
    return moment(last) if last else None


def _moves(db: Database, tables: Columns, after: datetime | None, now: datetime) -> dict[str, str]:
    """Where each time of the future goes: behind ``after``, as far from one another as they were."""
    limit = horizon(now)
    stored = sorted({was for was in _stored(db, tables, limit) if was})
    at = min(after or now, now)
    moved: list[datetime] = []
    for number, was in enumerate(stored):
        gap = moment(was) - moment(stored[number - 1]) if number else timedelta(seconds=1)
        at += min(gap, LONGEST_GAP)
        moved.append(at)
    if moved and moved[-1] > now:  # there is no room: a second for each
        moved = [now - timedelta(seconds=left) for left in reversed(range(len(stored)))]
    return dict(zip(stored, map(stamp, moved), strict=True))


def _stored(db: Database, tables: Columns, limit: str) -> Iterable[str]:
    for table, columns in tables.items():
        for column in columns:
            for (was,) in db.execute(f"select distinct {column} from {table} where {column} > ?", [limit]):
                yield was


def _move(db: Database, tables: Columns, moved: dict[str, str], limit: str) -> None:
    db.execute("create temp table if not exists moved (was text primary key, became text not null)")
    db.execute("delete from temp.moved")
    db.conn.executemany("insert into temp.moved values (?, ?)", moved.items())
    for table, columns in tables.items():
        for column in columns:
            db.execute(_MOVE.format(table, column), [limit])
