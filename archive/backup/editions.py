"""Editions that went out since a copy was made: the home brought back knows them, so none goes twice."""

import sqlite3
from contextlib import closing
from pathlib import Path

from archive.reasons import reason
from archive.snapshots import written

_UNSURE = """update deliveries set state = 'failed', last_error = ?, next_at = null
             where state in ('pending', 'retry')"""
_WHY = reason("delivery_recalled")


def keep_editions(old: Path, new: Path) -> None:
    """Let archive.db of a home that is made from a copy (``new``) know what the one it replaces (``old``) sent.

    Where that one cannot be read, nobody knows what arrived: what waited to be sent goes to nobody by itself.
    """
    if not old.exists() or not new.exists():
        return
    with written(new), closing(sqlite3.connect(new.as_uri(), uri=True, isolation_level=None)) as db:
        db.execute("pragma journal_mode = delete")
        try:
            db.execute("attach ? as old", [f"{old.as_uri()}?mode=ro"])
            db.execute("begin immediate")
            _take_editions(db)
            _take_deliveries(db)
            db.execute("commit")
        except sqlite3.DatabaseError:
            if db.in_transaction:
                db.execute("rollback")
            db.execute(_UNSURE, [_WHY])


def _take_editions(db: sqlite3.Connection) -> None:
    columns = _common(db, "digests", without={"id"})
    db.execute(
        f"""insert into main.digests ({columns}) select {columns} from old.digests o
            where not exists (select 1 from main.digests d where d.name = o.name and d.edition = o.edition)
            order by o.id"""
    )


def _take_deliveries(db: sqlite3.Connection) -> None:
    """How each delivery stands is what the newer archive says of it."""
    columns = _common(db, "deliveries", without={"digest_id"})
    db.execute(
        f"""insert or replace into main.deliveries (digest_id, {columns})
            select d.id, {", ".join(f"v.{name}" for name in columns.split(", "))} from old.deliveries v
            join old.digests o on o.id = v.digest_id
            join main.digests d on d.name = o.name and d.edition = o.edition"""
    )
    db.execute(
        """update main.digests set (state, sent_at) = (select o.state, o.sent_at from old.digests o
               where o.name = main.digests.name and o.edition = main.digests.edition)
           where exists (select 1 from old.digests o
               where o.name = main.digests.name and o.edition = main.digests.edition)"""
    )


def _common(db: sqlite3.Connection, table: str, without: set[str]) -> str:
    """The columns that a table has in both: one of the two may be of an earlier release."""
    names = [
        {str(row[1]) for row in db.execute(f"pragma {schema}.table_info({table})")}
        for schema in ("main", "old")
    ]
    return ", ".join(sorted((names[0] & names[1]) - without))
