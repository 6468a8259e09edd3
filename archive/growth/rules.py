"""What is put away after a while: one row of ``RULES`` a kind, a few rows in each transaction.

Each rule looks only at what became old since it looked last, so that a night costs a day's rows, however much
is kept. What an article stands on is never touched, and nothing of which pages.db and archive.db say different
things: an archive that was lost is brought back from these pages.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import writing

BATCH = 200  # rows of one transaction
PAUSE = 0.02  # seconds between two, in which others write
ADDRESSES_A_NIGHT = 50_000  # that are looked at; all of them within some months
_REFUSED = ("irrelevant", "not_article", "too_short", "robots", "blocked", "failed")
Pruned = Iterator[int]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of thing: its name in retention.yml, its database, and what puts away all that is older."""

    name: str
    database: str
    prune: Callable[[Database, str], Pruned]


def _until(db: Database, rule: str, first: str) -> str:
    row = db.execute("select until from tidied where rule = ?", [rule]).fetchone()
    return str(row[0]) if row else first


def _note(db: Database, rule: str, until: str) -> None:
    db.execute("insert or replace into tidied (rule, until) values (?, ?)", [rule, until])


def refused_pages(db: Database, before: str) -> Pruned:
    """Raw pages of addresses that never were an article, with how they came; needs ``archive`` attached."""
    since = _until(db, "refused_pages", "")
    for (source,) in db.execute("select distinct source from pages").fetchall():
        ids = db.execute(_REFUSED_PAGES, [source, since, before]).fetchall()
        for start in range(0, len(ids), BATCH):
            yield _delete_pages(db, [row[0] for row in ids[start : start + BATCH]])
    with writing(db):
        _note(db, "refused_pages", max(since, before))
        db.execute(_DICTIONARIES)
        db.execute(_CERTIFICATES)


_REFUSED_PAGES = f"""select p.id from pages p join addresses a on a.url = p.url
    where p.source = ? and p.fetched_at >= ? and p.fetched_at < ?
      and a.outcome in {_REFUSED} and a.article_id is null and coalesce(a.article_url, '') = ''
      and a.wanted_at is null and a.lost_at is null
      and not exists (select 1 from archive.articles kept where kept.url = p.url and kept.unread = '')
      and not exists (select 1 from visits v where v.url = p.url and v.outcome in ('stored', 'revised'))"""
_DICTIONARIES = """delete from dictionaries
    where id not in (select dictionary_id from pages where dictionary_id is not null)
      and id not in (select max(id) from dictionaries group by source)"""
_CERTIFICATES = """delete from certificates
    where sha256 not in (select certificate from fetches where certificate is not null)"""


def _delete_pages(db: Database, ids: list[int]) -> int:
    with writing(db):
        for page_id in ids:
            db.execute(
                """delete from fetches where (url, page_sha256) in
                   (select url, sha256 from pages where id = ?)""",
                [page_id],
            )
            db.execute("delete from pages where id = ?", [page_id])
    return len(ids)


def visits(db: Database, before: str) -> Pruned:
    """Looks at addresses that are no article; those of articles are part of their evidence."""
    last = int(_until(db, "visits", "0"))
    while rows := db.execute(_VISITS, [last, BATCH * 5]).fetchall():
        old = [row for row in rows if row[1] < before]
        if not old:
            return
        last = old[-1][0]
        gone = [row[:1] for row in old if not row[2]]
        with writing(db):
            db.conn.executemany("delete from visits where id = ?", gone)
            _note(db, "visits", str(last))
        yield len(gone)


_VISITS = """select v.id, v.at,
        exists (select 1 from archive.articles kept where kept.url = v.url)
        or exists (select 1 from addresses a where a.url = v.url
            and (a.article_id is not null or coalesce(a.article_url, '') <> ''))
        or exists (select 1 from visits other
            where other.url = v.url and other.outcome in ('stored', 'revised'))
    from visits v where v.id > ? order by v.id limit ?"""


def addresses(db: Database, before: str) -> Pruned:
    """Addresses that no list has named since, of which nothing is kept; a part of the table each night."""
    last, looked = _until(db, "addresses", ""), 0
    while looked < ADDRESSES_A_NIGHT:
        rows = db.execute(_ADDRESSES, {"last": last, "before": before, "limit": BATCH * 5}).fetchall()
        last, looked = (rows[-1][0] if rows else ""), looked + len(rows)
        gone = [row[:1] for row in rows if row[1]]
        with writing(db):
            db.conn.executemany("delete from named where url = ?", gone)
            db.conn.executemany("delete from addresses where url = ?", gone)
            _note(db, "addresses", last)
        yield len(gone)
        if not rows:
            return


_ADDRESSES = f"""select url, coalesce(named_at, found_at) < :before and coalesce(ended_at, found_at) < :before
        and next_at is null and outcome in {_REFUSED} and article_id is null
        and coalesce(article_url, '') = '' and wanted_at is null and lost_at is null
        and not exists (select 1 from pages p where p.url = addresses.url)
        and not exists (select 1 from archive.articles kept where kept.url = addresses.url)
    from addresses where url > :last order by url limit :limit"""


def runs(db: Database, before: str) -> Pruned:
    """Runs but the first of each source and Hà Nội day; one that tells of another channel says since when."""
    last, days = int(_until(db, "runs", "0")), set[tuple[str, str]]()
    while rows := db.execute(_RUNS, [last, before, BATCH * 5]).fetchall():
        gone = []
        for run_id, source, day, is_done, tells in rows:
            if (source, day) in days and not tells:
                gone.append((run_id,))
            elif is_done:
                days.add((source, day))
        last = rows[-1][0]
        with writing(db):
            db.conn.executemany("delete from runs where id = ?", gone)
            _note(db, "runs", str(last))
        yield len(gone)


_RUNS = """select id, source, date(started_at, '+7 hours'), state = 'done', instr(lists, '"channel":{') > 0
    from runs where id > ? and started_at < ? and state <> 'running' order by id limit ?"""


def reads(db: Database, before: str) -> Pruned:
    """Which articles each person has read."""
    yield from _in_batches(db, "delete from reads where (user, article_id) in (" + _READS + ")", before)


_READS = "select user, article_id from reads where at < ? limit ?"


def log(db: Database, before: str) -> Pruned:
    """Lines of the desk's log."""
    yield from _in_batches(db, "delete from log where id in (select id from log where at < ? limit ?)", before)


def _in_batches(db: Database, sql: str, before: str) -> Pruned:
    while True:
        with writing(db):
            count = db.execute(sql, [before, BATCH]).rowcount
        yield count
        if count < BATCH:
            return


RULES = (
    Rule("refused_pages", "pages", refused_pages),
    Rule("visits", "pages", visits),
    Rule("addresses", "pages", addresses),
    Rule("runs", "archive", runs),
    Rule("reads", "desk", reads),
    Rule("log", "desk", log),
)


def prune(rule: Rule, db: Database, before: datetime) -> int:
    """Put away all of a kind that is older; how many rows went. May be ended after each batch.

    pages.db has archive.db attached as ``archive``, for reading only.
    """
    count = 0
    for gone in rule.prune(db, stamp(before)):
        count += gone
        time.sleep(PAUSE if gone else 0)
    return count
