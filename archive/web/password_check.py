"""Whose name and password these are: looked at one at a time, after many wrong ones not at all for a while."""

import asyncio
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.clock import Clock
from archive.db import reading
from archive.desk import accounts, log, sessions
from archive.desk.accounts import NOBODY, READER, User
from archive.desk.db import open_desk
from archive.desk.passwords import plain
from archive.home import Home
from archive.reasons import reason
from archive.web.access import have_accounts, network
from archive.web.proxies import is_proxy

MOST_WRONG = 10  # guesses from one address, or for one name, before it has to wait
WAIT = timedelta(minutes=15)
_REMEMBERED = 10_000
_MOST_WAITING = 50  # to be looked at, one after the other; each takes 32 MB and a quarter of a second
_ONE_AT_A_TIME = ThreadPoolExecutor(1, "password")


class TooManyGuesses(Exception):
    """The address, or the name, has to wait."""


class Guesses:
    """Wrong passwords by what they came from or were for."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()

    def too_many(self, who: str, now: datetime) -> bool:
        """Whether an address or a name has to wait; a clock set back makes nobody wait for longer."""
        wrong = self._wrong.get(who, deque())
        return len(wrong) >= MOST_WRONG and abs(now - wrong[0]) < WAIT

    def wrong(self, who: str, now: datetime) -> None:
        """Remember a wrong guess; the longest forgotten goes first when there are too many."""
        self._wrong.setdefault(who, deque(maxlen=MOST_WRONG)).append(now)
        self._wrong.move_to_end(who)
        if len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)


class PasswordCheck:
    """The passwords of one served archive: of the accounts in ``home``, and the one that all readers share."""

    def __init__(self, home: Home | None, shared: str, now: Clock) -> None:
        self._home, self._shared, self._now = home, plain(shared), now
        self._guesses = Guesses()
        self._right: OrderedDict[bytes, str] = OrderedDict()  # found right, with the hash then kept
        self._key = secrets.token_bytes(32)
        self._waiting = 0

    async def whose(self, name: str, password: str, address: str, *, any_name: bool = False) -> User:
        """The account's user, the reader for the shared password, or NOBODY.

        ``any_name`` takes the shared one under any name that no account has. Raises TooManyGuesses.
        """
        if self._waiting >= _MOST_WAITING:
            raise TooManyGuesses
        self._waiting += 1
        try:
            ask = asyncio.get_running_loop().run_in_executor
            return await ask(_ONE_AT_A_TIME, self._whose, name, password, address, any_name)
        finally:
            self._waiting -= 1

    def too_many(self, address: str) -> bool:
        """Whether the address has to wait."""
        return any(self._guesses.too_many(who, self._now()) for who in self._counted("", address))

    def _counted(self, name: str, address: str) -> list[str]:
        """What a guess counts for: the address with the name, and the address, unless others ask through it.

        A server in between that does not say for whom it asks would have all of them wait for one.
        """
        pair = f"{accounts.key(name)} at {network(address)}"
        return [pair] if is_proxy(address, self._home) else [pair, network(address)]

    def _whose(self, name: str, password: str, address: str, any_name: bool) -> User:
        with self._opened() as desk:
            guessed = name if desk and name and not self._is_spare(desk, name) else ""
            counted = self._counted(guessed, address)
            waits = any(self._guesses.too_many(who, self._now()) for who in counted)
            if waits or (desk and self._slowed(desk, name, address)):
                raise TooManyGuesses
            if self._is_shared(desk, name, password, any_name):
                return READER
            user = (desk and name and self._account(desk, name, password)) or NOBODY
            if user is NOBODY:
                for who in counted:
                    self._guesses.wrong(who, self._now())
                self._wrong_for(desk, name, address)
            return user

    def _is_spare(self, desk: Database, name: str) -> bool:
        """Whether the shared password is given under a name that no account has."""
        return bool(self._shared) and accounts.load_user(desk, name) is None

    @contextmanager
    def _opened(self) -> Iterator[Database | None]:
        """desk.db, where there are accounts."""
        if not self._home or not self._home.desk_db.exists() or not have_accounts(self._home):
            yield None
            return
        with reading(self._home.desk_db) as desk:
            yield desk

    def _slowed(self, desk: Database, name: str, address: str) -> bool:
        """Whether a name has to wait, except where its owner is logged in: others cannot lock him out."""
        if not self._guesses.too_many(_as_guessed(name), self._now()):
            return False
        user = accounts.load_user(desk, name)
        return not (user and sessions.known_at(desk, user.name, address))

    def _account(self, desk: Database, name: str, password: str) -> User | None:
        user, kept = accounts.kept_password(desk, name)
        mark = hmac.digest(self._key, f"{name}\0{password}".encode("utf-8", "replace"), "sha256")
        if user and self._right.get(mark) == kept:
            return user
        if accounts.authenticate(desk, name, password) is None:
            return None
        self._right[mark] = kept
        if len(self._right) > _REMEMBERED:
            self._right.popitem(last=False)
        return user

    def _is_shared(self, desk: Database | None, name: str, password: str, any_name: bool) -> bool:
        """Whether it is the shared password, under no name, or one that no account has."""
        if not self._shared or (name and not any_name) or (desk and name and accounts.load_user(desk, name)):
            return False
        given, wanted = plain(password).encode("utf-8", "replace"), self._shared.encode("utf-8", "replace")
        return hmac.compare_digest(given, wanted)

    def _wrong_for(self, desk: Database | None, name: str, address: str) -> None:
        """Count a wrong guess for a name; the last one free is written in the log where the account exists."""
        if not desk or not name or not self._home:
            return
        before = self._guesses.too_many(_as_guessed(name), self._now())
        self._guesses.wrong(_as_guessed(name), self._now())
        user = accounts.load_user(desk, name)
        if user and not before and self._guesses.too_many(_as_guessed(name), self._now()):
            with closing(open_desk(self._home.desk_db)) as writable:
                log.write(writable, reason("login_slowed", address=address), by=user.name, now=self._now())


def _as_guessed(name: str) -> str:
    """A name among the guesses, apart from addresses and names at addresses."""
    return f"name {accounts.key(name)}"
