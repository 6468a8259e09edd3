"""Make editions: each one once, as rows with their deliveries, before anything is sent."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.clock import local_time, moment, stamp
from archive.db import writing
from archive.digests.alerts import FIRST_WINDOW
from archive.digests.changes import bounds
from archive.digests.channels import recipients
from archive.digests.collect import collect
from archive.digests.config import Digest
from archive.digests.content import Content
from archive.digests.layout.html import to_html, to_text
from archive.digests.schedule import Window, due
from archive.i18n import current

EARLY = timedelta(hours=3)  # so long before its slot an edition that an editor sends stands for the slot


class Covered(Exception):
    """The time an edition would cover has been covered by another; the message says so."""


def make(db: Database, digest: Digest, window: Window, now: datetime) -> int:
    """The id of the edition, made now if it does not exist; edition and deliveries are one transaction.

    An edition without news is kept without deliveries when the digest is to be quiet then. Raises Covered.
    """
    with writing(db):
        known = find(db, digest.name, window.edition)
        if known is not None:
            return known
        window = checked(db, digest, window)
        return insert(
            db, digest, collect(db, digest, window, now, next_number(db, digest, window.covers_to)), now
        )


def checked(db: Database, digest: Digest, window: Window) -> Window:
    """The window from where the last edition's ended; raises Covered when that is not before its end."""
    last = last_covered_to(db, digest)
    if last is not None:
        window = replace(window, covers_from=last)
    if window.covers_from >= window.covers_to:
        until = local_time(stamp(window.covers_to))
        raise Covered(current()("cli.digest.covered", name=digest.name, at=until))
    return window


def due_window(db: Database, digest: Digest, now: datetime) -> Window | None:
    """The edition that is due by now and not made; of an instant digest only when something matched."""
    begin = last_covered_to(db, digest) or _watching_since(db, digest, now)
    for window in due(digest.schedule, begin, now):
        wanted = digest.schedule.cron or _anything(db, digest, window)
        if wanted and find(db, digest.name, window.edition) is None:
            return window
    return None


def preview(db: Database, digest: Digest, now: datetime, until: datetime | None = None) -> Content:
    """The content of an edition made now, of all up to ``until`` (else now); writes nothing."""
    window = window_until(db, digest, until or now)
    return collect(db, digest, window, now, next_number(db, digest, window.covers_to))


def read(db: Database, digest_id: int) -> Content:
    """The content of an edition that was made."""
    row = db.execute("select content from digests where id = ?", [digest_id]).fetchone()
    return Content.from_json(row[0])


def find(db: Database, name: str, edition: str) -> int | None:
    """The id of an edition, or None."""
    return _id(db, "select max(id) from digests where name = ? and edition = ?", name, edition)


def latest(db: Database, name: str) -> int | None:
    """The id of a digest's last edition, or None."""
    sql = "select id from digests where name = ? order by covers_to desc, id desc limit 1"
    return _id(db, sql, name)


def undelivered(db: Database, name: str) -> int | None:
    """The id of a digest's last edition that some channel has not taken yet, or None."""
    sql = """select max(d.id) from digests d join deliveries v on v.digest_id = d.id
             where d.name = ? and v.state <> 'sent'"""
    return _id(db, sql, name)


def _id(db: Database, sql: str, *params: str) -> int | None:
    row = db.execute(sql, params).fetchone()
    return row[0] if row else None


def last_covered_to(db: Database, digest: Digest) -> datetime | None:
    """Where the digest's last edition ends; before the first one, just before its first match; else None."""
    row = db.execute("select max(covers_to) from digests where name = ?", [digest.name]).fetchone()
    if row[0]:
        return moment(row[0])
    first = db.execute(
        "select min(matched_at) from matches where alert >= ? and alert < ?",
        [f"{digest.name}/", f"{digest.name}0"],
    ).fetchone()[0]
    return moment(first) - timedelta(seconds=1) if first else None


