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


@dataclass(frozen=True, slots=True)
class Made:
    """An edition as it was sent, and what it says as JSON (:class:`archive.digests.content.Content`)."""

    id: int
    edition: str
    title: str
    created_at: str
    html: str
    content: str


_MADE = "id, edition, title, created_at, html, content"


def made(conn: sqlite3.Connection, digest_id: int) -> Made | None:
    """One edition with its content, or None."""
    row = conn.execute(f"select {_MADE} from digests where id = ?", [digest_id]).fetchone()
    return Made(*row) if row else None


def newest(conn: sqlite3.Connection, name: str, limit: int = 30) -> list[Made]:
    """The newest editions of one digest that have something to tell, the newest first."""
    sql = f"""select {_MADE} from digests where name = ? and state <> 'empty'
        order by created_at desc, id desc limit ?"""
    return [Made(*row) for row in conn.execute(sql, [name, limit])]


def names(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """Every digest that has an edition, with its newest title."""
    sql = "select name, title, max(created_at) from digests group by name order by name"
    return [(name, title or name) for name, title, _ in conn.execute(sql)]


def deliveries(conn: sqlite3.Connection, digest_id: int) -> list[Delivery]:
    """How each delivery of an edition stands."""
    sql = """select channel, state, attempts, sent_at, next_at from deliveries
        where digest_id = ? order by channel"""
    return [Delivery(_kind(channel), *rest) for channel, *rest in conn.execute(sql, [digest_id])]


def _kind(channel: str) -> str:
    """The kind of a channel: everything after a scheme could name a recipient."""
    return channel.partition(":")[0].partition("@")[0][:40]
