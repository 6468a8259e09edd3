"""Who works at the desk: accounts with a role and a password.

Every change is one transaction with its row in the log. Where there are accounts, one of them is an admin.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import writing
from archive.desk import log, passwords
from archive.reasons import reason
from archive.text import nfc, norm

Role = Literal["", "reader", "editor", "admin"]
ROLES: tuple[Role, ...] = ("reader", "editor", "admin")  # each may what those before it may
LONGEST_NAME, LONGEST_EMAIL = 60, 254
_RANK = {role: rank for rank, role in enumerate(("", *ROLES))}
_SIGNS = "0123456789 ._-@"
_EMAIL = re.compile(r"[^\s<>@,;:\"()\[\]\\]+@[^\s<>@,;:\"()\[\]\\]+")


@dataclass(frozen=True, slots=True)
class User:
    """``name`` '' is whoever sits at this machine, or has the one password of the archive."""

    name: str
    role: Role
    email: str = ""

    def may(self, role: Role) -> bool:
        """Whether this person has at least the role."""
        return _RANK[self.role] >= _RANK[role]


NOBODY = User("", "")  # the public, and whoever has not logged in
READER = User("", "reader")
THIS_MACHINE = User("", "admin")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as lists show it; ``seen_at`` is the last sign of a session, None without one."""

    user: User
    created_at: str
    changed_at: str
    seen_at: str | None
    sessions: int


class AccountError(Exception):
    """What cannot be done, as a stored reason, and the field that is wrong: name, role, email or password."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field, self.reason = field, why


def exist(desk: Database) -> bool:
    """Whether there is any account, so that everyone has to log in."""
    return bool(desk.execute("select exists (select 1 from users)").fetchone()[0])


def marker(folder: Path) -> Path:
    """The file that stands beside desk.db as long as it has accounts: with desk.db lost nobody is let in."""
    return folder / "has-accounts"


def mark(desk: Database) -> None:
    """Let the marker say whether there are accounts."""
    path = next((file for _, name, file in desk.execute("pragma database_list") if name == "main"), "")
    if path and exist(desk):
        marker(Path(path).parent).touch(mode=0o600)
    elif path:
        marker(Path(path).parent).unlink(missing_ok=True)


def accounts(desk: Database, now: datetime) -> list[Account]:
    """All accounts by name, with how many sessions each has open."""
    sql = """select u.name, u.role, u.email, u.created_at, u.changed_at, max(s.seen_at), count(s.token)
        from users u left join sessions s on s.user = u.name and s.until > ? group by u.name"""
    rows = desk.execute(sql, [stamp(now)]).fetchall()
    shown = [Account(User(name, role, email), *rest) for name, role, email, *rest in rows]
    return sorted(shown, key=lambda account: key(account.user.name))


def load_user(desk: Database, name: str) -> User | None:
    """The account of a name however it is typed: small or capital letters, hòa or hoà."""
    row = _row(desk, name)
    return User(row[0], row[1], row[2]) if row else None


def add(
    desk: Database, name: str, role: Role, password: str, *, email: str = "", by: str, now: datetime
) -> User:
    """A new account. Raises AccountError for what cannot be one."""
    user = User(_checked_name(name), as_role(role), _checked_email(email))
    kept, at = passwords.hashed(_checked_password(password, user.name)), stamp(now)
    with writing(desk):
        if there := _row(desk, user.name):
            raise AccountError("name", reason("account_there", name=there[0]))
        if role != "admin" and not exist(desk):
            raise AccountError("role", reason("account_first", name=user.name))
        desk.execute(
            "insert into users (name, role, password, email, created_at, changed_at) values (?, ?, ?, ?, ?, ?)",
            [user.name, user.role, kept, user.email, at, at],
        )
        log.write(desk, reason("account_added", name=user.name, role=role), by=by, now=now)
    mark(desk)
    return user


def change(
    desk: Database,
    name: str,
    *,
    role: Role | None = None,
    email: str | None = None,
    by: str,
    now: datetime,
) -> User:
    """Another role or e-mail address, at once in all of the person's sessions. Raises AccountError."""
    with writing(desk):
        old = existing(desk, name)
        new = User(
            old.name,
            old.role if role is None else as_role(role),
            old.email if email is None else _checked_email(email),
        )
        if new == old:
            return old
        _leave_an_admin(desk, old, new)
        sql = "update users set role = ?, email = ?, changed_at = ? where name = ?"
        desk.execute(sql, [new.role, new.email, stamp(now), new.name])
        if new.role != old.role:
            log.write(desk, reason("account_role", name=new.name, role=new.role), by=by, now=now)
        if new.email != old.email:
            log.write(desk, reason("account_email", name=new.name), by=by, now=now)
    return new


