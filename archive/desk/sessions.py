"""Browsers that are logged in: a random token in the cookie, its hash in desk.db."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.desk import log
from archive.desk.accounts import User, existing
from archive.reasons import reason

STAYS = timedelta(days=30)
_SEEN = timedelta(minutes=5)  # how often it is written down that a session is used
_SKEW = timedelta(days=1)  # how far back the clock may be set before sessions end


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is logged in; nobody can log in with its ``id``."""

    id: str
    user: str
    created_at: str
    seen_at: str
    until: str
    address: str


def open_session(desk: Database, user: User, *, address: str, now: datetime) -> str:
    """Log someone in: the token for the cookie, which is not kept itself."""
    token, at = secrets.token_urlsafe(32), stamp(now)
    with writing(desk):
        existing(desk, user.name)  # not removed meanwhile
        desk.execute("delete from sessions where until <= ?", [at])
        desk.execute(
            "insert into sessions (token, user, created_at, seen_at, until, address) values (?, ?, ?, ?, ?, ?)",
            [session_id(token), user.name, at, at, stamp(now + STAYS), address],
        )
        log.write(desk, reason("login", address=address), by=user.name, now=now)
    return token


def session_id(token: str) -> str:
    """The id under which a cookie's token is kept and listed; '' for none."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest() if token else ""


def session_user(desk: Database, token: str, now: datetime) -> tuple[User, bool] | None:
    """Who is logged in by a cookie's token, and whether it is time to write down that it is used.

    None for no session of ours, and for one whose time is over; a clock set back prolongs none.
    """
    sql = """select u.name, u.role, u.email, s.seen_at, s.until
        from sessions s join users u on u.name = s.user where s.token = ?"""
    row = desk.execute(sql, [session_id(token)]).fetchone() if token else None
    if row is None or not now < moment(row[4]) <= now + STAYS + _SKEW:
        return None
    return User(row[0], row[1], row[2]), abs(now - moment(row[3])) >= _SEEN


def seen(desk: Database, token: str, now: datetime) -> None:
    """Write down that a session is used."""
    with writing(desk):
        desk.execute("update sessions set seen_at = ? where token = ?", [stamp(now), session_id(token)])


def sessions(desk: Database, user: str, now: datetime) -> list[Session]:
    """Where someone is logged in, the last used first."""
    sql = """select token, user, created_at, seen_at, until, address from sessions
        where user = ? and until > ? order by seen_at desc, token"""
    return [Session(*row) for row in desk.execute(sql, [user, stamp(now)])]


def known_at(desk: Database, user: str, address: str) -> bool:
    """Whether someone is logged in at that address, where the wrong guesses of others keep nobody waiting."""
    sql = "select exists (select 1 from sessions where user = ? and address = ?)"
    return bool(desk.execute(sql, [user, address]).fetchone()[0])


def end_session(desk: Database, session: str, *, by: str, now: datetime) -> None:
    """End one session by its id, if it is still there."""
    with writing(desk):
        row = desk.execute("select user from sessions where token = ?", [session]).fetchone()
        if row:
            desk.execute("delete from sessions where token = ?", [session])
            log.write(desk, reason("session_ended", name=row[0]), by=by, now=now)


def end_sessions(desk: Database, user: str, *, by: str, now: datetime, staying: str = "") -> int:
    """End someone's sessions but the one with the id ``staying``; how many there were."""
    with writing(desk):
        sql = "delete from sessions where user = ? and token <> ?"
        ended = desk.execute(sql, [user, staying]).rowcount
        if ended:
            log.write(desk, reason("sessions_ended", name=user, n=ended), by=by, now=now)
    return ended


def end_cookie(desk: Database, cookie: str, until: datetime, now: datetime) -> None:
    """Take a cookie of the shared password back by its id; a copy of it opens nothing any more."""
    with writing(desk):
        desk.execute("delete from ended where until <= ?", [stamp(now - _SKEW)])
        desk.execute("insert or ignore into ended (cookie, until) values (?, ?)", [cookie, stamp(until)])


def cookie_ended(desk: Database, cookie: str) -> bool:
    """Whether a cookie of the shared password was taken back."""
    return desk.execute("select 1 from ended where cookie = ?", [cookie]).fetchone() is not None
