"""The addresses and lists of a source in pages.db: which are due, what came of each; a kill loses none."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.model import Outcome
from crawler.listings import Link, ListKind
from crawler.sources import Sources
from crawler.state.messages import Address, ListAddress, ListingRead
from crawler.state.outcomes import End, Policy, next_visit
from pipelines.item import Hint

_KEPT = frozenset({Outcome.STORED, Outcome.REVISED, Outcome.UNCHANGED})  # only these may be answered 304
SAME_DAY = timedelta(days=1)  # a lastmod without a time may mean any hour of its day


@dataclass(frozen=True, slots=True)
class VisitEnd:
    """What came of one visit; ``relevant``: its article is kept and relevant."""

    url: str
    outcome: Outcome
    reason: str = ""
    status: int | None = None
    size: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    relevant: bool = False


def add(db: Database, source: str, found_in: str, links: Iterable[Link], now: datetime) -> int:
    """Note the addresses that are new, due at once; returns how many."""
    rows = [
        (
            link.url,
            source,
            stamp(now),
            found_in,
            json.dumps(_hint(link), ensure_ascii=False),
            stamp(link.newest_at)
            if link.newest_at
            else None,  # what is visited first, and how often lists change
            stamp(now),
        )
        for link in links
    ]
    with writing(db):
        before = db.execute("select total_changes()").fetchone()[0]
        db.conn.executemany(
            """insert into addresses (url, source, found_at, found_in, hint, published_at, next_at)
               values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing""",
            rows,
        )
        return int(db.execute("select total_changes()").fetchone()[0]) - int(before)


def _hint(link: Link) -> dict[str, str]:
    hint = {"title": link.title, "summary": link.summary}
    if link.published_at:
        hint["published_at"] = stamp(link.published_at)
    return {key: value for key, value in hint.items() if value}


def due(db: Database, source: str, now: datetime) -> list[Address]:
    """The addresses of a source to visit now: never-visited ones first, the newest published first."""
    rows = db.execute(
        """select url, hint, etag, last_modified from addresses where source = ? and next_at <= ?
           order by outcome is not null, published_at is not null, published_at desc, found_at, url""",
        [source, stamp(now)],
    )
    return [Address(url, _read_hint(hint), etag, modified) for url, hint, etag, modified in rows]


def _read_hint(text: str) -> Hint:
    hint: dict[str, Any] = json.loads(text)
    at = hint.get("published_at")
    return Hint(hint.get("title", ""), moment(at) if at else None, hint.get("summary", ""))


def end(db: Database, run_id: int, visit: VisitEnd, sources: Sources, now: datetime) -> None:
    """Write down what came of a visit and when the next one is due, in one transaction."""
    with writing(db):
        history = _history(db, visit, now)
        wait = next_visit(history, Policy(sources.revisit, sources.gone_after))
        kept = visit.outcome in _KEPT
        db.execute(
            """update addresses set outcome = ?, reason = ?, next_at = ?, tries = ?, looks = looks + 1,
               etag = coalesce(?, etag), last_modified = coalesce(?, last_modified), ended_at = ?
               where url = ?""",
            [
                visit.outcome, visit.reason, None if wait is None else stamp(now + wait), history.tries,
                visit.etag if kept else None, visit.last_modified if kept else None, stamp(now), visit.url,
            ],
        )  # fmt: skip
        db.execute(
            "insert into visits (run_id, url, at, outcome, reason, status, size) values (?, ?, ?, ?, ?, ?, ?)",
            [run_id, visit.url, stamp(now), visit.outcome, visit.reason, visit.status, visit.size],
        )


def _history(db: Database, visit: VisitEnd, now: datetime) -> End:
    """The end of this visit with those before it."""
    row = db.execute("select found_at, tries, outcome from addresses where url = ?", [visit.url]).fetchone()
    found_at, tries, before = (moment(row[0]), row[1], row[2]) if row else (now, 0, None)
    stored_at = _stored_at(db, visit, now)
    return End(
        visit.outcome,
        relevant=visit.relevant,
        ever_stored=stored_at is not None,
        tries=tries + 1 if visit.outcome == before else 1,
        age=now - (stored_at or found_at),
    )


def _stored_at(db: Database, visit: VisitEnd, now: datetime) -> datetime | None:
    """When its article was first stored; a backlog may be read long after it was found."""
    if visit.outcome is Outcome.STORED:
        return now
    sql = "select min(at) from visits where url = ? and outcome = ?"
    first = db.execute(sql, [visit.url, Outcome.STORED]).fetchone()[0]
    return moment(first) if first else None


def list_address(db: Database, url: str, kind: ListKind, depth: int = 1) -> ListAddress:
    """A list with its ETag and Last-Modified of when it was last read."""
    row = db.execute("select etag, last_modified from lists where url = ?", [url]).fetchone()
    return ListAddress(url, kind, depth, *(row or (None, None)))


def note_list(db: Database, source: str, listing: ListingRead, now: datetime) -> None:
    """A list was read: nothing of it is waiting any more."""
    db.execute(
        """insert into lists (url, source, etag, last_modified, fetched_at, title, items)
           values (?, ?, ?, ?, ?, ?, ?)
           on conflict (url) do update set etag = excluded.etag, last_modified = excluded.last_modified,
               fetched_at = excluded.fetched_at, title = excluded.title, items = excluded.items,
               waiting = null""",
        [
            listing.url, source, listing.etag, listing.last_modified, stamp(now), listing.title, listing.items,
        ],
    )  # fmt: skip


def list_title(db: Database, url: str) -> str:
    """The title the list had when it was last read; empty when it had none."""
    row = db.execute("select title from lists where url = ?", [url]).fetchone()
    return (row[0] if row else None) or ""


def leave_list(db: Database, url: str) -> None:
    """A further list answered that there is nothing to read."""
    db.execute("update lists set waiting = null where url = ?", [url])


def await_lists(db: Database, source: str, links: Iterable[Link], kind: ListKind, depth: int) -> None:
    """Note further lists before they are asked for, so that a kill does not lose them."""
    with writing(db):
        for link in links:
            db.execute(
                """insert into lists (url, source, waiting, depth) values (?, ?, ?, ?)
                   on conflict (url) do update set waiting = excluded.waiting, depth = excluded.depth""",
                [link.url, source, kind, depth],
            )


def waiting_lists(db: Database, source: str, kind: ListKind) -> list[ListAddress]:
    """The further lists of a kind that an earlier run did not come to."""
    sql = "select url, depth from lists where source = ? and waiting = ? order by depth, url"
    return [list_address(db, url, kind, depth) for url, depth in db.execute(sql, [source, kind]).fetchall()]


def read_since(db: Database, link: Link) -> bool:
    """Whether a list was read after its last change."""
    row = db.execute("select fetched_at from lists where url = ?", [link.url]).fetchone()
    return bool(row and row[0] and link.changed_at and moment(row[0]) > link.changed_at + SAME_DAY)
