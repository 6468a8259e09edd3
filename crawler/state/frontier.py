"""The addresses of a source: which are due, and what came of each; kept in pages.db, so a kill loses none."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.model import Outcome
from crawler.listings import Link
from crawler.sources import Sources
from pipelines.item import Hint

RETRIES = 5
RETRY_FIRST = timedelta(minutes=10)  # doubled at each further failure
BLOCKED_AGAIN = timedelta(days=1)
_KEPT = frozenset({Outcome.STORED, Outcome.REVISED, Outcome.UNCHANGED})  # only these may be answered 304
NEW_MISSING = (timedelta(minutes=10), timedelta(hours=1))  # some lists name a page before it is there
CONFIRM_LOOKS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Address:
    """An address that is due."""

    url: str
    hint: Hint
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of one visit; ``article`` says whether its article is kept and ``relevant``."""

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
            stamp(link.published_at) if link.published_at else None,
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


def end(db: Database, run_id: int, visit: Visit, sources: Sources, now: datetime) -> None:
    """Write down what came of a visit and when to look again, in one transaction."""
    with writing(db):
        row = db.execute("select found_at, tries, outcome from addresses where url = ?", [visit.url]).fetchone()
        found_at, tries, before = (moment(row[0]), row[1], row[2]) if row else (now, 0, None)
        tries = tries + 1 if visit.outcome == before else 1
        kept = visit.outcome in _KEPT
        kept_since = _kept_since(db, visit, now)
        again = _next(visit, kept_since or found_at, tries, sources, now)
        if visit.outcome is Outcome.GONE and kept_since is None and not visit.relevant:
            again = _look_for_new(tries, now)
        db.execute(
            """update addresses set outcome = ?, reason = ?, next_at = ?, tries = ?, looks = looks + 1,
               etag = coalesce(?, etag), last_modified = coalesce(?, last_modified), ended_at = ?
               where url = ?""",
            [
                visit.outcome, visit.reason, stamp(again) if again else None, tries,
                visit.etag if kept else None, visit.last_modified if kept else None, stamp(now), visit.url,
            ],
        )  # fmt: skip
        db.execute(
            "insert into visits (run_id, url, at, outcome, reason, status, size) values (?, ?, ?, ?, ?, ?, ?)",
            [run_id, visit.url, stamp(now), visit.outcome, visit.reason, visit.status, visit.size],
        )


def _kept_since(db: Database, visit: Visit, now: datetime) -> datetime | None:
    """When its article was first stored; a backlog may be read long after it was found."""
    if visit.outcome is Outcome.STORED:
        return now
    sql = "select min(at) from visits where url = ? and outcome = ?"
    first = db.execute(sql, [visit.url, Outcome.STORED]).fetchone()[0]
    return moment(first) if first else None


def _next(visit: Visit, since: datetime, tries: int, sources: Sources, now: datetime) -> datetime | None:
    """When to look again, None for never."""
    match visit.outcome:
        case Outcome.FAILED:
            return now + RETRY_FIRST * 2 ** (tries - 1) if tries <= RETRIES else _revisit(since, sources, now)
        case Outcome.BLOCKED:
            return now + BLOCKED_AGAIN if tries <= RETRIES else _revisit(since, sources, now)
        case Outcome.GONE if visit.relevant:
            return _confirm(tries, sources, now) or _revisit(since, sources, now)
        case Outcome.STORED | Outcome.REVISED | Outcome.UNCHANGED if visit.relevant:
            return _revisit(since, sources, now)
    return None


def _look_for_new(tries: int, now: datetime) -> datetime | None:
    """Looks at a page that was never there, before it is given up."""
    return now + NEW_MISSING[tries - 1] if tries <= len(NEW_MISSING) else None


def _revisit(since: datetime, sources: Sources, now: datetime) -> datetime | None:
    """The next of the ages at which an address is looked at again."""
    return next((since + age for age in sources.revisit if since + age > now), None)


def _confirm(tries: int, sources: Sources, now: datetime) -> datetime | None:
    """Looks at a suspected take-down: soon, later, and once ``gone_after`` has passed."""
    looks = [*(look for look in CONFIRM_LOOKS if look < sources.gone_after), sources.gone_after]
    return now + looks[tries - 1] if tries <= len(looks) else None