def _watching_since(db: Database, digest: Digest, now: datetime) -> datetime | None:
    """Where a digest begins that never matched: the first crawl or when it was new, a period back at most."""
    first, since = db.execute(
        "select (select min(started_at) from runs), min(since) from alerts where digest = ?", [digest.name]
    ).fetchone()
    first = max(first, since) if first and since else first
    slot = digest.schedule.latest(now)
    before = digest.schedule.latest(slot - timedelta(seconds=1)) if slot else None
    return max(moment(first), before) if first and before else None


def window_now(db: Database, digest: Digest, now: datetime) -> Window:
    """All since the last edition (without one or a match: the last day), under a key of its own."""
    return Window(free_key(db, digest, now), last_covered_to(db, digest) or now - FIRST_WINDOW, now)


def window_until(db: Database, digest: Digest, until: datetime) -> Window:
    """The same up to a time; where a slot has passed since or comes soon, under that slot's key."""
    window = window_now(db, digest, until)
    slot = digest.schedule.latest(until + EARLY)
    if slot is None or slot <= window.covers_from:
        return window
    key = digest.schedule.key(slot)
    return window if find(db, digest.name, key) is not None else replace(window, edition=key)


def free_key(db: Database, digest: Digest, at: datetime) -> str:
    """A key for an edition out of turn: its local time, or the next second that none has."""
    while find(db, digest.name, key := at.astimezone(digest.schedule.zone).strftime("%Y-%m-%dT%H:%M:%S")):
        at += timedelta(seconds=1)
    return key


def window_of(db: Database, digest: Digest, edition: str, now: datetime) -> Window:
    """The window of an edition by its key: up to the slot of that day, or up to the time it names."""
    try:
        named = datetime.fromisoformat(edition).replace(tzinfo=digest.schedule.zone)
    except ValueError:
        raise ValueError(current()("cli.digest.no_date", edition=edition)) from None
    end = named
    if len(edition) == len("2026-11-23"):
        slot = digest.schedule.latest(named + timedelta(days=1, seconds=-1))
        end = slot if slot and slot >= named else named + timedelta(days=1)
    if end > now:
        raise ValueError(current()("cli.digest.ahead", edition=edition))
    return Window(edition, last_covered_to(db, digest) or end - timedelta(days=1), end)


def _anything(db: Database, digest: Digest, window: Window) -> bool:
    sql = """select exists (select 1 from matches where alert >= :low and alert < :high
             and matched_at > :after and matched_at <= :until)"""
    return bool(db.execute(sql, bounds(digest, window)).fetchone()[0])


def next_number(db: Database, digest: Digest, covers_to: datetime) -> int:
    """Editions are numbered through the local year, as offices number their papers."""
    year = covers_to.astimezone(digest.schedule.zone).year
    start = datetime(year, 1, 1, tzinfo=digest.schedule.zone)
    sql = "select count(*) from digests where name = ? and covers_to >= ? and state <> 'empty'"
    return int(db.execute(sql, [digest.name, stamp(start)]).fetchone()[0]) + 1


def insert(db: Database, digest: Digest, content: Content, now: datetime) -> int:
    """The id of a new edition with this content, whose deliveries wait."""
    quiet = content.empty and digest.options.quiet == "skip"
    digest_id = db.execute(
        """insert into digests
           (name, edition, created_at, state, html, text, title, covers_from, covers_to, content)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id""",
        [
            digest.name,
            content.edition,
            stamp(now),
            "empty" if quiet else "made",
            to_html(content),
            to_text(content),
            digest.title,
            content.covers_from,
            content.covers_to,
            content.to_json(),
        ],
    ).fetchone()[0]
    channels = [] if quiet else recipients(digest.channels)
    db.conn.executemany(
        "insert into deliveries (digest_id, channel, state, next_at) values (?, ?, 'pending', ?)",
        [(digest_id, channel, stamp(now)) for channel in channels],
    )
    return int(digest_id)
