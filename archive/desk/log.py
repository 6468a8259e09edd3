"""Who did what at the desk, and when: written in the transaction that does it, read by the admin."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from archive.clock import stamp

_COLUMNS = "id, at, by, what, digest, window, article_id"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing done; ``what`` is a stored reason, ``by`` '' whoever sits at this machine."""

    id: int
    at: str
    by: str
    what: str
    digest: str
    window: str
    article_id: int | None


def write(
    desk: Database,
    what: str,
    *,
    by: str,
    now: datetime,
    digest: str = "",
    window: str = "",
    article_id: int | None = None,
    register_id: int | None = None,
    before: str | None = None,
    undone: bool = False,
) -> LogEntry:
    """Note what was done; ``before`` is the row as it stood, for ``undo``, unless that is what was done."""
    values = (stamp(now), by, what, digest, window, article_id)
    cursor = desk.execute(
        """insert into log (at, by, what, digest, window, article_id, register_id, before, undone)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [*values, register_id, before, undone],
    )
    return LogEntry(int(cursor.lastrowid or 0), *values)


def entries(
    desk: Database, *, limit: int = 100, before_id: int | None = None, digest: str = "", by: str | None = None
) -> list[LogEntry]:
    """What was done, newest first, from before an entry on: of one digest, or by one person."""
    sql = f"""select {_COLUMNS} from log
        where (:before is null or id < :before) and (:digest = '' or digest = :digest)
          and (:by is null or by = :by)
        order by id desc limit :limit"""
    rows = desk.execute(sql, {"before": before_id, "digest": digest, "by": by, "limit": limit})
    return [LogEntry(*row) for row in rows]


def of_article(desk: Database, article_id: int, limit: int = 50) -> list[LogEntry]:
    """What was decided and written on an article, newest first."""
    sql = f"select {_COLUMNS} from log where article_id = ? order by id desc limit ?"
    return [LogEntry(*row) for row in desk.execute(sql, [article_id, limit])]
