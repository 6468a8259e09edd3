"""Datasette's own questions, answered by worker processes: tables, filters, counts, SQL of one's own.

Our pages ask in this process by statements of ours (``execute_fn``); what Datasette makes of an address, with
anyone's filters and SQL in it, goes through ``execute`` and thus out of here.
"""

import asyncio
import atexit
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datasette.database import Database, QueryInterrupted, Results

from archive.workers.sql import Crowded, Question, SqlAnswer, SqlPool

if TYPE_CHECKING:
    from datasette.app import Datasette

POOL = SqlPool()
atexit.register(POOL.close)
_NAMES = sqlite3.connect(":memory:", check_same_thread=False)  # rows with names are made of a statement's own
_NAMES.row_factory = sqlite3.Row
_LONGEST_NAME = 1000


class AskedDatabase(Database):  # type: ignore[misc]
    """A database file whose questions are answered by :class:`archive.workers.sql.SqlPool`."""

    async def execute(
        self,
        sql: str,
        params: Any = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        log_sql_errors: bool = True,
    ) -> Results:
        """As Datasette's own; nothing of a wrong statement is written to stderr.

        Raises QueryInterrupted, and sqlite3's errors.
        """
        limit = min(custom_time_limit or self.ds.sql_time_limit_ms, self.ds.sql_time_limit_ms)
        most = self.ds.max_returned_rows
        most += most == (page_size or self.ds.page_size)
        given = dict(params) if isinstance(params, Mapping) else list(params or ())
        rows = most + 1 if most and truncate else 0
        answer = await _answer(Question(str(self.path), sql, given, limit / 1000, rows))
        if answer.error == "interrupted":
            raise QueryInterrupted(sqlite3.OperationalError("interrupted"), sql, params)
        if answer.error:
            raise getattr(sqlite3, answer.kind)(answer.error)
        found = _named(answer)
        return Results(found[:most] if rows else found, bool(rows) and len(found) > most, _described(answer))


async def _answer(question: Question) -> SqlAnswer:
    try:
        return await asyncio.wrap_future(POOL.ask(question))
    except Crowded:
        return SqlAnswer(error="too many questions are asked at once; ask again", kind="OperationalError")


def _described(answer: SqlAnswer) -> tuple[tuple[str, None, None, None, None, None, None], ...]:
    return tuple((name, None, None, None, None, None, None) for name in answer.columns)


def _named(answer: SqlAnswer) -> list[sqlite3.Row]:
    """The rows as Datasette takes them: by number and by name."""
    if not answer.rows:
        return []
    names = ", ".join('null as "' + name[:_LONGEST_NAME].replace('"', '""') + '"' for name in answer.columns)
    cursor = _NAMES.execute(f"select {names}")
    return [sqlite3.Row(cursor, tuple(row)) for row in answer.rows]


def hand_over(datasette: "Datasette") -> None:
    """Let the database files of a Datasette be asked this way."""
    for name, database in list(datasette.databases.items()):
        if database.path and not isinstance(database, AskedDatabase):
            route = database.route
            datasette.remove_database(name)
            asked = AskedDatabase(datasette, path=database.path, is_mutable=database.is_mutable)
            datasette.add_database(asked, name=name, route=route)
