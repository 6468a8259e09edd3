"""Digest editions as they were made, and how their deliveries went; never to whom."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a digest; times as stored."""

    id: int
    name: str
    edition: str
    title: str
    state: str
    created_at: str
    sent_at: str | None
    covers_from: str | None
    covers_to: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How sending over one kind of channel went: ``mailto``, ``tgram``, ``file`` …, without its address."""

    channel: str
    state: str
    attempts: int
    sent_at: str | None
    next_at: str | None


_COLUMNS = "id, name, edition, title, state, created_at, sent_at, covers_from, covers_to"


def editions(conn: sqlite3.Connection, limit: int = 200) -> list[Edition]:
    """The editions made, newest first."""
    sql = f"select {_COLUMNS} from digests order by created_at desc, id desc limit ?"
    return [Edition(*row) for row in conn.execute(sql, [limit])]


def edition(conn: sqlite3.Connection, digest_id: int) -> Edition | None:
    """One edition, or None."""
    row = conn.execute(f"select {_COLUMNS} from digests where id = ?", [digest_id]).fetchone()
    return Edition(*row) if row else None


def content(conn: sqlite3.Connection, digest_id: int) -> str | None:
    """The HTML of an edition as it was sent, or None."""
    row = conn.execute("select html from digests where id = ?", [digest_id]).fetchone()
    return str(row[0]) if row else None


def deliveries(conn: sqlite3.Connection, digest_id: int) -> list[Delivery]:
    """How each delivery of an edition stands."""
    sql = """select channel, state, attempts, sent_at, next_at from deliveries
        where digest_id = ? order by channel"""
    return [Delivery(_kind(channel), *rest) for channel, *rest in conn.execute(sql, [digest_id])]


def _kind(channel: str) -> str:
    """The kind of a channel: everything after a scheme could name a recipient."""
    return channel.partition(":")[0].partition("@")[0][:40]
