"""Raw pages in copies: each body goes once into a file of ``raw-pages/``, all else of pages.db into every copy.

A file of raw pages is a SQLite database that is never changed. A body is known by its row: its number with what
tells the page (address, SHA-256, time) or the dictionary (source, time), for a number may be given again.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from archive.backup.files import sha256_of
from archive.backup.manifest import Bodies, RawPagesEntry
from archive.snapshots import complaint_of, open_still, open_target, still_uri, target_uri, written

LARGEST = 256 << 20  # bytes of bodies after which the next file begins: what is cut off loses no more
TABLES = {"dictionaries": ("id", "source", "made_at"), "pages": ("id", "url", "sha256", "fetched_at")}
HALF = ".making"
_QUALIFIED = re.compile(r"^CREATE (TABLE|INDEX|UNIQUE INDEX|VIEW|TRIGGER) ")
_OWN_TABLES = ("sqlite_sequence", "sqlite_stat1")


def attach(source: sqlite3.Connection, copy: Path, before: Path | None) -> None:
    """Let a source write pages.db of a copy (``copy``) and read the one of the copy before it (``before``).

    Before its transaction begins: SQLite attaches nothing within one.
    """
    open_target(copy).close()
    source.execute("attach ? as copy", [target_uri(copy)])
    source.execute("pragma copy.journal_mode = off")
    source.execute("pragma copy.synchronous = off")
    for pragma in ("page_size", "auto_vacuum"):  # cannot be changed later
        source.execute(f"pragma copy.{pragma} = {source.execute(f'pragma main.{pragma}').fetchone()[0]}")
    source.execute("attach ? as before", [still_uri(before) if before else ":memory:"])
    for table, columns in TABLES.items() if before is None else ():
        source.execute(f"create table before.{table} ({', '.join(columns)})")


def copy_without_bodies(source: sqlite3.Connection) -> None:
    """Copy all of pages.db but the bodies, into the attached ``copy``."""
    for pragma in ("user_version", "application_id"):
        source.execute(f"pragma copy.{pragma} = {source.execute(f'pragma main.{pragma}').fetchone()[0]}")
    parts = source.execute("select type, name, sql from main.sqlite_schema where sql is not null").fetchall()
    tables = [(name, sql) for kind, name, sql in parts if kind == "table" and not name.startswith("sqlite_")]
    for name, sql in tables:
        source.execute(_in_copy(sql))
        _copy_rows(source, name)
    for name in _OWN_TABLES:
        if any(part[1] == name for part in parts):
            _copy_own_table(source, name)
    for kind, _, sql in parts:
        if kind != "table":
            source.execute(_in_copy(sql))


def _in_copy(sql: str) -> str:
    return _QUALIFIED.sub(r"CREATE \1 copy.", sql)


def _copy_rows(source: sqlite3.Connection, table: str) -> None:
    names = [row[1] for row in source.execute(f'pragma main.table_info("{table}")')]
    into = ", ".join(f'"{name}"' for name in names)
    taken = into.replace('"body"', "zeroblob(0)") if table in TABLES else into
    source.execute(f'insert into copy."{table}" ({into}) select {taken} from main."{table}"')


def _copy_own_table(source: sqlite3.Connection, name: str) -> None:
    if name == "sqlite_stat1":
        source.execute("analyze copy.sqlite_schema")  # makes the table, fills in nothing
    source.execute(f"delete from copy.{name}")
    source.execute(f"insert into copy.{name} select * from main.{name}")


def write_new(
    source: sqlite3.Connection,
    folder: Path,
    name: str,
    held: Sequence[RawPagesEntry],
    lost: Sequence[RawPagesEntry],
) -> Iterator[RawPagesEntry]:
    """Write the bodies that no file holds yet into new ones, each whole and on the disk when it is yielded.

    ``held`` are files that the copy before does not know of; ``lost`` those it knew that are gone or damaged.
    """
    source.execute("create temp table held (kind text, id integer, mark text, primary key (kind, id, mark))")
    source.execute("create temp table lost (kind text, first integer, last integer)")
    for entry in held:
        _note_held(source, folder / entry.name)
    for entry in lost:
        spans = [(kind, bodies.first, bodies.last) for kind, bodies in _bodies(entry)]
        source.executemany("insert into temp.lost values (?, ?, ?)", spans)
    rows = ((table, row) for table in TABLES for row in source.execute(_new_rows(table)))
    paths = (folder / f"{name}-{number:03}.db" for number in count(1))
    free = (path for path in paths if not path.exists())
    following = next(rows, None)
    while following:
        path = next(free)
        following = _fill(path, following, rows)
        yield entry_of(path)


def _new_rows(table: str) -> str:
    """The rows with their bodies that are in no file yet."""
    columns = TABLES[table]
    same = " and ".join(f"b.{column} = t.{column}" for column in columns)
    return f"""select {", ".join(f"t.{column}" for column in columns)}, t.body from main.{table} t
        where (not exists (select 1 from before.{table} b where {same})
            or exists (select 1 from temp.lost l where l.kind = '{table}' and t.id between l.first and l.last))
        and not exists (select 1 from temp.held h
            where h.kind = '{table}' and h.id = t.id and h.mark = {_mark(table, "t")})"""


def _mark(table: str, alias: str) -> str:
    return " || ' ' || ".join(f"{alias}.{column}" for column in TABLES[table][1:])


def _note_held(source: sqlite3.Connection, path: Path) -> None:
    with closing(open_still(path)) as file:
        for table in TABLES:
            rows = file.execute(f"select '{table}', id, {_mark(table, 't')} from {table} t")
            source.executemany("insert or ignore into temp.held values (?, ?, ?)", rows)


Row = tuple[str, tuple[object, ...]]


def _fill(path: Path, first: Row, rows: Iterator[Row]) -> Row | None:
    """Write rows into a new file until it is large enough; the first row that is left."""
    half, size, row = path.with_name(path.name + HALF), 0, first
    with written(half), closing(open_target(half)) as file:
        file.execute("begin")
        for table, columns in TABLES.items():
            file.execute(f"create table {table} (id integer primary key, {', '.join(columns[1:])}, body blob)")
        left: Row | None = row
        while left and size < LARGEST:
            table, values = left
            file.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
            size += len(values[-1])  # type: ignore[arg-type]
            left = next(rows, None)
        file.execute("commit")
    half.rename(path)
    return left


def entry_of(path: Path) -> RawPagesEntry:
    """What a file of raw pages holds, read off it."""
    with closing(open_still(path)) as file:
        pages, dictionaries = (
            Bodies(
                *file.execute(
                    f"select count(*), coalesce(min(id), 0), coalesce(max(id), -1) from {table}"
                ).fetchone()
            )
            for table in ("pages", "dictionaries")
        )
    return RawPagesEntry(path.name, path.stat().st_size, sha256_of(path), pages, dictionaries)


def _bodies(entry: RawPagesEntry) -> tuple[tuple[str, Bodies], tuple[str, Bodies]]:
    return ("dictionaries", entry.dictionaries), ("pages", entry.pages)


def is_sparse(source: sqlite3.Connection, entry: RawPagesEntry) -> bool:
    """Whether of most bodies in a file the row is gone from pages.db; what is left of them goes out again.

    So the disk of copies gives back what the archive has put away, once no copy needs the file any more.
    """
    within = "select count(*) from main.{} where id between ? and ?"
    left = [
        int(source.execute(within.format(table), [one.first, one.last]).fetchone()[0])
        for table, one in _bodies(entry)
    ]
    return sum(left) * 2 < entry.pages.count + entry.dictionaries.count


def orphans(folder: Path, known: set[str]) -> list[RawPagesEntry]:
    """The whole files that no copy knows of: those of a copy that was cut off, or did not come to its end."""
    return [
        entry_of(path)
        for path in sorted(folder.glob("*.db"))
        if path.name not in known and not complaint_of(path)
    ]


def missing_bodies(copy: Path, folder: Path, entries: Sequence[RawPagesEntry]) -> int:
    """How many rows of a copy's pages.db have their body in none of its files."""
    with closing(open_still(copy)) as pages:
        pages.execute("create temp table covered (kind text, id integer, primary key (kind, id)) without rowid")
        for entry in entries:
            pages.execute("attach ? as raw", [still_uri(folder / entry.name)])
            for table, columns in TABLES.items():
                same = " and ".join(f"r.{column} = t.{column}" for column in columns)
                pages.execute(
                    f"""insert or ignore into covered select '{table}', t.id
                        from raw.{table} r cross join main.{table} t on {same}"""
                )
            pages.execute("detach raw")
        rows = sum(pages.execute(f"select count(*) from main.{table}").fetchone()[0] for table in TABLES)
        return int(rows - pages.execute("select count(*) from covered").fetchone()[0])