def set_password(
    desk: Database, name: str, password: str, *, by: str, now: datetime, staying: str = ""
) -> User:
    """Another password; every session ends but the one with the id ``staying``. Raises AccountError."""
    kept = passwords.hashed(_checked_password(password, name))
    with writing(desk):
        user = existing(desk, name)
        sql = "update users set password = ?, changed_at = ? where name = ?"
        desk.execute(sql, [kept, stamp(now), user.name])
        desk.execute("delete from sessions where user = ? and token <> ?", [user.name, staying])
        log.write(desk, reason("account_password", name=user.name), by=by, now=now)
    return user


def remove(desk: Database, name: str, *, by: str, now: datetime) -> None:
    """Take the account away with its sessions and saved searches; what the person did stays.

    Raises AccountError.
    """
    with writing(desk):
        user = existing(desk, name)
        _leave_an_admin(desk, user, None)
        desk.execute("delete from sessions where user = ?", [user.name])
        desk.execute("delete from searches where user = ?", [user.name])
        desk.execute("delete from users where name = ?", [user.name])
        log.write(desk, reason("account_removed", name=user.name), by=by, now=now)
    mark(desk)


def authenticate(desk: Database, name: str, password: str) -> User | None:
    """Whose name and password these are; it takes a quarter of a second whether or not the name exists."""
    row = _row(desk, name)
    right = passwords.matches(password, row[3] if row else "")
    return User(row[0], row[1], row[2]) if row and right else None


def kept_password(desk: Database, name: str) -> tuple[User | None, str]:
    """The account and the hash of its password, to tell whether one found right before still is."""
    row = _row(desk, name)
    return (User(row[0], row[1], row[2]), row[3]) if row else (None, "")


def _row(desk: Database, name: str) -> tuple[str, Role, str, str] | None:
    """The row of a name as people type it: there are few, and SQLite cannot compare Vietnamese letters."""
    wanted = key(name)
    for row in desk.execute("select name, role, email, password from users"):
        if key(row[0]) == wanted:
            return row  # type: ignore[no-any-return]
    return None


def key(name: str) -> str:
    """A name as it is compared: two that differ only in this are one."""
    return norm(" ".join(name[: 2 * LONGEST_NAME].split())).casefold()


def existing(desk: Database, name: str) -> User:
    """The account of a name. Raises AccountError where there is none."""
    user = load_user(desk, name)
    if user is None:
        raise AccountError("name", reason("account_none", name=name[:LONGEST_NAME]))
    return user


def _leave_an_admin(desk: Database, old: User, new: User | None) -> None:
    """Raise AccountError where others are left without an admin; the very last account may go."""
    if old.role != "admin" or (new and new.role == "admin"):
        return
    others = [role for (role,) in desk.execute("select role from users where name <> ?", [old.name])]
    if "admin" not in others and (others or new):
        raise AccountError("role", reason("account_last_admin", name=old.name))


def _checked_name(name: str) -> str:
    """The name composed; Latin letters only, so that no two names look alike."""
    name = nfc(" ".join(name.split(" ")).strip())
    if not name:
        raise AccountError("name", reason("account_name_empty"))
    odd = next((c for c in name if not _usual(c)), "" if name[0].isalnum() else name[0])
    if odd:
        shown = odd if odd.isprintable() else f"U+{ord(odd):04X}"
        raise AccountError("name", reason("account_name_letter", letter=shown))
    if len(name) > LONGEST_NAME:
        raise AccountError("name", reason("account_name_long", most=LONGEST_NAME))
    return " ".join(name.split())


def _usual(letter: str) -> bool:
    return letter in _SIGNS or unicodedata.name(letter, "").startswith("LATIN ")


def as_role(role: str) -> Role:
    """The role of that name. Raises AccountError for none."""
    for known in ROLES:
        if role == known:
            return known
    raise AccountError("role", reason("account_role_none", name=role[:40]))


def _checked_email(email: str) -> str:
    email = email.strip()
    if email and (len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise AccountError("email", reason("account_email_odd"))
    return email


def _checked_password(password: str, name: str) -> str:
    if len(password) < passwords.SHORTEST:
        raise AccountError("password", reason("account_password_short", least=passwords.SHORTEST))
    if len(password) > passwords.LONGEST:
        raise AccountError("password", reason("account_password_long", most=passwords.LONGEST))
    if key(password) == key(name) or len(set(password)) < 3:
        raise AccountError("password", reason("account_password_guessed"))
    return password