def fill_in(pages_db: Path, folder: Path, entries: Sequence[RawPagesEntry]) -> int:
    """Put the bodies back into pages.db of a home that is being made; how many rows are left without one."""
    with closing(sqlite3.connect(target_uri(pages_db), uri=True, isolation_level=None)) as pages:
        pages.execute("pragma journal_mode = off")
        pages.execute("pragma synchronous = off")
        triggers = pages.execute("select name, sql from sqlite_schema where type = 'trigger'").fetchall()
        for name, _ in triggers:  # they count what is new; nothing is
            pages.execute(f'drop trigger "{name}"')
        for entry in entries:
            _fill_from(pages, folder / entry.name, entry)
        for _, sql in triggers:
            pages.execute(sql)
        empty = "select count(*) from {} where length(body) = 0"
        return sum(int(pages.execute(empty.format(table)).fetchone()[0]) for table in TABLES)


def _fill_from(pages: sqlite3.Connection, path: Path, entry: RawPagesEntry) -> None:
    pages.execute("attach ? as raw", [still_uri(path)])
    pages.execute("begin")
    for table, bodies in _bodies(entry):
        same = " and ".join(f"r.{column} = t.{column}" for column in TABLES[table])
        pages.execute(
            f"""update main.{table} as t set body = r.body from raw.{table} r
                where {same} and t.id between ? and ? and length(t.body) = 0""",
            [bodies.first, bodies.last],
        )
    pages.execute("commit")
    pages.execute("detach raw")
